// Funding from premium samples, one per minute of venue time at every venue (Binance itself takes
// one every 5 s): sample i of an interval is P at its start + i minutes, the last one at the
// settlement. Running sums are kept per interval, built in one order, so results do not depend on
// who asked before.
import { minuteMs } from '../base/time.ts';
import { type FundingFormula, type FundingTerms, nowcastPremium } from './funding-formula.ts';

export const premiumSampleMs = minuteMs;
/**
 * Intervals whose running sums are remembered per contract: the current, the last, one of history.
 */
const intervalsMax = 3;

export interface FundingInterval extends FundingTerms {
  readonly settlesAtMs: number;
}

interface Sums {
  readonly startMs: number;
  readonly intervalMs: number;
  /** weighted[k] = sum over i <= k of weight(i) x P_i. */
  readonly weighted: Float64Array;
  filled: number;
}

/** The funding of one contract. */
export class PremiumSums {
  private readonly formula: FundingFormula;
  private readonly premiumAt: (tsMs: number) => number;
  private readonly recent: Sums[] = [];

  constructor(formula: FundingFormula, premiumAt: (tsMs: number) => number) {
    this.formula = formula;
    this.premiumAt = premiumAt;
  }

  /** The rate that the interval ends with. */
  settled(interval: FundingInterval): number {
    return this.estimate(interval, interval.settlesAtMs);
  }

  /** The venue's estimate at tsMs inside the interval: samples so far, then the present premium. */
  estimate(interval: FundingInterval, tsMs: number): number {
    const startMs = interval.settlesAtMs - interval.intervalMs;
    const n = Math.round(interval.intervalMs / premiumSampleMs);
    const k = Math.min(n, Math.max(0, Math.floor((tsMs - startMs) / premiumSampleMs)));
    const weightedSum = this.weightedTo(this.sums(startMs, interval.intervalMs, n), k);
    const now = k === n ? 0 : this.premiumAt(tsMs);
    const p = nowcastPremium(this.formula, { weightedSum, k, now, n });
    return roundRate(this.formula.rate(p, interval));
  }

  private sums(startMs: number, intervalMs: number, n: number): Sums {
    const known = this.recent.find((s) => s.startMs === startMs && s.intervalMs === intervalMs);
    if (known !== undefined) return known;
    const made: Sums = { startMs, intervalMs, weighted: new Float64Array(n + 1), filled: 0 };
    this.recent.push(made);
    if (this.recent.length > intervalsMax) this.recent.shift();
    return made;
  }

  private weightedTo(sums: Sums, k: number): number {
    const { weighted, startMs } = sums;
    for (; sums.filled < k; sums.filled++) {
      const i = sums.filled + 1;
      const premium = this.premiumAt(startMs + i * premiumSampleMs);
      weighted[i] = (weighted[i - 1] as number) + this.formula.weight(i) * premium; // i <= n
    }
    return weighted[k] as number; // k <= n
  }
}

/** Venues publish eight decimals. */
export function roundRate(rate: number): number {
  return Math.round(rate * 1e8) / 1e8;
}
