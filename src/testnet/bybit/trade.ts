// Order operations, the same for REST and the trade socket: create, amend, cancel, cancel-all and
// the batches. An answer is an ack; what becomes of the order is told by the stream.
import { minus, zero } from '../../base/decimal.ts';
import type { SimOrder, SimOrderRequest } from '../../sim/api.ts';
import { type Answer, badParams, done, type Refused, refused } from './answer.ts';
import type { Listed } from './listing.ts';
import type { OrderNote } from './order-names.ts';
import { wholeOf } from './order-names.ts';
import { listedIn, type ReadOrder, readOrder } from './order-request.ts';
import { isRefused } from './pages.ts';
import { type Params, paramsOfObject } from './params.ts';
import { refusalOf } from './rejections.ts';
import { isEnded, orderRow } from './rows.ts';
import { type BybitState, rememberGhost } from './state.ts';

export const batchMax = { linear: 20, spot: 10, inverse: 20, option: 20 } as const;

export function createOrder(state: BybitState, params: Params): Answer {
  const read = readOrder(state, params);
  if (isRefused(read)) return read;
  if (state.context.fault('ack-then-reject')) return createGhost(state, read);
  const { listed, request } = read;
  const placed = state.exchange.place(request, state.now());
  if (!placed.ok) return refusalOf(listed.category, placed.code, placed.message, request.side);
  const order = placed.value;
  state.names.note(order.orderId, noteOf(order, read));
  if (state.context.fault('fill-before-ack')) state.stream.flush();
  return done({ orderId: order.orderId, orderLinkId: request.clientOrderId ?? '' });
}

function noteOf(order: SimOrder, read: ReadOrder): OrderNote {
  return {
    orderLinkId: read.request.clientOrderId ?? '',
    orderId: order.orderId,
    marketUnit: read.marketUnit,
    quoteQty: read.quoteQty,
    createdTsMs: order.createdTsMs,
    filledQty: zero,
    filledCost: zero,
    feePaid: zero,
  };
}

/** Acknowledged, then rejected by the stream: the exchange never sees it. */
function createGhost(state: BybitState, read: ReadOrder): Answer {
  const { listed, request } = read;
  const { tsMs } = state.now();
  const orderId = `rejected-${state.nextId()}`;
  const order: SimOrder = {
    ...request,
    orderId,
    clientOrderId: request.clientOrderId ?? '',
    status: 'canceled',
    filledQty: zero,
    filledCost: zero,
    averagePrice: null,
    feePaid: zero,
    feeAsset: listed.settleCoin,
    createdTsMs: tsMs,
    updatedTsMs: tsMs,
    endReason: 'margin',
  };
  const row = {
    ...orderRow(order, listed, noteOf(order, read)),
    orderStatus: 'Rejected',
    rejectReason: 'EC_Others',
  };
  rememberGhost(state, row);
  state.stream.pushOrder(row);
  return done({ orderId, orderLinkId: request.clientOrderId ?? '' });
}

interface Found {
  readonly listed: Listed;
  readonly order: SimOrder;
  readonly note: OrderNote;
}

function findOrder(state: BybitState, params: Params): Found | Refused {
  const listed = listedIn(state, params);
  if (isRefused(listed)) return listed;
  const ids = { orderId: params.get('orderId'), orderLinkId: params.get('orderLinkId') };
  if (ids.orderId === undefined && ids.orderLinkId === undefined) {
    return badParams('orderId or orderLinkId is required');
  }
  const order = state.names.find(listed.id, ids);
  if (order === null) return refusalOf(listed.category, 'order-not-found', 'no such order');
  return { listed, order, note: state.names.noteOf(order) };
}

export function cancelOrder(state: BybitState, params: Params): Answer {
  const found = findOrder(state, params);
  if (isRefused(found)) return found;
  const { listed, order, note } = found;
  const target = { instrument: listed.id, orderId: order.orderId };
  const result = state.exchange.cancel(target, state.now());
  if (!result.ok) return refusalOf(listed.category, result.code, result.message);
  return done({ orderId: note.orderId, orderLinkId: note.orderLinkId });
}

/** Cancels and places anew in one instant; what does not pass the filters is put back as it was. */
export function amendOrder(state: BybitState, params: Params): Answer {
  const found = findOrder(state, params);
  if (isRefused(found)) return found;
  const { listed, order, note } = found;
  if (isEnded(order)) return refusalOf(listed.category, 'order-terminal', 'the order has ended');
  const whole = wholeOf(order, note);
  const price = params.get('price');
  const qtyText = params.get('qty');
  const limit = price === undefined ? order.limit : listed.readPrice(price);
  const qty = qtyText === undefined ? whole.qty : listed.readQty(qtyText);
  if (limit === null || qty === null) return badParams('price or qty invalid');
  if (qty <= whole.filledQty) {
    return refused(110064, 'The number of contracts modified cannot be <= the filled quantity');
  }
  const request: SimOrderRequest = {
    instrument: listed.id,
    clientOrderId: `${note.orderId}~${state.nextId()}`,
    side: order.side,
    type: order.type,
    timeInForce: order.timeInForce,
    qty: minus(qty, whole.filledQty),
    limit,
    reduceOnly: order.reduceOnly,
  };
  state.muted = true;
  state.exchange.cancel({ instrument: listed.id, orderId: order.orderId }, state.now());
  state.muted = false;
  const { filledQty, filledCost, feePaid } = whole;
  const remember = (next: SimOrder): void => {
    state.names.retire(order.orderId);
    state.names.note(next.orderId, { ...note, filledQty, filledCost, feePaid });
  };
  const placed = state.exchange.place(request, state.now());
  if (placed.ok) {
    remember(placed.value);
    return done({ orderId: note.orderId, orderLinkId: note.orderLinkId });
  }
  const before = {
    ...request,
    clientOrderId: `${note.orderId}~${state.nextId()}`,
    qty: minus(order.qty, order.filledQty),
    limit: order.limit,
  };
  const restored = state.exchange.place(before, state.now());
  if (restored.ok) remember(restored.value);
  return refusalOf(listed.category, placed.code, placed.message, order.side);
}

/** Contracts must be narrowed by a symbol, a base coin or a settle coin. */
export function cancelAll(state: BybitState, params: Params): Answer {
  const category = params.get('category');
  const symbol = params.get('symbol');
  const baseCoin = params.get('baseCoin');
  const settleCoin = params.get('settleCoin');
  const isNarrowed = symbol !== undefined || baseCoin !== undefined || settleCoin !== undefined;
  if (category !== 'spot' && !isNarrowed) {
    return badParams('symbol, settleCoin or baseCoin is required');
  }
  const list = state.listings
    .in(category ?? '')
    .filter((listed) => symbol === undefined || listed.symbol === symbol)
    .filter((listed) => baseCoin === undefined || listed.baseCoin === baseCoin)
    .filter((listed) => settleCoin === undefined || listed.settleCoin === settleCoin)
    .flatMap((listed) => state.exchange.cancelAll(listed.id, state.now()))
    .map((order) => state.names.noteOf(order))
    .map(({ orderId, orderLinkId }) => ({ orderId, orderLinkId }));
  return done({ list, success: '1' });
}

type Operation = (state: BybitState, params: Params) => Answer;

/** Two parallel lists: ids in the result, codes beside it. The top code is 0 all the same. */
export function batch(state: BybitState, body: unknown, operation: Operation): Answer {
  const items = batchItems(body);
  if (isRefused(items)) return items;
  const answers = items.map((item) => ({ item, answer: operation(state, item) }));
  const list = answers.map(({ item, answer }) => ({
    category: item.get('category') ?? '',
    symbol: item.get('symbol') ?? '',
    orderId: '',
    orderLinkId: item.get('orderLinkId') ?? '',
    createAt: answer.ok ? String(state.now().tsMs) : '',
    ...(answer.ok ? (answer.result as object) : {}), // ids of a single operation
  }));
  const codes = answers.map(({ answer }) =>
    answer.ok ? { code: 0, msg: 'OK' } : { code: answer.code, msg: answer.message },
  );
  return done({ list }, { list: codes });
}

/** Each item gets the batch's category. */
export function batchItems(body: unknown): readonly Params[] | Refused {
  const outer = paramsOfObject(body);
  const category = outer?.get('category');
  const known = category === 'linear' || category === 'spot' || category === 'inverse';
  if (outer === null || !known) {
    return badParams('Illegal category');
  }
  const raw = (body as { request?: unknown }).request; // an object, as just read
  if (!Array.isArray(raw) || raw.length === 0) return badParams('request is empty');
  if (raw.length > batchMax[category]) return badParams(`over ${batchMax[category]} orders`);
  const items = raw.map((item) =>
    paramsOfObject(typeof item === 'object' && item !== null ? { ...item, category } : item),
  );
  const read = items.filter((item) => item !== null);
  return read.length === items.length ? read : badParams('request invalid');
}
