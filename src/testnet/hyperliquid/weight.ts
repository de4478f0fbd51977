// The budget of one address: 1,200 of weight per minute of wall time for reads, orders and cancels
// together.
import { minuteMs } from '../../base/time.ts';

export const weightMax = 1_200;

export class WeightWindow {
  private endsWallMs = 0;
  private left = weightMax;

  /** False = used up: the venue answers 429. */
  take(weight: number, wallMs: number): boolean {
    if (wallMs >= this.endsWallMs) {
      this.endsWallMs = wallMs + minuteMs;
      this.left = weightMax;
    }
    if (weight > this.left) return false;
    this.left -= weight;
    return true;
  }
}
