// Entry and exit together: what opens, what does not, what is held and what is closed.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  evenly,
  instrumentOf,
  legOf,
  midnightMs,
  quietMs,
  viewOf,
} from '../../test/support/strategy-fixtures.ts';
import { decimal, isMultipleOf } from '../base/decimal.ts';
import { hourMs, minuteMs } from '../base/time.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { HeldPair, LegView, PairView } from '../domain/view.ts';
import { cashCarry } from './cash-carry.ts';
import { basisMidOf, carryStairs, holdingCostsPerHour, pairPrices } from './costs.ts';
import { bestLaterExit } from './exit.ts';
import { basisReversion, expectedBasisGain } from './forecast.ts';
import type { StrategyParams } from './params.ts';
import { perpPerp } from './perp-perp.ts';
import type { StrategyContext } from './registry.ts';

const binance = instrumentOf('binance', 'linear-perp');
const bybit = instrumentOf('bybit', 'linear-perp');
const spot = instrumentOf('binance', 'spot', { lotSize: decimal('0.00001') });
/** A spread of 2 bp, deep. */
const tight = { bid: 99.99, ask: 100.01 };

const context: StrategyContext = { long: binance, short: bybit, params: perpPerp.defaults };

/** The testnet's kind of dislocation: hourly settlements at `rate` on the short leg. */
function dislocated(rate: number, tsMs = quietMs): PairView {
  return viewOf(
    legOf(binance, { ...tight, ratePerInterval: 0.0001 }),
    legOf(bybit, { ...tight, ratePerInterval: rate, intervalHours: 1 }),
    tsMs,
  );
}

function heldOf(view: PairView): HeldPair {
  const { strategy, long, short } = view;
  const figures = { entryBasis: 0, openedAtMs: midnightMs, fundingReceivedUsd: 0 };
  return { strategy, long, short, pairId: 'p1', qty: decimal('30'), ...figures };
}

function carryView(rate: number): PairView {
  return viewOf(
    legOf(spot, { ...tight, feeRateTaker: 0.001 }),
    legOf(binance, { ...tight, ratePerInterval: rate }),
  );
}
const carryContext = { long: spot, short: binance, params: cashCarry.defaults };

describe('perp-perp entry', () => {
  it('opens on 0.1% per hour, sized to the common lot, with limits beyond the touch', () => {
    const decision = perpPerp.entry(dislocated(0.001), context);
    if (!decision.ok) throw new Error(decision.code);
    const { intent } = decision;
    // 4,000 / 100.01 = 39.996 on the lot of 0.001.
    expect(intent.qty).toBe(decimal('39.996'));
    expect(intent.longQty).toBeNull();
    expect(intent.longLimit).toBeCloseTo(100.01 * 1.002, 10);
    expect(intent.shortLimit).toBeCloseTo(99.99 * 0.998, 10);
    expect(intent.edge.netOnCapital).toBeGreaterThan(perpPerp.defaults.netEdgeMin);
  });

  it('does not open the other direction, nor on what the costs eat', () => {
    const refused = { ok: false, code: 'edge-below-threshold' };
    expect(perpPerp.entry(dislocated(-0.001), context)).toMatchObject(refused);
    expect(perpPerp.entry(dislocated(0.0002), context)).toMatchObject(refused);
    // 5 bp between two 8 h contracts against 20 bp of fees: recorded history's usual spread.
    const usual = viewOf(
      legOf(binance, { ...tight, ratePerInterval: 0.0001 }),
      legOf(bybit, { ...tight, ratePerInterval: 0.0006 }),
    );
    expect(perpPerp.entry(usual, context)).toMatchObject(refused);
  });

  const changed = (changes: Partial<LegView>): PairView => {
    const view = dislocated(0.002);
    return { ...view, shortLeg: { ...view.shortLeg, ...changes } };
  };
  const soon = { ratePerInterval: 0.002, intervalMs: hourMs };
  it.each([
    ['funding-unknown', changed({ funding: null })],
    [
      'interval-unknown',
      changed({ funding: { ...soon, intervalMs: 0, settlesAtMs: quietMs + 1 } }),
    ],
    ['quote-unknown', changed({ bid: Number.NaN })],
    ['quote-unknown', changed({ bid: 101, ask: 100 })],
    ['quote-unknown', changed({ askQty: 0 })],
    ['stale', changed({ quoteAgeMs: 10_001 })],
    ['stale', changed({ quoteAgeMs: Number.NaN })],
    ['stale', changed({ fundingAgeMs: 120_001 })],
    ['stale', changed({ fundingAgeMs: null })],
    ['stale', changed({ funding: { ...soon, settlesAtMs: quietMs - 5 * minuteMs } })],
    ['no-capacity', changed({ bidQty: 4 })],
  ])('refuses with %s', (code, view) => {
    expect(perpPerp.entry(view, context)).toMatchObject({ ok: false, code });
  });

  it('refuses instruments that do not trade or have no grid, and sizes too small', () => {
    const view = dislocated(0.002);
    const shortAs = (changes: Partial<Instrument>) =>
      perpPerp.entry(view, { ...context, short: { ...bybit, ...changes } });
    expect(shortAs({ status: 'halted' })).toMatchObject({ code: 'not-trading' });
    expect(shortAs({ status: 'unknown' })).toMatchObject({ code: 'not-trading' });
    expect(shortAs({ tickSize: null })).toMatchObject({ code: 'not-trading' });
    expect(shortAs({ lotSize: null })).toMatchObject({ code: 'not-trading' });
    expect(shortAs({ qtyMin: decimal('100') })).toMatchObject({ code: 'too-small' });
  });

  it('takes what the depth carries when that is less than wanted', () => {
    const view = dislocated(0.002);
    const thin = { ...view, longLeg: { ...view.longLeg, askQty: 10 } };
    const decision = perpPerp.entry(thin, context);
    expect(decision.ok && decision.intent.qty).toBe(decimal('10'));
  });

  it.each([
    ['60 s before', -59_999, false],
    ['a minute before', -60_000, true],
    ['just after', 59_999, false],
    ['a minute after', 60_000, true],
  ])('keeps away from a settlement: %s', (_, offsetMs, opens) => {
    const settlesAtMs = midnightMs + 3 * hourMs;
    const tsMs = settlesAtMs + offsetMs;
    const view = dislocated(0.002, tsMs);
    const next = offsetMs < 0 ? settlesAtMs : settlesAtMs + hourMs;
    const funding = { ratePerInterval: 0.002, intervalMs: hourMs, settlesAtMs: next };
    const fresh = { ...view, shortLeg: { ...view.shortLeg, funding } };
    const decision = perpPerp.entry(fresh, context);
    expect(decision.ok).toBe(opens);
    if (!decision.ok) expect(decision.code).toBe('settlement-window');
  });
});

describe('cash-carry entry', () => {
  it('opens on the rates of the first days of March 2024, and buys the fee on top', () => {
    // 0.069% per 8 h, 21 settlements in 7 days, half-life of 6: (6.9 - 1) bp x 8.36 + 21 bp = 70
    // bp, less 30 bp of fees, 13 bp of capital and 2 bp of spread.
    const decision = cashCarry.entry(carryView(0.00069), carryContext);
    if (!decision.ok) throw new Error(decision.code);
    expect(decision.intent.edge.net).toBeGreaterThan(0.0022);
    expect(decision.intent.edge.net).toBeLessThan(0.0028);
    // 39.996 / 0.999 = 40.036036... up to the spot lot of 0.00001.
    expect(decision.intent.longQty).toBe(decimal('40.03604'));
    expect(isMultipleOf(decision.intent.qty, decimal('0.001'))).toBe(true);
  });

  it('refuses short spot at any edge: the coin would have to be borrowed', () => {
    // The perpetual pays its longs 1% per 8 h.
    const straight = carryView(-0.01);
    const { long, short, longLeg, shortLeg } = straight;
    const legs = { longLeg: shortLeg, shortLeg: longLeg };
    const reverse = { ...straight, ...{ long: short, short: long }, ...legs };
    const context = { ...carryContext, long: carryContext.short, short: carryContext.long };
    expect(cashCarry.entry(reverse, context)).toEqual({
      ...{ ok: false, code: 'needs-borrow', edge: null },
    });
  });

  it('does not open on the interest rate alone, nor on a negative rate', () => {
    for (const rate of [0.0001, 0.0003, -0.0005]) {
      expect(cashCarry.entry(carryView(rate), carryContext).ok).toBe(false);
    }
  });
});

describe('the exit rule', () => {
  const exitAt = (rate: number, params: Partial<StrategyParams> = {}) => {
    const view = dislocated(rate);
    return perpPerp.exit(view, heldOf(view), {
      ...context,
      params: { ...perpPerp.defaults, ...params },
    });
  };

  it('holds a small positive carry that no entry would take', () => {
    expect(exitAt(0.00002)).toMatchObject({ exit: false, code: 'hold' });
    expect(perpPerp.entry(dislocated(0.00002), context).ok).toBe(false);
  });

  it('holds through a bare sign flip: re-opening costs more than the carry that is lost', () => {
    // Re-opening: 10 bp of fees and 2 bp of half spreads, of which a quarter: 3 bp.
    expect(exitAt(-0.00005)).toMatchObject({ exit: false });
    expect(exitAt(-0.00028)).toMatchObject({ exit: false });
    expect(exitAt(-0.00031)).toMatchObject({ exit: true, code: 'carry-gone' });
  });

  it('closes on any negative carry when it would never re-open', () => {
    const later = { reentryProbability: 0, capitalRatePerYear: 0 };
    expect(exitAt(-0.00001, later)).toMatchObject({ exit: true, code: 'carry-gone' });
  });

  it('closes a reversed dislocation at limits beyond the touch', () => {
    const decision = exitAt(-0.001);
    if (!decision.exit) throw new Error('held');
    expect(decision.longLimit).toBeCloseTo(99.99 * 0.998, 10);
    expect(decision.shortLimit).toBeCloseTo(100.01 * 1.002, 10);
    expect(decision.expectedCarry).toBeLessThan(0);
  });

  it('looks past a bad settlement to good ones', () => {
    // The short leg pays 0.05% at 03:00; at 08:00 the long leg receives 0.3%.
    const view = viewOf(
      legOf(binance, { ...tight, ratePerInterval: -0.003 }),
      legOf(bybit, { ...tight, ratePerInterval: -0.0005, intervalHours: 1 }),
    );
    expect(perpPerp.exit(view, heldOf(view), context)).toMatchObject({ exit: false });
  });

  it('closes for a better use only net of its costs', () => {
    const view = dislocated(0.0001);
    const alternative = (alternativeNetOnCapital: number | null) =>
      perpPerp.exit(view, heldOf(view), { ...context, alternativeNetOnCapital });
    expect(alternative(null)).toMatchObject({ exit: false });
    expect(alternative(0.0005)).toMatchObject({ exit: false });
    expect(alternative(0.02)).toMatchObject({ exit: true, code: 'better-use' });
  });

  it('holds on unknown or old data and beside a settlement', () => {
    const view = dislocated(-0.002);
    const withShort = (changes: Partial<LegView>) => ({
      ...view,
      shortLeg: { ...view.shortLeg, ...changes },
    });
    const beside = dislocated(-0.002, midnightMs + 3 * hourMs - 30_000);
    for (const blind of [
      withShort({ funding: null }),
      withShort({ ask: Number.NaN }),
      withShort({ quoteAgeMs: 60_000 }),
      beside,
    ]) {
      expect(perpPerp.exit(blind, heldOf(view), context)).toMatchObject({ exit: false });
    }
    expect(perpPerp.exit(view, heldOf(view), context)).toMatchObject({ exit: true });
  });

  it('never closes what the same view would open', () => {
    const rate = evenly(-0.005, 0.005);
    const hours = fc.constantFrom(1, 2, 4, 8);
    const mid = evenly(99, 101);
    fc.assert(
      fc.property(rate, rate, hours, hours, mid, (a, b, hoursA, hoursB, shortMid) => {
        const shortQuote = { bid: shortMid * 0.9999, ask: shortMid * 1.0001 };
        const view = viewOf(
          legOf(binance, { ...tight, ratePerInterval: a, intervalHours: hoursA }),
          legOf(bybit, { ...shortQuote, ratePerInterval: b, intervalHours: hoursB }),
        );
        const entry = perpPerp.entry(view, context);
        fc.pre(entry.ok);
        expect(perpPerp.exit(view, heldOf(view), context)).toMatchObject({ exit: false });
      }),
    );
  });

  it('finds the later exit that a look at every settlement finds', () => {
    const rate = evenly(-0.003, 0.003);
    const hours = fc.constantFrom(1, 4, 8);
    fc.assert(
      fc.property(rate, rate, hours, hours, evenly(98, 102), (a, b, hoursA, hoursB, shortMid) => {
        const { params } = context;
        const shortQuote = { bid: shortMid * 0.9999, ask: shortMid * 1.0001 };
        const view = viewOf(
          legOf(binance, { ...tight, ratePerInterval: a, intervalHours: hoursA }),
          legOf(bybit, { ...shortQuote, ratePerInterval: b, intervalHours: hoursB }),
        );
        const prices = pairPrices(view, 30, params);
        const holding = holdingCostsPerHour('linear-perp', 'linear-perp', params);
        let best = { carry: 0, value: Number.NEGATIVE_INFINITY };
        const stairs = carryStairs(view, view.tsMs + params.horizonMs, params);
        for (const [i, atMs] of stairs.atMs.subarray(0, stairs.count).entries()) {
          const afterMs = atMs - view.tsMs;
          const carry = stairs.carry[i] ?? Number.NaN;
          const reversion = basisReversion(afterMs, params);
          const gain = expectedBasisGain(prices.basisMid, reversion, params.basisCreditMax);
          const value = carry + gain - (holding.capital + holding.borrow) * (afterMs / hourMs);
          if (value > best.value) best = { carry, value };
        }
        expect(bestLaterExit(view, basisMidOf(view), params)).toEqual(best);
        const reopening = prices.feesPerSide + prices.slippageOpen;
        const isGone = best.value < -params.reentryProbability * reopening;
        const decision = perpPerp.exit(view, heldOf(view), context);
        expect(decision).toMatchObject({ exit: isGone, expectedCarry: best.carry });
      }),
      { numRuns: 500 },
    );
  });
});

describe('pairs worth watching', () => {
  const all = [
    binance,
    bybit,
    spot,
    instrumentOf('okx', 'linear-perp'),
    instrumentOf('okx', 'linear-perp', { quote: 'USDC' }),
    instrumentOf('okx', 'inverse-perp', { quote: 'USD' }),
    instrumentOf('okx', 'linear-perp', { base: 'ETH' }),
  ];

  it('are both directions of every two venues with the same asset and quote', () => {
    const keys = perpPerp.pairs(all).map(({ long, short }) => `${long} ${short}`);
    const venues = ['binance', 'bybit', 'okx'];
    const expected = venues.flatMap((a) =>
      venues.filter((b) => a !== b).map((b) => `${a}:BTC-USDT-PERP ${b}:BTC-USDT-PERP`),
    );
    expect(keys.sort()).toEqual(expected.sort());
  });

  it('are spot long and perpetual short, never the reverse', () => {
    const shown = cashCarry.shown?.(all) ?? [];
    expect(shown.map(({ long, short }) => [short, long])).toEqual(
      cashCarry.pairs(all).map(({ long, short }) => [long, short]),
    );
    const keys = cashCarry.pairs(all).map(({ long, short }) => `${long} ${short}`);
    expect(keys).toEqual(
      ['binance', 'bybit', 'okx'].map((venue) => `binance:BTC-USDT-SPOT ${venue}:BTC-USDT-PERP`),
    );
  });
});
