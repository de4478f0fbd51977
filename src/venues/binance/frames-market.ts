// Market-data frames of spot and USD-M: best bid/ask, depth, mark price with the funding estimate,
// trades. Quantities and prices leave here in our units.
import type { DepthEvent, QuoteEvent, TradeEvent, VenueEvent } from '../../domain/venue-event.ts';
import { type Context, levelsIn, stamp, unitsIn } from './events.ts';
import { type Json, numberIn, sequenceIn, shiftedIn, textIn, timeIn } from './read.ts';
import { unitsOf } from './symbols.ts';

/**
 * `bookTicker`: {u, s, b, B, a, A}; USD-M adds e, E, T. A price of 0 is an empty side.
 * The REST ticker says bidPrice, bidQty, askPrice, askQty and (USD-M) time.
 */
export function decodeQuote(json: Json, context: Context): QuoteEvent | null {
  const units = unitsIn(json, 's', context) ?? unitsIn(json, 'symbol', context);
  if (units === null) return null;
  const { priceShift, qtyShift } = units;
  return {
    kind: 'quote',
    ...stamp(units, timeIn(json['E']) ?? timeIn(json['T']) ?? timeIn(json['time'])),
    bid: shiftedIn(json['b'] ?? json['bidPrice'], priceShift),
    bidQty: shiftedIn(json['B'] ?? json['bidQty'], qtyShift),
    ask: shiftedIn(json['a'] ?? json['askPrice'], priceShift),
    askQty: shiftedIn(json['A'] ?? json['askQty'], qtyShift),
  };
}

/** `depthUpdate`: {E, T?, s, U, u, pu?, b, a}: a delta; quantity 0 deletes. */
export function decodeDepthUpdate(json: Json, context: Context): DepthEvent | null {
  const units = unitsIn(json, 's', context);
  if (units === null) return null;
  const bids = levelsIn(json['b'], units);
  const asks = levelsIn(json['a'], units);
  const seq = sequenceIn(json['u']);
  const firstSeq = sequenceIn(json['U']);
  if (bids === null || asks === null || seq === null || firstSeq === null) return null;
  return {
    kind: 'depth',
    ...stamp(units, timeIn(json['E']) ?? timeIn(json['T'])),
    snapshot: false,
    bids,
    asks,
    seq,
    prevSeq: sequenceIn(json['pu']),
    firstSeq,
  };
}

/**
 * REST depth and spot's partial depth: {lastUpdateId, E?, T?, bids, asks}, which names no symbol.
 */
export function decodeDepthSnapshot(
  json: Json,
  symbol: string | null,
  context: Context,
): DepthEvent | null {
  const units = unitsOf(symbol ?? '', context.market, context.catalog);
  const bids = levelsIn(json['bids'], units);
  const asks = levelsIn(json['asks'], units);
  const seq = sequenceIn(json['lastUpdateId']);
  if (bids === null || asks === null || seq === null) return null;
  return {
    kind: 'depth',
    ...stamp(units, timeIn(json['E']) ?? timeIn(json['T'])),
    symbol,
    snapshot: true,
    bids,
    asks,
    seq,
    prevSeq: null,
    firstSeq: null,
  };
}

/**
 * `markPriceUpdate` {E, s, p, i, r, T} and `premiumIndex` {symbol, markPrice, indexPrice,
 * lastFundingRate, nextFundingTime, time}: r / lastFundingRate is the estimate for the settlement
 * at T. A dated future sends '' and 0: it has a mark and no funding. The interval is not in the
 * payload.
 */
export function decodeMark(json: Json, context: Context): readonly VenueEvent[] | null {
  const units = unitsIn(json, 's', context) ?? unitsIn(json, 'symbol', context);
  if (units === null) return null;
  const at = stamp(units, timeIn(json['E']) ?? timeIn(json['time']));
  const events: VenueEvent[] = [
    {
      kind: 'mark-price',
      ...at,
      mark: shiftedIn(json['p'] ?? json['markPrice'], units.priceShift),
      index: shiftedIn(json['i'] ?? json['indexPrice'], units.priceShift),
    },
  ];
  const rate = numberIn(json['r'] ?? json['lastFundingRate']);
  const settlesAtMs = timeIn(json['T']) ?? timeIn(json['nextFundingTime']);
  if (rate !== null || settlesAtMs !== null) {
    events.push({
      kind: 'funding-rate',
      ...at,
      ratePerInterval: rate,
      intervalMs: null,
      settlesAtMs,
      nextRate: null,
      cap: null,
      floor: null,
      settled: false,
    });
  }
  return events;
}

/**
 * `aggTrade` {a, p, q, T, m} and `trade` {t, p, q, T, m}; m = the buyer is the maker. The REST
 * listing of trades says id, price, qty, time and isBuyerMaker.
 */
export function decodeTrade(json: Json, context: Context): TradeEvent | null {
  const units = unitsIn(json, 's', context);
  const isBuyerMaker = json['m'] ?? json['isBuyerMaker'];
  if (units === null || typeof isBuyerMaker !== 'boolean') return null;
  const price = shiftedIn(json['p'] ?? json['price'], units.priceShift);
  const qty = shiftedIn(json['q'] ?? json['qty'], units.qtyShift);
  if (price === null || qty === null) return null;
  return {
    kind: 'trade',
    ...stamp(units, timeIn(json['T']) ?? timeIn(json['E']) ?? timeIn(json['time'])),
    tradeId: textIn(json['a'] ?? json['t'] ?? json['id']),
    price,
    qty,
    side: isBuyerMaker ? 'sell' : 'buy',
  };
}
