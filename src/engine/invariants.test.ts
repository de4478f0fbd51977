import { describe, expect, it } from 'vitest';
import { EngineRig } from '../../test/support/engine-rig.ts';
import { decimal } from '../base/decimal.ts';
import type { EngineEvent, EngineInput } from '../domain/event.ts';
import { checkAllEvery, StepChecks } from './invariants.ts';

function event(input: EngineInput): EngineEvent {
  return { seq: 1, tsMs: 1, wallMs: 1, input, legs: [] };
}
const look = event({ kind: 'marks', marks: [] });
const touch = event({
  kind: 'instruments',
  venue: 'okx',
  instruments: [],
  feeRates: {},
});

/** A running engine with one open pair, and what breaks of it. */
function broken(tamper: (rig: EngineRig) => void): EngineRig {
  const rig = EngineRig.running();
  rig.opened('0.1');
  tamper(rig);
  return rig;
}

const breaches: readonly [string, (rig: EngineRig) => void, string][] = [
  [
    'cash from nowhere',
    ({ state }) => state.ledger.balances.set('cash/okx/unified|USDT', decimal('1')),
    'ledger of USDT sums to',
  ],
  [
    'a position that the pairs do not hold',
    ({ state }) => state.positions.clear(),
    'the pairs hold',
  ],
  [
    'a leg that waits for nobody',
    ({ state }) => {
      for (const pair of state.pairs.values()) pair.long.workingOrderId = 'x1';
    },
    'waits for an order that is not known',
  ],
];

describe('after a step', () => {
  it.each(breaches)('%s is noticed at the next step that touches books', (_, tamper, message) => {
    const { state } = broken(tamper);
    const checks = new StepChecks();
    checks.before(state, look);
    checks.after(state, look, []);
    expect(() => checks.before(state, touch)).toThrow(message);
  });

  it.each(breaches)('%s is noticed within so many looks', (_, tamper, message) => {
    const { state } = broken(tamper);
    const checks = new StepChecks();
    for (let i = 1; i < checkAllEvery; i++) checks.before(state, look);
    expect(() => checks.before(state, look)).toThrow(message);
  });

  it('a look that something follows from is checked like any other step', () => {
    const { state } = broken(({ state: { positions } }) => positions.clear());
    const stamp = { seq: 2, tsMs: 1, wallMs: 1 };
    const note = { ...stamp, effect: { kind: 'clear-timer', timer: 'x' } } as const;
    const cancel = {
      ...stamp,
      effect: { kind: 'cancel-order', venue: 'v', instrument: 'i', clientOrderId: 'c' },
    } as const;
    const checks = new StepChecks();
    checks.after(state, look, [note]); // timers, alerts and denials touch no book
    expect(() => checks.after(state, look, [note, cancel])).toThrow('the pairs hold');
  });
});
