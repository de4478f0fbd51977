// Public REST: time (wall clock), instruments, rates, marks, tiers, books and tickers (venue time).
import type { RawHttpReply } from '../protocol.ts';
import type { Listed } from './listing.ts';
import {
  fundingRow,
  historyMsMax,
  indexRow,
  instrumentRow,
  markRow,
  settledRow,
  tickerRow,
  tierRow,
  wireLevels,
} from './market-rows.ts';
import { listIn, numberOf, pageOf, type Query } from './query.ts';
import { fail, failure, ok } from './replies.ts';
import type { OkxState } from './state.ts';
import { missingInstrument } from './trade.ts';

export type Handler = (state: OkxState, query: Query) => RawHttpReply;

/** Levels of one side of a book. */
export const bookLevelsMax = 400;
const historyRowsMax = 400;
/** Types that exist at the venue and are not simulated: their listings are empty. */
const emptyTypes: readonly string[] = ['FUTURES', 'OPTION', 'MARGIN', 'EVENTS'];

export const time: Handler = (state) => ok([{ ts: String(Math.floor(state.clockMs())) }]);

export const instruments: Handler = (state, query) =>
  ofType(state, query, (listed) => instrumentRow(listed));

export const tickers: Handler = (state, query) =>
  ofType(state, query, (listed) => tickerRow(state.exchange, listed));

export const markPrice: Handler = (state, query) =>
  ofType(state, query, (listed) => markRow(state.exchange, listed, state.now().tsMs));

export const ticker: Handler = (state, query) => {
  const listed = named(state, query);
  return listed === null ? fail(missingInstrument) : ok([tickerRow(state.exchange, listed)]);
};

export const indexTickers: Handler = (state, query) => {
  const instId = query.get('instId');
  const quote = query.get('quoteCcy');
  const rows = new Map<string, unknown>();
  for (const listed of state.listings.all) {
    if (instId !== undefined && listed.pair !== instId) continue;
    if (quote !== undefined && listed.sim.instrument.quote !== quote) continue;
    if (rows.has(listed.pair)) continue;
    rows.set(listed.pair, indexRow(state.exchange, listed, state.now().tsMs));
  }
  return rows.size === 0 ? fail(failure('51014', "Index doesn't exist.")) : ok([...rows.values()]);
};

/** One swap, several, or `ANY` for all. */
export const fundingRate: Handler = (state, query) => {
  const wanted = listIn(query, 'instId');
  if (wanted === null) return fail(failure('50014', 'Parameter instId can not be empty.'));
  const { tsMs } = state.now();
  const all = wanted.length === 1 && wanted[0] === 'ANY';
  const swaps = state.listings.all.filter(
    (listed) => listed.instType === 'SWAP' && (all || wanted.includes(listed.instId)),
  );
  if (swaps.length === 0) return fail(missingInstrument);
  return ok(swaps.flatMap((listed) => fundingRow(state.exchange, listed, tsMs) ?? []));
};

export const fundingRateHistory: Handler = (state, query) => {
  const listed = named(state, query);
  if (listed === null || listed.instType !== 'SWAP') return fail(missingInstrument);
  const { tsMs } = state.now();
  const range = { fromMs: tsMs - historyMsMax, toMs: tsMs };
  const settled = state.exchange.fundingHistory(listed.id, range);
  const page = pageOf(settled, query, {
    cursor: (entry) => entry.settledAtMs,
    rowsMax: historyRowsMax,
  });
  return ok(page.map((entry) => settledRow(listed, entry)));
};

export const positionTiers: Handler = (state, query) => {
  const wanted = [
    ...(listIn(query, 'instId') ?? []),
    ...(listIn(query, 'instFamily') ?? []),
    ...(listIn(query, 'uly') ?? []),
  ];
  const swaps = state.listings.all.filter(
    ({ instType, instId, pair }) =>
      instType === query.get('instType') && (wanted.includes(instId) || wanted.includes(pair)),
  );
  const rows = swaps.flatMap((listed) =>
    listed.sim.marginTiers.tiers.map((_, k) => tierRow(listed, k)),
  );
  return ok(rows);
};

export const books: Handler = (state, query) => {
  const listed = named(state, query);
  if (listed === null) return fail(missingInstrument);
  const levels = Math.min(Math.max(1, numberOf(query, 'sz') ?? 1), bookLevelsMax);
  const book = state.exchange.book(listed.id, levels);
  const asks = wireLevels(book.asks, listed);
  const bids = wireLevels(book.bids, listed);
  return ok([{ asks, bids, ts: String(book.tsMs), seqId: book.updateId }]);
};

function named(state: OkxState, query: Query): Listed | null {
  return state.listings.byInstId(query.get('instId') ?? '');
}

function ofType(state: OkxState, query: Query, row: (listed: Listed) => unknown): RawHttpReply {
  const type = query.get('instType');
  if (type === undefined) return fail(failure('50014', 'Parameter instType can not be empty.'));
  if (emptyTypes.includes(type)) return ok([]);
  if (type !== 'SPOT' && type !== 'SWAP') return fail(failure('51000', 'Parameter instType error'));
  const instId = query.get('instId');
  const family = query.get('instFamily') ?? query.get('uly');
  const matching = state.listings.all.filter(
    (listed) =>
      listed.instType === type &&
      (instId === undefined || listed.instId === instId) &&
      (family === undefined || listed.pair === family),
  );
  if (instId !== undefined && matching.length === 0) return fail(missingInstrument);
  return ok(matching.map(row));
}
