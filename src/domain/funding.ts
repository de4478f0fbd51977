// Funding: the sign is stated here and nowhere else. A positive rate means longs pay shorts; a
// payment is cash, + = received. So a long (qty > 0) at a positive rate has a negative payment.
import { type Decimal, negate, over, times } from '../base/decimal.ts';

/** Linear: payment = -qty x price x rate, in quote. */
export function linearPayment(qty: Decimal, price: Decimal, rate: Decimal): Decimal {
  return negate(times(times(qty, price), rate));
}

/** Inverse: payment = -(contracts x face / price) x rate, in coin. */
export function inversePayment(
  contracts: Decimal,
  face: Decimal,
  price: Decimal,
  rate: Decimal,
): Decimal {
  return negate(times(over(times(contracts, face), price), rate));
}

/** Simple annualisation of a rate per interval. */
export function annualized(ratePerInterval: number, intervalMs: number): number {
  return (ratePerInterval * 8_760 * 3_600_000) / intervalMs;
}
