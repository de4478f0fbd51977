// Copies what the market table knows of two instruments into the view of one decision. Allocates: only
// for pairs that passed the scan, and on timers.
import type { Instrument } from '../domain/instrument.ts';
import { isPerp } from '../domain/instrument.ts';
import { type MarketTable, slot } from '../domain/market-table.ts';
import type { FundingView, LegView, PairKey, PairView } from '../domain/view.ts';

export interface LegSource {
  readonly table: MarketTable;
  /** Row of the instrument in the table. */
  readonly index: number;
  readonly instrument: Instrument;
  readonly feeRateTaker: number;
}

/** Prices that are not known are NaN here and 0 in `intervalMs`; strategies refuse both. */
export function legViewOf(source: LegSource, wallMs: number): LegView {
  const { table, index, instrument } = source;
  const book = table.books[index];
  const fundingWallMs = table.get(index, slot.fundingWallMs);
  return {
    instrument: instrument.id,
    venue: instrument.venue,
    kind: instrument.kind,
    bid: table.get(index, slot.bid),
    bidQty: table.get(index, slot.bidQty),
    ask: table.get(index, slot.ask),
    askQty: table.get(index, slot.askQty),
    bids: book === undefined ? [] : book.bids,
    asks: book === undefined ? [] : book.asks,
    mark: knownOrNull(table.get(index, slot.mark)),
    index: knownOrNull(table.get(index, slot.index)),
    funding: isPerp(instrument.kind) ? fundingOf(table, index) : null,
    feeRateTaker: source.feeRateTaker,
    quoteAgeMs: wallMs - table.get(index, slot.quoteWallMs),
    fundingAgeMs: knownOrNull(wallMs - fundingWallMs),
  };
}

export function pairViewOf(options: {
  readonly key: PairKey;
  readonly long: LegSource;
  readonly short: LegSource;
  readonly tsMs: number;
  readonly wallMs: number;
}): PairView {
  const { key, tsMs, wallMs } = options;
  return {
    strategy: key.strategy,
    long: key.long,
    short: key.short,
    tsMs,
    wallMs,
    longLeg: legViewOf(options.long, wallMs),
    shortLeg: legViewOf(options.short, wallMs),
  };
}

function fundingOf(table: MarketTable, index: number): FundingView | null {
  const ratePerInterval = table.get(index, slot.ratePerInterval);
  const settlesAtMs = table.get(index, slot.settlesAtMs);
  if (Number.isNaN(ratePerInterval) || Number.isNaN(settlesAtMs)) return null;
  const intervalMs = table.get(index, slot.intervalMs);
  return { ratePerInterval, settlesAtMs, intervalMs: Number.isNaN(intervalMs) ? 0 : intervalMs };
}

function knownOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
