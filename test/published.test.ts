// Figures that others published from the same market data, reproduced with ours. What each means is
// said in the data's PUBLISHED.json; a test here names the figure and where it comes from.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { decimal } from '../src/base/decimal.ts';
import { linearQuantile } from '../src/base/stats.ts';
import { type DataSet, dataSet } from '../src/history/data-set.ts';
import { fundingLedger } from '../src/history/funding-ledger.ts';
import { fundingStats } from '../src/history/funding-stats.ts';
import type { FundingSeries } from '../src/history/series.ts';
import { spreads } from '../src/history/spreads.ts';
import { openData } from '../src/research/data-source.ts';
import { hasRealData, noRealData, realDataDir } from './support/real-data.ts';

const utc = (year: number, month = 1, day = 1, hour = 0) => Date.UTC(year, month - 1, day, hour);

let data: DataSet = dataSet([]);
let published: Published | null = null;
beforeAll(async () => {
  if (!hasRealData) return;
  const source = await openData(realDataDir);
  const assets = ['BTCUSDT', 'ETHUSDT', 'BTC', 'ETH', 'BTC-USDT-SWAP', 'ETH-USDT-SWAP'];
  const coins = ['BTCUSD_PERP', 'ETHUSD_PERP', 'BTCUSD', 'ETHUSD', 'BTC-USD-SWAP', 'ETH-USD-SWAP'];
  const funding = await source.load({ kinds: ['funding'], symbols: [...assets, ...coins] });
  const bars = await source.load({ kinds: ['bars'], markets: ['perp'], intervals: ['8h'] });
  data = dataSet([...funding.series, ...bars.series]);
  published = JSON.parse(readFileSync(join(realDataDir, 'PUBLISHED.json'), 'utf8'));
}, 60_000);

interface Published {
  readonly A: readonly [{ readonly hold_definition: { short_quantities_coin: object } }];
}

const funding = (venue: string, symbol: string): FundingSeries => {
  const series = data.funding(venue, symbol);
  if (series === null) throw new Error(`no funding of ${venue} ${symbol}`);
  return series;
};
const stats = (venue: string, symbol: string, fromMs = 0, toMs = utc(2026, 8, 22)) => {
  const found = fundingStats(funding(venue, symbol), fromMs, toMs);
  if (found === null) throw new Error(`nothing settled on ${venue} ${symbol}`);
  return found;
};

describe('the hold study of 2023-01 to 2024-06', () => {
  it('three venues, twelve short legs: the published totals to 1e-8', (ctx) => {
    ctx.skip(!hasRealData, noRealData);
    const legs = Object.entries(published?.A[0].hold_definition.short_quantities_coin ?? {});
    const positions = legs.map(([name, qty]) => {
      const [venue = '', symbol = ''] = name.split(' ');
      const held = { fromMs: utc(2023), toMs: utc(2024, 6, 30, 16) };
      return { venue, symbol, qty: decimal(`-${qty}`), ...held, inverse: false };
    });
    expect(positions).toHaveLength(12);
    const ledger = fundingLedger(positions, data, { price: 'open', interval: '8h' });
    const totals: Readonly<Record<string, number>> = {
      binance: 2_233_385.095861323,
      okx: 650_851.7186424552,
      bybit: 726_401.2809904858,
    };
    for (const [venue, total] of Object.entries(totals)) {
      expect(Math.abs(Number(ledger.byVenue[venue]) / total - 1)).toBeLessThan(1e-8);
    }
    expect(ledger.payments).toHaveLength(12 * 1640);
    expect([ledger.missing, ledger.unknown]).toEqual([[], []]);
  });

  it('true inverse legs of constant face pay about a third of the linear valuation', (ctx) => {
    ctx.skip(!hasRealData, noRealData);
    // The face that the study's coin quantity had at the open of its first bar.
    const legs = [
      ['binance', 'BTCUSD_PERP', 54.360872168989545, 139_803],
      ['okx', 'BTC-USD-SWAP', 18.079388119696297, 37_972],
      ['bybit', 'BTCUSD', 18.0933352461492, 46_079],
    ] as const;
    for (const [venue, symbol, coins, usd] of legs) {
      const bars = data.bars({ venue, market: 'perp', symbol, interval: '8h' });
      const first = bars?.tsMs.findLastIndex((tsMs) => tsMs <= utc(2023)) ?? -1;
      const face = coins * (bars?.open[first] ?? 0);
      const held = { fromMs: utc(2023), toMs: utc(2024, 6, 30, 16), inverse: true };
      const position = { venue, symbol, qty: decimal(`-${face.toFixed(6)}`), ...held };
      const { total } = fundingLedger([position], data, { price: 'open', interval: '8h' });
      // The study's own figures of coins and fees leave two dollars on Bybit.
      expect(Math.abs(Number(total) - usd), `${venue} ${symbol}`).toBeLessThan(2.5);
    }
  });
});

describe('mean funding', () => {
  it('of Binance and Bybit by year, annualised', (ctx) => {
    ctx.skip(!hasRealData, noRealData);
    const table = [
      ['binance', 'BTCUSDT', 2020, [17.19, 30.61, 4.16, 7.87, 11.92, 5.13, 2.3]],
      ['binance', 'ETHUSDT', 2020, [27.41, 37.54, 0.79, 8.26, 12.96, 4.93, 1.31]],
      ['bybit', 'BTCUSDT', 2021, [38.3, 2.95, 8.88, 11.99, 5.12, 1.9]],
    ] as const;
    for (const [venue, symbol, firstYear, percents] of table) {
      const { byYear } = stats(venue, symbol);
      percents.forEach((percent, k) => {
        const apr = (byYear[firstYear + k]?.apr ?? 0) * 100;
        // The table has two decimals: half a unit of the last, and a hair for the double's sake.
        expect(Math.abs(apr - percent), `${symbol} ${firstYear + k}`).toBeLessThan(0.00501);
      });
    }
  });

  it('share of positive settlements of Binance BTCUSDT by year', (ctx) => {
    ctx.skip(!hasRealData, noRealData);
    const { byYear } = stats('binance', 'BTCUSDT');
    const shares = [85.7, 92.7, 77.9, 89.9, 91.6, 87.1, 70.2];
    shares.forEach((share, k) => {
      expect((byYear[2020 + k]?.positiveShare ?? 0) * 100).toBeCloseTo(share, 1);
    });
  });

  it('1.0407 bps over 5,772 settlements of Binance BTCUSDT, 2021-01 to 2026-04-08', (ctx) => {
    ctx.skip(!hasRealData, noRealData);
    const { settlements, rateMean, rateStd } = stats(
      ...(['binance', 'BTCUSDT', utc(2021), utc(2026, 4, 9)] as const),
    );
    expect(settlements).toBe(5_772);
    expect(rateMean * 1e4).toBeCloseTo(1.0407, 4);
    expect(rateStd * 1e4).toBeCloseTo(1.99, 2);
  });

  it('Hyperliquid BTC: daily sums x 365, by year and over all', (ctx) => {
    ctx.skip(!hasRealData, noRealData);
    const { byYear, daily } = stats('hyperliquid', 'BTC', utc(2023, 5, 12), utc(2026, 8, 23));
    const means = [13.54, 24.14, 10.54, 4.27];
    means.forEach((percent, k) => {
      expect((byYear[2023 + k]?.daily.aprMean ?? 0) * 100).toBeCloseTo(percent, 1);
    });
    expect(daily.aprMean * 100).toBeCloseTo(14.08, 2);
    expect(daily.aprMedian * 100).toBeCloseTo(10.95, 2);
    expect(daily.aprP5 * 100).toBeCloseTo(-6.99, 1);
    expect(daily.aprP95 * 100).toBeCloseTo(51.81, 1);
    expect(daily.negativeShare * 100).toBeCloseTo(12.8, 1);
    const ether = stats('hyperliquid', 'ETH', utc(2023, 5, 12), utc(2026, 8, 23));
    expect(ether.daily.aprMean * 100).toBeCloseTo(14.23, 2);
  });
});

it('spreads above 5% a year: median run 1.0 day, longest 7 (BTC) and 16 (ETH)', (ctx) => {
  ctx.skip(!hasRealData, noRealData);
  const names = { BTC: ['BTCUSDT', 'BTC'], ETH: ['ETHUSDT', 'ETH'] } as const;
  const series = Object.values(names).flatMap(([perp, coin]) => [
    ...[funding('binance', perp), funding('bybit', perp), funding('hyperliquid', coin)],
  ]);
  const window = { fromMs: utc(2025, 8, 21), toMs: utc(2026, 8, 22) };
  const pairs = spreads(series, { aprMin: 0.05, ...window });
  expect(pairs).toHaveLength(12);
  expect(
    linearQuantile(
      pairs.flatMap(({ runs }) => runs),
      0.5,
    ),
  ).toBe(1);
  const longest = (asset: string) =>
    Math.max(...pairs.filter((pair) => pair.asset === asset).map(({ runLongest }) => runLongest));
  expect([longest('BTC'), longest('ETH')]).toEqual([7, 16]);
  const share = (asset: string, low: string) =>
    pairs.find(
      (p) => p.asset === asset && p.high.startsWith('hyperliquid') && p.low.startsWith(low),
    )?.shareAbove ?? 0;
  expect(share('BTC', 'binance')).toBeCloseTo(0.31, 2);
  expect(share('BTC', 'bybit')).toBeCloseTo(0.37, 2);
  expect(share('ETH', 'binance')).toBeCloseTo(0.46, 2);
  expect(share('ETH', 'bybit')).toBeCloseTo(0.43, 2);
});
