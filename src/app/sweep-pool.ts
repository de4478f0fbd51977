// Who runs the parameter sets of a sweep: this thread, or worker threads that share the columns in
// memory. Jobs are handed out one batch at a time, so that a slow one holds up nobody.
import { Worker } from 'node:worker_threads';
import {
  type SweepJob,
  type SweepResult,
  SweepRunner,
  type SweepSetup,
} from '../backtest/sweep-run.ts';
import { present } from '../base/assert.ts';
import { strategyByName } from '../strategy/registry.ts';

export interface SweepPool {
  /** Calls back with each result, in the order in which they come. */
  run(jobs: readonly SweepJob[], onResult: (result: SweepResult) => void): Promise<void>;
  close(): Promise<void>;
}

/** Jobs that one worker gets at once. */
const batchJobs = 4;

/** `stop`: no further job is handed out. */
export function openPool(setup: SweepSetup, workers: number, stop: AbortSignal): SweepPool {
  return workers <= 1 ? ownThread(setup, stop) : threads(setup, workers, stop);
}

function ownThread(setup: SweepSetup, stop: AbortSignal): SweepPool {
  const runner = new SweepRunner(setup, present(strategyByName(setup.strategy), setup.strategy));
  return {
    async run(jobs, onResult) {
      for (const job of jobs) {
        if (stop.aborted) return;
        onResult(runner.run(job));
        await new Promise(setImmediate); // an interrupt and the progress bar get their turn
      }
    },
    close: async () => undefined,
  };
}

function threads(setup: SweepSetup, workers: number, stop: AbortSignal): SweepPool {
  const shared = { ...setup, columns: share(setup.columns) };
  const pool = Array.from({ length: workers }, () => newWorker(shared));
  return {
    async run(jobs, onResult) {
      const waiting = [...jobs];
      await Promise.all(
        pool.map(async (worker) => {
          while (waiting.length > 0 && !stop.aborted) {
            const batch = waiting.splice(0, batchJobs);
            for (const result of await ask(worker, batch)) onResult(result);
          }
        }),
      );
    },
    async close() {
      await Promise.all(pool.map((worker) => worker.terminate()));
    },
  };
}

function newWorker(workerData: SweepSetup): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./sweep-worker.js', import.meta.url), { workerData });
  }
  // From a checkout: a thread does not take over the loader of its parent.
  const url = JSON.stringify(new URL('./sweep-worker.ts', import.meta.url).href);
  const load = `import('tsx/esm/api').then(({ tsImport }) => tsImport(${url}, ${url}))`;
  return new Worker(load, { workerData, eval: true, execArgv: [] });
}

/** One question at a time per worker. */
function ask(worker: Worker, jobs: readonly SweepJob[]): Promise<readonly SweepResult[]> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      worker.off('message', answer);
      worker.off('error', fail);
      worker.off('exit', exit);
    };
    const answer = (results: readonly SweepResult[]): void => {
      settle();
      resolve(results);
    };
    const fail = (error: unknown): void => {
      settle();
      reject(error);
    };
    const exit = (code: number): void => fail(new Error(`a worker ended with code ${code}`));
    worker.once('message', answer);
    worker.once('error', fail);
    worker.once('exit', exit);
    worker.postMessage(jobs);
  });
}

/** The same data with every typed array in shared memory: workers read it, none copies it. */
function share<T>(value: T): T {
  if (value instanceof Float64Array) return copyInto(Float64Array, value) as T;
  if (value instanceof Int32Array) return copyInto(Int32Array, value) as T;
  if (value instanceof Uint8Array) return copyInto(Uint8Array, value) as T;
  if (Array.isArray(value)) return value.map(share) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, share(item)])) as T;
}

interface Shareable<A> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: SharedArrayBuffer): A;
}

function copyInto<A extends { set(from: ArrayLike<number>): void }>(
  make: Shareable<A>,
  from: ArrayLike<number>,
): A {
  const copy = new make(new SharedArrayBuffer(from.length * make.BYTES_PER_ELEMENT));
  copy.set(from);
  return copy;
}
