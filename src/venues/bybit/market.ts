// Market data -> events: order books, tickers, public trades, funding history; the WebSocket's and
// the REST API's forms. Pure and stateless: a ticker delta omits what did not change, and an
// omitted field is null = "not said". Whoever keeps state merges: null never overwrites.

import { hourMs } from '../../base/time.ts';
import type { Catalog, Market } from '../../domain/instrument.ts';
import type {
  DepthEvent,
  FundingRateEvent,
  Level,
  MarkPriceEvent,
  QuoteEvent,
  VenueEvent,
} from '../../domain/venue-event.ts';
import { control, stampFor, unrecognized } from './events.ts';
import {
  listAt,
  numberAt,
  numberOf,
  parseJson,
  positiveNumberAt,
  type Row,
  rowOf,
  sequenceAt,
  textAt,
  timeAt,
} from './read.ts';
import { factsOf, marketOfName, quotedPrice, quotedQty, type SymbolFacts } from './symbols.ts';

export interface Source {
  readonly market: Market | null;
  readonly catalog: Catalog;
}

/** Level 1 of the book is snapshot-only, so such a frame is the whole quote. */
const quoteDepth = '1';

/** `orderbook.{depth}.{symbol}`. */
export function decodeOrderBook(frame: Row, topic: string, source: Source): VenueEvent {
  const data = rowOf(frame['data']);
  const type = textAt(frame, 'type');
  const [, depth, topicSymbol] = topic.split('.');
  const symbol = data === null ? null : (textAt(data, 's') ?? topicSymbol ?? null);
  if (data === null || symbol === null) return unrecognized('orderbook: no data');
  if (type !== 'snapshot' && type !== 'delta') return unrecognized('orderbook: no type', symbol);
  const facts = factsOf(symbol, source.market, source.catalog);
  const venueTsMs = timeAt(frame, 'ts');
  const snapshot = type === 'snapshot';
  if (depth === quoteDepth && snapshot) return quoteOfBook(data, facts, venueTsMs);
  return depthOfBook(data, { facts, venueTsMs, snapshot });
}

/** GET /v5/market/orderbook: `result` is the book itself. */
export function decodeBookReply(result: Row, source: Source): VenueEvent {
  const symbol = textAt(result, 's');
  if (symbol === null) return unrecognized('orderbook: no symbol');
  const facts = factsOf(symbol, source.market, source.catalog);
  return depthOfBook(result, { facts, venueTsMs: timeAt(result, 'ts'), snapshot: true });
}

function quoteOfBook(data: Row, facts: SymbolFacts, venueTsMs: number | null): VenueEvent {
  const [bid, bidQty] = bestOf(data, 'b', facts);
  const [ask, askQty] = bestOf(data, 'a', facts);
  const event: QuoteEvent = {
    kind: 'quote',
    ...stampFor(facts, venueTsMs),
    bid,
    bidQty,
    ask,
    askQty,
  };
  return event;
}

function bestOf(
  data: Row,
  key: 'a' | 'b',
  facts: SymbolFacts,
): readonly [price: number | null, qty: number | null] {
  const entry = listAt(data, key)[0];
  if (!Array.isArray(entry)) return [null, null];
  const price = numberOf(entry[0]);
  const qty = numberOf(entry[1]);
  if (price === null || qty === null || price <= 0 || qty < 0) return [null, null];
  return [quotedPrice(facts, price), quotedQty(facts, qty)];
}

function depthOfBook(
  data: Row,
  book: {
    readonly facts: SymbolFacts;
    readonly venueTsMs: number | null;
    readonly snapshot: boolean;
  },
): VenueEvent {
  const { facts } = book;
  const bids = levelsOf(data, 'b', facts);
  const asks = levelsOf(data, 'a', facts);
  // A level that cannot be read leaves the book wrong: the frame counts as lost, its sequence as a
  // gap.
  if (bids === null || asks === null) return unrecognized('orderbook: bad level', facts.symbol);
  const event: DepthEvent = {
    kind: 'depth',
    ...stampFor(facts, book.venueTsMs),
    snapshot: book.snapshot,
    bids: bids.sort(([a], [b]) => b - a),
    asks: asks.sort(([a], [b]) => a - b),
    seq: sequenceAt(data, 'u'),
    prevSeq: null,
    firstSeq: null,
  };
  return event;
}

function levelsOf(data: Row, key: 'a' | 'b', facts: SymbolFacts): Level[] | null {
  const levels: Level[] = [];
  for (const entry of listAt(data, key)) {
    if (!Array.isArray(entry)) return null;
    const price = numberOf(entry[0]);
    const qty = numberOf(entry[1]);
    if (price === null || qty === null || price <= 0 || qty < 0) return null;
    levels.push([quotedPrice(facts, price), quotedQty(facts, qty)]);
  }
  return levels;
}

/**
 * `tickers.{symbol}`. The quotes in it are older than those of `orderbook.1` and are left alone. A
 * spot ticker has neither mark nor funding: it is acknowledged.
 */
export function decodeTickerFrame(frame: Row, source: Source): readonly VenueEvent[] {
  const data = rowOf(frame['data']);
  const symbol = data === null ? null : textAt(data, 'symbol');
  if (data === null || symbol === null) return [unrecognized('tickers: no data or symbol')];
  const facts = factsOf(symbol, source.market ?? marketOfTicker(data, symbol), source.catalog);
  const events = markAndFunding(data, facts, timeAt(frame, 'ts'));
  if (events.length > 0) return events;
  return [{ ...control('ack', 'tickers'), ...stampFor(facts, timeAt(frame, 'ts')) }];
}

/** One row of GET /v5/market/tickers; a REST row is complete, so it has a quote too. */
export function decodeTickerRow(
  row: Row,
  source: Source,
  venueTsMs: number | null,
): readonly VenueEvent[] {
  const symbol = textAt(row, 'symbol');
  if (symbol === null) return [unrecognized('tickers: no symbol')];
  const facts = factsOf(symbol, source.market ?? marketOfTicker(row, symbol), source.catalog);
  return [quoteOfTicker(row, facts, venueTsMs), ...markAndFunding(row, facts, venueTsMs)];
}

/**
 * The best prices in a frame of `tickers.{symbol}`, of which a delta says only what changed; null
 * where it says none. For who looks at frames: the driver takes quotes from `orderbook.1` alone.
 */
export function decodeTickerQuote(text: string, source: Source): QuoteEvent | null {
  const frame = rowOf(parseJson(text));
  const data = frame === null ? null : rowOf(frame['data']);
  const symbol = data === null ? null : textAt(data, 'symbol');
  if (frame === null || data === null || symbol === null) return null;
  if (textAt(frame, 'topic')?.startsWith('tickers.') !== true) return null;
  if (!['bid1Price', 'ask1Price'].some((key) => positiveNumberAt(data, key) !== null)) return null;
  const market = source.market ?? marketOfTicker(data, symbol);
  return quoteOfTicker(data, factsOf(symbol, market, source.catalog), timeAt(frame, 'ts'));
}

function quoteOfTicker(row: Row, facts: SymbolFacts, venueTsMs: number | null): QuoteEvent {
  const bid = positiveNumberAt(row, 'bid1Price');
  const ask = positiveNumberAt(row, 'ask1Price');
  return {
    kind: 'quote',
    ...stampFor(facts, venueTsMs),
    bid: bid === null ? null : quotedPrice(facts, bid),
    bidQty: bid === null ? null : scaledQty(numberAt(row, 'bid1Size'), facts),
    ask: ask === null ? null : quotedPrice(facts, ask),
    askQty: ask === null ? null : scaledQty(numberAt(row, 'ask1Size'), facts),
  };
}

function markAndFunding(
  row: Row,
  facts: SymbolFacts,
  venueTsMs: number | null,
): readonly (MarkPriceEvent | FundingRateEvent)[] {
  const isSpot = facts.kind === 'spot';
  const isDated = facts.kind === 'linear-dated' || facts.kind === 'inverse-dated';
  const events: (MarkPriceEvent | FundingRateEvent)[] = [];
  if (isSpot) return events;
  const mark = positiveNumberAt(row, 'markPrice');
  const index = positiveNumberAt(row, 'indexPrice');
  if (mark !== null || index !== null) {
    events.push({
      kind: 'mark-price',
      ...stampFor(facts, venueTsMs),
      mark: mark === null ? null : quotedPrice(facts, mark),
      index: index === null ? null : quotedPrice(facts, index),
    });
  }
  // Dated futures carry the same fields, empty or zero: they have no funding.
  if (isDated) return events;
  const ratePerInterval = numberAt(row, 'fundingRate');
  const intervalHours = positiveNumberAt(row, 'fundingIntervalHour');
  const settlesAtMs = timeAt(row, 'nextFundingTime');
  // "Funding rate upper and lower limits".
  const cap = positiveNumberAt(row, 'fundingCap');
  if (ratePerInterval !== null || intervalHours !== null || settlesAtMs !== null) {
    events.push({
      kind: 'funding-rate',
      ...stampFor(facts, venueTsMs),
      ratePerInterval,
      intervalMs: intervalHours === null ? null : intervalHours * hourMs,
      settlesAtMs,
      nextRate: null,
      cap,
      floor: cap === null ? null : -cap,
      settled: false,
    });
  }
  return events;
}

/** Only derivatives have these fields; the name tells linear from inverse. */
function marketOfTicker(row: Row, symbol: string): Market | null {
  const isDerivative = ['fundingRate', 'openInterest', 'openInterestValue', 'markPrice'].some(
    (key) => Object.hasOwn(row, key),
  );
  if (isDerivative) return marketOfName(symbol) === 'inverse' ? 'inverse' : 'linear';
  return null;
}

/** `publicTrade.{symbol}`. */
export function decodeTrades(frame: Row, source: Source): readonly VenueEvent[] {
  return listAt(frame, 'data').map((entry) => {
    const row = rowOf(entry);
    if (row === null) return unrecognized('publicTrade: data holds no object');
    return decodeTrade(row, source, timeAt(frame, 'ts'));
  });
}

function decodeTrade(row: Row, source: Source, sentAtMs: number | null): VenueEvent {
  const symbol = textAt(row, 's');
  if (symbol === null) return unrecognized('publicTrade: no symbol');
  const price = positiveNumberAt(row, 'p');
  const qty = positiveNumberAt(row, 'v');
  const side = textAt(row, 'S');
  if (price === null || qty === null || (side !== 'Buy' && side !== 'Sell')) {
    return unrecognized('publicTrade: no price, size or side', symbol);
  }
  const facts = factsOf(symbol, source.market, source.catalog);
  return {
    kind: 'trade',
    ...stampFor(facts, timeAt(row, 'T') ?? sentAtMs),
    tradeId: textAt(row, 'i'),
    price: quotedPrice(facts, price),
    qty: quotedQty(facts, qty),
    side: side === 'Buy' ? 'buy' : 'sell',
  };
}

/** A row of GET /v5/market/recent-trade, which has the fields of `publicTrade` by longer names. */
export function isPublicTrade(row: Row): boolean {
  return Object.hasOwn(row, 'isBlockTrade');
}

export function decodeTradeRow(row: Row, source: Source): VenueEvent {
  const { symbol, price, size, side, time, execId } = row;
  const named = { s: symbol, p: price, v: size, S: side, T: time, i: execId };
  return decodeTrade(named, source, null);
}

/** One row of GET /v5/market/funding/history: a settlement that is past. */
export function decodeSettledRate(row: Row, source: Source): VenueEvent {
  const symbol = textAt(row, 'symbol');
  const settlesAtMs = timeAt(row, 'fundingRateTimestamp');
  if (symbol === null || settlesAtMs === null) {
    return unrecognized('funding history: no symbol or time', symbol);
  }
  // Only derivatives have a history of rates.
  const market = source.market ?? (marketOfName(symbol) === 'inverse' ? 'inverse' : 'linear');
  const facts = factsOf(symbol, market, source.catalog);
  return {
    kind: 'funding-rate',
    ...stampFor(facts, settlesAtMs),
    ratePerInterval: numberAt(row, 'fundingRate'),
    intervalMs: null,
    settlesAtMs,
    nextRate: null,
    cap: null,
    floor: null,
    settled: true,
  };
}

function scaledQty(qty: number | null, facts: SymbolFacts): number | null {
  return qty === null || qty < 0 ? null : quotedQty(facts, qty);
}
