// What must hold after every step, whatever the venues do. A breach is a bug of ours: it stops the
// process, and boot recovers from the journal.
import { assert } from '../base/assert.ts';
import { type Decimal, formatDecimal, plus, zero } from '../base/decimal.ts';
import type { Effect, EffectRecord, EngineEvent, EngineInput } from '../domain/event.ts';
import { residualsOf } from '../domain/ledger.ts';
import { isSettled } from '../domain/order-state.ts';
import type { Leg, Pair } from '../domain/pair.ts';
import { checkHeld } from './held.ts';
import { checkLive, livePairsOf } from './live.ts';
import type { EngineState } from './state.ts';
import { checkUnsettled } from './unsettled.ts';

/** Steps after which everything is checked, whatever they were. */
export const checkAllEvery = 1_000;

/**
 * Inputs that change no cash, order, position or pair by themselves: when nothing follows from one,
 * all that was checked before still stands.
 */
const looks: ReadonlySet<EngineInput['kind']> = new Set([
  'pair-seen',
  'marks',
  'timer',
  'balance',
  'position',
  'store-status',
]);

/** Effects that do not either. */
const notes: ReadonlySet<Effect['kind']> = new Set([
  'entry-waits',
  'intent-denied',
  'alert',
  'set-timer',
  'clear-timer',
]);

/**
 * Checks what a step may have changed, and everything now and then. What a fact changed is checked
 * before anything that rests on it leaves. A look changes nothing by itself, so what follows from
 * one rests on what was checked before: its own effects are checked when they have left.
 */
export class StepChecks {
  private steps = 0;

  /** Before the effects leave. */
  before(state: EngineState, event: EngineEvent): void {
    if (++this.steps % checkAllEvery === 0) checkInvariants(state);
    else if (!looks.has(event.input.kind)) checkBooks(state);
  }

  /** When they have left. */
  after(state: EngineState, event: EngineEvent, effects: readonly EffectRecord[]): void {
    if (looks.has(event.input.kind) && !effects.every(isNote)) checkBooks(state);
  }
}

function isNote({ effect }: EffectRecord): boolean {
  return notes.has(effect.kind);
}

/** Everything. */
export function checkInvariants(state: EngineState): void {
  checkBooks(state);
  checkUnsettled(state.orders);
  checkHeld(state);
  checkLive(state);
  for (const known of state.orders.values()) {
    assert(known.filledQty >= zero, `order ${known.order.clientOrderId} filled below zero`);
  }
}

/** The ledger and the live pairs, against the orders and positions that they rest on. */
function checkBooks(state: EngineState): void {
  for (const [asset, residual] of residualsOf(state.ledger)) {
    assert(residual === zero, `ledger of ${asset} sums to ${formatDecimal(residual)}, not 0`);
  }
  const { pairs, legsOf } = livePairsOf(state);
  for (const pair of pairs) {
    checkWorking(state, pair, pair.long);
    checkWorking(state, pair, pair.short);
    if (pair.incoming !== null) checkWorking(state, pair, pair.incoming);
  }
  for (const [instrument, legs] of legsOf) {
    if (state.attribution.unowned.has(instrument)) continue;
    let held: Decimal = zero;
    for (const { leg } of legs) held = plus(held, leg.qty);
    const booked = state.positions.get(instrument)?.qty ?? zero;
    if (booked === held) continue;
    assert(false, `${instrument}: the pairs hold ${held}, the books ${booked}`);
  }
}

function checkWorking(state: EngineState, pair: Pair, { workingOrderId }: Leg): void {
  if (workingOrderId === null) return;
  const known = state.orders.get(workingOrderId);
  assert(known !== undefined, `pair ${pair.id} waits for an order that is not known`);
  assert(!isSettled(known), `pair ${pair.id} waits for settled order ${workingOrderId}`);
  assert(known.order.pairId === pair.id, `order ${workingOrderId} is of another pair`);
}
