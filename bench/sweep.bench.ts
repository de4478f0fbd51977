// A sweep over a real Redis with one worker process and with two, by turns: what the second one is
// worth. Sets after the first are timed: by then every worker has the data.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { openRedisPool } from '../src/app/sweep-redis.ts';
import { columnsOf } from '../src/backtest/columns.ts';
import { perpPerp } from '../src/strategy/perp-perp.ts';
import { hasRedis, noRedis, startRedis } from '../test/support/redis-server.ts';
import { syntheticTape } from '../test/support/synthetic-tape.ts';
import type { Bench, Row } from './measure.ts';

const tape = { venues: ['binance', 'okx', 'bybit'], assets: 20, bars: 3 * 8_760, seed: 1 };
const sets = 160;
const warmUp = 32;
const rounds = 3;
const here = fileURLToPath(new URL('./sweep-worker.ts', import.meta.url));

export const sweepBench: Bench = {
  title: `sweep over Redis: ${sets} parameter sets, 3 venues x 20 assets x 3 years of hours`,
  async run() {
    if (!hasRedis) return [row('not measured', null, null, noRedis)];
    const redis = await startRedis();
    try {
      return await measure(redis.url);
    } finally {
      await redis.stop();
    }
  },
};

async function measure(url: string): Promise<readonly Row[]> {
  const columns = columnsOf({ tape: syntheticTape(tape), strategy: perpPerp, dataDelayMs: 65_000 });
  const base = { ...perpPerp.defaults };
  const setup = { columns, strategy: perpPerp.name, base, capitalPerLegUsd: 10_000 };
  const pool = await openRedisPool(setup, url, new AbortController().signal);
  const jobs = (from: number, count: number) =>
    Array.from({ length: count }, (_, k) => ({
      id: from + k,
      point: {
        netEdgeMin: 0.0002 + 0.000_02 * (k % 50),
        horizonMs: 43_200_000 * (1 + (k % 6)),
      },
    }));
  let ids = 0;
  const run = async (count: number): Promise<number> => {
    const startedMs = performance.now();
    await pool.run(jobs(ids, count), () => undefined);
    ids += count;
    return performance.now() - startedMs;
  };
  const best = { one: Number.POSITIVE_INFINITY, two: Number.POSITIVE_INFINITY };
  const cpu = { ...best };
  const workers: ChildProcess[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      for (const name of ['one', 'two'] as const) {
        while (workers.length < (name === 'one' ? 1 : 2)) workers.push(await started(url));
        await run(warmUp);
        const before = await cpuOf(workers);
        best[name] = Math.min(best[name], await run(sets));
        cpu[name] = Math.min(cpu[name], (await cpuOf(workers)) - before);
      }
      await ended(workers.pop());
    }
  } finally {
    await Promise.all(workers.map(ended));
    await pool.close();
  }
  const noteOf = (name: 'one' | 'two'): string =>
    `best of ${rounds}, by turns; ${(cpu[name] / 1_000).toFixed(1)} s of processor`;
  const times = (best.one / best.two).toFixed(2);
  return [
    row('one worker process', best.one, 1, noteOf('one')),
    row('two', best.two, best.two / best.one, `${times} times as fast; ${noteOf('two')}`),
  ];
}

/** Milliseconds, of all of them together. */
async function cpuOf(workers: readonly ChildProcess[]): Promise<number> {
  const used = workers.map(
    (child) =>
      new Promise<number>((resolve) => {
        child.once('message', (usage: NodeJS.CpuUsage) => resolve(usage.user + usage.system));
        child.send('cpu');
      }),
  );
  return (await Promise.all(used)).reduce((sum, us) => sum + us / 1_000, 0);
}

function row(name: string, value: number | null, ratio: number | null, note: string): Row {
  return { name, value, unit: 'ms', ratio, note };
}

async function started(url: string): Promise<ChildProcess> {
  const child = fork(here, [url], { execArgv: process.execArgv });
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`a worker ended with ${code}`)));
  });
  return child;
}

async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.send('stop');
  await gone;
}
