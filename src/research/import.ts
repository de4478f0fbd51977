// Files into the store: each is recognised by its content, scanned in chunks, and its rows added.
// A file that has been imported before, by its sha256, is passed over. An import that is
// interrupted keeps the files that were done.
import { statSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { readCsv } from './csv-read.ts';
import { filesBelow, isCsvName } from './files.ts';
import { openStoreWriter, type StoreCounts, type StoreWriter, sha256Of } from './store.ts';

export interface ImportRequest {
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
    filesBelow(path, isCsvName).map((file) => ({ path: file, name: relative(path, file) })),
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
      outcomes.push(await importFile(writer, path, file));
      bytesDone += sizes[k] as number;
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

async function importFile(writer: StoreWriter, path: string, file: string): Promise<ImportedFile> {
  const nothing = { file, format: null, rows: 0, message: null };
  try {
    const sha256 = await sha256Of(path);
    const known = writer.manifest.imported[sha256];
    if (known !== undefined) return { ...nothing, outcome: 'known', rows: known.rows };
    const csv = await readCsv(path);
    if (csv === null) return { ...nothing, outcome: 'unrecognized' };
    for (const columns of csv.columns) await writer.add(columns, file);
    writer.noteImported(sha256, { file, rows: csv.rows });
    return { ...nothing, outcome: 'imported', format: csv.layout.name, rows: csv.rows };
  } catch (thrown) {
    return { ...nothing, outcome: 'failed', message: messageOf(thrown) };
  }
}
