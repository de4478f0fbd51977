import { describe, expect, it } from 'vitest';
import { type Decimal, decimal, formatDecimal, zero } from '../base/decimal.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { ApprovedOrder, OrderStatus } from '../domain/order.ts';
import type { OrderState } from '../domain/order-state.ts';
import type { Leg, Pair } from '../domain/pair.ts';
import type { EdgeBreakdown, LegView } from '../domain/view.ts';
import { type PairContext, planPair } from './pair.ts';
import { defaultExecutionPolicy as policy } from './policy.ts';

const now = 100_000;

function instrument(venue: string, kind: Instrument['kind'] = 'linear-perp'): Instrument {
  return {
    id: `${venue}:BTC-USDT-${kind === 'spot' ? 'SPOT' : 'PERP'}`,
    venue,
    symbol: 'BTCUSDT',
    kind,
    base: 'BTC',
    quote: 'USDT',
    settle: 'USDT',
    wallet: 'unified',
    contractSize: decimal('1'),
    qtyUnit: decimal('1'),
    priceUnit: decimal('1'),
    tickSize: decimal('0.1'),
    lotSize: decimal('0.001'),
    qtyMin: decimal('0.001'),
    qtyMax: null,
    notionalMin: decimal('5'),
    status: 'trading',
    fundingIntervalMs: null,
    leverageMax: null,
  };
}

function view(spec: Instrument, bid = 50_000, ask = 50_001): LegView {
  return {
    instrument: spec.id,
    venue: spec.venue,
    kind: spec.kind,
    bid,
    bidQty: 1,
    ask,
    askQty: 1,
    bids: [],
    asks: [],
    mark: bid,
    index: bid,
    funding: null,
    feeRateTaker: 0.0005,
    quoteAgeMs: 5,
    fundingAgeMs: null,
  };
}

function leg(name: 'long' | 'short', spec: Instrument, changes: Partial<Leg> = {}): Leg {
  return {
    name,
    venue: spec.venue,
    instrument: spec.id,
    openSide: name === 'long' ? 'buy' : 'sell',
    qty: zero,
    workingOrderId: null,
    attempts: 1,
    retryAtWallMs: 0,
    lastRejectCode: null,
    ...changes,
  };
}

const long = instrument('binance');
const short = instrument('okx');
const edge = {} as EdgeBreakdown; // not read by the controller

function pair(changes: Partial<Pair> & { longQty?: string; shortQty?: string }): Pair {
  const { longQty = '0', shortQty = '0', ...rest } = changes;
  const naked = longQty !== shortQty.replace('-', '');
  return {
    id: 'p1-1',
    strategy: 'perp-perp',
    phase: 'opening',
    phaseSinceWallMs: now,
    targetQty: decimal('0.1'),
    bandQty: decimal('0.001'),
    long: leg('long', long, { qty: decimal(longQty) }),
    short: leg('short', short, { qty: decimal(shortQty) }),
    longLimit: 50_050,
    shortLimit: 49_950,
    edge,
    createdTsMs: 0,
    openedTsMs: null,
    closedTsMs: null,
    entryBasis: 0,
    nakedSinceWallMs: naked ? now - 100 : null,
    nakedMsMax: 0,
    legBreaks: 0,
    closeReason: null,
    fundingUsd: 0,
    ...rest,
  };
}

function working(side: 'buy' | 'sell', status: OrderStatus, filled = '0'): OrderState {
  const order = { side, qty: decimal('0.1') } as unknown as ApprovedOrder; // a test's approval
  return {
    order,
    status,
    venueOrderId: null,
    filledQty: decimal(filled),
    filledCost: zero,
    reportedFilledQty: decimal(filled),
    sentWallMs: now - 100,
    sentTsMs: 0,
    epoch: 1,
    answeredWallMs: null,
    cancelsSent: 0,
    queriesSent: 0,
    saidGone: false,
    reason: null,
  };
}

interface Changes {
  readonly long?: Partial<PairContext['long']>;
  readonly short?: Partial<PairContext['short']>;
  readonly phase?: Pair['phase'];
  readonly mayComplete?: boolean;
}

function plan(subject: Pair, changes: Changes = {}) {
  const side = (spec: Instrument, heldQty: Decimal) => ({
    instrument: spec,
    view: view(spec),
    working: null,
    accepts: true,
    heldQty,
    lastPrice: 50_000,
  });
  const step = planPair(subject, {
    policy,
    wallMs: now,
    phase: changes.phase ?? subject.phase,
    mayComplete: changes.mayComplete ?? true,
    long: { ...side(long, subject.long.qty), ...changes.long },
    short: { ...side(short, subject.short.qty), ...changes.short },
  });
  return {
    move: step.move?.phase ?? null,
    orders: step.orders.map(({ leg: name, side: direction, qty, limit, reduceOnly, purpose }) =>
      [
        `${name} ${direction} ${formatDecimal(qty)}`,
        `@ ${limit === null ? 'market' : formatDecimal(limit)}`,
        `${purpose}${reduceOnly ? ' reduce' : ''}`,
      ].join(' '),
    ),
    wakes: step.wakeWallMs !== null,
    stuck: step.stuck,
  };
}

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
