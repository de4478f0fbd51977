// The price grid moves with the price: at most five significant figures and at most 6 (spot: 8)
// minus `szDecimals` decimals; whole numbers always pass. Source: the venue's documentation, "Tick
// and lot size".
import { assert } from '../../base/assert.ts';
import { type Decimal, decimal, formatDecimal, roundToStep } from '../../base/decimal.ts';
import type { Side } from '../../domain/order.ts';

const significantMax = 5;
export const decimalsMaxOf = { perp: 6, spot: 8 } as const;

/** The grid at this price, both in the venue's units. */
export function tickAt(price: number, decimalsMax: number): Decimal {
  assert(price > 0 && Number.isFinite(price), `no price: ${price}`);
  const exponent = Number(price.toExponential().split('e')[1]);
  const decimals = Math.min(decimalsMax, Math.max(0, significantMax - 1 - exponent));
  return stepOf(Math.max(0, decimals));
}

/** 10^-decimals. */
export function stepOf(decimals: number): Decimal {
  return decimal(decimals === 0 ? '1' : `0.${'0'.repeat(decimals - 1)}1`);
}

/**
 * The price with five significant figures, moved to the side that pays less: the instrument's tick
 * is that of the price at its listing and is too fine once the price has another digit.
 */
export function wirePrice(price: Decimal, side: Side): Decimal {
  const [whole = '0', fraction = ''] = formatDecimal(price).split('.');
  const zeros = fraction.length - fraction.replace(/^0+/, '').length;
  const decimals = whole === '0' ? zeros + significantMax : significantMax - whole.length;
  return roundToStep(price, stepOf(Math.max(0, decimals)), side === 'buy' ? 'floor' : 'ceil');
}
