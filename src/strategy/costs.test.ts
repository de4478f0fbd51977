import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  evenly,
  instrumentOf,
  legOf,
  quietMs,
  viewOf,
} from '../../test/support/strategy-fixtures.ts';
import { hourMs } from '../base/time.ts';
import { depthUsd, executable } from '../domain/executable.ts';
import type { PairView } from '../domain/view.ts';
import { capacityUsd, carryStairs, edgeOf } from './costs.ts';
import { perpPerpDefaults, type StrategyParams } from './params.ts';

const long = instrumentOf('binance', 'linear-perp');
const short = instrumentOf('bybit', 'linear-perp');

/** Round figures: rates halve at each settlement toward zero; margin 1 per notional. */
const params: StrategyParams = {
  ...perpPerpDefaults,
  horizonMs: 4 * hourMs,
  halfLifeSettlements: 1,
  longRunRatePerHour: 0,
  basisHalfLifeMs: 4 * hourMs,
  leverage: 2,
  capitalRatePerYear: 0.0876, // 0.00001 per hour
};

function hourlyView(): PairView {
  return viewOf(
    legOf(long, { ratePerInterval: 0.0001, intervalHours: 8 }),
    legOf(short, { ratePerInterval: 0.0015, intervalHours: 1 }),
  );
}

describe('the net edge', () => {
  it('sums mixed intervals over the calendar of both legs, less four fees and capital', () => {
    // Now 02:30. Short settles 03:00, 04:00, 05:00, 06:00 (until 06:30): 0.15% x (1 + 1/2 + 1/4 +
    // 1/8) = 0.0028125. Long settles first at 08:00: nothing. Fees 4 x 5 bp = 0.002. Capital 4 h x
    // 0.00001. Net = 0.0028125 - 0.002 - 0.00004 = 0.0007725; on capital 1 + 0.1: 0.000702272...
    const edge = edgeOf(hourlyView(), 10, params);
    expect(edge.fundingShort).toBeCloseTo(0.0028125, 12);
    expect(edge.fundingLong).toBe(0);
    expect(edge.fees).toBeCloseTo(-0.002, 12);
    expect(edge.capital).toBeCloseTo(-0.00004, 12);
    expect([edge.basis, edge.slippage, edge.borrow]).toEqual([0, 0, 0]);
    expect(edge.net).toBeCloseTo(0.0007725, 12);
    expect(edge.netOnCapital).toBeCloseTo(0.0007725 / 1.1, 12);
    // Carry now: 0.15% per hour less 0.01% / 8.
    expect(edge.carryPerHour).toBeCloseTo(0.0015 - 0.0001 / 8, 12);
    expect(edge.notionalUsd).toBe(1_000);
  });

  it('breaks even on the settlement whose step first covers the costs', () => {
    // After 03:00 0.0015, after 04:00 0.00225 >= 0.002 + 1.5 h x 0.00001: 1.5 h from 02:30.
    expect(edgeOf(hourlyView(), 10, params).breakEvenHours).toBe(1.5);
  });

  it('never breaks even where the carry is gone before the costs are earned', () => {
    const view = viewOf(legOf(long), legOf(short, { ratePerInterval: 0.0001 }));
    expect(edgeOf(view, 10, params).breakEvenHours).toBeNull();
  });

  it('has the entry slippage in the basis once, and the exit slippage apart', () => {
    // Long 99.9 / 100.1, short 100.4 / 100.6. Executable basis (100.4 - 100.1) / 100.1 =
    // 0.002997003; mid basis 0.5 / 100 = 0.005. Over one half-life half of it goes, half of that is
    // believed: 0.00125, capped at 0.001. Basis term = 0.002997003 - 0.005 + 0.001 = -0.001002997.
    // Closing slippage: 0.1 / 100 + 0.1 / 100.5 = 0.001995025.
    const view = viewOf(
      legOf(long, { bid: 99.9, ask: 100.1 }),
      legOf(short, { bid: 100.4, ask: 100.6 }),
    );
    const edge = edgeOf(view, 1, params);
    expect(edge.basis).toBeCloseTo(0.3 / 100.1 - 0.005 + 0.001, 12);
    expect(edge.slippage).toBeCloseTo(-(0.1 / 100 + 0.1 / 100.5), 12);
    expect(edge.fundingShort + edge.fundingLong).toBe(0);
  });

  it('charges an adverse basis reversion in full and caps a favourable one', () => {
    const wide = { ...params, basisReversionShare: 1 };
    const at = (mid: number) =>
      edgeOf(viewOf(legOf(long), legOf(short, { bid: mid, ask: mid })), 1, wide).basis;
    expect(at(110)).toBeCloseTo(0.001, 12); // half of 10% would revert: capped at 10 bp
    expect(at(90)).toBeCloseTo(-0.05, 12); // half of -10% reverts against us
  });

  it('charges borrow on a short spot leg alone', () => {
    const spot = instrumentOf('okx', 'spot');
    const year = { ...params, horizonMs: 8_760 * hourMs, borrowRatePerYear: 0.1 };
    expect(edgeOf(viewOf(legOf(long), legOf(spot)), 1, year).borrow).toBeCloseTo(-0.1, 12);
    expect(edgeOf(viewOf(legOf(spot), legOf(short)), 1, year).borrow).toBe(0);
    // The venue's own rate counts where it is known: 8,760 hours at 2e-6.
    const lent = { ...legOf(spot), borrowRatePerHour: 0.000002 };
    expect(edgeOf(viewOf(legOf(long), lent), 1, year).borrow).toBeCloseTo(-0.01752, 12);
    expect(edgeOf(viewOf(lent, legOf(short)), 1, year).borrow).toBe(0);
  });

  it('is the sum of its terms', () => {
    fc.assert(
      fc.property(anyView, evenly(0.1, 50), (view, qty) => {
        const e = edgeOf(view, qty, perpPerpDefaults);
        const sum =
          e.fundingShort + e.fundingLong + e.basis + e.fees + e.slippage + e.borrow + e.capital;
        expect(e.net).toBeCloseTo(sum, 12);
      }),
    );
  });

  it('rises with the short rate and falls with the long rate, fees, spread and size', () => {
    fc.assert(
      fc.property(anyView, evenly(1e-6, 0.01), (view, by) => {
        const net = (changed: PairView, qty = 5) => edgeOf(changed, qty, perpPerpDefaults).net;
        const base = net(view);
        expect(net(withRate(view, 'shortLeg', by))).toBeGreaterThanOrEqual(base - 1e-12);
        expect(net(withRate(view, 'longLeg', by))).toBeLessThanOrEqual(base + 1e-12);
        const fee = view.longLeg.feeRateTaker + by;
        const dearer = { ...view, longLeg: { ...view.longLeg, feeRateTaker: fee } };
        expect(net(dearer)).toBeCloseTo(base - 2 * by, 10);
        const { longLeg } = view;
        const wider = {
          ...view,
          longLeg: { ...longLeg, bid: longLeg.bid * (1 - by), ask: longLeg.ask * (1 + by) },
        };
        // The mid may move by rounding alone.
        expect(net(wider)).toBeLessThanOrEqual(base + 1e-9);
        expect(net(view, 50)).toBeLessThanOrEqual(base + 1e-12);
      }),
    );
  });
});

describe('the staircase', () => {
  it('steps at every settlement of either leg', () => {
    const stairs = carryStairs(hourlyView(), quietMs + 6 * hourMs, params);
    const times = [...stairs.atMs.subarray(0, stairs.count)];
    expect(times.map((atMs) => (atMs - quietMs) / hourMs)).toEqual([0.5, 1.5, 2.5, 3.5, 4.5, 5.5]);
    // At 08:00 the long leg pays 0.01% as the short receives 0.15% / 32.
    const last = (stairs.carry[5] ?? 0) - (stairs.carry[4] ?? 0);
    expect(last).toBeCloseTo(0.0015 / 32 - 0.0001, 12);
  });

  it('agrees with the closed sum at every step', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const stairs = carryStairs(view, quietMs + 20 * hourMs, params);
        for (const [i, atMs] of stairs.atMs.subarray(0, stairs.count).entries()) {
          const carry = stairs.carry[i] ?? Number.NaN;
          const horizonMs = atMs - view.tsMs;
          const edge = edgeOf(view, 1, { ...params, horizonMs });
          expect(edge.fundingShort + edge.fundingLong).toBeCloseTo(carry, 10);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('executable prices', () => {
  const leg = legOf(long, {
    bid: 99,
    ask: 100,
    asks: [
      [100, 1],
      [101, 1],
    ],
    bids: [[99, 1]],
  });

  it('are volume-weighted over the levels that the quantity needs', () => {
    const options = { side: 'buy', qty: 2, slippageMax: 0.1 } as const;
    expect(executable(leg, options)).toEqual({ vwap: 100.5, worst: 101, full: true });
  });

  it('price what is not displayed beyond the last level', () => {
    // 1 at 99, 1 at 99 x 0.9 = 89.1.
    const bought = executable(leg, { side: 'sell', qty: 2, slippageMax: 0.1 });
    expect(bought.full).toBe(false);
    expect(bought.vwap).toBeCloseTo((99 + 89.1) / 2, 10);
  });

  it('do not believe a level that beats the quote', () => {
    const crossed = legOf(long, { bid: 99, ask: 100, asks: [[98, 5]] });
    expect(executable(crossed, { side: 'buy', qty: 1, slippageMax: 0 }).vwap).toBe(100);
  });

  it('count only depth inside the slippage limit, and the quote where depth is not known', () => {
    expect(depthUsd(leg, { side: 'buy', slippageMax: 0.005 })).toBe(100);
    expect(depthUsd(leg, { side: 'buy', slippageMax: 0.01 })).toBe(201);
    const bare = legOf(short, { bid: 99, ask: 100, displayed: 3 });
    expect(depthUsd(bare, { side: 'sell', slippageMax: 0.01 })).toBe(297);
    expect(capacityUsd(viewOf(leg, bare), { ...params, slippageMax: 0.01 })).toBe(201);
  });
});

const anyLeg = (venue: string) =>
  fc
    .record({
      mid: evenly(95, 105),
      spread: evenly(0, 0.002),
      displayed: evenly(0.5, 100),
      ratePerInterval: evenly(-0.01, 0.01),
      intervalHours: fc.constantFrom(1, 2, 4, 8),
      feeRateTaker: evenly(0, 0.001),
    })
    .map(({ mid, spread, ...rest }) =>
      legOf(instrumentOf(venue, 'linear-perp'), {
        bid: mid * (1 - spread),
        ask: mid * (1 + spread),
        ...rest,
      }),
    );

const anyView = fc
  .tuple(anyLeg('binance'), anyLeg('bybit'))
  .map(([longLeg, shortLeg]) => viewOf(longLeg, shortLeg));

function withRate(view: PairView, name: 'longLeg' | 'shortLeg', by: number): PairView {
  const leg = view[name];
  if (leg.funding === null) return view;
  const ratePerInterval = leg.funding.ratePerInterval + by;
  return { ...view, [name]: { ...leg, funding: { ...leg.funding, ratePerInterval } } };
}
