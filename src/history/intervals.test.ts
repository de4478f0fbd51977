import { describe, expect, it } from 'vitest';
import { hourMs, minuteMs } from '../base/time.ts';
import { intervalChanges, settlementIntervals } from './intervals.ts';

const startMs = 1_709_078_400_000;
/** Times at the given hours from the start. */
const at = (...hours: readonly number[]) => Float64Array.from(hours, (h) => startMs + h * hourMs);
const hoursOf = (times: Float64Array) => [...settlementIntervals(times)].map((ms) => ms / hourMs);

describe('the interval that a settlement closed', () => {
  it.each([
    ['eight hours throughout', at(0, 8, 16, 24), [8, 8, 8, 8]],
    ['a cap shortens it, and it comes back', at(0, 8, 9, 10, 14, 18), [8, 8, 1, 1, 4, 4]],
    ['one settlement of a shorter interval is real', at(0, 8, 12, 20, 28), [8, 8, 4, 8, 8]],
    ['one missing row is a hole, not an interval', at(0, 1, 2, 4, 5, 6), [1, 1, 1, 1, 1, 1]],
    ['a hole of ten days takes what follows', at(0, 8, 248, 249, 250), [8, 8, 1, 1, 1]],
    ['a hole at the end takes what came before', at(0, 8, 16, 500), [8, 8, 8, 8]],
    ['five hours are no interval', at(0, 5, 6, 7), [1, 1, 1, 1]],
  ])('%s', (_, times, hours) => {
    expect(hoursOf(times)).toEqual(hours);
  });

  it('a single settlement leaves it open', () => {
    expect([...settlementIntervals(at(0))]).toEqual([Number.NaN]);
    expect(settlementIntervals(at())).toHaveLength(0);
  });

  it('minutes off the hour are no interval', () => {
    const odd = Float64Array.of(startMs, startMs + 90 * minuteMs);
    expect([...settlementIntervals(odd)]).toEqual([Number.NaN, Number.NaN]);
  });

  it('a change names its first settlement', () => {
    const times = at(0, 8, 9, 10, 18);
    expect(intervalChanges(times, settlementIntervals(times))).toEqual([
      { tsMs: startMs + 9 * hourMs, fromMs: 8 * hourMs, toMs: hourMs },
      { tsMs: startMs + 18 * hourMs, fromMs: hourMs, toMs: 8 * hourMs },
    ]);
  });
});
