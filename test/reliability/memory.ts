// What a process's memory did over a run, from the samples of `memory-probe.mjs`: is it flat?
import { existsSync, readFileSync } from 'node:fs';

/** After a forced collection, in MB. `heap` counts the buffers outside of V8's heap too. */
export interface Sample {
  readonly heapMb: number;
  readonly rssMb: number;
}

export interface Flatness {
  readonly samples: number;
  /** Medians of the window after the warm-up and of the last one, as long. */
  readonly heapMb: readonly [early: number, late: number];
  readonly rssMb: readonly [early: number, late: number];
  /** Late over early, less one. */
  readonly heapGrowth: number;
  readonly rssGrowth: number;
}

const megabyte = 1_048_576;

/** The samples of one process, oldest first. A line that is still being written is left out. */
export function readSamples(file: string, pid: number): readonly Sample[] {
  if (!existsSync(file)) return [];
  const samples: Sample[] = [];
  for (const line of readFileSync(file, 'utf8').split('\n').slice(0, -1)) {
    const value = JSON.parse(line) as Record<string, number>; // of the probe
    if (value['pid'] !== pid) continue;
    const { heapUsed = 0, external = 0, rss = 0 } = value;
    samples.push({ heapMb: (heapUsed + external) / megabyte, rssMb: rss / megabyte });
  }
  return samples;
}

/** Compares what follows the warm-up with the end; each window is a share of the whole run. */
export function flatnessOf(
  samples: readonly Sample[],
  { warmUp, window }: { readonly warmUp: number; readonly window: number },
): Flatness {
  const at = (share: number): number => Math.floor(share * samples.length);
  const early = samples.slice(at(warmUp), at(warmUp + window));
  const late = samples.slice(at(1 - window));
  const pair = (figure: (sample: Sample) => number): readonly [number, number] => [
    median(early.map(figure)),
    median(late.map(figure)),
  ];
  const heapMb = pair((sample) => sample.heapMb);
  const rssMb = pair((sample) => sample.rssMb);
  return {
    samples: samples.length,
    heapMb,
    rssMb,
    heapGrowth: heapMb[1] / heapMb[0] - 1,
    rssGrowth: rssMb[1] / rssMb[0] - 1,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
