// What a strategy sees and what it wants. A view carries the exact market inputs of a decision and
// is journaled with it, so that replay needs no tick data. All figures are fractions or USD unless
// named.
import type { Decimal } from '../base/decimal.ts';
import type { InstrumentId, InstrumentKind, VenueId } from './instrument.ts';
import type { PairUnits } from './pair.ts';
import type { Level } from './venue-event.ts';

export interface FundingView {
  /** Fraction per interval for the settlement at `settlesAtMs`; positive: longs pay shorts. */
  readonly ratePerInterval: number;
  readonly intervalMs: number;
  readonly settlesAtMs: number;
}

/** Quantities are in base units: of inverse contracts at the price that they stand at. */
export interface LegView {
  readonly instrument: InstrumentId;
  readonly venue: VenueId;
  readonly kind: InstrumentKind;
  readonly bid: number;
  readonly bidQty: number;
  readonly ask: number;
  readonly askQty: number;
  /** Best first; empty where the depth is not known: then only the quote is executable. */
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  /** Null = unknown; for spot use the mid. */
  readonly mark: number | null;
  readonly index: number | null;
  /** Null = spot, or unknown for a perpetual: then it may not be opened. */
  readonly funding: FundingView | null;
  readonly feeRateTaker: number;
  /** What borrowing a spot leg's coin costs, as a fraction per hour; absent = not known. */
  readonly borrowRatePerHour?: number;
  /** Ages on the wall clock at the decision. */
  readonly quoteAgeMs: number;
  readonly fundingAgeMs: number | null;
}

/** The view of an instrument among a decision's legs; there are few. */
export function legOn(legs: readonly LegView[], instrument: InstrumentId): LegView | undefined {
  for (let i = 0; i < legs.length; i++) if (legs[i]?.instrument === instrument) return legs[i];
  return undefined;
}

export interface PairKey {
  readonly strategy: string;
  readonly long: InstrumentId;
  readonly short: InstrumentId;
}

export interface PairView extends PairKey {
  /** Venue time and wall time of the view. */
  readonly tsMs: number;
  readonly wallMs: number;
  readonly longLeg: LegView;
  readonly shortLeg: LegView;
}

/** Every term of the net edge over the horizon, as fractions of leg notional; + = earns. */
export interface EdgeBreakdown {
  readonly horizonMs: number;
  readonly notionalUsd: number;
  readonly fundingShort: number;
  readonly fundingLong: number;
  /** b0 - E[b_H], from executable prices at entry. */
  readonly basis: number;
  readonly fees: number;
  readonly slippage: number;
  readonly borrow: number;
  readonly capital: number;
  readonly net: number;
  /** Per unit of capital (margins + buffer). */
  readonly netOnCapital: number;
  readonly breakEvenHours: number | null;
  /** Carry per hour at the current rates, per unit notional, before costs. */
  readonly carryPerHour: number;
  /** Largest notional (USD) that the displayed depth carries inside the slippage limit. */
  readonly capacityUsd: number;
}

export interface OpenIntent {
  readonly kind: 'open';
  readonly key: PairKey;
  /** Base units on each leg: a multiple of the common lot. */
  readonly qty: Decimal;
  /** What would be opened if the displayed depth carried it; absent = `qty`. */
  readonly qtyFull?: Decimal;
  /** What to buy so that `qty` is left after a fee taken in base (spot); null = `qty` itself. */
  readonly longQty: Decimal | null;
  /** Of a pair with an inverse leg: see `Pair.units`. */
  readonly units?: PairUnits;
  /** Worst acceptable prices (before quantizing to tick). */
  readonly longLimit: number;
  readonly shortLimit: number;
  readonly edge: EdgeBreakdown;
}

export type EntryDecision =
  | { readonly ok: true; readonly intent: OpenIntent }
  | { readonly ok: false; readonly code: NoEntryCode; readonly edge: EdgeBreakdown | null };

export type NoEntryCode =
  | 'edge-below-threshold'
  | 'funding-unknown'
  | 'interval-unknown'
  | 'quote-unknown'
  | 'stale'
  | 'too-small'
  | 'settlement-window'
  | 'not-trading'
  | 'no-capacity'
  /** Short spot: the coin would have to be borrowed, which is not done. */
  | 'needs-borrow';

/** A pair that is held, as the exit rule sees it. */
export interface HeldPair extends PairKey {
  readonly pairId: string;
  /** Base units matched on both legs. */
  readonly qty: Decimal;
  readonly entryBasis: number;
  readonly openedAtMs: number;
  readonly fundingReceivedUsd: number;
}

export type ExitDecision =
  | { readonly exit: false; readonly code: 'hold'; readonly expectedCarry: number }
  | {
      readonly exit: true;
      readonly code: 'carry-gone' | 'better-use' | 'risk' | 'delisting';
      readonly longLimit: number;
      readonly shortLimit: number;
      readonly expectedCarry: number;
    };
