// Effects of one event on their way to the drivers: held until all are known, so that several
// orders of one venue can leave in one request; what nothing waits for is done when they have left.
// Nothing stays here beyond the event.
import type { VenueEffect } from '../domain/event.ts';
import type { VenueDriver } from '../io/driver-types.ts';

export class Outbox {
  private readonly drivers: ReadonlyMap<string, VenueDriver>;
  private readonly left: (effect: VenueEffect) => void;
  private held: VenueEffect[] = [];
  private later: (() => void)[] = [];

  /** `left` is called once for every effect, after it was handed to its driver. */
  constructor(drivers: ReadonlyMap<string, VenueDriver>, left: (effect: VenueEffect) => void) {
    this.drivers = drivers;
    this.left = left;
  }

  add(effect: VenueEffect): void {
    this.held.push(effect);
  }

  /** To be done once the effects of this event are on the wire: timers, alerts, views. */
  afterwards(work: () => void): void {
    this.later.push(work);
  }

  /** Venues in the order of their first effect; within a venue the order is kept. */
  flush(): void {
    this.send();
    const { later } = this;
    if (later.length === 0) return;
    this.later = []; // once each, also when one of them fails
    for (const work of later) work();
  }

  private send(): void {
    const { held } = this;
    if (held.length === 0) return;
    this.held = [];
    const byVenue = new Map<string, VenueEffect[]>();
    for (const effect of held) {
      const venue = venueOf(effect);
      const list = byVenue.get(venue);
      if (list === undefined) byVenue.set(venue, [effect]);
      else list.push(effect);
    }
    for (const [venue, effects] of byVenue) {
      this.drivers.get(venue)?.actAll(effects);
      for (const effect of effects) this.left(effect);
    }
  }
}

function venueOf(effect: VenueEffect): string {
  return effect.kind === 'place-order' ? effect.order.venue : effect.venue;
}
