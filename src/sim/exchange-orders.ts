// The orders of one simulated venue: open ones, ended ones that are remembered, and their ids. An
// order is an immutable snapshot; every change replaces it.
import { assert } from '../base/assert.ts';
import { type Decimal, minus, negate, plus, zero } from '../base/decimal.ts';
import { type ContractTerms, isInverse, notionalAt, priceAt } from '../domain/contract-value.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import type { SimEndReason, SimFill, SimOrder, SimOrderTarget } from './api.ts';
import { History } from './exchange-history.ts';
import { historyMax } from './exchange-rules.ts';

const none: readonly SimOrder[] = [];

export class Orders {
  private readonly open = new Map<string, SimOrder>();
  private readonly byId = new Map<string, SimOrder>();
  /** Newest order id of every client id. */
  private readonly byClientId = new Map<string, string>();
  /** Every client id that was used, oldest first: outlives the orders. */
  private readonly usedClientIds = new Set<string>();
  private readonly history = new History<string>(historyMax.orders);

  add(order: SimOrder): void {
    assert(!this.byId.has(order.orderId), `order id ${order.orderId} is used twice`);
    const key = clientKey(order.instrument, order.clientOrderId);
    this.byClientId.set(key, order.orderId);
    this.usedClientIds.add(key);
    if (this.usedClientIds.size > historyMax.clientIds) {
      for (const oldest of this.usedClientIds) {
        this.usedClientIds.delete(oldest);
        break;
      }
    }
    this.byId.set(order.orderId, order);
    this.open.set(order.orderId, order);
    for (const forgotten of this.history.push(order.orderId)) this.forget(forgotten);
  }

  replace(order: SimOrder): void {
    assert(this.byId.has(order.orderId), `order ${order.orderId} is not known`);
    this.byId.set(order.orderId, order);
    if (isEnded(order)) this.open.delete(order.orderId);
    else this.open.set(order.orderId, order);
  }

  find(target: SimOrderTarget): SimOrder | null {
    const { instrument, orderId, clientOrderId } = target;
    const id =
      orderId ??
      (clientOrderId === undefined
        ? undefined
        : this.byClientId.get(clientKey(instrument, clientOrderId)));
    const order = id === undefined ? undefined : this.byId.get(id);
    return order?.instrument === instrument ? order : null;
  }

  clientIdUsed(instrument: InstrumentId, clientOrderId: string): 'open' | 'ended' | 'never' {
    const key = clientKey(instrument, clientOrderId);
    const orderId = this.byClientId.get(key);
    if (orderId !== undefined && this.open.has(orderId)) return 'open';
    return this.usedClientIds.has(key) ? 'ended' : 'never';
  }

  /** In the order of placement. */
  openOrders(instrument: InstrumentId | null): readonly SimOrder[] {
    if (this.open.size === 0) return none;
    const list: SimOrder[] = [];
    for (const order of this.open.values()) {
      if (instrument === null || order.instrument === instrument) list.push(order);
    }
    return list;
  }

  get openCount(): number {
    return this.open.size;
  }

  all(): readonly SimOrder[] {
    return [...this.byId.values()];
  }

  private forget(orderId: string): void {
    const order = this.byId.get(orderId);
    if (order === undefined || this.open.has(orderId)) return;
    this.byId.delete(orderId);
    const key = clientKey(order.instrument, order.clientOrderId);
    if (this.byClientId.get(key) === orderId) this.byClientId.delete(key);
  }
}

export function isEnded(order: SimOrder): boolean {
  return order.status !== 'open' && order.status !== 'partially-filled';
}

export function openQty(order: SimOrder): Decimal {
  return minus(order.qty, order.filledQty);
}

/** The order after one of its fills. */
export function withFill(order: SimOrder, fill: SimFill, terms: ContractTerms): SimOrder {
  const filledQty = plus(order.filledQty, fill.qty);
  assert(filledQty <= order.qty, `order ${order.orderId} is overfilled`);
  const filledCost = plus(order.filledCost, notionalAt(terms, fill.qty, fill.price));
  const value = isInverse(terms) ? negate(filledCost) : filledCost;
  return {
    ...order,
    status: filledQty === order.qty ? 'filled' : 'partially-filled',
    filledQty,
    filledCost,
    averagePrice: filledQty === zero ? null : priceAt(terms, filledQty, value),
    feePaid: plus(order.feePaid, fill.feePaid),
    updatedTsMs: fill.tsMs,
  };
}

/** Endings by time in force are `expired`, all others `canceled`. */
export function ended(order: SimOrder, reason: SimEndReason, tsMs: number): SimOrder {
  const expires = reason === 'ioc-remainder' || reason === 'fok' || reason === 'no-liquidity';
  return {
    ...order,
    status: expires ? 'expired' : 'canceled',
    endReason: reason,
    updatedTsMs: tsMs,
  };
}

function clientKey(instrument: InstrumentId, clientOrderId: string): string {
  return `${instrument} ${clientOrderId}`;
}
