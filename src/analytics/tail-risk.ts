// What a bad day costs. Losses are positive: loss = -(change of value).
//
//   VaR   the ceil(a n)-th smallest of n losses: on a share `a` of the days it was not exceeded
//   ES    (CVaR) the mean of the losses that are not below it
//
// Historical: only what happened can be in it. A hedged book's price risk is near zero there; what
// ends such books (a leg lost, a venue gone) is in no sample and belongs into scenarios.
import { assert } from '../base/assert.ts';
import { mean } from '../base/stats.ts';

export interface TailRisk {
  readonly samples: number;
  readonly confidence: number;
  /** Positive: a loss. Negative: even that was a gain. */
  readonly valueAtRisk: number;
  readonly expectedShortfall: number;
  /** How many losses the expected shortfall is the mean of: few say little. */
  readonly tailSamples: number;
}

/** `changes`: profits and losses of equal periods. Null without any. */
export function tailRisk(changes: readonly number[], confidence: number): TailRisk | null {
  assert(confidence > 0 && confidence < 1, 'a confidence lies between 0 and 1');
  const losses = changes.map((change) => -change || 0).sort((a, b) => a - b);
  if (losses.length === 0) return null;
  // 0.95 x 20 is a little more than 19 in doubles.
  const rank = Math.max(1, Math.ceil(confidence * losses.length - 1e-9));
  const valueAtRisk = losses[rank - 1] as number;
  const tail = losses.filter((loss) => loss >= valueAtRisk);
  return {
    samples: losses.length,
    confidence,
    valueAtRisk,
    expectedShortfall: mean(tail),
    tailSamples: tail.length,
  };
}

export interface Drawdown {
  /** Indexes into the equity: its peak, its lowest point, and where the peak is reached again. */
  readonly peak: number;
  readonly trough: number;
  /** Null = not yet. */
  readonly recovered: number | null;
  /** 1 - trough / peak. */
  readonly depth: number;
}

/** Every stretch below an earlier peak, the deepest first. */
export function drawdownsBelow(equity: readonly number[]): readonly Drawdown[] {
  const found: Drawdown[] = [];
  let peak = 0;
  let trough = 0;
  const close = (recovered: number | null): void => {
    const depth = 1 - (equity[trough] as number) / (equity[peak] as number);
    if (trough > peak && depth > 0) found.push({ peak, trough, recovered, depth });
  };
  for (let k = 1; k < equity.length; k++) {
    const value = equity[k] as number;
    if (value >= (equity[peak] as number)) {
      close(k);
      peak = k;
      trough = k;
    } else if (value < (equity[trough] as number)) trough = k;
  }
  if (equity.length > 0) close(null);
  return found.sort((a, b) => b.depth - a.depth);
}

export interface LegMargin {
  /** +1 long, -1 short. */
  readonly side: 1 | -1;
  /** What stands behind the leg over its notional at entry: 1 / leverage, and what is beside. */
  readonly collateralShare: number;
  /** Maintenance margin and the fee of the forced trade, over the notional. */
  readonly maintenanceRate: number;
  readonly feeRateTaker: number;
}

/**
 * How far the price may move from the entry until a linear leg is liquidated, as a fraction of the
 * entry (negative: down); null = never. LP = (EP - s M / Q) / (1 - s (MMR + fee)).
 */
export function liquidationMove(leg: LegMargin): number | null {
  const { side, collateralShare, maintenanceRate, feeRateTaker } = leg;
  const price = (1 - side * collateralShare) / (1 - side * (maintenanceRate + feeRateTaker));
  return price > 0 ? price - 1 : null;
}
