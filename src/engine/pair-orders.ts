// The orders of each pair, found without a walk through all that are remembered. Kept beside the
// state, never in it: for a pair that came out of a snapshot the list is made from the state.
import type { OrderState } from '../domain/order-state.ts';
import type { Pair } from '../domain/pair.ts';
import type { EngineState } from './state.ts';

const kept = new WeakMap<Pair, OrderState[]>();

/** A pair that was just created has none. */
export function beginOrdersOf(pair: Pair): void {
  kept.set(pair, []);
}

/** Called with every order of the pair, once it stands in the state. */
export function addOrderOf(state: EngineState, pair: Pair, known: OrderState): void {
  const orders = kept.get(pair);
  if (orders === undefined) kept.set(pair, read(state, pair));
  else orders.push(known);
}

/** Oldest first; only those that the state still remembers. */
export function ordersOf(state: EngineState, pair: Pair): readonly OrderState[] {
  let orders = kept.get(pair);
  if (orders === undefined) {
    orders = read(state, pair);
    kept.set(pair, orders);
  }
  return orders.filter((known) => state.orders.get(known.order.clientOrderId) === known);
}

function read(state: EngineState, pair: Pair): OrderState[] {
  return [...state.orders.values()].filter(({ order }) => order.pairId === pair.id);
}
