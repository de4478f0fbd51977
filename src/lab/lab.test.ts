// The entry for research, used as a reader of the notebooks would.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sweep } from '../app/sweep.ts';
import * as farb from './research.ts';
import { syntheticTruth } from './synthetic-market.ts';

let root: string;
let dir: string;
let data: farb.DataSet;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'farb-lab-'));
  dir = farb.syntheticData(join(root, 'data'), { assets: ['BTC', 'SOL'] });
  data = await (await farb.openData(dir)).load();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('synthetic data', () => {
  it('is the same for the same options, and another for another seed', () => {
    const options = { days: 5, assets: ['BTC'] };
    const read = (name: string, seed: number): string =>
      readFileSync(join(farb.syntheticData(join(root, name), { ...options, seed }), 'bars.csv'), {
        encoding: 'utf8',
      });
    expect(read('a', 1)).toBe(read('b', 1));
    expect(read('a', 1)).not.toBe(read('c', 2));
  });

  it('replaces what it once wrote, and nothing else', () => {
    const rows = (path: string) => readFileSync(join(path, 'bars.csv'), 'utf8').split('\n').length;
    const where = farb.syntheticData(join(root, 'own'), { days: 3, assets: ['BTC'] });
    // Three perpetuals and a spot pair, a header, nothing behind the last line.
    expect(rows(where)).toBe(4 * 3 * 24 + 2);
    expect(rows(farb.syntheticData(where, { days: 4, assets: ['BTC'] }))).toBe(4 * 4 * 24 + 2);
    rmSync(join(where, 'synthetic.json'));
    writeFileSync(join(where, 'mine.txt'), 'x');
    expect(() => farb.syntheticData(where, { days: 3 })).toThrow('holds other files');
    expect(readFileSync(join(where, 'mine.txt'), 'utf8')).toBe('x');
  });

  it('says what it cannot make', () => {
    expect(() => farb.syntheticData(join(root, 'x'), { assets: ['GOLD'] })).toThrow(/GOLD.*BTC/);
    expect(() => farb.syntheticData(join(root, 'x'), { from: 'May' })).toThrow('from May');
    expect(() => farb.syntheticData(join(root, 'x'), { days: 0 })).toThrow('days 0');
  });

  it('has what it was made with: a follower, caps, changes of interval, a hole', () => {
    const funding = farb.fundingOf(data);
    expect(funding.map(({ id }) => id.venue)).toContain(syntheticTruth.follower);
    for (const pair of farb.leadLags(funding)) {
      const follows = pair.second.startsWith(syntheticTruth.follower);
      const leads = pair.first.startsWith(syntheticTruth.follower);
      expect(pair.lagDays, `${pair.first} ${pair.second}`).toBe(follows ? 1 : leads ? -1 : 0);
    }
    const stats = farb.fundingOf(data, 'SOL').map((one) => farb.fundingStats(one));
    expect(stats.some((one) => (one?.caps.capHits ?? 0) >= 3)).toBe(true);
    expect(stats.some((one) => (one?.intervalChanges.length ?? 0) > 0)).toBe(true);
    const holes = funding.filter((one) => (farb.coverageOf(one)?.gapCount ?? 0) > 0);
    expect(holes.map(({ id }) => id.venue)).toEqual(['bybit']);
  });
});

describe('prices of two venues', () => {
  it('are compared at the bars that both have, 1000PEPE with PEPE', () => {
    const bars = (venue: string, symbol: string, close: readonly number[], at = 0) => ({
      id: { kind: 'bars', venue, market: 'perp', symbol, interval: '1h' } as const,
      intervalMs: farb.hourMs,
      tsMs: Float64Array.from(close, (_, k) => (at + k) * farb.hourMs),
      open: Float64Array.from(close),
      high: Float64Array.from(close),
      low: Float64Array.from(close),
      close: Float64Array.from(close),
      volume: Float64Array.from(close, () => Number.NaN),
    });
    const long = bars('okx', 'PEPE-USDT-SWAP', [0.001, 0.001, Number.NaN]);
    const short = bars('bybit', '1000PEPEUSDT', [1.01, 1.02, 1.03], 1);
    // Only the hour 1 is in both with a price: 1.01 / 1000 over 0.001.
    const [only, ...more] = farb.basisBetween(long, short);
    expect(more).toEqual([]);
    expect(only).toEqual({ tsMs: farb.hourMs, basis: expect.closeTo(0.01, 12) });
  });

  it('one series of bars a venue, of the perpetual in a dollar coin', () => {
    expect(farb.perpBarsOf(data, 'BTC').map(({ id }) => id.symbol)).toEqual([
      ...['BTCUSDT', 'BTCUSDT', 'BTC-USDT-SWAP'],
    ]);
    expect(farb.perpBarsOf(data, 'BTC', '5m')).toEqual([]);
  });

  it('a leg has the bracket of its notional, and is told when it is not listed', () => {
    const leg = { venue: 'binance', symbol: 'BTCUSDT', priceUsd: 50_000 };
    const small = farb.legTermsOf({ ...leg, notionalUsd: 1_000 });
    const large = farb.legTermsOf({ ...leg, notionalUsd: 50_000_000 });
    expect(small.isListed).toBe(true);
    expect(large.maintenanceRate).toBeGreaterThan(small.maintenanceRate);
    const unknown = farb.legTermsOf({
      venue: 'gate',
      symbol: 'X_USDT',
      priceUsd: 1,
      notionalUsd: 1_000,
    });
    expect(unknown).toMatchObject({ isListed: false, feeRateTaker: 0.0005 });
  });
});

describe('backtests', () => {
  it('take settings and scenarios, and say which option is wrong', async () => {
    const options = { data: dir, strategy: 'perp-perp', assets: ['SOL'], to: '2024-02-10' };
    const plain = await farb.runBacktest(options);
    expect(plain.trades.length).toBeGreaterThan(0);
    const dear = await farb.runBacktest({ ...options, set: { 'fees.perp': 0.01 } });
    expect(dear.trades).toEqual([]);
    const [trade] = plain.trades;
    const [, symbol] =
      /^okx:(\w+)/.exec(trade?.long ?? '') ?? /^okx:(\w+)/.exec(trade?.short ?? '') ?? [];
    expect(symbol).toBe('SOL');
    const at = farb.isoUtc(Date.parse(trade?.openedAt ?? '') + 3 * farb.hourMs);
    const adl = { kind: 'adl', at, venue: 'okx', symbol: 'SOL-USDT-SWAP' } as const;
    const hit = await farb.runBacktest({ ...options, scenarios: [adl] });
    expect(hit.trades.some(({ forcedFills }) => forcedFills > 0)).toBe(true);
    await expect(farb.runBacktest({ ...options, from: 'soon' })).rejects.toThrow('from soon');
    await expect(
      farb.runBacktest({ ...options, scenarios: [{ ...adl, share: 2 }] }),
    ).rejects.toThrow('scenarios: 0.share');
  });

  it('a sweep is that of the command, with every run', async () => {
    const options = { data: dir, assets: ['SOL'], purgeDays: 2 };
    const params = { netEdgeMin: [0.0005, 0.002], horizonMs: ['12h', '1d'] };
    const walkForward = { trainDays: 30, testDays: 15 };
    const { report, runs } = await farb.runSweep({
      ...{ ...options, strategy: 'perp-perp', params, walkForward },
    });
    expect(runs.map(({ point }) => [point['netEdgeMin'], point['horizonMs']])).toEqual([
      [0.0005, 12 * farb.hourMs],
      [0.0005, 24 * farb.hourMs],
      [0.002, 12 * farb.hourMs],
      [0.002, 24 * farb.hourMs],
    ]);
    const gridFile = join(root, 'grid.yaml');
    writeFileSync(gridFile, JSON.stringify({ strategy: 'perp-perp', params }));
    const { loadConfig } = await import('../app/config.ts');
    const { shippedConfigDir } = await import('../app/config-places.ts');
    const command = await sweep({
      ...{ config: loadConfig(shippedConfigDir(), {}), dir, set: [], fromMs: null, toMs: null },
      ...{ capitalUsd: 100_000, interval: '1h', venues: null, assets: ['SOL'], gridFile },
      ...{ workers: 1, out: join(root, 'sweep.jsonl'), walk: { ...walkForward, purgeDays: 2 } },
      ...{ folds: { folds: 5, purgeDays: 2 }, check: 'none', parquet: null, redis: null },
      ...{ stop: new AbortController().signal, onProgress: () => undefined },
    });
    const timeless = ({
      best,
      overfitting,
      walkForward: walk,
      crossValidation,
    }: farb.SweepReport) => ({ best, overfitting, walk, crossValidation });
    expect(timeless(report)).toEqual(timeless(command));
    await expect(
      farb.runSweep({ ...options, strategy: 'perp-perp', params: { netEdgeMin: [5] } }),
    ).rejects.toThrow('params.netEdgeMin');
  });
});

it('a table of markdown keeps bars out of its cells, and numbers to the right', () => {
  expect(
    farb.markdownTable(
      ['a|b', 'usd'],
      [
        ['x|y\nz', 1],
        ['w', '-2,000.5'],
      ],
    ),
  ).toBe('| a\\|b | usd |\n| :--- | ---: |\n| x\\|y z | 1 |\n| w | -2,000.5 |');
  expect(farb.markdownTable(['a'], [])).toBe('*(no rows)*');
});
