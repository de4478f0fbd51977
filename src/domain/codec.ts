// The text form of records and states: JSON in which exact decimals are "#1.5", so that a journal
// can be read by eye and decodes to the same values. Also the canonical form that state hashes
// cover.
import { AssertionFailed } from '../base/assert.ts';
import { type Decimal, decimal, formatDecimal } from '../base/decimal.ts';
import { sha256Hex } from '../base/hmac.ts';

/** One line of JSON. Decimals as "#text"; a string that starts with # is escaped as "#~...". */
export function encode(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'bigint') return `#${formatDecimal(item as Decimal)}`;
    if (typeof item === 'string' && item.charCodeAt(0) === 35) return `#~${item}`;
    if (typeof item === 'number' && !Number.isFinite(item)) return `#${item}`;
    return item;
  });
}

/** The inverse of `encode`; throws on text that `encode` cannot have written. */
export function decode(text: string): unknown {
  return JSON.parse(text, (_key, item: unknown) => {
    if (typeof item !== 'string' || item.charCodeAt(0) !== 35) return item;
    if (item.startsWith('#~')) return item.slice(2);
    const body = item.slice(1);
    if (body === 'NaN') return Number.NaN;
    if (body === 'Infinity') return Number.POSITIVE_INFINITY;
    if (body === '-Infinity') return Number.NEGATIVE_INFINITY;
    return decimal(body);
  });
}

/** SHA-256 of the canonical form: maps, sets and object keys in sorted order. */
export function canonicalHash(value: unknown): string {
  return sha256Hex(encode(canonical(value)));
}

function canonical(value: unknown): unknown {
  if (value === null || typeof value !== 'object') {
    if (typeof value === 'function') throw new AssertionFailed('a state holds no functions');
    return value;
  }
  if (value instanceof Map) {
    const entries = [...value.entries()].map(([key, item]) => [String(key), canonical(item)]);
    entries.sort((a, b) => compare(a[0] as string, b[0] as string));
    return entries;
  }
  if (value instanceof Set) return [...value].map(String).sort(compare);
  if (Array.isArray(value)) return value.map(canonical);
  const sorted: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value).sort((a, b) => compare(a[0], b[0]))) {
    if (item !== undefined) sorted[key] = canonical(item);
  }
  return sorted;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
