// A list that remembers its newest entries, and the one filter that all histories share.
import { assert } from '../base/assert.ts';
import type { SimHistoryFilter } from './api.ts';

/** Appends forever, keeps the newest `max`; drops in chunks so that appending stays cheap. */
export class History<T> {
  private readonly max: number;
  private list: T[] = [];

  constructor(max: number) {
    assert(max > 0, 'a history keeps at least one entry');
    this.max = max;
  }

  /** Returns what was forgotten. */
  push(entry: T): readonly T[] {
    this.list.push(entry);
    if (this.list.length <= this.max * 1.25) return [];
    const forgotten = this.list.slice(0, this.list.length - this.max);
    this.list = this.list.slice(-this.max);
    return forgotten;
  }

  all(): readonly T[] {
    return this.list;
  }
}

interface Filtered {
  readonly id: string;
  readonly instrument: string | null;
  readonly tsMs: number;
}

/**
 * Entries in their order, oldest first. `limit` keeps the oldest ones when `afterId` is given
 * (paging forward), otherwise the newest.
 */
export function selectHistory<T>(
  entries: readonly T[],
  filter: SimHistoryFilter,
  describe: (entry: T) => Filtered,
): readonly T[] {
  const { instrument: wanted, fromMs, toMs, limit } = filter;
  const after = filter.afterId === undefined ? null : integerOf(filter.afterId);
  const selected: T[] = [];
  for (const entry of entries) {
    const { id, instrument, tsMs } = describe(entry);
    if (wanted !== undefined && instrument !== wanted) continue;
    if (fromMs !== undefined && tsMs < fromMs) continue;
    if (toMs !== undefined && tsMs > toMs) continue;
    if (after === null || Number(id) > after) selected.push(entry);
  }
  if (limit === undefined || selected.length <= limit) return selected;
  if (limit <= 0) return [];
  return after === null ? selected.slice(-limit) : selected.slice(0, limit);
}

/** Our ids stay far below 2^53. Text that is no number is before everything. */
function integerOf(text: string): number {
  const value = Number(text);
  return Number.isFinite(value) ? value : -1;
}
