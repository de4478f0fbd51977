// Which faults can strike which request, and what a venue says when it refuses a placement: one
// refusal of every class that the venues' error tables know.
import type { VenueEffect, VenueStatus } from '../domain/event.ts';
import type { VenueId } from '../domain/instrument.ts';
import type { FaultKind, RequestFault } from './faults.ts';
import type { Refusal } from './venue-answers.ts';

/** How long the driver waits for an answer. */
export const requestTimeoutMs = 1_000;
/** And after a refusal for too many requests. */
export const backOffMs = 1_000;

export function timeoutOf(effect: VenueEffect): number {
  return effect.kind === 'request-snapshot' ? 3 * requestTimeoutMs : requestTimeoutMs;
}

/** What the driver tells of the venue's limits when such a back-off begins and when it ends. */
export function rateEvents(venue: VenueId): Readonly<Record<'short' | 'ample', VenueStatus>> {
  const told = { kind: 'venue-status', venue, channel: 'rate', detail: 'simulated' } as const;
  return {
    short: { ...told, status: 'down', headroom: 0 },
    ample: { ...told, status: 'up', headroom: 1 },
  };
}

/** These count only where there is an order that they change something for. */
export const coveredLater: ReadonlySet<FaultKind> = new Set([
  'read-lag',
  'cancel-unheard',
  'fill-during-cancel',
]);

const ofEvery: readonly RequestFault[] = [
  'request-lost',
  'request-late',
  'answer-lost',
  'answer-late',
];
const ofPlacements: readonly RequestFault[] = [
  ...ofEvery,
  'ack-without-order',
  'reject-filters',
  'reject-funds',
  'reject-post-only',
  'reject-reduce-only',
  'reject-rate-limit',
  'reject-price-band',
  'reject-settlement',
];
const ofQueries: readonly RequestFault[] = [...ofEvery, 'read-lag'];
const ofCancels: readonly RequestFault[] = [...ofEvery, 'cancel-unheard', 'fill-during-cancel'];
const ofSnapshots: readonly RequestFault[] = [...ofEvery, 'torn-snapshot'];

export function requestFaultsOf(effect: VenueEffect): readonly RequestFault[] {
  switch (effect.kind) {
    case 'place-order':
      return ofPlacements;
    case 'query-order':
      return ofQueries;
    case 'cancel-order':
      return ofCancels;
    case 'request-snapshot':
      return ofSnapshots;
  }
}

export const rejections: Readonly<Record<string, Refusal>> = {
  'reject-filters': refusal('filter', 'REJECTED', 'reload-instruments'),
  'reject-funds': refusal('insufficient-funds', 'REJECTED', 'funds'),
  'reject-post-only': refusal('post-only-would-cross', 'REJECTED', 'not-filled'),
  'reject-reduce-only': refusal('reduce-only', 'REJECTED', 'refresh-position'),
  'reject-rate-limit': refusal('too-many-requests', 'RATE_LIMITED', 'back-off'),
  'reject-price-band': refusal('price-band', 'REJECTED', 'price-band'),
  'reject-settlement': refusal('settlement-in-progress', 'MAINTENANCE', 'settlement-retry'),
  'request-expired': refusal('outside-receive-window', 'REJECTED', 'resync-clock'),
  'clock-skew': refusal('timestamp', 'REJECTED', 'resync-clock'),
};

function refusal(venueCode: string, code: Refusal['code'], reaction: Refusal['reaction']): Refusal {
  return { venueCode, code, reaction, message: `simulated: ${venueCode}` };
}
