import { describe, expect, it } from 'vitest';
import { long, now, short, view } from '../../test/support/pair-rig.ts';
import { decimal, formatDecimal } from '../base/decimal.ts';
import type { LegView } from '../domain/view.ts';
import { choosePlan, type PlanWish } from './plan.ts';
import { defaultExecutionPolicy, type ExecutionPolicy } from './policy.ts';

/** Both legs: mid 100, half spread 0.1 (10 bp), 10 on each side, taker 5 bp, maker 2 bp. */
function wide(spec: typeof long, changes: Partial<LegView> = {}) {
  const quote = { ...view(spec, 99.9, 100.1), bidQty: 10, askQty: 10, ...changes };
  return { view: quote, feeRateMaker: 0.0002 };
}

function wish(changes: Partial<PlanWish> = {}): PlanWish {
  return {
    direction: 'open',
    long: wide(long),
    short: wide(short),
    qty: decimal('4'),
    qtyFull: decimal('4'),
    lot: decimal('0.1'),
    edgeNet: 0.002,
    fleeting: 0,
    settlement: null,
    urgent: false,
    basisMin: -0.004,
    wallMs: now,
    routes: [],
    ...changes,
  };
}

const policy: ExecutionPolicy = {
  ...defaultExecutionPolicy,
  makerFillShare: 0.6,
  makerAdverse: 0.0001,
  makerPatienceMs: 20_000,
  edgeHalfLifeMs: 20_000,
  sliceUsdMax: 100,
};

function costs(changes: Partial<PlanWish> = {}, limits: Partial<ExecutionPolicy> = {}) {
  const { plan, qty } = choosePlan(wish(changes), { ...policy, ...limits });
  const bps = (fraction: number): string => (fraction * 1e4).toFixed(2);
  return {
    mode: plan.mode,
    makerLeg: plan.makerLeg,
    qty: formatDecimal(qty),
    slice: plan.sliceQty === null ? null : formatDecimal(plan.sliceQty),
    totals: plan.costs.map(({ total }) => bps(total)),
    ruledOut: plan.costs.map(({ ruledOut }) => ruledOut),
    leftMs: plan.deadlineWallMs === null ? null : plan.deadlineWallMs - now,
    reason: plan.reason,
  };
}

describe('the expected cost of every way', () => {
  it('adds up by hand', () => {
    // taker: 5 + 5 fees + 10 + 10 half spreads = 30 bp
    // maker: 0.6 x (2 + 5 fees + 10 - 10 + 1 adverse) + 0.4 x 30 = 4.8 + 12 = 16.8 bp
    // sliced: as taker, slices of 1 at the same best price = 30 bp
    expect(costs().totals).toEqual(['30.00', '16.80', '16.80', '30.00']);
  });

  it('charges what of a price difference goes while waiting', () => {
    // 8 bp with a half-life of 20 s: half the patience leaves 2^-0.5, so 2.343 bp go; all of it, 4.
    // maker: 16.8 + 0.6 x 2.343 + 0.4 x 4 = 19.81
    // sliced: 4 slices, 3 s apart: 4.5 s on average, 8 x (1 - 2^-0.225) = 1.155
    expect(costs({ fleeting: 0.0008 }).totals).toEqual(['30.00', '19.81', '19.81', '31.16']);
  });

  it('charges a settlement that waiting would miss', () => {
    // In 75 s, with 60 s of guard, entries end in 15 s: half of the patience is in time, all is
    // not.
    const settlement = { inMs: 75_000, carry: 0.001 };
    // maker: 16.8 + 0.4 x 10 = 20.8
    expect(costs({ settlement }).totals[1]).toBe('20.80');
  });
});

describe('the choice', () => {
  it('rests the leg with the wide spread when there is time', () => {
    // Taking binance costs 5 + 0.1, resting okx saves its 10 bp and 3 of fees.
    const thin = { ...wide(long), view: { ...wide(long).view, bid: 99.999, ask: 100.001 } };
    const choice = costs({ long: thin });
    expect(choice).toMatchObject({ mode: 'maker-taker', makerLeg: 'short', leftMs: 20_000 });
    expect(choice.reason).toContain('short leg rests');
  });

  it('takes both legs at once when the edge decays fast', () => {
    // 40 bp of it are a price difference: 0.6 x 11.7 + 0.4 x 20 = 15 bp go, more than is saved.
    expect(costs({ fleeting: 0.004 })).toMatchObject({ mode: 'taker-taker', leftMs: null });
  });

  it('takes both legs at once when it is urgent, whatever it costs', () => {
    const choice = costs({ urgent: true });
    expect(choice).toMatchObject({ mode: 'taker-taker' });
    expect(choice.ruledOut).toEqual([null, 'urgent', 'urgent', 'urgent']);
  });

  it('does not leave the plain way for less than the least advantage', () => {
    expect(costs({}, { modeAdvantageMin: 0.0014 }).mode).toBe('taker-taker');
    expect(costs({}, { modeAdvantageMin: 0.0013 }).mode).toBe('maker-taker');
  });

  it('slices what the books do not carry at once, and opens more for it', () => {
    const modes = { modes: ['taker-taker', 'sliced'] } as const;
    // 4 at once or 12 in slices of 1: the same cost per unit, three times the edge of 20 bp.
    const choice = costs({ qtyFull: decimal('12') }, { ...modes });
    expect(choice).toMatchObject({ mode: 'sliced', qty: '12', slice: '1', leftMs: 72_000 });
    // Nothing is gained by slices that cost more than the edge brings.
    expect(costs({ qtyFull: decimal('12'), edgeNet: 0.0001, fleeting: 0.004 }, modes).mode).toBe(
      'taker-taker',
    );
  });

  it.each([
    ['a leg whose maker fee is not known', { long: { ...wide(long), feeRateMaker: null } }, {}, 1],
    ['a way that is not among the modes', {}, { modes: ['taker-taker', 'sliced'] as const }, 2],
    ['one slice', { qtyFull: decimal('1') }, {}, 3],
    ['more slices than allowed', {}, { slicesMax: 3 }, 3],
    ['slices below a lot', { lot: decimal('5') }, {}, 3],
  ])('rules out %s', (_why, changes, limits, index) => {
    expect(costs(changes, limits).ruledOut[index]).not.toBeNull();
  });

  it('closes on the other sides of the books', () => {
    // Selling the long leg: 1 bp of half spread below, buying the short one 10 bp above the mid.
    const lean = { ...wide(long), view: { ...wide(long).view, bid: 99.99, ask: 100.01 } };
    const { plan } = choosePlan(wish({ direction: 'close', long: lean, urgent: true }), policy);
    expect(plan.cost * 1e4).toBeCloseTo(5 + 5 + 1 + 10, 6);
  });
});
