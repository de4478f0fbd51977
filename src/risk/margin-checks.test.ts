import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bookOf,
  draftOf,
  entry,
  exposureOf,
  fundsOf,
  marginOf,
} from '../../test/support/risk-fixtures.ts';
import { decimal, fromNumber, times } from '../base/decimal.ts';
import { continuousTiers } from '../domain/margin.ts';
import type { OrderDraft } from '../domain/order.ts';
import type { Denial, ExposureMargin, RiskBook } from '../domain/verdict.ts';
import { judge } from './judge.ts';
import { defaultLimits } from './limits.ts';
import { affordableShare, marginSlack } from './margin-checks.ts';

function denialsOf(orders: readonly OrderDraft[], book: RiskBook): readonly Denial[] {
  const verdict = judge({ orders }, book, defaultLimits);
  return verdict.ok ? [] : verdict.denials;
}
const codesOf = (orders: readonly OrderDraft[], book: RiskBook) =>
  denialsOf(orders, book).map(({ code }) => code);

function margined(margin: Partial<ExposureMargin>, held = 0): RiskBook {
  return bookOf({
    exposures: [exposureOf('a:P', { margin: marginOf(margin), qty: held }), exposureOf('b:P')],
  });
}
const withFunds = (a: number | null, changes: Partial<RiskBook> = {}) =>
  bookOf({ wallets: [fundsOf('a', a), fundsOf('b', 25_000)], ...changes });

// Buys 40 at 100.1 with the mark at 100: 4,000 / 3 = 1,333.33 of margin, 4 lost at the mark, 2 of
// fee: 1,339.33, times 1.01 = 1,352.73.
const needed = (4_000 / 3 + 4 + 2) * 1.01;

describe('free margin', () => {
  it('refuses a leg that its wallet cannot pay, by name, with both figures', () => {
    expect(codesOf(entry, withFunds(needed + 0.01))).toEqual([]);
    const [denied, ...more] = denialsOf(entry, withFunds(900.5));
    expect(more).toEqual([]);
    expect(denied).toMatchObject({ code: 'free-margin', limit: 900.5 });
    expect(denied?.value).toBeCloseTo(needed, 9);
    expect(denied?.message).toBe('wallet w of a: 1352.73 USDT of margin needed, free are 900.5');
  });

  it('is less what positions and working orders bind', () => {
    // Held 5, 40 may still be bought: 4,500 / 3 = 1,500 are bound; 40 more make 8,500.
    const exposures = [exposureOf('a:P', { qty: 5, buysLeft: 40 }), exposureOf('b:P')];
    expect(codesOf(entry, withFunds(1_500 + needed + 0.01, { exposures }))).toEqual([]);
    expect(codesOf(entry, withFunds(1_500 + needed - 0.01, { exposures }))).toEqual([
      'free-margin',
    ]);
  });

  it('is compared exactly where it is a near thing', () => {
    const figure = (max: number) => fc.integer({ min: -max, max });
    const isShort = ({ code }: Denial) => code === 'free-margin';
    let compared = 0;
    const cases = fc.tuple(figure(60), fc.nat(60), fc.constantFrom(3, 7, 11), figure(3));
    fc.assert(
      fc.property(cases, ([qty, buysLeft, leverage, steps]) => {
        const margin = marginOf({ leverage });
        const exposures = [exposureOf('a:P', { qty, buysLeft, margin }), exposureOf('b:P')];
        const poor = denialsOf(entry, withFunds(0, { exposures })).find(isShort);
        if (poor?.value == null || poor.limit === null) return; // the basket reduces here
        compared++;
        // Of nothing the free margin is what is bound, below zero.
        const equity = poor.value - poor.limit + steps * 1e-12 * poor.value;
        const book = withFunds(equity, { exposures });
        const isDenied = codesOf(entry, book).includes('free-margin');
        if (steps !== 0) expect(isDenied).toBe(steps < 0);
      }),
    );
    expect(compared).toBeGreaterThan(20);
  });

  it('counts every instrument that the wallet margins, and no other', () => {
    const other = exposureOf('a:Q', { base: 'ETH', qty: -30 });
    const elsewhere = exposureOf('a:R', {
      ...{ base: 'SOL', qty: 30 },
      margin: marginOf({ wallet: 'v' }),
    });
    const exposures = [exposureOf('a:P'), exposureOf('b:P'), other, elsewhere];
    expect(codesOf(entry, withFunds(1_000 + needed + 0.01, { exposures }))).toEqual([]);
    expect(codesOf(entry, withFunds(1_000 + needed - 0.01, { exposures }))).toEqual([
      'free-margin',
    ]);
  });

  it('of a spot purchase is its whole price', () => {
    const spot = exposureOf('a:S', {
      ...{ isSpot: true, fundingAgeMs: null, buysLeft: 10 },
      margin: marginOf({ leverage: null }),
    });
    const buy = draftOf({ instrument: 'a:S' });
    const paid = (10 * 100 + 40 * 100.1 * 1.01) as number;
    expect(codesOf([buy], withFunds(paid + 0.01, { exposures: [spot] }))).toEqual([]);
    expect(codesOf([buy], withFunds(paid - 0.01, { exposures: [spot] }))).toEqual(['free-margin']);
  });

  it('of an inverse contract is counted in its coin', () => {
    // 40 contracts of 100 USD at 100: 40 coins of notional, 13.33 of margin.
    const exposure = exposureOf('a:I', {
      ...{ baseUnit: 1 },
      margin: marginOf({ asset: 'BTC', isInverse: true }),
    });
    const coins = (equity: number): RiskBook =>
      bookOf({
        exposures: [exposure],
        wallets: [{ ...fundsOf('a', equity), asset: 'BTC' }],
      });
    const order = draftOf({ instrument: 'a:I' });
    expect(codesOf([order], coins(14))).toEqual([]);
    expect(codesOf([order], coins(13))).toEqual(['free-margin']);
  });

  it('that is not known refuses, with the reason', () => {
    const [denied] = denialsOf(entry, withFunds(null));
    expect(denied).toMatchObject({
      code: 'margin-unknown',
      message: 'wallet w of a: no balance has been read yet',
    });
    expect(codesOf(entry, margined({ leverage: null }))).toEqual(['margin-unknown']);
    expect(codesOf(entry, margined({ feeRateTaker: null }))).toEqual(['margin-unknown']);
  });

  it('does not keep a pair from being completed, reduced or closed', () => {
    const exposures = [exposureOf('a:P', { qty: 40 }), exposureOf('b:P')];
    const book = bookOf({ exposures, wallets: [fundsOf('a', null), fundsOf('b', 0)] });
    const hedge = draftOf({ instrument: 'b:P', side: 'sell', limit: decimal('99.9') });
    expect(codesOf([{ ...hedge, purpose: 'hedge' }], book)).toEqual([]);
    expect(codesOf([draftOf({ side: 'sell', purpose: 'unwind' })], book)).toEqual([]);
  });
});

describe('tiers', () => {
  const tiers = continuousTiers([
    { sizeMax: decimal('5000'), leverageMax: 10, maintenanceRate: decimal('0.01') },
    { sizeMax: decimal('9000'), leverageMax: 3, maintenanceRate: decimal('0.05') },
  ]);

  it('bound the position of the worst case at the leverage that is set', () => {
    // 4,000 fit 5,000 at 10 times; with 20 held 6,000 do not, at 3 times they do.
    expect(codesOf(entry, margined({ tiers, leverage: 10 }))).toEqual([]);
    const [denied] = denialsOf(entry, margined({ tiers, leverage: 10 }, 20));
    expect(denied).toMatchObject({ code: 'tier-limit', value: 6_000, limit: 5_000 });
    expect(denied?.message).toBe(
      'a:P: at leverage 10 the venue allows a notional of 5000, 6000 would pass it',
    );
    expect(codesOf(entry, margined({ tiers, leverage: 3 }, 20))).toEqual([]);
    expect(codesOf(entry, margined({ tiers, leverage: 20 }))).toEqual(['tier-limit']);
  });

  it('that count contracts are asked for the quantity', () => {
    const contracts = { ...tiers, unit: 'quantity' } as const;
    expect(codesOf(entry, margined({ tiers: contracts, leverage: 10 }, 20))).toEqual([]);
  });
});

describe('what is affordable of a basket', () => {
  const cut = (share: number): readonly OrderDraft[] =>
    entry.map((order) => ({ ...order, qty: times(order.qty, fromNumber(share)) }));

  it('is all of it, or what the tightest wallet or tier carries', () => {
    expect(affordableShare(entry, bookOf())).toBe(1);
    expect(affordableShare(entry, withFunds(needed / 4))).toBeCloseTo(0.25, 9);
    expect(affordableShare(entry, withFunds(-5))).toBe(0);
    const tiers = continuousTiers([
      { sizeMax: decimal('3000'), leverageMax: 10, maintenanceRate: decimal('0.01') },
    ]);
    // 1,000 held: of the 4,000 fits what 3,000 / 1.01 leave.
    const fits = (3_000 / marginSlack - 1_000) / 4_000;
    expect(affordableShare(entry, margined({ tiers }, 10))).toBeCloseTo(fits, 9);
  });

  it('passes when it is cut to that, whatever is held and waits', () => {
    const figure = (max: number) => fc.integer({ min: -max, max });
    const books = fc.tuple(figure(60), fc.nat(60), fc.nat(60), fc.integer({ min: 1, max: 4_000 }));
    fc.assert(
      fc.property(books, ([qty, buysLeft, sellsLeft, equity]) => {
        const exposures = [exposureOf('a:P', { qty, buysLeft, sellsLeft }), exposureOf('b:P')];
        const book = withFunds(equity, { exposures });
        const share = affordableShare(entry, book);
        if (share <= 0.001 || share === 1) return;
        expect(codesOf(cut(share * 0.999), book)).not.toContain('free-margin');
      }),
    );
  });
});
