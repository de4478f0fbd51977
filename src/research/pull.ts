// Pulls history from the venues' public interfaces into the store: requests and decoding are the
// adapters', rate limits and retries those of trading. Windows are asked for one after the other
// and committed as they come, so that a pull goes on where it was interrupted. Only closed bars.
import { UserError } from '../base/errors.ts';
import { minuteMs } from '../base/time.ts';
import type { BarRow } from '../domain/bars-spec.ts';
import type { Clock } from '../domain/ports.ts';
import type { VenueSpec } from '../domain/venue-spec.ts';
import { ColumnsBuilder } from '../history/columns.ts';
import { type SeriesId, seriesName } from '../history/series.ts';
import type { DriverLog } from '../io/driver-types.ts';
import type { Rest } from '../io/rest.ts';
import { type PullTask, type PullWish, planPull, priceOf, type Range } from './pull-plan.ts';
import { openStoreWriter, type StoreCounts, type StoreWriter } from './store.ts';
import { type PublicVenue, withVenue } from './venue-reader.ts';

export interface PullRequest extends PullWish {
  readonly venues: readonly PublicVenue[];
  readonly dir: string;
  readonly clock: Clock;
  readonly log: DriverLog;
  readonly stop: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

export interface PulledSeries {
  readonly name: string;
  readonly venue: string;
  /** Rows that came, whether or not the store had them. */
  readonly rows: number;
  /** What of the range is pulled now; null = nothing. */
  readonly pulled: Range | null;
  /** Null = all windows came. */
  readonly error: string | null;
}

export interface PullReport extends StoreCounts {
  readonly series: readonly PulledSeries[];
  /** Venues that could not be asked at all. */
  readonly errors: readonly { readonly venue: string; readonly message: string }[];
  readonly elapsedMs: number;
}

/** Windows between two commits of a series. */
const windowsPerCommit = 20;

export async function pullData(request: PullRequest): Promise<PullReport> {
  const startedMs = performance.now();
  const writer = await openStoreWriter(request.dir);
  try {
    const store = new PullStore(writer);
    const progress = new Progress(request.onProgress);
    const ended = await Promise.all(
      request.venues.map((venue) => pullVenue(venue, request, store, progress)),
    );
    await store.commit();
    return {
      series: ended.flatMap(({ series }) => series),
      errors: ended.flatMap(({ error }) => error ?? []),
      elapsedMs: performance.now() - startedMs,
      ...writer.counts,
    };
  } finally {
    await writer.close();
  }
}

interface VenueEnd {
  readonly series: readonly PulledSeries[];
  readonly error: { readonly venue: string; readonly message: string } | null;
}

function pullVenue(
  venue: PublicVenue,
  request: PullRequest,
  store: PullStore,
  progress: Progress,
): Promise<VenueEnd> {
  const { spec } = venue;
  return withVenue<VenueEnd>(
    venue,
    request,
    async ({ rest, instruments }) => {
      const tasks = planPull(spec, instruments, request, (id) => store.pulled(id));
      progress.expect(tasks.reduce((sum, { windows }) => sum + windows.length, 0));
      const series: PulledSeries[] = [];
      for (const task of tasks) {
        if (request.stop.aborted) break;
        series.push(await pullTask(task, { rest, spec, store, progress, request }));
      }
      return { series, error: null };
    },
    (message) => ({ series: [], error: { venue: spec.id, message } }),
  );
}

interface TaskParts {
  readonly rest: Rest;
  readonly spec: VenueSpec;
  readonly store: PullStore;
  readonly progress: Progress;
  readonly request: PullRequest;
}

async function pullTask(task: PullTask, parts: TaskParts): Promise<PulledSeries> {
  const { store, progress, request } = parts;
  const { id, windows } = task;
  let rows = 0;
  let error: string | null = null;
  for (const [k, window] of windows.entries()) {
    if (request.stop.aborted) break;
    const pulled = await pullWindow(task, window, parts);
    if (typeof pulled === 'string') {
      error = pulled;
      progress.step(windows.length - k);
      break;
    }
    rows += pulled.columns().values[0]?.length ?? 0;
    await store.add(pulled, window);
    if ((k + 1) % windowsPerCommit === 0) await store.commit();
    progress.step(1);
  }
  await store.commit();
  return { name: seriesName(id), venue: id.venue, rows, pulled: store.pulled(id), error };
}

/** The rows of a window, or why there are none. */
async function pullWindow(
  { id, instrument, kind }: PullTask,
  { fromMs, toMs }: Range,
  { rest, spec, request }: TaskParts,
): Promise<ColumnsBuilder | string> {
  const builder = new ColumnsBuilder(id);
  if (kind === 'funding') {
    const range = { fromMs, toMs: toMs - 1 };
    const read = await rest.read(spec.requests.fundingHistory(instrument, range));
    if (!read.ok) return read.error.message;
    for (const event of read.events) {
      if (event.kind !== 'funding-rate' || !event.settled) continue;
      const { settlesAtMs, ratePerInterval } = event;
      if (settlesAtMs === null || ratePerInterval === null) continue;
      const tsMs = Math.round(settlesAtMs / minuteMs) * minuteMs;
      if (tsMs < fromMs || tsMs >= toMs) continue;
      // Where the venue states the interval of a settlement; else it is inferred on reading.
      builder.push(Float64Array.of(tsMs, ratePerInterval, Number.NaN, Number.NaN));
    }
    return builder;
  }
  const wish = { price: priceOf(kind), intervalMs: request.intervalMs, fromMs, toMs };
  const asked = spec.bars?.request(instrument, wish);
  if (asked === undefined || asked === null) return 'the venue has no such bars';
  const reply = await rest.readBody(asked);
  if (!reply.ok) return reply.error.message;
  const rows: readonly BarRow[] | null = spec.bars?.read(reply.body, instrument, wish) ?? null;
  if (rows === null) return `${asked.path}: an answer that is no list of bars`;
  for (const row of rows) builder.push(Float64Array.from(row));
  return builder;
}

/** The store behind one line: venues are pulled at once, and write one after the other. */
class PullStore {
  private readonly writer: StoreWriter;
  private last: Promise<void> = Promise.resolve();

  constructor(writer: StoreWriter) {
    this.writer = writer;
  }

  pulled(id: SeriesId): Range | null {
    return this.writer.manifest.pulled[seriesName(id)] ?? null;
  }

  add(builder: ColumnsBuilder, window: Range): Promise<void> {
    return this.inTurn(async () => {
      await this.writer.add(builder.columns(), 'pulled');
      this.writer.notePulled(builder.id, window);
    });
  }

  commit(): Promise<void> {
    return this.inTurn(() => this.writer.commit());
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    this.last = this.last.then(work);
    return this.last;
  }
}

class Progress {
  private done = 0;
  private total = 0;
  private readonly report: PullRequest['onProgress'];

  constructor(report: PullRequest['onProgress']) {
    this.report = report;
  }

  expect(windows: number): void {
    this.total += windows;
  }

  step(windows: number): void {
    this.done += windows;
    this.report(this.done, this.total);
  }
}

/** Where the bars of an interval end that are closed at this moment. */
export function lastCloseMs(nowMs: number, intervalMs: number): number {
  const closedMs = Math.floor(nowMs / intervalMs) * intervalMs;
  if (closedMs > 0) return closedMs;
  throw new UserError('the clock is before 1970; set it');
}
