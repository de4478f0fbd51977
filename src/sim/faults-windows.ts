// Which windows of the plan take which of a venue's channels down.
import type { WindowFault } from './faults.ts';

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
