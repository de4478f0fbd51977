// Taking liquidity from a list of displayed levels. Pure: it says what would trade, and where.
import { type Decimal, minOf, minus, plus, zero } from '../base/decimal.ts';
import type { Side } from '../domain/order.ts';

export interface DepthLevel {
  readonly price: Decimal;
  readonly qty: Decimal;
}

/** Price and quantity of one trade. */
export type Take = DepthLevel;

/** Whether an order of `side` with this limit (null = market) accepts the price. */
export function accepts(side: Side, limit: Decimal | null, price: Decimal): boolean {
  if (limit === null) return true;
  return side === 'buy' ? price <= limit : price >= limit;
}

/**
 * The trades of an order against the other side's levels (best first), level by level at the
 * levels' prices, until its quantity, its limit or the levels end.
 */
export function takeLevels(
  levels: readonly DepthLevel[],
  order: { readonly side: Side; readonly limit: Decimal | null; readonly qty: Decimal },
): readonly Take[] {
  const takes: Take[] = [];
  let left = order.qty;
  for (const level of levels) {
    if (left <= zero || !accepts(order.side, order.limit, level.price)) break;
    if (level.qty <= zero) continue;
    const qty = minOf(left, level.qty);
    takes.push({ price: level.price, qty });
    left = minus(left, qty);
  }
  return takes;
}

/**
 * Levels without the first `taken` of their quantity: our own orders ate from the best price on.
 */
export function withoutTaken(levels: readonly DepthLevel[], taken: Decimal): readonly DepthLevel[] {
  let left = taken;
  const rest: DepthLevel[] = [];
  for (const level of levels) {
    const gone = minOf(left, level.qty);
    left = minus(left, gone);
    const qty = minus(level.qty, gone);
    if (qty > zero) rest.push({ price: level.price, qty });
  }
  return rest;
}

export function totalQty(takes: readonly Take[]): Decimal {
  return takes.reduce((total, take) => plus(total, take.qty), zero);
}
