// A delta past the hedge deadline: what every phase does about it, with every way that is left.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  instrument,
  leg,
  long,
  now,
  pair,
  plan,
  planOf,
  resting,
  short,
  view,
  working,
} from '../../test/support/pair-rig.ts';
import { decimal, formatDecimal, toNumber } from '../base/decimal.ts';
import type { OrderState } from '../domain/order-state.ts';
import type { Pair } from '../domain/pair.ts';
import { defaultExecutionPolicy as policy } from './policy.ts';

const there = instrument('bybit');
const lateSince = now - policy.hedgeDeadlineMs - 1;
type Quantities = { readonly longQty?: string; readonly shortQty?: string };

const late = (phase: Pair['phase'], changes: Partial<Pair> & Quantities = {}) =>
  pair({ phase, longQty: '0.1', openedTsMs: 1, nakedSinceWallMs: lateSince, ...changes });

/** Sent two seconds ago, and nobody says what became of it. */
function unanswered(side: 'buy' | 'sell', qty = '0.1', filled = '0'): OrderState {
  const known = working(side, 'unknown', filled);
  return { ...known, order: { ...known.order, qty: decimal(qty) }, sentWallMs: now - 2_000 };
}

describe('a delta past the hedge deadline with an order unanswered', () => {
  // The short leg's sell of 0.1 is unknown: the delta is 0.1 or 0, half of the way is 0.05.
  const other = { short: { working: unanswered('sell') } };
  const cutHalf = ['long sell 0.05 @ 49850 unwind reduce'];

  it.each([
    ['mending', late('mending')],
    ['rebalancing', late('rebalancing')],
    ['closing, both at once', late('closing')],
    ['closing, a leg resting', late('closing', { plan: planOf('maker-taker', maker('long')) })],
    ['closing, the other leg resting', late('closing', { plan: planOf('maker-taker', maker()) })],
    ['closing in slices', late('closing', { plan: planOf('sliced', slice) })],
  ])('is cut by half of what is open on the leg that is free: %s', (_phase, subject) => {
    expect(plan(subject, other)).toMatchObject({ orders: cutHalf, move: null });
  });

  it('is cut so while rolling, too', () => {
    const subject = late('rolling', { incoming: leg('short', there), plan: planOf('sliced') });
    const third = { spec: there, view: view(there), working: unanswered('sell') };
    expect(plan(subject, { incoming: third }).orders).toEqual(cutHalf);
  });

  it('is cut where the roll goes to while the venue that it leaves refuses orders', () => {
    const incoming = leg('long', there, { qty: decimal('0.05') });
    const refused = leg('long', long, { qty: decimal('0.1'), retryAtWallMs: now + 2_000 });
    const subject = late('rolling', { incoming, long: refused, shortQty: '-0.1' });
    const third = { spec: there, view: view(there), heldQty: decimal('0.05') };
    const step = plan({ ...subject, plan: planOf('sliced') }, { incoming: third });
    expect(step.orders).toEqual(['incoming sell 0.05 @ 49850 unwind reduce']);
  });

  it.each([
    ['both at once', planOf('taker-taker')],
    ['a leg resting', planOf('maker-taker', maker('long'))],
    ['in slices', planOf('sliced', slice)],
  ])('sends an opening to be mended: %s', (_way, how) => {
    expect(plan(late('opening', { plan: how, openedTsMs: null }), other).move).toBe('mending');
  });

  it('is left to unwinding, which closes every free leg at once', () => {
    expect(plan(late('unwinding'), other).orders).toEqual(['long sell 0.1 @ 49850 unwind reduce']);
  });

  it('is not bounded before the deadline, nor while the youngest order may be answered', () => {
    const early = { nakedSinceWallMs: now - policy.hedgeDeadlineMs + 100 };
    expect(plan(late('mending', early), other).orders).toEqual([]);
    const sent = { ...unanswered('sell'), status: 'pending', sentWallMs: now - 50 } as const;
    expect(plan(late('mending'), { short: { working: sent } }).orders).toEqual([]);
  });

  it('cancels what rests first, and counts it only when that is unanswered as well', () => {
    const alive = { short: { working: resting('sell', { limit: '50001' }) } };
    expect(plan(late('mending'), alive)).toMatchObject({ cancels: ['resting'], orders: [] });
    const order = resting('sell', { limit: '50001', status: 'cancel-pending', agoMs: 3_000 });
    expect(plan(late('mending'), { short: { working: order } }).orders).toEqual(cutHalf);
  });

  it('is added to on the other leg when the longer one is the unanswered one', () => {
    // Long 0.1, its own sell of 0.1 unknown: short 0.05 more, 50,000 x (1 - 0.0015 x 2) = 49,850.
    const step = plan(late('mending'), { long: { working: unanswered('sell') } });
    expect(step.orders).toEqual(['short sell 0.05 @ 49850 hedge']);
  });

  it('does not trade again once the worst case is the same on both sides', () => {
    // Confirmed 0.05; 0.1 less is possible: between -0.05 and 0.05.
    expect(plan(late('mending', { longQty: '0.05' }), other).orders).toEqual([]);
  });

  it('is asked for at another venue when no leg is free', () => {
    // Long 0.1 with 0.05 of its own being sold, the hedge of 0.1 unknown: between -0.05 and 0.1.
    const step = plan(late('mending'), { long: { working: unanswered('sell', '0.05') }, ...other });
    expect(step).toMatchObject({ orders: [], elsewhere: 'short 0.025' });
  });
});

describe('a delta past the hedge deadline that no venue lets be cut', () => {
  const down = { accepts: false, ready: false, view: null };

  it.each(['mending', 'closing'] as const)(
    'is hedged on the other leg, %s: all of it, for nothing is unanswered',
    (phase) => {
      const step = plan(late(phase), { long: down });
      expect(step.orders).toEqual(['short sell 0.1 @ 49850 hedge']);
    },
  );

  it('opens the closed leg of a closing pair again', () => {
    const left = late('closing', { longQty: '0', shortQty: '-0.1' });
    // 50,001 x (1 + 0.0015 x 2) = 50,151.003, down to the tick
    expect(plan(left, { short: down }).orders).toEqual(['long buy 0.1 @ 50151 hedge']);
  });

  it('is hedged at a third venue when the other leg cannot act either', () => {
    expect(plan(late('mending'), { long: down, short: down }).elsewhere).toBe('short 0.1');
    const refused = leg('short', short, { lastRejectCode: 'funds' });
    expect(plan(late('mending', { short: refused }), { long: down }).elsewhere).toBe('short 0.1');
  });

  it('has no fourth venue: a roll works with the legs that it has', () => {
    const subject = late('rolling', { incoming: leg('short', there), plan: planOf('sliced') });
    const third = { spec: there, ...down };
    const step = plan(subject, { long: down, short: down, incoming: third });
    expect(step).toMatchObject({ orders: [], elsewhere: null });
  });

  it('is not hedged while nothing may be added', () => {
    const step = plan(late('mending'), { long: down, mayHedge: false });
    expect(step).toMatchObject({ orders: [], elsewhere: null, wakes: true });
  });

  it('may be hedged in a wind-down, which completes nothing', () => {
    const step = plan(late('closing'), { long: down, mayComplete: false, mayHedge: true });
    expect(step.orders).toEqual(['short sell 0.1 @ 49850 hedge']);
  });
});

describe('a closing pair', () => {
  it('does not begin to close while the venue of a leg takes no orders', () => {
    const held = pair({ phase: 'closing', longQty: '0.1', shortQty: '-0.1', openedTsMs: 1 });
    expect(plan(held, { short: { accepts: false } }).orders).toEqual([]);
  });

  it('cuts no more than the excess while the other leg cannot follow', () => {
    const held = pair({ phase: 'closing', longQty: '0.1', shortQty: '-0.06', openedTsMs: 1 });
    const step = plan(held, { short: { accepts: false } });
    expect(step.orders).toEqual(['long sell 0.04 @ 49850 unwind reduce']);
    // The leg that is ahead is not closed any further.
    const behind = pair({ phase: 'closing', longQty: '0.06', shortQty: '-0.1', openedTsMs: 1 });
    expect(plan(behind, { short: { accepts: false } }).orders).toEqual([]);
  });
});

describe('the hedge of a range', () => {
  it('never makes the worst case worse, and leaves it no larger than half of the range', () => {
    const lots = fc.integer({ min: 0, max: 200 });
    fc.assert(
      fc.property(lots, lots, lots, fc.boolean(), (held, wanted, filled, isLongFree) => {
        const heldQty = lotsOf(held);
        // The long leg's own order sells no more than is held.
        const owed = isLongFree ? wanted : Math.min(wanted, held);
        const left = Math.max(0, owed - filled);
        const subject = late('mending', { longQty: heldQty, shortQty: '0' });
        const order = unanswered('sell', lotsOf(owed), lotsOf(Math.min(owed, filled)));
        const side = isLongFree ? { short: { working: order } } : { long: { working: order } };
        const { orders } = plan(subject, side);
        const [low, high] = [held - left, held];
        const [, direction, qty = '0'] = (orders[0] ?? '').split(' ');
        const traded = Number(qty) * 1_000 * (direction === 'buy' ? 1 : -1);
        const worst = Math.max(Math.abs(high + traded), Math.abs(low + traded));
        expect(worst).toBeLessThanOrEqual(Math.max(Math.abs(high), Math.abs(low)) + 1e-6);
        const isNaked = held >= 1 && owed > filled;
        if (isNaked) expect(worst).toBeLessThanOrEqual(Math.ceil((high - low) / 2) + 1);
      }),
    );
  });
});

function lotsOf(count: number): string {
  return formatDecimal(decimal((count / 1_000).toFixed(3)));
}

function maker(makerLeg: 'long' | 'short' = 'short') {
  return { makerLeg };
}

const slice = { sliceQty: decimal('0.05') };

it('the deadline leaves half of the budget to act in', () => {
  expect(policy.hedgeDeadlineMs).toBeLessThanOrEqual(policy.nakedDeltaMsMax / 2);
  expect(toNumber(long.lotSize ?? decimal('1'))).toBe(0.001);
});
