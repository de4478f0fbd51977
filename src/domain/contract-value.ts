// What a quantity is worth: the one place that tells linear from inverse contracts. Linear and spot
// count base units and are worth quantity x price in quote. Inverse count contracts of a face m in
// quote and are worth quantity x m / price in coin. Profit between two prices is always
// value(later) - value(earlier).
import { type Decimal, negate, one, over, times, toNumber } from '../base/decimal.ts';
import { type Instrument, marketOf } from './instrument.ts';

export type ContractTerms = Pick<Instrument, 'kind' | 'contractSize'>;

/** Base units at a price in quote: spot, and linear contracts after the venue's edge. */
export const linearTerms: ContractTerms = { kind: 'linear-perp', contractSize: one };

export function isInverse({ kind }: Pick<Instrument, 'kind'>): boolean {
  return marketOf(kind) === 'inverse';
}

/** In the settle asset, signed like the quantity: q P (linear), q m / P (inverse). */
export function notionalAt(terms: ContractTerms, qty: Decimal, price: Decimal): Decimal {
  if (!isInverse(terms)) return times(qty, price);
  return over(times(qty, terms.contractSize), price);
}

/**
 * In the settle asset, so that profit = value at the exit - value at the entry: a long inverse
 * gains coin while its notional in coin shrinks.
 */
export function valueAt(terms: ContractTerms, qty: Decimal, price: Decimal): Decimal {
  const notional = notionalAt(terms, qty, price);
  return isInverse(terms) ? negate(notional) : notional;
}

/** The price at which a quantity has this value; the quantity is not zero. */
export function priceAt(terms: ContractTerms, qty: Decimal, value: Decimal): Decimal {
  if (!isInverse(terms)) return over(value, qty);
  return over(times(qty, terms.contractSize), negate(value));
}

/** Base units of a quantity at a price, for exposure and display; never booked. */
export function baseQtyAt(terms: ContractTerms, qty: number, price: number): number {
  return isInverse(terms) ? (qty * toNumber(terms.contractSize)) / price : qty;
}

/** The other way round: base units at a price in the instrument's own quantity. */
export function ownQtyAt(terms: ContractTerms, baseQty: number, price: number): number {
  return isInverse(terms) ? (baseQty * price) / toNumber(terms.contractSize) : baseQty;
}
