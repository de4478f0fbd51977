import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromNumber, isMultipleOf, zero } from '../base/decimal.ts';
import { listingsOf, simulatedVenues } from './listings/listings-of.ts';
import { BookShape } from './seeded-book.ts';

const everything = simulatedVenues.flatMap(listingsOf).map(({ instrument }) => instrument);
const style = { halfSpread: 0.00005, gap: 0.00005, levelUsd: 20_000 };

describe('a base book', () => {
  it('lies on tick and lot, best first, never crossed, at any price of any instrument', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...everything),
        fc.double({ min: 5, max: 5e5, noNaN: true }),
        fc.integer({ min: 0, max: 2_000_000_000_000 }),
        (instrument, ticks, tsMs) => {
          const { tickSize, lotSize, qtyMin } = instrument;
          if (tickSize === null || lotSize === null || qtyMin === null) return;
          const mid = ticks * Number(tickSize) * 1e-18;
          const { bids, asks } = new BookShape(1, instrument, style).book(mid, tsMs, 20);
          for (const [price, qty] of [...bids, ...asks]) {
            expect(isMultipleOf(fromNumber(price), tickSize)).toBe(true);
            expect(isMultipleOf(fromNumber(qty), lotSize)).toBe(true);
            expect(fromNumber(qty) >= qtyMin && fromNumber(price) > zero).toBe(true);
          }
          const prices = [...asks.map(([price]) => -price).reverse(), ...bids.map(([p]) => -p)];
          for (let k = 1; k < prices.length; k++) {
            expect(prices[k]).toBeGreaterThan(prices[k - 1] as number);
          }
          expect(bids[0]?.[0] ?? 0).toBeLessThan(mid);
          expect(asks[0]?.[0]).toBeGreaterThan(mid);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('asked for fewer levels gives the first of the same levels', () => {
    const instrument = everything[0];
    if (instrument === undefined) throw new Error('nothing is listed');
    const shape = new BookShape(1, instrument, style);
    const book = shape.book(64_000, 1_700_000_000_000, 20);
    expect(book.bids).toHaveLength(20);
    const top = shape.book(64_000, 1_700_000_000_000, 5);
    expect(top.bids).toEqual(book.bids.slice(0, 5));
    expect(top.asks).toEqual(book.asks.slice(0, 5));
  });
});
