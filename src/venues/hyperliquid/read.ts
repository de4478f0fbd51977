// Reading Hyperliquid payloads: prices, sizes and amounts are text, times and ids are numbers. A
// reader answers null for what is absent or of another type; it never guesses and never throws.
import { type Decimal, tryDecimal } from '../../base/decimal.ts';

export type Row = Readonly<Record<string, unknown>>;

/** Longest text that is read as an id, a name or a figure. */
const textCharsMax = 200;
/** The year 9999: later times are no times. */
export const timeMsMax = 253_402_300_799_999;
/** No figure of a market is larger; products of two stay finite. */
const figureMax = 1e30;
const exactDigitsMax = 15;
const numberText = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

const utf8 = new TextDecoder('utf-8');

export function textOfBytes(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}

/** The JSON value, or undefined where the text is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function rowOf(value: unknown): Row | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return value as Row; // a JSON object: its fields stay unknown
}

export function listOf(value: unknown): readonly unknown[] | null {
  return Array.isArray(value) ? value : null;
}

export function rowAt(row: Row, key: string): Row {
  return rowOf(row[key]) ?? {};
}

/** The list at `key`; empty when there is none. */
export function listAt(row: Row, key: string): readonly unknown[] {
  return listOf(row[key]) ?? [];
}

/** Non-empty text; a number counts as its shortest text. */
export function textAt(row: Row, key: string): string | null {
  return textOf(row[key]);
}

/** Exact; null also for more than 18 decimals. */
export function decimalAt(row: Row, key: string): Decimal | null {
  const text = textAt(row, key);
  return text === null ? null : tryDecimal(text);
}

export function positiveDecimalAt(row: Row, key: string): Decimal | null {
  const value = decimalAt(row, key);
  return value !== null && value > 0n ? value : null;
}

export function numberAt(row: Row, key: string): number | null {
  return numberOf(row[key]);
}

export function positiveNumberAt(row: Row, key: string): number | null {
  const value = numberAt(row, key);
  return value !== null && value > 0 ? value : null;
}

/** Epoch ms. */
export function timeAt(row: Row, key: string): number | null {
  const value = row[key];
  if (typeof value !== 'number' || !Number.isInteger(value)) return null;
  return value > 0 && value <= timeMsMax ? value : null;
}

/** A count or an index. */
export function wholeAt(row: Row, key: string): number | null {
  const value = row[key];
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** An id: null beyond 2^53, where JSON.parse has already rounded it. */
export function idAt(row: Row, key: string): string | null {
  const value = wholeAt(row, key);
  return value === null ? null : String(value);
}

export function flagAt(row: Row, key: string): boolean | null {
  const value = row[key];
  return typeof value === 'boolean' ? value : null;
}

export function numberOf(value: unknown): number | null {
  const text = textOf(value);
  if (text === null || !numberText.test(text)) return null;
  const number = Number(text);
  return Math.abs(number) <= figureMax ? number : null;
}

export function textOf(value: unknown): string | null {
  if (typeof value === 'string') {
    return value !== '' && value.length <= textCharsMax ? value : null;
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return null;
  const text = String(value);
  // More digits than a double holds: JSON.parse has rounded what the venue said.
  return text.replace(/\D/g, '').length <= exactDigitsMax ? text : null;
}
