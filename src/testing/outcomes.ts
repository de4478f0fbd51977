// Reads what a list of events says about one order; fails when it says nothing.
import { expect } from 'vitest';
import { present } from '../base/assert.ts';
import { type Decimal, plus, zero } from '../base/decimal.ts';
import type { ApprovedOrder } from '../domain/order.ts';
import type { FillEvent, OrderEvent, VenueEvent } from '../domain/venue-event.ts';

export function accepted(events: readonly VenueEvent[]): void {
  const errors = events.filter(({ kind }) => kind === 'error' || kind === 'unrecognized');
  expect(errors).toEqual([]);
  expect(events.length).toBeGreaterThan(0);
}

export function lastOrder(events: readonly VenueEvent[], order: ApprovedOrder): OrderEvent {
  const mine = events.filter(
    (event): event is OrderEvent =>
      event.kind === 'order' && event.clientOrderId === order.clientOrderId,
  );
  return present(mine.at(-1), `order ${order.clientOrderId}`);
}

/** By trade id: an answer and a stream may tell the same fill. */
export function fillsOf(events: readonly VenueEvent[], order: ApprovedOrder): readonly FillEvent[] {
  const byId = new Map<string, FillEvent>();
  for (const event of events) {
    if (event.kind !== 'fill' || event.clientOrderId !== order.clientOrderId) continue;
    byId.set(event.fillId, event);
  }
  return [...byId.values()];
}

export function sum(values: readonly Decimal[]): Decimal {
  return values.reduce<Decimal>(plus, zero);
}
