import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimal, formatDecimal, times, zero } from '../base/decimal.ts';
import { linearTerms } from '../domain/contract-value.ts';
import { applyFill, entryPriceOf, flatPosition } from './position.ts';

describe('position', () => {
  const fill = (side: 'buy' | 'sell', qty: string, price: string) => ({
    side,
    qty: decimal(qty),
    price: decimal(price),
    tsMs: 1,
  });

  it('a fill past zero closes all, then opens at its own price', () => {
    const long = applyFill(flatPosition, fill('buy', '2', '100'), linearTerms).position;
    const { position, realizedPnl } = applyFill(long, fill('sell', '5', '103'), linearTerms);
    // 2 x 3 = 6; 3 short at 103
    expect(formatDecimal(realizedPnl)).toBe('6');
    expect([
      formatDecimal(position.qty),
      formatDecimal(entryPriceOf(position, linearTerms)),
    ]).toEqual(['-3', '103']);
  });

  it('the profit of a round trip is off by half a unit per fill at most', () => {
    const step = fc.record({
      buy: fc.boolean(),
      qty: fc.integer({ min: 1, max: 5_000 }),
      price: fc.integer({ min: 1, max: 1_000_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
        let position = flatPosition;
        let realized = zero as bigint;
        let cash = zero as bigint;
        for (const { buy, qty, price } of steps) {
          const made = fill(buy ? 'buy' : 'sell', String(qty / 1_000), String(price / 100));
          const next = applyFill(position, made, linearTerms);
          position = next.position;
          realized += next.realizedPnl;
          const cost = times(made.price, made.qty);
          cash += buy ? -cost : cost;
        }
        // What came in, plus what the open quantity cost, was realized.
        const error = cash + position.cost - realized;
        const bound = BigInt(steps.length) * decimal('0.000000005') + BigInt(steps.length);
        expect(error < 0n ? -error : error).toBeLessThanOrEqual(bound);
      }),
    );
  });
});
