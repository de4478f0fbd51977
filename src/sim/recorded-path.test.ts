import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hourMs, minuteMs } from '../base/time.ts';
import { BasisPath, endOf, IndexPath, type RecordedBars, withoutHoles } from './recorded-path.ts';

const fromMs = 1_709_078_400_000; // 2024-02-28T00:00:00Z

type Bar = readonly [open: number, high: number, low: number, close: number];
const missing: Bar = [Number.NaN, Number.NaN, Number.NaN, Number.NaN];

function bars(rows: readonly Bar[], startMs = fromMs): RecordedBars {
  const column = (k: number) => Float64Array.from(rows, (row) => row[k] as number);
  const [open, high, low, close] = [column(0), column(1), column(2), column(3)];
  return { intervalMs: hourMs, fromMs: startMs, open, high, low, close };
}

const anyBar = fc
  .tuple(...Array.from({ length: 4 }, () => fc.double({ min: 1, max: 1e5, noNaN: true })))
  .map((prices): Bar => {
    const [low, a, b, high] = [...prices].sort((x, y) => x - y) as [number, number, number, number];
    return prices[0] === low ? [a, high, low, b] : [b, high, low, a];
  });

describe('the path of an index', () => {
  it('starts at the open of each bar, ends at its close, and stays between low and high', () => {
    fc.assert(
      fc.property(
        fc.array(anyBar, { minLength: 1, maxLength: 5 }),
        fc.integer(),
        fc.array(fc.integer({ min: 0, max: hourMs - 1 }), { maxLength: 20 }),
        (rows, seed, places) => {
          const path = new IndexPath(seed, 'BTC', bars(rows));
          rows.forEach(([open, high, low, close], k) => {
            const startMs = fromMs + k * hourMs;
            expect(path.at(startMs)).toBeCloseTo(open, 6);
            expect(Math.abs(path.at(startMs + hourMs - 1) / close - 1)).toBeLessThan(
              0.001 * (high / low),
            );
            for (const place of places) {
              const price = path.at(startMs + place);
              expect(price).toBeLessThanOrEqual(high);
              expect(price).toBeGreaterThanOrEqual(low);
            }
          });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('moves inside the hour and differs by seed, and with the same seed never', () => {
    const rows = bars([[100, 110, 90, 100]]);
    const at = (seed: number) => new IndexPath(seed, 'BTC', rows).at(fromMs + 17 * minuteMs);
    expect(at(1)).not.toBe(100);
    expect(at(1)).not.toBe(at(2));
    expect(at(1)).toBe(at(1));
  });

  it('depends on no other bar: later bars may be anything', () => {
    const first: Bar = [100, 110, 90, 105];
    const one = new IndexPath(1, 'BTC', bars([first, [105, 106, 104, 104]]));
    const other = new IndexPath(1, 'BTC', bars([first, [500, 900, 400, 800]]));
    for (let minute = 0; minute < 60; minute++) {
      const tsMs = fromMs + minute * minuteMs;
      expect(other.at(tsMs)).toBe(one.at(tsMs));
    }
  });

  it('holds the first open before the record and the last close after it', () => {
    const path = new IndexPath(1, 'BTC', bars([[100, 110, 90, 105]]));
    expect(path.at(fromMs - hourMs)).toBe(100);
    expect(path.at(endOf(bars([[100, 110, 90, 105]])) + hourMs)).toBe(105);
  });
});

describe('the basis of a perpetual', () => {
  it('goes in a straight line from open over open to close over close of the same hour', () => {
    // 101/100 - 1 = 1% at the open, 202/200 - 1... the close: 204/200 - 1 = 2%; half way 1.5%.
    const index = bars([[100, 210, 90, 200]]);
    const perp = bars([[101, 215, 91, 204]]);
    const basis = new BasisPath(index, perp);
    expect(basis.at(fromMs)).toBeCloseTo(0.01, 12);
    expect(basis.at(fromMs + 30 * minuteMs)).toBeCloseTo(0.015, 12);
    expect(basis.at(fromMs + hourMs - 1)).toBeCloseTo(0.02, 8);
  });

  it('compares bars by their times, not by their places in the record', () => {
    const index = bars([
      [100, 100, 100, 100],
      [200, 200, 200, 200],
    ]);
    const perp = bars([[202, 202, 202, 202]], fromMs + hourMs);
    const basis = new BasisPath(index, perp);
    expect(basis.at(fromMs + hourMs)).toBeCloseTo(0.01, 12);
    // Before the perpetual's record: its first basis, not 202 / 100 - 1.
    expect(basis.at(fromMs)).toBeCloseTo(0.01, 12);
  });

  it('keeps the last basis through hours that are missing', () => {
    const index = bars([
      [100, 100, 100, 100],
      [150, 150, 150, 150],
    ]);
    const basis = new BasisPath(index, bars([[101, 102, 100, 102], missing]));
    expect(basis.at(fromMs + hourMs + 5 * minuteMs)).toBeCloseTo(0.02, 12);
  });
});

describe('bars with holes', () => {
  it('are filled flat with the close before, and counted', () => {
    const { bars: whole, filled } = withoutHoles(bars([missing, [10, 12, 9, 11], missing]));
    expect(filled).toBe(2);
    expect([...whole.open]).toEqual([10, 10, 11]);
    expect([...whole.high]).toEqual([10, 12, 11]);
    expect([...whole.close]).toEqual([10, 11, 11]);
  });
});
