// Historic bars of a venue's public API, as pure functions: what to ask for, what an answer says.
// Not part of trading: only research pulls them. Bars are in the venue's own price units.
import type { Instrument } from './instrument.ts';
import type { HttpRequest } from './venue-spec.ts';

export interface BarsWish {
  /** `mark` and `index` belong to a perpetual. */
  readonly price: 'traded' | 'mark' | 'index';
  /** One of `BarsSpec.intervals`. */
  readonly intervalMs: number;
  /** Open times in [fromMs, toMs), whole intervals, at most `BarsSpec.rowsMax` of them. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** [open time in ms, open, high, low, close, volume or NaN] */
export type BarRow = readonly number[];

export interface BarsSpec {
  readonly rowsMax: number;
  /** Lengths that the venue has, in ms. */
  readonly intervals: readonly number[];
  /** Null = the venue has no such bars of this instrument. */
  request(instrument: Instrument, wish: BarsWish): HttpRequest | null;
  /**
   * The rows of an answer, in any order, those of the wish's range alone; null = it is no such
   * answer. Never throws.
   */
  read(body: string, instrument: Instrument, wish: BarsWish): readonly BarRow[] | null;
}

/**
 * Rows out of lists of numbers or numeric text: `columns` say where open time, open, high, low,
 * close and volume stand, -1 = not there. Null when a row does not read.
 */
export function barRows(
  rows: readonly unknown[],
  columns: readonly (number | string)[],
  wish: BarsWish,
): readonly BarRow[] | null {
  const read: BarRow[] = [];
  for (const row of rows) {
    if (typeof row !== 'object' || row === null) return null;
    const fields = row as Readonly<Record<number | string, unknown>>; // an object, just checked
    const values = columns.map((column) => numberIn(fields[column]));
    const [openMs = Number.NaN, ...rest] = values;
    const prices = rest.slice(0, 4);
    if (!Number.isSafeInteger(openMs) || !prices.every((price) => price > 0)) return null;
    if (openMs >= wish.fromMs && openMs < wish.toMs) read.push([openMs, ...rest]);
  }
  return read;
}

function numberIn(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value !== '' ? Number(value) : Number.NaN;
}
