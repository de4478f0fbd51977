// How everything here is timed: the median over several runs of a loop, each long enough to matter.
// Figures of different runs or machines do not compare; ratios inside one run do.

export interface Row {
  readonly name: string;
  /** Nanoseconds of one operation, or what `unit` says; null = not measured, see `note`. */
  readonly value: number | null;
  readonly unit: 'ns' | 'per s' | 'ms' | 'bytes';
  /** How many times the reference of the same group: below 1 is less. */
  readonly ratio: number | null;
  readonly note: string;
}

export interface Bench {
  readonly title: string;
  run(): readonly Row[] | Promise<readonly Row[]>;
}

const runs = 7;
const runMsMin = 60;

/** Median nanoseconds per operation; `batch` operations are done per call. */
export function medianNs(work: () => void, batch = 1): number {
  let rounds = 1;
  while (timeMs(work, rounds) < runMsMin) rounds *= 2; // also warms up
  const samples = Array.from({ length: runs }, () => (timeMs(work, rounds) * 1e6) / rounds / batch);
  return median(samples);
}

/** Median of alternating runs, so that a slow moment of the machine hits all candidates. */
export function mediansNs(works: readonly (() => void)[], batch = 1): readonly number[] {
  const rounds = works.map((work) => {
    let count = 1;
    while (timeMs(work, count) < runMsMin) count *= 2;
    return count;
  });
  const samples: number[][] = works.map(() => []);
  for (let run = 0; run < runs; run++) {
    works.forEach((work, i) => {
      const count = rounds[i] as number;
      samples[i]?.push((timeMs(work, count) * 1e6) / count / batch);
    });
  }
  return samples.map(median);
}

/** Heap bytes per operation over many; 0 = the steady state allocates nothing. */
export function heapBytesPer(work: () => void, operations: number): number {
  for (let i = 0; i < 20_000; i++) work();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < operations; i++) work();
  return Math.max(0, process.memoryUsage().heapUsed - before) / operations;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

/**
 * Processor time of this process, so that neighbours on the machine count as little as possible.
 */
function timeMs(work: () => void, rounds: number): number {
  const started = process.cpuUsage();
  for (let i = 0; i < rounds; i++) work();
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1_000;
}
