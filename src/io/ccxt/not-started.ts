// Answers to effects that reach a bridge before its venue is connected: nothing was sent.
import { unreachable } from '../../base/assert.ts';
import type { DriverEvent, VenueEffect } from '../../domain/event.ts';
import { localError } from '../driver-types.ts';

export function notStarted(venue: string, effect: VenueEffect): DriverEvent {
  const message = 'not sent: the venue is not connected';
  const error = (clientOrderId: string) =>
    localError(venue, {
      code: 'TRANSIENT',
      venueCode: 'not-started',
      message,
      reaction: 'retry',
      clientOrderId,
    });
  switch (effect.kind) {
    case 'place-order': {
      const { clientOrderId } = effect.order;
      return {
        kind: 'place-result',
        venue,
        clientOrderId,
        outcome: 'rejected',
        error: error(clientOrderId),
      };
    }
    case 'cancel-order': {
      const { clientOrderId } = effect;
      return {
        kind: 'cancel-result',
        venue,
        clientOrderId,
        outcome: 'unknown',
        error: error(clientOrderId),
      };
    }
    case 'query-order': {
      const { clientOrderId } = effect;
      return {
        kind: 'query-result',
        venue,
        clientOrderId,
        outcome: 'unknown',
        order: null,
        fills: [],
      };
    }
    case 'request-snapshot':
      return {
        kind: 'venue-snapshot',
        venue,
        requestId: effect.requestId,
        ok: false,
        sinceMs: effect.sinceMs,
        openOrders: [],
        orders: [],
        fills: [],
        fundingPayments: [],
        balances: [],
        positions: [],
        error: message,
      };
    default:
      return unreachable(effect);
  }
}
