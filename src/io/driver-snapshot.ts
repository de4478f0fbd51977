// The venue's whole account in one event, for reconciliation. It must never be a mixture of
// moments.
//
// How the engine can rely on it: positions and balances are read, then orders, fills and funding
// payments, then positions and balances again. The snapshot is given out only when both readings
// agree (quantities, entry prices, wallet totals), so no fill and no payment fell between them:
// every fill that the positions contain is in `fills` (from `sinceMs` on), and `fills` holds none
// that they lack. When they differ, the second reading becomes the first and the listings are read
// again, at most `snapshotAttemptsMax` times; after that, or when any read fails, `ok` is false and
// the lists are empty. A resting order that was placed or cancelled meanwhile may be missing from,
// or too much in, `openOrders`: an order that the engine itself has under way is judged by its own
// query.
import type { RequestSnapshot, VenueSnapshot } from '../domain/event.ts';
import type {
  BalanceEvent,
  FillEvent,
  FundingPaymentEvent,
  OrderEvent,
  PositionEvent,
  VenueEvent,
} from '../domain/venue-event.ts';
import type { HttpRequest } from '../domain/venue-spec.ts';
import type { DriverContext } from './driver-types.ts';

type Listings = Pick<VenueSnapshot, 'openOrders' | 'orders' | 'fills' | 'fundingPayments'>;
type Holdings = Pick<VenueSnapshot, 'balances' | 'positions'>;

export class Snapshots {
  private readonly context: DriverContext;
  private readonly queue: RequestSnapshot[] = [];
  private running = false;
  private stopped = false;

  constructor(context: DriverContext) {
    this.context = context;
  }

  request(effect: RequestSnapshot): void {
    if (this.stopped) {
      this.fail(effect, 'the driver is stopping');
    } else if (this.queue.length >= this.context.limits.snapshotQueueMax) {
      this.fail(effect, `${this.queue.length} snapshots wait already`);
    } else {
      this.queue.push(effect);
      if (!this.running) void this.run();
    }
  }

  stop(): void {
    this.stopped = true;
    for (const effect of this.queue.splice(0)) this.fail(effect, 'the driver is stopping');
  }

  private async run(): Promise<void> {
    this.running = true;
    for (let effect = this.queue.shift(); effect !== undefined; effect = this.queue.shift()) {
      const { clock, limits } = this.context;
      const reachMs = Math.floor(clock.venueMs() - limits.historyVenueMsMax);
      const sinceMs = Math.max(effect.sinceMs, reachMs);
      const taken = await this.take(sinceMs);
      if (typeof taken === 'string') {
        this.fail(effect, taken);
        continue;
      }
      const { requestId } = effect;
      const { venue } = this.context;
      this.context.emit({
        kind: 'venue-snapshot',
        venue,
        requestId,
        ok: true,
        sinceMs,
        error: null,
        ...taken,
      });
    }
    this.running = false;
  }

  /** The snapshot, or why there is none. */
  private async take(sinceMs: number): Promise<(Listings & Holdings) | string> {
    let before = await this.holdings();
    for (let attempt = 1; attempt <= this.context.limits.snapshotAttemptsMax; attempt++) {
      if (typeof before === 'string') return before;
      const listings = await this.listings(sinceMs);
      if (typeof listings === 'string') return listings;
      const after = await this.holdings();
      if (typeof after === 'string') return after;
      if (sameHoldings(before, after)) return { ...listings, ...after };
      before = after;
    }
    return `the account changed during each of ${this.context.limits.snapshotAttemptsMax} readings`;
  }

  private async holdings(): Promise<Holdings | string> {
    const { requests } = this.context.spec;
    const events = await this.read([
      ...requests.balances(this.context.markets),
      ...requests.positions(this.context.instruments),
    ]);
    if (typeof events === 'string') return events;
    return {
      balances: events.filter((event): event is BalanceEvent => event.kind === 'balance'),
      positions: events.filter((event): event is PositionEvent => event.kind === 'position'),
    };
  }

  private async listings(sinceMs: number): Promise<Listings | string> {
    const { requests } = this.context.spec;
    const scope = { instruments: this.context.instruments, sinceMs };
    const open = await this.read(requests.openOrders(this.context.instruments));
    if (typeof open === 'string') return open;
    const history = await this.read(requests.orderHistory(scope));
    if (typeof history === 'string') return history;
    const fillEvents = await this.read(requests.fills(scope));
    if (typeof fillEvents === 'string') return fillEvents;
    const paid = await this.read(requests.fundingPayments(scope));
    if (typeof paid === 'string') return paid;
    const openOrders = ordersIn(open);
    const orders = ordersIn(history);
    return {
      openOrders,
      orders,
      fills: nameFills(fillsIn(fillEvents), [...openOrders, ...orders]),
      fundingPayments: paymentsIn(paid),
    };
  }

  private async read(requests: readonly HttpRequest[]): Promise<readonly VenueEvent[] | string> {
    if (this.stopped) return 'the driver is stopping';
    // Ahead of rates and audits: until the books are compared nothing may be opened.
    const result = await this.context.rest.readAll(requests, 'entry');
    if (result.ok) return result.events;
    const { venueCode, message } = result.error;
    return `${venueCode}: ${message}`;
  }

  private fail(effect: RequestSnapshot, error: string): void {
    const { requestId, sinceMs } = effect;
    this.context.emit({
      kind: 'venue-snapshot',
      venue: this.context.venue,
      requestId,
      ok: false,
      sinceMs,
      openOrders: [],
      orders: [],
      fills: [],
      fundingPayments: [],
      balances: [],
      positions: [],
      error,
    });
  }
}

/** Binance lists trades without the client id: it is taken from the order that they belong to. */
export function nameFills(
  fills: readonly FillEvent[],
  orders: readonly OrderEvent[],
): readonly FillEvent[] {
  const names = new Map<string, string>();
  for (const order of orders) {
    if (order.venueOrderId === null || order.clientOrderId === null) continue;
    names.set(`${order.instrument ?? order.symbol} ${order.venueOrderId}`, order.clientOrderId);
  }
  return fills.map((fill) => {
    if (fill.clientOrderId !== null || fill.venueOrderId === null) return fill;
    const name = names.get(`${fill.instrument ?? fill.symbol} ${fill.venueOrderId}`);
    return name === undefined ? fill : { ...fill, clientOrderId: name };
  });
}

/** Marks move all the time and do not count; what a fill or a payment changes does. */
export function sameHoldings(a: Holdings, b: Holdings): boolean {
  return (
    sameText(a.balances.map(balanceText), b.balances.map(balanceText)) &&
    sameText(a.positions.map(positionText), b.positions.map(positionText))
  );
}

function balanceText({ wallet, asset, total }: BalanceEvent): string {
  return `${wallet} ${asset} ${total}`;
}

function positionText({ instrument, symbol, qty, entryPrice }: PositionEvent): string {
  return `${instrument ?? symbol} ${qty} ${entryPrice}`;
}

function sameText(a: readonly string[], b: readonly string[]): boolean {
  return [...a].sort().join('\n') === [...b].sort().join('\n');
}

function ordersIn(events: readonly VenueEvent[]): readonly OrderEvent[] {
  const byKey = new Map<string, OrderEvent>();
  for (const event of events) {
    if (event.kind !== 'order') continue;
    byKey.set(
      `${event.instrument ?? event.symbol} ${event.venueOrderId ?? event.clientOrderId}`,
      event,
    );
  }
  return [...byKey.values()];
}

function fillsIn(events: readonly VenueEvent[]): readonly FillEvent[] {
  const byKey = new Map<string, FillEvent>();
  for (const event of events) {
    if (event.kind === 'fill')
      byKey.set(`${event.instrument ?? event.symbol} ${event.fillId}`, event);
  }
  return inTime([...byKey.values()]);
}

function paymentsIn(events: readonly VenueEvent[]): readonly FundingPaymentEvent[] {
  const byKey = new Map<string, FundingPaymentEvent>();
  for (const event of events) {
    if (event.kind === 'funding-payment') byKey.set(`${event.symbol ?? ''} ${event.id}`, event);
  }
  return inTime([...byKey.values()]);
}

function inTime<T extends { readonly venueTsMs: number | null }>(
  events: readonly T[],
): readonly T[] {
  return [...events].sort((a, b) => (a.venueTsMs ?? 0) - (b.venueTsMs ?? 0));
}
