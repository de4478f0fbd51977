// What must not grow, go stale or be forgotten over days and boots.
import { describe, expect, it } from 'vitest';
import {
  binancePerp,
  binanceSpot,
  EngineRig,
  intent,
  okxPerp,
} from '../../test/support/engine-rig.ts';
import { decimal, formatDecimal } from '../base/decimal.ts';
import { defaultLimits } from '../risk/limits.ts';
import { riskBookOf } from './risk-book.ts';
import { cooldownsMax, keyOf, ordersRememberedMax } from './state.ts';

const key = { strategy: 'perp-perp', long: binancePerp.id, short: okxPerp.id };

describe('a snapshot', () => {
  it('that was asked for before the stream was lost does not stand for the one awaited', () => {
    const rig = EngineRig.running();
    const venue = rig.state.venues.get('okx');
    rig.timer('reconcile:okx');
    const early = venue?.awaiting ?? '';
    rig.status('okx', 'private', 'down');
    rig.status('okx', 'private', 'up');
    expect(venue?.awaiting).not.toBe(early);
    rig.snapshot('okx', { requestId: early });
    expect(venue?.reconciled).toBe(false);
    expect(venue?.awaiting).not.toBeNull();
    rig.snapshot('okx');
    expect(venue?.reconciled).toBe(true);
  });
});

describe('an entry of which nothing filled', () => {
  it('cools its pair down', () => {
    const rig = EngineRig.running();
    const { long, short } = rig.open();
    rig.order(long);
    rig.order(short);
    expect(rig.state.pairs.get('p1-1')?.phase).toBe('closed');
    expect(rig.state.cooldowns.has(keyOf(key))).toBe(true);
  });

  it('is not remembered for ever', () => {
    const rig = EngineRig.running();
    for (let i = 0; i <= cooldownsMax; i++) {
      rig.fold({ kind: 'intent-denied', pair: `p${i} exit`, denials: [] });
    }
    expect(rig.state.cooldowns.size).toBe(cooldownsMax);
    expect(rig.state.cooldowns.has('p0 exit')).toBe(false);
  });
});

describe('sends', () => {
  it('are counted over one second, however many', () => {
    const rig = EngineRig.running();
    for (let i = 0; i < 100; i++) rig.open('0.1', `p1-${100 + i}`);
    expect(riskBookOf(rig.state, [], defaultLimits).ordersLastSecond).toBe(200);
    rig.wallMs += 1_001;
    expect(
      riskBookOf({ ...rig.state, wallMs: rig.wallMs }, [], defaultLimits).ordersLastSecond,
    ).toBe(0);
    rig.open('0.1', 'p1-300');
    expect(rig.state.recentSends.length).toBe(2);
    const ofVenues = [...rig.state.venues.values()].flatMap(({ recentSends }) => recentSends);
    expect(ofVenues).toHaveLength(2);
  });

  it('of a pair that cannot close are forgotten, but for those that opened it', () => {
    const rig = EngineRig.running();
    const { long, short } = rig.opened();
    const pair = rig.state.pairs.get('p1-1');
    for (let i = 0; i < ordersRememberedMax + 10; i++) {
      const id = `exit${i}`;
      const known = rig.state.orders.get(long);
      const order = { ...known?.order, clientOrderId: id, side: 'sell', purpose: 'exit' };
      rig.fold({ kind: 'place-order', order: order as never }); // a test's approval
      rig.fold({ kind: 'order-resolved', clientOrderId: id, status: 'rejected', reason: '' });
    }
    expect(pair?.long.workingOrderId).toBeNull();
    expect(rig.state.orders.size).toBeLessThanOrEqual(ordersRememberedMax + 1);
    expect(rig.state.orders.has(long) && rig.state.orders.has(short)).toBe(true);
  });
});

describe('a flatten', () => {
  it('outlives a boot, like a halt, until an operator resumes', () => {
    const rig = EngineRig.running();
    rig.put({ kind: 'operator', command: 'halt-flatten', by: 'desk' });
    rig.boot();
    expect(rig.state).toMatchObject({ flattening: true, mode: 'halted', windingDown: false });
    rig.put({ kind: 'operator', command: 'resume', by: 'desk' });
    expect(rig.state).toMatchObject({ flattening: false, mode: 'running' });
  });
});

describe('the band of a pair', () => {
  const bandOf = (changes: Parameters<typeof intent>[1]): string => {
    const rig = EngineRig.running();
    rig.fold({ kind: 'pair-created', pairId: 'p1-1', intent: intent('0.1', changes) });
    return formatDecimal(rig.state.pairs.get('p1-1')?.bandQty ?? decimal('0'));
  };

  it('is the common lot of two perpetuals', () => {
    expect(bandOf({})).toBe('0.001');
  });

  it('covers the spot remainder that is below the least notional', () => {
    const long = { ...key, long: binanceSpot.id };
    // 5 USDT x 1.25 / 50,000 = 0.000125 is less than the lot of the perpetual, 0.001.
    expect(bandOf({ key: long })).toBe('0.001');
    // 5 x 1.25 / 100 = 0.0625 is more.
    expect(bandOf({ key: long, longLimit: 100 })).toBe('0.0625');
  });
});

describe('the naked clock', () => {
  it('counts only while a venue of the pair accepts orders', () => {
    const rig = EngineRig.running();
    const { long, short } = rig.open();
    rig.fill(long);
    const pair = rig.state.pairs.get('p1-1');
    rig.wallMs += 100;
    rig.status('okx', 'rest', 'down');
    rig.wallMs += 200;
    rig.status('binance', 'rest', 'down'); // one of them accepted until now
    rig.wallMs += 60_000;
    rig.marks(50_000);
    expect(rig.state.counters.nakedDeltaMsMax).toBeLessThan(400);
    rig.status('binance', 'rest', 'up');
    rig.wallMs += 500;
    rig.fill(short);
    expect(pair?.nakedSinceWallMs).toBeNull();
    const { nakedDeltaMsMax, nakedWhileDownMsMax } = rig.state.counters;
    // It went on from the 300 ms before: the budget is of all the time in which it could be cut.
    expect(nakedDeltaMsMax).toBeGreaterThanOrEqual(800);
    expect(nakedDeltaMsMax).toBeLessThan(950);
    expect(nakedWhileDownMsMax).toBeGreaterThan(60_000);
  });
});
