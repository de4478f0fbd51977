import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hourMs } from '../base/time.ts';
import { type Columns, ColumnsBuilder, joinColumns, seriesOf, settleColumns } from './columns.ts';
import { coverageOf } from './coverage.ts';
import { type BarSeries, barAt, firstAfter, firstAtOrAfter, type SeriesId } from './series.ts';

const funding = {
  venue: 'v',
  market: 'perp',
  symbol: 'S',
  kind: 'funding',
  interval: null,
} as const;
const startMs = 1_709_078_400_000;

type Row = readonly [hour: number, rate: number, mark?: number];
function fundingColumns(...rows: readonly Row[]): Columns {
  const builder = new ColumnsBuilder(funding, 1);
  for (const [hour, rate, mark = Number.NaN] of rows) {
    builder.push(Float64Array.of(startMs + hour * hourMs, rate, mark, Number.NaN));
  }
  return builder.columns();
}

function bars(...hours: readonly number[]): BarSeries {
  const id: SeriesId = { ...funding, kind: 'bars', interval: '1h' };
  const builder = new ColumnsBuilder(id);
  for (const h of hours)
    builder.push(Float64Array.of(startMs + h * hourMs, h, h, h, h, Number.NaN));
  return seriesOf(builder.columns()) as BarSeries;
}

describe('settling columns', () => {
  it('sorts rows, folds equal ones, and keeps the first of two that disagree', () => {
    const settled = settleColumns(
      fundingColumns([8, 0.2], [0, 0.1], [8, 0.2, 50], [0, 0.3], [16, 0.4]),
    );
    const [times, rates, marks] = settled.columns.values;
    expect([...(times ?? [])].map((ms) => (ms - startMs) / hourMs)).toEqual([0, 8, 16]);
    expect([...(rates ?? [])]).toEqual([0.1, 0.2, 0.4]);
    // What the first did not know, the second may tell.
    expect([...(marks ?? [])]).toEqual([Number.NaN, 50, Number.NaN]);
    expect(settled.duplicates).toBe(1);
    expect(settled.conflicts.map(({ kept, dropped }) => [kept[1], dropped[1]])).toEqual([
      [0.1, 0.3],
    ]);
  });

  it('is strictly rising, loses no time and is settled afterwards, whatever comes in', () => {
    const row = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.constantFrom(0.1, 0.2));
    fc.assert(
      fc.property(fc.array(row), fc.array(row), (one, two) => {
        const all = joinColumns([fundingColumns(...one), fundingColumns(...two)]);
        const { columns, duplicates, conflicts } = settleColumns(all);
        const times = [...(columns.values[0] ?? [])];
        const wanted = new Set([...one, ...two].map(([hour]) => startMs + hour * hourMs));
        expect(times).toEqual([...wanted].sort((a, b) => a - b));
        expect(times.length + duplicates + conflicts.length).toBe(one.length + two.length);
        expect(settleColumns(columns)).toMatchObject({ duplicates: 0, conflicts: [] });
      }),
    );
  });

  it('trades of one millisecond all stay, in their order', () => {
    const builder = new ColumnsBuilder({ ...funding, kind: 'trades' });
    for (const [ts, price] of [
      [5, 1],
      [3, 2],
      [5, 3],
      [5, 3],
    ]) {
      builder.push(Float64Array.of(ts ?? 0, price ?? 0, 1, 1));
    }
    const { columns, duplicates } = settleColumns(builder.columns());
    expect([...(columns.values[1] ?? [])]).toEqual([2, 1, 3, 3]);
    expect(duplicates).toBe(0);
  });
});

describe('a series', () => {
  it('a stated interval wins over the inferred one', () => {
    const columns = fundingColumns([0, 0.1], [8, 0.1], [16, 0.1]);
    columns.values[3]?.set([4 * hourMs], 1);
    const series = seriesOf(columns);
    expect('intervalMs' in series && series.intervalMs).toEqual(
      Float64Array.of(8 * hourMs, 4 * hourMs, 8 * hourMs),
    );
  });

  it('coverage counts holes and never fills them', () => {
    const coverage = coverageOf(bars(0, 1, 2, 5, 6, 8));
    expect(coverage).toMatchObject({ rows: 6, missing: 3, gapCount: 2 });
    expect(coverage?.gaps[0]).toEqual({
      afterMs: startMs + 2 * hourMs,
      untilMs: startMs + 5 * hourMs,
      missing: 2,
    });
    expect(coverageOf(bars())).toBeNull();
  });

  it('a bar contains its open time, not its end; nothing contains a moment in a hole', () => {
    const series = bars(0, 1, 4);
    const index = (hours: number) => barAt(series, startMs + hours * hourMs);
    expect([-0.1, 0, 0.99, 1, 2, 3.9, 4, 4.5, 5].map(index)).toEqual([
      -1, 0, 0, 1, -1, -1, 2, 2, -1,
    ]);
  });

  it('the two searches differ on an equal time', () => {
    const times = Float64Array.of(1, 3, 3, 5);
    expect([0, 3, 5, 6].map((ts) => firstAtOrAfter(times, ts))).toEqual([0, 1, 3, 4]);
    expect([0, 3, 5, 6].map((ts) => firstAfter(times, ts))).toEqual([0, 3, 4, 4]);
  });
});
