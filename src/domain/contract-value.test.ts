// Inverse against linear, by hand and as laws.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Decimal,
  decimal,
  formatDecimal,
  minus,
  negate,
  plus,
  times,
  zero,
} from '../base/decimal.ts';
import {
  baseQtyAt,
  type ContractTerms,
  linearTerms,
  notionalAt,
  ownQtyAt,
  priceAt,
  valueAt,
} from './contract-value.ts';
import { inversePayment, linearPayment } from './funding.ts';
import { afterFill, averagePrice, flat, unrealizedAt } from './position.ts';

const inverse: ContractTerms = { kind: 'inverse-perp', contractSize: decimal('100') };
const prices = fc.integer({ min: 1_000, max: 20_000_000 }).map((n) => decimal(String(n / 100)));
const contracts = fc.integer({ min: -100_000, max: 100_000 }).map((n) => decimal(String(n)));
const text = (value: Decimal | null): string => (value === null ? 'null' : formatDecimal(value));

describe('an inverse contract of 100 USD', () => {
  it('200 of them are 20,000 USD: 0.4 BTC at 50,000, 0.5 BTC at 40,000', () => {
    expect(text(notionalAt(inverse, decimal('200'), decimal('50000')))).toBe('0.4');
    expect(text(notionalAt(inverse, decimal('200'), decimal('40000')))).toBe('0.5');
    expect(baseQtyAt(inverse, 200, 40_000)).toBe(0.5);
    expect(ownQtyAt(inverse, 0.5, 40_000)).toBe(200);
  });

  it('a long from 40,000 to 50,000 gains 200 x 100 x (1/40,000 - 1/50,000) = 0.1 BTC', () => {
    const qty = decimal('200');
    const [later, earlier] = ['50000', '40000'].map((at) => valueAt(inverse, qty, decimal(at)));
    const gain = minus(later ?? zero, earlier ?? zero);
    expect(text(gain)).toBe('0.1');
  });

  it('a short earns in coin when the price falls: from 50,000 to 40,000 200 earn 0.1 BTC', () => {
    const opened = afterFill(
      flat,
      { side: 'sell', qty: decimal('200'), price: decimal('50000') },
      inverse,
    );
    expect(text(unrealizedAt(opened.position, decimal('40000'), inverse))).toBe('0.1');
    const closed = afterFill(
      opened.position,
      { side: 'buy', qty: decimal('200'), price: decimal('40000') },
      inverse,
    );
    expect(text(closed.realized)).toBe('0.1');
    expect(closed.position).toEqual(flat);
  });

  it('averages harmonically: 100 at 40,000 and 100 at 60,000 were had at 48,000', () => {
    // 0.25 + 0.16666 BTC for 20,000 USD: 20,000 / 0.41666... = 48,000
    const fill = (price: string) =>
      ({ side: 'buy', qty: decimal('100'), price: decimal(price) }) as const;
    const once = afterFill(flat, fill('40000'), inverse).position;
    const twice = afterFill(once, fill('60000'), inverse).position;
    expect(Number(text(averagePrice(twice, inverse)))).toBeCloseTo(48_000, 9);
  });

  it('hedged by its own coin a short of 1x keeps its dollars: 0.5 BTC and -250 at 50,000', () => {
    // 0.5 BTC are 25,000 USD. At 40,000: profit 250 x 100 x (1/40,000 - 1/50,000) = 0.125 BTC, so
    // 0.625 BTC x 40,000 = 25,000 USD again.
    const short = afterFill(
      flat,
      { side: 'sell', qty: decimal('250'), price: decimal('50000') },
      inverse,
    ).position;
    const coin = plus(decimal('0.5'), unrealizedAt(short, decimal('40000'), inverse));
    expect(text(coin)).toBe('0.625');
  });
});

describe('laws', () => {
  const terms = fc.constantFrom(linearTerms, inverse);

  it('funding is -notional x rate for both kinds, in what each settles in', () => {
    fc.assert(
      fc.property(contracts, prices, fc.integer({ min: -400, max: 400 }), (qty, price, tenths) => {
        const rate = decimal((tenths / 100_000).toFixed(5));
        const owed = (of: ContractTerms) => negate(times(notionalAt(of, qty, price), rate));
        expect(linearPayment(qty, price, rate)).toBe(owed(linearTerms));
        expect(inversePayment(qty, decimal('100'), price, rate)).toBe(owed(inverse));
      }),
    );
  });

  it('a price comes back from its value', () => {
    fc.assert(
      fc.property(terms, contracts, prices, (of, qty, price) => {
        if (qty === zero) return;
        const back = priceAt(of, qty, valueAt(of, qty, price));
        expect(Number(text(back)) / Number(text(price))).toBeCloseTo(1, 12);
      }),
    );
  });

  it('a position loses nothing: realized + unrealized = last value - values of all fills', () => {
    const fill = fc.record({
      side: fc.constantFrom('buy' as const, 'sell' as const),
      qty: fc.integer({ min: 1, max: 5_000 }).map((n) => decimal(String(n))),
      price: prices,
    });
    fc.assert(
      fc.property(terms, fc.array(fill, { maxLength: 30 }), prices, (of, fills, mark) => {
        let position = flat;
        let realized = zero;
        let paid = zero;
        for (const each of fills) {
          const step = afterFill(position, each, of);
          position = step.position;
          realized = plus(realized, step.realized);
          const signed = (each.side === 'buy' ? each.qty : -each.qty) as Decimal; // a sign flip
          paid = plus(paid, valueAt(of, signed, each.price));
        }
        const total = plus(realized, unrealizedAt(position, mark, of));
        const expected = minus(valueAt(of, position.qty, mark), paid);
        // A fill that turns the position over is valued in two parts: one unit of 1e-18 each.
        const off = total > expected ? total - expected : expected - total;
        expect(off).toBeLessThanOrEqual(BigInt(2 * fills.length));
      }),
    );
  });
});
