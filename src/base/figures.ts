// Figures of market data as bytes, read with what is known of those before them: how long a price
// of the instrument is and where its dot stands, how many decimals its quantities have. That is
// compared, never assumed; whatever differs is read digit by digit, and remembered.
//
// Nothing asks how long a quantity is, or whether it is zero: a processor does not guess that, and
// a wrong guess costs as much as four digits.
import { type FrameBuffer, readScaled } from './frame.ts';

const [dot, zeroChar, quote] = [46, 48, 34];
const zeros = 0x30303030;
const highBits = 0x80808080 | 0;
/** Added to digits it leaves their high bits alone, to what is above nine it does not. */
const digitsOnly = 0x76767676;
/** The same for a character that may be nothing but the expected one. */
const exactly = 0x09;
const evenBytes = 0x00ff00ff;
const bit4 = 0x10101010;
/** Multiplied with it, bits 0 and 4 of four bytes stand together in the highest, in order. */
const gather = 0x01020408;
const powersOf10 = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
/** A field that begins as a small integer would become a double later, and its class another. */
const doubleOne = powersOf10[0] as number;
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
  factor = doubleOne;
  divisor = doubleOne;

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
  base = doubleOne;
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
    let base = 0;
    for (let i = at; i < end - 8; i++) base = base * 10 + ((bytes[i] as number) - zeroChar);
    this.base = base * (decimals === 0 ? 1e8 : 1e7);
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

/** How the figures of an instrument are read; powers of ten make them ours. */
export class QuoteForm {
  readonly price = new PriceForm();
  readonly qty = new QtyForm();
  readonly priceShift: number;
  readonly qtyShift: number;

  constructor(priceShift: number, qtyShift: number) {
    this.priceShift = priceShift;
    this.qtyShift = qtyShift;
  }
}

/** Of eight characters, the place of the first that is marked, by the marks; 0 where none is. */
export function firstMarks(): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, marks) =>
    marks === 0 ? 0 : 31 - Math.clz32(marks & -marks),
  );
}

/** By n: which of the last four characters belong to a text of n, or n - 4 = of those before. */
export function lastBytes(n: number): number {
  if (n <= 0) return 0;
  return n >= 4 ? -1 : -1 << (8 * (4 - n));
}

// An exported table is looked up in its module for every figure: each module has its own.
const firstMark = firstMarks();
const lastMasks = Int32Array.from({ length: 8 }, (_, n) => lastBytes(n));
const midMasks = Int32Array.from({ length: 8 }, (_, n) => lastBytes(n - 4));

// Small enough for V8 to take them into the scanner that calls them.

/** The number that the digits 0 to 9 of a word spell, where the first two count `pairs` each. */
function spelled(digits: number, pairs: number): number {
  const two = (Math.imul(digits, 10) + (digits >>> 8)) & evenBytes;
  return (Math.imul(two & 0xff, pairs) + (two >>> 16)) | 0;
}

/** How many of eight characters come before the first quote; 0 also where there is none. */
function charsBefore(first: number, second: number): number {
  // Of digits, dots and quotes a quote alone has neither bit 3 nor bit 4.
  const quotes = ((~(first | (first << 1)) & bit4) >>> 4) | (~(second | (second << 1)) & bit4);
  return firstMark[Math.imul(quotes, gather) >>> 24] as number;
}

/**
 * A price x 10^shift into `out[slot]`, like `readScaled`; the cursor behind it, or -1. It ends at a
 * quote and at least twelve bytes of the buffer lie before it; a form has always the same shift.
 */
export function readPrice(
  frame: FrameBuffer,
  at: number,
  out: Float64Array,
  slot: number,
  shift: number,
  form: PriceForm,
): number {
  const { bytes, words } = frame;
  const end = at + form.length;
  const last = words.getInt32(end - 4, true) ^ form.lastShape;
  const mid = (words.getInt32(end - 8, true) ^ form.midShape) & form.midMask;
  const odd = ((last + form.lastStrict) | last | (mid + form.midStrict) | mid) & highBits;
  if (
    odd === 0 &&
    (words.getInt32(end - 12, true) & form.headMask) === form.head &&
    bytes[end] === quote
  ) {
    const digits =
      Math.imul(spelled(mid, form.midPairs), form.midUnit) + spelled(last, form.lastPairs);
    out[slot] = ((form.base + digits) * form.factor) / form.divisor;
    return end;
  }
  return readAndLearn(frame, at, out, slot, shift, form);
}

/** The same of a quantity, which may be zero. */
export function readQty(
  frame: FrameBuffer,
  at: number,
  out: Float64Array,
  slot: number,
  shift: number,
  form: QtyForm,
): number {
  const { words } = frame;
  const chars = charsBefore(words.getInt32(at, true), words.getInt32(at + 4, true));
  const end = at + chars;
  const low = (words.getInt32(end - 4, true) ^ form.lastShape) & (lastMasks[chars] as number);
  const high = (words.getInt32(end - 8, true) ^ form.midShape) & (midMasks[chars] as number);
  const odd = ((low + form.lastStrict) | low | (high + form.midStrict) | high) & highBits;
  const digits =
    Math.imul(spelled(high, form.midPairs), form.midUnit) + spelled(low, form.lastPairs);
  // One that is too short for its decimals is read alike if it is zero.
  const isShort = (chars - form.charsMin) >> 31;
  if ((odd | (isShort & digits)) === 0 && chars !== 0) {
    out[slot] = (digits * form.factor) / form.divisor;
    return end;
  }
  return readAndLearn(frame, at, out, slot, shift, form);
}

function readAndLearn(
  frame: FrameBuffer,
  at: number,
  out: Float64Array,
  slot: number,
  shift: number,
  form: PriceForm | QtyForm,
): number {
  const end = readScaled(frame.bytes, at, out, slot, shift);
  if (end >= 0) form.learn(frame, at, end, shift);
  return end;
}
