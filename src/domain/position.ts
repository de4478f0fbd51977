// A position: signed quantity and its exact cost. The cost of what is closed is released in
// proportion, and the remainder stays with what is open, so nothing is lost to rounding over a
// position's life. Sign: + long. Linear: quantity in base units, cost in quote = sum of signed
// quantity x price.
import { abs, type Decimal, minOf, minus, over, plus, sign, times, zero } from '../base/decimal.ts';
import type { Side } from './order.ts';

export interface Position {
  readonly qty: Decimal;
  /** Signed like `qty`: what the open quantity cost. */
  readonly cost: Decimal;
}

export const flat: Position = { qty: zero, cost: zero };

/**
 * The position after a fill, and the profit that it realized (before fees).
 * Short 1 at 100 (qty -1, cost -100), buy 1 at 90: released -100, realized -1 x 90 - (-100) = 10.
 */
export function afterFill(
  position: Position,
  fill: { readonly side: Side; readonly qty: Decimal; readonly price: Decimal },
): { readonly position: Position; readonly realized: Decimal } {
  const signed = (fill.side === 'buy' ? fill.qty : -fill.qty) as Decimal; // brand: a sign flip
  const direction = sign(position.qty);
  if (direction === 0 || direction === sign(signed)) {
    return {
      position: {
        qty: plus(position.qty, signed),
        cost: plus(position.cost, times(signed, fill.price)),
      },
      realized: zero,
    };
  }
  const closing = minOf(abs(position.qty), fill.qty);
  const released =
    closing === abs(position.qty)
      ? position.cost
      : over(times(position.cost, closing), abs(position.qty));
  const closed = (direction === 1 ? closing : -closing) as Decimal; // brand: a sign flip
  const realized = minus(times(closed, fill.price), released);
  const opening = minus(fill.qty, closing);
  const opened = (signed > 0n ? opening : -opening) as Decimal; // brand: a sign flip
  return {
    position: {
      qty: plus(minus(position.qty, closed), opened),
      cost: plus(minus(position.cost, released), times(opened, fill.price)),
    },
    realized,
  };
}

/** Value at a price minus cost. */
export function unrealizedAt(position: Position, price: Decimal): Decimal {
  return minus(times(position.qty, price), position.cost);
}

/** Null when flat. */
export function averagePrice(position: Position): Decimal | null {
  return position.qty === zero ? null : over(position.cost, position.qty);
}
