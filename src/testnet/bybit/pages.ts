// Lists in pages. A cursor is the place in the list; it comes percent-encoded, as Bybit's do.
import { dayMs } from '../../base/time.ts';
import { type Answer, badParams, type Refused } from './answer.ts';
import type { Params } from './params.ts';

const historyWindowMs = 7 * dayMs;

export interface Page<T> {
  readonly list: readonly T[];
  readonly nextPageCursor: string;
}

export function pageOf<T>(
  entries: readonly T[],
  params: Params,
  limit: { readonly byDefault: number; readonly max: number },
): Page<T> {
  const size = Math.max(1, Math.min(params.integer('limit') ?? limit.byDefault, limit.max));
  const from = placeOf(params.get('cursor'));
  const to = from + size;
  return {
    list: entries.slice(from, to),
    nextPageCursor: to < entries.length ? encodeURIComponent(`page=${to}&`) : '',
  };
}

/** Clients send a cursor back as it came, or encoded once more. */
function placeOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const match = /page(?:=|%3D)(\d{1,9})/.exec(cursor);
  return match === null ? 0 : Number(match[1]);
}

export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** At most 7 days; one end gives the 7 days next to it, none the last 7 days. */
export function timeRangeOf(params: Params, nowMs: number): TimeRange | Refused {
  const start = params.integer('startTime');
  const end = params.integer('endTime');
  if (start === undefined && end === undefined) {
    return { fromMs: nowMs - historyWindowMs, toMs: nowMs };
  }
  const fromMs = start ?? (end as number) - historyWindowMs;
  const toMs = end ?? fromMs + historyWindowMs;
  if (toMs < fromMs) return badParams('startTime is after endTime');
  if (toMs - fromMs > historyWindowMs) return badParams('the range is over 7 days');
  return { fromMs, toMs };
}

export function isRefused(value: object): value is Refused {
  return 'ok' in value && (value as Answer).ok === false; // only answers have `ok`
}
