// Reading JSON frames as bytes without making strings. Helpers move a cursor (a small integer, -1 =
// "not what I expected") and store doubles into an array, because a returned double is boxed. A
// scanner that meets anything unexpected gives up and the caller falls back to JSON.parse.

const zeroChar = 48;
const nineChar = 57;
const dot = 46;
const minusChar = 45;
/** mantissa / 10^k equals Number(text) while mantissa < 2^53 and k <= 22. */
const powersOf10 = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
const mantissaMax = 900_719_925_474_098; // one more digit still fits 2^53

/** The text as Latin-1 bytes: for keys and prefixes that a scanner compares. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** The cursor after `expected`, or -1 when the bytes differ. */
export function expectBytes(bytes: Uint8Array, at: number, expected: Uint8Array): number {
  if (at < 0 || at + expected.length > bytes.length) return -1;
  for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return -1;
  return at + expected.length;
}

/** Reads a decimal number (no exponent) into `out[slot]`; returns the cursor after it, or -1. */
export function readNumber(bytes: Uint8Array, at: number, out: Float64Array, slot: number): number {
  if (at < 0) return -1;
  let cursor = at;
  const negative = bytes[cursor] === minusChar;
  if (negative) cursor++;
  let mantissa = 0;
  let decimals = -1;
  let digits = 0;
  for (; cursor < bytes.length; cursor++) {
    const char = bytes[cursor] as number;
    if (char >= zeroChar && char <= nineChar) {
      if (mantissa > mantissaMax) return -1;
      mantissa = mantissa * 10 + (char - zeroChar);
      digits++;
      if (decimals >= 0) decimals++;
    } else if (char === dot && decimals < 0) {
      decimals = 0;
    } else {
      break;
    }
  }
  if (digits === 0 || decimals > 22) return -1;
  const end = bytes[cursor];
  if (end === 101 || end === 69 || end === dot) return -1;
  const value = decimals > 0 ? mantissa / (powersOf10[decimals] as number) : mantissa;
  out[slot] = negative ? -value : value;
  return cursor;
}

/** The cursor after the next `char` at or after `at`, or -1. */
export function skipPast(bytes: Uint8Array, at: number, char: number): number {
  if (at < 0) return -1;
  for (let cursor = at; cursor < bytes.length; cursor++)
    if (bytes[cursor] === char) return cursor + 1;
  return -1;
}

/** Latin-1 text of a range: for ids and money, cut from the bytes and never through a double. */
export function textOf(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i] as number);
  return text;
}

/** Maps symbol bytes to a dense index without a string: open addressing, compares every byte. */
export class SymbolTable {
  private readonly mask: number;
  private readonly slots: Int32Array;
  private readonly symbols: Uint8Array[] = [];
  private readonly values: number[] = [];

  constructor(entries: Iterable<readonly [symbol: string, index: number]>) {
    const list = [...entries];
    let size = 16;
    while (size < list.length * 4) size *= 2;
    this.mask = size - 1;
    this.slots = new Int32Array(size).fill(-1);
    for (const [symbol, index] of list) {
      const key = ascii(symbol);
      let slot = hashBytes(key, 0, key.length) & this.mask;
      while (this.slots[slot] !== -1) slot = (slot + 1) & this.mask;
      this.slots[slot] = this.symbols.length;
      this.symbols.push(key);
      this.values.push(index);
    }
  }

  /** The index of the symbol in bytes[from, to), or -1. */
  find(bytes: Uint8Array, from: number, to: number): number {
    let slot = hashBytes(bytes, from, to) & this.mask;
    for (;;) {
      const entry = this.slots[slot] as number;
      if (entry === -1) return -1;
      const key = this.symbols[entry] as Uint8Array;
      if (key.length === to - from) {
        let i = 0;
        while (i < key.length && bytes[from + i] === key[i]) i++;
        if (i === key.length) return this.values[entry] as number;
      }
      slot = (slot + 1) & this.mask;
    }
  }
}

function hashBytes(bytes: Uint8Array, from: number, to: number): number {
  let h = 0x811c9dc5 | 0;
  for (let i = from; i < to; i++) h = Math.imul(h ^ (bytes[i] as number), 0x01000193);
  return (h ^ (h >>> 15)) & 0x7fffffff;
}
