// The orders of which something may still fill, without a look at all that are remembered. Kept
// beside the state, never in it: it is not journaled or hashed, and is made again from the orders
// whenever it is not there.
import { assert } from '../base/assert.ts';
import type { ClientOrderId } from '../domain/order.ts';
import { isSettled, type OrderState } from '../domain/order-state.ts';
import type { EngineState } from './state.ts';

type Orders = EngineState['orders'];

const kept = new WeakMap<Orders, Map<ClientOrderId, OrderState>>();

export function unsettledOf(orders: Orders): ReadonlyMap<ClientOrderId, OrderState> {
  let known = kept.get(orders);
  if (known === undefined) {
    known = read(orders);
    kept.set(orders, known);
  }
  return known;
}

/** To be told of every order that is new or whose status or quantity changed. */
export function noteOrder(orders: Orders, known: OrderState): void {
  const unsettled = kept.get(orders);
  if (unsettled === undefined) return;
  if (isSettled(known)) unsettled.delete(known.order.clientOrderId);
  else unsettled.set(known.order.clientOrderId, known);
}

/** That what is kept is what the orders say. */
export function checkUnsettled(orders: Orders): void {
  const unsettled = kept.get(orders);
  if (unsettled === undefined) return;
  const fresh = read(orders);
  for (const id of fresh.keys()) assert(unsettled.has(id), `order ${id} was taken for settled`);
  assert(unsettled.size === fresh.size, `${unsettled.size} unsettled orders, not ${fresh.size}`);
}

function read(orders: Orders): Map<ClientOrderId, OrderState> {
  const unsettled = new Map<ClientOrderId, OrderState>();
  for (const [id, known] of orders) if (!isSettled(known)) unsettled.set(id, known);
  return unsettled;
}
