// Every benchmark by its name: where it is, how long it takes, how often it is recorded. Each is
// loaded only when it is run, so that a library that is not installed costs its own rows alone.
import type { Bench } from './measure.ts';

export interface Entry {
  load(): Promise<Bench>;
  /** One run of it on two quiet cores, seconds: what the progress output tells. */
  readonly aboutS: number;
  /** Long: only when named, and when everything is recorded. */
  readonly onRequest?: true;
  /** Runs that are recorded; default three. */
  readonly recordedRuns?: number;
}

const all: Readonly<Record<string, Entry>> = {
  decode: { load: async () => (await import('./decode.bench.ts')).decodeBench, aboutS: 50 },
  scan: { load: async () => (await import('./scan.bench.ts')).scanBench, aboutS: 15 },
  socket: { load: async () => (await import('./socket.bench.ts')).socketBench, aboutS: 40 },
  engine: { load: async () => (await import('./engine.bench.ts')).engineBench, aboutS: 25 },
  journal: { load: async () => (await import('./journal.bench.ts')).journalBench, aboutS: 55 },
  simulate: { load: async () => (await import('./simulate.bench.ts')).simulateBench, aboutS: 75 },
  startup: { load: async () => (await import('./startup.bench.ts')).startupBench, aboutS: 40 },
  backtest: { load: async () => (await import('./backtest.bench.ts')).backtestBench, aboutS: 80 },
  data: { load: async () => (await import('./data.bench.ts')).dataBench, aboutS: 15 },
  sweep: {
    load: async () => (await import('./sweep.bench.ts')).sweepBench,
    ...{ aboutS: 50, onRequest: true },
  },
  wire: {
    load: async () => (await import('./wire.bench.ts')).wireBench,
    ...{ aboutS: 180, onRequest: true },
  },
  roundtrip: {
    load: async () => (await import('./roundtrip.bench.ts')).roundtripBench,
    ...{ aboutS: 100, onRequest: true },
  },
  scale: {
    load: async () => (await import('./scale.bench.ts')).scaleBench,
    ...{ aboutS: 60, onRequest: true },
  },
  'scale-long': {
    load: async () => (await import('./scale.bench.ts')).scaleLongBench,
    ...{ aboutS: 660, onRequest: true, recordedRuns: 1 },
  },
  recovery: {
    load: async () => (await import('./recovery.bench.ts')).recoveryBench,
    ...{ aboutS: 180, onRequest: true, recordedRuns: 1 },
  },
};

export const benchNames = Object.keys(all);
export const usualNames = benchNames.filter((name) => all[name]?.onRequest !== true);
const recordedRunsDefault = 3;

/** Null: there is none of that name. */
export function entryOf(name: string): Entry | null {
  return Object.hasOwn(all, name) ? (all[name] as Entry) : null;
}

/** Of a name that is known. */
export function mustBe(name: string): Required<Pick<Entry, 'aboutS' | 'recordedRuns' | 'load'>> {
  const entry = entryOf(name);
  if (entry === null) throw new Error(`no benchmark "${name}"`);
  return { recordedRuns: recordedRunsDefault, ...entry };
}
