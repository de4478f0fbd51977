// Reads of orders, executions and the transaction log: newest first, in pages, within a range of
// venue time.
import type { SimOrder } from '../../sim/api.ts';
import { type Answer, badParams, done } from './answer.ts';
import type { Listed } from './listing.ts';
import { isRefused, pageOf, timeRangeOf } from './pages.ts';
import type { Params } from './params.ts';
import {
  executionRow,
  fundingRow,
  isEnded,
  orderRow,
  type Row,
  settlementRow,
  tradeTransactionRow,
} from './rows.ts';
import type { BybitState } from './state.ts';

/** How many ended orders order/realtime still answers for. */
const recentMax = 500;
const orderPage = { byDefault: 20, max: 50 };

/** Open orders; with an id also one of the last 500 that ended. */
export function realtimeOrders(state: BybitState, params: Params): Answer {
  const category = params.get('category');
  if (category === undefined) return badParams('Illegal category');
  const hasId = params.get('orderId') !== undefined || params.get('orderLinkId') !== undefined;
  const isNarrowed = ['symbol', 'baseCoin', 'settleCoin'].some((name) => params.get(name));
  if (category === 'linear' && !isNarrowed && !hasId) {
    return badParams('symbol, settleCoin or baseCoin is required');
  }
  const listings = listingsOf(state, params);
  const wantsEnded = hasId || params.get('openOnly') === '1';
  const orders = wantsEnded
    ? ordersOf(state, params, listings).slice(0, recentMax)
    : newestFirst(listings.flatMap(({ id }) => state.exchange.openOrders(id)));
  const chosen = orders.filter((order) => hasId || isEnded(order) === wantsEnded);
  return done(orderPageOf(state, params, [...ghostsOf(state, params, hasId), ...chosen]));
}

/** Ended orders of a range of time. */
export function orderHistory(state: BybitState, params: Params): Answer {
  if (params.get('category') === undefined) return badParams('Illegal category');
  const range = timeRangeOf(params, state.now().tsMs);
  if (isRefused(range)) return range;
  const status = params.get('orderStatus');
  const orders = ordersOf(state, params, listingsOf(state, params)).filter(
    (order) =>
      isEnded(order) &&
      state.names.noteOf(order).createdTsMs >= range.fromMs &&
      state.names.noteOf(order).createdTsMs <= range.toMs,
  );
  const ghosts = ghostsOf(state, params, true);
  const rows = [...ghosts, ...orders].filter(
    (entry) => status === undefined || rowOf(state, entry)['orderStatus'] === status,
  );
  return done(orderPageOf(state, params, rows));
}

/** Trades and, of contracts, funding: an execution of type Funding. */
export function executions(state: BybitState, params: Params): Answer {
  if (params.get('category') === undefined) return badParams('Illegal category');
  const range = timeRangeOf(params, state.now().tsMs);
  if (isRefused(range)) return range;
  const type = params.get('execType');
  const orderIds = idsOf(state, params);
  const entries: { readonly tsMs: number; row(): Row }[] = [];
  for (const listed of listingsOf(state, params)) {
    const filter = { instrument: listed.id, ...range };
    for (const fill of state.exchange.fills(filter)) {
      if (orderIds !== null && !orderIds.has(fill.orderId)) continue;
      entries.push({
        tsMs: fill.tsMs,
        row: () => {
          const order = state.exchange.order({ instrument: listed.id, orderId: fill.orderId });
          const note = order === null ? null : state.names.noteOf(order);
          return executionRow(fill, listed, order, note);
        },
      });
    }
    if (orderIds !== null) continue;
    for (const payment of state.exchange.fundingPayments(filter)) {
      entries.push({ tsMs: payment.settledAtMs, row: () => fundingRow(payment, listed) });
    }
  }
  const rows = entries
    .reverse()
    .sort((a, b) => b.tsMs - a.tsMs)
    .filter((entry) => type === undefined || entry.row()['execType'] === type);
  const page = pageOf(rows, params, { byDefault: 50, max: 100 });
  return done({
    category: params.get('category'),
    nextPageCursor: page.nextPageCursor,
    list: page.list.map((entry) => entry.row()),
  });
}

export function transactionLog(state: BybitState, params: Params): Answer {
  const range = timeRangeOf(params, state.now().tsMs);
  if (isRefused(range)) return range;
  const type = params.get('type');
  const currency = params.get('currency');
  const category = params.get('category');
  const listings = (category === undefined ? ['spot', 'linear', 'inverse'] : [category])
    .flatMap((name) => state.listings.in(name))
    .filter(
      ({ baseCoin }) => params.get('baseCoin') === undefined || baseCoin === params.get('baseCoin'),
    );
  const rows: Row[] = [];
  for (const listed of listings) {
    const filter = { instrument: listed.id, ...range };
    if (type === undefined || type === 'TRADE') {
      for (const fill of state.exchange.fills(filter)) {
        const order = state.exchange.order({ instrument: listed.id, orderId: fill.orderId });
        const note = order === null ? null : state.names.noteOf(order);
        rows.push(tradeTransactionRow(fill, listed, note));
      }
    }
    if (type === undefined || type === 'SETTLEMENT') {
      for (const payment of state.exchange.fundingPayments(filter)) {
        rows.push(settlementRow(payment, listed));
      }
    }
  }
  const sorted = rows
    .filter((row) => currency === undefined || row['currency'] === currency)
    .reverse()
    .sort((a, b) => Number(b['transactionTime']) - Number(a['transactionTime']));
  return done(pageOf(sorted, params, { byDefault: 20, max: 50 }));
}

function listingsOf(state: BybitState, params: Params): readonly Listed[] {
  const symbol = params.get('symbol');
  const baseCoin = params.get('baseCoin');
  const settleCoin = params.get('settleCoin');
  return state.listings
    .in(params.get('category') ?? '')
    .filter((listed) => symbol === undefined || listed.symbol === symbol)
    .filter((listed) => baseCoin === undefined || listed.baseCoin === baseCoin)
    .filter((listed) => settleCoin === undefined || listed.settleCoin === settleCoin);
}

/** Newest first; an id leaves that one. Earlier forms of an amended order are left out. */
function ordersOf(
  state: BybitState,
  params: Params,
  listings: readonly Listed[],
): readonly SimOrder[] {
  const orderId = params.get('orderId');
  const orderLinkId = params.get('orderLinkId');
  if (orderId !== undefined || orderLinkId !== undefined) {
    return listings.flatMap(({ id }) => state.names.find(id, { orderId, orderLinkId }) ?? []);
  }
  const orders = listings.flatMap(({ id }) => state.exchange.orders({ instrument: id }));
  return newestFirst(orders.filter((order) => !state.names.isRetired(order)));
}

/** The exchange's ids of an order that is asked for by its own; null = any. */
function idsOf(state: BybitState, params: Params): ReadonlySet<string> | null {
  const orderId = params.get('orderId');
  const orderLinkId = params.get('orderLinkId');
  if (orderId === undefined && orderLinkId === undefined) return null;
  const found = listingsOf(state, params).flatMap(
    ({ id }) => state.names.find(id, { orderId, orderLinkId }) ?? [],
  );
  const shown = new Set(found.map((order) => state.names.noteOf(order).orderId));
  const forms = listingsOf(state, params)
    .flatMap(({ id }) => state.exchange.orders({ instrument: id }))
    .filter((order) => shown.has(state.names.noteOf(order).orderId));
  return new Set(forms.map((order) => order.orderId));
}

function ghostsOf(state: BybitState, params: Params, wanted: boolean): readonly Row[] {
  if (!wanted) return [];
  return state.ghosts.filter((row) =>
    ['category', 'symbol', 'orderId', 'orderLinkId'].every(
      (name) => params.get(name) === undefined || params.get(name) === row[name],
    ),
  );
}

type Entry = SimOrder | Row;

function orderPageOf(state: BybitState, params: Params, entries: readonly Entry[]) {
  const page = pageOf(entries, params, orderPage);
  return {
    category: params.get('category'),
    nextPageCursor: page.nextPageCursor,
    list: page.list.map((entry) => rowOf(state, entry)),
  };
}

function rowOf(state: BybitState, entry: Entry): Row {
  if (!isOrder(entry)) return entry;
  return orderRow(entry, state.listings.of(entry.instrument), state.names.noteOf(entry));
}

/** Rows of ghosts are ready made. */
function isOrder(entry: Entry): entry is SimOrder {
  return 'instrument' in entry;
}

function newestFirst(orders: readonly SimOrder[]): readonly SimOrder[] {
  return [...orders].sort(
    (a, b) => b.createdTsMs - a.createdTsMs || Number(b.orderId) - Number(a.orderId),
  );
}
