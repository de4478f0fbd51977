// POST /exchange, after the signature: orders, cancels, modifications, leverage, the dead-man
// switch. Each item of a batch has a status of its own; the whole is "ok" all the same.
import { type Decimal, isMultipleOf, zero } from '../../base/decimal.ts';
import { secondMs } from '../../base/time.ts';
import type { TimeInForce } from '../../domain/order.ts';
import type { SimOrder, SimOrderRequest, SimOrderTarget } from '../../sim/api.ts';
import type { Listed } from './listing.ts';
import { sentenceOf } from './rejections.ts';
import { cloidOfOrder, isEnded, orderRow, type Row } from './rows.ts';
import { type HyperliquidState, type OrderState, rememberGhost } from './state.ts';

/** `{ status, response }`. Null = no such action: the venue answers 422. */
export function carryOut(state: HyperliquidState, action: Row): Row | null {
  const act = Object.hasOwn(actions, String(action['type']))
    ? actions[String(action['type'])]
    : undefined;
  return act?.(state, action) ?? null;
}

type Act = (state: HyperliquidState, action: Row) => Row | null;

const actions: Readonly<Record<string, Act>> = {
  order: (state, action) => each(action['orders'], 'order', (item) => placeOne(state, item)),
  cancel: (state, action) =>
    each(action['cancels'], 'cancel', (item) =>
      cancelOne(state, Number(item['a']), { orderId: String(item['o']) }),
    ),
  cancelByCloid: (state, action) =>
    each(action['cancels'], 'cancel', (item) =>
      cancelOne(state, Number(item['asset']), { clientOrderId: String(item['cloid']) }),
    ),
  batchModify: (state, action) =>
    each(action['modifies'], 'order', (item) => modifyOne(state, item)),
  modify: (state, action) => each([action], 'order', (item) => modifyOne(state, item)),
  updateLeverage,
  scheduleCancel,
  setReferrer: () => done(),
  // Signed by the wallet as a form of its own, not as an action of the exchange.
  approveBuilderFee: () => refused('Builder fees are not simulated.'),
};

export function refused(sentence: string): Row {
  return { status: 'err', response: sentence };
}

function done(): Row {
  return { status: 'ok', response: { type: 'default' } };
}

function each(value: unknown, type: string, one: (item: Row) => unknown): Row | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const items = value.map(rowOf);
  if (items.includes(null)) return null;
  const statuses = items.map((item) => (item === null ? null : one(item)));
  return { status: 'ok', response: { type, data: { statuses } } };
}

const timesInForce: Readonly<Record<string, TimeInForce>> = {
  Gtc: 'gtc',
  Ioc: 'ioc',
  FrontendMarket: 'ioc',
  Alo: 'post-only',
};
const cloidText = /^0x[0-9a-f]{32}$/;

interface ReadOrder {
  readonly listed: Listed;
  readonly request: SimOrderRequest;
}

/** A text is the venue's sentence of refusal. */
function readOrder(state: HyperliquidState, item: Row): ReadOrder | string {
  const listed = state.listings.asset(Number(item['a']));
  if (listed === null) return `Asset ${String(item['a'])} does not exist`;
  const about = ` asset=${listed.assetId}`;
  const limitType = rowOf(rowOf(item['t'])?.['limit']);
  const tif = limitType === null ? '' : String(limitType['tif']);
  if (!Object.hasOwn(timesInForce, tif)) return `Trigger orders are not simulated.${about}`;
  const side = item['b'] === true ? 'buy' : 'sell';
  const limit = listed.readPrice(String(item['p']), side);
  if (limit === null) return `Order has invalid price.${about}`;
  if (limit === 'off-grid') return `Price must be divisible by tick size.${about}`;
  const qty = listed.readQty(String(item['s']));
  if (qty === null || qty < zero) return `Order has invalid size.${about}`;
  if (qty === zero) return `Order has zero size.${about}`;
  if (!isMultipleOf(qty, lotOf(listed, qty))) return `Order has invalid size.${about}`;
  const cloid = item['c'] ?? null;
  if (cloid !== null && !cloidText.test(String(cloid))) return 'Failed to deserialize the cloid';
  return {
    listed,
    request: {
      instrument: listed.id,
      clientOrderId: cloid === null ? null : String(cloid),
      side,
      type: 'limit',
      timeInForce: timesInForce[tif] ?? 'gtc',
      qty,
      limit,
      reduceOnly: listed.isPerp && item['r'] === true,
    },
  };
}

function lotOf(listed: Listed, otherwise: Decimal): Decimal {
  return listed.instrument.lotSize ?? otherwise;
}

function placeOne(state: HyperliquidState, item: Row): unknown {
  const read = readOrder(state, item);
  if (typeof read === 'string') return { error: read };
  const { listed, request } = read;
  if (state.context.fault('ack-then-reject')) return placeGhost(state, read);
  const placed = state.exchange.place(request, state.now());
  if (!placed.ok) return { error: sentenceOf(placed.code, listed, state) };
  if (state.context.fault('fill-before-ack')) state.stream.flush();
  return statusOfPlaced(state, placed.value, listed);
}

function statusOfPlaced(state: HyperliquidState, order: SimOrder, listed: Listed): unknown {
  const cloid = cloidOfOrder(order);
  const ids = { oid: Number(order.orderId), ...(cloid === null ? {} : { cloid }) };
  if (!isEnded(order)) return { resting: ids };
  if (order.averagePrice !== null && order.filledQty > zero) {
    const totalSz = listed.exactQty(order.filledQty);
    return { filled: { totalSz, avgPx: listed.exactPrice(order.averagePrice), ...ids } };
  }
  if (order.endReason === 'post-only-would-cross') {
    return { error: sentenceOf('post-only-would-cross', listed, state) };
  }
  return {
    error: `Order could not immediately match against any resting orders. asset=${listed.assetId}`,
  };
}

/** Said to rest, then rejected by the stream: the exchange never sees it. */
function placeGhost(state: HyperliquidState, { listed, request }: ReadOrder): unknown {
  const { tsMs } = state.now();
  const oid = state.nextId();
  const order = {
    ...request,
    orderId: String(oid),
    clientOrderId: request.clientOrderId ?? '',
    status: 'canceled',
    filledQty: zero,
    filledCost: zero,
    averagePrice: null,
    feePaid: zero,
    feeAsset: listed.instrument.settle,
    createdTsMs: tsMs,
    updatedTsMs: tsMs,
    endReason: 'margin',
  } as const;
  const ghost: OrderState = {
    order: orderRow(order, listed),
    status: 'perpMarginRejected',
    statusTimestamp: tsMs,
  };
  rememberGhost(state, request.clientOrderId ?? String(oid), ghost);
  state.stream.pushOrder(ghost);
  return { resting: { oid } };
}

const missing = 'Order was never placed, already canceled, or filled.';

function cancelOne(
  state: HyperliquidState,
  assetId: number,
  ids: Pick<SimOrderTarget, 'orderId' | 'clientOrderId'>,
): unknown {
  const listed = state.listings.asset(assetId);
  const error = { error: `${missing} asset=${assetId}` };
  if (listed === null) return error;
  const result = state.exchange.cancel({ instrument: listed.id, ...ids }, state.now());
  return result.ok ? 'success' : error;
}

/** The old order ends and a new one takes its place, in one action. */
function modifyOne(state: HyperliquidState, item: Row): unknown {
  const order = rowOf(item['order']);
  if (order === null) return { error: 'Failed to deserialize the order' };
  const { oid } = item as { oid?: unknown }; // any JSON
  const ids = typeof oid === 'string' ? { clientOrderId: oid } : { orderId: String(oid) };
  const read = readOrder(state, order);
  if (typeof read === 'string') return { error: read };
  const canceled = cancelOne(state, Number(order['a']), ids);
  return canceled === 'success' ? placeOne(state, order) : canceled;
}

function updateLeverage(state: HyperliquidState, action: Row): Row | null {
  const { asset, leverage, isCross } = action as {
    asset?: unknown;
    leverage?: unknown;
    isCross?: unknown;
  }; // any JSON
  if (typeof asset !== 'number' || typeof leverage !== 'number') return null;
  const listed = state.listings.asset(asset);
  if (listed === null || !listed.isPerp) return refused(`Asset ${asset} does not exist`);
  if (isCross !== true) return refused('Isolated margin is not simulated.');
  if (!Number.isInteger(leverage) || leverage < 1) return refused('Invalid leverage value');
  const result = state.exchange.setLeverage(listed.id, leverage, state.now());
  return result.ok ? done() : refused('Invalid leverage value');
}

/** At least five seconds ahead; without a time it is off. (The venue also wants traded volume.) */
function scheduleCancel(state: HyperliquidState, action: Row): Row {
  const time = action['time'] ?? null;
  if (time === null) {
    state.cancelAllAtMs = null;
    return done();
  }
  if (typeof time !== 'number' || time < state.clockMs() + 5 * secondMs) {
    return refused('Scheduled cancel time too early, must be at least 5 seconds from now.');
  }
  state.cancelAllAtMs = time;
  return done();
}

function rowOf(value: unknown): Row | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return value as Row; // a JSON object: its fields stay unknown
}
