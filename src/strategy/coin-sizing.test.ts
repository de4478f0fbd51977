// Quantities of pairs with an inverse leg: worked by hand, and laws over any price and grid.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binancePerp } from '../../test/support/engine-rig.ts';
import {
  abs,
  decimal,
  formatDecimal,
  isMultipleOf,
  maxOf,
  minus,
  one,
  over,
  roundToStep,
  times,
  toNumber,
  zero,
} from '../base/decimal.ts';
import type { Instrument } from '../domain/instrument.ts';
import { sizeCoinPair, unitsAt } from './coin-sizing.ts';
import { sizePair } from './sizing.ts';

const linear: Instrument = { ...binancePerp, qtyMin: decimal('0.001') };
const inverseOf = (face: string, changes: Partial<Instrument> = {}): Instrument => ({
  ...linear,
  id: `okx:BTC-USD-INV-${face}`,
  venue: 'okx',
  kind: 'inverse-perp',
  quote: 'USD',
  settle: 'BTC',
  contractSize: decimal(face),
  lotSize: one,
  qtyMin: one,
  ...changes,
});
const hundred = inverseOf('100');
const single = inverseOf('1');
const wish = { notionalUsd: 4_000, notionalUsdMin: 500 };

describe('a pair with an inverse leg', () => {
  it('against a linear one: the coarser grid leads, the finer one follows', () => {
    const prices = { longPrice: 50_000, shortPrice: 50_000 };
    const sized = sizeCoinPair({ long: linear, short: hundred, ...prices, ...wish });
    if (!sized.ok) throw new Error(sized.code);
    // 100 USD at 50,000 are 0.002 BTC; 4,000 USD are 40 contracts, or 0.08 BTC.
    expect(formatDecimal(sized.units.short)).toBe('0.002');
    expect([formatDecimal(sized.units.long), formatDecimal(sized.qty)]).toEqual(['1', '0.08']);
  });

  it('against another inverse one: equal in dollars of face, whatever their faces are', () => {
    const prices = { longPrice: 64_123.4, shortPrice: 64_150 };
    const sized = sizeCoinPair({ long: hundred, short: single, ...prices, ...wish });
    if (!sized.ok) throw new Error(sized.code);
    const [long, short] = [over(sized.qty, sized.units.long), over(sized.qty, sized.units.short)];
    // At most 4,000 USD at 64,150, in hundreds at 64,123.4: 39 contracts, 3,900 of one dollar.
    expect([formatDecimal(long), formatDecimal(short)]).toEqual(['39', '3900']);
  });

  it('keeps to the maxima and is refused below the minima of either leg', () => {
    const prices = { longPrice: 50_000, shortPrice: 50_000 };
    const capped = inverseOf('100', { qtyMax: decimal('7') });
    const sized = sizeCoinPair({ long: linear, short: capped, ...prices, ...wish });
    expect(sized.ok && formatDecimal(sized.qty)).toBe('0.014');
    const refused = { ok: false, code: 'too-small' };
    const least = inverseOf('100', { qtyMin: decimal('41') });
    expect(sizeCoinPair({ long: linear, short: least, ...prices, ...wish })).toEqual(refused);
    const small = { ...wish, notionalUsd: 499 };
    expect(sizeCoinPair({ long: linear, short: hundred, ...prices, ...small })).toEqual(refused);
    const unknown = inverseOf('100', { lotSize: null });
    const result = sizeCoinPair({ long: unknown, short: linear, ...prices, ...wish });
    expect(result).toEqual({ ok: false, code: 'not-trading' });
  });

  it('is never sized as if its contracts were base units', () => {
    const prices = { longPrice: 50_000, shortPrice: 50_000 };
    const sized = sizePair({ long: linear, short: hundred, ...prices, ...wish });
    expect(sized).toEqual({ ok: false, code: 'not-trading' });
  });

  const anyLot = fc.constantFrom('1', '0.1', '10', '0.001', '0.01', '5');
  it('at any price and grid the legs differ by less than the larger lot, exactly', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 200_000, noNaN: true }),
        fc.double({ min: -0.01, max: 0.01, noNaN: true }),
        anyLot,
        anyLot,
        fc.constantFrom(hundred, single, inverseOf('10')),
        fc.boolean(),
        fc.boolean(),
        (price, gap, lotA, lotB, inverse, isLong, isBoth) => {
          const coin = { ...inverse, lotSize: decimal(lotA), qtyMin: null };
          const other = { ...(isBoth ? single : linear), lotSize: decimal(lotB), qtyMin: null };
          const [long, short] = isLong ? [coin, other] : [other, coin];
          const prices = { longPrice: price, shortPrice: price * (1 + gap) };
          const notionalUsd = 1e6;
          const sized = sizeCoinPair({ long, short, ...prices, notionalUsd, notionalUsdMin: 0 });
          if (!sized.ok) return;
          const held = (
            [
              [long, sized.units.long],
              [short, sized.units.short],
            ] as const
          ).map(([of, unit]) => {
            const own = roundToStep(over(sized.qty, unit), of.lotSize ?? one, 'down');
            const base = times(own, unit);
            // Exact both ways: what is held in base units is so many contracts again.
            expect(over(base, unit)).toBe(own);
            return { own, base, lot: times(of.lotSize ?? one, unit) };
          });
          const [a, b] = held as [(typeof held)[0], (typeof held)[0]];
          expect(abs(minus(a.base, b.base)) < maxOf(a.lot, b.lot)).toBe(true);
          expect(isMultipleOf(sized.qty, maxOf(a.lot, b.lot))).toBe(true);
          expect(toNumber(sized.qty) * price).toBeLessThanOrEqual(notionalUsd * 1.000001);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('a unit is what a contract is worth at the price, to a millionth', () => {
    const price = 64_123.4;
    for (const face of ['1', '10', '100']) {
      const { short } = unitsAt(linear, inverseOf(face), price);
      expect((toNumber(short) * price) / Number(face)).toBeCloseTo(1, 6);
      expect(short > zero).toBe(true);
    }
  });
});
