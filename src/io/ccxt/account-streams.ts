// Orders and fills of the account over ccxt.pro, once per kind of market. Where a venue has no such
// stream nothing is made up here: the orders' own readings after each placement stand in.
import type { Method } from './api.ts';
import { can } from './capabilities.ts';
import { isA } from './errors.ts';
import { rowsOf } from './fields.ts';
import type { Listings } from './listings.ts';
import type { Orders } from './orders.ts';
import { type CcxtContext, marketTypesOf } from './session.ts';
import { WatchLoop } from './streams.ts';

export interface AccountStreamsOwner {
  /** Every stream that exists is up, or one was lost. */
  changed(isUp: boolean, detail: string): void;
  /** The venue refuses the key. */
  refused(thrown: unknown): void;
}

export class AccountStreams {
  private readonly context: CcxtContext;
  private readonly owner: AccountStreamsOwner;
  private readonly loops: WatchLoop[] = [];
  private isUp = false;

  constructor(
    context: CcxtContext,
    parts: { readonly orders: Orders; readonly listings: Listings },
    owner: AccountStreamsOwner,
  ) {
    this.context = context;
    this.owner = owner;
    const { account } = context.exchanges;
    const { orders, listings } = parts;
    for (const type of marketTypesOf(context)) {
      const params = [undefined, undefined, undefined, { type }];
      if (can(account.has, 'watchOrders')) {
        this.add(
          `orders ${type}`,
          () => account.watchOrders(...params),
          (value) => {
            for (const event of listings.orders(rowsOf(value))) orders.emitOrder(event);
          },
        );
      }
      if (can(account.has, 'watchMyTrades')) {
        this.add(
          `fills ${type}`,
          () => account.watchMyTrades(...params),
          (value) => {
            const rows = rowsOf(value);
            const fills = listings.streamedFills(rows);
            for (const event of fills) orders.emitFill(event);
            if (fills.length < rows.length) orders.ring(rows);
          },
        );
      }
    }
  }

  start(): void {
    for (const loop of this.loops) loop.start();
    if (this.loops.length === 0) this.judge('no account streams: read over REST');
  }

  stop(): void {
    for (const loop of this.loops) loop.stop();
  }

  stats(): readonly ReturnType<WatchLoop['stats']>[] {
    return this.loops.map((loop) => loop.stats());
  }

  private add(name: string, watch: Method, data: (value: unknown) => void): void {
    const loop = new WatchLoop(this.context, {
      name,
      access: 'private',
      watch,
      data,
      up: () => this.judge('the account streams are up'),
      lost: (reason) => this.judge(`${name}: ${reason}`),
      refused: (thrown) => {
        if (isA(thrown, 'AuthenticationError')) this.owner.refused(thrown);
        // A stream that does not exist after all: REST stands in.
        else this.judge(`${name}: not there`);
      },
      settleMs: this.context.limits.privateSettleMs,
    });
    this.loops.push(loop);
  }

  private judge(detail: string): void {
    const isUp = this.loops.every((loop) => loop.isUp || loop.stats().state === 'stopped');
    if (isUp === this.isUp) return;
    this.isUp = isUp;
    this.owner.changed(isUp, detail);
  }
}
