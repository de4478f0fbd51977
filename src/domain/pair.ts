// A pair: two legs that belong together, held as one position. Its life is the state machine in
// execution/pair.ts; this file is the data.
import type { Decimal } from '../base/decimal.ts';
import type { InstrumentId, VenueId } from './instrument.ts';
import type { ClientOrderId, Side } from './order.ts';
import type { EdgeBreakdown } from './view.ts';

export type PairPhase = 'opening' | 'mending' | 'open' | 'closing' | 'unwinding' | 'closed';

export type LegName = 'long' | 'short';

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
  /** Orders sent for this leg in the present phase; bounded by `legAttemptsMax`. */
  attempts: number;
  /** Not before this wall time (back-off after a reject); 0 = now. */
  retryAtWallMs: number;
  /** Code of the last reject in this phase, or null. */
  lastRejectCode: string | null;
}

export interface Pair {
  readonly id: string;
  readonly strategy: string;
  phase: PairPhase;
  /** Wall time since which it is in this phase; a boot starts it anew. */
  phaseSinceWallMs: number;
  readonly targetQty: Decimal;
  /** The common lot of both legs: a delta smaller than this is flat. */
  readonly bandQty: Decimal;
  readonly long: Leg;
  readonly short: Leg;
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
  nakedMsMax: number;
  /** Times that one leg filled and the other did not. */
  legBreaks: number;
  closeReason: string | null;
  fundingUsd: number;
}
