// Choosing parameters on one part of time and judging them on another. The trials are whole runs; a
// choice looks only at the days it is allowed to see, and days near the judged part are left out
// (purged), because a position that is open across the border is in both.
import { mean, standardDeviation } from '../base/stats.ts';

/** Indexes into the days of the trials: [from, to). */
export interface DayRange {
  readonly from: number;
  readonly to: number;
}

export interface Fold {
  readonly train: readonly DayRange[];
  readonly test: DayRange;
}

export interface FoldResult {
  readonly test: DayRange;
  /** Index of the trial that was best on the training days. */
  readonly chosen: number;
  /** Sharpe ratios per day. */
  readonly inSample: number;
  readonly outOfSample: number;
  readonly testReturn: number;
}

/** Train on `trainDays`, skip `purgeDays`, judge the next `testDays`; then all moves by those. */
export function walkForward(
  days: number,
  { trainDays, testDays, purgeDays }: WalkForward,
): readonly Fold[] {
  const folds: Fold[] = [];
  for (let from = 0; ; from += testDays) {
    const trained = from + trainDays;
    const test = { from: trained + purgeDays, to: trained + purgeDays + testDays };
    if (test.to > days) return folds;
    folds.push({ train: [{ from, to: trained }], test });
  }
}

export interface WalkForward {
  readonly trainDays: number;
  readonly testDays: number;
  readonly purgeDays: number;
}

/** Every part of time is judged once, by what was best on the others less the days beside it. */
export function purgedFolds(
  days: number,
  options: { readonly folds: number; readonly purgeDays: number },
): readonly Fold[] {
  const { folds, purgeDays } = options;
  return Array.from({ length: folds }, (_, k) => {
    const test = {
      from: Math.floor((k * days) / folds),
      to: Math.floor(((k + 1) * days) / folds),
    };
    const train = [
      { from: 0, to: Math.max(0, test.from - purgeDays) },
      { from: Math.min(days, test.to + purgeDays), to: days },
    ];
    return { train: train.filter(({ from, to }) => to > from), test };
  });
}

/** `trials`: daily returns, one row per trial. Folds without two training days are left out. */
export function validate(
  trials: readonly Float64Array[],
  folds: readonly Fold[],
): readonly FoldResult[] {
  const results: FoldResult[] = [];
  for (const { train, test } of folds) {
    let chosen = -1;
    let best = Number.NEGATIVE_INFINITY;
    trials.forEach((returns, n) => {
      const ratio = ratioOf(pick(returns, train));
      if (ratio > best) {
        best = ratio;
        chosen = n;
      }
    });
    const returns = trials[chosen];
    if (returns === undefined) continue;
    const judged = pick(returns, [test]);
    results.push({
      test,
      chosen,
      inSample: best,
      outOfSample: ratioOf(judged),
      testReturn: judged.reduce((sum, value) => sum + value, 0),
    });
  }
  return results;
}

function pick(returns: Float64Array, ranges: readonly DayRange[]): readonly number[] {
  return ranges.flatMap(({ from, to }) => [...returns.subarray(from, to)]);
}

/** Sharpe ratio per day; 0 where nothing moved, NaN (never the best) under two days. */
function ratioOf(returns: readonly number[]): number {
  const deviation = standardDeviation(returns);
  return deviation === 0 ? 0 : mean(returns) / deviation;
}
