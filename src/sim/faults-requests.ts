// Which faults can strike which request, and what a venue says when it refuses a placement: one
// refusal of every class that the venues' error tables know.
import type { VenueEffect } from '../domain/event.ts';
import type { RequestFault } from './faults.ts';
import type { Refusal } from './venue-answers.ts';

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
