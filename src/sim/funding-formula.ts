// Each venue's formula from premium samples to the funding rate. Rates are fractions per interval,
// positive: longs pay shorts. Pure sums; bounds come from the instrument, never from here.
//
//   D(p) = p + clamp(I - p, -0.05%, +0.05%), p the weighted mean premium of the interval
//   Binance (since 2025-09-18)  F = D(p) / (8/h), I = 0.01% per 8 h
//   OKX, new formula            F = D(p), I = 0.03% / (24/h)
//   OKX, original formula       F = mean of the samples, equal weights, no interest
//   Bybit                       F = D(p), I = 0.03% per day scaled to h
//   Hyperliquid                 F = D(p) / (8/h), I = 0.01% per 8 h, h = 1, equal weights
// then bounded by cap and floor. Weights of sample i = 1..n are i, except in OKX's original and at
// Hyperliquid.
import { hourMs } from '../base/time.ts';
import type { VenueId } from '../domain/instrument.ts';

/** Width of the clamp around the interest rate. */
export const premiumClamp = 0.0005;

export interface FundingTerms {
  readonly intervalMs: number;
  readonly cap: number;
  readonly floor: number;
}

export interface FundingFormula {
  /** Weight of sample `i` (1 = the oldest). */
  readonly weight: (i: number) => number;
  /** Sum of the weights 1..n. */
  readonly weightSum: (n: number) => number;
  /** The rate per interval of the weighted mean premium `p`, bounded. */
  readonly rate: (p: number, terms: FundingTerms) => number;
}

const rising = {
  weight: (i: number) => i,
  weightSum: (n: number) => (n * (n + 1)) / 2,
} as const;

export const binanceFormula: FundingFormula = {
  ...rising,
  rate: (p, terms) => {
    const intervalsPer8h = 8 / hoursOf(terms);
    return bounded(withInterest(p, 0.0001) / intervalsPer8h, terms);
  },
};

export const okxFormula: FundingFormula = {
  ...rising,
  rate: (p, terms) => bounded(withInterest(p, dailyInterest(terms)), terms),
};

/** In force at OKX until 2025; there the samples of an interval set the rate of the next one. */
export const okxOriginalFormula: FundingFormula = {
  weight: () => 1,
  weightSum: (n) => n,
  rate: (p, terms) => bounded(p, terms),
};

export const bybitFormula: FundingFormula = {
  ...rising,
  rate: (p, terms) => bounded(withInterest(p, dailyInterest(terms)), terms),
};

/** Pays an eighth of the eight-hour rate every hour, on the oracle price. */
export const hyperliquidFormula: FundingFormula = {
  weight: () => 1,
  weightSum: (n) => n,
  rate: binanceFormula.rate,
};

/** The formula in force now; Bybit's for a venue that we do not know. */
export function formulaOf(venue: VenueId): FundingFormula {
  if (venue === 'binance') return binanceFormula;
  if (venue === 'hyperliquid') return hyperliquidFormula;
  return venue === 'okx' ? okxFormula : bybitFormula;
}

/** The rate of a whole interval from its samples, oldest first. */
export function fundingRate(
  formula: FundingFormula,
  samples: readonly number[],
  terms: FundingTerms,
): number {
  return formula.rate(weightedPremium(formula, { samples, now: 0, n: samples.length }), terms);
}

/**
 * The mean premium that the interval of `n` samples will have when the premium stays at `now` from
 * here on: p_hat = (sum_{i<=k} w_i P_i + P_now sum_{i>k} w_i) / sum w_i. With k = n it is the mean
 * itself.
 */
export function weightedPremium(
  formula: FundingFormula,
  known: { readonly samples: readonly number[]; readonly now: number; readonly n: number },
): number {
  let sum = 0;
  known.samples.forEach((premium, k) => {
    sum += formula.weight(k + 1) * premium;
  });
  return nowcastPremium(formula, { weightedSum: sum, k: known.samples.length, ...known });
}

/** The same from the running sum over the first `k` samples, for long intervals. */
export function nowcastPremium(
  formula: FundingFormula,
  known: {
    readonly weightedSum: number;
    readonly k: number;
    readonly now: number;
    readonly n: number;
  },
): number {
  const total = formula.weightSum(known.n);
  const rest = total - formula.weightSum(known.k);
  return (known.weightedSum + known.now * rest) / total;
}

function withInterest(p: number, interest: number): number {
  return p + Math.min(premiumClamp, Math.max(-premiumClamp, interest - p));
}

function dailyInterest(terms: FundingTerms): number {
  return 0.0003 / (24 / hoursOf(terms));
}

function hoursOf(terms: FundingTerms): number {
  return terms.intervalMs / hourMs;
}

function bounded(rate: number, terms: FundingTerms): number {
  return Math.min(terms.cap, Math.max(terms.floor, rate));
}
