// How much of a rate limit is used: a sliding window in slots, counted a slot too long rather than
// too short, so that no alignment of the venue's own window can see more than the capacity.

export const slotsPerWindow = 20;

export class RateWindow {
  readonly capacity: number;
  readonly intervalMs: number;
  private readonly slotMs: number;
  /** One slot more than the window, because the oldest is only partly outside. */
  private readonly weights = new Float64Array(slotsPerWindow + 1);
  private newest = 0;
  private total = 0;

  constructor(limit: { readonly capacity: number; readonly intervalMs: number }) {
    this.capacity = limit.capacity;
    this.intervalMs = limit.intervalMs;
    this.slotMs = limit.intervalMs / slotsPerWindow;
  }

  used(wallMs: number): number {
    this.roll(wallMs);
    return this.total;
  }

  add(weight: number, wallMs: number): void {
    this.roll(wallMs);
    const at = this.newest % this.weights.length;
    this.weights[at] = (this.weights[at] as number) + weight;
    this.total += weight;
  }

  /** The venue counted more than we (other processes, an earlier run): its figure wins. */
  raiseTo(used: number, wallMs: number): void {
    const missing = used - this.used(wallMs);
    if (missing > 0) this.add(missing, wallMs);
  }

  /** Wall ms until no more than `level` is used; 0 = now. */
  waitMs(level: number, wallMs: number): number {
    let used = this.used(wallMs);
    if (used <= level) return 0;
    const length = this.weights.length;
    for (let slot = this.newest - length + 1; slot < this.newest; slot++) {
      if (slot >= 0) used -= this.weights[slot % length] as number;
      if (used <= level) return (slot + length) * this.slotMs - wallMs;
    }
    return (this.newest + length) * this.slotMs - wallMs;
  }

  private roll(wallMs: number): void {
    const slot = Math.floor(wallMs / this.slotMs);
    if (slot <= this.newest) return;
    const length = this.weights.length;
    if (slot - this.newest >= length) {
      this.weights.fill(0);
    } else {
      for (let s = this.newest + 1; s <= slot; s++) this.weights[s % length] = 0;
    }
    this.newest = slot;
    this.total = 0;
    for (let i = 0; i < length; i++) this.total += this.weights[i] as number;
  }
}
