// Tidewater's wire: REST replies and stream frames hold the same items, `{ items: [{ type, ... }]
// }`; a refusal is `{ code, message }`. Figures are texts, times epoch ms. See README.md.
import { type Decimal, parseExactJson, tryDecimal } from 'funding-rate-arb/plugin';

export type Item = Readonly<Record<string, unknown>>;

const figure = /^-?\d{1,30}(?:\.\d{1,18})?$/;
const timeMsMax = 253_402_300_799_999;
const textMax = 200;

export function itemOf(value: unknown): Item | null {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Item) : null; // its fields stay unknown
}

export function parsed(text: string): Item | null {
  return itemOf(parseExactJson(text));
}

export function textOf(item: Item, key: string): string | null {
  const value = Object.hasOwn(item, key) ? item[key] : undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'string' && value !== '' && value.length <= textMax ? value : null;
}

/** Null for what is absent, empty or no figure: never a zero in its place. */
export function moneyOf(item: Item, key: string): Decimal | null {
  const text = textOf(item, key);
  return text === null || !figure.test(text) ? null : tryDecimal(text);
}

export function numberOf(item: Item, key: string): number | null {
  return numberIn(textOf(item, key));
}

export function numberIn(value: unknown): number | null {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && figure.test(text) ? Number(text) : null;
}

export function positive<T extends number | Decimal>(value: T | null): T | null {
  return value !== null && value > 0 ? value : null;
}

export function timeOf(item: Item, key: string): number | null {
  const value = numberOf(item, key);
  const isTime = value !== null && Number.isInteger(value) && value > 0 && value <= timeMsMax;
  return isTime ? value : null;
}

export function flagOf(item: Item, key: string): boolean | null {
  const value = item[key];
  return typeof value === 'boolean' ? value : null;
}
