import { describe, expect, it } from 'vitest';
import { EngineRig } from '../../test/support/engine-rig.ts';
import { Latency } from './latency.ts';
import { healthOf } from './status.ts';
import { summaryOf } from './summary.ts';

function reconcileOf({ state, wallMs }: EngineRig) {
  const clock = { wallMs: () => wallMs, venueMs: () => wallMs };
  return summaryOf({
    state,
    clock,
    startedWallMs: 0,
    startedTsMs: 0,
    journalPath: '',
    marketHash: null,
    latency: new Latency(),
    rssMbMax: 1,
    nakedDeltaMs: 8_000,
  }).reconcile;
}

describe('the comparison of the books at the end of a run', () => {
  it('matches when every venue was compared', () => {
    const match = { positions: 'match', balances: 'match', orders: 'match' };
    expect(reconcileOf(EngineRig.running())).toEqual(match);
  });

  it('does not call an old comparison a match', () => {
    const rig = EngineRig.running();
    rig.status('okx', 'private', 'down');
    expect(reconcileOf(rig).balances).toEqual([
      'okx: not compared since its account was out of reach',
    ]);
  });
});

describe('health', () => {
  it('says which venue takes no orders', () => {
    const rig = EngineRig.running();
    expect(healthOf(rig.state)).toEqual({ live: true, ready: true, reasons: [] });
    rig.status('binance', 'rest', 'down');
    expect(healthOf(rig.state).reasons).toEqual(['binance: takes no orders']);
  });
});
