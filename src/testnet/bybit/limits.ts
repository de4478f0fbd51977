// Rate windows on wall time: per path and category in seconds for the account, and per address over
// five seconds for everything. Each answer says what is left, in the venue's headers.

const secondMs = 1_000;
const addressWindowMs = 5_000;
export const addressCallsMax = 600;

interface Window {
  endsWallMs: number;
  left: number;
}

export interface Taken {
  readonly allowed: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

export class Limits {
  private readonly windows = new Map<string, Window>();
  private address: Window = { endsWallMs: 0, left: addressCallsMax };

  /** Counts `calls` (the items of a batch) against the limit of a name. */
  take(
    name: string,
    limit: { readonly perSecond: number; readonly calls: number },
    wallMs: number,
  ): Taken {
    let window = this.windows.get(name);
    if (window === undefined || wallMs >= window.endsWallMs) {
      window = { endsWallMs: wallMs + secondMs, left: limit.perSecond };
      this.windows.set(name, window);
    }
    const allowed = window.left >= limit.calls;
    if (allowed) window.left -= limit.calls;
    const left = allowed ? window.left : 0;
    const resetMs = left > 0 ? wallMs : window.endsWallMs;
    return {
      allowed,
      headers: {
        'X-Bapi-Limit': String(limit.perSecond),
        'X-Bapi-Limit-Status': String(left),
        'X-Bapi-Limit-Reset-Timestamp': String(Math.floor(resetMs)),
        Timenow: String(Math.floor(wallMs)),
      },
    };
  }

  /** False = more than the address may call: the venue answers 403. */
  takeAddress(wallMs: number): boolean {
    if (wallMs >= this.address.endsWallMs) {
      this.address = { endsWallMs: wallMs + addressWindowMs, left: addressCallsMax };
    }
    this.address.left--;
    return this.address.left >= 0;
  }
}
