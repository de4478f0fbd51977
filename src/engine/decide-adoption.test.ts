// A boot without its journal takes over what the venues hold, once all of them have told it.
import { describe, expect, it } from 'vitest';
import {
  balance,
  binancePerp,
  binanceSpot,
  EngineRig,
  okxPerp,
  position,
} from '../../test/support/engine-rig.ts';
import { decimal, formatDecimal } from '../base/decimal.ts';
import type { Effect, VenueSnapshot } from '../domain/event.ts';
import { reconcileTimer } from './decide-adoption.ts';

const adopted = (effects: readonly Effect[]): readonly string[] =>
  effects.flatMap((effect) =>
    effect.kind === 'position-adopted' ? [`${formatDecimal(effect.qty)} ${effect.instrument}`] : [],
  );

const coins = (total: string) => ({
  ...balance('binance', 'spot', decimal(total)),
  asset: binanceSpot.base,
});

/** Booted without a journal and told to close; both venues are up, neither has told anything. */
function blindRig(): EngineRig {
  const rig = new EngineRig();
  rig.boot({ fromVenuesAlone: true });
  rig.put({ kind: 'operator', command: 'halt-flatten', by: 'desk' });
  for (const venue of ['binance', 'okx']) {
    const instruments = venue === 'binance' ? [binancePerp, binanceSpot] : [okxPerp];
    rig.put({ kind: 'instruments', venue, instruments, feeRates: {} });
    for (const channel of ['rest', 'public', 'private'] as const) rig.status(venue, channel, 'up');
  }
  return rig;
}

const okxShort: Partial<VenueSnapshot> = { positions: [position(okxPerp, decimal('-0.3'))] };

describe('a boot without its journal', () => {
  it('takes over perpetuals whole, and coins as far as they are the other leg', () => {
    const rig = blindRig();
    expect(adopted(rig.snapshot('okx', okxShort))).toEqual([]); // binance has not told yet
    const effects = rig.snapshot('binance', { balances: [coins('2')] });
    expect(adopted(effects)).toEqual([`-0.3 ${okxPerp.id}`, `0.3 ${binanceSpot.id}`]);
    expect([...rig.state.orphans.keys()]).toEqual([okxPerp.id, binanceSpot.id]);
    // Once: what is closed in the meantime is not taken over again.
    expect(adopted(rig.snapshot('okx', okxShort))).toEqual([]);
  });

  it('leaves coins alone that no short is the other leg of', () => {
    const rig = blindRig();
    rig.snapshot('okx', okxShort);
    const positions = [position(binancePerp, decimal('0.3'))];
    const effects = rig.snapshot('binance', { balances: [coins('2')], positions });
    expect(adopted(effects)).toEqual([`0.3 ${binancePerp.id}`, `-0.3 ${okxPerp.id}`]);
  });

  it('waits for a silent venue for a while, then leaves the coins alone', () => {
    const rig = blindRig();
    const effects = rig.snapshot('binance', {
      balances: [coins('2')],
      positions: [position(binancePerp, decimal('-0.3'))],
    });
    expect(adopted(effects)).toEqual([]);
    const asked = rig.state.timers.get(reconcileTimer('binance'))?.dueMs ?? Number.NaN;
    expect(asked - rig.wallMs).toBeLessThan(3_000);
    rig.wallMs += rig.policy.reconcile.timeoutMs;
    const later = rig.snapshot('binance', {
      balances: [coins('2')],
      positions: [position(binancePerp, decimal('-0.3'))],
    });
    expect(adopted(later)).toEqual([`-0.3 ${binancePerp.id}`]);
  });

  it('takes nothing over before an operator wants it closed', () => {
    const rig = new EngineRig();
    rig.boot({ fromVenuesAlone: true });
    rig.connect();
    expect(adopted(rig.snapshot('okx', okxShort))).toEqual([]);
    expect(rig.state.positions.size).toBe(0);
  });
});
