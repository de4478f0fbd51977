// Frames as bytes in one reused buffer, read four bytes at a time and without strings. Helpers move
// a cursor (a small integer, -1 = "not what I expected") and store doubles into an array, because a
// returned double is boxed. A scanner that meets anything unexpected gives up and the caller falls
// back to JSON.parse.
//
// Reads may run past the end of a frame, into `frameSlack` or into what an earlier frame left
// behind: that is harmless because a scanner accepts a frame only when its cursor ends exactly at
// `to`, and cursors never move back.

/** Room behind the last byte of a frame that a scanner may look at; never a digit. */
export const frameSlack = 64;

const zeroChar = 48;
const zeroChars = 0x30303030;
const highBits = 0x80808080 | 0;
const dot = 46;
const dotDigit = dot - zeroChar;
/** mantissa x or / 10^k is Number(text) while the mantissa is below 2^53 and k <= 22. */
const powersOf10 = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
const exponentMax = 22;
/** Digits that an int32 takes whatever they are. */
const intCharsMax = 9;
/** Longer integers may pass 2^53. */
const integerDigitsMax = 15;
/** One more digit still fits 2^53. */
const mantissaMax = 900_719_925_474_098;
/** One more digit makes 15: such a figure is its double's own text, and shifts like it. */
const shiftedMax = 99_999_999_999_999;
/** Longer figures are no prices. */
const figureCharsMax = 32;

export class FrameBuffer {
  readonly bytes: Uint8Array;
  readonly words: DataView;
  readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.bytes = new Uint8Array(capacity + frameSlack);
    this.words = new DataView(this.bytes.buffer);
  }

  /** Copies a frame to the front; false = it is longer than the capacity. */
  load(frame: Uint8Array): boolean {
    if (frame.length > this.capacity) return false;
    this.bytes.set(frame);
    return true;
  }
}

/** Four Latin-1 characters as the word that `words.getInt32(at, true)` reads. */
export function word(text: string): number {
  if (text.length !== 4) throw new Error(`"${text}" is not four characters`);
  const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
  return new DataView(bytes.buffer).getInt32(0, true);
}

/** The four bytes at `at` and the four at `at + lastAt` are these words. */
export function hasKey(
  words: DataView,
  at: number,
  first: number,
  last: number,
  lastAt: number,
): boolean {
  return words.getInt32(at, true) === first && words.getInt32(at + lastAt, true) === last;
}

/** `key` whole, for keys that are longer than two words; the cursor behind it or -1. */
export function expectKey(words: DataView, at: number, key: Int32Array, length: number): number {
  const whole = key.length - 1;
  for (let i = 0; i < whole; i++) if (words.getInt32(at + i * 4, true) !== key[i]) return -1;
  return words.getInt32(at + length - 4, true) === key[whole] ? at + length : -1;
}

/** The words of a key of at least four characters; the last one ends where the key ends. */
export function keyWords(text: string): Int32Array {
  const starts: number[] = [];
  for (let at = 0; at + 4 < text.length; at += 4) starts.push(at);
  return Int32Array.from([...starts, text.length - 4], (at) => word(text.slice(at, at + 4)));
}

/**
 * A key of at least eight characters as doubles that `words.getFloat64(at, true)` reads, the last
 * one ending where the key ends. A double of Latin-1 letters and signs is neither a NaN nor zero:
 * it equals its own eight bytes and no others.
 */
export function keyDoubles(text: string): Float64Array {
  const starts: number[] = [];
  for (let at = 0; at + 8 < text.length; at += 8) starts.push(at);
  const { bytes, words } = new FrameBuffer(text.length);
  bytes.set(Uint8Array.from(text, (char) => char.charCodeAt(0)));
  return Float64Array.from([...starts, text.length - 8], (at) => words.getFloat64(at, true));
}

/** Of four characters, the high bit of each that is no digit; exact up to the first of them. */
function nonDigits(value: number): number {
  const digits = value ^ zeroChars;
  return ((digits + 0x76767676) | digits) & highBits;
}

/** Which of the four bytes is the first whose high bit is set; there is one. */
function firstOf(marks: number): number {
  return (31 - Math.clz32(marks & -marks)) >>> 3;
}

/** The number that four digits in a word spell. */
function fourDigits(value: number): number {
  const pairs = value - zeroChars;
  const tens = (Math.imul(pairs, 10) + (pairs >>> 8)) & 0x00ff00ff;
  return Math.imul(tens & 0xff, 100) + (tens >>> 16);
}

/** Behind a JSON integer without sign or leading zero; -1 = it is not one. */
export function skipInteger({ bytes, words }: FrameBuffer, at: number): number {
  const end = digitsEnd(words, at);
  const digits = end - at;
  if (digits === 0) return -1;
  return digits > 1 && bytes[at] === zeroChar ? -1 : end;
}

/** Behind the digits at `at`; written out, because a loop costs as much as what it does. */
function digitsEnd(words: DataView, at: number): number {
  let marks = nonDigits(words.getInt32(at, true));
  if (marks !== 0) return at + firstOf(marks);
  marks = nonDigits(words.getInt32(at + 4, true));
  if (marks !== 0) return at + 4 + firstOf(marks);
  marks = nonDigits(words.getInt32(at + 8, true));
  if (marks !== 0) return at + 8 + firstOf(marks);
  for (let cursor = at + 12; ; cursor += 4) {
    marks = nonDigits(words.getInt32(cursor, true));
    if (marks !== 0) return cursor + firstOf(marks);
  }
}

/** A JSON integer of at most 15 digits into `out[slot]`; the cursor behind it or -1. */
export function readInteger(
  frame: FrameBuffer,
  at: number,
  out: Float64Array,
  slot: number,
): number {
  const { bytes, words } = frame;
  const a = words.getInt32(at, true);
  const b = words.getInt32(at + 4, true);
  const c = words.getInt32(at + 8, true);
  const last = ((bytes[at + 12] as number) - zeroChar) >>> 0;
  const isLonger = ((bytes[at + 13] as number) - zeroChar) >>> 0 < 10;
  // Thirteen digits: every epoch millisecond from 2001 to 2286.
  if ((nonDigits(a) | nonDigits(b) | nonDigits(c)) === 0 && last < 10 && !isLonger) {
    if (bytes[at] === zeroChar) return -1;
    out[slot] =
      fourDigits(a) * 1e9 + (Math.imul(fourDigits(b), 10_000) + fourDigits(c)) * 10 + last;
    return at + 13;
  }
  return readOther(frame, at, out, slot);
}

/** The same of any length. */
function readOther(frame: FrameBuffer, at: number, out: Float64Array, slot: number): number {
  const { bytes, words } = frame;
  let four = words.getInt32(at, true);
  let value = 0;
  let cursor = at;
  let marks = nonDigits(four);
  while (marks === 0) {
    value = value * 10_000 + fourDigits(four);
    cursor += 4;
    four = words.getInt32(cursor, true);
    marks = nonDigits(four);
  }
  const more = firstOf(marks);
  const end = cursor + more;
  const digits = end - at;
  if (digits === 0 || digits > integerDigitsMax) return -1;
  if (digits > 1 && bytes[at] === zeroChar) return -1;
  // The last few moved to the end of a word of zeros.
  const rest = more === 0 ? 0 : fourDigits(((four ^ zeroChars) << (8 * (4 - more))) + zeroChars);
  out[slot] = value * (powersOf10[more] as number) + rest;
  return end;
}

/**
 * An unsigned decimal x 10^shift into `out[slot]`, rounded once: the double of the text with its
 * dot moved. The cursor behind it, or -1: no digit, too long, or more digits than a double takes.
 */
export function readScaled(
  bytes: Uint8Array,
  at: number,
  out: Float64Array,
  slot: number,
  shift: number,
): number {
  let mantissa = 0;
  let cursor = at;
  let digit = ((bytes[cursor] as number) - zeroChar) | 0;
  while (digit >>> 0 < 10) {
    mantissa = (Math.imul(mantissa, 10) + digit) | 0;
    digit = ((bytes[++cursor] as number) - zeroChar) | 0;
  }
  let scale = shift;
  if (digit === dotDigit) {
    const from = ++cursor;
    digit = ((bytes[cursor] as number) - zeroChar) | 0;
    while (digit >>> 0 < 10) {
      mantissa = (Math.imul(mantissa, 10) + digit) | 0;
      digit = ((bytes[++cursor] as number) - zeroChar) | 0;
    }
    scale += from - cursor;
  }
  if (scale < -exponentMax || scale > exponentMax) return -1;
  if (cursor - at < 2 || cursor - at > intCharsMax) {
    return readOdd(bytes, at, cursor, out, slot, scale, shift === 0 ? mantissaMax : shiftedMax);
  }
  if (scale < 0) out[slot] = mantissa / (powersOf10[-scale] as number);
  else out[slot] = mantissa * (powersOf10[scale] as number);
  return cursor;
}

/** The same for [at, to) without a digit, of a single one, or of more than an int32 takes. */
function readOdd(
  bytes: Uint8Array,
  at: number,
  to: number,
  out: Float64Array,
  slot: number,
  scale: number,
  max: number,
): number {
  if (to - at > figureCharsMax) return -1;
  let mantissa = 0;
  let digits = 0;
  for (let i = at; i < to; i++) {
    const char = bytes[i] as number;
    if (char === dot) continue;
    if (mantissa > max) return -1;
    mantissa = mantissa * 10 + (char - zeroChar);
    digits++;
  }
  if (digits === 0) return -1;
  if (scale < 0) out[slot] = mantissa / (powersOf10[-scale] as number);
  else out[slot] = mantissa * (powersOf10[scale] as number);
  return to;
}

/** Where the next quote is, at most `symbolLengthMax` behind `at`; -1 = nowhere. */
export function nextQuote(words: DataView, at: number): number {
  for (let cursor = at; cursor <= at + symbolLengthMax; cursor += 4) {
    const quotes = words.getInt32(cursor, true) ^ 0x22222222;
    const marks = (quotes - 0x01010101) & ~quotes & highBits;
    if (marks !== 0) return cursor + firstOf(marks);
  }
  return -1;
}

/** The bytes at `at` are those at `from`, `length` of them. */
export function isRepeated(words: DataView, at: number, from: number, length: number): boolean {
  const last = length - 4;
  if (last < 0) return headOf(words, at, length) === headOf(words, from, length);
  for (let i = 0; i < last; i += 4) {
    if (words.getInt32(at + i, true) !== words.getInt32(from + i, true)) return false;
  }
  return words.getInt32(at + last, true) === words.getInt32(from + last, true);
}

const symbolLengthMax = 48;
/** Integers of an entry of `SymbolWords`: index + 1, length, words; the last ends the symbol. */
const entrySize = 2 + Math.ceil(symbolLengthMax / 4) + 2;

/** Maps symbol bytes to a dense index without a string: open addressing, compares every byte. */
export class SymbolWords {
  private readonly mask: number;
  /** Index + 1 (0 = free), length and words of each entry, one after the other. */
  private readonly entries: Int32Array;

  constructor(entries: Iterable<readonly [symbol: string, index: number]>) {
    const list = [...entries].filter(({ 0: { length } }) => {
      return length > 0 && length <= symbolLengthMax;
    });
    let size = 16;
    while (size < list.length * 4) size *= 2;
    this.mask = size - 1;
    this.entries = new Int32Array(size * entrySize);
    const { bytes, words } = new FrameBuffer(symbolLengthMax);
    for (const [symbol, index] of list) {
      bytes.set(Uint8Array.from(symbol, (char) => char.charCodeAt(0)));
      const { length } = symbol;
      let slot = hashOf(words, 0, length) & this.mask;
      while (this.entries[slot * entrySize] !== 0) slot = (slot + 1) & this.mask;
      const at = slot * entrySize;
      this.entries[at] = index + 1;
      this.entries[at + 1] = length;
      const last = length - 4;
      for (let i = 0; i < last; i += 4) this.entries[at + 2 + i / 4] = words.getInt32(i, true);
      const behind = last <= 0 ? 0 : Math.ceil(last / 4);
      this.entries[at + 2 + behind] = tailOf(words, 0, length);
    }
  }

  /** The index of the symbol in bytes[from, to), or -1. */
  find(words: DataView, from: number, to: number): number {
    const length = to - from;
    if (length <= 0 || length > symbolLengthMax) return -1;
    const { entries, mask } = this;
    const last = length - 4;
    let slot = hashOf(words, from, length) & mask;
    for (;;) {
      const at = slot * entrySize;
      const value = entries[at] as number;
      if (value === 0) return -1;
      if (entries[at + 1] === length) {
        let word = at + 2;
        let i = 0;
        while (i < last && words.getInt32(from + i, true) === entries[word]) {
          i += 4;
          word++;
        }
        if (i >= last && tailOf(words, from, length) === entries[word]) return value - 1;
      }
      slot = (slot + 1) & mask;
    }
  }
}

/** The last four bytes, or all of them where there are fewer. */
function tailOf(words: DataView, from: number, length: number): number {
  return length < 4 ? headOf(words, from, length) : words.getInt32(from + length - 4, true);
}

/** The first four bytes, or all of them where there are fewer. */
function headOf(words: DataView, from: number, length: number): number {
  const value = words.getInt32(from, true);
  return length >= 4 ? value : value & ((1 << (length * 8)) - 1);
}

/** Of the first, middle and last four bytes: where symbols differ, and words all the same. */
function hashOf(words: DataView, from: number, length: number): number {
  const head = headOf(words, from, length);
  const middle = length < 8 ? 0 : words.getInt32(from + (length >>> 1) - 2, true);
  const tail = tailOf(words, from, length);
  const mixed = Math.imul(head, 0x9e3779b1 | 0) ^ Math.imul(tail, 0x85ebca6b | 0);
  const hash = Math.imul(mixed ^ middle, 0xc2b2ae35 | 0) + length;
  return (hash ^ (hash >>> 15)) & 0x7fffffff;
}
