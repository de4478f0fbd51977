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
const dot = 46;
/** mantissa x or / 10^k is Number(text) while the mantissa is below 2^53 and k <= 22. */
const powersOf10 = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
const exponentMax = 22;
/** Digits that an int32 takes. */
const intDigitsMax = 9;
/** Longer integers may pass 2^53. */
const integerDigitsMax = 15;
/** One more digit still fits 2^53. */
const mantissaMax = 900_719_925_474_098;
/** One more digit makes 15: such a figure is its double's own text, and shifts like it. */
const shiftedMantissaMax = 99_999_999_999_999;
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

/** Every byte of the word is one of '0' to '9'. */
function isDigits(value: number): boolean {
  const high = value & 0xf0f0f0f0;
  return (high | (((value + 0x06060606) & 0xf0f0f0f0) >>> 4)) === 0x33333333;
}

/** The number that four digits in a word spell. */
function fourDigits(value: number): number {
  const pairs = value - 0x30303030;
  const tens = (Math.imul(pairs, 10) + (pairs >>> 8)) & 0x00ff00ff;
  return Math.imul(tens & 0xff, 100) + (tens >>> 16);
}

/** Behind a JSON integer without sign or leading zero; -1 = it is not one. */
export function skipInteger({ bytes, words }: FrameBuffer, at: number): number {
  let cursor = at;
  while (isDigits(words.getInt32(cursor, true))) cursor += 4;
  while (((bytes[cursor] as number) - zeroChar) >>> 0 < 10) cursor++;
  const digits = cursor - at;
  if (digits === 0) return -1;
  return digits > 1 && bytes[at] === zeroChar ? -1 : cursor;
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
  if (isDigits(a) && isDigits(b) && isDigits(c) && last < 10 && !isLonger) {
    if (bytes[at] === zeroChar) return -1;
    out[slot] = fourDigits(a) * 1e9 + (fourDigits(b) * 10_000 + fourDigits(c)) * 10 + last;
    return at + 13;
  }
  const end = skipInteger(frame, at);
  if (end < 0 || end - at > integerDigitsMax) return -1;
  let value = 0;
  for (let i = at; i < end; i++) value = value * 10 + ((bytes[i] as number) - zeroChar);
  out[slot] = value;
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
  let digits = cursor - at;
  let scale = shift;
  if (digit === dot - zeroChar) {
    const from = ++cursor;
    digit = ((bytes[cursor] as number) - zeroChar) | 0;
    while (digit >>> 0 < 10) {
      mantissa = (Math.imul(mantissa, 10) + digit) | 0;
      digit = ((bytes[++cursor] as number) - zeroChar) | 0;
    }
    digits += cursor - from;
    scale -= cursor - from;
  }
  if (digits === 0 || scale < -exponentMax || scale > exponentMax) return -1;
  if (digits > intDigitsMax) {
    const max = shift === 0 ? mantissaMax : shiftedMantissaMax;
    return readLong(bytes, { from: at, to: cursor, scale, max }, out, slot);
  }
  out[slot] =
    scale < 0
      ? mantissa / (powersOf10[-scale] as number)
      : mantissa * (powersOf10[scale] as number);
  return cursor;
}

/** The same for a mantissa beyond 32 bits: rare, so the object does not matter. */
function readLong(
  bytes: Uint8Array,
  figure: {
    readonly from: number;
    readonly to: number;
    readonly scale: number;
    readonly max: number;
  },
  out: Float64Array,
  slot: number,
): number {
  const { from, to, scale, max } = figure;
  if (to - from > figureCharsMax) return -1;
  let mantissa = 0;
  for (let i = from; i < to; i++) {
    const char = bytes[i] as number;
    if (char === dot) continue;
    if (mantissa > max) return -1;
    mantissa = mantissa * 10 + (char - zeroChar);
  }
  out[slot] =
    scale < 0
      ? mantissa / (powersOf10[-scale] as number)
      : mantissa * (powersOf10[scale] as number);
  return to;
}

/** Maps symbol bytes to a dense index without a string: open addressing, compares every byte. */
export class SymbolWords {
  private readonly mask: number;
  private readonly slots: Int32Array;
  private readonly keys: { readonly words: Int32Array; readonly length: number }[] = [];
  private readonly values: number[] = [];

  constructor(entries: Iterable<readonly [symbol: string, index: number]>) {
    const list = [...entries];
    let size = 16;
    while (size < list.length * 4) size *= 2;
    this.mask = size - 1;
    this.slots = new Int32Array(size).fill(-1);
    const frame = new FrameBuffer(symbolLengthMax);
    for (const [symbol, index] of list) {
      const { length } = symbol;
      if (length === 0 || length > symbolLengthMax) continue;
      frame.load(Uint8Array.from(symbol, (char) => char.charCodeAt(0)));
      const words = Int32Array.from({ length: Math.ceil(length / 4) }, (_, i) =>
        wordOf(frame.words, i * 4, length - i * 4),
      );
      let slot = hashOf(frame.words, 0, length) & this.mask;
      while (this.slots[slot] !== -1) slot = (slot + 1) & this.mask;
      this.slots[slot] = this.keys.length;
      this.keys.push({ words, length });
      this.values.push(index);
    }
  }

  /** The index of the symbol in bytes[from, to), or -1. */
  find(words: DataView, from: number, to: number): number {
    const length = to - from;
    if (length <= 0 || length > symbolLengthMax) return -1;
    let slot = hashOf(words, from, length) & this.mask;
    for (;;) {
      const entry = this.slots[slot] as number;
      if (entry === -1) return -1;
      const key = this.keys[entry] as { readonly words: Int32Array; readonly length: number };
      if (key.length === length) {
        let i = 0;
        let at = 0;
        while (at < length && wordOf(words, from + at, length - at) === key.words[i]) {
          at += 4;
          i++;
        }
        if (at >= length) return this.values[entry] as number;
      }
      slot = (slot + 1) & this.mask;
    }
  }
}

const symbolLengthMax = 48;

/** Up to four bytes; what lies behind the `left` last ones is cut off. */
function wordOf(words: DataView, at: number, left: number): number {
  const value = words.getInt32(at, true);
  return left >= 4 ? value : value & ((1 << (left * 8)) - 1);
}

function hashOf(words: DataView, from: number, length: number): number {
  let hash = length;
  for (let at = 0; at < length; at += 4) {
    hash = Math.imul(hash ^ wordOf(words, from + at, length - at), 0x9e3779b1 | 0);
    hash ^= hash >>> 15;
  }
  return hash & 0x7fffffff;
}
