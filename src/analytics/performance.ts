// Performance of an equity curve. Returns are simple, between samples of equal distance (days);
// crypto has 365 of them. What cannot be computed is null, never a zero that looks like a result.
import { mean, standardDeviation } from '../base/stats.ts';
import { dayMs } from '../base/time.ts';

export const daysPerYear = 365;

/** E_t / E_(t-1) - 1; an equity that is not positive ends the series. */
export function returnsOf(equity: readonly number[]): readonly number[] {
  const returns: number[] = [];
  for (let k = 1; k < equity.length; k++) {
    const before = equity[k - 1] as number;
    if (!(before > 0)) break;
    returns.push((equity[k] as number) / before - 1);
  }
  return returns;
}

/** Simple return a year: (end / start - 1) x 365 days / length. */
export function aprOf(start: number, end: number, lengthMs: number): number | null {
  if (!(start > 0 && lengthMs > 0)) return null;
  return ((end / start - 1) * daysPerYear * dayMs) / lengthMs;
}

/** Mean over sample standard deviation, a year; null without two returns that differ. */
export function sharpeOf(returns: readonly number[], perYear = daysPerYear): number | null {
  const deviation = standardDeviation(returns);
  if (!(deviation > 0)) return null;
  return (mean(returns) / deviation) * Math.sqrt(perYear);
}

/** Mean over the root mean square of the negative returns, a year; null without a negative one. */
export function sortinoOf(returns: readonly number[], perYear = daysPerYear): number | null {
  let squares = 0;
  for (const value of returns) if (value < 0) squares += value * value;
  if (squares === 0) return null;
  return (mean(returns) / Math.sqrt(squares / returns.length)) * Math.sqrt(perYear);
}

/** max over t of 1 - E_t / max_(s<=t) E_s; 0 = it never fell. */
export function maxDrawdownOf(equity: readonly number[]): number {
  let deepest = 0;
  for (const depth of drawdownsOf(equity)) deepest = Math.max(deepest, depth);
  return deepest;
}

/** 1 - E_t / the highest equity until t, for every sample. */
export function drawdownsOf(equity: readonly number[]): readonly number[] {
  let peak = Number.NEGATIVE_INFINITY;
  return equity.map((value) => {
    peak = Math.max(peak, value);
    return peak > 0 ? 1 - value / peak : 0;
  });
}

/** Sharpe ratio over the last `window` returns, for every return; null until there are enough. */
export function rollingSharpe(
  returns: readonly number[],
  window: number,
): readonly (number | null)[] {
  return returns.map((_, k) =>
    k + 1 < window ? null : sharpeOf(returns.slice(k + 1 - window, k + 1)),
  );
}
