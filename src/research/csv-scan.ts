// Scans csv bytes, chunk by chunk, into columns: no line ever becomes a string. Takes layouts as
// data, keeps one builder per series, and says file and line of a row that does not read.
import { readNumber, textOf } from '../base/bytes.ts';
import { UserError } from '../base/errors.ts';
import { hourMs, minuteMs, tryDuration, tryTime } from '../base/time.ts';
import { type Columns, ColumnsBuilder, columnNames, optionalColumns } from '../history/columns.ts';
import { isSelected, type Selection } from '../history/data-set.ts';
import { marketNames, type SeriesId, seriesName } from '../history/series.ts';
import type { CsvLayout, TextCell, Unit } from './csv-layout.ts';

/** Longest line: one longer is not a line of data. */
export const lineBytesMax = 65_536;
const cellsMax = 256;
const newline = 10;
const carriageReturn = 13;
const comma = 44;
const noBytes = new Uint8Array(0);

export class CsvScanner {
  /** Rows read, wanted or not. */
  rows = 0;
  /** Rows taken and not drained. */
  waiting = 0;
  readonly layout: CsvLayout;
  private readonly builders = new Map<string, ColumnsBuilder>();
  private readonly path: string;
  private readonly selection: Selection;
  private readonly fromMs: number;
  private readonly toMs: number;
  private readonly keyColumns: readonly number[];
  private readonly units: readonly (Unit | null)[];
  private readonly valueColumns: Int32Array;
  private readonly optional: readonly boolean[];
  private readonly row: Float64Array;
  /** Where each cell of the current line starts and ends. */
  private readonly starts = new Int32Array(cellsMax);
  private readonly ends = new Int32Array(cellsMax);
  private hasKey = false;
  private key: Uint8Array[] = [];
  /** Of the current key; null = not wanted. */
  private builder: ColumnsBuilder | null = null;
  private rest: Uint8Array = noBytes;
  private line = 0;

  constructor(layout: CsvLayout, path: string, selection: Selection) {
    const { venue, market, symbol, interval, values, kind } = layout;
    this.layout = layout;
    this.path = path;
    this.selection = selection;
    this.fromMs = selection.fromMs ?? Number.NEGATIVE_INFINITY;
    this.toMs = selection.toMs ?? Number.POSITIVE_INFINITY;
    this.keyColumns = [venue, market, symbol, interval].flatMap((cell) =>
      cell === null || typeof cell === 'string' ? [] : [cell.column],
    );
    this.units = values.map((value) => value?.unit ?? null);
    this.valueColumns = Int32Array.from(values, (value) => value?.column ?? -1);
    this.optional = columnNames[kind].map((name) => optionalColumns.has(name));
    this.row = new Float64Array(values.length);
  }

  /** The next bytes of the file; `bytes` is not kept. */
  push(bytes: Uint8Array): void {
    const joined = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    let at = 0;
    for (;;) {
      const end = joined.indexOf(newline, at);
      if (end < 0) break;
      this.takeLine(joined, at, end);
      at = end + 1;
    }
    if (joined.length - at > lineBytesMax) {
      throw this.bad(`a line of more than ${lineBytesMax} bytes`);
    }
    this.rest = joined.slice(at);
  }

  /** What has been taken so far, in the file's order; taking begins anew. */
  drain(): readonly Columns[] {
    const all = [...this.builders.values()].filter(({ length }) => length > 0);
    this.builders.clear();
    this.hasKey = false;
    this.waiting = 0;
    return all.map((builder) => builder.columns());
  }

  /** The end of the file, which may lack its last line break. */
  finish(): readonly Columns[] {
    if (this.rest.length > 0) this.takeLine(this.rest, 0, this.rest.length);
    this.rest = noBytes;
    return this.drain();
  }

  private takeLine(bytes: Uint8Array, from: number, to: number): void {
    this.line++;
    if (this.line === 1 && this.layout.hasHeader) return;
    const end = to > from && bytes[to - 1] === carriageReturn ? to - 1 : to;
    if (end === from) return;
    const cells = this.split(bytes, from, end);
    if (cells < this.layout.width) {
      throw this.badRow(bytes, from, end, `${cells} cells, not ${this.layout.width}`);
    }
    this.rows++;
    if (!this.isSameKey(bytes)) this.changeKey(bytes);
    const { builder, row } = this;
    if (builder === null) return;
    for (let k = 0; k < row.length; k++) {
      if (!this.readCell(bytes, k)) {
        const name = columnNames[this.layout.kind][k];
        throw this.badRow(bytes, from, end, `no ${name} in it`);
      }
      if (k === 0 && !((row[0] as number) >= this.fromMs && (row[0] as number) < this.toMs)) return;
    }
    builder.push(row);
    this.waiting++;
  }

  private split(bytes: Uint8Array, from: number, end: number): number {
    const { starts, ends } = this;
    let count = 0;
    starts[0] = from;
    for (let at = from; at < end; at++) {
      if (bytes[at] !== comma) continue;
      ends[count++] = at;
      if (count === cellsMax) throw this.bad(`more than ${cellsMax} cells`);
      starts[count] = at + 1;
    }
    ends[count] = end;
    return count + 1;
  }

  private isSameKey(bytes: Uint8Array): boolean {
    const { keyColumns, key, starts, ends } = this;
    if (!this.hasKey) return false;
    for (let k = 0; k < keyColumns.length; k++) {
      const column = keyColumns[k] as number;
      const known = key[k] as Uint8Array;
      const start = starts[column] as number;
      if ((ends[column] as number) - start !== known.length) return false;
      for (let i = 0; i < known.length; i++) if (bytes[start + i] !== known[i]) return false;
    }
    return true;
  }

  private changeKey(bytes: Uint8Array): void {
    const { starts, ends } = this;
    this.hasKey = true;
    this.key = this.keyColumns.map((column) => bytes.slice(starts[column], ends[column]));
    const id = this.idOf((cell) =>
      typeof cell === 'string' ? cell : this.textAt(bytes, cell.column),
    );
    if (!isSelected(id, this.selection)) {
      this.builder = null;
      return;
    }
    const name = seriesName(id);
    this.builder = this.builders.get(name) ?? new ColumnsBuilder(id);
    this.builders.set(name, this.builder);
  }

  private idOf(text: (cell: TextCell) => string): SeriesId {
    const { kind, interval: of, ...cells } = this.layout;
    const venue = text(cells.venue);
    const symbol = text(cells.symbol);
    const market = marketNames.find((name) => name === text(cells.market));
    const interval = of === null ? null : text(of);
    if (venue === '' || symbol === '') throw this.bad('no venue or no symbol');
    if (market === undefined) {
      throw this.bad(`market "${text(cells.market)}" is none of ${marketNames.join(', ')}`);
    }
    if (interval !== null && tryDuration(interval) === null) {
      throw this.bad(`interval "${interval}" is not like 1h or 15m`);
    }
    return { kind, venue, market, symbol, interval };
  }

  /** Reads value k into the row; false = it must be there and is not. */
  private readCell(bytes: Uint8Array, k: number): boolean {
    const { row } = this;
    const column = this.valueColumns[k] as number;
    const unit = this.units[k] as Unit | null;
    if (unit === null) {
      row[k] = Number.NaN;
      return true;
    }
    const start = this.starts[column] as number;
    const end = this.ends[column] as number;
    if (start === end) {
      row[k] = Number.NaN;
      return this.optional[k] as boolean;
    }
    const isWord = unit === 'side' || unit === 'buyer-is-maker';
    if (isWord || readNumber(bytes, start, row, k) !== end) {
      const text = textOf(bytes, start, end).trim();
      row[k] = numberOfText(text, unit);
      if (unit === 'side' && text.toLowerCase() === 'unknown') return true;
    }
    if (unit !== 'number') row[k] = converted(row[k] as number, unit);
    return !Number.isNaN(row[k]);
  }

  private textAt(bytes: Uint8Array, column: number): string {
    return textOf(bytes, this.starts[column] as number, this.ends[column] as number).trim();
  }

  private badRow(bytes: Uint8Array, from: number, end: number, why: string): UserError {
    return this.bad(`"${textOf(bytes, from, Math.min(end, from + 80))}": ${why}`);
  }

  private bad(why: string): UserError {
    const { layout, path, line } = this;
    const what = `${path}:${line}: ${why}; this is not a row of ${layout.name}`;
    return new UserError(`${what}: mend or remove the file`, { exitCode: 1 });
  }
}

/** The slow way: exponents, ISO times, words. */
function numberOfText(text: string, unit: Unit): number {
  if (unit === 'side') {
    const word = text.toLowerCase();
    return word === 'buy' ? 1 : word === 'sell' ? -1 : Number.NaN;
  }
  if (unit === 'buyer-is-maker') {
    const word = text.toLowerCase();
    return word === 'true' || word === '1' ? -1 : word === 'false' || word === '0' ? 1 : Number.NaN;
  }
  const value = text === '' ? Number.NaN : Number(text);
  if (Number.isNaN(value) && (unit === 'time' || unit === 'minute')) {
    return tryTime(text.replace(/(?:\+00:00| UTC)$/, '')) ?? Number.NaN;
  }
  return value;
}

function converted(value: number, unit: Unit): number {
  if (unit === 'hours') return value * hourMs;
  if (unit === 'time') return epochMs(value);
  if (unit === 'minute') return Math.round(epochMs(value) / minuteMs) * minuteMs;
  return value;
}

/** Seconds, ms, us or ns since 1970, told apart by size: all lie between 1973 and 5138. */
function epochMs(value: number): number {
  if (value < 1e11) return value * 1_000;
  if (value < 1e14) return value;
  return value < 1e17 ? Math.floor(value / 1e3) : Math.floor(value / 1e6);
}
