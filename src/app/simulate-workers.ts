// A range of seeds on several cores: worker threads take one part after the other, and the parts
// add up to the same report whatever the order in which they end. A thread stays for all of its
// parts, because code that has run for a while runs three times as fast as at first.
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import {
  mergeReports,
  type SimulateRange,
  type SimulateReport,
  simulateRange,
} from './simulate.ts';

/** Small, so that no worker waits long for the last one. */
const partSeeds = 25;
/** Half of what a run makes is garbage at once: with little room for it much is kept too long. */
const youngMbMax = 96;

export interface SimulateOptions extends SimulateRange {
  /** Null = one per core. */
  readonly workers: number | null;
  readonly stop: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

export async function simulateSeeds(options: SimulateOptions): Promise<SimulateReport> {
  const { from, to, stop } = options;
  const total = to - from + 1;
  const count = Math.min(options.workers ?? availableParallelism(), Math.ceil(total / partSeeds));
  if (count <= 1) return simulateRange(options, () => stop.aborted);
  const startedMs = performance.now();
  const { faults, safeguard, coins } = options;
  const reports: SimulateReport[] = [];
  let next = from;
  let done = 0;
  let broken = false;
  const work = async (worker: Worker): Promise<void> => {
    while (next <= to && !stop.aborted && !broken) {
      const part = { from: next, to: Math.min(to, next + partSeeds - 1), faults, safeguard };
      next = part.to + 1;
      worker.postMessage(coins === undefined ? part : { ...part, coins });
      const [report] = (await once(worker, 'message', { signal: stop })) as [SimulateReport];
      reports.push(report);
      broken = safeguard !== null && report.failed > 0;
      done += report.seeds.to - report.seeds.from + 1;
      options.onProgress(done, total);
    }
  };
  const workers = Array.from({ length: count }, newWorker);
  try {
    await Promise.all(workers.map(work));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return mergeReports(options, reports, performance.now() - startedMs);
}

function newWorker(): Worker {
  const resourceLimits = { maxYoungGenerationSizeMb: youngMbMax };
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./simulate-worker.js', import.meta.url), { resourceLimits });
  }
  // From a checkout: a thread does not take over the loader of its parent.
  const url = JSON.stringify(new URL('./simulate-worker.ts', import.meta.url).href);
  const load = `import('tsx/esm/api').then(({ tsImport }) => tsImport(${url}, ${url}))`;
  return new Worker(load, { resourceLimits, eval: true, execArgv: [] });
}
