// What the parts of the protocol share: the exchange under OKX's names, and the little that OKX
// remembers beside it (the last fill of an order, the dead-man timer).
import { plus, zero } from '../../base/decimal.ts';
import type { SimExchange, SimFill, SimNow } from '../../sim/api.ts';
import type { TestnetContext } from '../protocol.ts';
import { type Listings, makeListings } from './listing.ts';
import type { FillMemo } from './rows.ts';
import { RateWindows } from './windows.ts';

/** Orders whose last fill is remembered. */
const memosMax = 10_000;

/** How far the fault `clock-skew` puts the venue's clock ahead: past the age of any timestamp. */
const clockSkewMs = 60_000;

export class OkxState {
  readonly context: TestnetContext;
  readonly exchange: SimExchange;
  readonly listings: Listings;
  readonly windows = new RateWindows();
  /** Wall time at which all open orders are cancelled unless the timer is set again; null = off. */
  deadManDueWallMs: number | null = null;
  private readonly memos = new Map<string, FillMemo>();

  constructor(context: TestnetContext) {
    this.context = context;
    this.exchange = context.exchange;
    this.listings = makeListings(context.exchange);
  }

  now(): SimNow {
    return this.context.now();
  }

  /** The venue's wall clock: signatures are checked against it, and `time` tells it. */
  clockMs(): number {
    return this.now().wallMs + (this.context.fault('clock-skew') ? clockSkewMs : 0);
  }

  /** Both names, so that one faults file serves all venues. */
  rateLimited(): boolean {
    return this.context.fault('rate-limited') || this.context.fault('rate-limit');
  }

  memo(orderId: string): FillMemo | null {
    return this.memos.get(orderId) ?? null;
  }

  remember(fill: SimFill): void {
    const before = this.memos.get(fill.orderId)?.realizedPnl ?? zero;
    this.memos.set(fill.orderId, { fill, realizedPnl: plus(before, fill.realizedPnl) });
    if (this.memos.size <= memosMax) return;
    const [oldest] = this.memos.keys();
    if (oldest !== undefined) this.memos.delete(oldest);
  }
}
