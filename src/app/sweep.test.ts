// A sweep from its files to its report: the same runs whoever runs them, a file that a killed sweep
// goes on from, and runs that DuckDB reads.
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeCsvVenue } from '../../test/support/csv-history.ts';
import { sweepReportSchema } from '../api/sweep-report.ts';
import { Prng } from '../base/prng.ts';
import { loadConfig } from './config.ts';
import { type SweepRequest, sweep } from './sweep.ts';
import { sweepText } from './sweep-text.ts';

const config = loadConfig('config', {});
const startMs = Date.UTC(2024, 0, 1);
const hours = 24 * 64;
let dir = '';
let files = 0;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'farb-sweep-'));
  for (const [k, venue] of ['one', 'two', 'three'].entries()) {
    for (const symbol of ['AAAUSDT', 'BBBUSDT']) {
      const prng = new Prng(k * 10 + symbol.charCodeAt(0));
      let rate = 0;
      const rates = Array.from({ length: hours + 1 }, () => {
        rate = rate * 0.999 + (prng.float() - 0.5) * 0.0002;
        return Number(rate.toFixed(8));
      });
      const price = (hour: number) => Math.round(5_000 + 40 * Math.sin(hour / 30 + k / 20)) / 100;
      writeCsvVenue({ dir, venue, symbol, startMs, hours, price, rate: (h) => rates[h] ?? 0 });
    }
  }
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

const grid = {
  strategy: 'perp-perp',
  params: { netEdgeMin: [0.0005, 0.002, 0.004], horizonMs: ['12h', '2d'] },
};

function request(content: object, more: Partial<SweepRequest> = {}): SweepRequest {
  const gridFile = join(dir, `grid-${files}.yaml`);
  writeFileSync(gridFile, JSON.stringify(content));
  return {
    config,
    dir,
    set: [],
    fromMs: null,
    toMs: null,
    capitalUsd: 60_000,
    interval: '1h',
    venues: null,
    assets: null,
    gridFile,
    workers: 1,
    out: join(dir, `out-${files++}.jsonl`),
    walk: { trainDays: 20, testDays: 10, purgeDays: 2 },
    folds: { folds: 4, purgeDays: 2 },
    check: 'none',
    parquet: null,
    redis: null,
    stop: new AbortController().signal,
    onProgress: () => undefined,
    ...more,
  };
}

describe('a sweep', () => {
  it('runs every point and reports the best, what is luck, and what held', async () => {
    const report = await sweep(request(grid, { check: 'best' }));
    expect(sweepReportSchema.parse(report)).toEqual(report);
    expect(report).toMatchObject({ runs: 6, resumed: 0, missing: 0, days: 64, assets: 2 });
    const sharpes = report.best.map(({ sharpe }) => sharpe ?? Number.NEGATIVE_INFINITY);
    expect(sharpes).toEqual([...sharpes].sort((a, b) => b - a));
    expect(report.best[0]?.trips).toBeGreaterThan(0);
    expect(report.overfitting.trials).toBe(6);
    expect(report.overfitting.deflatedSharpe).not.toBeNull();
    expect(report.overfitting.splits).toBe(12_870);
    expect(report.walkForward?.folds).toHaveLength(4);
    expect(report.crossValidation?.folds).toHaveLength(4);
    for (const { difference } of report.reconciled) expect(difference ?? 0).toBeLessThan(0.001);
    expect(sweepText(report)).toContain('6 runs of perp-perp');
  });

  it('threads give what this thread gives', async () => {
    const [alone, threads] = [request(grid), request(grid, { workers: 2 })];
    const one = await sweep(alone);
    const two = await sweep(threads);
    expect(two.best).toEqual(one.best);
    const lines = (path: string) => readFileSync(path, 'utf8').trim().split('\n').sort();
    expect(lines(threads.out)).toEqual(lines(alone.out));
  });

  it('goes on where it was stopped, and a line that was cut off is run again', async () => {
    const stop = new AbortController();
    const first = request(grid, {
      stop: stop.signal,
      onProgress: (done) => {
        if (done === 3) stop.abort();
      },
    });
    const stopped = await sweep(first);
    expect(stopped).toMatchObject({ runs: 3, missing: 3 });
    appendFileSync(first.out, '{"id":5,"point":{"netEd'); // killed while it wrote
    const seen: number[] = [];
    const next = { ...first, stop: new AbortController().signal };
    const resumed = await sweep({ ...next, onProgress: (done) => seen.push(done) });
    expect(resumed).toMatchObject({ runs: 6, resumed: 3, missing: 0 });
    expect(seen[0]).toBe(3);
    expect(resumed.best).toEqual((await sweep(request(grid))).best);
  });

  it('refuses a results file of another sweep', async () => {
    const first = request(grid);
    await sweep(first);
    const other = request({ ...grid, params: { netEdgeMin: [0.001] } }, { out: first.out });
    await expect(sweep(other)).rejects.toThrow(/another sweep/);
    const set = { ...first, set: ['fees.perp=0.0001'] };
    await expect(sweep(set)).rejects.toThrow(/another sweep/);
  });

  it.each(['random', 'bayesian'])('%s: the seed decides, and more runs go on', async (method) => {
    const range = { from: 0.0002, to: 0.005, scale: 'log' };
    const search = {
      strategy: 'perp-perp',
      method,
      runs: 24,
      seed: 3,
      params: { netEdgeMin: range },
    };
    const first = request(search);
    const one = await sweep(first);
    const two = await sweep(request(search, { workers: 2 }));
    expect(two.best).toEqual(one.best);
    const more = request({ ...search, runs: 32 }, { out: first.out });
    expect(await sweep(more)).toMatchObject({ runs: 32, resumed: 24 });
  });

  it('writes its runs as Parquet', async () => {
    const parquet = join(dir, "runs' of a sweep.parquet");
    const report = await sweep(request(grid, { parquet }));
    const db = await import('@duckdb/node-api');
    const instance = await db.DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const from = `read_parquet('${parquet.replaceAll("'", "''")}')`;
    const reader = await connection.runAndReadAll(
      `SELECT id, netEdgeMin, "horizonMs", pnlUsd, sharpe FROM ${from} ORDER BY id`,
    );
    const rows = reader.getRowObjects();
    connection.closeSync();
    instance.closeSync();
    expect(rows).toHaveLength(6);
    const best = report.best[0];
    const row = rows[best?.id ?? -1];
    expect(row?.['netEdgeMin']).toBe(best?.params['netEdgeMin']);
    expect(row?.['pnlUsd']).toBeCloseTo(Number(best?.pnl), 6);
    expect(row?.['sharpe']).toBe(best?.sharpe);
  });

  it.each([
    [{ strategy: 'nothing', params: { a: [1] } }, /no strategy/],
    [{ strategy: 'perp-perp', params: {} }, /at least one/],
    [{ strategy: 'perp-perp', params: { nothing: [1] } }, /params.nothing: unknown field/],
    [{ strategy: 'perp-perp', params: { netEdgeMin: [2] } }, /out of range/],
    [{ strategy: 'perp-perp', params: { horizonMs: ['soon'] } }, /duration/],
    [
      { strategy: 'perp-perp', params: { netEdgeMin: { from: 0, to: 1, scale: 'log' } } },
      /above 0/,
    ],
  ])('%o is refused in one line', async (content, message) => {
    await expect(sweep(request(content))).rejects.toThrow(message);
  });
});
