// What became of an order: asked by our id where the venue can, else by the venue's id, else looked
// for in its listings. What none of them can tell stays unknown.
import type { QueryResult } from '../../domain/event.ts';
import { isTerminal } from '../../domain/order.ts';
import type { FillEvent, OrderEvent } from '../../domain/venue-event.ts';
import type { MethodName, Row } from './api.ts';
import { can, historyOf } from './capabilities.ts';
import { errorEventOf } from './errors.ts';
import { rowOf } from './fields.ts';
import type { Listings } from './listings.ts';
import { orderEventOf } from './rows.ts';
import type { CcxtContext } from './session.ts';

export type Found = Pick<QueryResult, 'outcome' | 'order' | 'fills'>;

export class Lookup {
  private readonly context: CcxtContext;
  private readonly listings: Listings;

  constructor(context: CcxtContext, listings: Listings) {
    this.context = context;
    this.listings = listings;
  }

  /** The venue's id of an open order of ours; null = not among the open ones. */
  async openVenueId(clientOrderId: string, symbol: string): Promise<string | null> {
    const rows = await this.listings.read('fetchOpenOrders', [symbol]);
    for (const event of this.listings.orders(rowsFrom(rows))) {
      if (event.clientOrderId === clientOrderId) return event.venueOrderId;
    }
    return null;
  }

  /**
   * found: some source shows the order. not-found: an order was asked for by our id or looked for
   * in the listings of open and ended orders, all of them answered, and none shows it.
   */
  async look(clientOrderId: string, instrumentId: string): Promise<Found> {
    const { ids, clock, limits, profile, exchanges, source, venue, log } = this.context;
    const unknown = { outcome: 'unknown', order: null, fills: [] } as const;
    const symbol = this.context.symbolOf.get(instrumentId);
    if (symbol === undefined) return unknown;
    const placedMs = ids.placedAt(clientOrderId);
    const sinceMs =
      placedMs === null
        ? clock.venueMs() - limits.queryReachVenueMs
        : placedMs - limits.queryOverlapVenueMs;
    const { has } = exchanges.account;
    const venueOrderId = ids.venueIdOf(clientOrderId);
    const found: OrderEvent[] = [];
    let conclusive = true;
    const tell = async (what: string, work: () => Promise<readonly Row[]>): Promise<void> => {
      try {
        for (const row of await work()) {
          const event = orderEventOf({ symbol, ...row }, source);
          if (event?.clientOrderId === clientOrderId) found.push(event);
          else if (event !== null && venueOrderId !== null && event.venueOrderId === venueOrderId)
            found.push({ ...event, clientOrderId });
        }
      } catch (thrown) {
        const error = errorEventOf(venue, thrown);
        if (error.reaction === 'reconcile') return;
        conclusive = false;
        log.debug({ venue, what, reason: error.message }, 'a query was not answered');
      }
    };
    const one = async (id: string | null, params: Row): Promise<readonly Row[]> => [
      rowOf(await this.listings.read('fetchOrder', [id ?? undefined, symbol, params])),
    ];
    const byOurId = profile.fetchByClientId;
    if (can(has, 'fetchOrder')) {
      if (byOurId !== null) await tell('fetchOrder', () => one(null, byOurId(clientOrderId)));
      else if (venueOrderId !== null) await tell('fetchOrder', () => one(venueOrderId, {}));
    }
    if (found.length === 0) {
      const params = profile.listByClientId?.(clientOrderId) ?? {};
      const listed = (method: MethodName, fromMs: number | null) =>
        this.listings.ofSymbol(method, symbol, { sinceMs: fromMs, params });
      await tell('fetchOpenOrders', () => listed('fetchOpenOrders', null));
      const history = historyOf(has);
      if (history === null) conclusive = false;
      for (const method of history ?? []) {
        await tell(method, () => listed(method, sinceMs));
      }
    }
    const order = found.reduce<OrderEvent | null>(newer, null);
    if (order !== null && order.venueOrderId !== null) {
      ids.learn(clientOrderId, symbol, order.venueOrderId);
    }
    let fills: readonly FillEvent[] = [];
    if (order === null || order.filledQty > 0n) {
      try {
        const rows = await this.listings.ofSymbol('fetchMyTrades', symbol, { sinceMs, params: {} });
        fills = this.listings.fillsOf(rows).filter((fill) => fill.clientOrderId === clientOrderId);
      } catch {
        conclusive = false;
      }
    }
    if (order !== null) return { outcome: 'found', order, fills };
    if (conclusive && fills.length === 0) return { ...unknown, outcome: 'not-found' };
    return { ...unknown, fills };
  }
}

/** An ended order counts before a live one, then the one with more filled. */
function newer(best: OrderEvent | null, event: OrderEvent): OrderEvent {
  if (best === null) return event;
  const [ended, bestEnded] = [isTerminal(event.status), isTerminal(best.status)];
  if (ended !== bestEnded) return ended ? event : best;
  return event.filledQty > best.filledQty ? event : best;
}

function rowsFrom(value: unknown): readonly Row[] {
  return Array.isArray(value) ? value.map(rowOf) : [];
}
