// How a csv file is laid out: which cell holds what, in which unit. A layout is data; the scanner
// (`csv-scan.ts`) is the only reader. `ownLayout` knows the schemas of the project's own csv files:
//
//   funding  venue,symbol,ts_ms,rate,mark_price
//   bars     venue,market,symbol,interval,ts_ms,open,high,low,close,volume
//   quotes   venue,symbol,ts_ms,bid,bid_qty,ask,ask_qty     (the market stands in the file's name)
//   trades   venue,market,symbol,ts_ms,price,qty,taker_side
import type { Market, SeriesKind } from '../history/series.ts';

/** Text that is the same for the whole file, or the cell of a column. */
export type TextCell = string | { readonly column: number };

/** How a cell becomes a double. */
export type Unit =
  | 'number'
  /** Epoch time in s, ms, us or ns, told apart by its size, or ISO text; to ms. */
  | 'time'
  /** The same, rounded to the minute: settlements. */
  | 'minute'
  /** Hours, to ms. */
  | 'hours'
  /** "buy" or "sell" in any case, to +1 or -1. */
  | 'side'
  /** "true" where the buyer was the maker, so the taker sold. */
  | 'buyer-is-maker';

/** Null: the file does not have it, NaN. */
export type ValueCell = { readonly column: number; readonly unit: Unit } | null;

export interface CsvLayout {
  /** For people: "Binance klines". */
  readonly name: string;
  readonly kind: SeriesKind;
  readonly venue: TextCell;
  readonly market: TextCell;
  readonly symbol: TextCell;
  /** Null for everything but bars. */
  readonly interval: TextCell | null;
  /** In the order of `columnNames[kind]`. */
  readonly values: readonly ValueCell[];
  /** Cells that a row must have. */
  readonly width: number;
  /** The first line names the columns. */
  readonly hasHeader: boolean;
}

export const ownHeaders = {
  funding: 'venue,symbol,ts_ms,rate,mark_price',
  bars: 'venue,market,symbol,interval,ts_ms,open,high,low,close,volume',
  quotes: 'venue,symbol,ts_ms,bid,bid_qty,ask,ask_qty',
  trades: 'venue,market,symbol,ts_ms,price,qty,taker_side',
} as const satisfies Record<SeriesKind, string>;

/** The layout of a file with one of our own headers; null with any other. */
export function ownLayout(fileName: string, header: string): CsvLayout | null {
  const market = { column: 1 };
  const own = { venue: { column: 0 }, hasHeader: true, width: header.split(',').length };
  if (header === ownHeaders.funding) {
    const values = [at(2, 'minute'), at(3), at(4), null];
    const where = { market: 'perp', symbol: { column: 1 }, interval: null };
    return { ...own, ...where, name: 'farb funding', kind: 'funding', values };
  }
  if (header === ownHeaders.bars) {
    const values = [at(4, 'time'), ...[5, 6, 7, 8, 9].map((column) => at(column))];
    const where = { market, symbol: { column: 2 }, interval: { column: 3 } };
    return { ...own, ...where, name: 'farb bars', kind: 'bars', values };
  }
  if (header === ownHeaders.quotes) {
    const values = [at(2, 'time'), ...[3, 4, 5, 6].map((column) => at(column))];
    const where = { market: marketInName(fileName), symbol: { column: 1 }, interval: null };
    return { ...own, ...where, name: 'farb quotes', kind: 'quotes', values };
  }
  if (header === ownHeaders.trades) {
    const values = [at(3, 'time'), at(4), at(5), at(6, 'side')];
    const where = { market, symbol: { column: 2 }, interval: null };
    return { ...own, ...where, name: 'farb trades', kind: 'trades', values };
  }
  return null;
}

/** A cell of a row. */
export function at(column: number, unit: Unit = 'number'): ValueCell {
  return { column, unit };
}

/** "spot" or "perp" as a word of the file's name; `unknown` without one. */
export function marketInName(fileName: string): Market {
  const word = /(?:^|[^a-z])(spot|perp)(?:$|[^a-z])/i.exec(fileName)?.[1]?.toLowerCase();
  return word === 'spot' || word === 'perp' ? word : 'unknown';
}
