// Rows of the public channels and of the REST listings with the same fields: quotes, depth, mark
// and index prices, funding rates, public trades. Market data is `number`.
import type { Catalog } from '../../domain/instrument.ts';
import type { Level, VenueEvent } from '../../domain/venue-event.ts';
import { listingOf, nameOf, qtyUnitOf, type Scale, scaleOf, stampOfName } from './names.ts';
import {
  integerField,
  listOf,
  numberField,
  numberValue,
  type Row,
  textField,
  timeField,
} from './wire.ts';

/** Levels that are read from one side of one frame; `books` sends 400. */
const levelsMax = 5_000;

export interface RowSource {
  readonly catalog: Catalog;
  /** The instrument of the subscription or of the request, where the row does not name it. */
  readonly instId: string | null;
}

type Make = (reason: string) => VenueEvent;

function refuse(source: RowSource, row: Row, what: string): Make {
  const instId = instIdOf(source, row);
  const stamp = stampOfName(source.catalog, instId, timeField(row, 'ts'));
  return (reason) => ({
    kind: 'unrecognized',
    ...stamp,
    reason: `${what} ${instId ?? '?'}: ${reason}`,
  });
}

export function instIdOf(source: RowSource, row: Row): string | null {
  return textField(row, 'instId') ?? source.instId;
}

function scaleOfName(catalog: Catalog, instId: string): Scale | null {
  const unit = qtyUnitOf(catalog, instId);
  return unit === null ? null : scaleOf(unit);
}

export const missingListing = 'its instrument listing is missing, so contracts cannot be converted';

/** bbo-tbt: the best level of each side. */
export function decodeTop(row: Row, source: RowSource): VenueEvent {
  const refused = refuse(source, row, 'quote');
  const instId = instIdOf(source, row);
  if (instId === null) return refused('no instId');
  const scale = scaleOfName(source.catalog, instId);
  const bids = levelsOf(row['bids'], scale ?? { multiply: 1, divide: 1 });
  const asks = levelsOf(row['asks'], scale ?? { multiply: 1, divide: 1 });
  if (bids === null || asks === null) return refused('a level is not [price, size]');
  const [bid, ask] = [bids[0] ?? null, asks[0] ?? null];
  return {
    kind: 'quote',
    ...stampOfName(source.catalog, instId, timeField(row, 'ts')),
    bid: bid?.[0] ?? null,
    bidQty: scale === null ? null : (bid?.[1] ?? null),
    ask: ask?.[0] ?? null,
    askQty: scale === null ? null : (ask?.[1] ?? null),
  };
}

/** `tickers` and /market/ticker(s). */
export function decodeTicker(row: Row, source: RowSource): VenueEvent {
  const refused = refuse(source, row, 'ticker');
  const instId = instIdOf(source, row);
  if (instId === null) return refused('no instId');
  const scale = scaleOfName(source.catalog, instId);
  const side = (priceKey: string, sizeKey: string): readonly [number | null, number | null] => {
    const price = positive(numberField(row, priceKey));
    const size = numberField(row, sizeKey);
    if (price === null || scale === null || size === null || size < 0) return [price, null];
    return [price, (size * scale.multiply) / scale.divide];
  };
  const [bid, bidQty] = side('bidPx', 'bidSz');
  const [ask, askQty] = side('askPx', 'askSz');
  const stamp = stampOfName(source.catalog, instId, timeField(row, 'ts'));
  return { kind: 'quote', ...stamp, bid, bidQty, ask, askQty };
}

/** `books` (action snapshot or update), `books5` and /market/books (always whole). */
export function decodeDepth(row: Row, source: RowSource, action: string | null): VenueEvent {
  const refused = refuse(source, row, 'depth');
  const instId = instIdOf(source, row);
  if (instId === null) return refused('no instId');
  const scale = scaleOfName(source.catalog, instId);
  if (scale === null) return refused(missingListing);
  if (action !== null && action !== 'snapshot' && action !== 'update') {
    return refused(`unknown action ${action}`);
  }
  const bids = levelsOf(row['bids'], scale);
  const asks = levelsOf(row['asks'], scale);
  if (bids === null || asks === null) return refused('a level is not [price, size]');
  return {
    kind: 'depth',
    ...stampOfName(source.catalog, instId, timeField(row, 'ts')),
    snapshot: action !== 'update',
    bids,
    asks,
    seq: integerField(row, 'seqId'),
    prevSeq: integerField(row, 'prevSeqId'),
    firstSeq: null,
  };
}

/** One bad level makes the whole side unreadable: a book with a hole is worse than none. */
function levelsOf(value: unknown, scale: Scale): readonly Level[] | null {
  const list = listOf(value);
  if (list === null || list.length > levelsMax) return null;
  const levels: Level[] = [];
  for (const entry of list) {
    const level = listOf(entry);
    const price = positive(numberValue(level?.[0]));
    const size = numberValue(level?.[1]);
    if (price === null || size === null || size < 0) return null;
    levels.push([price, (size * scale.multiply) / scale.divide]);
  }
  return levels;
}

function positive(value: number | null): number | null {
  return value !== null && value > 0 ? value : null;
}

export function decodeMark(row: Row, source: RowSource): VenueEvent {
  const instId = instIdOf(source, row);
  const mark = positive(numberField(row, 'markPx'));
  if (instId === null || mark === null) return refuse(source, row, 'mark-price')('no markPx');
  const stamp = stampOfName(source.catalog, instId, timeField(row, 'ts'));
  return { kind: 'mark-price', ...stamp, mark, index: null };
}

/** The index of `BTC-USDT`; it belongs to the swap on it, where that is listed. */
export function decodeIndex(row: Row, source: RowSource): VenueEvent {
  const symbol = instIdOf(source, row);
  const index = positive(numberField(row, 'idxPx'));
  if (symbol === null || index === null) return refuse(source, row, 'index-tickers')('no idxPx');
  const listing =
    nameOf(symbol)?.kind === 'spot' ? listingOf(source.catalog, `${symbol}-SWAP`) : null;
  const stamp = stampOfName(source.catalog, symbol, timeField(row, 'ts'));
  const instrument = listing === null ? null : listing.id;
  return { kind: 'mark-price', ...stamp, instrument, mark: null, index };
}

/**
 * The rate that applies at `fundingTime`. The interval is nextFundingTime - fundingTime, as it
 * changes without notice; `nextFundingRate` is "" for every swap since 2024.
 */
export function decodeFundingRate(row: Row, source: RowSource): VenueEvent {
  const refused = refuse(source, row, 'funding-rate');
  const instId = instIdOf(source, row);
  if (instId === null) return refused('no instId');
  const settlesAtMs = timeField(row, 'fundingTime');
  const nextMs = timeField(row, 'nextFundingTime');
  const intervalMs = settlesAtMs === null || nextMs === null ? null : nextMs - settlesAtMs;
  const ratePerInterval = numberField(row, 'fundingRate');
  if (ratePerInterval === null && settlesAtMs === null) return refused('no rate and no time');
  return {
    kind: 'funding-rate',
    ...stampOfName(source.catalog, instId, timeField(row, 'ts')),
    ratePerInterval,
    intervalMs: intervalMs !== null && intervalMs > 0 ? intervalMs : null,
    settlesAtMs,
    nextRate: numberField(row, 'nextFundingRate'),
    cap: numberField(row, 'maxFundingRate'),
    floor: numberField(row, 'minFundingRate'),
    settled: false,
  };
}

/** A past settlement: `realizedRate` was paid, `fundingRate` had only been predicted. */
export function decodeSettledRate(row: Row, source: RowSource): VenueEvent {
  const refused = refuse(source, row, 'funding-rate-history');
  const instId = instIdOf(source, row);
  const settlesAtMs = timeField(row, 'fundingTime');
  if (instId === null || settlesAtMs === null) return refused('no instId or fundingTime');
  return {
    kind: 'funding-rate',
    ...stampOfName(source.catalog, instId, settlesAtMs),
    ratePerInterval: numberField(row, 'realizedRate'),
    intervalMs: null,
    settlesAtMs,
    nextRate: null,
    cap: null,
    floor: null,
    settled: true,
  };
}

export function decodeTrade(row: Row, source: RowSource): VenueEvent {
  const refused = refuse(source, row, 'trade');
  const instId = instIdOf(source, row);
  const side = textField(row, 'side');
  const price = positive(numberField(row, 'px'));
  const size = positive(numberField(row, 'sz'));
  if (instId === null || price === null || size === null) return refused('no px or sz');
  if (side !== 'buy' && side !== 'sell') return refused(`unknown side ${side ?? '?'}`);
  const scale = scaleOfName(source.catalog, instId);
  if (scale === null) return refused(missingListing);
  return {
    kind: 'trade',
    ...stampOfName(source.catalog, instId, timeField(row, 'ts')),
    tradeId: textField(row, 'tradeId'),
    price,
    qty: (size * scale.multiply) / scale.divide,
    side,
  };
}
