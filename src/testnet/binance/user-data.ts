// User-data streams: the exchange's events, in their order, as the venue words them. Events wait in
// a queue until the request that caused them has decided what becomes of them, and until balances
// and positions that belong together can leave in one ACCOUNT_UPDATE.
import type { SimEvent, SimOrder } from '../../sim/api.ts';
import type { BinanceMarket, Listings } from './listed.ts';
import {
  accountUpdate,
  configUpdate,
  futuresReport,
  type ReportOf,
  spotPosition,
  spotReport,
  tradeLite,
} from './reports.ts';
import type { ReportNotes } from './trading.ts';

/**
 * Receives user data: a futures socket of a listenKey, or a subscription of the spot WebSocket API.
 */
export interface UserSubscriber {
  readonly market: BinanceMarket;
  push(event: unknown): void;
}

const queueMax = 10_000;
const hiddenMax = 1_000;

export class UserData implements ReportNotes {
  private readonly listings: Listings;
  private readonly subscribers = new Set<UserSubscriber>();
  private readonly cancelIds = new Map<string, string>();
  private readonly hidden = new Set<string>();
  private queue: SimEvent[] = [];
  private executions = 0;

  constructor(listings: Listings) {
    this.listings = listings;
  }

  add(subscriber: UserSubscriber): void {
    this.subscribers.add(subscriber);
  }

  remove(subscriber: UserSubscriber): void {
    this.subscribers.delete(subscriber);
  }

  canceling(orderId: string, cancelId: string): void {
    if (this.subscribers.size > 0) this.cancelIds.set(orderId, cancelId);
  }

  hide(orderId: string): void {
    if (this.hidden.size >= hiddenMax) this.hidden.clear();
    this.hidden.add(orderId);
  }

  isHidden(orderId: string): boolean {
    return this.hidden.has(orderId);
  }

  event(event: SimEvent): void {
    if (this.subscribers.size === 0) return;
    this.queue.push(event);
    if (this.queue.length > queueMax) this.report();
  }

  /** Sends everything that has happened. */
  report(): void {
    const events = this.queue;
    if (events.length === 0) return;
    this.queue = [];
    for (let at = 0; at < events.length; ) {
      const event = events[at] as SimEvent; // within the length
      const cause = causeOf(event);
      let end = at + 1;
      if (cause !== null) {
        while (end < events.length && causeOf(events[end] as SimEvent) === cause) end++;
        this.reportAccount(events.slice(at, end));
      } else {
        this.reportOne(event);
      }
      at = end;
    }
    this.cancelIds.clear();
  }

  private reportOne(event: SimEvent): void {
    switch (event.kind) {
      case 'order':
        return this.reportOrder({ event, order: event.order, fill: null });
      case 'fill':
        return this.reportOrder({ event, order: event.order, fill: event.fill });
      case 'leverage':
        return this.reportLeverage(event);
      default:
    }
  }

  /** A state that only fills made is said by their reports. */
  private reportOrder(of: { event: SimEvent; order: SimOrder; fill: ReportOf['fill'] }): void {
    const { order, fill, event } = of;
    if (!this.listings.knows(order.instrument) || this.isHidden(order.orderId)) return;
    if (fill === null && (order.status === 'filled' || order.status === 'partially-filled')) return;
    const listed = this.listings.of(order.instrument);
    const cancelId = fill === null ? (this.cancelIds.get(order.orderId) ?? null) : null;
    const report: ReportOf = { order, fill, listed, tsMs: event.tsMs, cancelId };
    if (listed.market === 'spot') {
      return this.push('spot', spotReport(report, ++this.executions));
    }
    if (fill !== null && listed.market === 'linear') this.push('linear', tradeLite(report, fill));
    this.push(listed.market, futuresReport(report));
  }

  private reportLeverage(event: Extract<SimEvent, { kind: 'leverage' }>): void {
    const listed = this.listings.of(event.instrument);
    this.push(listed.market, configUpdate(event, listed));
  }

  private reportAccount(events: readonly SimEvent[]): void {
    const spot = spotPosition(events);
    if (spot !== null) this.push('spot', spot);
    for (const market of ['linear', 'inverse'] as const) {
      const update = accountUpdate(events, this.listings, market);
      if (update !== null) this.push(market, update);
    }
  }

  private push(market: BinanceMarket, event: unknown): void {
    for (const subscriber of this.subscribers) {
      if (subscriber.market === market) subscriber.push(event);
    }
  }
}

/** Balances and positions with one cause at one time leave together. */
function causeOf(event: SimEvent): string | null {
  switch (event.kind) {
    case 'balance':
    case 'position':
      return `${event.cause} ${event.tsMs}`;
    case 'funding-payment':
      return `funding ${event.tsMs}`;
    default:
      return null;
  }
}
