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

  describe.each([null, 1, 0.5, 0.1, 0.25, 5, 0.3])('with a tick size of %s', (tickSize) => {
    /** Steps of a tenth: some are ticks and some are not. A market that jumps, and far levels. */
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 0, max: 60 }) },
      { weight: 2, arbitrary: fc.integer({ min: 0, max: 4_000 }) },
    );
    const qty = fc.constantFrom(0, 0, 1, 2, 3);
    const update = fc.record({
      middle: fc.constantFrom(0, 0, 0, 30, 700, -700, 20_000, -20_000),
      bids: fc.array(fc.tuple(step, qty), { maxLength: 60 }),
      asks: fc.array(fc.tuple(step, qty), { maxLength: 60 }),
      isFrame: fc.boolean(),
    });
    const updates = fc.array(update, { maxLength: 15 });
    const start = 650_000;

    function play(
      list: readonly (typeof update extends fc.Arbitrary<infer T> ? T : never)[],
      most: number,
    ) {
      const book = new OrderBook(most, most, tickSize);
      let bids = new Map<number, number>();
      let asks = new Map<number, number>();
      let middle = start;
      for (const each of list) {
        middle += each.middle;
        const priced = (levels: readonly [number, number][], sign: number) =>
          levels.map(([steps, qty]): Level => [(middle + sign * steps) / 10, qty]);
        const ours = { bids: priced(each.bids, -1), asks: priced(each.asks, 1) };
        if (each.isFrame) {
          const frame = new DepthFrame();
          for (const side of ['bids', 'asks'] as const) {
            frame[side].values.set(ours[side].flat());
            frame[side].count = ours[side].length;
          }
          book.applyFrame(frame);
        } else {
          book.apply(ours.bids, ours.asks);
        }
        bids = best(putInto(bids, ours.bids), -1, most);
        asks = best(putInto(asks, ours.asks), 1, most);
        expect(shown(book)).toEqual({ bids: [...bids], asks: [...asks] });
        const [bid = Number.NaN] = bids.keys();
        const [ask = Number.NaN] = asks.keys();
        expect(book.crossed).toBe(bid >= ask);
      }
    }

    it('holds what a map sorted by price holds, wherever the market goes', () => {
      fc.assert(
        fc.property(updates, (list) => play(list, 100_000)),
        { numRuns: 60 },
      );
    });

    it('keeps the best levels after each update when it is full', () => {
      fc.assert(fc.property(updates, fc.constantFrom(1, 7, 50), play), { numRuns: 60 });
    });

    it('holds a deep book, and the same after it was replaced', () => {
      const levels = Array.from({ length: 3_000 }, (_, i): Level => [(start + 7 * i) / 10, i + 1]);
      const book = new OrderBook(1_000, 1_000, tickSize);
      for (const list of [levels, levels.toReversed(), levels.slice(2_000)]) {
        book.replace([], list);
        const kept = [...list].sort(([a], [b]) => a - b).slice(0, 1_000);
        expect(book.asks).toEqual(kept);
      }
    });
  });
});

function putInto(map: Map<number, number>, levels: readonly Level[]): Map<number, number> {
  for (const [price, qty] of levels) {
    if (qty === 0) map.delete(price);
    else map.set(price, qty);
  }
  return map;
}

function best(map: Map<number, number>, sign: number, most: number): Map<number, number> {
  return new Map([...map].sort(([a], [b]) => sign * (a - b)).slice(0, most));
}
