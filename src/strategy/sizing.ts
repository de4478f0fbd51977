// How much: one quantity that both legs can trade exactly, so that a filled pair has no delta.

import { assert } from '../base/assert.ts';
import {
  type Decimal,
  fromNumber,
  isMultipleOf,
  leastCommonMultiple,
  minus,
  one,
  over,
  roundToStep,
  times,
  zero,
} from '../base/decimal.ts';
import type { Instrument } from '../domain/instrument.ts';

export type Sizing =
  | { readonly ok: true; readonly qty: Decimal; readonly lot: Decimal }
  | { readonly ok: false; readonly code: 'not-trading' | 'too-small' };

/**
 * Least quantity that is on the grid of both legs; null while either venue does not say its grid.
 */
export function commonLot(long: Instrument, short: Instrument): Decimal | null {
  if (long.lotSize === null || short.lotSize === null) return null;
  if (long.lotSize <= zero || short.lotSize <= zero) return null;
  return leastCommonMultiple(long.lotSize, short.lotSize);
}

/**
 * The largest multiple of the common lot with at most `notionalUsd` at `price` (the dearer leg's)
 * and within both maxima; refused below the minima of either leg or below `notionalUsdMin`.
 */
export function sizePair(options: {
  readonly long: Instrument;
  readonly short: Instrument;
  readonly longPrice: number;
  readonly shortPrice: number;
  readonly notionalUsd: number;
  readonly notionalUsdMin: number;
}): Sizing {
  const { long, short } = options;
  const lot = commonLot(long, short);
  if (lot === null) return { ok: false, code: 'not-trading' };
  const dearer = Math.max(options.longPrice, options.shortPrice);
  const cheaper = Math.min(options.longPrice, options.shortPrice);
  if (!(dearer > 0 && options.notionalUsd >= 0)) return { ok: false, code: 'too-small' };
  let wanted = fromNumber(options.notionalUsd / dearer);
  for (const max of [long.qtyMax, short.qtyMax]) if (max !== null && max < wanted) wanted = max;
  const qty = roundToStep(wanted, lot, 'down');
  const notional = times(qty, fromNumber(cheaper));
  if (qty <= zero || notional < fromNumber(options.notionalUsdMin)) {
    return { ok: false, code: 'too-small' };
  }
  for (const { qtyMin, notionalMin } of [long, short]) {
    if (qtyMin !== null && qty < qtyMin) return { ok: false, code: 'too-small' };
    if (notionalMin !== null && notional < notionalMin) return { ok: false, code: 'too-small' };
  }
  return { ok: true, qty, lot };
}

/**
 * What a spot buy must order so that at least `qty` arrives when the venue takes its fee in base:
 * ceil_lot(qty / (1 - fee)). The rest, below one lot, is dust.
 */
export function spotBuyQty(options: {
  readonly qty: Decimal;
  /** Fraction of the bought quantity; 0 where the fee is taken in quote. */
  readonly feeRate: Decimal;
  readonly lotSize: Decimal;
}): Decimal {
  const { qty, feeRate, lotSize } = options;
  assert(feeRate >= zero && feeRate < one, 'a fee rate is in [0, 1)');
  assert(isMultipleOf(qty, lotSize), 'a quantity to buy is on the lot grid');
  return roundToStep(over(qty, minus(one, feeRate), 'up'), lotSize, 'ceil');
}
