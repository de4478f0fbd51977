import { describe, expect, it } from 'vitest';
import {
  instrument,
  leg,
  long,
  now,
  pair,
  plan,
  short,
  view,
} from '../../test/support/pair-rig.ts';
import { decimal } from '../base/decimal.ts';
import type { Pair } from '../domain/pair.ts';
import { defaultExecutionPolicy as policy } from './policy.ts';

/** 0.0008 BTC (40 USD) too much on the long leg: below the common lot of 0.001, so no break. */
function drifted(changes: Partial<Pair> = {}): Pair {
  return pair({
    phase: 'open',
    openedTsMs: 1,
    nakedSinceWallMs: null,
    long: leg('long', long, { attempts: 0, qty: decimal('0.1008') }),
    short: leg('short', short, { attempts: 0, qty: decimal('-0.1') }),
    ...changes,
  });
}

const fine = { instrument: { ...short, lotSize: decimal('0.0001'), qtyMin: decimal('0.0001') } };

describe('a drift inside the band', () => {
  it('is corrected on the leg whose lot is fine enough, by adding to the shorter one', () => {
    expect(plan(drifted(), { short: fine }).move).toBe('rebalancing');
    const step = plan(drifted({ phase: 'rebalancing' }), { short: fine });
    // bid 50,000 x (1 - 0.0015) = 49,925
    expect(step.orders).toEqual(['short sell 0.0008 @ 49925 hedge']);
  });

  it('is corrected by cutting the longer leg where that costs less', () => {
    const both = {
      long: { instrument: { ...long, lotSize: decimal('0.0001'), qtyMin: decimal('0.0001') } },
      short: { ...fine, view: { ...view(short), feeRateTaker: 0.001 } },
    };
    const step = plan(drifted({ phase: 'rebalancing' }), both);
    expect(step.orders).toEqual(['long sell 0.0008 @ 49925 hedge reduce']);
  });

  it.each([
    ['no leg can trade it', {}, {}],
    ['it was corrected a moment ago', { rebalancedWallMs: now - 1 }, { short: fine }],
    ['it is not worth an order', {}, { short: fine, policy: { rebalanceUsdMin: 41 } }],
    ['the venue is not ready', {}, { short: { ...fine, ready: false } }],
    ['it would have to be added to while nothing may be', {}, { short: fine, mayComplete: false }],
  ])('is left when %s', (_why, changes, context) => {
    expect(plan(drifted(changes), context)).toMatchObject({ move: null, orders: [] });
  });

  it('has one order, and is open again whatever came of it', () => {
    const tried = drifted({
      phase: 'rebalancing',
      short: leg('short', short, { attempts: 1, qty: decimal('-0.1') }),
    });
    expect(plan(tried, { short: fine })).toMatchObject({ orders: [], move: 'open' });
  });

  it('becomes a break when the band is passed meanwhile', () => {
    const broken = drifted({
      phase: 'rebalancing',
      long: leg('long', long, { attempts: 0, qty: decimal('0.2') }),
    });
    expect(plan(broken).move).toBe('mending');
  });

  it('of spot below what a spot order may be is corrected on the perpetual', () => {
    const spot = { ...instrument('binance', 'spot'), lotSize: decimal('0.00001') };
    const dust = drifted({ bandQty: decimal('0.001') });
    const cheap = { instrument: { ...spot, notionalMin: decimal('50') } };
    const step = plan({ ...dust, phase: 'rebalancing' }, { long: cheap, short: fine });
    expect(step.orders).toEqual(['short sell 0.0008 @ 49925 hedge']);
    expect(policy.rebalanceUsdMin).toBeLessThan(40);
  });
});
