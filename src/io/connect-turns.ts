// The venue's budget of new connections: every WebSocket of one driver takes its turn here, so that
// a storm of reconnects stays below what the venue allows.
import type { Clock } from '../domain/ports.ts';
import { RateWindow } from './rate-window.ts';

const secondMs = 1_000;

export class ConnectTurns {
  private readonly window: RateWindow;
  private readonly clock: Clock;

  constructor(perSecondMax: number, clock: Clock) {
    this.window = new RateWindow({ capacity: perSecondMax, intervalMs: secondMs });
    this.clock = clock;
  }

  async turn(): Promise<void> {
    for (;;) {
      const wallMs = this.clock.wallMs();
      const waitMs = this.window.waitMs(this.window.capacity - 1, wallMs);
      if (waitMs <= 0) {
        this.window.add(1, wallMs);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, Math.ceil(waitMs)));
    }
  }
}
