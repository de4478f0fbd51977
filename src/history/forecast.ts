// What the next settlement of a perpetual will be, from what is public now: the venue's estimate,
// the premium of this moment and how much of the interval has gone. Positive: longs pay shorts.
//
//   p_hat = w p_sofar + (1 - w) P_now,  F = formula(p_hat)
//
// w is the weight that the samples so far have in the interval's mean (elapsed share squared where
// weights rise, the share itself where they are equal). The venue's estimate is the formula over
// the samples so far, so p_sofar is its inverse; inside the clamp around the interest rate that
// inverse is a range, and so is the forecast. The rest of the interval is uncertain by `z` standard
// deviations of the change from one settled rate to the next, through the formula's slope.
import { standardDeviation } from '../base/stats.ts';

export interface ForecastTerms {
  readonly intervalMs: number;
  readonly cap: number;
  readonly floor: number;
}

/** A venue's formula: see sim/funding-formula.ts. */
export interface ForecastFormula {
  rate(premium: number, terms: ForecastTerms): number;
  /** Sum of the weights of the first n samples. */
  weightSum(n: number): number;
}

export interface ForecastInput {
  readonly formula: ForecastFormula;
  readonly terms: ForecastTerms;
  readonly nowMs: number;
  readonly settlesAtMs: number;
  /** The venue's own estimate for that settlement; null = it says none. */
  readonly published: number | null;
  /** Fraction of the index; null = not known. */
  readonly premiumNow: number | null;
  /** Settled rates before now, oldest first. */
  readonly settled: readonly number[];
}

export interface Forecast {
  readonly rate: number;
  /** The band that nine of ten settlements should end in. */
  readonly low: number;
  readonly high: number;
  /** Of the interval that has gone. */
  readonly elapsedShare: number;
  /** What the forecast rests on. */
  readonly basis: 'estimate-and-premium' | 'estimate' | 'premium';
}

/** Two-sided 90% of a normal distribution. */
const z = 1.645;
/** Premiums are not seen inside the clamp: never taken as more certain than this. */
const premiumDoubtMin = 0.0001;
const premiumMax = 0.2;
const samples = 1_000_000;
const halvings = 60;

/** Null when neither an estimate nor a premium is known, or the settlement has passed. */
export function forecastFunding(input: ForecastInput): Forecast | null {
  const { formula, terms, nowMs, settlesAtMs, published, premiumNow } = input;
  const leftMs = settlesAtMs - nowMs;
  if (!(terms.intervalMs > 0) || leftMs < 0) return null;
  const elapsedShare = Math.max(0, 1 - leftMs / terms.intervalMs);
  const past = Math.round(elapsedShare * samples);
  const weight = formula.weightSum(past) / formula.weightSum(samples);
  const rateOf = (premium: number): number => formula.rate(premium, terms);
  const range = published === null ? null : premiumsOf(rateOf, published);
  if (range === null && premiumNow === null) return null;
  const soFar = range ?? { low: premiumNow ?? 0, high: premiumNow ?? 0 };
  // The premium so far that is nearest to the one of now.
  const now = premiumNow ?? (soFar.low + soFar.high) / 2;
  const nearest = Math.min(soFar.high, Math.max(soFar.low, now));
  const doubt = premiumDoubt(input, rateOf);
  const at = (past: number, rest: number) => rateOf(weight * past + (1 - weight) * rest);
  const both = range !== null && premiumNow !== null;
  return {
    rate: at(nearest, now),
    low: at(soFar.low, now - doubt),
    high: at(soFar.high, now + doubt),
    elapsedShare,
    basis: both ? 'estimate-and-premium' : range === null ? 'premium' : 'estimate',
  };
}

/** The premiums that give this rate: the formula never falls. */
function premiumsOf(
  rateOf: (premium: number) => number,
  rate: number,
): { readonly low: number; readonly high: number } {
  const tolerance = 1e-9; // venues publish eight decimals
  const edge = (isBelow: (value: number) => boolean): number => {
    let [low, high] = [-premiumMax, premiumMax];
    for (let k = 0; k < halvings; k++) {
      const middle = (low + high) / 2;
      if (isBelow(rateOf(middle))) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  };
  return {
    low: edge((value) => value < rate - tolerance),
    high: edge((value) => value <= rate + tolerance),
  };
}

function premiumDoubt({ settled }: ForecastInput, rateOf: (p: number) => number): number {
  const changes = settled.slice(1).map((rate, k) => rate - (settled[k] as number));
  // Beyond the clamp; bounds may flatten it to nothing.
  const slope = (rateOf(0.003) - rateOf(0.002)) / 0.001;
  const deviation = changes.length >= 2 ? standardDeviation(changes) : Number.NaN;
  return Math.max(premiumDoubtMin, slope > 0 && deviation > 0 ? (z * deviation) / slope : 0);
}
