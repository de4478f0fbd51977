// The Parquet store: `kind=bars/venue=okx/perp-1h-BTC-USDT-SWAP-<sha>.parquet` and a manifest.
// Rows are added to it and leave it as columns. Rows with equal times are folded where time is the
// key; where two disagree the older one stays and the conflict is counted. Nothing is ever filled.
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { messageOf, UserError } from '../base/errors.ts';
import {
  type Columns,
  type Conflict,
  isKeyedByTime,
  joinColumns,
  settleColumns,
} from '../history/columns.ts';
import { type SeriesId, seriesName } from '../history/series.ts';
import { takeLock } from '../store/lock.ts';
import { openParquet, type ParquetFiles } from './duckdb.ts';
import { type Manifest, readManifest, type StoredPart, writeManifest } from './manifest.ts';
import { grown, type Range } from './pull-plan.ts';

/** Rows that wait in memory before they are written: about 100 MB. */
export const pendingRowsMax = 2_000_000;

export interface StoreWriter {
  readonly manifest: Manifest;
  /** Rows of one series, in the order of their source. Kept until `flush` or `commit`. */
  add(columns: Columns, source: string): Promise<void>;
  /** Notes that a file has been imported whole; the key tells it again. */
  noteImported(key: string, entry: { readonly file: string; readonly rows: number }): void;
  /** Notes that a venue was asked for everything of this range. */
  notePulled(id: SeriesId, range: Range): void;
  /** Everything added so far is in the store from here on, whatever happens next. */
  commit(): Promise<void>;
  /** Back to the last commit. */
  rollback(): void;
  readonly counts: StoreCounts;
  /** Rows since the last commit. */
  readonly rowsUncommitted: number;
  /** Drops what was not committed. */
  close(): Promise<void>;
}

export interface StoreCounts {
  rowsAdded: number;
  /** Rows that were there already, with the same values. */
  duplicates: number;
  /** Rows that contradict one that was there, which stays. */
  conflicts: number;
  /** The first of them, for the report. */
  readonly conflictsShown: { readonly series: string; readonly conflict: Conflict }[];
}

export const conflictsShownMax = 20;

/** Opens or makes the store and holds its lock; `rowsMax` wait in memory. */
export async function openStoreWriter(dir: string, rowsMax = pendingRowsMax): Promise<StoreWriter> {
  let real: string;
  try {
    mkdirSync(dir, { recursive: true });
    real = realpathSync(dir);
  } catch (thrown) {
    throw new UserError(`${dir} cannot be a store: ${messageOf(thrown)}; name another directory`);
  }
  const lock = await takeLock(real);
  if (lock === null) {
    throw new UserError(`${dir}: another farb writes to this store; wait for it, or stop it`);
  }
  try {
    const manifest = readManifest(real) ?? emptyManifest();
    const parquet = await openParquet();
    return new Writer({ dir: real, manifest, parquet, release: lock.release, rowsMax });
  } catch (thrown) {
    await lock.release();
    throw thrown;
  }
}

class Writer implements StoreWriter {
  readonly manifest: Manifest;
  readonly counts: StoreCounts = {
    ...{ rowsAdded: 0, duplicates: 0, conflicts: 0 },
    conflictsShown: [],
  };
  private readonly dir: string;
  private readonly parquet: ParquetFiles;
  private readonly release: () => Promise<void>;
  private readonly rowsMax: number;
  private readonly pending = new Map<string, { columns: Columns[]; sources: Set<string> }>();
  private pendingRows = 0;
  rowsUncommitted = 0;
  /** Files of the manifest on disk; those that it no longer needs; those that it does not name. */
  private committed: ReadonlySet<string>;
  private readonly replaced = new Set<string>();
  private readonly written = new Set<string>();
  private parts = 0;

  constructor(parts: {
    readonly dir: string;
    readonly manifest: Manifest;
    readonly parquet: ParquetFiles;
    readonly release: () => Promise<void>;
    readonly rowsMax: number;
  }) {
    this.dir = parts.dir;
    this.manifest = parts.manifest;
    this.parquet = parts.parquet;
    this.release = parts.release;
    this.rowsMax = parts.rowsMax;
    this.committed = filesOf(parts.manifest);
  }

  async add(columns: Columns, source: string): Promise<void> {
    const rows = columns.values[0]?.length ?? 0;
    if (rows === 0) return;
    const name = seriesName(columns.id);
    const waiting = this.pending.get(name) ?? { columns: [], sources: new Set() };
    waiting.columns.push(columns);
    waiting.sources.add(source);
    this.pending.set(name, waiting);
    this.pendingRows += rows;
    this.counts.rowsAdded += rows;
    this.rowsUncommitted += rows;
    if (this.pendingRows > this.rowsMax) await this.flush();
  }

  noteImported(key: string, entry: { readonly file: string; readonly rows: number }): void {
    this.manifest.imported[key] = entry;
  }

  notePulled(id: SeriesId, range: Range): void {
    const name = seriesName(id);
    this.manifest.pulled[name] = grown(this.manifest.pulled[name] ?? null, range);
  }

  async commit(): Promise<void> {
    await this.flush();
    writeManifest(this.dir, this.manifest);
    for (const file of this.replaced) rmSync(join(this.dir, file), { force: true });
    this.replaced.clear();
    this.written.clear();
    this.committed = filesOf(this.manifest);
    this.rowsUncommitted = 0;
  }

  rollback(): void {
    for (const file of this.written) rmSync(join(this.dir, file), { force: true });
    this.written.clear();
    this.replaced.clear();
    this.pending.clear();
    this.pendingRows = 0;
    this.counts.rowsAdded -= this.rowsUncommitted;
    this.rowsUncommitted = 0;
    Object.assign(this.manifest, readManifest(this.dir) ?? emptyManifest());
  }

  async close(): Promise<void> {
    this.rollback();
    this.parquet.close();
    await this.release();
  }

  private async flush(): Promise<void> {
    for (const [name, { columns, sources }] of this.pending) {
      await this.flushSeries(name, columns, [...sources]);
    }
    this.pending.clear();
    this.pendingRows = 0;
  }

  private async flushSeries(name: string, fresh: Columns[], sources: string[]): Promise<void> {
    const [first] = fresh;
    const { id } = first as Columns; // `add` put one there
    const known = this.manifest.series[name];
    const isKeyed = isKeyedByTime(id.kind);
    const old = known === undefined || !isKeyed ? [] : [await this.readParts(id, known.parts)];
    const all = [...old, ...fresh] as [Columns, ...Columns[]]; // one at least, see above
    const settled = settleColumns(joinColumns(all));
    this.counts.rowsAdded -= settled.duplicates + settled.conflicts.length;
    this.rowsUncommitted -= settled.duplicates + settled.conflicts.length;
    this.counts.duplicates += settled.duplicates;
    this.counts.conflicts += settled.conflicts.length;
    for (const conflict of settled.conflicts) {
      if (this.counts.conflictsShown.length >= conflictsShownMax) break;
      this.counts.conflictsShown.push({ series: name, conflict });
    }
    const part = await this.writePart(settled.columns);
    const kept = isKeyed ? [] : (known?.parts ?? []);
    for (const { file } of known?.parts ?? []) {
      if (isKeyed && file !== part.file) this.discard(file);
    }
    this.manifest.series[name] = {
      id,
      parts: [...kept, part],
      sources: [...new Set([...(known?.sources ?? []), ...sources])],
    };
  }

  private async readParts(id: SeriesId, parts: readonly StoredPart[]): Promise<Columns> {
    const paths = parts.map(({ file }) => join(this.dir, file));
    return { id, values: await this.parquet.read(id.kind, paths, everything) };
  }

  private async writePart(columns: Columns): Promise<StoredPart> {
    const times = columns.values[0] as Float64Array; // the first column of every kind
    const stem = stemOf(columns.id);
    const temporary = join(this.dir, `${stem}.${this.parts++}.part`);
    mkdirSync(dirname(temporary), { recursive: true });
    await this.parquet.write(columns, temporary);
    const sha256 = await sha256Of(temporary);
    // Two imports of equal rows are two parts: the number keeps them apart.
    const number = isKeyedByTime(columns.id.kind) ? '' : `-${times[0]}`;
    const file = `${stem}${number}-${sha256.slice(0, 12)}.parquet`;
    renameSync(temporary, join(this.dir, file));
    this.replaced.delete(file);
    if (!this.committed.has(file)) this.written.add(file);
    return {
      file,
      rows: times.length,
      firstMs: times[0] as number,
      lastMs: times[times.length - 1] as number,
      sha256,
    };
  }

  /** What no manifest ever named goes at once, the rest after the next commit. */
  private discard(file: string): void {
    this.written.delete(file);
    if (this.committed.has(file)) this.replaced.add(file);
    else rmSync(join(this.dir, file), { force: true });
  }
}

function emptyManifest(): Manifest {
  return { format: 1, series: {}, imported: {}, pulled: {} };
}

const everything = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };

function filesOf({ series }: Manifest): ReadonlySet<string> {
  return new Set(Object.values(series).flatMap(({ parts }) => parts.map(({ file }) => file)));
}

/** Path without the end; words that are no file names are percent-encoded. */
function stemOf({ kind, venue, market, symbol, interval }: SeriesId): string {
  const words = [market, ...(interval === null ? [] : [interval]), encodeURIComponent(symbol)];
  return `kind=${kind}/venue=${encodeURIComponent(venue)}/${words.join('-')}`;
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1_048_576 }), hash);
  return hash.digest('hex');
}
