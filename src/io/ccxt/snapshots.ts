// The account of a ccxt venue in one event, by the native driver's rule: holdings, listings,
// holdings again, given out only when both readings of the holdings agree.

import type { RequestSnapshot, VenueSnapshot } from '../../domain/event.ts';
import type { OrderEvent } from '../../domain/venue-event.ts';
import { nameFills, sameHoldings } from '../driver-snapshot.ts';
import { textOf } from './errors.ts';
import type { Listings } from './listings.ts';
import type { CcxtContext } from './session.ts';

type Account = Omit<VenueSnapshot, 'kind' | 'venue' | 'requestId' | 'ok' | 'sinceMs' | 'error'>;
type Holdings = Pick<Account, 'balances' | 'positions'>;

const nothing: Account = {
  openOrders: [],
  orders: [],
  fills: [],
  fundingPayments: [],
  balances: [],
  positions: [],
};

export class Snapshots {
  private readonly context: CcxtContext;
  private readonly listings: Listings;
  private readonly queue: RequestSnapshot[] = [];
  /** Symbols that ever held something or had an order; all of them in the first snapshot. */
  private readonly touched = new Set<string>();
  private taken = 0;
  private running = false;

  constructor(context: CcxtContext, listings: Listings) {
    this.context = context;
    this.listings = listings;
  }

  request(effect: RequestSnapshot): void {
    const { limits, isStopped } = this.context;
    if (isStopped()) this.fail(effect, 'the driver is stopping');
    else if (this.queue.length >= limits.snapshotQueueMax) {
      this.fail(effect, `${this.queue.length} snapshots wait already`);
    } else {
      this.queue.push(effect);
      if (!this.running) void this.run();
    }
  }

  stop(): void {
    for (const effect of this.queue.splice(0)) this.fail(effect, 'the driver is stopping');
  }

  private async run(): Promise<void> {
    const { clock, limits, venue, emit } = this.context;
    this.running = true;
    for (let effect = this.queue.shift(); effect !== undefined; effect = this.queue.shift()) {
      const reachMs = Math.floor(clock.venueMs() - limits.historyVenueMsMax);
      const sinceMs = Math.max(effect.sinceMs, reachMs);
      try {
        const account = await this.take(sinceMs);
        const { requestId } = effect;
        emit({
          kind: 'venue-snapshot',
          venue,
          requestId,
          ok: true,
          sinceMs,
          error: null,
          ...account,
        });
        this.taken++;
      } catch (thrown) {
        this.fail(effect, textOf(thrown));
      }
    }
    this.running = false;
  }

  private async take(sinceMs: number): Promise<Account> {
    const { limits } = this.context;
    let before = await this.holdings();
    for (let attempt = 1; attempt <= limits.snapshotAttemptsMax; attempt++) {
      const openOrders = await this.listings.openOrders();
      this.touch(openOrders.map(({ instrument }) => instrument));
      const symbols = this.symbols();
      const orders = await this.listings.history(symbols, sinceMs);
      const fills = await this.listings.fills(symbols, sinceMs);
      const fundingPayments = await this.listings.payments(sinceMs);
      const after = await this.holdings();
      if (this.context.isStopped()) throw new Error('the driver is stopping');
      if (sameHoldings(before, after)) {
        return {
          openOrders: unique(openOrders, orderKey),
          orders: unique(orders, orderKey),
          fills: inTime(
            nameFills(
              unique(fills, (f) => `${f.instrument} ${f.fillId}`),
              [...openOrders, ...orders],
            ),
          ),
          fundingPayments: inTime(unique(fundingPayments, (p) => `${p.symbol} ${p.id}`)),
          ...after,
        };
      }
      before = after;
    }
    throw new Error(`the account changed during each of ${limits.snapshotAttemptsMax} readings`);
  }

  private async holdings(): Promise<Holdings> {
    const balances = await this.listings.balances();
    const positions = await this.listings.positions();
    this.touch(positions.map(({ instrument }) => instrument));
    return { balances, positions };
  }

  private touch(instruments: readonly (string | null)[]): void {
    for (const id of instruments) {
      const symbol = id === null ? undefined : this.context.symbolOf.get(id);
      if (symbol !== undefined) this.touched.add(symbol);
    }
  }

  /** A listing per symbol is dear: the first snapshot reads all, later ones what was touched. */
  private symbols(): readonly string[] {
    const { bySymbol, ids } = this.context;
    if (this.taken === 0) return [...bySymbol.keys()];
    for (const symbol of ids.symbols()) this.touched.add(symbol);
    return [...this.touched].filter((symbol) => bySymbol.has(symbol));
  }

  private fail({ requestId, sinceMs }: RequestSnapshot, error: string): void {
    const { venue, emit } = this.context;
    emit({ kind: 'venue-snapshot', venue, requestId, ok: false, sinceMs, ...nothing, error });
  }
}

function orderKey({ instrument, venueOrderId, clientOrderId }: OrderEvent): string {
  return `${instrument} ${venueOrderId ?? clientOrderId}`;
}

function unique<T>(events: readonly T[], keyOf: (event: T) => string): readonly T[] {
  return [...new Map(events.map((event) => [keyOf(event), event])).values()];
}

function inTime<T extends { readonly venueTsMs: number | null }>(
  events: readonly T[],
): readonly T[] {
  return [...events].sort((a, b) => (a.venueTsMs ?? 0) - (b.venueTsMs ?? 0));
}
