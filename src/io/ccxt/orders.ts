// Place, cancel and query through ccxt. Each effect is answered by exactly one result event; a
// placement is sent once; what ccxt cannot tell to have failed is `unknown`, never `rejected`.
import { assert } from '../../base/assert.ts';
import {
  type Decimal,
  formatDecimal,
  fromNumber,
  plus,
  roundToStep,
  zero,
} from '../../base/decimal.ts';
import type { CancelOrder, PlaceOrder, QueryOrder } from '../../domain/event.ts';
import { type Instrument, priceToVenue, qtyToVenue } from '../../domain/instrument.ts';
import { slot } from '../../domain/market-table.ts';
import { type ApprovedOrder, isTerminal } from '../../domain/order.ts';
import type { ErrorEvent, FillEvent, OrderEvent } from '../../domain/venue-event.ts';
import { localError } from '../driver-types.ts';
import type { Row } from './api.ts';
import { can } from './capabilities.ts';
import { errorEventOf, Unanswered } from './errors.ts';
import { rowOf, textAt } from './fields.ts';
import type { Listings } from './listings.ts';
import { Lookup } from './lookup.ts';
import { orderEventOf } from './rows.ts';
import { type CcxtContext, call } from './session.ts';

/** What the streams and readings have shown of an order of ours. */
interface Seen {
  ended: boolean;
  reported: Decimal;
  filled: Decimal;
  readonly fillIds: Set<string>;
}

const seenMax = 2_000;

export class Orders {
  private readonly context: CcxtContext;
  private readonly lookup: Lookup;
  private readonly seen = new Map<string, Seen>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private underWay = 0;
  private idleWaiters: (() => void)[] = [];

  constructor(context: CcxtContext, listings: Listings) {
    this.context = context;
    this.lookup = new Lookup(context, listings);
  }

  place({ order }: PlaceOrder): void {
    this.underWay++;
    void this.placed(order).finally(() => this.finished());
  }

  cancel(effect: CancelOrder): void {
    this.underWay++;
    void this.canceled(effect).finally(() => this.finished());
  }

  query(effect: QueryOrder): void {
    this.underWay++;
    void this.queried(effect).finally(() => this.finished());
  }

  /** Everything about orders leaves through here, so that it is known what is still missing. */
  emitOrder(event: OrderEvent): void {
    this.note(event);
    this.context.emit(event);
  }

  emitFill(event: FillEvent): void {
    this.note(event);
    this.context.emit(event);
  }

  /** Trades came whose rows do not say enough: their orders are read at once. */
  ring(rows: readonly Row[]): void {
    const { source, limits } = this.context;
    const about = new Map<string, string>();
    for (const row of rows) {
      const clientOrderId = source.clientIdOf(row, textAt(row, 'order'));
      const instrument = source.instrumentOf(textAt(row, 'symbol') ?? '');
      if (clientOrderId === null || instrument === undefined) continue;
      if (this.seen.has(clientOrderId)) about.set(clientOrderId, instrument.id);
    }
    for (const [clientOrderId, instrument] of about) {
      this.follow(clientOrderId, instrument, { tries: limits.followTriesMax - 1, afterMs: 0 });
    }
  }

  stop(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }

  /** Resolves when every effect is answered, at the latest after `withinMs`. */
  async idle(withinMs: number): Promise<void> {
    if (this.underWay === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.idleWaiters.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private async placed(order: ApprovedOrder): Promise<void> {
    const { venue, clock, ids, metrics, symbolOf, exchanges, limits } = this.context;
    const { clientOrderId } = order;
    const startedMs = clock.wallMs();
    let answered = false;
    const answer = (outcome: 'acked' | 'rejected' | 'unknown', error: ErrorEvent | null): void => {
      if (answered) return;
      answered = true;
      metrics.count('place', outcome);
      metrics.latency('place', clock.wallMs() - startedMs);
      if (error !== null) this.logError(error);
      this.context.emit({ kind: 'place-result', venue, clientOrderId, outcome, error });
    };
    const instrument = this.context.catalog.byId(order.instrument);
    const symbol = symbolOf.get(order.instrument);
    const refused = this.whyNot(order, instrument, symbol);
    if (refused !== null || instrument === undefined || symbol === undefined) {
      answer('rejected', refused);
      return;
    }
    const terms = this.termsOf(order, instrument);
    if (terms === null) {
      answer('rejected', this.local(order, 'no-price', 'no quote to price a market order from'));
      return;
    }
    ids.placed(clientOrderId, symbol, clock.venueMs());
    this.seen.set(clientOrderId, {
      ended: false,
      reported: zero,
      filled: zero,
      fillIds: new Set(),
    });
    if (this.seen.size > seenMax) this.seen.delete([...this.seen.keys()][0] ?? '');
    const { type, amount, price, params } = terms;
    const args = [symbol, type, order.side, amount, price, params];
    const sending = (async () => exchanges.orders.createOrder(...args))();
    // A late answer still tells the venue's id and, where it does, the state.
    sending.then(
      (row) => {
        this.acknowledged(order, symbol, rowOf(row), () => answer('acked', null));
      },
      () => undefined,
    );
    try {
      await withDeadline(sending, limits.placeTimeoutMs);
    } catch (thrown) {
      const error = errorEventOf(venue, thrown, {
        clientOrderId,
        instrument,
        refusals: this.context.profile.refusals,
      });
      const isOpen = error.code === 'UNKNOWN_OUTCOME' || error.code === 'TRANSIENT';
      answer(isOpen ? 'unknown' : 'rejected', error);
    }
  }

  private acknowledged(order: ApprovedOrder, symbol: string, row: Row, answer: () => void): void {
    const { ids, source, limits } = this.context;
    const { clientOrderId } = order;
    const venueOrderId = textAt(row, 'id');
    if (venueOrderId !== null) ids.learn(clientOrderId, symbol, venueOrderId);
    answer();
    if (this.context.isStopped()) return;
    const event = orderEventOf({ ...row, symbol }, source);
    if (event !== null) this.emitOrder({ ...event, clientOrderId });
    const rests = order.timeInForce === 'gtc' || order.timeInForce === 'post-only';
    const streamed = can(this.context.exchanges.orders.has, 'watchOrders');
    if (rests && streamed && order.limit !== null) return;
    this.follow(clientOrderId, order.instrument, { tries: 0, afterMs: limits.followAfterMs });
  }

  /** Reads an order that its streams have not brought to an end. */
  private follow(
    clientOrderId: string,
    instrument: string,
    { tries, afterMs }: { readonly tries: number; readonly afterMs: number },
  ): void {
    const { limits } = this.context;
    if (tries >= limits.followTriesMax) return;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      const known = this.seen.get(clientOrderId);
      if (known === undefined || this.context.isStopped()) return;
      if (known.ended && known.filled >= known.reported) return;
      void this.lookup.look(clientOrderId, instrument).then((result) => {
        if (this.context.isStopped()) return;
        if (result.order !== null) this.emitOrder(result.order);
        for (const fill of result.fills) this.emitFill(fill);
        this.follow(clientOrderId, instrument, { tries: tries + 1, afterMs: afterMs * 2 });
      });
    }, afterMs);
    this.timers.add(timer);
  }

  private async canceled({ clientOrderId, instrument: id }: CancelOrder): Promise<void> {
    const { venue, clock, metrics, exchanges, limits, profile, ids } = this.context;
    const startedMs = clock.wallMs();
    const answer = (outcome: 'acked' | 'gone' | 'unknown', error: ErrorEvent | null): void => {
      metrics.count('cancel', outcome);
      metrics.latency('cancel', clock.wallMs() - startedMs);
      if (error !== null) this.logError(error);
      this.context.emit({ kind: 'cancel-result', venue, clientOrderId, outcome, error });
    };
    const instrument = this.context.catalog.byId(id);
    const symbol = this.context.symbolOf.get(id);
    if (instrument === undefined || symbol === undefined) {
      answer('unknown', this.unlisted(id, clientOrderId));
      return;
    }
    try {
      const byOurId = profile.cancelByClientId;
      let venueOrderId = ids.venueIdOf(clientOrderId);
      if (venueOrderId === null && byOurId === null) {
        venueOrderId = await this.lookup.openVenueId(clientOrderId, symbol);
        if (venueOrderId === null) {
          answer('gone', null);
          return;
        }
      }
      const params = venueOrderId === null && byOurId !== null ? byOurId(clientOrderId) : {};
      const args = [venueOrderId ?? undefined, symbol, params];
      await call(exchanges.orders, 'cancelOrder', args, limits.cancelTimeoutMs);
      answer('acked', null);
    } catch (thrown) {
      const error = errorEventOf(venue, thrown, {
        clientOrderId,
        instrument,
        refusals: this.context.profile.refusals,
      });
      answer(error.reaction === 'reconcile' ? 'gone' : 'unknown', error);
    }
  }

  private async queried(effect: QueryOrder): Promise<void> {
    const { venue, clock, metrics } = this.context;
    const startedMs = clock.wallMs();
    const result = await this.lookup.look(effect.clientOrderId, effect.instrument);
    if (result.order !== null) this.note(result.order);
    for (const fill of result.fills) this.note(fill);
    metrics.count('query', result.outcome);
    metrics.latency('query', clock.wallMs() - startedMs);
    const { clientOrderId } = effect;
    this.context.emit({ kind: 'query-result', venue, clientOrderId, ...result });
  }

  private termsOf(order: ApprovedOrder, instrument: Instrument): Terms | null {
    const params: Record<string, unknown> = {
      ...this.context.profile.placeParams,
      clientOrderId: order.clientOrderId,
    };
    if (order.reduceOnly && instrument.kind !== 'spot') params['reduceOnly'] = true;
    const amount = formatDecimal(qtyToVenue(instrument, order.qty));
    let limit = order.limit;
    let { timeInForce } = order;
    if (limit === null && instrument.kind === 'spot') {
      // A market purchase is stated in quote on many venues: an aggressive limit is the same.
      limit = this.throughTheTouch(order, instrument);
      timeInForce = 'ioc';
      if (limit === null) return null;
    }
    if (limit === null) return { type: 'market', amount, price: undefined, params };
    if (timeInForce === 'ioc') params['timeInForce'] = 'IOC';
    if (timeInForce === 'fok') params['timeInForce'] = 'FOK';
    if (timeInForce === 'post-only') params['postOnly'] = true;
    return { type: 'limit', amount, price: formatDecimal(priceToVenue(instrument, limit)), params };
  }

  private throughTheTouch(order: ApprovedOrder, instrument: Instrument): Decimal | null {
    const { catalog, table, limits } = this.context;
    const isBuy = order.side === 'buy';
    const touch = table.get(catalog.indexOf(instrument.id), isBuy ? slot.ask : slot.bid);
    if (!(touch > 0) || instrument.tickSize === null) return null;
    const price = touch * (isBuy ? 1 + limits.marketSlack : 1 - limits.marketSlack);
    return roundToStep(fromNumber(price), instrument.tickSize, isBuy ? 'ceil' : 'floor');
  }

  private whyNot(
    order: ApprovedOrder,
    instrument: Instrument | undefined,
    symbol: string | undefined,
  ): ErrorEvent | null {
    const { credentials, isStopped } = this.context;
    if (instrument === undefined || symbol === undefined) {
      return this.unlisted(order.instrument, order.clientOrderId);
    }
    if (isStopped()) return this.local(order, 'stopped', 'not sent: the driver is stopping');
    if (credentials === null) return this.local(order, 'no-key', 'not sent: there is no API key');
    return null;
  }

  private local(order: ApprovedOrder, venueCode: string, message: string): ErrorEvent {
    const { clientOrderId } = order;
    const code = venueCode === 'no-key' ? 'AUTH' : 'TRANSIENT';
    const reaction = venueCode === 'no-key' ? 'stop' : 'retry';
    return localError(this.context.venue, { code, venueCode, message, reaction, clientOrderId });
  }

  private unlisted(id: string, clientOrderId: string): ErrorEvent {
    return localError(this.context.venue, {
      code: 'REJECTED',
      venueCode: 'not-listed',
      message: `${id} is not among the instruments of this run`,
      reaction: 'report',
      clientOrderId,
    });
  }

  private note(event: OrderEvent | FillEvent): void {
    const known = event.clientOrderId === null ? undefined : this.seen.get(event.clientOrderId);
    if (known === undefined) return;
    if (event.kind === 'order') {
      known.ended ||= isTerminal(event.status);
      if (event.filledQty > known.reported) known.reported = event.filledQty;
    } else if (!known.fillIds.has(event.fillId)) {
      known.fillIds.add(event.fillId);
      known.filled = plus(known.filled, event.qty);
    }
  }

  private logError(error: ErrorEvent): void {
    const { venue, log } = this.context;
    const { code, venueCode, message, reaction, clientOrderId } = error;
    const fields = { venue, code, venueCode, reaction, clientOrderId };
    if (code === 'AUTH') log.error(fields, message);
    else log.warn(fields, message);
  }

  private finished(): void {
    this.underWay--;
    assert(this.underWay >= 0, 'an effect was answered twice');
    if (this.underWay > 0) return;
    for (const waiter of this.idleWaiters.splice(0)) waiter();
  }
}

interface Terms {
  readonly type: 'market' | 'limit';
  readonly amount: string;
  readonly price: string | undefined;
  readonly params: Row;
}

async function withDeadline(sending: Promise<unknown>, withinMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Unanswered(`createOrder: no answer within ${withinMs} ms`)),
      withinMs,
    );
  });
  try {
    await Promise.race([sending, late]);
  } finally {
    clearTimeout(timer);
  }
}
