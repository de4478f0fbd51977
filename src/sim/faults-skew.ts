// A venue's clock that is off: its stamps are, and it refuses orders until the driver notices.
import type { Prng } from '../base/prng.ts';
import type { DriverEvent } from '../domain/event.ts';
import type { FaultWindow, WindowFault } from './faults.ts';
import type { VenueWindows } from './faults-windows.ts';

const kinds: readonly WindowFault[] = ['clock-skew'];
const skewMsMax = 1_000;
/** A refusal makes the driver measure the clock; the next one is the last with this chance. */
const mendedShare = 0.5;

export class ClockSkew {
  private readonly windows: VenueWindows;
  private readonly prng: Prng;
  private mendedUntilMs = 0;

  constructor(windows: VenueWindows, prng: Prng) {
    this.windows = windows;
    this.prng = prng;
  }

  /** Whether an order that arrives at this time is refused for its stamp. */
  refuses(sinceMs: number): boolean {
    const window = this.on(sinceMs);
    if (window === null || this.mendedUntilMs >= window.toMs) return false;
    if (this.prng.chance(mendedShare)) this.mendedUntilMs = window.toMs;
    return true;
  }

  /** With the venue's stamp as its clock has it. */
  stamped(event: DriverEvent, at: { readonly sinceMs: number; readonly speed: number }) {
    const window = this.on(at.sinceMs);
    if (window === null || !('venueTsMs' in event) || event.venueTsMs === null) return event;
    const skewMs = (window.value - 0.5) * 2 * skewMsMax * at.speed;
    return { ...event, venueTsMs: Math.round(event.venueTsMs + skewMs) };
  }

  private on(sinceMs: number): FaultWindow | null {
    return this.windows.find(kinds, sinceMs);
  }
}
