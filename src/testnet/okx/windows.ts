// Rate windows on wall time: so many calls of a key per window, counted from the first call of it.

/** Keys that are remembered at once; the oldest window is dropped first. */
const keysMax = 5_000;

interface Window {
  startWallMs: number;
  calls: number;
}

export class RateWindows {
  private readonly windows = new Map<string, Window>();

  /** Counts a call; false = one too many in this window. */
  take(key: string, limit: { callsMax: number; windowMs: number }, wallMs: number): boolean {
    const window = this.windows.get(key);
    if (window === undefined || wallMs - window.startWallMs >= limit.windowMs) {
      this.windows.delete(key);
      this.windows.set(key, { startWallMs: wallMs, calls: 1 });
      if (this.windows.size > keysMax) {
        const [oldest] = this.windows.keys();
        if (oldest !== undefined) this.windows.delete(oldest);
      }
      return limit.callsMax >= 1;
    }
    window.calls++;
    return window.calls <= limit.callsMax;
  }
}
