// Reads the csv(.gz) files of recorded history: which file holds what, and its rows in a window of
// time. Venue and symbol are taken from the columns. Everything wrong with a file is said in one
// line.
import { closeSync, type Dirent, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { messageOf, UserError } from '../base/errors.ts';

const fundingHeader = 'venue,symbol,ts_ms,rate,mark_price';
const barHeader = 'venue,market,symbol,interval,ts_ms,open,high,low,close,volume';
/** Enough of a file, compressed, to see its header and first row. */
const headBytes = 4_096;
const filesMax = 10_000;

export interface RecordedFile {
  readonly name: string;
  readonly kind: 'funding' | 'bars';
  /** Of the first row; a file may hold more than one symbol. */
  readonly venue: string;
  readonly symbol: string;
  /** Null for funding. */
  readonly market: string | null;
  readonly interval: string | null;
}

export interface TimeWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/** One row, split at its commas. */
export type Cells = readonly string[];

/** The files of the directory whose header is that of funding or bars; others are left alone. */
export function recordedFiles(dir: string): readonly RecordedFile[] {
  let entries: readonly Dirent[];
  try {
    entries = readdirSync(dir, { withFileTypes: true });
  } catch (thrown) {
    throw new UserError(
      `--data ${dir}: ${messageOf(thrown)}; give a directory with csv.gz files of bars and funding`,
    );
  }
  const names = entries
    .filter((entry) => !entry.isDirectory() && /\.csv(\.gz)?$/.test(entry.name))
    .map((entry) => entry.name)
    .sort()
    .slice(0, filesMax);
  if (names.length === 0) {
    throw new UserError(
      `--data ${dir} holds no .csv or .csv.gz file; give a directory of recorded bars and funding`,
    );
  }
  return names.map((name) => headOf(dir, name)).filter((file) => file !== null);
}

/** Calls back with every row in the window [fromMs, toMs); a broken file or row is a UserError. */
export function readRows(
  dir: string,
  file: RecordedFile,
  window: TimeWindow,
  take: (cells: Cells, tsMs: number) => void,
): void {
  const path = join(dir, file.name);
  const text = textOf(path);
  const timeColumn = file.kind === 'funding' ? 2 : 4;
  const columns = (file.kind === 'funding' ? fundingHeader : barHeader).split(',').length;
  let line = 1;
  for (let at = text.indexOf('\n') + 1; at > 0 && at < text.length; ) {
    line++;
    let end = text.indexOf('\n', at);
    if (end < 0) end = text.length;
    const startsAt = at;
    at = end + 1;
    if (end === startsAt) continue;
    // The time is read first: most rows lie outside the window.
    let cellAt = startsAt;
    for (let k = 0; k < timeColumn; k++) cellAt = text.indexOf(',', cellAt) + 1;
    const tsMs = Number(text.slice(cellAt, text.indexOf(',', cellAt)));
    if (tsMs < window.fromMs || tsMs >= window.toMs) continue;
    const row = text.slice(startsAt, text.charCodeAt(end - 1) === carriageReturn ? end - 1 : end);
    const cells = row.split(',');
    if (cells.length !== columns || !Number.isSafeInteger(tsMs)) {
      const start = row.slice(0, 80);
      throw new UserError(`${path}:${line}: "${start}" is not a row of its header; mend the file`);
    }
    take(cells, tsMs);
  }
}

const carriageReturn = 13;

/** A number of a row; NaN where the cell is empty or not a number. */
export function numberIn(cells: Cells, column: number): number {
  const cell = cells[column];
  return cell === undefined || cell === '' ? Number.NaN : Number(cell);
}

function headOf(dir: string, name: string): RecordedFile | null {
  const [header, first] = headText(join(dir, name)).split(/\r?\n/, 2);
  if (first === undefined) return null;
  const cells = first.split(',');
  if (header === fundingHeader) {
    const [venue = '', symbol = ''] = cells;
    return { name, kind: 'funding', venue, symbol, market: null, interval: null };
  }
  if (header !== barHeader) return null;
  const [venue = '', market = '', symbol = '', interval = ''] = cells;
  return { name, kind: 'bars', venue, symbol, market, interval };
}

function headText(path: string): string {
  const bytes = Buffer.alloc(headBytes);
  try {
    const file = openSync(path, 'r');
    try {
      const length = readSync(file, bytes, 0, headBytes, 0);
      const head = bytes.subarray(0, length);
      if (!path.endsWith('.gz')) return head.toString('latin1');
      return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }).toString('latin1');
    } finally {
      closeSync(file);
    }
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}

function textOf(path: string): string {
  try {
    const bytes = readFileSync(path);
    return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}

function unreadable(path: string, thrown: unknown): UserError {
  return new UserError(`${path} cannot be read: ${messageOf(thrown)}; replace or remove the file`);
}
