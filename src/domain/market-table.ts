// The latest market, one row of doubles per instrument (two cache lines), indexed by the catalog. A
// quote never becomes an object on the hot path: it is written here. NaN = unknown.
import type { Level } from './venue-event.ts';

/** Slots of a row. `...WallMs` is our receive time on the wall clock, `...TsMs` the venue's. */
export const slot = {
  bid: 0,
  bidQty: 1,
  ask: 2,
  askQty: 3,
  quoteTsMs: 4,
  quoteWallMs: 5,
  mark: 8,
  index: 9,
  markWallMs: 10,
  /** Fraction per interval for the next settlement; positive: longs pay shorts. */
  ratePerInterval: 11,
  intervalMs: 12,
  settlesAtMs: 13,
  fundingWallMs: 14,
} as const;

export const rowSize = 16;
// What a module exports is looked up at every use, also in itself: here these are constants.
const { bid: bidAt, bidQty: bidQtyAt, ask: askAt, askQty: askQtyAt } = slot;
const { quoteTsMs: tsAt, quoteWallMs: wallAt } = slot;
const size = rowSize;

/** The lists are never changed in place, nor their levels: a change makes another list. */
export interface BookTop {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly wallMs: number;
}

export class MarketTable {
  /** Written through the methods below alone: they count. */
  readonly rows: Float64Array;
  /** Changes of each row: who kept the count need not compare the row. Wraps around. */
  readonly changes: Int32Array;
  /** Best levels of instruments whose depth is subscribed and in sequence; absent otherwise. */
  readonly books: (BookTop | undefined)[];

  constructor(instrumentsMax: number) {
    this.rows = new Float64Array(instrumentsMax * rowSize).fill(Number.NaN);
    this.changes = new Int32Array(instrumentsMax);
    this.books = new Array<BookTop | undefined>(instrumentsMax).fill(undefined);
  }

  get(index: number, at: number): number {
    return this.rows[index * rowSize + at] as number;
  }

  set(index: number, at: number, value: number): void {
    this.rows[index * rowSize + at] = value;
    this.count(index);
  }

  /**
   * The quote slots in their order: bid, bidQty, ask, askQty, quoteTsMs, quoteWallMs. Whether a
   * price or a quantity changed. The hot path: no allocation.
   */
  setQuote(index: number, values: Float64Array): boolean {
    const { rows } = this;
    const row = index * size;
    const bid = values[bidAt] as number;
    const bidQty = values[bidQtyAt] as number;
    const ask = values[askAt] as number;
    const askQty = values[askQtyAt] as number;
    const changed =
      differs(bid, rows[row + bidAt] as number) ||
      differs(ask, rows[row + askAt] as number) ||
      differs(bidQty, rows[row + bidQtyAt] as number) ||
      differs(askQty, rows[row + askQtyAt] as number);
    rows[row + tsAt] = values[tsAt] as number;
    rows[row + wallAt] = values[wallAt] as number;
    if (!changed) return false;
    rows[row + bidAt] = bid;
    rows[row + bidQtyAt] = bidQty;
    rows[row + askAt] = ask;
    rows[row + askQtyAt] = askQty;
    this.count(index);
    return true;
  }

  /** Makes the row unknown: after a gap or a disconnect nothing old may be served. */
  invalidateQuote(index: number): void {
    const start = index * rowSize;
    this.rows.fill(Number.NaN, start, start + slot.mark);
    this.count(index);
    this.books[index] = undefined;
  }

  private count(index: number): void {
    this.changes[index] = (this.changes[index] as number) + 1;
  }
}

/** Both unknown is no difference. */
function differs(value: number, known: number): boolean {
  return value !== known && (!Number.isNaN(value) || !Number.isNaN(known));
}
