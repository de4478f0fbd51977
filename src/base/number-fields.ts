// Reads a flat record of numeric settings against a table of ranges: pure, and says which field,
// which value and what would be right. Fields named `...Ms`, `...MsMax` or `...MsMin` also take
// durations ("24h").
import { tryDuration } from './time.ts';

export interface NumberRange {
  readonly min: number;
  readonly max: number;
  /** Whole numbers only. */
  readonly integer?: true;
}

export type FieldsResult<K extends string> =
  | { readonly ok: true; readonly values: Readonly<Record<K, number>> }
  | { readonly ok: false; readonly field: string; readonly message: string };

/** `defaults` fill what the record does not name; a field that no range names is an error. */
export function readNumberFields<K extends string>(options: {
  readonly record: Readonly<Record<string, unknown>>;
  readonly ranges: Readonly<Record<K, NumberRange>>;
  readonly defaults: Readonly<Record<K, number>>;
}): FieldsResult<K> {
  const { record, ranges, defaults } = options;
  const values: Record<K, number> = { ...defaults };
  for (const [field, given] of Object.entries(record)) {
    if (!isNamed(ranges, field)) {
      const known = Object.keys(ranges).join(', ');
      return { ok: false, field, message: `unknown field; known are ${known}` };
    }
    const read = readNumber(field, given, ranges[field]);
    if (typeof read === 'string') return { ok: false, field, message: read };
    values[field] = read;
  }
  return { ok: true, values };
}

/** The number, or the complaint as text. */
export function readNumber(field: string, given: unknown, range: NumberRange): number | string {
  const isDuration = /Ms(Max|Min)?$/.test(field);
  const value = isDuration && typeof given === 'string' ? tryDuration(given) : given;
  const wanted =
    (range.integer ? 'a whole number' : 'a number') +
    (isDuration ? ' of ms or a duration such as 90s' : '') +
    ` from ${range.min} to ${range.max}`;
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    return `${show(given)} is not ${wanted}`;
  }
  if (range.integer && !Number.isInteger(value)) return `${show(given)} is not ${wanted}`;
  if (value < range.min || value > range.max) return `${show(given)} is out of range: ${wanted}`;
  return value;
}

function isNamed<K extends string>(
  ranges: Readonly<Record<K, NumberRange>>,
  field: string,
): field is K {
  return Object.hasOwn(ranges, field);
}

function show(given: unknown): string {
  if (typeof given === 'number') return String(given);
  return JSON.stringify(given) ?? String(given);
}
