// `farb data`: the store of market data as the command line answers it.
import type { DataImport, DataList, DataPull, DataVerify } from '../api/data-report.ts';
import { UserError } from '../base/errors.ts';
import { tryDuration } from '../base/time.ts';
import type { Selection } from '../history/data-set.ts';
import { seriesName } from '../history/series.ts';
import { systemClock, testnetClock } from '../io/clock.ts';
import type { DriverLog } from '../io/driver-types.ts';
import { openData } from '../research/data-source.ts';
import { type ImportRequest, importData } from '../research/import.ts';
import { lastCloseMs, pullData } from '../research/pull.ts';
import type { PullKind } from '../research/pull-plan.ts';
import type { StoreCounts } from '../research/store.ts';
import { verifyData } from '../research/verify.ts';
import type { Config } from './config.ts';
import { publicSetups } from './public-setups.ts';
import type { TestnetFile } from './testnet-file.ts';

export type { Selection } from '../history/data-set.ts';
export { marketNames, seriesKinds } from '../history/series.ts';
export { pullKinds } from '../research/pull-plan.ts';

export async function dataImport(request: ImportRequest): Promise<DataImport> {
  const report = await importData(request);
  return {
    dir: request.dir,
    ...report,
    files: [...report.files],
    conflictsShown: shown(report),
    interrupted: request.stop.aborted,
  };
}

export async function dataList(dir: string, selection: Selection): Promise<DataList> {
  const all = await (await openData(dir)).list(selection);
  return {
    dir,
    rows: all.reduce((sum, { rows }) => sum + rows, 0),
    series: all.map(({ id, gaps, intervals, ...coverage }) => ({
      name: seriesName(id),
      ...{ kind: id.kind, venue: id.venue, market: id.market },
      ...{ symbol: id.symbol, interval: id.interval },
      ...coverage,
      gaps: [...gaps],
      intervals: [...intervals],
    })),
  };
}

export async function dataVerify(dir: string, selection: Selection): Promise<DataVerify> {
  const report = await verifyData(dir, selection);
  return { ...report, findings: [...report.findings] };
}

export interface DataPullRequest {
  readonly config: Config;
  readonly testnet: TestnetFile | null;
  readonly dir: string;
  /** Null = all that are configured. */
  readonly venues: readonly string[] | null;
  readonly symbols: readonly string[];
  readonly kinds: readonly PullKind[];
  readonly interval: string;
  readonly fromMs: number;
  /** Null = until now. */
  readonly toMs: number | null;
  readonly log: DriverLog;
  readonly stop: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

export async function dataPull(request: DataPullRequest): Promise<DataPull> {
  const { config, testnet, interval, ...rest } = request;
  const intervalMs = tryDuration(interval);
  if (intervalMs === null) throw new UserError(`--interval ${interval}: write it like 1h or 15m`);
  const setups = publicSetups(config, testnet);
  const known = setups.map(({ id }) => id);
  const strange = request.venues?.find((venue) => !known.includes(venue));
  if (strange !== undefined) {
    throw new UserError(`--venue ${strange}: not configured; there are ${known.join(', ')}`);
  }
  const venues = setups.flatMap((setup) => {
    const isWanted = request.venues?.includes(setup.id) ?? true;
    // A venue behind ccxt has no requests of its own.
    return isWanted && setup.driver === 'native' ? [setup] : [];
  });
  const clock = testnet === null ? systemClock() : testnetClock(testnet.clock);
  // On the grid, and no bar that is still open.
  const fromMs = Math.floor(request.fromMs / intervalMs) * intervalMs;
  const closedMs = lastCloseMs(clock.venueMs(), intervalMs);
  const toMs = Math.min(request.toMs ?? closedMs, closedMs);
  if (!(fromMs < toMs)) throw new UserError('--from must be before --to and before now');
  const pull = { ...rest, venues, interval, intervalMs, clock, fromMs, toMs };
  const report = await pullData(pull);
  return {
    dir: request.dir,
    ...report,
    series: [...report.series],
    errors: [...report.errors],
    conflictsShown: shown(report),
    interrupted: request.stop.aborted,
  };
}

function shown({ conflictsShown }: StoreCounts): DataImport['conflictsShown'] {
  return conflictsShown.map(({ series, conflict: { tsMs, kept, dropped } }) => ({
    ...{ series, tsMs, kept: kept.map(orNull), dropped: dropped.map(orNull) },
  }));
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
