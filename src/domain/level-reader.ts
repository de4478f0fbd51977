// Reads the levels of a depth update as bytes: prices and quantities in turn, as `readPrice` and
// `readQty` read one. Here what is known of the figures before stays in registers from level to
// level, which is a third of the time; half of the time of a frame goes here.

import { firstMarks, lastBytes, QuoteForm } from '../base/figures.ts';
import { type FrameBuffer, readScaled, skipInteger, word } from '../base/frame.ts';
import { depthLevelsMax, type LevelList } from './depth-frame.ts';

const [opening, closing, quote, zeroChar] = [91, 93, 34, 48];
/** Three characters as a word that is read where they are expected. */
const threeChars = 0xffffff;
const listStart = word('[["?') & threeChars;
const between = word('","?') & threeChars;
const listEnd = word('"]]?') & threeChars;
const [nextLevel, zeroBetween] = [word('"],['), word('","0')];

const highBits = 0x80808080 | 0;
const evenBytes = 0x00ff00ff;
const bit4 = 0x10101010;
const gather = 0x01020408;
const firstMark = firstMarks();
const lastMasks = Int32Array.from({ length: 8 }, (_, n) => lastBytes(n));
const midMasks = Int32Array.from({ length: 8 }, (_, n) => lastBytes(n - 4));

/** How the levels of an instrument are read. */
export class LevelForm extends QuoteForm {
  /** OKX writes two more fields, as quoted integers, and counts in contracts. */
  readonly contracts: ContractScale | null;

  constructor(priceShift: number, qtyShift: number, contracts: ContractScale | null) {
    super(priceShift, qtyShift);
    this.contracts = contracts;
  }
}

/** A quantity x multiply / divide is ours: two roundings where both differ from 1. */
export interface ContractScale {
  readonly multiply: number;
  readonly divide: number;
}

/**
 * `[["px","qty"],...]` from its first bracket into `list`; the cursor behind the last bracket, or
 * -1. Prices are above zero, quantities are not below. At least twelve bytes lie before `at`.
 */
export function readLevels(
  frame: FrameBuffer,
  at: number,
  list: LevelList,
  form: LevelForm,
): number {
  const { bytes, words } = frame;
  const { priceShift, qtyShift, contracts, price, qty } = form;
  const { values } = list;
  if ((words.getInt32(at, true) & threeChars) !== listStart) {
    if (bytes[at] !== opening || bytes[at + 1] !== closing) return -1;
    list.count = 0;
    return at + 2;
  }
  // Locals: nothing is looked up again for every level.
  let { length, headMask, head, base, midMask, midShape, midStrict, midPairs, midUnit } = price;
  let { lastShape, lastStrict, lastPairs, factor, divisor } = price;
  let { charsMin, midShape: qtyMidShape, midStrict: qtyMidStrict, midPairs: qtyMidPairs } = qty;
  let { midUnit: qtyMidUnit, lastShape: qtyLastShape, lastStrict: qtyLastStrict } = qty;
  let { lastPairs: qtyLastPairs, factor: qtyFactor, divisor: qtyDivisor } = qty;
  let cursor = at + 3;
  for (let count = 0; count < 2 * depthLevelsMax; count += 2) {
    let end = cursor + length;
    const last = words.getInt32(end - 4, true) ^ lastShape;
    const mid = (words.getInt32(end - 8, true) ^ midShape) & midMask;
    const odd = ((last + lastStrict) | last | (mid + midStrict) | mid) & highBits;
    if (
      odd === 0 &&
      (words.getInt32(end - 12, true) & headMask) === head &&
      (words.getInt32(end, true) & threeChars) === between
    ) {
      const two = (Math.imul(last, 10) + (last >>> 8)) & evenBytes;
      const midTwo = (Math.imul(mid, 10) + (mid >>> 8)) & evenBytes;
      const digits =
        Math.imul(Math.imul(midTwo & 0xff, midPairs) + (midTwo >>> 16), midUnit) +
        (Math.imul(two & 0xff, lastPairs) + (two >>> 16));
      values[count] = ((base + digits) * factor) / divisor;
    } else {
      end = readScaled(bytes, cursor, values, count, priceShift);
      if (end < 0 || (words.getInt32(end, true) & threeChars) !== between) return -1;
      price.learn(frame, cursor, end, priceShift);
      ({ length, headMask, head, base, midMask, midShape, midStrict, midPairs, midUnit } = price);
      ({ lastShape, lastStrict, lastPairs, factor, divisor } = price);
    }
    if (!((values[count] as number) > 0)) return -1;
    cursor = end + 3;

    // Of digits, dots and quotes a quote alone has neither bit 3 nor bit 4.
    const a = words.getInt32(cursor, true);
    const b = words.getInt32(cursor + 4, true);
    const quotes = ((~(a | (a << 1)) & bit4) >>> 4) | (~(b | (b << 1)) & bit4);
    const chars = firstMark[Math.imul(quotes, gather) >>> 24] as number;
    end = cursor + chars;
    const low = (words.getInt32(end - 4, true) ^ qtyLastShape) & (lastMasks[chars] as number);
    const high = (words.getInt32(end - 8, true) ^ qtyMidShape) & (midMasks[chars] as number);
    const lowTwo = (Math.imul(low, 10) + (low >>> 8)) & evenBytes;
    const highTwo = (Math.imul(high, 10) + (high >>> 8)) & evenBytes;
    const qtyDigits =
      Math.imul(Math.imul(highTwo & 0xff, qtyMidPairs) + (highTwo >>> 16), qtyMidUnit) +
      (Math.imul(lowTwo & 0xff, qtyLastPairs) + (lowTwo >>> 16));
    const qtyOdd = ((low + qtyLastStrict) | low | (high + qtyMidStrict) | high) & highBits;
    // One that is too short for its decimals is read alike if it is zero.
    const isShort = (chars - charsMin) >> 31;
    if ((qtyOdd | (isShort & qtyDigits)) === 0 && chars !== 0) {
      values[count + 1] = (qtyDigits * qtyFactor) / qtyDivisor;
    } else {
      end = readScaled(bytes, cursor, values, count + 1, qtyShift);
      if (end < 0) return -1;
      qty.learn(frame, cursor, end, qtyShift);
      ({ charsMin, midShape: qtyMidShape, midStrict: qtyMidStrict, midPairs: qtyMidPairs } = qty);
      ({ midUnit: qtyMidUnit, lastShape: qtyLastShape, lastStrict: qtyLastStrict } = qty);
      ({ lastPairs: qtyLastPairs, factor: qtyFactor, divisor: qtyDivisor } = qty);
    }
    if (contracts !== null) {
      const { multiply, divide } = contracts;
      values[count + 1] = ((values[count + 1] as number) * multiply) / divide;
      end = skipTwo(frame, end);
      if (end < 0) return -1;
    }

    const then = words.getInt32(end, true);
    if (then === nextLevel) {
      if (bytes[end + 4] !== quote) return -1;
      cursor = end + 5;
    } else {
      if ((then & threeChars) !== listEnd) return -1;
      list.count = (count >>> 1) + 1;
      return end + 3;
    }
  }
  return -1;
}

/** `","n","n`; the first is 0 wherever OKX was seen, the second mostly one digit. */
function skipTwo(frame: FrameBuffer, at: number): number {
  const { bytes, words } = frame;
  let cursor = at + 4;
  if (words.getInt32(at, true) !== zeroBetween) {
    if ((words.getInt32(at, true) & threeChars) !== between) return -1;
    cursor = skipInteger(frame, at + 3);
    if (cursor < 0) return -1;
  }
  if ((words.getInt32(cursor, true) & threeChars) !== between) return -1;
  cursor += 3;
  const isOneDigit =
    ((bytes[cursor] as number) - zeroChar) >>> 0 < 10 && bytes[cursor + 1] === quote;
  return isOneDigit ? cursor + 1 : skipInteger(frame, cursor);
}
