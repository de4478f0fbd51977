// Orphans: what orders of ours bought or sold without a pair that owns it any more. A power cut can
// lose the record of an order that had left, and a fill can come after its pair was closed. Exact
// quantities per instrument; `decide-orphans` closes them. Trades by hand are never orphans.
import { abs, type Decimal, minOf, minus, negate, plus, zero } from '../base/decimal.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import type { FillEvent } from '../domain/venue-event.ts';
import { parseOrderId } from '../execution/order-id.ts';
import { liveLegsOn } from './live.ts';
import type { EngineState } from './state.ts';

/** The fill of an order that this installation sent and whose record is lost. */
export function isLostOrders(state: EngineState, fill: FillEvent): boolean {
  const id = fill.clientOrderId === null ? null : parseOrderId(fill.clientOrderId);
  return id !== null && id.installation === state.installation && !fill.forced;
}

export function addOrphan(state: EngineState, id: InstrumentId, qty: Decimal): void {
  if (qty === zero) return;
  const sum = plus(state.orphans.get(id) ?? zero, qty);
  if (sum === zero) state.orphans.delete(id);
  else state.orphans.set(id, sum);
}

/** Somebody else traded: against an orphan it closes that. False = there is none to close. */
export function offsetOrphan(state: EngineState, id: InstrumentId, qty: Decimal): boolean {
  const orphan = state.orphans.get(id);
  if (orphan === undefined || qty === zero || orphan > 0n === qty > 0n) return false;
  const size = minOf(abs(orphan), abs(qty));
  addOrphan(state, id, (qty > 0n ? size : -size) as Decimal); // brand: a sign flip
  return true;
}

/**
 * The venue closed something of which we have not heard the fill yet (ADL overtook it): kept until
 * that fill comes, because a forced close always reduces a position that is there.
 */
export function addForcedAhead(state: EngineState, id: InstrumentId, qty: Decimal): void {
  const sum = plus(state.forcedAhead.get(id) ?? zero, qty);
  if (sum === zero) state.forcedAhead.delete(id);
  else state.forcedAhead.set(id, sum);
}

/** Of a quantity that was just booked, what was closed by force before: signed against it. */
export function takeForcedAhead(state: EngineState, id: InstrumentId, booked: Decimal): Decimal {
  const ahead = state.forcedAhead.get(id);
  if (ahead === undefined || booked === zero || ahead > 0n === booked > 0n) return zero;
  const size = minOf(abs(ahead), abs(booked));
  const part = (ahead > 0n ? size : -size) as Decimal; // brand: a sign flip
  addForcedAhead(state, id, negate(part));
  return part;
}

/** Exactly what no live pair owns of an instrument. */
export function unownedQty(state: EngineState, id: InstrumentId): Decimal {
  let left = state.positions.get(id)?.qty ?? zero;
  for (const { leg } of liveLegsOn(state, id)) left = minus(left, leg.qty);
  return left;
}
