// What holds for every basket, book and set of limits.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bookOf, draftOf, exposureOf } from '../../test/support/risk-fixtures.ts';
import { evenly } from '../../test/support/strategy-fixtures.ts';
import { decimal, fromNumber } from '../base/decimal.ts';
import type { OrderDraft } from '../domain/order.ts';
import type { RiskBook, RiskLimits } from '../domain/verdict.ts';
import { judge } from './judge.ts';
import { defaultLimits } from './limits.ts';
import { worstCaseOf } from './worst-case.ts';

describe('laws', () => {
  const figure = (max: number) => evenly(0, max);
  const anyLimits: fc.Arbitrary<RiskLimits> = fc.record({
    positionUsdMax: figure(20_000),
    grossExposureUsdMax: figure(40_000),
    venueExposureUsdMax: figure(30_000),
    netDeltaUsdMax: figure(20_000),
    leverageMax: figure(5),
    dailyLossUsdMax: figure(2_000),
    drawdownMax: figure(0.2),
    quoteAgeMsMax: figure(20_000),
    fundingAgeMsMax: figure(200_000),
    pairsOpenMax: fc.nat(10),
    ordersOpenMax: fc.nat(40),
    ordersPerSecondMax: fc.nat(40),
    liquidationDistanceMin: figure(0.1),
    priceCollar: figure(0.02),
    coinMarginShare: figure(1),
  });
  const anyExposure = (instrument: string) =>
    fc
      .record({
        base: fc.constantFrom('BTC', 'ETH'),
        isSpot: fc.boolean(),
        qty: evenly(-100, 100),
        buysLeft: fc.constantFrom(0, 0, 10, 50),
        sellsLeft: fc.constantFrom(0, 0, 10, 50),
        price: fc.option(evenly(50, 200), { freq: 10 }),
        quoteAgeMs: fc.option(fc.nat(20_000), { freq: 10 }),
        fundingAgeMs: fc.option(fc.nat(200_000), { freq: 10 }),
      })
      .map((changes) => exposureOf(instrument, changes));
  const anyBook: fc.Arbitrary<RiskBook> = fc
    .record({
      mode: fc.constantFrom('running', 'running', 'running', 'reduce-only', 'halted'),
      equityUsd: fc.option(figure(60_000), { freq: 10 }),
      exposures: fc.tuple(anyExposure('a:P'), anyExposure('b:P'), anyExposure('c:P')),
      pairsOpen: fc.nat(10),
      ordersOpen: fc.nat(30),
      ordersLastSecond: fc.nat(60),
      storeDown: fc.boolean(),
    } as const)
    .map((changes) => bookOf(changes));
  const anyOrder: fc.Arbitrary<OrderDraft> = fc
    .record({
      instrument: fc.constantFrom('a:P', 'b:P'),
      side: fc.constantFrom('buy', 'sell'),
      qty: fc.integer({ min: 1, max: 100_000 }).map((lots) => fromNumber(lots / 1_000)),
      limit: fc.option(evenly(97, 103).map(fromNumber), { freq: 5 }),
      timeInForce: fc.constantFrom('ioc', 'ioc', 'ioc', 'gtc', 'fok', 'post-only'),
      purpose: fc.constantFrom('entry', 'entry', 'exit', 'hedge', 'unwind', 'flatten'),
    } as const)
    .map((changes) => draftOf(changes));
  const anyOrders = fc.array(anyOrder, { minLength: 1, maxLength: 3 });
  const runs = { numRuns: 1_500 };

  /** Small, priced and fresh: what is approved unless an exposure limit says no. */
  const calmBook = anyBook.map(
    (book): RiskBook => ({
      ...book,
      mode: 'running',
      equityUsd: 50_000,
      storeDown: false,
      ordersLastSecond: 0,
      exposures: book.exposures.map((exposure) => ({
        ...exposure,
        isSpot: false,
        qty: exposure.qty / 2,
        quoteAgeMs: 0,
        fundingAgeMs: 0,
      })),
    }),
  );
  const calmOrders = anyOrders.map((orders): readonly OrderDraft[] =>
    orders.map((order) => ({
      ...order,
      limit: order.limit ?? decimal('100'),
      purpose: 'entry',
      timeInForce: 'ioc',
    })),
  );
  const calmLimits = anyLimits.map(
    (used): RiskLimits => ({
      ...defaultLimits,
      positionUsdMax: used.positionUsdMax * 3,
      grossExposureUsdMax: used.grossExposureUsdMax * 3,
      venueExposureUsdMax: used.venueExposureUsdMax * 3,
      netDeltaUsdMax: used.netDeltaUsdMax * 3,
      leverageMax: used.leverageMax,
      pairsOpenMax: 100,
      ordersOpenMax: 100,
      priceCollar: 0.1,
    }),
  );

  it('an approved opening basket stays inside every exposure limit in the worst case', () => {
    let approved = 0;
    fc.assert(
      fc.property(calmOrders, calmBook, calmLimits, (orders, book, used) => {
        if (!judge({ orders }, book, used).ok) return;
        approved++;
        const worst = worstCaseOf(book, orders);
        const most = (values: Iterable<number>) => Math.max(0, ...values);
        expect(book.mode).toBe('running');
        expect(most(worst.positionUsd.values())).toBeLessThanOrEqual(used.positionUsdMax);
        expect(most(worst.venueUsd.values())).toBeLessThanOrEqual(used.venueExposureUsdMax);
        expect(most(worst.netDeltaUsd.values())).toBeLessThanOrEqual(used.netDeltaUsdMax);
        expect(worst.grossUsd).toBeLessThanOrEqual(used.grossExposureUsdMax);
        expect(worst.grossUsd).toBeLessThanOrEqual(used.leverageMax * (book.equityUsd ?? 0));
        expect(worst.unpriced).toEqual([]);
      }),
      runs,
    );
    expect(approved).toBeGreaterThan(20);
  });

  it('every fill of a basket approved after a halt brings positions nearer to zero', () => {
    fc.assert(
      fc.property(anyOrders, anyBook, anyLimits, (orders, running, used) => {
        const book: RiskBook = { ...running, mode: 'halted' };
        if (!judge({ orders }, book, used).ok) return;
        for (const exposure of book.exposures) {
          let position = exposure.qty;
          for (const order of orders) {
            if (order.instrument !== exposure.instrument) continue;
            const before = Math.abs(position);
            position += (order.side === 'buy' ? 1 : -1) * (Number(order.qty) / 1e18);
            expect(Math.abs(position)).toBeLessThanOrEqual(before + 1e-6);
          }
        }
      }),
      runs,
    );
  });

  it('tightening a limit never turns a denial into an approval', () => {
    const share = evenly(0, 1);
    const shares = fc.array(share, { minLength: 15, maxLength: 15 });
    fc.assert(
      fc.property(anyOrders, anyBook, anyLimits, shares, (orders, book, used, by) => {
        const tighter = Object.fromEntries(
          Object.entries(used).map(([name, value], i) => [name, value * (by[i] ?? 1)]),
        ) as unknown as RiskLimits; // the same keys, smaller
        if (judge({ orders }, book, tighter).ok) {
          expect(judge({ orders }, book, used).ok).toBe(true);
        }
      }),
      runs,
    );
  });
});
