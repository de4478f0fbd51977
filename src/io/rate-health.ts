// Tells the engine how much of a venue's order limits is left, so that orders can go to another
// venue. Only when what may be sent changes (all of it, no entries, nothing at all): every telling
// is a record in the journal.

import type { VenueStatus } from '../domain/event.ts';
import type { VenueId } from '../domain/instrument.ts';
import { rateLimitLimits } from './rate-limit.ts';

/** Below this share entries wait in the venue's queue. */
export const entryHeadroom = inThousandths(1 - rateLimitLimits.entryShareMax);
/** What must be left beyond a bound before the better state is told: no flutter at the bound. */
const slack = 0.1;

type Room = 'ample' | 'short' | 'none';

export class RateHealth {
  private room: Room = 'ample';
  private readonly venue: VenueId;

  constructor(venue: VenueId) {
    this.venue = venue;
  }

  /** `left`: of the limiter, null = the venue names no limit of orders. Null = nothing new. */
  look(left: number | null): VenueStatus | null {
    if (left === null) return null;
    const headroom = inThousandths(left);
    const room = this.roomOf(headroom);
    if (room === this.room) return null;
    this.room = room;
    const status = room === 'ample' ? 'up' : 'down';
    const detail = `${Math.round(headroom * 100)}% of its order limits left`;
    return { kind: 'venue-status', venue: this.venue, channel: 'rate', status, detail, headroom };
  }

  private roomOf(headroom: number): Room {
    const { room } = this;
    const ample = entryHeadroom + (room === 'ample' ? 0 : slack);
    if (headroom > ample) return 'ample';
    return headroom > (room === 'none' ? slack : 0) ? 'short' : 'none';
  }
}

function inThousandths(share: number): number {
  return Math.round(share * 1_000) / 1_000;
}
