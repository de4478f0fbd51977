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

export type MarketShown = 'live' | 'stale' | 'gapped';

/** The windows at one venue; time only goes forward. */
export class VenueWindows {
  private readonly planned: readonly FaultWindow[];
  /** What sprang up at a moment nobody planned. */
  private readonly sudden: FaultWindow[] = [];
  private on: readonly FaultWindow[] = [];
  /** Until then nothing begins or ends. */
  private steadyUntilMs = 0;

  constructor(planned: readonly FaultWindow[]) {
    this.planned = planned;
  }

  add(window: FaultWindow): void {
    this.sudden.push(window);
    this.steadyUntilMs = 0;
  }

  /** What is on at a time (wall since the start). */
  at(sinceMs: number): readonly FaultWindow[] {
    if (sinceMs < this.steadyUntilMs) return this.on;
    const on: FaultWindow[] = [];
    let untilMs = Number.POSITIVE_INFINITY;
    for (const window of [...this.sudden, ...this.planned]) {
      if (sinceMs >= window.toMs) continue;
      const isOn = sinceMs >= window.fromMs;
      if (isOn) on.push(window);
      untilMs = Math.min(untilMs, isOn ? window.toMs : window.fromMs);
    }
    this.on = on;
    this.steadyUntilMs = untilMs;
    return on;
  }

  /** What the public stream shows while it is up. */
  marketAt(sinceMs: number): MarketShown {
    let shown: MarketShown = 'live';
    for (const { kind } of this.at(sinceMs)) {
      if (kind === 'gapped-book') return 'gapped';
      if (kind === 'stale-quotes') shown = 'stale';
    }
    return shown;
  }

  /** The first one of these kinds that is on. */
  find(kinds: readonly WindowFault[], sinceMs: number): FaultWindow | null {
    for (const window of this.at(sinceMs)) if (kinds.includes(window.kind)) return window;
    return null;
  }
}

export function channelEvent(
  venue: VenueId,
  channel: 'rest' | 'public' | 'private',
  up: boolean,
): VenueStatus {
  const detail = up ? '' : 'simulated';
  return { kind: 'venue-status', venue, channel, status: up ? 'up' : 'down', detail };
}
