// A pair: two legs that belong together, held as one position. Its life is the state machine in
// execution/pair.ts; this file is the data.
import { type Decimal, sum, times } from '../base/decimal.ts';
import type { InstrumentId, VenueId } from './instrument.ts';
import type { ClientOrderId, Side } from './order.ts';
import type { ExecutionPlan } from './plan.ts';
import type { EdgeBreakdown } from './view.ts';

export type PairPhase =
  | 'opening'
  | 'mending'
  | 'open'
  | 'rebalancing'
  | 'rolling'
  | 'closing'
  | 'unwinding'
  | 'closed';

export type LegName = 'long' | 'short';
/** `incoming`: the leg that a roll builds up; it takes the name of the one that it replaces. */
export type LegRole = LegName | 'incoming';

export interface Leg {
  readonly name: LegName;
  readonly venue: VenueId;
  readonly instrument: InstrumentId;
  /** The side of the opening order: buy for the long leg, sell for the short leg. */
  readonly openSide: Side;
  /** Confirmed by fills, signed (+ long), net of fees taken in base. */
  qty: Decimal;
  /** The working order, while one is not terminal. */
  workingOrderId: ClientOrderId | null;
  /**
   * Orders sent for this leg in the present phase; bounded by `legAttemptsMax`. Of a leg that
   * follows slices or a resting order: those since its last fill.
   */
  attempts: number;
  /** Not before this wall time (back-off after a reject); 0 = now. */
  retryAtWallMs: number;
  /** Code of the last reject in this phase, or null. */
  lastRejectCode: string | null;
}

/** Base units per unit of a leg's own quantity; see `Pair.units`. */
export interface PairUnits {
  readonly long: Decimal;
  readonly short: Decimal;
}

export interface Pair {
  readonly id: string;
  readonly strategy: string;
  phase: PairPhase;
  /** Wall time since which it is in this phase; a boot starts it anew. */
  phaseSinceWallMs: number;
  /** Base units. */
  readonly targetQty: Decimal;
  /** Base units: the common lot of both legs. A delta smaller than this is flat. */
  bandQty: Decimal;
  /**
   * Of a pair with an inverse leg, whose own quantity is in contracts: what one is in base units at
   * the price that was looked at, and from its opening on at the one that it was entered at.
   * Absent = base units on both legs.
   */
  units?: PairUnits;
  long: Leg;
  short: Leg;
  /** While rolling: the leg at the new venue; its name says which one it replaces. */
  incoming: Leg | null;
  /** How the orders of the present phase are worked. */
  plan: ExecutionPlan;
  /** Wall time of the last small correction of the delta; 0 = never. */
  rebalancedWallMs: number;
  /** Worst acceptable opening prices. */
  readonly longLimit: number;
  readonly shortLimit: number;
  readonly edge: EdgeBreakdown;
  readonly createdTsMs: number;
  openedTsMs: number | null;
  closedTsMs: number | null;
  /** (P_short - P_long) / P_long at the average entry prices; 0 until both legs filled. */
  entryBasis: number;
  /** Wall time since which the delta is outside the band; null = balanced. */
  nakedSinceWallMs: number | null;
  /** What that clock stands at while no venue of the pair accepts orders; else 0. */
  nakedHeldMs: number;
  nakedMsMax: number;
  /** Times that one leg filled and the other did not. */
  legBreaks: number;
  closeReason: string | null;
  fundingUsd: number;
}

/** Every leg that may hold something: three of them while rolling. */
export function legsOf(pair: Pair): readonly Leg[] {
  return pair.incoming === null ? [pair.long, pair.short] : [pair.long, pair.short, pair.incoming];
}

/** The leg on an instrument; undefined = none is. */
export function legOn(pair: Pair, instrument: InstrumentId): Leg | undefined {
  return legsOf(pair).find((leg) => leg.instrument === instrument);
}

export function roleOf(pair: Pair, leg: Leg): LegRole {
  return leg === pair.incoming ? 'incoming' : leg.name;
}

/** Signed sum of all legs in base units: what the pair is exposed to. */
export function deltaOf(pair: Pair): Decimal {
  return sum(legsOf(pair).map((leg) => baseQtyOf(pair, leg)));
}

/** What a leg holds, signed, in base units. */
export function baseQtyOf({ units }: Pick<Pair, 'units'>, { name, qty }: Leg): Decimal {
  return units === undefined ? qty : times(qty, units[name]);
}
