// What a perpetual's funding was: means, annualised figures, how long a sign lasts, what a regime
// was followed by, caps and changes of interval. Statistics are numbers, rates fractions, positive:
// longs pay shorts. Annualising is simple (no compounding) and by time, so that an hourly rate
// counts an eighth of an eight-hour one: apr = sum of rates / hours covered x 8760.
import { linearQuantile, mean, standardDeviation } from '../base/stats.ts';
import { dayMs, hourMs, hoursPerYear, isoUtc } from '../base/time.ts';
import { type IntervalChange, intervalChanges } from './intervals.ts';
import { type FundingSeries, firstAtOrAfter } from './series.ts';

export interface RateStats {
  readonly settlements: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Per settlement, whatever its interval. */
  readonly rateMean: number;
  readonly rateStd: number;
  readonly rateMin: number;
  readonly rateMax: number;
  /** Simple, by time; null where no interval is known. */
  readonly apr: number | null;
  /** Of settlements: rate > 0, rate < 0. */
  readonly positiveShare: number;
  readonly negativeShare: number;
  /** Over UTC days: the sum of a day's rates x 365. */
  readonly daily: {
    readonly days: number;
    readonly aprMean: number;
    readonly aprMedian: number;
    readonly aprP5: number;
    readonly aprP95: number;
    readonly negativeShare: number;
  };
}

export interface RunStats {
  readonly count: number;
  readonly medianHours: number;
  readonly meanHours: number;
  readonly longestHours: number;
}

export interface Regime {
  /** By the mean APR of the seven days before a settlement, which was known then. */
  readonly name: 'negative' | 'low' | 'usual' | 'high';
  readonly aprFrom: number | null;
  readonly aprTo: number | null;
  readonly settlements: number;
  /** Of the settlements that have seven days before them. */
  readonly share: number;
  /** What settled while the regime held. */
  readonly apr: number;
  readonly positiveShare: number;
}

export interface FundingStats extends RateStats {
  readonly byYear: Readonly<Record<string, RateStats>>;
  readonly regimes: readonly Regime[];
  readonly persistence: {
    /** Stretches of settlements with one sign; holes end them. */
    readonly positiveRuns: RunStats | null;
    readonly negativeRuns: RunStats | null;
    /** Correlation of the hourly rate with itself one settlement, one day, one week later. */
    readonly autocorrelation: {
      readonly next: number;
      readonly day: number;
      readonly week: number;
    };
  };
  readonly caps: CapHits;
  readonly intervals: readonly { readonly intervalMs: number; readonly settlements: number }[];
  readonly intervalChanges: readonly IntervalChange[];
}

/**
 * Settlements at an extreme that repeats: venues publish no history of their bounds, so the highest
 * and the lowest rate count as cap and floor when they were reached at least three times.
 */
export interface CapHits {
  readonly cap: number | null;
  readonly capHits: number;
  readonly floor: number | null;
  readonly floorHits: number;
}

/** APR that parts low, usual and high regimes. */
export const regimeBounds = [0, 0.05, 0.2] as const;
const regimeWindowMs = 7 * dayMs;
const capHitsMin = 3;

/** Null when nothing settled in [fromMs, toMs). */
export function fundingStats(
  funding: FundingSeries,
  fromMs = Number.NEGATIVE_INFINITY,
  toMs = Number.POSITIVE_INFINITY,
): FundingStats | null {
  const from = firstAtOrAfter(funding.tsMs, fromMs);
  const to = firstAtOrAfter(funding.tsMs, toMs);
  const whole = rateStats(funding, from, to);
  if (whole === null) return null;
  const tsMs = funding.tsMs.subarray(from, to);
  const intervalMs = funding.intervalMs.subarray(from, to);
  return {
    ...whole,
    byYear: byYear(funding, from, to),
    regimes: regimesOf(funding, from, to),
    persistence: {
      positiveRuns: runsOf(funding, { from, to, sign: 1 }),
      negativeRuns: runsOf(funding, { from, to, sign: -1 }),
      autocorrelation: {
        next: autocorrelation(funding, from, to, null),
        day: autocorrelation(funding, from, to, dayMs),
        week: autocorrelation(funding, from, to, 7 * dayMs),
      },
    },
    caps: capsOf(funding.rate.subarray(from, to)),
    intervals: lengthsOf(intervalMs),
    intervalChanges: intervalChanges(tsMs, intervalMs),
  };
}

/** Of rows [from, to); null when there are none. */
export function rateStats(funding: FundingSeries, from: number, to: number): RateStats | null {
  if (to <= from) return null;
  const rates = [...funding.rate.subarray(from, to)];
  const count = rates.length;
  const daily = [...dailySums(funding, from, to).values()].map((sum) => sum * 365);
  return {
    settlements: count,
    firstMs: funding.tsMs[from] as number,
    lastMs: funding.tsMs[to - 1] as number,
    rateMean: mean(rates),
    rateStd: standardDeviation(rates),
    rateMin: rates.reduce((a, b) => Math.min(a, b)),
    rateMax: rates.reduce((a, b) => Math.max(a, b)),
    apr: aprOf(funding, from, to),
    positiveShare: rates.filter((rate) => rate > 0).length / count,
    negativeShare: rates.filter((rate) => rate < 0).length / count,
    daily: {
      days: daily.length,
      aprMean: mean(daily),
      aprMedian: linearQuantile(daily, 0.5),
      aprP5: linearQuantile(daily, 0.05),
      aprP95: linearQuantile(daily, 0.95),
      negativeShare: daily.filter((apr) => apr < 0).length / daily.length,
    },
  };
}

/** Sums of the rates by UTC day number; days without a settlement are absent. */
function dailySums({ tsMs, rate }: FundingSeries, from: number, to: number): Map<number, number> {
  const sums = new Map<number, number>();
  for (let k = from; k < to; k++) {
    const day = Math.floor((tsMs[k] as number) / dayMs);
    sums.set(day, (sums.get(day) ?? 0) + (rate[k] as number));
  }
  return sums;
}

/** Rows of unknown interval do not count. */
function aprOf({ rate, intervalMs }: FundingSeries, from: number, to: number): number | null {
  let sum = 0;
  let hours = 0;
  for (let k = from; k < to; k++) {
    const interval = intervalMs[k] as number;
    if (!(interval > 0)) continue;
    sum += rate[k] as number;
    hours += interval / hourMs;
  }
  return hours > 0 ? (sum / hours) * hoursPerYear : null;
}

function byYear(funding: FundingSeries, from: number, to: number): FundingStats['byYear'] {
  const years: Record<string, RateStats> = {};
  for (let start = from; start < to; ) {
    const year = isoUtc(funding.tsMs[start] as number).slice(0, 4);
    let end = start + 1;
    while (end < to && isoUtc(funding.tsMs[end] as number).startsWith(year)) end++;
    const stats = rateStats(funding, start, end);
    if (stats !== null) years[year] = stats;
    start = end;
  }
  return years;
}

function regimesOf(funding: FundingSeries, from: number, to: number): readonly Regime[] {
  const { tsMs, rate, intervalMs } = funding;
  const sums = [...regimeBounds, Number.POSITIVE_INFINITY].map(() => ({
    settlements: 0,
    rates: 0,
    hours: 0,
    positive: 0,
  }));
  let windowRates = 0;
  let windowHours = 0;
  let oldest = from;
  for (let k = from; k < to; k++) {
    const now = tsMs[k] as number;
    // The window holds the settlements of [now - 7 d, now): this one is not known yet.
    for (; (tsMs[oldest] as number) < now - regimeWindowMs; oldest++) {
      windowRates -= rate[oldest] as number;
      windowHours -= known(intervalMs[oldest]);
    }
    if (now - (tsMs[from] as number) >= regimeWindowMs && windowHours > 0) {
      const apr = (windowRates / windowHours) * hoursPerYear;
      const sum = sums[regimeBounds.filter((bound) => apr >= bound).length];
      if (sum !== undefined) {
        sum.settlements++;
        sum.rates += rate[k] as number;
        sum.hours += known(intervalMs[k]);
        if ((rate[k] as number) > 0) sum.positive++;
      }
    }
    windowRates += rate[k] as number;
    windowHours += known(intervalMs[k]);
  }
  const total = sums.reduce((all, { settlements }) => all + settlements, 0);
  return (['negative', 'low', 'usual', 'high'] as const).map((name, i) => {
    const { settlements, rates, hours, positive } = sums[i] as (typeof sums)[number];
    return {
      name,
      aprFrom: regimeBounds[i - 1] ?? null,
      aprTo: regimeBounds[i] ?? null,
      settlements,
      share: total > 0 ? settlements / total : 0,
      apr: hours > 0 ? (rates / hours) * hoursPerYear : 0,
      positiveShare: settlements > 0 ? positive / settlements : 0,
    };
  });
}

function known(intervalMs: number | undefined): number {
  return intervalMs !== undefined && intervalMs > 0 ? intervalMs / hourMs : 0;
}

function runsOf(
  { tsMs, rate, intervalMs }: FundingSeries,
  { from, to, sign }: { readonly from: number; readonly to: number; readonly sign: 1 | -1 },
): RunStats | null {
  const hours: number[] = [];
  let run = 0;
  for (let k = from; k < to; k++) {
    const interval = intervalMs[k] as number;
    const isHole = k > from && (tsMs[k] as number) - (tsMs[k - 1] as number) > 1.5 * interval;
    if (run > 0 && (isHole || Math.sign(rate[k] as number) !== sign)) {
      hours.push(run);
      run = 0;
    }
    if (Math.sign(rate[k] as number) === sign) run += known(interval);
  }
  if (run > 0) hours.push(run);
  if (hours.length === 0) return null;
  return {
    count: hours.length,
    medianHours: linearQuantile(hours, 0.5),
    meanHours: mean(hours),
    longestHours: hours.reduce((a, b) => Math.max(a, b)),
  };
}

/**
 * Pairs of settlements `lagMs` apart, null = neighbours; NaN under three pairs or without variance.
 */
function autocorrelation(
  { tsMs, rate, intervalMs }: FundingSeries,
  from: number,
  to: number,
  lagMs: number | null,
): number {
  const pairs = { x: [] as number[], y: [] as number[] };
  let later = from;
  for (let k = from; k < to; k++) {
    const wanted = (tsMs[k] as number) + (lagMs ?? (intervalMs[k + 1] as number));
    while (later < to && (tsMs[later] as number) < wanted) later++;
    if (later >= to) break;
    if (tsMs[later] !== wanted) continue;
    pairs.x.push((rate[k] as number) / known(intervalMs[k]));
    pairs.y.push((rate[later] as number) / known(intervalMs[later]));
  }
  return correlation(pairs.x, pairs.y);
}

/** Pearson's; NaN under three pairs or without variance. */
export function correlation(x: readonly number[], y: readonly number[]): number {
  if (x.length < 3) return Number.NaN;
  const [meanX, meanY] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  for (let k = 0; k < x.length; k++) {
    const dx = (x[k] as number) - meanX;
    const dy = (y[k] as number) - meanY;
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : Number.NaN;
}

function capsOf(rates: Float64Array): CapHits {
  const highest = rates.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const lowest = rates.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const count = (extreme: number) => rates.filter((rate) => rate === extreme).length;
  const capHits = highest > 0 ? count(highest) : 0;
  const floorHits = lowest < 0 ? count(lowest) : 0;
  return {
    cap: capHits >= capHitsMin ? highest : null,
    capHits: capHits >= capHitsMin ? capHits : 0,
    floor: floorHits >= capHitsMin ? lowest : null,
    floorHits: floorHits >= capHitsMin ? floorHits : 0,
  };
}

function lengthsOf(intervalMs: Float64Array): FundingStats['intervals'] {
  const counts = new Map<number, number>();
  for (const interval of intervalMs) counts.set(interval, (counts.get(interval) ?? 0) + 1);
  return [...counts]
    .filter(([interval]) => interval > 0)
    .map(([interval, settlements]) => ({ intervalMs: interval, settlements }))
    .sort((a, b) => b.intervalMs - a.intervalMs);
}
