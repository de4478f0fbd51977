// What must hold after every step, whatever the venues do. A breach is a bug of ours: it stops the
// process, and boot recovers from the journal.
import { assert } from '../base/assert.ts';
import { formatDecimal, plus, zero } from '../base/decimal.ts';
import { residualsOf } from '../domain/ledger.ts';
import { isSettled } from '../domain/order-state.ts';
import { type EngineState, livePairs } from './state.ts';

export function checkInvariants(state: EngineState): void {
  for (const [asset, residual] of residualsOf(state.ledger)) {
    assert(residual === zero, `ledger of ${asset} sums to ${formatDecimal(residual)}, not 0`);
  }
  const held = new Map<string, bigint>();
  for (const pair of livePairs(state)) {
    for (const leg of [pair.long, pair.short]) {
      held.set(leg.instrument, plus((held.get(leg.instrument) ?? 0n) as typeof zero, leg.qty));
      if (leg.workingOrderId === null) continue;
      const known = state.orders.get(leg.workingOrderId);
      assert(known !== undefined, `pair ${pair.id} waits for an order that is not known`);
      assert(!isSettled(known), `pair ${pair.id} waits for settled order ${leg.workingOrderId}`);
      assert(known.order.pairId === pair.id, `order ${leg.workingOrderId} is of another pair`);
    }
  }
  for (const [instrument, qty] of held) {
    if (state.attribution.unowned.has(instrument)) continue;
    const booked = state.positions.get(instrument)?.qty ?? zero;
    assert(booked === qty, `${instrument}: the pairs hold ${qty}, the books ${booked}`);
  }
  for (const known of state.orders.values()) {
    assert(known.filledQty >= zero, `order ${known.order.clientOrderId} filled below zero`);
  }
}
