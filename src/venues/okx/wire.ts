// Reading OKX payloads: JSON whose every figure is text, where "" means "not said". A reader
// answers null for what is absent, empty or not of its type; it never guesses a zero and never
// throws.
import { type Decimal, tryDecimal } from '../../base/decimal.ts';
import { parseExactJson } from '../../base/exact-json.ts';

export type Row = Readonly<Record<string, unknown>>;

/** Longest text that is read as an id, a name or a figure; anything beyond is not OKX's. */
const textMax = 200;
const decimalText = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const integerText = /^-?\d{1,40}$/;
/** Epoch ms of the year 9999: later times are not times. */
const timeMsMax = 253_402_300_799_999;

const utf8 = new TextDecoder('utf-8');

export function textOfBytes(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}

/** The JSON value, long numbers (sequence ids, instrument codes) as text; undefined when none. */
export function parseJson(text: string): unknown {
  return parseExactJson(text);
}

export function rowOf(value: unknown): Row | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return value as Row; // a JSON object: its fields stay unknown
}

/** A list; null when it is none. */
export function listOf(value: unknown): readonly unknown[] | null {
  return Array.isArray(value) ? value : null;
}

/** Non-empty text; numbers are taken as their shortest text. */
export function textField(row: Row, key: string): string | null {
  return textValue(Object.hasOwn(row, key) ? row[key] : undefined);
}

export function textValue(value: unknown): string | null {
  if (typeof value === 'string') return value !== '' && value.length <= textMax ? value : null;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : null;
}

export function numberField(row: Row, key: string): number | null {
  return numberValue(Object.hasOwn(row, key) ? row[key] : undefined);
}

export function numberValue(value: unknown): number | null {
  const text = textValue(value);
  if (text === null || !decimalText.test(text)) return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}

/** Exact; null also for more than 18 decimals. */
export function moneyField(row: Row, key: string): Decimal | null {
  const text = textField(row, key);
  return text === null ? null : tryDecimal(text);
}

/** Epoch ms; "" and "0" mean that the venue has no such time. */
export function timeField(row: Row, key: string): number | null {
  const value = numberField(row, key);
  if (value === null || !Number.isInteger(value)) return null;
  return value > 0 && value <= timeMsMax ? value : null;
}

/** Digits of an integer of any length, as text. */
export function integerField(row: Row, key: string): string | null {
  const text = textField(row, key);
  return text !== null && integerText.test(text) ? text : null;
}

/** "true" and "false" as text or as themselves. */
export function flagField(row: Row, key: string): boolean | null {
  const value = row[key];
  if (value === true || value === 'true') return true;
  return value === false || value === 'false' ? false : null;
}
