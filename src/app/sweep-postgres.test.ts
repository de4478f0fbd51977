// Sweeps in a real PostgreSQL: the runs that a file would hold, several sweeps beside each other, a
// stopped one that goes on, and what is said of a database that cannot be used.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { writeCsvVenue } from '../../test/support/csv-history.ts';
import {
  hasPostgres,
  noPostgres,
  type PostgresServer,
  startPostgres,
} from '../../test/support/postgres-server.ts';
import { loadConfig } from './config.ts';
import { type SweepRequest, sweep } from './sweep.ts';
import { schemaVersion } from './sweep-postgres.ts';

let dir = '';
let server: PostgresServer | null = null;
let files = 0;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'farb-sweep-pg-'));
  const common = { dir, symbol: 'AAAUSDT', startMs: Date.UTC(2024, 0, 1), hours: 24 * 30 };
  for (const [k, venue] of ['one', 'two'].entries()) {
    const price = (hour: number) => Math.round(5_000 + 40 * Math.sin(hour / 30)) / 100;
    const rate = (hour: number) => Number((k * 0.001 * Math.sin(hour / 90)).toFixed(8));
    writeCsvVenue({ ...common, venue, price, rate });
  }
  if (hasPostgres) server = await startPostgres();
});
beforeEach((ctx) => ctx.skip(!hasPostgres, noPostgres));
afterAll(async () => {
  await server?.stop();
  rmSync(dir, { recursive: true, force: true });
});

function request(more: Partial<SweepRequest> & { readonly edge?: number } = {}): SweepRequest {
  const { edge = 0.004, ...rest } = more;
  const gridFile = join(dir, `grid-${files++}.yaml`);
  const params = {
    netEdgeMin: { from: 0.0002, to: edge, steps: 6 },
    horizonMs: ['12h', '1d', '3d'],
  };
  writeFileSync(gridFile, JSON.stringify({ strategy: 'perp-perp', params }));
  return {
    ...{ config: loadConfig('config', {}), dir, set: [], fromMs: null, toMs: null },
    ...{ capitalUsd: 60_000, interval: '1h', venues: null, assets: null, gridFile, workers: 1 },
    ...{ out: server?.url ?? '', walk: null, folds: { folds: 4, purgeDays: 2 }, check: 'none' },
    ...{ parquet: null, redis: null, stop: new AbortController().signal },
    onProgress: () => undefined,
    ...rest,
  };
}

async function ask(sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: server?.url ?? '' });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

it('a stopped sweep goes on from the database, and gives what a file would have', async () => {
  const stop = new AbortController();
  const first = request({ stop: stop.signal, onProgress: (done) => done === 5 && stop.abort() });
  expect(await sweep(first)).toMatchObject({ runs: 5, missing: 13 });
  expect(await ask('SELECT run FROM farb_sweep_runs')).toHaveLength(5);
  const seen: number[] = [];
  const going = { ...first, stop: new AbortController().signal };
  const resumed = await sweep({ ...going, onProgress: (done) => seen.push(done) });
  expect(resumed).toMatchObject({ runs: 18, resumed: 5, missing: 0 });
  expect(seen[0]).toBe(5);
  const filed = await sweep(request({ out: join(dir, 'out.jsonl') }));
  for (const part of ['best', 'overfitting', 'crossValidation'] as const) {
    expect(resumed[part], part).toEqual(filed[part]);
  }
  // What a reader asks the database is what the report says.
  const rows = await ask(
    `SELECT run, params, pnl_usd, sharpe, trips, array_length(daily_pnl_usd, 1) AS days
     FROM farb_sweep_runs ORDER BY sharpe DESC NULLS LAST, run LIMIT 1`,
  );
  const best = resumed.best[0];
  expect(rows[0]).toMatchObject({ run: best?.id, params: best?.params, sharpe: best?.sharpe });
  expect(rows[0]).toMatchObject({ trips: best?.trips, days: resumed.days });
  expect(rows[0]?.['pnl_usd']).toBeCloseTo(Number(best?.pnl), 6);
  // Its password stands in no report.
  expect(resumed.results).toMatch(/^postgres:\/\/farb@127\.0\.0\.1:\d+\/postgres$/);
});

it('holds several sweeps, and of each its own runs', async () => {
  await sweep(request({ edge: 0.003 }));
  expect(await sweep(request({ edge: 0.003 }))).toMatchObject({ runs: 18, resumed: 18 });
  expect(await sweep(request({ edge: 0.002 }))).toMatchObject({ runs: 18, resumed: 0 });
  const sweeps = await ask(
    `SELECT strategy, method, contracts, count(run)::int AS runs
     FROM farb_sweeps JOIN farb_sweep_runs USING (digest) GROUP BY digest`,
  );
  const whole = { strategy: 'perp-perp', method: 'grid', runs: 18 };
  expect(sweeps.length).toBeGreaterThanOrEqual(2);
  for (const one of sweeps) {
    expect(one).toMatchObject({ ...whole, contracts: ['one:AAA-USDT-PERP', 'two:AAA-USDT-PERP'] });
  }
});

it('two sweeps that begin at once make the tables once', async () => {
  await ask('DROP TABLE IF EXISTS farb_sweep_runs, farb_sweeps, farb_sweep_schema');
  const both = await Promise.all([
    sweep(request({ edge: 0.005 })),
    sweep(request({ edge: 0.006 })),
  ]);
  expect(both.map(({ runs }) => runs)).toEqual([18, 18]);
  expect(await ask('SELECT version FROM farb_sweep_schema')).toEqual([{ version: schemaVersion }]);
});

it('what cannot be used is said in one line', async () => {
  const nobody = request({ out: 'postgres://farb:secret@127.0.0.1:1/postgres' });
  await expect(sweep(nobody)).rejects.toThrow(/--results postgres:\/\/farb@127.+ECONNREFUSED/);
  const missing = request({ out: `${server?.url.slice(0, -8)}nothing` });
  await expect(sweep(missing)).rejects.toThrow(/database "nothing" does not exist/);
  await ask(`UPDATE farb_sweep_schema SET version = ${schemaVersion + 1}`);
  await expect(sweep(request())).rejects.toThrow(/use the newer farb/);
  await ask(`UPDATE farb_sweep_schema SET version = ${schemaVersion}`);
});

it('a run that the database does not take ends the sweep, which goes on later', async () => {
  await ask('ALTER TABLE farb_sweep_runs ADD CONSTRAINT few CHECK (run < 9) NOT VALID');
  const failing = request({ edge: 0.007 });
  await expect(sweep(failing)).rejects.toThrow(/violates check constraint.+goes on from the runs/);
  await ask('ALTER TABLE farb_sweep_runs DROP CONSTRAINT few');
  const { resumed, runs } = await sweep(failing);
  expect(runs).toBe(18);
  expect(resumed).toBeLessThan(10);
});
