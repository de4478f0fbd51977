// The exogenous market: what happens at the simulated venues whatever we do. The exchange reads it
// and never writes to it: our orders take displayed depth on top of it, which refills.
//
// What is a function of what:
// - Every method is a pure function of (options of the market, its arguments). There is no state,
//   no order of calls and no wall time in it: asking twice, backwards or never changes nothing.
//   Caches inside only make it fast.
// - The options of the seeded market are (seed, startMs, venues); of the recorded one (data, seed,
//   startMs). `startMs` places the dislocations; noise depends on the seed and the absolute venue
//   time alone.
// - Prices, books and estimates change on the grid: f(tsMs) = f(gridTime(tsMs)), for all
//   instruments at once, so all venues of an underlying tick together. A testnet at speed N
//   publishes some of the grid points; which ones has no influence on any value.
// - `index` depends on the underlying alone, `mid` = index x (1 + premium of the contract), `mark`
//   the same without the fast noise, `baseBook` lies around `mid`, `premium` is read off that
//   book's impact prices and the index, `fundingEstimate` and `fundingSettled` come from `premium`
//   by the venue's own formula (seeded) or from the record (recorded, where `premium` only
//   informs).
// - Times before `startMs` are valid (history of rates); a recorded market holds its first and last
//   values outside its data.
// - All quantities and prices are in our units: base units, quote per base unit, on tick and lot.
import type { InstrumentId, VenueId } from '../domain/instrument.ts';
import type { Level } from '../domain/venue-event.ts';
import type { SimInstrument } from './api.ts';

/** The fixed grid of venue time. */
export const marketGridMs = 1_000;
/** Levels of a base book, per side; `baseBook` gives at most as many. */
export const bookLevelsMax = 20;

export interface ExogenousMarket {
  readonly kind: 'seeded' | 'recorded';
  readonly seed: number;
  /** Venue time at which the testnet starts. */
  readonly startMs: number;
  /** Venue time at which the data ends; null = never (seeded). */
  readonly endMs: number | null;
  readonly gridMs: number;
  readonly venues: readonly VenueId[];

  /** The last grid time <= tsMs (not after `endMs`). */
  gridTime(tsMs: number): number;
  /** What is listed; the ids below must be among them (asserted). */
  instruments(venue: VenueId): readonly SimInstrument[];

  /** Index price of an asset in USD(T): one for all venues. */
  index(underlying: string, tsMs: number): number;
  /** Theoretical mid of the book, off tick; spot has a basis of its own of a few tenths of a bp. */
  mid(id: InstrumentId, tsMs: number): number;
  /** Mark price of a perpetual (9 significant digits); of spot, the mid. */
  mark(id: InstrumentId, tsMs: number): number;
  /** Premium index sample, a fraction of the index, see premium.ts; zero for spot. */
  premium(id: InstrumentId, tsMs: number): number;
  /**
   * Best first, on tick and lot; never crossed; without anybody's own orders. A level does not
   * depend on how many are asked for.
   */
  baseBook(id: InstrumentId, tsMs: number, levels: number): BaseBook;
  /**
   * The best level of each side into the first four slots of a row of the market table, without an
   * object; absent where nobody asks so often.
   */
  readTop?(id: InstrumentId, tsMs: number, row: Float64Array): void;

  /** The interval that the next settlement closes; null for spot. Changes only at settlements. */
  intervalMs(id: InstrumentId, tsMs: number): number | null;
  /** The first settlement strictly after tsMs; null for spot, and after the last recorded one. */
  settlesAtMs(id: InstrumentId, tsMs: number): number | null;
  /** All settlements in (fromMs, toMs], ascending; empty for spot. */
  settlements(id: InstrumentId, range: MarketRange): readonly number[];
  /**
   * What the venue shows at tsMs for the settlement at `settlesAtMs(id, tsMs)`, per interval,
   * bounded by cap and floor. It uses nothing from after tsMs. Asserts a perpetual.
   */
  fundingEstimate(id: InstrumentId, tsMs: number): number;
  /** The rate that settles at exactly this time; null = nothing settles then. */
  fundingSettled(id: InstrumentId, settlesAtMs: number): number | null;

  /** What a reader of the testnet's output should know: dislocations, and notes on the data. */
  labels(): readonly MarketLabel[];
}

export interface BaseBook {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/** A range (fromMs, toMs] of venue time. */
export interface MarketRange {
  readonly fromMs: number;
  readonly toMs: number;
}

export type MarketLabel = DislocationLabel | NoteLabel;

/** A contract whose premium leaves the others: it opens, holds, decays, overshoots and returns. */
export interface DislocationLabel {
  readonly kind: 'dislocation';
  readonly venue: VenueId;
  readonly instrument: InstrumentId;
  readonly symbol: string;
  readonly fromMs: number;
  /** The premium is at its peak in [peakFromMs, peakToMs]. */
  readonly peakFromMs: number;
  readonly peakToMs: number;
  /**
   * The carry of the pair that earned at the peak is negative in [overshootFromMs, overshootToMs].
   */
  readonly overshootFromMs: number;
  readonly overshootToMs: number;
  readonly toMs: number;
  /** Signed premium (fraction of the index) added at the peak; positive: shorts are paid. */
  readonly premiumPeak: number;
  readonly premiumOvershoot: number;
  readonly text: string;
}

export interface NoteLabel {
  readonly kind: 'note';
  readonly text: string;
}
