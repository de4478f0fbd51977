import { describe, expect, it } from 'vitest';
import {
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
import { decimal } from '../base/decimal.ts';
import type { Pair } from '../domain/pair.ts';
import { defaultExecutionPolicy as policy } from './policy.ts';

const sliced = planOf('sliced', { sliceQty: decimal('0.03'), basisMin: -0.001 });

function sliding(changes: Partial<Pair> & { longQty?: string; shortQty?: string } = {}): Pair {
  const { longQty = '0', shortQty = '0' } = changes;
  return pair({
    plan: sliced,
    long: leg('long', long, { attempts: 0, qty: decimal(longQty) }),
    short: leg('short', short, { attempts: 0, qty: decimal(shortQty) }),
    ...changes,
  });
}

describe('an entry in slices', () => {
  it('sends both legs of one slice at today’s prices', () => {
    expect(plan(sliding()).orders).toEqual([
      'long buy 0.03 @ 50076 entry',
      'short sell 0.03 @ 49925 entry',
    ]);
  });

  it('sends no slice before the last one has ended and is balanced', () => {
    const open = { short: { working: working('sell', 'open') } };
    expect(plan(sliding({ longQty: '0.03' }), open)).toMatchObject({ orders: [], move: null });
    expect(plan(sliding({ longQty: '0.03', shortQty: '-0.01' })).orders).toEqual([
      'short sell 0.02 @ 49900 hedge',
    ]);
  });

  it('waits for its time', () => {
    const early = sliding({
      longQty: '0.03',
      shortQty: '-0.03',
      long: leg('long', long, { attempts: 0, qty: decimal('0.03'), retryAtWallMs: now + 1 }),
    });
    expect(plan(early)).toMatchObject({ orders: [], move: null, wakes: true });
  });

  it('takes no more than a share of what both books show', () => {
    // 0.5 x 0.02 x 50,000 shown = 0.01
    const thin = { short: { view: { ...view(short), bidQty: 0.02 } } };
    expect(plan(sliding(), thin).orders).toEqual([
      'long buy 0.01 @ 50076 entry',
      'short sell 0.01 @ 49925 entry',
    ]);
  });

  it('lets a rest that is too small for a slice go with the last one', () => {
    const nearly = sliding({ targetQty: decimal('0.0605'), longQty: '0.03', shortQty: '-0.03' });
    expect(plan(nearly).orders[0]).toBe('long buy 0.03 @ 50076 entry');
    const done = sliding({ targetQty: decimal('0.0305'), longQty: '0.03', shortQty: '-0.03' });
    expect(plan(done).move).toBe('open');
  });

  it.each([
    ['the deadline has passed', { plan: { ...sliced, deadlineWallMs: now } }, {}],
    ['nothing may be added', {}, { mayComplete: false }],
    [
      'too many slices in a row found nothing',
      { long: leg('long', long, { attempts: policy.legAttemptsMax, qty: decimal('0.03') }) },
      {},
    ],
  ])('keeps what it has when %s', (_why, changes, context) => {
    const part = sliding({ longQty: '0.03', shortQty: '-0.03', ...changes });
    expect(plan(part, context).move).toBe('open');
  });

  it('mends a slice that cannot be completed', () => {
    const broken = sliding({ longQty: '0.03' });
    const gone = { short: { view: view(short, 49_000, 49_001) } };
    expect(plan(broken, gone).move).toBe('mending');
  });

  it('sends no slice beside a settlement, nor when the edge is gone', () => {
    const funding = { ratePerInterval: 0.0001, intervalMs: 28_800_000, settlesAtMs: 0 };
    const settling = { view: { ...view(short), funding } };
    expect(plan(sliding(), { short: settling }).orders).toEqual([]);
    expect(plan(sliding(), { short: { view: view(short, 49_900, 49_901) } }).orders).toEqual([]);
  });
});

describe('an exit in slices', () => {
  const leaving = (changes: Parameters<typeof sliding>[0] = {}) =>
    sliding({ phase: 'closing', openedTsMs: 1, longQty: '0.1', shortQty: '-0.1', ...changes });

  it('reduces both legs by one slice, and the longer one alone when they differ', () => {
    expect(plan(leaving()).orders).toEqual([
      'long sell 0.03 @ 49925 exit reduce',
      'short buy 0.03 @ 50076 exit reduce',
    ]);
    expect(plan(leaving({ longQty: '0.07' })).orders).toEqual([
      'short buy 0.03 @ 50076 exit reduce',
    ]);
  });

  it('is taken at once at the deadline, or when the system stops', () => {
    const late = leaving({ plan: { ...sliced, deadlineWallMs: now } });
    expect(plan(late).replanned).toContain('taker-taker');
    expect(plan(leaving(), { mayComplete: false }).replanned).toContain('taker-taker');
  });

  it('ends when nothing is left', () => {
    expect(plan(leaving({ longQty: '0', shortQty: '0' })).move).toBe('closed');
  });
});
