// Ids of the simulated exchange made unique over processes: the books know trades and bills by the
// venue's ids, and a paper account's exchange begins to count anew with every boot.
import type { DriverEvent } from '../domain/event.ts';
import type { FillEvent, FundingPaymentEvent, OrderEvent } from '../domain/venue-event.ts';

/** The event with `prefix` before every id that the exchange gave. */
export function renamed(event: DriverEvent, prefix: string): DriverEvent {
  const named = (id: string | null): string | null => (id === null ? null : `${prefix}${id}`);
  const order = (each: OrderEvent): OrderEvent => ({
    ...each,
    venueOrderId: named(each.venueOrderId),
  });
  const fill = (each: FillEvent): FillEvent => ({
    ...each,
    fillId: `${prefix}${each.fillId}`,
    venueOrderId: named(each.venueOrderId),
  });
  const payment = (each: FundingPaymentEvent): FundingPaymentEvent => ({
    ...each,
    id: `${prefix}${each.id}`,
  });
  switch (event.kind) {
    case 'order':
      return order(event);
    case 'fill':
      return fill(event);
    case 'funding-payment':
      return payment(event);
    case 'query-result':
      return {
        ...event,
        order: event.order === null ? null : order(event.order),
        fills: event.fills.map(fill),
      };
    case 'venue-snapshot':
      return {
        ...event,
        openOrders: event.openOrders.map(order),
        orders: event.orders.map(order),
        fills: event.fills.map(fill),
        fundingPayments: event.fundingPayments.map(payment),
      };
    default:
      return event;
  }
}
