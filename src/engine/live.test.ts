// The live pairs are found again whenever their legs are others.
import { describe, expect, it } from 'vitest';
import { instrument, leg, pair } from '../../test/support/pair-rig.ts';
import { decimal } from '../base/decimal.ts';
import { livePairsOf, qtyOf } from './live.ts';
import { emptyState } from './state.ts';

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
});
