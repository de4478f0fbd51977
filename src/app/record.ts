// `farb record`: the public frames of the configured native venues, as they come, into files. No
// key is used and nothing is traded.
import { UserError } from '../base/errors.ts';
import { Catalog } from '../domain/instrument.ts';
import { MarketTable } from '../domain/market-table.ts';
import { systemClock, testnetClock } from '../io/clock.ts';
import type { DriverLog, FrameTap } from '../io/driver-types.ts';
import { Recorder, type RecorderStats } from '../store/recording.ts';
import type { Config } from './config.ts';
import { driverOf } from './drivers.ts';
import { publicSetups } from './public-setups.ts';
import { instrumentsMax } from './system.ts';
import type { TestnetFile } from './testnet-file.ts';

export interface RecordOptions {
  readonly config: Config;
  readonly testnet: TestnetFile | null;
  readonly dir: string;
  /** Wall time; null = until `stop`. */
  readonly forMs: number | null;
  readonly stop: AbortSignal;
  readonly log: DriverLog;
  readonly fileBytesMax?: number;
  readonly fileMsMax?: number;
  /** Once a second. */
  readonly progress: (stats: RecorderStats) => void;
}

export interface RecordResult extends RecorderStats {
  readonly venues: readonly string[];
  readonly wallMs: number;
}

export async function record(options: RecordOptions): Promise<RecordResult> {
  const { config, testnet, dir, log, stop, fileBytesMax, fileMsMax } = options;
  const setups = publicSetups(config, testnet).filter(({ driver }) => driver === 'native');
  if (setups.length === 0) {
    throw new UserError(
      `${config.dir}/exchanges.yaml: venues: no native venue: ccxt has no frames`,
    );
  }
  const clock = testnet === null ? systemClock() : testnetClock(testnet.clock);
  let tellFailed: (error: Error) => void = () => undefined;
  const failed = new Promise<Error>((resolve) => {
    tellFailed = resolve;
  });
  const recorder = new Recorder({
    dir,
    head: { venues: setups.map(({ id }) => id), clock: testnet?.clock ?? null },
    onError: tellFailed,
    ...(fileBytesMax === undefined ? {} : { fileBytesMax }),
    ...(fileMsMax === undefined ? {} : { fileMsMax }),
  });
  const catalog = new Catalog();
  const table = new MarketTable(instrumentsMax);
  const silent = (): void => undefined;
  const drivers = setups.map((setup) =>
    driverOf(setup, {
      ...{ credentials: null, clock, catalog, table, emit: silent, onQuote: silent, log },
      tap: tapInto(recorder, setup.id),
    }),
  );
  const startedMs = clock.wallMs();
  const ticker = setInterval(() => options.progress(recorder.stats()), 1_000);
  try {
    await Promise.all(drivers.map((driver) => driver.start()));
    const error = await Promise.race([failed, over(stop, options.forMs)]);
    if (error !== null) {
      throw new UserError(`--out ${dir}: cannot be written (${error.message})`, { exitCode: 1 });
    }
  } finally {
    clearInterval(ticker);
    await Promise.allSettled(drivers.map((driver) => driver.stop()));
    await recorder.close();
  }
  const venues = setups.map(({ id }) => id);
  return { ...recorder.stats(), venues, wallMs: Math.round(clock.wallMs() - startedMs) };
}

/** Frames of the streams, and the answers without which they say too little. */
export function tapInto(recorder: Recorder, venue: string): FrameTap {
  const none = new Uint8Array(0);
  return {
    frame: ({ stream, market }, bytes, receivedWallMs) =>
      recorder.put({ receivedWallMs, venue, stream, market, bytes }),
    answer({ purpose, host, method, path, query, market }, { status, body }, receivedWallMs) {
      const request = { purpose, host, method, path, query, status };
      const bytes = Buffer.from(body);
      recorder.put({ receivedWallMs, venue, stream: 'rest', market, bytes, request });
    },
    lost: ({ stream, market }, receivedWallMs) =>
      recorder.put({ receivedWallMs, venue, stream, market, bytes: none, lost: true }),
  };
}

function over(stop: AbortSignal, forMs: number | null): Promise<null> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve(null);
    stop.addEventListener('abort', () => resolve(null), { once: true });
    if (forMs !== null) setTimeout(() => resolve(null), forMs);
  });
}
