import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DepthFrame } from '../domain/depth-frame.ts';
import type { Level } from '../domain/venue-event.ts';
import { OrderBook } from './book.ts';

const shown = ({ bids, asks }: OrderBook) => ({ bids, asks });

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
    expect(shown(book)).toEqual({
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
  });

  it('shows as many levels as it is to, and what they are now', () => {
    const book = new OrderBook(100, 1);
    book.replace([[99, 1]], [[101, 1]]);
    expect(shown(book)).toEqual({ bids: [[99, 1]], asks: [[101, 1]] });
    book.apply(
      [
        [98, 1],
        [99.5, 2],
      ],
      [[101, 3]],
    );
    expect(shown(book)).toEqual({ bids: [[99.5, 2]], asks: [[101, 3]] });
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
    expect(shown(book)).toEqual({
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
        expect(book.bids).toEqual([...map].sort((a, b) => b[0] - a[0]));
      }),
    );
  });

  it('takes a scanned frame as it takes the same levels, in any order and at any depth', () => {
    const level = fc.tuple(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 0, max: 2 }));
    const levels = fc.array(level, { maxLength: 120 });
    fc.assert(
      fc.property(fc.array(levels, { maxLength: 12 }), (frames) => {
        const byFrames = new OrderBook(100);
        const byLevels = new OrderBook(100);
        for (const list of frames as Level[][]) {
          const frame = new DepthFrame();
          for (const side of [frame.bids, frame.asks]) {
            side.values.set(list.flat());
            side.count = list.length;
          }
          byFrames.applyFrame(frame);
          byLevels.apply(list, list);
          expect(shown(byFrames)).toEqual(shown(byLevels));
        }
      }),
    );
  });

  it('merges a frame that comes best first as it takes its levels one by one', () => {
    const level = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 3 }));
    const levels = fc.uniqueArray(level, { maxLength: 120, selector: ([price]) => price });
    fc.assert(
      fc.property(
        fc.array(levels, { maxLength: 12 }),
        fc.constantFrom(250, 1_000),
        (lists, max) => {
          const byFrames = new OrderBook(max);
          const byLevels = new OrderBook(max);
          for (const list of lists as Level[][]) {
            const asks = [...list].sort(([a], [b]) => a - b);
            const bids = asks.toReversed();
            const frame = new DepthFrame();
            frame.bids.values.set(bids.flat());
            frame.asks.values.set(asks.flat());
            frame.bids.count = list.length;
            frame.asks.count = list.length;
            byFrames.applyFrame(frame);
            byLevels.apply(bids, asks);
            expect(shown(byFrames)).toEqual(shown(byLevels));
          }
        },
      ),
    );
  });

  it('keeps the best levels when it is full, whatever came before', () => {
    const level = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.constant(1));
    fc.assert(
      fc.property(fc.array(level, { maxLength: 150 }), (levels) => {
        const book = new OrderBook(5);
        book.apply(levels as Level[], levels as Level[]);
        const prices = [...new Set(levels.map(([price]) => price))].sort((a, b) => a - b);
        expect(book.asks.map(([price]) => price)).toEqual(prices.slice(0, 5));
        expect(book.bids.map(([price]) => price)).toEqual(prices.reverse().slice(0, 5));
      }),
    );
  });
});
