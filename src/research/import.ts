// Files into the store: each is recognised by its content, scanned in chunks, and its rows added.
// A file that has been imported before, by its sha256 and name, is passed over. An import that is
// interrupted keeps the files that were done.
import { readFileSync, statSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { Columns } from '../history/columns.ts';
import { seriesName } from '../history/series.ts';
import { readCsv } from './csv-read.ts';
import { directoryMarket, type Hints, recognizeAny } from './download-layouts.ts';
import { filesBelow, isCsvName, isDataName, membersOf } from './files.ts';
import { freqtradeColumns, freqtradeId } from './freqtrade.ts';
import {
  openStoreWriter,
  pendingRowsMax,
  type StoreCounts,
  type StoreWriter,
  sha256Of,
} from './store.ts';

export interface ImportRequest extends Hints {
  /** Files and directories. */
  readonly paths: readonly string[];
  /** The store. */
  readonly dir: string;
  readonly stop: AbortSignal;
  readonly onProgress: (progress: ImportProgress) => void;
}

export interface ImportProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly file: string;
}

export interface ImportedFile {
  readonly file: string;
  /** How it was read: "farb bars", "Binance klines"; null unless imported. */
  readonly format: string | null;
  readonly outcome: 'imported' | 'known' | 'unrecognized' | 'failed';
  readonly rows: number;
  /** Of a failure. */
  readonly message: string | null;
}

export interface ImportReport extends StoreCounts {
  readonly files: readonly ImportedFile[];
  readonly series: number;
  readonly elapsedMs: number;
}

export async function importData(request: ImportRequest): Promise<ImportReport> {
  const startedMs = performance.now();
  const files = request.paths.flatMap((path) =>
    filesBelow(path, isDataName).map((file) => ({ path: file, name: relative(path, file) })),
  );
  const sizes = files.map(({ path }) => statSync(path).size);
  const bytesTotal = sizes.reduce((sum, size) => sum + size, 0);
  const writer = await openStoreWriter(request.dir);
  const outcomes: ImportedFile[] = [];
  let bytesDone = 0;
  try {
    for (const [k, { path, name }] of files.entries()) {
      if (request.stop.aborted) break;
      const file = name === '' ? basename(path) : name;
      request.onProgress({ bytesDone, bytesTotal, file });
      outcomes.push(await importFile({ writer, path, file, hints: request }));
      bytesDone += sizes[k] as number;
      if (writer.rowsUncommitted > pendingRowsMax) await writer.commit();
    }
    await writer.commit();
    const series = Object.keys(writer.manifest.series).length;
    return {
      ...{ files: outcomes, series, elapsedMs: performance.now() - startedMs },
      ...writer.counts,
    };
  } finally {
    await writer.close();
  }
}

interface Step {
  readonly writer: StoreWriter;
  readonly path: string;
  /** Its name for the report. */
  readonly file: string;
  readonly hints: Hints;
}

async function importFile(step: Step): Promise<ImportedFile> {
  const { writer, path, file, hints } = step;
  let isHalf = false;
  const add = async (columns: readonly Columns[]) => {
    // What the files before brought stays, whatever this one turns out to be.
    if (!isHalf) await writer.commit();
    isHalf = true;
    for (const one of columns) await writer.add(one, file);
  };
  const nothing = { file, format: null, rows: 0, message: null };
  try {
    const key = `${await sha256Of(path)} ${pathWords(path, hints)}`;
    const known = writer.manifest.imported[key];
    if (known !== undefined) return { ...nothing, outcome: 'known', rows: known.rows };
    const { formats, rows } = await addRows(step, add);
    const [format, ...others] = [...formats];
    if (format === undefined) return { ...nothing, outcome: 'unrecognized' };
    writer.noteImported(key, { file, rows });
    return { ...nothing, outcome: 'imported', format: [format, ...others].join(', '), rows };
  } catch (thrown) {
    if (isHalf) writer.rollback();
    return { ...nothing, outcome: 'failed', message: messageOf(thrown) };
  }
}

/** What is not in the content of a file and decides what its rows are. */
function pathWords(path: string, { market }: Hints): string {
  const id = freqtradeId(path);
  if (id !== null) return seriesName(id);
  return `${basename(path)} ${directoryMarket(path) ?? market ?? ''}`.trim();
}

/** Of a file, or of every file in an archive. */
async function addRows(
  { writer, path, file, hints }: Step,
  addHalf: (columns: readonly Columns[]) => Promise<void>,
) {
  const formats = new Set<string>();
  const whole: Columns[] = [];
  let rows = 0;
  const id = freqtradeId(path);
  if (id !== null) {
    const columns = await freqtradeColumns(id, path, readFileSync(path));
    await writer.add(columns, file);
    return { formats: formats.add('freqtrade'), rows: columns.values[0]?.length ?? 0 };
  }
  if (!isCsvName(path) && !/\.zip$/i.test(path)) return { formats, rows };
  for await (const member of membersOf(path)) {
    const recognize = recognizeAny(hints);
    const csv = await readCsv(member, { recognize, selection: {}, onFull: addHalf });
    if (csv === null) continue;
    whole.push(...csv.columns);
    formats.add(csv.layout.name);
    rows += csv.rows;
  }
  for (const columns of whole) await writer.add(columns, file);
  return { formats, rows };
}
