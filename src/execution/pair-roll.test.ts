import { describe, expect, it } from 'vitest';
import {
  instrument,
  leg,
  long,
  now,
  pair,
  plan,
  planOf,
  short,
  view,
  working,
} from '../../test/support/pair-rig.ts';
import { decimal, zero } from '../base/decimal.ts';
import type { Pair } from '../domain/pair.ts';
import { takerPlan } from '../domain/plan.ts';

const there = instrument('bybit');
const rollPlan = planOf('sliced', { sliceQty: decimal('0.05'), basisMin: -0.001 });

/** Short moves from okx to bybit; long stays at binance. */
function rolling(
  changes: Partial<Pair> & { longQty?: string; shortQty?: string; newQty?: string } = {},
): Pair {
  const { longQty = '0.1', shortQty = '-0.1', newQty = '0', ...rest } = changes;
  return pair({
    phase: 'rolling',
    openedTsMs: 1,
    plan: rollPlan,
    long: leg('long', long, { attempts: 0, qty: decimal(longQty) }),
    short: leg('short', short, { attempts: 0, qty: decimal(shortQty) }),
    incoming: leg('short', there, { attempts: 0, qty: decimal(newQty) }),
    ...rest,
  });
}

type Changes = Parameters<typeof plan>[1];
const look = (subject: Pair, changes: Changes = {}) =>
  plan(subject, { incoming: { spec: there, view: view(there) }, ...changes });

describe('a leg that moves to another venue', () => {
  it('is swapped in parts: the new one opened and the old one cut together', () => {
    expect(look(rolling()).orders).toEqual([
      'incoming sell 0.05 @ 49925 roll',
      'short buy 0.05 @ 50076 exit reduce',
    ]);
  });

  it('never takes a part that could double the side, also when the pair has shrunk', () => {
    const shrunk = rolling({ longQty: '0.05', shortQty: '-0.05' });
    // Half of what is held: 0.025.
    expect(look(shrunk).orders[0]).toBe('incoming sell 0.025 @ 49925 roll');
  });

  it('is open with the new leg when the old one is empty', () => {
    expect(look(rolling({ shortQty: '0', newQty: '-0.1' }))).toMatchObject({
      orders: [],
      move: 'open',
    });
  });

  it('waits for both orders of a part', () => {
    const open = { short: { working: working('buy', 'open') } };
    expect(look(rolling({ newQty: '-0.05' }), open)).toMatchObject({ orders: [], move: null });
  });

  it('cuts the old leg when only the new one filled', () => {
    expect(look(rolling({ newQty: '-0.05' })).orders).toEqual([
      'short buy 0.05 @ 50076 unwind reduce',
    ]);
  });

  it('completes the new leg when only the old one was cut, and else cuts the held one', () => {
    const behind = rolling({ shortQty: '-0.05' });
    expect(look(behind).orders).toEqual(['incoming sell 0.05 @ 49900 hedge']);
    expect(look(behind, { mayComplete: false }).orders).toEqual([
      'long sell 0.05 @ 49925 unwind reduce',
    ]);
  });

  it.each([
    [
      'the swap costs more than it is worth',
      { incoming: { spec: there, view: view(there, 49_900, 49_901) } },
    ],
    ['the new venue is not ready', { incoming: { spec: there, view: view(there), ready: false } }],
    ['a quote is missing', { short: { view: null } }],
  ])('waits while %s', (_why, changes) => {
    expect(look(rolling(), changes)).toMatchObject({ orders: [], move: null, wakes: true });
  });

  it('waits beside a settlement', () => {
    const funding = { ratePerInterval: 0.0001, intervalMs: 28_800_000, settlesAtMs: 0 };
    const settling = { incoming: { spec: there, view: { ...view(there), funding } } };
    expect(look(rolling(), settling).orders).toEqual([]);
  });

  it('is as it was when nothing had moved by the deadline', () => {
    const late = { plan: { ...rollPlan, deadlineWallMs: now } };
    expect(look(rolling(late)).move).toBe('open');
  });

  it('given up half way it closes the rest of the old leg with as much of the held one', () => {
    const late = { plan: { ...rollPlan, deadlineWallMs: now } };
    const half = rolling({ shortQty: '-0.05', newQty: '-0.05', ...late });
    expect(look(half).orders).toEqual([
      'short buy 0.05 @ 50076 exit reduce',
      'long sell 0.05 @ 49925 exit reduce',
    ]);
  });

  it('closes all three legs in a hurry', () => {
    const half = rolling({ shortQty: '-0.05', newQty: '-0.05' });
    expect(look(half, { phase: 'unwinding' }).orders).toHaveLength(3);
  });
});

describe('a leg that is hedged at a third venue', () => {
  const hedging = (changes: Parameters<typeof rolling>[0] = {}) =>
    rolling({ plan: { ...takerPlan('hedged elsewhere'), deadlineWallMs: null }, ...changes });

  it('is built up there to what the held leg has', () => {
    const short = hedging({ shortQty: '-0.06', nakedSinceWallMs: now - 100 });
    // 49,950 x (1 - 0.002) = 49,850.1
    expect(look(short).orders).toEqual(['incoming sell 0.04 @ 49850.1 hedge']);
  });

  it('moves the rest of the old leg there, too, once that can be done', () => {
    const hedged = hedging({ shortQty: '-0.06', newQty: '-0.04' });
    expect(look(hedged, { short: { accepts: false } }).orders).toEqual([]);
    expect(look(hedged).orders).toEqual([
      'incoming sell 0.05 @ 49925 roll',
      'short buy 0.05 @ 50076 exit reduce',
    ]);
  });

  it('moves nothing when the hedge was not needed after all', () => {
    expect(look(hedging())).toMatchObject({ orders: [], move: 'open' });
  });

  it('closes when somebody has traded against the leg that is too long', () => {
    const gone = hedging({ longQty: '0', shortQty: '-0.1', nakedSinceWallMs: now - 100 });
    expect(look(gone, { short: { heldQty: zero } }).move).toBe('closing');
    const held = hedging({ shortQty: '0', nakedSinceWallMs: now - 100 });
    const refused = { incoming: { spec: there, view: null, ready: false, accepts: false } };
    expect(look(held, { ...refused, long: { heldQty: zero } }).move).toBe('closing');
  });
});
