import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Level } from '../domain/venue-event.ts';
import { OrderBook } from './book.ts';

describe('an order book', () => {
  it('adds, changes and deletes levels, best first', () => {
    const book = new OrderBook(100);
    book.replace(
      [
        [99, 1],
        [98, 2],
      ],
      [
        [101, 1],
        [102, 2],
      ],
    );
    book.apply(
      [
        [99, 0],
        [98.5, 3],
        [98, 5],
        [50, 0],
      ],
      [[100.5, 4]],
    );
    expect(book.top(10)).toEqual({
      bids: [
        [98.5, 3],
        [98, 5],
      ],
      asks: [
        [100.5, 4],
        [101, 1],
        [102, 2],
      ],
    });
    expect(book.top(1)).toEqual({ bids: [[98.5, 3]], asks: [[100.5, 4]] });
  });

  it('knows when a bid stands at or above an ask', () => {
    const book = new OrderBook(100);
    book.replace([[99, 1]], [[100, 1]]);
    expect(book.crossed).toBe(false);
    book.apply([[100, 1]], []);
    expect(book.crossed).toBe(true);
  });

  it('keeps the best levels when it is full', () => {
    const book = new OrderBook(2);
    book.replace(
      [
        [1, 1],
        [2, 1],
        [3, 1],
      ],
      [
        [6, 1],
        [5, 1],
        [4, 1],
      ],
    );
    expect(book.top(9)).toEqual({
      bids: [
        [3, 1],
        [2, 1],
      ],
      asks: [
        [4, 1],
        [5, 1],
      ],
    });
  });

  it('holds what a map sorted by price holds, after any deltas', () => {
    const level = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 3 }));
    fc.assert(
      fc.property(fc.array(level, { maxLength: 200 }), (levels) => {
        const book = new OrderBook(100);
        const map = new Map<number, number>();
        for (const entry of levels as Level[]) {
          book.apply([entry], []);
          if (entry[1] === 0) map.delete(entry[0]);
          else map.set(entry[0], entry[1]);
        }
        expect(book.top(100).bids).toEqual([...map].sort((a, b) => b[0] - a[0]));
      }),
    );
  });
});
