import { describe, expect, it } from 'vitest';
import { EngineRig } from '../../test/support/engine-rig.ts';
import type { Pair } from '../domain/pair.ts';
import { ordersOf } from './pair-orders.ts';
import type { EngineState } from './state.ts';

function idsOf(state: EngineState): readonly (readonly string[])[] {
  return [...state.pairs.values()].map((pair: Pair) =>
    ordersOf(state, pair).map(({ order }) => order.clientOrderId),
  );
}

describe('the orders of a pair', () => {
  it('are those that a walk through all orders finds, in a copy out of a snapshot too', () => {
    const rig = EngineRig.running();
    rig.opened('0.1');
    const { state } = rig;
    const walked = [...state.pairs.keys()].map((id) =>
      [...state.orders.values()]
        .filter(({ order }) => order.pairId === id)
        .map(({ order }) => order.clientOrderId),
    );
    expect(walked[0]).toHaveLength(2);
    expect(idsOf(state)).toEqual(walked);
    expect(idsOf(structuredClone(state))).toEqual(walked);
  });

  it('are no more than the state remembers', () => {
    const { state } = EngineRig.running();
    const rig = EngineRig.running();
    rig.opened('0.1');
    const [first = ''] = rig.state.orders.keys();
    rig.state.orders.delete(first);
    expect(idsOf(rig.state).flat()).toEqual([...rig.state.orders.keys()]);
    expect(idsOf(state)).toEqual([]);
  });
});
