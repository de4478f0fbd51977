import { describe, expect, it } from 'vitest';
import {
  bookOf,
  draftOf,
  entry,
  exposureOf,
  fundsOf,
  marginOf,
} from '../../test/support/risk-fixtures.ts';
import { decimal } from '../base/decimal.ts';
import { continuousTiers } from '../domain/margin.ts';
import type { OrderDraft } from '../domain/order.ts';
import {
  type DenialCode,
  denialCodes,
  type InstrumentExposure,
  type RiskBook,
  type RiskLimits,
} from '../domain/verdict.ts';
import { hedgeTolerance, judge, reducingRateFactor } from './judge.ts';
import { defaultLimits } from './limits.ts';

const limits: RiskLimits = { ...defaultLimits, drawdownMax: 0.1 };

/** Held: +40 at a, -40 at b. */
const pairBook = (changes: Partial<RiskBook> = {}) =>
  bookOf({
    exposures: [exposureOf('a:P', { qty: 40 }), exposureOf('b:P', { qty: -40 })],
    ...changes,
  });
const exit = [
  draftOf({ side: 'sell', limit: decimal('99.9'), purpose: 'exit' }),
  draftOf({ instrument: 'b:P', limit: decimal('100.1'), purpose: 'exit' }),
];
/** +40 at a is filled, b is not: the hedge that completes it. */
const brokenBook = (changes: Partial<RiskBook> = {}) =>
  bookOf({ exposures: [exposureOf('a:P', { qty: 40 }), exposureOf('b:P')], ...changes });
const completing = draftOf({
  instrument: 'b:P',
  side: 'sell',
  limit: decimal('99.9'),
  purpose: 'hedge',
});
const flatten = draftOf({ side: 'sell', limit: null, purpose: 'flatten', pairId: null });

function codesOf(
  orders: readonly OrderDraft[],
  book: RiskBook,
  used: RiskLimits = limits,
): readonly DenialCode[] {
  const verdict = judge({ orders }, book, used);
  return verdict.ok ? [] : [...new Set(verdict.denials.map(({ code }) => code))];
}

describe('an opening basket', () => {
  it('passes within all limits and comes back as it was', () => {
    const verdict = judge({ orders: entry }, bookOf(), limits);
    expect(verdict).toEqual({ ok: true, orders: entry });
  });

  const opening: readonly [DenialCode, string, RiskBook, Partial<RiskLimits>][] = [
    ['halted', 'a halt', bookOf({ mode: 'halted' }), {}],
    ['reduce-only-mode', 'reduce-only', bookOf({ mode: 'reduce-only' }), {}],
    ['store-down', 'a store that is down', bookOf({ storeDown: true }), {}],
    ['venue-not-ready', 'a venue that is not ready', bookOf({ venuesReady: ['a'] }), {}],
    ['equity-unknown', 'an unknown equity', bookOf({ equityUsd: null }), {}],
    ['equity-unknown', 'an unknown equity of the day', bookOf({ dayStartEquityUsd: null }), {}],
    ['equity-unknown', 'an unknown peak', bookOf({ peakEquityUsd: null }), {}],
    // Loss 50,000 - 49,000 = 1,000 reaches the limit of 1,000.
    [
      'daily-loss-limit',
      "the day's loss",
      bookOf({ equityUsd: 49_000 }),
      { dailyLossUsdMax: 1_000 },
    ],
    // 1 - 50,000 / 56,000 = 10.7%.
    ['drawdown-limit', 'the drawdown', bookOf({ peakEquityUsd: 56_000 }), {}],
    ['pairs-limit', 'the pairs', bookOf({ pairsOpen: 6 }), {}],
    ['orders-open-limit', 'the open orders', bookOf({ ordersOpen: 19 }), {}],
    ['order-rate-limit', 'the order rate', bookOf({ ordersLastSecond: 19 }), {}],
    ['position-limit', 'a position', bookOf(), { positionUsdMax: 3_999 }],
    ['venue-exposure-limit', 'the exposure of a venue', bookOf(), { venueExposureUsdMax: 3_999 }],
    ['gross-exposure-limit', 'the gross exposure', bookOf(), { grossExposureUsdMax: 7_999 }],
    // One leg fills, the other does not: 4,000 USD of delta.
    ['net-delta-limit', 'the worst net delta', bookOf(), { netDeltaUsdMax: 3_999 }],
    // 8,000 / 2,000 = 4 times.
    [
      'leverage-limit',
      'the leverage',
      bookOf({ equityUsd: 2_000, dayStartEquityUsd: 2_000, peakEquityUsd: 2_000 }),
      {},
    ],
    ['price-collar', 'a limit far from the mid', bookOf(), { priceCollar: 0.0005 }],
    ['stale-data', 'an old quote', withExposure({ quoteAgeMs: 10_001 }), {}],
    ['stale-data', 'a quote of unknown age', withExposure({ quoteAgeMs: null }), {}],
    ['stale-data', 'an old rate', withExposure({ fundingAgeMs: 120_001 }), {}],
    ['stale-data', 'a rate of unknown age', withExposure({ fundingAgeMs: null }), {}],
    ['stale-data', 'an unknown price', withExposure({ price: null }), {}],
    ['stale-data', 'an unknown instrument', bookOf({ exposures: [exposureOf('a:P')] }), {}],
  ];
  it.each(opening)('is denied with %s by %s', (code, _, book, changes) => {
    expect(codesOf(entry, book, { ...limits, ...changes })).toEqual([code]);
  });

  it('needs a limit price and a known mid', () => {
    expect(codesOf([draftOf({ limit: null })], bookOf())).toEqual(['price-collar']);
    expect(codesOf([draftOf({ arrivalMid: Number.NaN })], bookOf())).toEqual(['price-collar']);
  });

  it('counts pending and unknown orders as if they filled', () => {
    // 100 x 100 = 10,000 may still be bought; 10,000 + 4,000 passes 13,999.
    const pending = bookOf({
      exposures: [exposureOf('a:P', { buysLeft: 100 }), exposureOf('b:P', { sellsLeft: 100 })],
    });
    const used = { ...limits, positionUsdMax: 13_999, netDeltaUsdMax: 1e6 };
    expect(codesOf(entry, pending, used)).toEqual(['position-limit']);
    expect(codesOf(entry, pending, { ...used, positionUsdMax: 14_000 })).toEqual([]);
  });

  it('does not count on orders that would help', () => {
    // -100 with 100 to buy back pending: it may not fill, so selling 40 more makes -140.
    const book = bookOf({
      exposures: [exposureOf('a:P'), exposureOf('b:P', { qty: -100, buysLeft: 100 })],
    });
    const used = { ...limits, positionUsdMax: 13_999, netDeltaUsdMax: 1e6 };
    expect(codesOf(entry, book, used)).toEqual(['position-limit']);
  });

  it('is denied while any held position has no price', () => {
    const held = exposureOf('c:P', { base: 'ETH', qty: 1, price: null });
    const book = bookOf({ exposures: [...bookOf().exposures, held] });
    expect(codesOf(entry, book)).toEqual(['stale-data']);
  });

  it('may not sell spot that is not held', () => {
    const spot = exposureOf('a:S', { isSpot: true, qty: 39, fundingAgeMs: null });
    const sell = draftOf({ instrument: 'a:S', side: 'sell', limit: decimal('99.9') });
    const book = bookOf({ exposures: [spot] });
    expect(codesOf([sell], book)).toEqual(['position-limit']);
    expect(codesOf([{ ...sell, qty: decimal('39') }], book)).toEqual([]);
  });

  it('names everything that stands against it, each once', () => {
    const verdict = judge({ orders: entry }, bookOf({ mode: 'halted', storeDown: true }), {
      ...limits,
      positionUsdMax: 1_000,
    });
    const messages = verdict.ok ? [] : verdict.denials.map(({ message }) => message);
    expect(messages).toContain('position a:P 4000 USD would pass the limit 1000');
    expect(messages).toContain('halted: entry buy on a:P is not reducing');
    expect(new Set(messages).size).toBe(messages.length);
  });
});

function withExposure(changes: Partial<InstrumentExposure>): RiskBook {
  return bookOf({ exposures: [exposureOf('a:P', changes), exposureOf('b:P')] });
}

describe('reducing', () => {
  const everythingBad: Partial<RiskBook> = {
    mode: 'halted',
    equityUsd: null,
    storeDown: true,
    venuesReady: [],
    pairsOpen: 100,
    ordersOpen: 100,
    ordersLastSecond: 30,
  };
  const nothingAllowed: RiskLimits = {
    ...limits,
    positionUsdMax: 0,
    grossExposureUsdMax: 0,
    venueExposureUsdMax: 0,
    netDeltaUsdMax: 0,
    leverageMax: 0,
    dailyLossUsdMax: 0,
    drawdownMax: 0,
    pairsOpenMax: 0,
    ordersOpenMax: 0,
  };

  it('passes after a halt, with stores and venues down and every limit passed', () => {
    expect(codesOf(exit, pairBook(everythingBad), nothingAllowed)).toEqual([]);
    expect(codesOf([flatten], pairBook(everythingBad), nothingAllowed)).toEqual([]);
    const unwind = draftOf({ side: 'sell', limit: decimal('97'), purpose: 'unwind' });
    expect(codesOf([unwind], pairBook(everythingBad), nothingAllowed)).toEqual([]);
  });

  it('passes on data of any age', () => {
    const ages = { quoteAgeMs: null, fundingAgeMs: null, price: null };
    const book = bookOf({ mode: 'halted', exposures: [exposureOf('a:P', { qty: 40, ...ages })] });
    expect(codesOf([flatten], book)).toEqual([]);
  });

  it.each([
    ['more than is held', exposureOf('a:P', { qty: 39.999 })],
    ['a position of the other sign', exposureOf('a:P', { qty: -40 })],
    ['nothing', exposureOf('a:P')],
    ['what pending sells may already take', exposureOf('a:P', { qty: 40, sellsLeft: 1 })],
    ['spot that is not held', exposureOf('a:P', { qty: 39, isSpot: true })],
  ])('is not selling %s', (_, exposure) => {
    const book = bookOf({ mode: 'halted', exposures: [exposure] });
    expect(codesOf([flatten], book)).toContain('not-reducing');
    expect(codesOf([flatten], { ...book, mode: 'running' })).toContain('not-reducing');
  });

  it('is judged over all orders of the basket together', () => {
    const half = { ...flatten, qty: decimal('20') };
    const book = pairBook({ mode: 'halted' });
    expect(codesOf([half, { ...half, clientOrderId: 'x2' }], book)).toEqual([]);
    expect(codesOf([half, flatten], book)).toContain('not-reducing');
  });

  it.each(['gtc', 'post-only'] as const)('never rests: %s is denied', (timeInForce) => {
    const resting = draftOf({
      side: 'sell',
      limit: decimal('99.9'),
      timeInForce,
      purpose: 'unwind',
    });
    expect(codesOf([resting], pairBook())).toEqual(['not-reducing']);
    const exitResting = { ...resting, purpose: 'exit' as const };
    expect(codesOf([exitResting], pairBook({ mode: 'halted' }))).toEqual([
      'not-reducing',
      'halted',
    ]);
    // While running a resting exit may go out, under the limits of an opening order.
    expect(codesOf([exitResting], pairBook())).toEqual([]);
    expect(codesOf([exitResting], pairBook({ venuesReady: ['b'] }))).toEqual(['venue-not-ready']);
  });

  it('an entry is never exempt, even where it happens to reduce', () => {
    const sell = draftOf({ side: 'sell', limit: decimal('99.9') });
    expect(codesOf([sell], pairBook({ mode: 'halted' }))).toEqual(['halted']);
  });

  it('keeps a wide collar against a wrong price and a wide rate against a runaway', () => {
    // Collar 1% x 5: 94.9 is 5.1% under the mid; above the mid a sell is only passive.
    const at = (limit: string) =>
      draftOf({ side: 'sell', limit: decimal(limit), purpose: 'unwind' });
    expect(codesOf([at('94.9')], pairBook())).toEqual(['price-collar']);
    expect(codesOf([at('95.1')], pairBook())).toEqual([]);
    expect(codesOf([at('120')], pairBook())).toEqual([]);
    const rate = limits.ordersPerSecondMax * reducingRateFactor;
    expect(codesOf([flatten], pairBook({ ordersLastSecond: rate }))).toEqual(['order-rate-limit']);
    expect(codesOf([flatten], pairBook({ ordersLastSecond: rate - 1 }))).toEqual([]);
  });
});

describe('completing a lagging leg', () => {
  it('passes while running, past losses, counts and ages', () => {
    const bad = { equityUsd: 30_000, pairsOpen: 99, ordersOpen: 99, ordersLastSecond: 30 };
    expect(codesOf([completing], brokenBook(bad))).toEqual([]);
    expect(codesOf([completing], brokenBook({ equityUsd: null }))).toEqual([]);
    const old = [exposureOf('a:P', { qty: 40 }), exposureOf('b:P', { quoteAgeMs: 99_999 })];
    expect(codesOf([completing], bookOf({ exposures: old }))).toEqual([]);
  });

  it.each([
    ['halted', brokenBook({ mode: 'halted' })],
    ['reduce-only-mode', brokenBook({ mode: 'reduce-only' })],
    ['store-down', brokenBook({ storeDown: true })],
    ['venue-not-ready', brokenBook({ venuesReady: ['a'] })],
  ] as const)('is denied with %s: the filled leg is unwound instead', (code, book) => {
    expect(codesOf([completing], book)).toEqual([code]);
    const unwind = draftOf({ side: 'sell', limit: decimal('99.9'), purpose: 'unwind' });
    expect(codesOf([unwind], book)).toEqual([]);
  });

  it('may pass exposure limits by the stated tolerance and no more', () => {
    const gross = (grossExposureUsdMax: number) =>
      codesOf([completing], brokenBook(), { ...limits, grossExposureUsdMax });
    expect(gross(8_000 / hedgeTolerance + 1)).toEqual([]);
    expect(gross(8_000 / hedgeTolerance - 1)).toEqual(['gross-exposure-limit']);
  });

  it('must not make the net delta of the asset worse', () => {
    expect(
      codesOf([{ ...completing, side: 'buy', limit: decimal('100.1') }], brokenBook()),
    ).toContain('not-reducing');
    // 90 against 40 would leave -50 where 40 was.
    expect(codesOf([{ ...completing, qty: decimal('90') }], brokenBook())).toContain(
      'not-reducing',
    );
    // The delta of another asset is no excuse.
    const other = [exposureOf('a:P', { qty: 40, base: 'ETH' }), exposureOf('b:P')];
    expect(codesOf([completing], bookOf({ exposures: other }))).toContain('not-reducing');
  });

  it('never rests', () => {
    const resting = { ...completing, timeInForce: 'gtc' as const };
    expect(codesOf([resting], brokenBook())).toContain('not-reducing');
  });
});

describe('the catalogue of denials', () => {
  it('is reached code by code', () => {
    const reached = new Set<DenialCode>();
    const collect = (orders: readonly OrderDraft[], book: RiskBook, used: RiskLimits) => {
      for (const code of codesOf(orders, book, used)) reached.add(code);
    };
    const tight = Object.fromEntries(
      Object.keys(limits).map((name) => [name, 0]),
    ) as unknown as RiskLimits; // the same keys, zero
    collect(entry, bookOf({ mode: 'halted', storeDown: true, venuesReady: [] }), tight);
    collect([flatten], bookOf({ mode: 'reduce-only' }), limits);
    collect(entry, bookOf({ equityUsd: null }), limits);
    const tiers = continuousTiers([
      { sizeMax: decimal('10'), leverageMax: 3, maintenanceRate: decimal('0.01') },
    ]);
    collect(entry, withExposure({ margin: marginOf({ tiers }) }), limits);
    collect(entry, bookOf({ wallets: [fundsOf('a', null)] }), limits);
    collect(entry, bookOf({ wallets: [fundsOf('a', 0)] }), limits);
    expect([...reached].sort()).toEqual([...denialCodes].sort());
  });
});
