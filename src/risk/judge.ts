// The only maker of an `ApprovedOrder`. Judges the orders of a basket together, all or none, on the
// worst case over positions, pending and unknown orders and the basket itself. Holds no state,
// sends nothing.
//
// Three ways through:
// - `reducing`: exits, hedges, unwinds and flattens that shrink a position whatever else fills and
//   that do not rest (IOC, FOK, market). Exempt from every entry limit, in every mode, with stores
//   or venues down; kept are a wide price collar and a wide order rate, which stop a runaway.
// - `completing`: a hedge that brings the lagging leg of a pair up. It adds to a position but not
//   to the worst net delta of the asset. Only when running, with the stores up, on a ready venue;
//   exempt from losses, ages and counts, and let `hedgeTolerance` beyond the exposure limits.
//   Otherwise the filled leg is unwound instead.
// - `opening`: everything else, under all limits, and within what the venues will margin: its
//   wallets' free margin and the tiers.
//
// An unknown figure never passes where it has to be compared: NaN denies.
import { assert } from '../base/assert.ts';
import { toNumber, zero } from '../base/decimal.ts';
import type { ApprovedOrder, OrderDraft } from '../domain/order.ts';
import type { Basket, Denial, RiskBook, RiskLimits, Verdict } from '../domain/verdict.ts';
import { accountDenials, dataDenials, denial, exposureDenials } from './checks.ts';
import { marginDenials } from './margin-checks.ts';
import { exposureOf, isReducing, largestOf, rangeOf, worstCaseOf } from './worst-case.ts';

/**
 * Exposure limits may be passed by this factor to complete a leg; the entry was judged below them.
 */
export const hedgeTolerance = 1.1;
/** Reducing orders may be sent this many times as often, and priced this many times as far. */
export const reducingRateFactor = 4;
export const reducingCollarFactor = 5;

export function judge(basket: Basket, book: RiskBook, limits: RiskLimits): Verdict {
  const { orders } = basket;
  assert(orders.length > 0, 'a basket holds an order');
  for (const order of orders) assert(order.qty > zero, `${order.clientOrderId} has a quantity`);
  const ways = orders.map((order) => wayOf(order, book, orders));
  const denials: Denial[] = [
    ...orders.flatMap((order, i) => modeDenials(order, ways[i] as Way, book)),
    ...rateDenials(ways, book, limits),
    ...orders.flatMap((order, i) => collarDenials(order, ways[i] as Way, limits)),
  ];
  const isOpening = ways.includes('opening');
  if (isOpening) {
    denials.push(...accountDenials(basket, book, limits));
    denials.push(...marginDenials(orders, book));
  }
  if (ways.some((way) => way !== 'reducing')) {
    const worst = worstCaseOf(book, orders);
    denials.push(...dataDenials({ basket, book, worst, limits, isOpening }));
    const tolerance = isOpening ? 1 : hedgeTolerance;
    denials.push(...exposureDenials({ book, worst, limits, tolerance }));
  }
  if (denials.length > 0) return { ok: false, denials: distinct(denials) };
  return { ok: true, orders: orders.map(approve) };
}

type Way = 'reducing' | 'completing' | 'opening';

/** The brand is applied here and nowhere else: this is what makes risk the only way out. */
function approve(order: OrderDraft): ApprovedOrder {
  return order as ApprovedOrder;
}

function wayOf(order: OrderDraft, book: RiskBook, orders: readonly OrderDraft[]): Way {
  const adds = order.purpose === 'entry' || order.purpose === 'roll';
  if (adds || !isImmediate(order)) return 'opening';
  if (isReducing(order, book, orders)) return 'reducing';
  return order.purpose === 'hedge' && isCompleting(order, book, orders) ? 'completing' : 'opening';
}

function isImmediate(order: OrderDraft): boolean {
  return order.limit === null || order.timeInForce === 'ioc' || order.timeInForce === 'fok';
}

/** Against the sign of the confirmed net delta, and no worse than it in the worst case. */
function isCompleting(order: OrderDraft, book: RiskBook, orders: readonly OrderDraft[]): boolean {
  const own = exposureOf(book, order.instrument);
  if (own === null) return false;
  let heldUsd = 0;
  let before = { low: 0, high: 0 };
  let after = { low: 0, high: 0 };
  for (const exposure of book.exposures) {
    if (exposure.base !== own.base) continue;
    const { price } = exposure;
    if (price === null) return false;
    const was = rangeOf(exposure, []);
    const is = rangeOf(exposure, orders);
    heldUsd += exposure.qty * price;
    before = { low: before.low + was.low * price, high: before.high + was.high * price };
    after = { low: after.low + is.low * price, high: after.high + is.high * price };
  }
  const isAgainst = order.side === 'buy' ? heldUsd < 0 : heldUsd > 0;
  return isAgainst && largestOf(after) <= largestOf(before);
}

function modeDenials(order: OrderDraft, way: Way, book: RiskBook): readonly Denial[] {
  if (way === 'reducing') return [];
  const { mode, storeDown, venuesReady } = book;
  const isReady = venuesReady.includes(order.venue);
  if (order.purpose === 'entry' && mode === 'running' && !storeDown && isReady) return [];
  const what = `${order.purpose} ${order.side} on ${order.instrument}`;
  const denials: Denial[] = [];
  // An exit that rests or passes flat may still go out while running, under all opening limits.
  const isOpeningAllowed =
    order.purpose === 'entry' ||
    order.purpose === 'roll' ||
    (order.purpose === 'exit' && mode === 'running');
  if (way === 'opening' && !isOpeningAllowed) {
    const why = isImmediate(order)
      ? 'does not reduce in the worst case'
      : 'rests: it may fill late';
    denials.push(denial('not-reducing', `${what} ${why}`));
  }
  if (mode === 'halted') denials.push(denial('halted', `halted: ${what} is not reducing`));
  if (mode === 'reduce-only') {
    denials.push(denial('reduce-only-mode', `reduce-only: ${what} is not reducing`));
  }
  if (storeDown) denials.push(denial('store-down', `a store is down: ${what} is not reducing`));
  if (!isReady) {
    denials.push(denial('venue-not-ready', `${order.venue} is not connected and reconciled`));
  }
  return denials;
}

function rateDenials(ways: readonly Way[], book: RiskBook, limits: RiskLimits): readonly Denial[] {
  const factor = ways.includes('opening') ? 1 : reducingRateFactor;
  const value = book.ordersLastSecond + ways.length;
  const limit = limits.ordersPerSecondMax * factor;
  if (value <= limit) return [];
  return [denial('order-rate-limit', `${value} orders in a second would pass`, { value, limit })];
}

function collarDenials(order: OrderDraft, way: Way, limits: RiskLimits): readonly Denial[] {
  const { limit: price, arrivalMid, side } = order;
  if (way !== 'opening') {
    if (price === null || !(arrivalMid > 0)) return [];
    const beyond = (side === 'buy' ? 1 : -1) * (toNumber(price) / arrivalMid - 1);
    return collar(order, beyond, limits.priceCollar * reducingCollarFactor);
  }
  if (price === null) {
    const message = `a market ${order.purpose} on ${order.instrument} has no worst price`;
    return [denial('price-collar', message)];
  }
  return collar(order, Math.abs(toNumber(price) / arrivalMid - 1), limits.priceCollar);
}

function collar(order: OrderDraft, value: number, limit: number): readonly Denial[] {
  if (value <= limit) return [];
  const message = `limit of ${order.instrument} is ${bps(value)} bp from the mid, beyond`;
  return [denial('price-collar', message, { value, limit })];
}

function bps(fraction: number): string {
  return (fraction * 10_000).toFixed(1);
}

function distinct(denials: readonly Denial[]): readonly Denial[] {
  if (denials.length === 1) return denials;
  const seen = new Set<string>();
  return denials.filter(({ code, message }) => {
    const key = `${code} ${message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
