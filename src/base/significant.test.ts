import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { significant } from './significant.ts';

const digits = fc.integer({ min: 1, max: 15 });

describe('significant digits', () => {
  it('are those of the text, for any number', () => {
    const values = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.integer({ min: -8, max: 20 }).map((exponent) => Number(`1e${exponent}`)),
    );
    fc.assert(
      fc.property(values, digits, (value, count) => {
        expect(significant(value, count)).toBe(Number(value.toPrecision(count)));
      }),
      { numRuns: 5_000 },
    );
  });

  it('are those of the text where two are equally near, and next to a power of ten', () => {
    const halves = fc.tuple(
      fc.integer({ min: 1, max: 999_999_999 }),
      fc.integer({ min: -9, max: 3 }),
    );
    fc.assert(
      fc.property(halves, digits, ([whole, exponent], count) => {
        const value = Number(`${whole}5e${exponent}`);
        for (const near of [value, value * (1 + 2 ** -52), value * (1 - 2 ** -53)]) {
          expect(significant(near, count)).toBe(Number(near.toPrecision(count)));
        }
        const edge = 10 ** (exponent + 9) * (1 - 10 ** -count / 2);
        expect(significant(edge, count)).toBe(Number(edge.toPrecision(count)));
      }),
      { numRuns: 5_000 },
    );
  });
});
