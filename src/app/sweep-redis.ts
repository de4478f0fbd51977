// A sweep beyond one machine: jobs over Redis with BullMQ. Whoever runs the sweep puts its data
// there once, compressed, under the hash of it; a worker needs nothing but the address. A job is a
// few parameter sets; a worker that dies gives its job back after half a minute.
import { promisify } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { gunzip, gzip } from 'node:zlib';
import type { Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import {
  type SweepFigures,
  type SweepJob,
  type SweepResult,
  SweepRunner,
  type SweepSetup,
} from '../backtest/sweep-run.ts';
import { messageOf, UserError } from '../base/errors.ts';
import { sha256Hex } from '../base/hmac.ts';
import { dayMs } from '../base/time.ts';
import { strategyByName } from '../strategy/registry.ts';
import type { SweepPool } from './sweep-pool.ts';

const queueName = 'farb-sweep';
const setupKeepMs = 7 * dayMs;
/** Parameter sets of one job, and jobs that wait in Redis at once. */
const batchJobs = 8;
const batchesWaiting = 256;
/** Data that a worker keeps: of as many sweeps. */
const setupsKept = 4;
/** Redis takes values up to 512 MB. */
const setupBytesMax = 500_000_000;
const connectMs = 5_000;
/** How often a job may be lost by a dying worker. */
const stalledMax = 5;
const attempts = 3;

interface Batch {
  readonly setup: string;
  readonly jobs: readonly SweepJob[];
}

/** What travels back: doubles of the days in base64. */
interface Answer {
  readonly id: number;
  readonly figures: SweepFigures;
  readonly daily: string;
}

export async function openRedisPool(
  setup: SweepSetup,
  url: string,
  stop: AbortSignal,
): Promise<SweepPool> {
  const redis = await connect(url);
  const bytes = await promisify(gzip)(serialize(setup));
  if (bytes.length > setupBytesMax) {
    throw new UserError('--redis: the data is too large for Redis; choose fewer --symbols');
  }
  const name = sha256Hex(bytes.toString('base64'));
  await redis.set(keyOf(name), bytes, 'PX', setupKeepMs);
  const bull = await import('bullmq');
  const connection = { url };
  const queue = new bull.Queue<Batch, readonly Answer[]>(queueName, { connection });
  const events = new bull.QueueEvents(queueName, { connection });
  const again = (): void => undefined; // a lost connection is made again
  queue.on('error', again);
  events.on('error', again);
  for (const each of [queue, events]) each.setMaxListeners(2 * batchesWaiting);
  await events.waitUntilReady();
  const stopped = new Promise<null>((resolve) => {
    if (stop.aborted) resolve(null);
    stop.addEventListener('abort', () => resolve(null), { once: true });
  });
  return {
    async run(jobs, onResult) {
      const waiting = [...jobs];
      const lane = async (): Promise<void> => {
        while (waiting.length > 0 && !stop.aborted) {
          const batch = waiting.splice(0, batchJobs);
          await answer({ queue, events, stopped, onResult }, { setup: name, jobs: batch });
        }
      };
      const lanes = Math.min(batchesWaiting, Math.ceil(jobs.length / batchJobs));
      await Promise.all(Array.from({ length: lanes }, lane));
    },
    async close() {
      await Promise.all([queue.close(), events.close()]);
      redis.disconnect();
    },
  };
}

interface Asking {
  readonly queue: Queue<Batch, readonly Answer[]>;
  readonly events: QueueEvents;
  /** Settles when the sweep is to stop. */
  readonly stopped: Promise<null>;
  readonly onResult: (result: SweepResult) => void;
}

/** Waits for one job; when the sweep is stopped, takes it out of the queue. */
async function answer({ queue, events, stopped, onResult }: Asking, batch: Batch): Promise<void> {
  const job = await queue.add('runs', batch, {
    attempts,
    removeOnComplete: { age: 3_600 },
    removeOnFail: { age: 3_600 },
  });
  const answers = await Promise.race([job.waitUntilFinished(events), stopped]);
  if (answers === null) {
    await job.remove().catch(() => undefined); // a worker is at it already
    return;
  }
  const points = new Map(batch.jobs.map(({ id, point }) => [id, point]));
  for (const { id, figures, daily } of answers) {
    const point = points.get(id);
    if (point !== undefined) onResult({ id, point, figures, daily: doublesOf(daily) });
  }
}

/** Works until `stop`; returns how many parameter sets it ran. */
export async function runRedisWorker(
  url: string,
  options: {
    readonly stop: AbortSignal;
    readonly onReady?: () => void;
    readonly onJob: (runs: number) => void;
  },
): Promise<number> {
  const redis = await connect(url);
  options.onReady?.();
  const bull = await import('bullmq');
  const runners = new Map<string, SweepRunner>();
  let runs = 0;
  const worker = new bull.Worker<Batch, readonly Answer[]>(
    queueName,
    async ({ data }) => {
      const runner = runners.get(data.setup) ?? (await loadRunner(redis, data.setup));
      runners.set(data.setup, runner);
      const [oldest] = runners.keys();
      if (runners.size > setupsKept && oldest !== undefined) runners.delete(oldest);
      const answers = data.jobs.map((job) => answerOf(runner.run(job)));
      runs += answers.length;
      options.onJob(runs);
      return answers;
    },
    { connection: { url }, maxStalledCount: stalledMax },
  );
  worker.on('error', () => undefined); // a lost connection is made again
  await new Promise<void>((resolve) => {
    if (options.stop.aborted) resolve();
    options.stop.addEventListener('abort', () => resolve(), { once: true });
  });
  await worker.close();
  redis.disconnect();
  return runs;
}

async function loadRunner(redis: Redis, name: string): Promise<SweepRunner> {
  const bytes = await redis.getBuffer(keyOf(name));
  if (bytes === null) throw new Error(`the data of the sweep is no longer in Redis: ${name}`);
  const setup = deserialize(await promisify(gunzip)(bytes)) as SweepSetup; // what openRedisPool put
  const strategy = strategyByName(setup.strategy);
  if (strategy === null) throw new Error(`this worker does not know strategy ${setup.strategy}`);
  return new SweepRunner(setup, strategy);
}

async function connect(url: string): Promise<Redis> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: connectMs,
    retryStrategy: (times) => (times > 1 ? null : 200),
  });
  redis.on('error', () => undefined); // told by connect()
  try {
    await redis.connect();
    return redis;
  } catch (thrown) {
    redis.disconnect();
    const where = url.replace(/\/\/[^@/]*@/, '//');
    throw new UserError(`--redis ${where}: ${messageOf(thrown)}; is redis-server running there?`);
  }
}

function keyOf(name: string): string {
  return `farb:sweep:${name}`;
}

function answerOf({ id, figures, daily }: SweepResult): Answer {
  const bytes = Buffer.from(daily.buffer, daily.byteOffset, daily.byteLength);
  return { id, figures, daily: bytes.toString('base64') };
}

function doublesOf(text: string): Float64Array {
  const bytes = Buffer.from(text, 'base64');
  const doubles = new Float64Array(bytes.length / 8);
  Buffer.from(doubles.buffer).set(bytes);
  return doubles;
}
