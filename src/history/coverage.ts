// What a series covers and what it lacks: rows, first and last time, holes, intervals seen.
import { intervalChanges } from './intervals.ts';
import type { Series, SeriesId } from './series.ts';

/** Rows that ought to stand between two rows that do. */
export interface Gap {
  /** Time of the row before the hole, and of the one after it. */
  readonly afterMs: number;
  readonly untilMs: number;
  /** How many bars or settlements are missing. */
  readonly missing: number;
}

export interface Coverage {
  readonly id: SeriesId;
  readonly rows: number;
  /** Times of the first and the last row; a bar's is its open time. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** Bars and funding, longest first, at most `gapsMax`. Quotes and trades have no grid: none. */
  readonly gaps: readonly Gap[];
  readonly gapCount: number;
  /** Rows missing in all gaps together. */
  readonly missing: number;
  /** Lengths of interval seen with the rows that had them, longest first; bars have one. */
  readonly intervals: readonly { readonly intervalMs: number; readonly rows: number }[];
  /** How often a funding interval changed. */
  readonly intervalChanges: number;
}

/** Gaps that are listed one by one; the sum counts all. */
export const gapsMax = 100;

/** Null for a series without rows. */
export function coverageOf(series: Series): Coverage | null {
  const { id, tsMs } = series;
  const rows = tsMs.length;
  if (rows === 0) return null;
  const ends = { firstMs: tsMs[0] as number, lastMs: tsMs[rows - 1] as number };
  if (!('intervalMs' in series)) {
    const none = { gaps: [], gapCount: 0, missing: 0, intervals: [], intervalChanges: 0 };
    return { id, rows, ...ends, ...none };
  }
  const { intervalMs } = series;
  const perRow = typeof intervalMs === 'number' ? null : intervalMs;
  const gaps = gapsOf(tsMs, perRow ?? new Float64Array(rows).fill(Number(intervalMs)));
  const longest = [...gaps].sort((a, b) => b.missing - a.missing || a.afterMs - b.afterMs);
  return {
    id,
    rows,
    ...ends,
    gaps: longest.slice(0, gapsMax),
    gapCount: gaps.length,
    missing: gaps.reduce((sum, { missing }) => sum + missing, 0),
    intervals: perRow === null ? [{ intervalMs: Number(intervalMs), rows }] : lengthsOf(perRow),
    intervalChanges: perRow === null ? 0 : intervalChanges(tsMs, perRow).length,
  };
}

/** A step of more than one and a half intervals is a hole. */
function gapsOf(tsMs: Float64Array, intervalMs: Float64Array): readonly Gap[] {
  const gaps: Gap[] = [];
  for (let k = 1; k < tsMs.length; k++) {
    const afterMs = tsMs[k - 1] as number;
    const untilMs = tsMs[k] as number;
    const missing = Math.round((untilMs - afterMs) / (intervalMs[k] as number)) - 1;
    if (missing > 0) gaps.push({ afterMs, untilMs, missing });
  }
  return gaps;
}

function lengthsOf(intervalMs: Float64Array): Coverage['intervals'] {
  const counts = new Map<number, number>();
  for (const interval of intervalMs) {
    if (interval > 0) counts.set(interval, (counts.get(interval) ?? 0) + 1);
  }
  return [...counts]
    .map(([interval, rows]) => ({ intervalMs: interval, rows }))
    .sort((a, b) => b.intervalMs - a.intervalMs);
}
