// One depth update as typed arrays, filled by a venue's depth scanner and used before the next
// frame: the hot path from bytes to book makes no objects.
import type { FrameBuffer } from '../base/frame.ts';

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
