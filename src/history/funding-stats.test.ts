import { describe, expect, it } from 'vitest';
import { dayMs, hourMs } from '../base/time.ts';
import { assetOf } from './asset.ts';
import { ColumnsBuilder, seriesOf } from './columns.ts';
import { fundingStats } from './funding-stats.ts';
import type { FundingSeries } from './series.ts';
import { leadLags, spreads } from './spreads.ts';

const startMs = 1_704_067_200_000; // 2024-01-01T00:00Z

/** Rates one after the other; the hours between them in `steps`, or always the same. */
function funding(
  rates: readonly number[],
  step: number | readonly number[] = 8,
  id = { venue: 'v', symbol: 'BTCUSDT' },
): FundingSeries {
  const builder = new ColumnsBuilder({ ...id, kind: 'funding', market: 'perp', interval: null });
  let tsMs = startMs;
  rates.forEach((rate, k) => {
    builder.push(Float64Array.of(tsMs, rate, Number.NaN, Number.NaN));
    tsMs += (typeof step === 'number' ? step : (step[k] ?? 8)) * hourMs;
  });
  return seriesOf(builder.columns()) as FundingSeries;
}

const stats = (series: FundingSeries) => {
  const found = fundingStats(series);
  if (found === null) throw new Error('nothing settled');
  return found;
};

describe('statistics of funding', () => {
  it('annualise by time: an hourly rate counts an eighth of an eight-hour one', () => {
    // 8 h: 0.0008 twice; 1 h: 0.0001 twice -> 0.0018 over 18 h = 0.0001 an hour = 87.6% a year.
    const { apr, rateMean, intervals, intervalChanges } = stats(
      funding([0.0008, 0.0008, 0.0001, 0.0001], [8, 1, 1]),
    );
    expect(apr).toBeCloseTo(0.876, 12);
    expect(rateMean).toBeCloseTo(0.00045, 12);
    expect(intervals).toEqual([
      { intervalMs: 8 * hourMs, settlements: 2 },
      { intervalMs: hourMs, settlements: 2 },
    ]);
    expect(intervalChanges.map(({ tsMs }) => tsMs)).toEqual([startMs + 9 * hourMs]);
  });

  it('shares, days and years', () => {
    // Three a day: 0.0003, -0.0001, 0 = 0.0002 a day = 7.3% a year.
    const rates = Array.from({ length: 3 * 400 }, (_, k) => [0.0003, -0.0001, 0][k % 3] ?? 0);
    const { positiveShare, negativeShare, daily, byYear } = stats(funding(rates));
    expect([positiveShare, negativeShare]).toEqual([1 / 3, 1 / 3]);
    expect(daily).toMatchObject({ days: 400, negativeShare: 0 });
    expect(daily.aprMean).toBeCloseTo(0.073, 12);
    expect(Object.entries(byYear).map(([year, { settlements }]) => [year, settlements])).toEqual([
      ['2024', 366 * 3],
      ['2025', 34 * 3],
    ]);
  });

  it('runs end with the sign and with a hole, and are counted in hours', () => {
    const { persistence } = stats(funding([1, 1, -1, 1, 1, 1, 1], [8, 8, 8, 8, 8, 80]));
    expect(persistence.positiveRuns).toEqual({
      ...{ count: 3, medianHours: 16, meanHours: 16, longestHours: 24 },
    });
    expect(persistence.negativeRuns?.longestHours).toBe(8);
  });

  it('a regime is told by the week before, so today changes nothing of itself', () => {
    // Eight days at 0, then one settlement of 1%: it still falls into the regime from 0 to 5%.
    const calm = Array.from({ length: 8 * 3 }, () => 0);
    const { regimes } = stats(funding([...calm, 0.01]));
    const low = regimes.find(({ name }) => name === 'low');
    expect(low?.settlements).toBe(4); // 7 d, 7 d 8 h, 7 d 16 h and 8 d after the start
    expect(low?.positiveShare).toBe(0.25);
    expect(regimes.map(({ share }) => share)).toEqual([0, 1, 0, 0]);
    const later = stats(funding([...calm, 0.01, 0.0001])).regimes;
    expect(later.find(({ name }) => name === 'high')?.settlements).toBe(1);
  });

  it('a rate that alternates is its own opposite one settlement later', () => {
    const rates = Array.from({ length: 90 }, (_, k) => (k % 2 === 0 ? 1 : -1) * 0.0001);
    const { autocorrelation } = stats(funding(rates)).persistence;
    expect(autocorrelation.next).toBeCloseTo(-1, 9);
    expect(autocorrelation.day).toBeCloseTo(-1, 9);
    expect(autocorrelation.week).toBeCloseTo(-1, 9); // 21 settlements
  });

  it('an extreme that repeats is a cap; a lone one is not', () => {
    const { caps } = stats(funding([0.003, 0.001, 0.003, 0.003, -0.002, 0.001]));
    expect(caps).toEqual({ cap: 0.003, capHits: 3, floor: null, floorHits: 0 });
  });

  it('nothing settled gives null', () => {
    expect(fundingStats(funding([]))).toBeNull();
    expect(fundingStats(funding([1, 2]), 0, startMs)).toBeNull();
  });
});

describe('two venues', () => {
  const hours8 = 0.05 / (3 * 365); // what makes 5% a year

  it('runs are consecutive days above the threshold, in one direction', () => {
    const days = [3, 3, 0, 3, 3, 3, 0, 0, 0, -3, 3, 0];
    const rates = days.flatMap((times) => [times, times, times].map((x) => x * hours8));
    const a = funding(rates);
    const b = funding(
      rates.map(() => 0),
      8,
      { venue: 'w', symbol: 'BTC-USDT-SWAP' },
    );
    const other = funding(rates, 8, { venue: 'w', symbol: 'ETH-USDT-SWAP' });
    const [forth, back, ...rest] = spreads([a, b, other]);
    expect(rest).toEqual([]);
    expect(forth).toMatchObject({ asset: 'BTC', high: 'v BTCUSDT', runs: [2, 3, 1], days: 12 });
    expect(forth).toMatchObject({ runMedian: 2, runLongest: 3, shareAbove: 0.5 });
    expect(back).toMatchObject({ low: 'v BTCUSDT', runs: [1], runLongest: 1 });
  });

  it('the one that moves a day earlier leads', () => {
    const shape = Array.from({ length: 60 }, (_, day) => Math.sin(day * day) * 0.0001);
    const byDay = (shift: number) =>
      shape.flatMap((_, day) => Array(3).fill(shape[day - shift] ?? 0));
    const early = funding(byDay(0));
    const late = funding(byDay(1), 8, { venue: 'w', symbol: 'BTC' });
    const [found] = leadLags([early, late]);
    expect(found).toMatchObject({ first: 'v BTCUSDT', second: 'w BTC', lagDays: 1, days: 60 });
    expect(found?.correlation).toBeCloseTo(1, 6);
    expect(leadLags([late, early])[0]?.lagDays).toBe(-1);
  });

  it('days of one alone do not count, and too few are no comparison', () => {
    const short = funding(Array(9 * 3).fill(0.1), 8, { venue: 'w', symbol: 'BTC' });
    expect(spreads([funding(Array(300).fill(0.1)), short])).toEqual([]);
    expect(dayMs).toBe(24 * hourMs);
  });
});

it.each([
  ['BTCUSDT', 'BTC'],
  ['BTC-USDT-SWAP', 'BTC'],
  ['BTC-USD-SWAP', 'BTC'],
  ['BTC_USDT', 'BTC'],
  ['BTCUSD_PERP', 'BTC'],
  ['BTCPERP', 'BTC'],
  ['PF_XBTUSD', 'BTC'],
  ['BTC-USD', 'BTC'],
  ['DOTUSD', 'DOT'],
  ['BNBUSD', 'BNB'],
  ['BTC', 'BTC'],
  ['ETH-PERPETUAL', 'ETH'],
  ['ETHUSDC', 'ETH'],
  ['1000PEPEUSDT', 'PEPE'],
  ['1000000MOGUSDT', 'MOG'],
  ['kPEPE', 'PEPE'],
  ['PERPUSDT', 'PERP'],
  ['USDC-USDT-SWAP', 'USDC'],
  ['1INCHUSDT', '1INCH'],
])('the asset of %s is %s', (symbol, asset) => {
  expect(assetOf(symbol)).toBe(asset);
});
