// Reading OKX payloads: JSON whose every figure is text, where "" means "not said". A reader
// answers null for what is absent, empty or not of its type; it never guesses a zero and never
// throws.
import { type Decimal, tryDecimal } from '../../base/decimal.ts';

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

/** The JSON value, integers beyond 15 digits kept exact as text; undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(mayHoldBigInteger.test(text) ? quoteBigIntegers(text) : text);
  } catch {
    return undefined;
  }
}

const mayHoldBigInteger = /[:[,\s]-?\d{16}/;
const bigInteger = /^-?[1-9]\d{15,}$/;
const numberChar = /[-+.\deE]/;

/**
 * JSON.parse rounds integers beyond 2^53, which sequence ids and instrument codes pass: such
 * literals become strings before it sees them. Texts inside strings stay as they are.
 */
export function quoteBigIntegers(text: string): string {
  let result = '';
  let copied = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string;
    if (char === '"') {
      for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at++;
    } else if (char === '-' || (char >= '0' && char <= '9')) {
      const from = at;
      while (at < text.length && numberChar.test(text[at] as string)) at++;
      const literal = text.slice(from, at);
      if (bigInteger.test(literal)) {
        result += `${text.slice(copied, from)}"${literal}"`;
        copied = at;
      }
      at--;
    }
  }
  return result + text.slice(copied);
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
