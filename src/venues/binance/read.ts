// Reads fields of a venue's JSON without trusting it: a missing, empty or odd value is null, never
// 0 and never an exception.
import { type Decimal, tryDecimal } from '../../base/decimal.ts';
import { parseExactJson } from '../../base/exact-json.ts';

export type Json = { readonly [key: string]: unknown };

const decoder = new TextDecoder();
const numeric = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d{1,3}))?$/;

export function textOfBytes(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** The value of a JSON text, long numbers as text; undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  return parseExactJson(text);
}

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value when it is a list, else an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Text of a non-empty string or of a number; else null. */
export function textIn(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : null;
}

/** A finite number from a number or decimal text; '' and everything else is null. */
export function numberIn(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || !numeric.test(value)) return null;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : null;
}

/** Like `numberIn`, but only above zero: a price or quantity of 0 is Binance's "none". */
export function positiveIn(value: unknown): number | null {
  const parsed = numberIn(value);
  return parsed !== null && parsed > 0 ? parsed : null;
}

export function decimalIn(value: unknown): Decimal | null {
  if (typeof value === 'string') return tryDecimal(value);
  return typeof value === 'number' && Number.isFinite(value) ? tryDecimal(String(value)) : null;
}

/** Like `decimalIn`, but only above zero. */
export function positiveDecimalIn(value: unknown): Decimal | null {
  const parsed = decimalIn(value);
  return parsed !== null && parsed > 0n ? parsed : null;
}

/**
 * value x 10^shift, above zero, as the double next to the decimal value: a conversion of units that
 * a multiplication or division of doubles would round twice (0.010123 / 1000 may miss the tick).
 */
export function shiftedIn(value: unknown, shift: number): number | null {
  if (shift === 0) return positiveIn(value);
  const match = numeric.exec(typeof value === 'number' ? String(value) : (textIn(value) ?? ''));
  if (match === null) return null;
  const [, mantissa, exponent = '0'] = match;
  return positiveIn(Number(`${mantissa}e${Number(exponent) + shift}`));
}

/** Epoch ms; Binance writes 0 for "never", which is null. */
export function timeIn(value: unknown): number | null {
  const parsed = positiveIn(value);
  return parsed !== null && Number.isSafeInteger(parsed) ? parsed : null;
}

/** Unsigned integer text of a sequence number; null for anything else. */
export function sequenceIn(value: unknown): string | null {
  const text = textIn(value);
  return text !== null && /^\d{1,20}$/.test(text) ? text : null;
}

export function booleanIn(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  return value === 'true' ? true : value === 'false' ? false : null;
}
