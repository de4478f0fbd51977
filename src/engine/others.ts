// Others who trade on the account: another installation of this software, beside which nothing may
// be opened until a person says so, and whoever else has orders resting, which are told and left
// alone. Facts only.
import type { ClientOrderId } from '../domain/order.ts';
import type { FillEvent, OrderEvent } from '../domain/venue-event.ts';
import { parseOrderId } from '../execution/order-id.ts';
import { notice } from './bills.ts';
import { type EngineState, type VenueState, venueOf } from './state.ts';

export const foreignMax = 20;

/** Whose order or trade is it? Histories also list what was before the account was opened. */
export function noteOwner(state: EngineState, seen: OrderEvent | FillEvent): void {
  const { venue: venueId, clientOrderId: id, venueTsMs } = seen;
  const parts = id === null ? null : parseOrderId(id);
  if (id === null || parts === null || parts.installation === state.installation) return;
  const venue = venueOf(state, venueId);
  if (!venue.opened || (venueTsMs !== null && venueTsMs <= venue.othersFromTsMs)) return;
  noteForeign(state, { venueId, id, installation: parts.installation });
}

function noteForeign(
  state: EngineState,
  seen: { readonly venueId: string; readonly id: ClientOrderId; readonly installation: string },
): void {
  const { venueId, id, installation } = seen;
  const venue = venueOf(state, venueId);
  if (venue.foreign.has(installation) || venue.foreign.size >= foreignMax) return;
  venue.foreign.set(installation, id);
  notice(state, {
    code: 'other-installation',
    message:
      `${venueId}: order ${id} is of installation ${installation}, ours is ` +
      `${state.installation}: nothing is opened here until it is stopped and "farb acknowledge"`,
  });
}

/** What rests there as the venue lists it, whenever it was placed. */
export function noteResting(
  state: EngineState,
  { venue: venueId, openOrders }: { readonly venue: string; readonly openOrders: Orders },
): void {
  const venue = venueOf(state, venueId);
  const external = new Set<string>();
  for (const order of openOrders) {
    const parts = order.clientOrderId === null ? null : parseOrderId(order.clientOrderId);
    if (order.clientOrderId !== null && parts !== null) {
      const { installation } = parts;
      const isForeign = installation !== state.installation;
      if (isForeign) noteForeign(state, { venueId, id: order.clientOrderId, installation });
      continue;
    }
    const id = order.venueOrderId ?? order.clientOrderId ?? '';
    external.add(id);
    if (!venue.external.has(id)) tellExternal(state, order, id);
  }
  venue.external = external;
}

type Orders = readonly OrderEvent[];

function tellExternal(state: EngineState, order: OrderEvent, id: string): void {
  const what = order.instrument ?? order.symbol ?? 'an order';
  notice(state, {
    code: 'external-order',
    message: `${order.venue}: ${what} order ${id} is not ours; it is left alone`,
  });
}

/** Why nothing is opened at a venue because of others, one line each. */
export function foreignReasons(venueId: string, { foreign }: VenueState): readonly string[] {
  return [...foreign.values()].map((id) => `${venueId}: order ${id} is of another installation`);
}
