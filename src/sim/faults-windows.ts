// Which windows of the plan take which of a venue's channels down.
import type { VenueStatus } from '../domain/event.ts';
import type { VenueId } from '../domain/instrument.ts';
import type { FaultWindow, WindowFault } from './faults.ts';

export const outages: readonly WindowFault[] = ['venue-outage', 'long-outage', 'sudden-outage'];
export const restDown: readonly WindowFault[] = ['rest-down', ...outages];
export const privateDown: readonly WindowFault[] = ['stream-reconnect', ...outages];
export const publicDown: readonly WindowFault[] = ['public-down', ...outages];
/** In one of these a venue does not count as one that can cut a delta. */
export const notAccepting: readonly WindowFault[] = [
  ...restDown,
  'partial-fills',
  'clock-skew',
  'stream-silent',
  'stream-reconnect',
  'stale-quotes',
  'gapped-book',
  'public-down',
];

/** When the next one begins; infinity = none does. */
export function nextWindowMs(windows: readonly FaultWindow[], afterMs: number): number {
  let nextMs = Number.POSITIVE_INFINITY;
  for (const { fromMs } of windows) if (fromMs > afterMs) nextMs = Math.min(nextMs, fromMs);
  return nextMs;
}

export function channelEvent(
  venue: VenueId,
  channel: 'rest' | 'public' | 'private',
  up: boolean,
): VenueStatus {
  const detail = up ? '' : 'simulated';
  return { kind: 'venue-status', venue, channel, status: up ? 'up' : 'down', detail };
}
