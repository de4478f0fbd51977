// Market data -> events: best prices, book snapshots, asset contexts (mark, oracle, funding),
// trades, past and predicted funding. Funding is hourly on the oracle price, which is our index.
// An asset context has no time; the settlement's time comes with the predicted rates.
import { hourMs } from '../../base/time.ts';
import type { Catalog } from '../../domain/instrument.ts';
import type { DepthEvent, Level, QuoteEvent, VenueEvent } from '../../domain/venue-event.ts';
import { stampFor, unrecognized } from './events.ts';
import { type CoinFacts, factsOf } from './names.ts';
import {
  idAt,
  listAt,
  listOf,
  numberAt,
  positiveNumberAt,
  type Row,
  rowOf,
  textAt,
  textOf,
  timeAt,
} from './read.ts';

/** `bbo`: one level per side, null for an empty side. */
export function decodeBbo(data: Row, catalog: Catalog): VenueEvent {
  const coin = textAt(data, 'coin');
  const sides = listOf(data['bbo']);
  if (coin === null || sides === null) return unrecognized('bbo: no coin or levels', coin);
  const facts = factsOf(coin, catalog);
  return quoteOf(facts, timeAt(data, 'time'), sides[0], sides[1]);
}

/** `l2Book`, and the info request of the same name: always the whole book. */
export function decodeBook(data: Row, catalog: Catalog): VenueEvent {
  const coin = textAt(data, 'coin');
  const levels = listOf(data['levels']);
  if (coin === null || levels === null) return unrecognized('l2Book: no coin or levels', coin);
  const facts = factsOf(coin, catalog);
  const bids = levelsOf(levels[0], facts);
  const asks = levelsOf(levels[1], facts);
  if (bids === null || asks === null) return unrecognized('l2Book: bad level', coin);
  const venueTsMs = timeAt(data, 'time');
  const event: DepthEvent = {
    kind: 'depth',
    ...stampFor(facts, venueTsMs),
    snapshot: true,
    bids: bids.sort(([a], [b]) => b - a),
    asks: asks.sort(([a], [b]) => a - b),
    // The only order that the snapshots have.
    seq: venueTsMs === null ? null : String(venueTsMs),
    prevSeq: null,
    firstSeq: null,
  };
  return event;
}

/** The best level of a book. */
export function decodeBookQuote(data: Row, catalog: Catalog): VenueEvent {
  const coin = textAt(data, 'coin');
  const levels = listOf(data['levels']);
  if (coin === null || levels === null) return unrecognized('l2Book: no coin or levels', coin);
  const facts = factsOf(coin, catalog);
  const best = (side: unknown): unknown => listOf(side)?.[0] ?? null;
  return quoteOf(facts, timeAt(data, 'time'), best(levels[0]), best(levels[1]));
}

function quoteOf(
  facts: CoinFacts,
  venueTsMs: number | null,
  bidLevel: unknown,
  askLevel: unknown,
): VenueEvent {
  const bid = levelOf(bidLevel, facts);
  const ask = levelOf(askLevel, facts);
  const event: QuoteEvent = {
    kind: 'quote',
    ...stampFor(facts, venueTsMs),
    bid: bid === null ? null : bid[0],
    bidQty: bid === null ? null : bid[1],
    ask: ask === null ? null : ask[0],
    askQty: ask === null ? null : ask[1],
  };
  return event;
}

function levelsOf(value: unknown, facts: CoinFacts): Level[] | null {
  const entries = listOf(value);
  if (entries === null) return null;
  const levels: Level[] = [];
  for (const entry of entries) {
    const level = levelOf(entry, facts);
    if (level === null) return null;
    levels.push(level);
  }
  return levels;
}

function levelOf(value: unknown, facts: CoinFacts): Level | null {
  const row = rowOf(value);
  const price = row === null ? null : positiveNumberAt(row, 'px');
  const qty = row === null ? null : positiveNumberAt(row, 'sz');
  if (price === null || qty === null) return null;
  return [price / facts.priceDivisor, qty * facts.qtyFactor];
}

/**
 * `activeAssetCtx`, and a row of metaAndAssetCtxs. Spot has neither oracle nor funding: nothing.
 */
export function decodeContext(coin: string, context: Row, catalog: Catalog): readonly VenueEvent[] {
  const facts = factsOf(coin, catalog);
  if (facts.kind === 'spot') return [];
  const mark = positiveNumberAt(context, 'markPx');
  const oracle = positiveNumberAt(context, 'oraclePx');
  const events: VenueEvent[] = [];
  if (mark !== null || oracle !== null) {
    events.push({
      kind: 'mark-price',
      ...stampFor(facts, null),
      mark: mark === null ? null : mark / facts.priceDivisor,
      index: oracle === null ? null : oracle / facts.priceDivisor,
    });
  }
  const rate = numberAt(context, 'funding');
  if (rate !== null) {
    events.push({
      kind: 'funding-rate',
      ...stampFor(facts, null),
      ratePerInterval: rate,
      intervalMs: hourMs,
      settlesAtMs: null,
      nextRate: null,
      cap: null,
      floor: null,
      settled: false,
    });
  }
  return events;
}

/** The contexts of every perpetual, in the order of the universe. */
export function decodeContexts(reply: unknown, catalog: Catalog): readonly VenueEvent[] {
  const pair = listOf(reply);
  const meta = pair === null ? null : rowOf(pair[0]);
  const contexts = pair === null ? null : listOf(pair[1]);
  if (meta === null || contexts === null) return [unrecognized('contexts: no universe')];
  return listAt(meta, 'universe').flatMap((entry, k) => {
    const coin = textAt(rowOf(entry) ?? {}, 'name');
    const context = rowOf(contexts[k]);
    if (coin === null || context === null) return [unrecognized('contexts: no name or context')];
    return decodeContext(coin, context, catalog);
  });
}

/** Names of this venue in predictedFundings, which lists other venues beside it. */
const ownPredictions = 'HlPerp';

/** `[[coin, [[venue, { fundingRate, nextFundingTime }], ...]], ...]`. */
export function decodePredictions(reply: unknown, catalog: Catalog): readonly VenueEvent[] {
  const coins = listOf(reply);
  if (coins === null) return [unrecognized('predictedFundings: no list')];
  return coins.flatMap((entry): readonly VenueEvent[] => {
    const coin = textOf(listOf(entry)?.[0]);
    const venues = listOf(listOf(entry)?.[1]);
    if (coin === null || venues === null) return [unrecognized('predictedFundings: no coin')];
    const own = venues.find((venue) => listOf(venue)?.[0] === ownPredictions);
    const row = rowOf(listOf(own)?.[1]);
    if (row === null) return [];
    const hours = positiveNumberAt(row, 'fundingIntervalHours') ?? 1;
    return [
      {
        kind: 'funding-rate',
        ...stampFor(factsOf(coin, catalog), null),
        ratePerInterval: numberAt(row, 'fundingRate'),
        intervalMs: hours * hourMs,
        settlesAtMs: timeAt(row, 'nextFundingTime'),
        nextRate: null,
        cap: null,
        floor: null,
        settled: false,
      },
    ];
  });
}

/** A row of fundingHistory. */
export function decodeSettledRate(row: Row, catalog: Catalog): VenueEvent {
  const coin = textAt(row, 'coin');
  const settlesAtMs = timeAt(row, 'time');
  if (coin === null || settlesAtMs === null) {
    return unrecognized('fundingHistory: no coin or time', coin);
  }
  return {
    kind: 'funding-rate',
    ...stampFor(factsOf(coin, catalog), settlesAtMs),
    ratePerInterval: numberAt(row, 'fundingRate'),
    intervalMs: hourMs,
    settlesAtMs,
    nextRate: null,
    cap: null,
    floor: null,
    settled: true,
  };
}

/** A row of `trades`: `side` is the taker's, B buys and A sells. */
export function decodeTrade(row: Row, catalog: Catalog): VenueEvent {
  const coin = textAt(row, 'coin');
  const price = positiveNumberAt(row, 'px');
  const qty = positiveNumberAt(row, 'sz');
  const side = textAt(row, 'side');
  if (coin === null || price === null || qty === null || (side !== 'A' && side !== 'B')) {
    return unrecognized('trades: no coin, price, size or side', coin);
  }
  const facts = factsOf(coin, catalog);
  return {
    kind: 'trade',
    ...stampFor(facts, timeAt(row, 'time')),
    tradeId: idAt(row, 'tid'),
    price: price / facts.priceDivisor,
    qty: qty * facts.qtyFactor,
    side: side === 'B' ? 'buy' : 'sell',
  };
}
