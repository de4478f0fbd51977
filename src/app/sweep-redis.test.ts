// A sweep over a real Redis: two workers give what this process gives; a worker that comes late or
// goes early changes nothing; a Redis that is not there is said in one line.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeCsvVenue } from '../../test/support/csv-history.ts';
import {
  hasRedis,
  noRedis,
  type RedisServer,
  startRedis,
} from '../../test/support/redis-server.ts';
import { loadConfig } from './config.ts';
import { type SweepRequest, sweep } from './sweep.ts';
import { runRedisWorker } from './sweep-redis.ts';

let dir = '';
let redis: RedisServer | null = null;
let files = 0;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'farb-sweep-redis-'));
  const common = { dir, symbol: 'AAAUSDT', startMs: Date.UTC(2024, 0, 1), hours: 24 * 30 };
  for (const [k, venue] of ['one', 'two'].entries()) {
    const price = (hour: number) => Math.round(5_000 + 40 * Math.sin(hour / 30)) / 100;
    const rate = (hour: number) => Number((k * 0.001 * Math.sin(hour / 90)).toFixed(8));
    writeCsvVenue({ ...common, venue, price, rate });
  }
  if (hasRedis) redis = await startRedis();
});

afterAll(async () => {
  await redis?.stop();
  rmSync(dir, { recursive: true, force: true });
});

function request(more: Partial<SweepRequest>): SweepRequest {
  const gridFile = join(dir, 'grid.yaml');
  const netEdgeMin = { from: 0.0002, to: 0.004, steps: 16 };
  const params = { netEdgeMin, horizonMs: ['12h', '1d', '3d'] };
  writeFileSync(gridFile, JSON.stringify({ strategy: 'perp-perp', params }));
  return {
    config: loadConfig('config', {}),
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
    walk: null,
    folds: { folds: 4, purgeDays: 2 },
    check: 'none',
    parquet: null,
    redis: null,
    stop: new AbortController().signal,
    onProgress: () => undefined,
    ...more,
  };
}

it('two workers give what this process gives; one that goes early changes nothing', async (ctx) => {
  if (redis === null) return ctx.skip(noRedis);
  const { url } = redis;
  const [early, late] = [new AbortController(), new AbortController()];
  const first = runRedisWorker(url, { stop: early.signal, onJob: () => early.abort() });
  let second: Promise<number> | null = null;
  const report = await sweep(
    request({
      redis: url,
      onProgress: (done) => {
        // The second worker comes when the first has begun, and goes.
        if (done === 0 || second !== null) return;
        second = runRedisWorker(url, { stop: late.signal, onJob: () => undefined });
      },
    }),
  );
  late.abort();
  const runs = (await first) + ((await second) ?? 0);
  expect(report).toMatchObject({ runs: 48, missing: 0 });
  expect(runs).toBe(48);
  expect(await first).toBeGreaterThan(0);
  expect(await second).toBeGreaterThan(0);
  expect(report.best).toEqual((await sweep(request({}))).best);
});

it('a sweep that is stopped leaves nothing in the queue for others', async (ctx) => {
  if (redis === null) return ctx.skip(noRedis);
  const stop = new AbortController();
  const stopping = sweep(request({ redis: redis.url, stop: stop.signal }));
  await expect
    .poll(async () => (await queued(redis?.url ?? '')) > 0, { timeout: 20_000, interval: 50 })
    .toBe(true);
  stop.abort();
  expect(await stopping).toMatchObject({ runs: 0, missing: 48 });
  expect(await queued(redis.url)).toBe(0);
});

it('a Redis that is not there is said in one line, without its password', async () => {
  const url = 'redis://user:secret@127.0.0.1:1';
  const failure = sweep(request({ redis: url }));
  await expect(failure).rejects.toThrow(/--redis redis:\/\/127.0.0.1:1: .*redis-server/);
  await expect(failure).rejects.not.toThrow(/secret/);
});

async function queued(url: string): Promise<number> {
  const { Queue } = await import('bullmq');
  const queue = new Queue('farb-sweep', { connection: { url } });
  const { waiting = 0 } = await queue.getJobCounts('waiting');
  await queue.close();
  return waiting;
}
