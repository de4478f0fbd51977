import { describe, expect, it } from 'vitest';
import {
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
import { decimal } from '../base/decimal.ts';
import type { Leg, Pair } from '../domain/pair.ts';
import { defaultExecutionPolicy as policy } from './policy.ts';

const maker = planOf('maker-taker', { makerLeg: 'long', basisMin: -0.001 });
const fresh: Partial<Leg> = { attempts: 0 };

/** Long rests at binance (50,000 bid), short is taken at okx. */
function opening(changes: Partial<Pair> & { longQty?: string; shortQty?: string } = {}): Pair {
  const { longQty = '0', shortQty = '0' } = changes;
  return pair({
    plan: maker,
    long: leg('long', long, { ...fresh, qty: decimal(longQty) }),
    short: leg('short', short, { ...fresh, qty: decimal(shortQty) }),
    ...changes,
  });
}

function closing(changes: Partial<Pair> & { longQty?: string; shortQty?: string } = {}): Pair {
  return opening({ phase: 'closing', longQty: '0.1', shortQty: '-0.1', openedTsMs: 1, ...changes });
}

describe('a leg that rests to open', () => {
  it('is posted at the touch of its own side, for what is missing', () => {
    expect(plan(opening()).orders).toEqual(['long buy 0.1 @ 50000 entry resting']);
    const half = opening({ longQty: '0.04', shortQty: '-0.04' });
    expect(plan(half).orders).toEqual(['long buy 0.06 @ 50000 entry resting']);
  });

  it('is followed at once by the other leg, to what it filled, and goes on resting', () => {
    const part = opening({ longQty: '0.04' });
    const step = plan(part, {
      long: { working: resting('buy', { limit: '50000', filled: '0.04' }) },
    });
    // touch 50,000 x (1 - 0.002) = 49,900
    expect(step.orders).toEqual(['short sell 0.04 @ 49900 hedge']);
    expect(step.cancels).toEqual([]);
  });

  it('is cancelled when the other leg has not followed in time', () => {
    const slow = opening({ longQty: '0.04', nakedSinceWallMs: now - policy.followMsMax - 1 });
    const step = plan(slow, {
      long: { working: resting('buy', { limit: '50000', filled: '0.04' }) },
      short: { working: working('sell', 'unknown') },
    });
    expect(step).toMatchObject({ orders: [], cancels: ['resting'] });
  });

  it('is cancelled when the other leg cannot follow, and the pair is mended once it is', () => {
    const part = opening({ longQty: '0.04' });
    const gone = { short: { view: view(short, 49_000, 49_001) } };
    const open = resting('buy', { limit: '50000', filled: '0.04' });
    expect(plan(part, { ...gone, long: { working: open } })).toMatchObject({
      orders: [],
      cancels: ['resting'],
      move: null,
    });
    expect(plan(part, gone).move).toBe('mending');
  });

  it('waits for a cancel that is on its way before anything else', () => {
    const step = plan(opening(), {
      long: { working: resting('buy', { limit: '50000', status: 'cancel-pending' }) },
    });
    expect(step).toMatchObject({ orders: [], cancels: [], move: null, wakes: true });
  });

  it.each([
    ['behind the touch for long enough', '49990', policy.makerRestMsMin, ['resting']],
    ['behind the touch, but only just posted', '49990', policy.makerRestMsMin - 1, []],
    ['at the touch', '50000', policy.makerRestMsMin, []],
    ['behind by less than the slack', '49996', policy.makerRestMsMin, []],
  ])('%s: re-pegged or left', (_why, limit, agoMs, cancels) => {
    const step = plan(opening(), { long: { working: resting('buy', { limit, agoMs }) } });
    expect(step.cancels).toEqual(cancels);
  });

  it('is not re-pegged any more when its posts are used up', () => {
    const used = opening({ long: leg('long', long, { attempts: policy.makerPostsMax }) });
    const old = resting('buy', { limit: '49000', agoMs: 60_000 });
    expect(plan(used, { long: { working: old } }).cancels).toEqual([]);
    expect(plan(used).replanned).toBe('taker-taker: maker-taker ended: 8 posts');
  });

  it('falls back to taking both legs at the deadline', () => {
    const late = opening({ plan: { ...maker, deadlineWallMs: now } });
    const open = resting('buy', { limit: '50000' });
    expect(plan(late, { long: { working: open } }).cancels).toEqual(['resting']);
    expect(plan(late).replanned).toBe('taker-taker: maker-taker ended: not filled by the deadline');
  });

  it.each([
    ['nothing may be added', { mayComplete: false }],
    ['a venue is not ready', { short: { ready: false } }],
    ['a quote is missing', { short: { view: null } }],
    ['the edge is gone', { short: { view: view(short, 49_900, 49_901) } }],
  ])('is cancelled and not posted when %s', (_why, changes) => {
    const open = resting('buy', { limit: '50000' });
    const step = plan(opening(), { ...changes, long: { working: open } });
    expect(step.cancels).toEqual(['resting']);
    expect(plan(opening(), changes).orders).toEqual([]);
  });

  it('is cancelled beside a settlement and posted again after it', () => {
    const funding = { ratePerInterval: 0.0001, intervalMs: 28_800_000, settlesAtMs: 100_000 };
    const settling = { view: { ...view(short), funding } };
    const open = { working: resting('buy', { limit: '50000' }) };
    const guardMs = policy.settlementGuardMs;
    for (const tsMs of [100_001 - guardMs, 100_000, 99_999 + guardMs]) {
      expect(plan(opening(), { tsMs, short: settling, long: open }).cancels).toEqual(['resting']);
      expect(plan(opening(), { tsMs, short: settling }).orders).toEqual([]);
    }
    for (const tsMs of [100_000 - guardMs, 100_000 + guardMs]) {
      expect(plan(opening(), { tsMs, short: settling }).orders).toHaveLength(1);
    }
  });

  it('follows a fill beside a settlement, because a hedge never waits', () => {
    const funding = { ratePerInterval: 0.0001, intervalMs: 28_800_000, settlesAtMs: 0 };
    const settling = { view: { ...view(short), funding } };
    expect(plan(opening({ longQty: '0.04' }), { short: settling }).orders).toHaveLength(1);
  });

  it('ends with what it has when nothing may be added', () => {
    const stopped = { mayComplete: false };
    expect(plan(opening(), stopped).move).toBe('closed');
    expect(plan(opening({ longQty: '0.04', shortQty: '-0.04' }), stopped).move).toBe('open');
  });
});

describe('a leg that rests to close', () => {
  it('is offered reduce-only, and the other leg follows what it sold', () => {
    expect(plan(closing()).orders).toEqual(['long sell 0.1 @ 50001 exit reduce resting']);
    const part = closing({ longQty: '0.06' });
    const open = resting('sell', { limit: '50001', filled: '0.04' });
    // ask 50,001 x (1 + 0.0015) = 50,076.0015, on the tick
    expect(plan(part, { long: { working: open } }).orders).toEqual([
      'short buy 0.04 @ 50076 exit reduce',
    ]);
  });

  it('is taken when nothing may rest, and ends when both legs are out', () => {
    expect(plan(closing(), { mayComplete: false }).replanned).toContain('nothing may rest');
    expect(plan(closing({ longQty: '0', shortQty: '0' })).move).toBe('closed');
  });

  it('lets no order rest in a hurry', () => {
    const open = { working: resting('sell', { limit: '50001' }) };
    expect(plan(closing(), { phase: 'unwinding', long: open }).cancels).toEqual(['resting']);
  });
});

describe('a plan that another one fell back to', () => {
  const taking = { ...planOf('taker-taker', { from: 'maker-taker', basisMin: -0.001 }) };

  it('takes both legs for what is missing, once', () => {
    const half = opening({ plan: taking, longQty: '0.04', shortQty: '-0.04' });
    expect(plan(half).orders).toEqual([
      'long buy 0.06 @ 50076 entry',
      'short sell 0.06 @ 49925 entry',
    ]);
    const tried = { ...half, long: leg('long', long, { attempts: 1, qty: decimal('0.04') }) };
    expect(plan(tried).move).toBe('open');
  });

  it('takes nothing when the edge is gone', () => {
    const none = opening({ plan: taking });
    expect(plan(none, { short: { view: view(short, 49_900, 49_901) } }).move).toBe('closed');
  });
});
