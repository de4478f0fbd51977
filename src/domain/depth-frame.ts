// One depth update as typed arrays, filled by a venue's depth scanner and used before the next
// frame: the hot path from bytes to book makes no objects.
import { type FrameBuffer, readScaled, skipInteger, word } from '../base/frame.ts';

/** Levels of one side that a scanner reads; a longer update goes through `decode`. */
export const depthLevelsMax = 512;

/** One side of an update: price and quantity in turn, in our units; quantity 0 deletes. */
export class LevelList {
  readonly values = new Float64Array(2 * depthLevelsMax);
  count = 0;
}

/**
 * Slots of `DepthFrame.head`; NaN = the venue does not say. Ids are their last 15 digits. The
 * driver adds `receivedWallMs`.
 */
export const depthSlots = {
  seq: 0,
  prevSeq: 1,
  firstSeq: 2,
  venueTsMs: 3,
  receivedWallMs: 4,
  size: 8,
} as const;

export class DepthFrame {
  readonly bids = new LevelList();
  readonly asks = new LevelList();
  readonly head = new Float64Array(depthSlots.size);
}

/**
 * Reads a delta of an order book as bytes [from, to) of the buffer, without strings. Returns the
 * catalog index of the instrument and fills `out`, or returns -1: not such a frame, or a level that
 * `decode` would not read either; `out` then means nothing. Snapshots go through `decode`.
 */
export type DepthScanner = (
  frame: FrameBuffer,
  from: number,
  to: number,
  out: DepthFrame,
) => number;

const digitsMax = 15;

/** Update ids compare by their last 15 digits, which a double holds exactly; null = none. */
export function sequenceNumber(id: string | number | null): number | null {
  if (typeof id === 'number') return Number.isNaN(id) ? null : id;
  if (id === null || !/^-?\d{1,20}$/.test(id)) return null;
  return Number(id.length > digitsMax ? id.slice(-digitsMax) : id);
}

const comma = 44;
const opening = 91;
const closing = 93;
/** Two, three or four characters as the words that are read where they are expected. */
const [twoChars, threeChars] = [0xffff, 0xffffff];
const levelStart = word('["??') & twoChars;
const between = word('","?') & threeChars;
const levelEnd = word('"]??') & twoChars;
const zeroBetween = word('","0');

/** How the figures of a level become ours: powers of ten, and how many integers follow them. */
export interface LevelForm {
  readonly priceShift: number;
  readonly qtyShift: number;
  /** OKX writes two more fields, as quoted integers. */
  readonly integersBehind: 0 | 2;
}

/**
 * `[["px","qty"],...]` from its first bracket into `list`; the cursor behind the last bracket, or
 * -1. Prices are above zero, quantities are not below.
 */
export function readLevels(
  frame: FrameBuffer,
  at: number,
  list: LevelList,
  form: LevelForm,
): number {
  const { bytes, words } = frame;
  const { priceShift, qtyShift, integersBehind } = form;
  const { values } = list;
  if (bytes[at] !== opening) return -1;
  let cursor = at + 1;
  let count = 0;
  if (bytes[cursor] === closing) {
    list.count = 0;
    return cursor + 1;
  }
  for (;;) {
    if (count === 2 * depthLevelsMax) return -1;
    if ((words.getInt32(cursor, true) & twoChars) !== levelStart) return -1;
    cursor = readScaled(bytes, cursor + 2, values, count, priceShift);
    if (cursor < 0 || !((values[count] as number) > 0)) return -1;
    if ((words.getInt32(cursor, true) & threeChars) !== between) return -1;
    cursor = readScaled(bytes, cursor + 3, values, count + 1, qtyShift);
    if (cursor < 0) return -1;
    if (integersBehind === 2) {
      cursor = skipTwo(frame, cursor);
      if (cursor < 0) return -1;
    }
    if ((words.getInt32(cursor, true) & twoChars) !== levelEnd) return -1;
    count += 2;
    cursor += 3;
    const next = bytes[cursor - 1];
    if (next === closing) break;
    if (next !== comma) return -1;
  }
  list.count = count >>> 1;
  return cursor;
}

/** `","n","n`; the first is 0 wherever OKX was seen. */
function skipTwo(frame: FrameBuffer, at: number): number {
  const { words } = frame;
  let cursor = at + 4;
  if (words.getInt32(at, true) !== zeroBetween) {
    if ((words.getInt32(at, true) & threeChars) !== between) return -1;
    cursor = skipInteger(frame, at + 3);
    if (cursor < 0) return -1;
  }
  if ((words.getInt32(cursor, true) & threeChars) !== between) return -1;
  return skipInteger(frame, cursor + 3);
}
