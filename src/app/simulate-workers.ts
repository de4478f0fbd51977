// A range of seeds on several cores: each part is a `farb simulate` process of its own, and the
// parts add up to the same report whatever the order in which they end.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import {
  mergeReports,
  type SimulateRange,
  type SimulateReport,
  simulateRange,
} from './simulate.ts';

/** Smaller parts cost more to start than they gain; several per worker level out the long runs. */
const partSeedsMin = 25;
const partsPerWorker = 6;

export interface SimulateOptions extends SimulateRange {
  /** Null = one per core. */
  readonly workers: number | null;
  readonly stop: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

export async function simulateSeeds(options: SimulateOptions): Promise<SimulateReport> {
  const { from, to, stop } = options;
  const total = to - from + 1;
  const workers = Math.min(
    options.workers ?? availableParallelism(),
    Math.ceil(total / partSeedsMin),
  );
  if (workers <= 1) return simulateRange(options, () => stop.aborted);
  const startedMs = performance.now();
  const size = Math.max(partSeedsMin, Math.ceil(total / (workers * partsPerWorker)));
  const parts: SimulateRange[] = [];
  for (let at = from; at <= to; at += size) {
    parts.push({ ...options, from: at, to: Math.min(to, at + size - 1) });
  }
  const reports: SimulateReport[] = [];
  let done = 0;
  let broken = false;
  const work = async (): Promise<void> => {
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      if (stop.aborted || broken) return;
      const report = await runPart(part, stop);
      reports.push(report);
      broken = options.safeguard !== null && report.failed > 0;
      done += part.to - part.from + 1;
      options.onProgress(done, total);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return mergeReports(options, reports, performance.now() - startedMs);
}

/** One part in a process of its own; its standard output is its report. */
function runPart(part: SimulateRange, stop: AbortSignal): Promise<SimulateReport> {
  const main = fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? '../cli/main.ts' : '../cli/main.js', import.meta.url),
  );
  const args = ['simulate', '--json', '--workers', '1', '--seeds', `${part.from}..${part.to}`];
  args.push('--faults', part.faults);
  if (part.safeguard !== null) args.push('--break', part.safeguard);
  if (part.coins === true) args.push('--coins');
  const child = spawn(process.execPath, [...process.execArgv, main, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal: stop,
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      try {
        resolve(JSON.parse(text) as SimulateReport); // our own command's answer
      } catch {
        reject(new Error(`seeds ${part.from}..${part.to}: the process ended with code ${code}`));
      }
    });
  });
}
