// Reads the levels of a depth update as bytes: prices and quantities in turn. Half of the time of a
// frame goes here, so a figure is read with what is known of those before it: prices of one side
// have all but their last characters in common, quantities of one instrument their decimals. That
// is compared, never assumed; whatever differs is read digit by digit, and remembered.
//
// Nothing asks how long a quantity is, or whether it is zero: a processor does not guess that, and
// a wrong guess costs as much as four digits.
import { type FrameBuffer, readScaled, skipInteger, word } from '../base/frame.ts';
import { depthLevelsMax, type LevelList } from './depth-frame.ts';

const [opening, closing, dot, quote, zeroChar] = [91, 93, 46, 34, 48];
/** Three characters as a word that is read where they are expected. */
const threeChars = 0xffffff;
const listStart = word('[["?') & threeChars;
const between = word('","?') & threeChars;
const listEnd = word('"]]?') & threeChars;
const [nextLevel, zeroBetween] = [word('"],['), word('","0')];

const zeros = 0x30303030;
const highBits = 0x80808080 | 0;
/** Added to digits it leaves their high bits alone, to what is above nine it does not. */
const digitsOnly = 0x76767676;
/** The same for a character that may be nothing but the expected one. */
const exactly = 0x09;
const evenBytes = 0x00ff00ff;
const bit4 = 0x10101010;
/** Multiplied with it, bits 0 and 4 of four bytes stand together in the highest one, in order. */
const gather = 0x01020408;
const powersOf10 = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
/** Longer figures are read digit by digit. */
const [priceCharsMax, qtyCharsMax] = [12, 7];

/**
 * What figures are like that have so many decimals: where the dot is among their last eight
 * characters, and what is left and right of it counts.
 */
class FigureForm {
  /** The last four characters and the four before without their digits; how strict each is. */
  lastShape = zeros;
  lastStrict = digitsOnly;
  midShape = zeros;
  midStrict = digitsOnly;
  /** How much more the first two of the four count than the last two. */
  lastPairs = 100;
  midPairs = 100;
  /** What the unit of the four before the last counts. */
  midUnit = 10_000;
  /** The figure is its digits x factor / divisor; one of the two is 1. */
  factor = 1;
  divisor = 1;

  protected take(decimals: number, shift: number): void {
    const last = decimals > 0 && decimals < 4 ? decimals : -1;
    const mid = decimals >= 4 && decimals < 8 ? decimals - 4 : -1;
    this.lastShape = zeros ^ dotMark(last, dot ^ zeroChar);
    this.lastStrict = digitsOnly + dotMark(last, exactly);
    this.midShape = zeros ^ dotMark(mid, dot ^ zeroChar);
    this.midStrict = digitsOnly + dotMark(mid, exactly);
    this.lastPairs = last === 1 || last === 2 ? 10 : 100;
    this.midPairs = mid === 1 || mid === 2 ? 10 : 100;
    // A dot takes the place of a digit, at the end of the middle too: that counts ten times.
    this.midUnit = last > 0 || mid === 0 ? 1_000 : 10_000;
    const scale = shift - decimals;
    this.factor = scale > 0 ? (powersOf10[scale] as number) : 1;
    this.divisor = scale < 0 ? (powersOf10[-scale] as number) : 1;
  }
}

/** Of four characters the one with so many behind it; -1 = none. */
function dotMark(behind: number, mark: number): number {
  return behind < 0 ? 0 : mark << (8 * (3 - behind));
}

/** The form of the price before, of the same instrument. */
export class PriceForm extends FigureForm {
  /** Characters of it; 0 = not known, and what ends before the price is no price. */
  length = 0;
  /** Of the four characters before the last eight, those of the price; what they count. */
  headMask = 0;
  head = 0;
  base = 0;
  /** Of the four before the last four, those of the price. */
  midMask = 0;
  private isShorter = false;

  learn({ bytes, words }: FrameBuffer, at: number, end: number, shift: number): void {
    const length = end - at;
    // A shorter one must come twice: it may only have left a zero out.
    this.isShorter = length < this.length && !this.isShorter;
    const decimals = decimalsOf(bytes, at, end);
    if (this.isShorter || length < 4 || length > priceCharsMax) return;
    if (decimals < 0 || decimals > 7) return;
    this.take(decimals, shift);
    this.length = length;
    this.midMask = lastBytes(length - 4);
    this.headMask = lastBytes(length - 8);
    this.head = words.getInt32(end - 12, true) & this.headMask;
    this.base = 0;
    for (let i = at; i < end - 8; i++) {
      this.base = this.base * 10 + ((bytes[i] as number) - zeroChar);
    }
    this.base *= decimals === 0 ? 1e8 : 1e7;
  }
}

/** The form of the quantities before, of the same instrument: the most decimals. */
export class QtyForm extends FigureForm {
  /** Shorter ones have fewer decimals; above `qtyCharsMax` = not known. */
  charsMin = qtyCharsMax + 1;
  private decimals = -1;

  learn({ bytes }: FrameBuffer, at: number, end: number, shift: number): void {
    if (end - at > qtyCharsMax) return;
    const decimals = decimalsOf(bytes, at, end);
    if (decimals <= this.decimals) return;
    this.decimals = decimals;
    this.charsMin = decimals === 0 ? 1 : decimals + 2;
    this.take(decimals, shift);
  }
}

/** Of the figure in bytes[at, end); -1 = it ends with its dot. */
function decimalsOf(bytes: Uint8Array, at: number, end: number): number {
  let dotAt = at;
  while (dotAt < end && bytes[dotAt] !== dot) dotAt++;
  return dotAt === end ? 0 : end - dotAt - 1 || -1;
}

/** How the levels of an instrument are read; one of them serves one instrument. */
export class LevelForm {
  readonly price = new PriceForm();
  readonly qty = new QtyForm();
  readonly priceShift: number;
  readonly qtyShift: number;
  readonly integersBehind: 0 | 2;

  /**
   * Powers of ten make the figures ours. `integersBehind`: OKX writes two more fields, as quoted
   * integers.
   */
  constructor(priceShift: number, qtyShift: number, integersBehind: 0 | 2) {
    this.priceShift = priceShift;
    this.qtyShift = qtyShift;
    this.integersBehind = integersBehind;
  }
}

/** Of eight characters, the place of the first that is marked, by the marks; 0 where none is. */
const firstMark = Uint8Array.from({ length: 256 }, (_, marks) =>
  marks === 0 ? 0 : 31 - Math.clz32(marks & -marks),
);
/** Of the last four characters and the four before them, those of a text of n characters. */
const lastMasks = Int32Array.from({ length: 32 }, (_, n) => lastBytes(n));
const midMasks = Int32Array.from({ length: 32 }, (_, n) => lastBytes(n - 4));

function lastBytes(n: number): number {
  if (n <= 0) return 0;
  return n >= 4 ? -1 : -1 << (8 * (4 - n));
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
  const { priceShift, qtyShift, integersBehind, price, qty } = form;
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
    if (integersBehind === 2) {
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
