// Recorded history as columns: bars on one grid, settlements at their true times, and when each of
// them was known. A bar is known at its close, a rate when the venue published it. What is missing
// is NaN and stays so: nothing is filled forward into a price that could be traded.
import { assert } from '../base/assert.ts';
import { dayMs, hourMs } from '../base/time.ts';
import type { VenueId } from '../domain/instrument.ts';
import type { SimInstrument } from '../sim/api.ts';
import { okxNewFormulaFromMs } from '../sim/recorded-market.ts';
import type { DepthModel } from './depth.ts';

/** One row per bar of the tape's grid, in quote per base unit; NaN = not recorded. */
export interface BarColumns {
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

/** One row per settlement, ascending. */
export interface FundingColumns {
  readonly settlesAtMs: Float64Array;
  /** Fraction per interval of that moment; positive: longs pay shorts. */
  readonly rate: Float64Array;
  /** The price that it was paid on; NaN = not recorded: then the mark of the bars. */
  readonly mark: Float64Array;
  /** The interval as it was known once this one had settled; NaN = not known yet. */
  readonly intervalMs: Float64Array;
  /** From when on anybody could know the rate. */
  readonly knownAtMs: Float64Array;
}

export interface Contract {
  readonly listing: SimInstrument;
  readonly price: BarColumns;
  /** Bars of the mark price; null = the price's own bars are the mark. */
  readonly mark: BarColumns | null;
  /** Null = spot. */
  readonly funding: FundingColumns | null;
  readonly depth: DepthModel;
}

export interface Tape {
  readonly barMs: number;
  /** Open time of the first bar of the grid. */
  readonly fromMs: number;
  /** Bars on the grid. */
  readonly bars: number;
  readonly contracts: readonly Contract[];
  /** What a reader of a result should know of the data. */
  readonly notes: readonly string[];
}

/** Intervals between settlements that venues have; any other gap is a hole in the record. */
const intervalsHours: readonly number[] = [1, 2, 3, 4, 6, 8, 12, 24];
const toleranceMs = 60_000;

/** End of the last bar. */
export function endMsOf(tape: Tape): number {
  return tape.fromMs + tape.bars * tape.barMs;
}

/** NaN bars, to be filled in by row. */
export function emptyBars(count: number): BarColumns {
  const column = (): Float64Array => new Float64Array(count).fill(Number.NaN);
  return { open: column(), high: column(), low: column(), close: column() };
}

/**
 * The interval after each settlement, from the times alone and from nothing later. A shorter gap
 * is believed at once. A longer one could be a missing row, so it is believed when it comes twice
 * in a row; a gap that no venue has is a hole and changes nothing.
 */
export function intervalsOf(settlesAtMs: Float64Array): Float64Array {
  const intervals = new Float64Array(settlesAtMs.length).fill(Number.NaN);
  let current = Number.NaN;
  let longer = Number.NaN;
  for (let k = 1; k < settlesAtMs.length; k++) {
    const gap = standardGap((settlesAtMs[k] as number) - (settlesAtMs[k - 1] as number));
    if (Number.isNaN(gap) || gap === current) longer = Number.NaN;
    else if (Number.isNaN(current) || gap < current || gap === longer) {
      current = gap;
      longer = Number.NaN;
    } else longer = gap;
    intervals[k] = current;
  }
  return intervals;
}

function standardGap(gapMs: number): number {
  for (const hours of intervalsHours) {
    if (Math.abs(gapMs - hours * hourMs) <= toleranceMs) return hours * hourMs;
  }
  return Number.NaN;
}

/**
 * When a rate was public: at its settlement, except where the venue fixed it an interval ahead
 * (OKX until its formula changed in 2025).
 */
export function knownAtOf(
  venue: VenueId,
  settlesAtMs: Float64Array,
  intervalMs: Float64Array,
): Float64Array {
  return settlesAtMs.map((at, k) => {
    if (venue !== 'okx' || at >= okxNewFormulaFromMs) return at;
    const before = intervalMs[k - 1] ?? Number.NaN;
    return Number.isNaN(before) ? at : Math.max(settlesAtMs[k - 1] as number, at - before);
  });
}

/** The columns of a contract's settlements; times must ascend. */
export function fundingColumns(
  venue: VenueId,
  rows: {
    readonly settlesAtMs: Float64Array;
    readonly rate: Float64Array;
    readonly mark?: Float64Array;
  },
): FundingColumns {
  const { settlesAtMs, rate } = rows;
  assert(settlesAtMs.length === rate.length, 'a rate per settlement');
  for (let k = 1; k < settlesAtMs.length; k++) {
    const ascends = (settlesAtMs[k] as number) > (settlesAtMs[k - 1] as number);
    assert(ascends, `settlement ${k} does not follow the one before`);
  }
  const intervalMs = intervalsOf(settlesAtMs);
  return {
    settlesAtMs,
    rate,
    mark: rows.mark ?? new Float64Array(rate.length).fill(Number.NaN),
    intervalMs,
    knownAtMs: knownAtOf(venue, settlesAtMs, intervalMs),
  };
}

/** First and last bar of the contract that has a price; null = none. */
export function rangeOf({
  price,
}: Contract): { readonly first: number; readonly last: number } | null {
  const first = price.close.findIndex((close) => close > 0);
  if (first < 0) return null;
  const last = price.close.findLastIndex((close) => close > 0);
  return { first, last };
}

/** An overdue rate is not known any more: half an interval after it should have settled. */
export function isOverdue(dueMs: number, intervalMs: number, nowMs: number): boolean {
  return nowMs > dueMs + Math.min(intervalMs / 2, dayMs);
}
