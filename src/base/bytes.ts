// Reading text files as bytes. A number goes into an array, because a returned double is boxed; the
// cursor behind it is returned, -1 = "not a number". Frames of venues: see frame.ts.

const zeroChar = 48;
const nineChar = 57;
const dot = 46;
const minusChar = 45;
/** mantissa / 10^k equals Number(text) while mantissa < 2^53 and k <= 22. */
const powersOf10 = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
const mantissaMax = 900_719_925_474_098; // one more digit still fits 2^53

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

/** Latin-1 text of a range: for ids and money, cut from the bytes and never through a double. */
export function textOf(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += String.fromCharCode(bytes[i] as number);
  return text;
}
