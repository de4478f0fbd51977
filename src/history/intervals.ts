// Which interval a settlement closed, from the times of the settlements alone. Venues change it (8h
// to 1h after a capped rate, and back), so it is a property of every row, never of an instrument.
//
// The step to the row before is the interval, unless rows are missing in between. They are when the
// step does not divide a day, or when it stands alone between shorter ones (1 h, 1 h, 3 h, 1 h): a
// missing settlement only ever lengthens a step. The row after a hole takes the step that follows.
import { dayMs, hourMs } from '../base/time.ts';

/**
 * The interval that ends at each time of a strictly rising list, in ms; NaN where a single row
 * leaves it open. The first row is given the step that follows it.
 */
export function settlementIntervals(tsMs: Float64Array): Float64Array {
  const { length } = tsMs;
  const steps = new Float64Array(length).fill(Number.NaN);
  for (let k = 1; k < length; k++) {
    const step = (tsMs[k] as number) - (tsMs[k - 1] as number);
    if (isInterval(step)) steps[k] = step;
  }
  const intervals = new Float64Array(length).fill(Number.NaN);
  let following = Number.NaN;
  for (let k = length - 1; k >= 0; k--) {
    const step = steps[k] as number;
    const alone = step > (steps[k - 1] ?? Number.NaN) && step > (steps[k + 1] ?? Number.NaN);
    if (step > 0 && !alone) following = step;
    intervals[k] = following;
  }
  // What stands after the last known step: a row behind a hole at the end.
  for (let k = 1; k < length; k++) {
    if (Number.isNaN(intervals[k])) intervals[k] = intervals[k - 1] as number;
  }
  return intervals;
}

/** Hours that divide a day: what venues settle in. */
export function isInterval(stepMs: number): boolean {
  return stepMs >= hourMs && stepMs <= dayMs && stepMs % hourMs === 0 && dayMs % stepMs === 0;
}

export interface IntervalChange {
  /** The first settlement of the new interval. */
  readonly tsMs: number;
  readonly fromMs: number;
  readonly toMs: number;
}

export function intervalChanges(
  tsMs: Float64Array,
  intervalMs: Float64Array,
): readonly IntervalChange[] {
  const changes: IntervalChange[] = [];
  for (let k = 1; k < tsMs.length; k++) {
    const fromMs = intervalMs[k - 1] as number;
    const toMs = intervalMs[k] as number;
    if (fromMs !== toMs && fromMs > 0 && toMs > 0) {
      changes.push({ tsMs: tsMs[k] as number, fromMs, toMs });
    }
  }
  return changes;
}
