// The life of an order at one simulated venue: accepted, traded level by level, resting, ended. It
// is told when (`tsMs` venue, `wallMs` wall) and never moves time itself.
import { present } from '../base/assert.ts';
import { abs, type Decimal, fromNumber, minOf, zero } from '../base/decimal.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import { opposite, type Side } from '../domain/order.ts';
import type {
  SimEndReason,
  SimEvent,
  SimInstrument,
  SimNow,
  SimOrder,
  SimOrderRequest,
  SimResult,
} from './api.ts';
import type { Account } from './exchange-account.ts';
import type { Booking, Trade } from './exchange-booking.ts';
import type { Books } from './exchange-books.ts';
import { type Refusal, refusalByFilters, refuse } from './exchange-filters.ts';
import { refusalByFunds } from './exchange-funds.ts';
import { ended, isEnded, type Orders, openQty } from './exchange-orders.ts';
import type { ExchangeRules } from './exchange-rules.ts';
import { accepts, type Take, totalQty } from './matching.ts';
import { reducesPosition } from './position.ts';

/** Client ids that the venue made up because the order had none. */
export const madeUpClientIdPrefix = 'simauto';
/** Client ids of orders that the venue placed itself. */
export const forcedClientIdPrefix = { liquidation: 'autoclose-', adl: 'adl_autoclose-' } as const;
const firstOrderId = 10_000_000;

interface MatchingParts {
  readonly rules: ExchangeRules;
  readonly books: Books;
  readonly orders: Orders;
  readonly account: Account;
  readonly booking: Booking;
  readonly emit: (event: SimEvent) => void;
}

type Draft = Omit<SimOrderRequest, 'clientOrderId'>;

export class Matching {
  private readonly parts: MatchingParts;
  private orderCount = firstOrderId;

  constructor(parts: MatchingParts) {
    this.parts = parts;
  }

  place(request: SimOrderRequest, listing: SimInstrument, now: SimNow): SimResult<SimOrder> {
    const { account, books, rules } = this.parts;
    const mark = fromNumber(account.mark(request.instrument));
    const refused = refusalByFilters(request, listing, mark) ?? this.refusalById(request);
    if (refused !== null) return refused;
    const qty = this.reducibleQty(request, request.qty);
    if (qty === zero) return refuse('reduce-only-rejected', 'there is no position to reduce');
    const sized = { ...request, qty };
    const takesAtOnce = sized.timeInForce === 'post-only' && this.crosses(sized);
    if (takesAtOnce && rules.postOnlyCross === 'reject') {
      return refuse('post-only-would-cross', 'the order would take liquidity');
    }
    const takes = books.peek(request.instrument, sized);
    const funds = refusalByFunds({ request: sized, listing, takes, account });
    if (funds !== null) return funds;
    const order = this.accept(sized, request.clientOrderId, now);
    if (takesAtOnce) return accepted(this.end(order, 'post-only-would-cross', now));
    if (request.timeInForce === 'fok' && totalQty(takes) < qty) {
      return accepted(this.end(order, 'fok', now));
    }
    return accepted(this.execute(order, takes, { listing, now }));
  }

  end(order: SimOrder, reason: SimEndReason, now: SimNow): SimOrder {
    const last = ended(order, reason, now.tsMs);
    this.parts.orders.replace(last);
    this.parts.emit({ kind: 'order', order: last, tsMs: now.tsMs });
    return last;
  }

  /** Resting orders trade at their own price when the published book crosses them. */
  matchResting(listed: ReadonlyMap<InstrumentId, SimInstrument>, now: SimNow): void {
    const { orders, books } = this.parts;
    for (const resting of orders.openOrders(null)) {
      if (!this.crosses(resting)) continue;
      const qty = this.reducibleQty(resting, openQty(resting));
      if (qty === zero) {
        this.end(resting, 'reduce-only', now);
        continue;
      }
      const listing = present(listed.get(resting.instrument), resting.instrument);
      const depth = totalQty(books.peek(resting.instrument, { ...resting, qty }));
      books.consume(resting.instrument, { side: resting.side, qty: depth }, now.wallMs);
      this.fillResting(resting, { listing, qty: depth }, now);
    }
  }

  /** Somebody takes part of a resting order: the market shows nothing of it. */
  takeResting(
    resting: SimOrder,
    take: { readonly listing: SimInstrument; readonly qty: Decimal },
    now: SimNow,
  ): void {
    const qty = minOf(take.qty, this.reducibleQty(resting, openQty(resting)));
    if (qty > zero) this.fillResting(resting, { ...take, qty }, now);
  }

  private fillResting(
    resting: SimOrder,
    { listing, qty }: { readonly listing: SimInstrument; readonly qty: Decimal },
    now: SimNow,
  ): void {
    const trade: Trade = {
      price: present(resting.limit, 'limit of a resting order'),
      qty,
      liquidity: 'maker',
      feeRate: listing.feeRateMaker,
      forced: null,
    };
    const order = this.parts.booking.fill(resting, trade, now.tsMs);
    const done = resting.reduceOnly && this.reducibleQty(resting, resting.qty) === zero;
    if (done && !isEnded(order)) this.end(order, 'reduce-only', now);
  }

  /** The venue closes part of a position itself, at a price that it sets. */
  forceClose(
    close: {
      readonly instrument: InstrumentId;
      readonly qty: Decimal;
      readonly price: Decimal;
      readonly feeRate: Decimal;
      readonly forced: 'liquidation' | 'adl';
    },
    now: SimNow,
  ): SimOrder {
    const { account, booking } = this.parts;
    const held: Side = account.state(close.instrument).qty > zero ? 'buy' : 'sell';
    const draft: Draft = {
      instrument: close.instrument,
      side: opposite(held),
      type: 'market',
      timeInForce: 'ioc',
      qty: close.qty,
      limit: null,
      reduceOnly: true,
    };
    const name = `${forcedClientIdPrefix[close.forced]}${this.orderCount + 1}`;
    const order = this.accept(draft, name, now);
    return booking.fill(order, { liquidity: 'taker', ...close }, now.tsMs);
  }

  private refusalById(request: SimOrderRequest): Refusal | null {
    const { orders, rules } = this.parts;
    if (orders.openCount >= rules.ordersOpenMax) {
      return refuse('too-many-orders', `at most ${rules.ordersOpenMax} open orders`);
    }
    if (request.clientOrderId === null) return null;
    const used = orders.clientIdUsed(request.instrument, request.clientOrderId);
    if (used === 'never') return null;
    if (used === 'ended' && rules.clientIdsUnique === 'among-open') return null;
    return refuse('duplicate-client-id', `client id ${request.clientOrderId} is used`);
  }

  /** The quantity, shrunk to the position for reduce-only orders; zero = nothing to reduce. */
  private reducibleQty(
    order: { readonly instrument: InstrumentId; readonly side: Side; readonly reduceOnly: boolean },
    qty: Decimal,
  ): Decimal {
    if (!order.reduceOnly) return qty;
    const state = this.parts.account.state(order.instrument);
    return reducesPosition(state, order.side) ? minOf(qty, abs(state.qty)) : zero;
  }

  private crosses(order: {
    readonly instrument: InstrumentId;
    readonly side: Side;
    readonly limit: Decimal | null;
  }): boolean {
    const best = this.parts.books.bestFor(order.instrument, order.side);
    return best !== null && accepts(order.side, order.limit, best);
  }

  private accept(draft: Draft, clientOrderId: string | null, now: SimNow): SimOrder {
    this.orderCount++;
    const orderId = String(this.orderCount);
    const order: SimOrder = {
      orderId,
      clientOrderId: clientOrderId ?? `${madeUpClientIdPrefix}${orderId}`,
      instrument: draft.instrument,
      side: draft.side,
      type: draft.type,
      timeInForce: draft.timeInForce,
      qty: draft.qty,
      limit: draft.limit,
      reduceOnly: draft.reduceOnly,
      status: 'open',
      filledQty: zero,
      filledCost: zero,
      averagePrice: null,
      feePaid: zero,
      feeAsset: this.parts.booking.feeAsset(draft.instrument, draft.side),
      createdTsMs: now.tsMs,
      updatedTsMs: now.tsMs,
      endReason: null,
    };
    this.parts.orders.add(order);
    this.parts.emit({ kind: 'order', order, tsMs: now.tsMs });
    return order;
  }

  private execute(
    order: SimOrder,
    takes: readonly Take[],
    at: { readonly listing: SimInstrument; readonly now: SimNow },
  ): SimOrder {
    const { books, booking } = this.parts;
    const { now } = at;
    const feeRate = at.listing.feeRateTaker;
    const taken = { side: order.side, qty: totalQty(takes) };
    books.consume(order.instrument, taken, now.wallMs);
    let current = order;
    for (const take of takes) {
      const trade: Trade = { liquidity: 'taker', ...take, feeRate, forced: null };
      current = booking.fill(current, trade, now.tsMs);
    }
    if (isEnded(current)) return current;
    if (order.type === 'market') return this.end(current, 'no-liquidity', now);
    if (order.timeInForce === 'ioc') return this.end(current, 'ioc-remainder', now);
    return current;
  }
}

function accepted(order: SimOrder): SimResult<SimOrder> {
  return { ok: true, value: order };
}
