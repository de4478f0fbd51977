// How much of a good backtest is luck of having tried many. Two published measures:
//
// Deflated Sharpe ratio (Bailey and Lopez de Prado, 2014): the probability that the true ratio is
// above what the best of N trials without any skill would have shown,   DSR = Phi((SR - SR0) sqrt(T
// - 1) / sqrt(1 - g3 SR + (g4 - 1) / 4 SR^2)),   SR0 = sqrt(V[SR_n]) ((1 - e) Phi^-1(1 - 1/N) + e
// Phi^-1(1 - 1/(N exp 1))), e = 0.5772... with ratios per sample (not a year), skewness g3 and
// kurtosis g4 (3 = normal) of the returns.
//
// Probability of backtest overfitting by combinatorially symmetric cross-validation (Bailey,
// Borwein, Lopez de Prado, Zhu, 2015): over all ways to call half of S blocks "in sample", how
// often the best in sample ranks in the lower half out of sample.
import { assert } from '../base/assert.ts';
import { normalCdf, normalQuantile } from '../base/normal.ts';
import { mean } from '../base/stats.ts';

const eulerMascheroni = 0.5772156649015329;

/** Sharpe ratio per sample, skewness and kurtosis (not in excess) of returns. */
export interface Moments {
  readonly samples: number;
  readonly sharpe: number;
  readonly skewness: number;
  readonly kurtosis: number;
}

/** Null = fewer than three returns, or all equal. */
export function momentsOf(returns: readonly number[]): Moments | null {
  const samples = returns.length;
  if (samples < 3) return null;
  const center = mean(returns);
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (const value of returns) {
    const away = value - center;
    second += away ** 2;
    third += away ** 3;
    fourth += away ** 4;
  }
  const variance = second / samples;
  if (!(variance > 0)) return null;
  return {
    samples,
    sharpe: center / Math.sqrt(second / (samples - 1)),
    skewness: third / samples / variance ** 1.5,
    kurtosis: fourth / samples / variance ** 2,
  };
}

/** The Sharpe ratio per sample that the best of `trials` without skill would show on average. */
export function expectedMaxSharpe(trials: number, variance: number): number {
  if (trials < 2) return 0;
  const first = normalQuantile(1 - 1 / trials);
  const second = normalQuantile(1 - 1 / (trials * Math.E));
  return Math.sqrt(variance) * ((1 - eulerMascheroni) * first + eulerMascheroni * second);
}

/** The probability that the true ratio exceeds `threshold`, given what was seen. */
export function probabilisticSharpe(moments: Moments, threshold: number): number {
  const { samples, sharpe, skewness, kurtosis } = moments;
  const spread = 1 - skewness * sharpe + ((kurtosis - 1) / 4) * sharpe ** 2;
  // Returns so skewed that the estimate has no spread left say nothing for or against.
  if (!(spread > 0)) return 0.5;
  return normalCdf(((sharpe - threshold) * Math.sqrt(samples - 1)) / Math.sqrt(spread));
}

/** `sharpes`: per sample, of every trial that was made, the chosen one included. */
export function deflatedSharpe(moments: Moments, sharpes: readonly number[]): number {
  const known = sharpes.filter(Number.isFinite);
  const center = mean(known);
  const squares = known.reduce((sum, value) => sum + (value - center) ** 2, 0);
  const variance = known.length > 1 ? squares / (known.length - 1) : 0;
  return probabilisticSharpe(moments, expectedMaxSharpe(known.length, variance));
}

export interface Overfitting {
  /** Share of the splits in which the best in sample fell into the lower half out of sample. */
  readonly probability: number;
  readonly splits: number;
  /** Mean Sharpe ratio per sample of what was chosen: in sample, out of sample. */
  readonly inSample: number;
  readonly outOfSample: number;
  /** Share of the splits in which what was chosen lost money out of sample. */
  readonly lossProbability: number;
}

/** Blocks that time is cut into: 12,870 ways to take half of 16. */
export const blocksDefault = 16;

/**
 * `trials`: returns of equal length, one row per trial. What does not divide into blocks is dropped
 * at the start. Null = fewer than two trials, or blocks of less than two samples.
 */
export function overfittingOf(
  trials: readonly Float64Array[],
  blocks = blocksDefault,
): Overfitting | null {
  assert(blocks >= 2 && blocks % 2 === 0, 'blocks come in two halves');
  const length = Math.floor((trials[0]?.length ?? 0) / blocks);
  if (trials.length < 2 || length < 2) return null;
  const sums = blockSums(trials, blocks, length);
  const half = (blocks / 2) * length;
  let splits = 0;
  let lower = 0;
  let lost = 0;
  let inSample = 0;
  let outOfSample = 0;
  const inside = new Float64Array(trials.length);
  const outside = new Float64Array(trials.length);
  for (const chosen of halves(blocks)) {
    for (let n = 0; n < trials.length; n++) {
      inside[n] = ratioOf(sums, { n, blocks, chosen, wanted: true, samples: half });
      outside[n] = ratioOf(sums, { n, blocks, chosen, wanted: false, samples: half });
    }
    const best = indexOfMax(inside);
    const own = outside[best] as number;
    let below = 0;
    for (const value of outside) if (value <= own) below++;
    const rank = below / (trials.length + 1);
    splits++;
    if (rank <= 0.5) lower++; // logit(rank) <= 0
    if (own < 0) lost++;
    inSample += inside[best] as number;
    outOfSample += own;
  }
  return {
    probability: lower / splits,
    splits,
    inSample: inSample / splits,
    outOfSample: outOfSample / splits,
    lossProbability: lost / splits,
  };
}

interface BlockSums {
  readonly sum: Float64Array;
  readonly squares: Float64Array;
}

function blockSums(trials: readonly Float64Array[], blocks: number, length: number): BlockSums {
  const sum = new Float64Array(trials.length * blocks);
  const squares = new Float64Array(trials.length * blocks);
  const from = (trials[0]?.length ?? 0) - blocks * length;
  trials.forEach((returns, n) => {
    for (let b = 0; b < blocks; b++) {
      for (let t = 0; t < length; t++) {
        const value = returns[from + b * length + t] as number;
        const at = n * blocks + b;
        sum[at] = (sum[at] as number) + value;
        squares[at] = (squares[at] as number) + value * value;
      }
    }
  });
  return { sum, squares };
}

interface Half {
  readonly n: number;
  readonly blocks: number;
  /** Bit b: block b is in sample. */
  readonly chosen: number;
  readonly wanted: boolean;
  readonly samples: number;
}

/** Sharpe ratio per sample over one half; 0 where nothing moved. */
function ratioOf(
  { sum, squares }: BlockSums,
  { n, blocks, chosen, wanted, samples }: Half,
): number {
  let total = 0;
  let square = 0;
  for (let b = 0; b < blocks; b++) {
    if (((chosen >> b) & 1) === (wanted ? 1 : 0)) {
      total += sum[n * blocks + b] as number;
      square += squares[n * blocks + b] as number;
    }
  }
  const variance = (square - (total * total) / samples) / (samples - 1);
  return variance > 1e-300 ? total / samples / Math.sqrt(variance) : 0;
}

/** All sets of half of the blocks, as bits. */
function halves(blocks: number): readonly number[] {
  const sets: number[] = [];
  for (let bits = 0; bits < 1 << blocks; bits++) {
    let count = 0;
    for (let rest = bits; rest > 0; rest &= rest - 1) count++;
    if (count === blocks / 2) sets.push(bits);
  }
  return sets;
}

function indexOfMax(values: Float64Array): number {
  let best = 0;
  for (let n = 1; n < values.length; n++) {
    if ((values[n] as number) > (values[best] as number)) best = n;
  }
  return best;
}
