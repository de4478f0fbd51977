// A pair that is worked in parts keeps the room for all of it: what another one may open is judged
// beside its whole plan, so that the leg that follows is never denied for want of room.
import { describe, expect, it } from 'vitest';
import { binancePerp, EngineRig, intent, okxPerp, quote } from '../../test/support/engine-rig.ts';
import { decimal } from '../base/decimal.ts';
import type { OrderDraft } from '../domain/order.ts';
import { takerPlan } from '../domain/plan.ts';
import { defaultLimits } from '../risk/limits.ts';
import { mayEver, newDecision } from './decision.ts';
import { plannedLegs } from './planned.ts';

const limits = {
  ...defaultLimits,
  positionUsdMax: 1e6,
  venueExposureUsdMax: 1e6,
  netDeltaUsdMax: 1e6,
};

/** 0.1 coins at 50,000: 10,000 USD on both legs. The long one rests, the short one waits. */
function halfSent(grossExposureUsdMax: number) {
  const rig = EngineRig.running({ limits: { ...limits, grossExposureUsdMax } });
  const plan = {
    ...takerPlan('test'),
    mode: 'maker-taker',
    makerLeg: 'long',
    deadlineWallMs: rig.wallMs + 600_000,
    basisMin: -0.01,
  } as const;
  rig.fold({ kind: 'pair-created', pairId: 'p1-1', intent: intent('0.1'), plan });
  rig.timer('pair:p1-1');
  return rig;
}

function mayOpenAnother(rig: EngineRig): boolean {
  const legs = [quote(binancePerp), quote(okxPerp)];
  const decision = newDecision(rig.state, rig.policy, legs);
  const draft = (instrument: typeof binancePerp, side: 'buy' | 'sell'): OrderDraft => ({
    clientOrderId: `another-${side}`,
    venue: instrument.venue,
    instrument: instrument.id,
    side,
    qty: decimal('0.1'),
    limit: decimal('50000'),
    timeInForce: 'ioc',
    reduceOnly: false,
    purpose: 'entry',
    pairId: 'p1-2',
    arrivalMid: 50_000,
  });
  return mayEver(decision, [draft(binancePerp, 'buy'), draft(okxPerp, 'sell')], 'another');
}

describe('a pair of which a part is sent', () => {
  it('keeps the room of the leg that follows', () => {
    expect(mayOpenAnother(halfSent(18_000))).toBe(false);
    expect(mayOpenAnother(halfSent(22_000))).toBe(true);
  });

  it('has planned what it does not hold and has not ordered', () => {
    const rig = halfSent(22_000);
    expect(plannedLegs(rig.state)).toEqual([
      { instrument: okxPerp.id, side: 'sell', baseQty: 0.1 },
    ]);
  });

  it('finds that room when the leg that rested fills', () => {
    const rig = halfSent(10_100);
    const [resting] = [...rig.state.orders.keys()];
    const hedges = rig.fill(resting ?? '').filter(({ kind }) => kind === 'place-order');
    expect(hedges).toMatchObject([{ order: { instrument: okxPerp.id, side: 'sell' } }]);
    expect(plannedLegs(rig.state)).toEqual([]);
  });
});
