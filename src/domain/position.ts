// A position: signed quantity and its exact cost. The cost of what is closed is released in
// proportion, and the remainder stays with what is open, so nothing is lost to rounding over a
// position's life. Sign: + long. Cost is the value at which it was had, in the settle asset (see
// contract-value.ts): linear the sum of signed quantity x price, inverse of -(contracts x face /
// price).
import { abs, type Decimal, minOf, minus, over, plus, sign, times, zero } from '../base/decimal.ts';
import { type ContractTerms, priceAt, valueAt } from './contract-value.ts';
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
 * Inverse, long 100 contracts of 100 USD at 50,000 (cost -0.2 BTC), sold at 62,500: value -0.16,
 * realized -0.16 - (-0.2) = 0.04 BTC.
 */
export function afterFill(
  position: Position,
  fill: { readonly side: Side; readonly qty: Decimal; readonly price: Decimal },
  terms: ContractTerms,
): { readonly position: Position; readonly realized: Decimal } {
  const signed = (fill.side === 'buy' ? fill.qty : -fill.qty) as Decimal; // brand: a sign flip
  const direction = sign(position.qty);
  if (direction === 0 || direction === sign(signed)) {
    return {
      position: {
        qty: plus(position.qty, signed),
        cost: plus(position.cost, valueAt(terms, signed, fill.price)),
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
  const realized = minus(valueAt(terms, closed, fill.price), released);
  const opening = minus(fill.qty, closing);
  const opened = (signed > 0n ? opening : -opening) as Decimal; // brand: a sign flip
  return {
    position: {
      qty: plus(minus(position.qty, closed), opened),
      cost: plus(minus(position.cost, released), valueAt(terms, opened, fill.price)),
    },
    realized,
  };
}

/** Value at a price minus cost. */
export function unrealizedAt(position: Position, price: Decimal, terms: ContractTerms): Decimal {
  return minus(valueAt(terms, position.qty, price), position.cost);
}

/** Null when flat. */
export function averagePrice(position: Position, terms: ContractTerms): Decimal | null {
  return position.qty === zero ? null : priceAt(terms, position.qty, position.cost);
}
