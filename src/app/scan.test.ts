import { describe, expect, it } from 'vitest';
import { decimal, one } from '../base/decimal.ts';
import type { Instrument, InstrumentId } from '../domain/instrument.ts';
import type { LegView } from '../domain/view.ts';
import { defaultExecutionPolicy } from '../execution/policy.ts';
import { cashCarry } from '../strategy/cash-carry.ts';
import { perpPerpDefaults } from '../strategy/params.ts';
import { perpPerp } from '../strategy/perp-perp.ts';
import { type MarketSnapshot, scan, whatWouldHaveToChange } from './scan.ts';

const hourMs = 3_600_000;
const tsMs = 1_767_600_000_000;

function leg(id: InstrumentId, ratePerInterval: number): { instrument: Instrument; view: LegView } {
  const [venue = ''] = id.split(':');
  const instrument: Instrument = {
    id,
    venue,
    symbol: 'ARBUSDT',
    kind: 'linear-perp',
    base: 'ARB',
    quote: 'USDT',
    settle: 'USDT',
    wallet: 'futures',
    contractSize: one,
    qtyUnit: one,
    priceUnit: one,
    tickSize: decimal('0.0001'),
    lotSize: decimal('0.1'),
    qtyMin: null,
    qtyMax: null,
    notionalMin: null,
    status: 'trading',
    fundingIntervalMs: 8 * hourMs,
    leverageMax: null,
  };
  const view: LegView = {
    instrument: id,
    venue,
    kind: 'linear-perp',
    bid: 1,
    bidQty: 100_000,
    ask: 1,
    askQty: 100_000,
    bids: [],
    asks: [],
    mark: 1,
    index: 1,
    funding: { ratePerInterval, intervalMs: 8 * hourMs, settlesAtMs: tsMs + hourMs },
    feeRateTaker: 0.0005,
    quoteAgeMs: 0,
    fundingAgeMs: 0,
  };
  return { instrument, view };
}

function market(...legs: readonly ReturnType<typeof leg>[]): MarketSnapshot {
  return {
    source: 'live',
    tsMs,
    legs: new Map(legs.map((own) => [own.view.instrument, own])),
    hasBooks: true,
    notes: [],
  };
}

// No reversion of rates and no capital costs, so that the sums can be made by hand.
const params = {
  ...perpPerpDefaults,
  halfLifeSettlements: 1e6,
  capitalRatePerYear: 0,
  horizonMs: 24 * hourMs,
};
const wish = {
  strategies: [{ strategy: perpPerp, params }],
  notionalUsd: null,
  horizonMs: null,
  execution: defaultExecutionPolicy,
};

describe('farb scan', () => {
  const okx = leg('okx:ARB-USDT-PERP', 0.0001);
  const binance = leg('binance:ARB-USDT-PERP', 0.003);

  it('ranks both directions by net return on capital, every term summed by hand', () => {
    const { opportunities, pairs } = scan(market(okx, binance), wish);
    expect(pairs).toBe(2);
    const [best, worst] = opportunities;
    expect(best?.pair).toBe('perp-perp okx:ARB-USDT-PERP>binance:ARB-USDT-PERP');
    // three settlements in 24 h: 3 x 0.003 = 0.009 received, 3 x 0.0001 = 0.0003 paid
    expect(best?.terms.fundingShort).toBeCloseTo(0.009, 6);
    expect(best?.terms.fundingLong).toBeCloseTo(-0.0003, 6);
    expect(best?.terms.fees).toBeCloseTo(-4 * 0.0005, 12);
    expect(best?.net).toBeCloseTo(0.009 - 0.0003 - 0.002, 6);
    // capital: two margins of a third and a buffer of a tenth
    expect(best?.netOnCapital).toBeCloseTo(0.0067 / (2 / 3 + 0.1), 5);
    expect(best?.passes).toBe(true);
    expect(worst?.net).toBeCloseTo(-0.0087 - 0.002, 6);
    expect(worst?.breakEvenHours).toBeNull();
  });

  it('the net is the sum of its terms', () => {
    for (const { net, terms } of scan(market(okx, binance), wish).opportunities) {
      const sum = Object.values(terms).reduce((total, term) => total + term, 0);
      expect(sum).toBeCloseTo(net, 15);
    }
  });

  it('a longer horizon has more settlements, a larger notional is told as asked', () => {
    const longer = scan(market(okx, binance), { ...wish, horizonMs: 72 * hourMs, notionalUsd: 9 });
    expect(longer.opportunities[0]?.terms.fundingShort).toBeCloseTo(9 * 0.003, 6);
    expect(longer.opportunities[0]?.notionalUsd).toBe('9.00');
  });

  it('shows short spot with what the venue lends the coin for, and that it is refused', () => {
    const lent = leg('bybit:ARB-USDT-SPOT', 0);
    const spot = {
      instrument: { ...lent.instrument, kind: 'spot' as const },
      view: { ...lent.view, kind: 'spot' as const, funding: null, borrowRatePerHour: 0.00001 },
    };
    const carry = { ...wish, strategies: [{ strategy: cashCarry, params }] };
    const paid = leg('okx:ARB-USDT-PERP', -0.003);
    const { opportunities } = scan(market(spot, paid), carry);
    const [best] = opportunities;
    expect(best?.pair).toBe('cash-carry okx:ARB-USDT-PERP>bybit:ARB-USDT-SPOT');
    // 3 x 0.003 received, 24 hours at 1e-5 paid, four fees of 5 bp.
    expect(best?.terms.borrow).toBeCloseTo(-0.00024, 12);
    expect(best?.net).toBeCloseTo(0.009 - 0.00024 - 0.002, 6);
    expect(best?.short.borrowRatePerHour).toBe('0.00001');
    expect(best?.passes).toBe(false);
    expect(best?.refused).toContain('needs-borrow');
    expect(best === undefined ? [] : whatWouldHaveToChange(best)).toEqual([best?.refused]);
  });

  it('leaves out what is not known, and counts it by what is missing', () => {
    const unknown = { ...binance, view: { ...binance.view, funding: null } };
    const report = scan(market(okx, unknown), wish);
    expect(report.opportunities).toEqual([]);
    expect(report.skipped).toEqual({ 'funding-unknown': 2 });
  });

  it('says what would have to change, and nothing for a pair that passes', () => {
    const [best, worst] = scan(market(okx, binance), wish).opportunities;
    expect(best && whatWouldHaveToChange(best)).toEqual([]);
    const change = worst ? whatWouldHaveToChange(worst).join(' ') : '';
    // threshold 0.001 x 0.7667 capital = 7.7 bp; the edge is -107 bp
    expect(change).toContain('misses the threshold by 114.7 bp');
    expect(change).toContain('even free orders');
    expect(change).toContain('time does not help');
  });

  it('says how it would be entered and what every way would cost', () => {
    const [best] = scan(market(okx, binance), wish).opportunities;
    // Both books show one price on both sides: 5 + 5 bp of fees, no slippage.
    expect(best?.execution?.costs[0]).toMatchObject({ mode: 'taker-taker', ruledOut: null });
    expect(best?.execution?.costs[0]?.total).toBeCloseTo(0.001, 12);
    const bars = scan({ ...market(okx, binance), hasBooks: false }, wish).opportunities[0];
    expect(bars?.execution).toBeNull();
  });
});
