// The live pairs are found again whenever their legs are others, and followed as pairs come and go.
import { describe, expect, it } from 'vitest';
import { EngineRig } from '../../test/support/engine-rig.ts';
import { instrument, leg, pair } from '../../test/support/pair-rig.ts';
import { decimal } from '../base/decimal.ts';
import type { Pair } from '../domain/pair.ts';
import { checkLive, livePairsOf, qtyOf } from './live.ts';
import { emptyState, pairsRememberedMax } from './state.ts';

const ids = (rig: EngineRig): readonly string[] => livePairsOf(rig.state).pairs.map(({ id }) => id);

describe('the live pairs', () => {
  it('know the leg that a roll brought, also when nobody looked while it rolled', () => {
    const state = emptyState();
    const rolled = pair({ phase: 'open', longQty: '0.1', shortQty: '-0.1' });
    state.pairs.set(rolled.id, rolled);
    expect(livePairsOf(state).withLegs[0]?.long.leg.instrument).toBe('binance:BTC-USDT-PERP');

    const there = leg('long', instrument('bybit'), { qty: decimal('0.2') });
    rolled.incoming = there;
    rolled.long = there;
    rolled.incoming = null;
    const { withLegs, legsOf } = livePairsOf(state);
    expect(withLegs.map(({ long }) => qtyOf(long))).toEqual([0.2]);
    expect([...legsOf.keys()]).toEqual(['bybit:BTC-USDT-PERP', 'okx:BTC-USDT-PERP']);
  });

  it('are followed as pairs are created, closed and forgotten', () => {
    const rig = EngineRig.running();
    expect(ids(rig)).toEqual([]);
    rig.open('0.1', 'p1-1');
    rig.open('0.1', 'p1-2');
    expect(ids(rig)).toEqual(['p1-1', 'p1-2']);
    (rig.state.pairs.get('p1-1') as Pair).phase = 'closed';
    rig.open('0.1', 'p1-3');
    expect(ids(rig)).toEqual(['p1-2', 'p1-3']);
    checkLive(rig.state);
  });

  it('one that nobody told of is noticed', () => {
    const rig = EngineRig.running();
    rig.open('0.1', 'p1-1');
    expect(ids(rig)).toEqual(['p1-1']);
    const pair = rig.state.pairs.get('p1-1') as Pair;
    rig.state.pairs.set('p1-1', { ...pair });
    expect(() => checkLive(rig.state)).toThrow('taken for live');
  });

  it('stand when closed ones are forgotten', () => {
    const rig = EngineRig.running();
    rig.open('0.1', 'p1-0');
    for (let i = 1; i <= pairsRememberedMax + 2; i++) {
      rig.open('0.1', `p1-${i}`);
      expect(ids(rig)).toEqual(['p1-0', `p1-${i}`]);
      rig.fold({ kind: 'pair-moved', pairId: `p1-${i}`, phase: 'closed', reason: 'test' });
    }
    expect(rig.state.pairs.size).toBe(pairsRememberedMax);
    expect(ids(rig)).toEqual(['p1-0']);
    checkLive(rig.state);
  });
});
