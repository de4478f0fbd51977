// How the orders of a pair are worked in one phase (an entry, an exit, a roll): chosen by expected
// cost and urgency, journaled with its reasons, followed by execution/pair.ts. Costs are fractions
// of leg notional, + = costs.
import type { Decimal } from '../base/decimal.ts';
import type { LegName } from './pair.ts';

/**
 * taker-taker: both legs at once, immediate. maker-taker: one leg rests post-only, the other is
 * taken on every fill of it. sliced: both legs at once, a part at a time.
 */
export const executionModes = ['taker-taker', 'maker-taker', 'sliced'] as const;
export type ExecutionMode = (typeof executionModes)[number];

/** What a mode is expected to cost; the parts add up to `total`. */
export interface ModeCost {
  readonly mode: ExecutionMode;
  /** Of maker-taker: the leg that would rest. */
  readonly makerLeg: LegName | null;
  readonly fees: number;
  /** Distance of the fills from the mids of both legs; negative = better than the mids. */
  readonly slippage: number;
  /** What of the edge goes while waiting, and what being half filled risks. */
  readonly waiting: number;
  readonly total: number;
  /** Why it may not be chosen; null = it may. */
  readonly ruledOut: string | null;
}

export interface ExecutionPlan {
  readonly mode: ExecutionMode;
  /** The mode that was given up for this one; null = this is the first choice. */
  readonly from: ExecutionMode | null;
  /** The leg that rests; null unless maker-taker. */
  readonly makerLeg: LegName | null;
  /** Most that one leg may be ahead of the other by a slice; null unless sliced. */
  readonly sliceQty: Decimal | null;
  /** Wall time after which a maker falls back to taking and slices end; null = none. */
  readonly deadlineWallMs: number | null;
  /**
   * (sell price - buy price) / buy price of the best prices, below which nothing more is added:
   * the edge is gone. Null = the limits of the intent alone.
   */
  readonly basisMin: number | null;
  /** Expected cost of the chosen mode, and of every mode. */
  readonly cost: number;
  readonly costs: readonly ModeCost[];
  readonly reason: string;
  /** Which venues were chosen for the legs, and why not the others. */
  readonly routes: readonly string[];
}

/** Both legs at once, without a comparison: what closes in a hurry, and what old journals mean. */
export function takerPlan(reason: string, from: ExecutionMode | null = null): ExecutionPlan {
  return {
    mode: 'taker-taker',
    from,
    makerLeg: null,
    sliceQty: null,
    deadlineWallMs: null,
    basisMin: null,
    cost: 0,
    costs: [],
    reason,
    routes: [],
  };
}
