// Reads the untyped objects that ccxt returns. Money comes as text (ccxt runs with `number:
// String`) and is cut into Decimal; what is absent, empty or not a number is null, never 0.
import { type Decimal, tryDecimal } from '../../base/decimal.ts';
import type { Row } from './api.ts';

export function rowOf(value: unknown): Row {
  return typeof value === 'object' && value !== null ? (value as Row) : {}; // an object's fields
}

export function rowsOf(value: unknown): readonly Row[] {
  if (Array.isArray(value)) return value.map(rowOf);
  return typeof value === 'object' && value !== null ? Object.values(value).map(rowOf) : [];
}

/** A non-empty text, or a number as text. */
export function textAt(row: Row, key: string): string | null {
  const value = row[key];
  if (typeof value === 'string') return value === '' ? null : value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : null;
}

export function decimalAt(row: Row, key: string): Decimal | null {
  const text = textAt(row, key);
  return text === null ? null : tryDecimal(text);
}

export function positiveAt(row: Row, key: string): Decimal | null {
  const value = decimalAt(row, key);
  return value !== null && value > 0n ? value : null;
}

export function numberAt(row: Row, key: string): number | null {
  const text = textAt(row, key);
  if (text === null) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

export function flagAt(row: Row, key: string): boolean | null {
  const value = row[key];
  return typeof value === 'boolean' ? value : null;
}
