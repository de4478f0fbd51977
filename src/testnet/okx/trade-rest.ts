// Private REST of orders: the operations of trade.ts with their envelope, the listings, and the
// dead-man switch, which runs on wall time.
import { dayMs, secondMs } from '../../base/time.ts';
import type { SimOrder } from '../../sim/api.ts';
import { type Row, rowOf, textField } from '../../venues/okx/wire.ts';
import type { RawHttpReply } from '../protocol.ts';
import type { PostHandler } from './account-rest.ts';
import type { Handler } from './public-rest.ts';
import { pageOf, type Query, rangeOf } from './query.ts';
import { fail, failure, itemsAnswer, ok } from './replies.ts';
import { fillRow, leverageOf, orderRow } from './rows.ts';
import type { OkxState } from './state.ts';
import { amendItem, batchMax, cancelItem, type Operation, placeItem, targetOf } from './trade.ts';

const rowsMax = 100;
const historyMsMax = 7 * dayMs;
const archiveMsMax = 90 * dayMs;
const fillsMsMax = 3 * dayMs;
/** Seconds that the dead-man switch may be set to; 0 switches it off. */
const deadManS = { min: 10, max: 120 } as const;

export type BodyHandler = (state: OkxState, body: unknown) => RawHttpReply;

export const place = single(placeItem);
export const cancel = single(cancelItem);
export const amend = single(amendItem);
export const placeBatch = batch(placeItem);
export const cancelBatch = batch(cancelItem);
export const amendBatch = batch(amendItem);

function single(operation: Operation): BodyHandler {
  return (state, body) => {
    const row = rowOf(body);
    if (row === null) return fail(failure('50002', 'JSON syntax error'));
    const now = state.now();
    return answered(JSON.stringify(itemsAnswer([operation(state, row, now)], now)));
  };
}

function batch(operation: Operation): BodyHandler {
  return (state, body) => {
    if (!Array.isArray(body) || body.length === 0) {
      return fail(failure('50002', 'JSON syntax error'));
    }
    if (body.length > batchMax) {
      return fail(failure('51111', `Maximum ${batchMax} orders can be placed in bulk`));
    }
    const now = state.now();
    const items = body.map((entry: unknown) => operation(state, rowOf(entry) ?? {}, now));
    return answered(JSON.stringify(itemsAnswer(items, now)));
  };
}

function answered(body: string): RawHttpReply {
  return { status: 200, body };
}

export const order: Handler = (state, query) => {
  const target = targetOf(state, Object.fromEntries(query));
  if ('code' in target) return fail(target);
  const found = state.exchange.order(target);
  if (found === null) return fail(failure('51603', 'Order does not exist'));
  return ok([rowOfOrder(state, found)].flat());
};

export const pending: Handler = (state, query) =>
  listOrders(state, state.exchange.openOrders(null), query);

export const history: Handler = (state, query) => ended(state, query, historyMsMax);
export const historyArchive: Handler = (state, query) => ended(state, query, archiveMsMax);

function ended(state: OkxState, query: Query, ageMsMax: number): RawHttpReply {
  if (!query.has('instType')) return fail(failure('50014', 'Parameter instType can not be empty.'));
  const range = rangeOf(query);
  const oldestMs = state.now().tsMs - ageMsMax;
  const orders = state.exchange
    .orders({ ...range, fromMs: Math.max(range.fromMs ?? 0, oldestMs) })
    .filter(({ status }) => status !== 'open' && status !== 'partially-filled');
  return listOrders(state, orders, query);
}

function listOrders(state: OkxState, orders: readonly SimOrder[], query: Query): RawHttpReply {
  const matching = orders.filter((entry) => isOf(state, entry.instrument, query));
  const page = pageOf(matching, query, { cursor: (entry) => Number(entry.orderId), rowsMax });
  return ok(page.flatMap((entry) => rowOfOrder(state, entry)));
}

function isOf(state: OkxState, id: string, query: Query): boolean {
  const listed = state.listings.byId(id);
  if (listed === null) return false;
  const instType = query.get('instType');
  if (instType !== undefined && instType !== listed.instType) return false;
  const instId = query.get('instId');
  return instId === undefined || instId === listed.instId;
}

function rowOfOrder(state: OkxState, entry: SimOrder): readonly Row[] {
  const listed = state.listings.byId(entry.instrument);
  if (listed === null) return [];
  const leverage = leverageOf(state.exchange, listed);
  return [orderRow(entry, listed, { memo: state.memo(entry.orderId), leverage })];
}

export const fills: Handler = (state, query) => listFills(state, query, fillsMsMax);

export const fillsHistory: Handler = (state, query) => {
  if (!query.has('instType')) return fail(failure('50014', 'Parameter instType can not be empty.'));
  return listFills(state, query, archiveMsMax);
};

function listFills(state: OkxState, query: Query, ageMsMax: number): RawHttpReply {
  const range = rangeOf(query);
  const oldestMs = state.now().tsMs - ageMsMax;
  const ordId = query.get('ordId');
  const matching = state.exchange
    .fills({ ...range, fromMs: Math.max(range.fromMs ?? 0, oldestMs) })
    .filter(
      (fill) =>
        (ordId === undefined || fill.orderId === ordId) && isOf(state, fill.instrument, query),
    );
  const page = pageOf(matching, query, { cursor: (fill) => Number(fill.tradeId), rowsMax });
  return ok(
    page.flatMap((fill) => {
      const listed = state.listings.byId(fill.instrument);
      return listed === null ? [] : [fillRow(fill, listed)];
    }),
  );
}

export const cancelAllAfter: PostHandler = (state, body) => {
  const text = textField(body, 'timeOut') ?? '';
  const seconds = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  const valid = seconds === 0 || (seconds >= deadManS.min && seconds <= deadManS.max);
  if (!valid) return fail(failure('51000', 'Parameter timeOut error'));
  const { wallMs } = state.now();
  state.deadManDueWallMs = seconds === 0 ? null : wallMs + seconds * secondMs;
  const triggerTime = state.deadManDueWallMs === null ? '0' : wallText(state.deadManDueWallMs);
  return ok([{ triggerTime, tag: textField(body, 'tag') ?? '', ts: wallText(wallMs) }]);
};

function wallText(wallMs: number): string {
  return String(Math.floor(wallMs));
}
