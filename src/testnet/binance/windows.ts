// Rate windows on wall time, with the venue's headers: 429 and Retry-After when a window is full,
// 418 for a client that goes on nevertheless.
import { dayMs, minuteMs, secondMs } from '../../base/time.ts';
import { type Answer, refused } from './answer.ts';
import type { BinanceMarket } from './listed.ts';

interface Window {
  readonly limit: number;
  readonly intervalMs: number;
  startedMs: number;
  used: number;
}

const limits = {
  'spot-weight': [6_000, minuteMs],
  'spot-orders-10s': [100, 10 * secondMs],
  'spot-orders-1d': [200_000, dayMs],
  'linear-weight': [2_400, minuteMs],
  'linear-orders-10s': [300, 10 * secondMs],
  'linear-orders-1m': [1_200, minuteMs],
  'inverse-weight': [2_400, minuteMs],
  'inverse-orders-10s': [300, 10 * secondMs],
  'inverse-orders-1m': [1_200, minuteMs],
  funding: [500, 5 * minuteMs],
} as const;
type WindowName = keyof typeof limits;

/** Requests that a client may still send after the first 429 before it is banned. */
const ignoredMax = 50;
const banMs = 2 * minuteMs;

export interface Spend {
  readonly market: BinanceMarket;
  readonly weight: number;
  /** New orders in the request. */
  readonly orders: number;
  /** `fundingRate` and `fundingInfo` share a window of their own. */
  readonly funding: boolean;
}

export interface Spent {
  readonly headers: Readonly<Record<string, string>>;
  readonly refusal: (Answer & { readonly ok: false }) | null;
}

export class RateWindows {
  private readonly windows = new Map<WindowName, Window>();
  private bannedUntilMs = 0;
  private ignored = 0;

  /** Counts a request; over a limit it is refused, and counted all the same. */
  spend(spend: Spend, wallMs: number): Spent {
    if (wallMs < this.bannedUntilMs) return this.banned(wallMs);
    const { market } = spend;
    const weight = this.add(`${market}-weight`, spend.weight, wallMs);
    const headers: Record<string, string> = { 'X-MBX-USED-WEIGHT-1M': String(weight.used) };
    if (market === 'spot') headers['X-MBX-USED-WEIGHT'] = String(weight.used);
    const full: Window[] = weight.used > weight.limit ? [weight] : [];
    if (spend.funding) {
      const funding = this.add('funding', 1, wallMs);
      if (funding.used > funding.limit) full.push(funding);
    }
    if (full[0] !== undefined) return this.tooMany(full[0], headers, wallMs, -1003);
    if (spend.orders > 0) {
      const short = this.add(`${market}-orders-10s`, spend.orders, wallMs);
      headers['X-MBX-ORDER-COUNT-10S'] = String(short.used);
      const longName = market === 'spot' ? 'spot-orders-1d' : (`${market}-orders-1m` as const);
      const long = this.add(longName, spend.orders, wallMs);
      headers[`X-MBX-ORDER-COUNT-${market === 'spot' ? '1D' : '1M'}`] = String(long.used);
      const over = [short, long].find(({ used, limit }) => used > limit);
      if (over !== undefined) return this.tooMany(over, headers, wallMs, -1015);
    }
    this.ignored = 0;
    return { headers, refusal: null };
  }

  private add(name: WindowName, amount: number, wallMs: number): Window {
    const [limit, intervalMs] = limits[name];
    let window = this.windows.get(name);
    if (window === undefined || wallMs - window.startedMs >= intervalMs) {
      const startedMs = Math.floor(wallMs / intervalMs) * intervalMs;
      window = { limit, intervalMs, startedMs, used: 0 };
      this.windows.set(name, window);
    }
    window.used += amount;
    return window;
  }

  private tooMany(
    window: Window,
    headers: Readonly<Record<string, string>>,
    wallMs: number,
    code: number,
  ): Spent {
    this.ignored++;
    if (this.ignored > ignoredMax) {
      this.bannedUntilMs = wallMs + banMs;
      return this.banned(wallMs);
    }
    const waitS = Math.max(
      1,
      Math.ceil((window.startedMs + window.intervalMs - wallMs) / secondMs),
    );
    const what = code === -1015 ? 'new orders' : 'requests';
    const msg = `Too many ${what}; current limit is ${window.limit} per ${window.intervalMs} ms.`;
    return {
      headers: { ...headers, 'Retry-After': String(waitS) },
      refusal: refused(code, msg, 429),
    };
  }

  private banned(wallMs: number): Spent {
    const waitS = Math.ceil((this.bannedUntilMs - wallMs) / secondMs);
    const msg = `Way too many requests; IP banned until ${this.bannedUntilMs}.`;
    return { headers: { 'Retry-After': String(waitS) }, refusal: refused(-1003, msg, 418) };
  }
}
