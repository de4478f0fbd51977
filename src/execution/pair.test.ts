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
  working,
} from '../../test/support/pair-rig.ts';
import { decimal, zero } from '../base/decimal.ts';
import type { Pair } from '../domain/pair.ts';
import { defaultExecutionPolicy as policy } from './policy.ts';

describe('opening', () => {
  it('waits while an order is unsettled', () => {
    const step = plan(pair({ longQty: '0.1' }), { short: { working: working('sell', 'pending') } });
    expect(step).toMatchObject({ move: null, orders: [], wakes: true });
  });

  it('waits for the fills of an order that the venue already calls filled', () => {
    const missing = { ...working('sell', 'filled'), reportedFilledQty: decimal('0.1') };
    expect(plan(pair({ longQty: '0.1' }), { short: { working: missing } }).move).toBeNull();
  });

  it.each([
    ['0.1', '-0.1', 'open'],
    ['0.05', '-0.05', 'open'],
    ['0', '0', 'closed'],
    ['0.1', '0', 'mending'],
    ['0.1', '-0.04', 'mending'],
  ])('with fills %s and %s moves to %s', (longQty, shortQty, phase) => {
    expect(plan(pair({ longQty, shortQty })).move).toBe(phase);
  });

  it('calls a delta below the common lot flat: dust of a fee taken in base', () => {
    expect(plan(pair({ longQty: '0.1009', shortQty: '-0.1' })).move).toBe('open');
    expect(plan(pair({ longQty: '0.101', shortQty: '-0.1' })).move).toBe('mending');
  });

  it('mends past the hedge deadline although an order is still unknown', () => {
    const late = pair({ longQty: '0.1', nakedSinceWallMs: now - policy.hedgeDeadlineMs - 1 });
    expect(plan(late, { short: { working: working('sell', 'unknown') } }).move).toBe('mending');
  });
});

describe('mending', () => {
  const broken = (changes: Partial<Pair> = {}) =>
    pair({ phase: 'mending', longQty: '0.1', shortQty: '-0.04', ...changes });

  it('completes the lagging leg inside the plan', () => {
    // bound 49,950 x (1 - 0.002) = 49,850.1
    expect(plan(broken()).orders).toEqual(['short sell 0.06 @ 49850.1 hedge']);
  });

  it.each([
    ['the price ran away', { short: { view: view(short, 49_800, 49_801) } }],
    ['the system may not add risk', { mayComplete: false }],
    ['the venue does not take orders', { short: { accepts: false } }],
    ['there is no fresh quote', { short: { view: null } }],
  ])('unwinds the leading leg when %s', (_why, changes) => {
    // 50,000 x (1 - 0.0015 x 2) = 49,850
    expect(plan(broken(), changes).orders).toEqual(['long sell 0.06 @ 49850 unwind reduce']);
  });

  it.each([
    ['it was tried too often', { attempts: policy.legAttemptsMax }],
    ['the venue refuses for lack of funds', { lastRejectCode: 'funds' }],
  ])('unwinds the leading leg when %s', (_why, lagging) => {
    const subject = broken({ short: leg('short', short, { qty: decimal('-0.04'), ...lagging }) });
    expect(plan(subject).orders).toEqual(['long sell 0.06 @ 49850 unwind reduce']);
  });

  it('unwinds when half of the naked budget is gone', () => {
    const late = broken({ nakedSinceWallMs: now - policy.nakedDeltaMsMax / 2 - 1 });
    expect(plan(late).orders).toEqual(['long sell 0.06 @ 49850 unwind reduce']);
  });

  it('completes at any hour and price when the leading venue takes no orders', () => {
    const late = broken({
      nakedSinceWallMs: now - policy.nakedDeltaMsMax,
      short: leg('short', short, { qty: decimal('-0.04'), attempts: policy.legAttemptsMax }),
    });
    const far = { short: { view: view(short, 49_000, 49_001) }, long: { accepts: false } };
    // 49,000 x (1 - 0.002) = 48,902
    expect(plan(late, far).orders).toEqual(['short sell 0.06 @ 48902 hedge']);
    const refused = leg('short', short, { qty: decimal('-0.04'), lastRejectCode: 'funds' });
    expect(plan({ ...late, short: refused }, far).orders).toEqual([]);
  });

  it('never completes a pair that was open: the other leg follows a forced fill', () => {
    expect(plan(broken({ openedTsMs: 1 })).orders).toEqual([
      'long sell 0.06 @ 49850 unwind reduce',
    ]);
  });

  it('trades half of the uncertain range while an order stays unknown past the deadline', () => {
    const late = pair({
      phase: 'mending',
      longQty: '0.1',
      nakedSinceWallMs: now - policy.hedgeDeadlineMs - 1,
    });
    // short leg unknown: delta is 0.1 or 0; selling 0.05 leaves |delta| 0.05 in both cases
    const step = plan(late, { short: { working: working('sell', 'unknown') } });
    expect(step.orders).toEqual(['long sell 0.05 @ 49850 unwind reduce']);
  });

  it('goes to the market when there has been no price for half of the budget', () => {
    const late = broken({ nakedSinceWallMs: now - policy.nakedDeltaMsMax / 2 - 1 });
    const step = plan(late, { long: { view: null } });
    expect(step.orders).toEqual(['long sell 0.06 @ market unwind reduce']);
  });

  it('waits out a back-off, and says so when nothing can be sold', () => {
    const resting = broken({
      mayComplete: false,
      long: leg('long', long, { qty: decimal('0.1'), retryAtWallMs: now + 50 }),
    } as Partial<Pair>);
    expect(plan(resting, { mayComplete: false })).toMatchObject({ orders: [], wakes: true });
    const spot = instrument('binance', 'spot');
    const tiny = pair({ phase: 'mending', longQty: '0.001', nakedSinceWallMs: now - 1 });
    const cheap = { instrument: { ...spot, notionalMin: decimal('100') } };
    const stuck = plan(tiny, { mayComplete: false, long: cheap });
    expect(stuck.stuck).toContain('cannot be reduced');
  });

  it.each([
    ['0.1', '-0.1', 'open'],
    ['0', '0', 'closed'],
  ])('balanced at %s and %s it moves to %s', (longQty, shortQty, phase) => {
    expect(plan(pair({ phase: 'mending', longQty, shortQty })).move).toBe(phase);
  });
});

describe('open', () => {
  it('rests while balanced and mends when a leg was reduced by somebody else', () => {
    const held = pair({ phase: 'open', longQty: '0.1', shortQty: '-0.1', openedTsMs: 1 });
    expect(plan(held)).toMatchObject({ move: null, orders: [], wakes: false });
    const cut = pair({ phase: 'open', longQty: '0.1', shortQty: '-0.06', openedTsMs: 1 });
    expect(plan(cut).move).toBe('mending');
  });
});

describe('closing', () => {
  const held = (changes: Partial<Pair> & { longQty?: string; shortQty?: string } = {}) =>
    pair({ phase: 'closing', longQty: '0.1', shortQty: '-0.1', openedTsMs: 1, ...changes });

  it('reduces both legs with immediate orders', () => {
    expect(plan(held()).orders).toEqual([
      'long sell 0.1 @ 49850 exit reduce',
      'short buy 0.1 @ 50151 exit reduce',
    ]);
  });

  it('waits for both quotes while balanced, and for none once one leg is out', () => {
    expect(plan(held(), { short: { view: null } }).orders).toEqual([]);
    const half = held({ longQty: '0', shortQty: '-0.1' });
    expect(plan(half, { long: { view: null } }).orders).toEqual([
      'short buy 0.1 @ 50151 exit reduce',
    ]);
  });

  it('widens with every attempt up to its limit', () => {
    const tried = held({ long: leg('long', long, { qty: decimal('0.1'), attempts: 9 }) });
    expect(plan(tried).orders[0]).toBe('long sell 0.1 @ 49000 exit reduce');
  });

  it('does not wait for quotes when unwinding', () => {
    const step = plan(held({ phase: 'unwinding' }), { short: { view: null } });
    expect(step.orders).toEqual(['long sell 0.1 @ 49850 unwind reduce']);
  });

  it('goes to the market when unwinding finds no quote for half of the budget', () => {
    const sinceMs = now - policy.nakedDeltaMsMax / 2 - 1;
    const late = held({ phase: 'unwinding', phaseSinceWallMs: sinceMs });
    const blind = { long: { view: null }, short: { view: null } };
    expect(plan(late, blind).orders).toEqual([
      'long sell 0.1 @ market unwind reduce',
      'short buy 0.1 @ market unwind reduce',
    ]);
    expect(plan(held({ phase: 'unwinding' }), blind).orders).toEqual([]);
    // Only just moved there by this decision: the time is that of the phase before.
    const moved = held({ phase: 'open', phaseSinceWallMs: sinceMs });
    expect(plan(moved, { ...blind, phase: 'unwinding' }).orders).toEqual([]);
  });

  it('does not take a leg for dust when its lot is not known', () => {
    const unlisted = { instrument: { ...long, lotSize: null } };
    expect(plan(held({ shortQty: '0' }), { long: unlisted })).toMatchObject({ move: null });
  });

  it('leaves dust that no order can sell and is closed', () => {
    const dust = held({ longQty: '0.0004', shortQty: '0' });
    expect(plan(dust).move).toBe('closed');
  });
});

describe('a position that somebody traded against by hand', () => {
  const hand = { heldQty: decimal('0.04') };

  it('is reduced by what the account holds, not by what the leg says', () => {
    const step = plan(pair({ phase: 'unwinding', longQty: '0.1', shortQty: '-0.1' }), {
      long: hand,
    });
    expect(step.orders[0]).toMatch(/^long sell 0\.04 /);
    expect(step.orders[1]).toMatch(/^short buy 0\.1 /);
  });

  it('lets the pair close when nothing of the leg is left at the venue', () => {
    const step = plan(pair({ phase: 'unwinding', longQty: '0.1' }), { long: { heldQty: zero } });
    expect(step.move).toBe('closed');
  });

  it('closes the other leg when the excess is offset already', () => {
    const step = plan(pair({ phase: 'mending', longQty: '0.1', openedTsMs: 1 }), {
      long: { heldQty: decimal('-0.1') },
    });
    expect(step.move).toBe('closing');
  });
});
