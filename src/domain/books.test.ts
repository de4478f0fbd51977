import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Decimal,
  decimal,
  formatDecimal,
  minus,
  one,
  plus,
  sum,
  times,
  zero,
} from '../base/decimal.ts';
import { canonicalHash, decode, encode } from './codec.ts';
import { linearTerms } from './contract-value.ts';
import { annualized, inversePayment, linearPayment } from './funding.ts';
import { balanceOf, cashOf, emptyLedger, post, postCash, residualsOf } from './ledger.ts';
import type { Side } from './order.ts';
import { afterFill, averagePrice, flat, type Position, unrealizedAt } from './position.ts';

const cents = fc.integer({ min: 1, max: 1_000_000 }).map((n) => decimal((n / 100).toFixed(2)));
const lots = fc.integer({ min: 1, max: 5_000 }).map((n) => decimal((n / 1000).toFixed(3)));
const fills = fc.array(
  fc.record({ side: fc.constantFrom<Side>('buy', 'sell'), qty: lots, price: cents }),
  { maxLength: 30 },
);

describe('ledger', () => {
  it('refuses a transaction that does not sum to zero', () => {
    const ledger = emptyLedger();
    expect(() =>
      post(ledger, [{ account: 'cash/a/spot', asset: 'USDT', amount: decimal('1') }]),
    ).toThrow('postings of USDT sum to 1, not 0');
    expect(ledger.balances.size).toBe(0);
  });

  it('sums to zero per asset whatever is booked', () => {
    const causes = fc.constantFrom('funding', 'fees', 'realized', 'spot-trades', 'opening');
    const entries = fc.array(
      fc.record({
        venue: fc.constantFrom('binance', 'okx'),
        wallet: fc.constantFrom('spot', 'unified'),
        asset: fc.constantFrom('USDT', 'BTC'),
        // brand: any bigint is a count of 1e-18
        amount: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map((n) => n as Decimal),
        cause: causes,
      }),
    );
    fc.assert(
      fc.property(entries, (list) => {
        const ledger = emptyLedger();
        for (const entry of list) postCash(ledger, entry);
        for (const residual of residualsOf(ledger).values()) expect(residual).toBe(zero);
        const expected = sum(
          list.filter(({ asset }) => asset === 'BTC').map(({ amount }) => amount),
        );
        const cash = cashOf(ledger).filter(({ asset }) => asset === 'BTC');
        expect(sum(cash.map(({ amount }) => amount))).toBe(expected);
      }),
    );
  });

  it('keeps cash and its cause apart', () => {
    const ledger = emptyLedger();
    const amount = decimal('-0.08054808');
    postCash(ledger, { venue: 'okx', wallet: 'unified', asset: 'USDT', amount, cause: 'funding' });
    expect(formatDecimal(balanceOf(ledger, 'cash/okx/unified', 'USDT'))).toBe('-0.08054808');
    expect(formatDecimal(balanceOf(ledger, 'funding', 'USDT'))).toBe('0.08054808');
  });
});

describe('position', () => {
  it('realizes 10 on a short of 1 from 100 to 90', () => {
    const fill = (side: Side, price: string) => ({ side, qty: one, price: decimal(price) });
    const opened = afterFill(flat, fill('sell', '100'), linearTerms);
    const closed = afterFill(opened.position, fill('buy', '90'), linearTerms);
    expect(formatDecimal(closed.realized)).toBe('10');
    expect(closed.position).toEqual(flat);
  });

  it('turns over in one fill: long 2 at 10, sell 5 at 12', () => {
    // closes 2 with 2 x (12 - 10) = 4, opens 3 short at 12
    const long: Position = { qty: decimal('2'), cost: decimal('20') };
    const sold = { side: 'sell', qty: decimal('5'), price: decimal('12') } as const;
    const { position, realized } = afterFill(long, sold, linearTerms);
    expect(formatDecimal(realized)).toBe('4');
    expect(formatDecimal(position.qty)).toBe('-3');
    expect(formatDecimal(averagePrice(position, linearTerms) ?? zero)).toBe('12');
  });

  it('loses nothing: realized + unrealized = cash of all fills + value of what is left', () => {
    fc.assert(
      fc.property(fills, cents, (list, price) => {
        let position = flat;
        let realized = zero;
        let cash = zero;
        for (const fill of list) {
          const step = afterFill(position, fill, linearTerms);
          position = step.position;
          realized = plus(realized, step.realized);
          const notional = times(fill.qty, fill.price);
          cash = fill.side === 'buy' ? minus(cash, notional) : plus(cash, notional);
        }
        const value = times(position.qty, price);
        expect(plus(realized, unrealizedAt(position, price, linearTerms))).toBe(plus(cash, value));
        expect(position.qty === zero ? position.cost : zero).toBe(zero);
      }),
    );
  });
});

describe('funding sign', () => {
  it('a long pays at a positive rate: 2 BTC x 50,000 x 0.01% = 10', () => {
    const payment = linearPayment(decimal('2'), decimal('50000'), decimal('0.0001'));
    expect(formatDecimal(payment)).toBe('-10');
    const short = linearPayment(decimal('-2'), decimal('50000'), decimal('0.0001'));
    expect(formatDecimal(short)).toBe('10');
  });

  it('an inverse short of 100 contracts of 100 USD at 50,000 receives 0.2 BTC x 0.01%', () => {
    const payment = inversePayment(
      decimal('-100'),
      decimal('100'),
      decimal('50000'),
      decimal('0.0001'),
    );
    expect(formatDecimal(payment)).toBe('0.00002');
  });

  it('is zero-sum between a long and a short of one size', () => {
    fc.assert(
      fc.property(lots, cents, fc.integer({ min: -400, max: 400 }), (qty, price, bps) => {
        const rate = decimal((bps / 10_000).toFixed(4));
        const long = linearPayment(qty, price, rate);
        const short = linearPayment(-qty as Decimal, price, rate); // brand: a sign flip
        expect(plus(long, short)).toBe(zero);
      }),
    );
  });

  it('annualises 0.01% per 8 h to 10.95%', () => {
    expect(annualized(0.0001, 8 * 3_600_000)).toBeCloseTo(0.1095, 10);
  });
});

describe('codec', () => {
  it('writes decimals as text and reads the same values back', () => {
    const value = {
      a: decimal('-1.5'),
      b: '#tag',
      c: [Number.NaN, 1.5],
      d: null,
      e: '#~x',
      f: 'plain',
    };
    expect(encode(value)).toBe(
      '{"a":"#-1.5","b":"#~#tag","c":["#NaN",1.5],"d":null,"e":"#~#~x","f":"plain"}',
    );
    expect(decode(encode(value))).toEqual(value);
  });

  it('round-trips any text and any decimal', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
        (text, units) => {
          const value = { [`k${text}`]: text, amount: units as Decimal }; // brand
          expect(decode(encode(value))).toEqual(value);
        },
      ),
    );
  });

  it('hashes a state by content, not by the order in which it was built', () => {
    const one = {
      m: new Map([
        ['a', 1],
        ['b', 2],
      ]),
      s: new Set(['x', 'y']),
      o: { p: 1, q: 2 },
    };
    const two = {
      o: { q: 2, p: 1 },
      s: new Set(['y', 'x']),
      m: new Map([
        ['b', 2],
        ['a', 1],
      ]),
    };
    expect(canonicalHash(one)).toBe(canonicalHash(two));
    expect(canonicalHash({ ...two, o: { p: 1, q: 3 } })).not.toBe(canonicalHash(one));
  });
});
