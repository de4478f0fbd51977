// Funding of one asset on several venues: how far apart two venues are, how long the gap keeps its
// direction, and who moves first. Everything over UTC days that both have.
//
//   APR of a day    mean over its settlements of rate x 8760 / interval hours
//   spread A - B    of a directed pair; a run = consecutive days with a spread above the threshold
//   lead            correlation of A's day with B's day `lag` days later; the best lag > 0: A leads
import { linearQuantile, mean } from '../base/stats.ts';
import { dayMs, hourMs, hoursPerYear } from '../base/time.ts';
import { assetOf } from './asset.ts';
import { correlation } from './funding-stats.ts';
import type { FundingSeries } from './series.ts';

export interface SpreadStats {
  readonly asset: string;
  /** "venue symbol": receive on `high`, pay on `low`. */
  readonly high: string;
  readonly low: string;
  readonly days: number;
  readonly aprMean: number;
  /** Of the days: spread above the threshold. */
  readonly shareAbove: number;
  /** Lengths in days of the runs above the threshold, in order. */
  readonly runs: readonly number[];
  readonly runMedian: number | null;
  readonly runLongest: number;
}

export interface LeadLag {
  readonly asset: string;
  readonly first: string;
  readonly second: string;
  readonly days: number;
  readonly sameDay: number;
  /** Days by which `first` leads at the best correlation; negative: `second` leads. */
  readonly lagDays: number;
  readonly correlation: number;
}

export interface SpreadOptions {
  /** A spread that counts, as a fraction a year. */
  readonly aprMin: number;
  /** [fromMs, toMs) */
  readonly fromMs: number;
  readonly toMs: number;
}

export const spreadDefaults: SpreadOptions = {
  aprMin: 0.05,
  fromMs: Number.NEGATIVE_INFINITY,
  toMs: Number.POSITIVE_INFINITY,
};
export const lagDaysMax = 3;
/** Days in common that a comparison needs. */
const daysMin = 10;

/** Both directions of every two series of one asset on different venues. */
export function spreads(
  funding: readonly FundingSeries[],
  options: SpreadOptions = spreadDefaults,
): readonly SpreadStats[] {
  return pairsOf(funding, options).flatMap(({ asset, first, second }) => [
    spreadOf(asset, first, second, options.aprMin),
    spreadOf(asset, second, first, options.aprMin),
  ]);
}

export function leadLags(
  funding: readonly FundingSeries[],
  options: SpreadOptions = spreadDefaults,
): readonly LeadLag[] {
  return pairsOf(funding, options).map(({ asset, first, second }) => {
    const lags = Array.from({ length: 2 * lagDaysMax + 1 }, (_, k) => k - lagDaysMax);
    const found = lags.map((lag) => ({ lag, value: laggedCorrelation(first, second, lag) }));
    const best = found.reduce((a, b) => (b.value > a.value || Number.isNaN(a.value) ? b : a));
    return {
      asset,
      first: first.name,
      second: second.name,
      days: commonDays(first, second).length,
      sameDay: laggedCorrelation(first, second, 0),
      lagDays: best.lag,
      correlation: best.value,
    };
  });
}

interface Daily {
  readonly name: string;
  readonly venue: string;
  /** APR by UTC day number. */
  readonly aprOf: ReadonlyMap<number, number>;
}

/** Per UTC day the mean APR of its settlements; rows of unknown interval do not count. */
export function dailyApr(funding: FundingSeries, fromMs: number, toMs: number): Daily['aprOf'] {
  const byDay = new Map<number, number[]>();
  funding.tsMs.forEach((tsMs, k) => {
    const intervalMs = funding.intervalMs[k] as number;
    if (tsMs < fromMs || tsMs >= toMs || !(intervalMs > 0)) return;
    const day = Math.floor(tsMs / dayMs);
    const apr = ((funding.rate[k] as number) * hoursPerYear * hourMs) / intervalMs;
    byDay.set(day, [...(byDay.get(day) ?? []), apr]);
  });
  return new Map([...byDay].map(([day, aprs]) => [day, mean(aprs)]));
}

function pairsOf(funding: readonly FundingSeries[], { fromMs, toMs }: SpreadOptions) {
  const byAsset = new Map<string, Daily[]>();
  for (const series of funding) {
    const { venue, symbol } = series.id;
    const aprOf = dailyApr(series, fromMs, toMs);
    const asset = assetOf(symbol);
    const daily = { name: `${venue} ${symbol}`, venue, aprOf };
    if (aprOf.size > 0) byAsset.set(asset, [...(byAsset.get(asset) ?? []), daily]);
  }
  return [...byAsset].flatMap(([asset, all]) =>
    all.flatMap((first, k) =>
      all
        .slice(k + 1)
        .filter((second) => second.venue !== first.venue)
        .filter((second) => commonDays(first, second).length >= daysMin)
        .map((second) => ({ asset, first, second })),
    ),
  );
}

function commonDays(first: Daily, second: Daily): readonly number[] {
  return [...first.aprOf.keys()].filter((day) => second.aprOf.has(day)).sort((a, b) => a - b);
}

function spreadOf(asset: string, high: Daily, low: Daily, aprMin: number): SpreadStats {
  const days = commonDays(high, low);
  const gaps = days.map((day) => (high.aprOf.get(day) ?? 0) - (low.aprOf.get(day) ?? 0));
  const runs: number[] = [];
  let run = 0;
  days.forEach((day, k) => {
    const follows = k > 0 && day === (days[k - 1] as number) + 1;
    const isAbove = (gaps[k] as number) > aprMin;
    if (run > 0 && (!isAbove || !follows)) {
      runs.push(run);
      run = 0;
    }
    if (isAbove) run++;
  });
  if (run > 0) runs.push(run);
  return {
    asset,
    high: high.name,
    low: low.name,
    days: days.length,
    aprMean: mean(gaps),
    shareAbove: gaps.filter((gap) => gap > aprMin).length / days.length,
    runs,
    runMedian: runs.length > 0 ? linearQuantile(runs, 0.5) : null,
    runLongest: runs.reduce((a, b) => Math.max(a, b), 0),
  };
}

/** Of first's day with second's day `lag` days later. */
function laggedCorrelation(first: Daily, second: Daily, lag: number): number {
  const days = [...first.aprOf.keys()].filter((day) => second.aprOf.has(day + lag));
  return correlation(
    days.map((day) => first.aprOf.get(day) ?? 0),
    days.map((day) => second.aprOf.get(day + lag) ?? 0),
  );
}
