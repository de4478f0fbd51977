// How much: one quantity that both legs can trade exactly, so that a filled pair has no delta.

import { assert } from '../base/assert.ts';
import {
  type Decimal,
  fromNumber,
  isMultipleOf,
  leastCommonMultiple,
  maxOf,
  minus,
  one,
  over,
  roundToStep,
  times,
  toNumber,
  zero,
} from '../base/decimal.ts';
import { isInverse } from '../domain/contract-value.ts';
import type { Instrument } from '../domain/instrument.ts';

export type Sizing =
  | { readonly ok: true; readonly qty: Decimal; readonly lot: Decimal }
  | { readonly ok: false; readonly code: 'not-trading' | 'too-small' };

/**
 * Least quantity that is on the grid of both legs; null while either venue does not say its grid,
 * and where a leg counts contracts: see coin-sizing.ts.
 */
export function commonLot(long: Instrument, short: Instrument): Decimal | null {
  return gridOf(long, short)?.lot ?? null;
}

/** What the listings of two legs say about the quantities of a pair. */
interface Grid {
  readonly lot: Decimal;
  readonly lotNumber: number;
  /** Above this no venue finds the notional too small. */
  readonly notionalMin: number;
}

/** Made once per pair of listings: a listing is replaced, never changed. */
const grids = new WeakMap<Instrument, WeakMap<Instrument, Grid | null>>();

function gridOf(long: Instrument, short: Instrument): Grid | null {
  let ofLong = grids.get(long);
  if (ofLong === undefined) {
    ofLong = new WeakMap();
    grids.set(long, ofLong);
  }
  let grid = ofLong.get(short);
  if (grid === undefined) {
    grid = makeGrid(long, short);
    ofLong.set(short, grid);
  }
  return grid;
}

function makeGrid(long: Instrument, short: Instrument): Grid | null {
  if (long.lotSize === null || short.lotSize === null) return null;
  if (isInverse(long) || isInverse(short)) return null;
  if (long.lotSize <= zero || short.lotSize <= zero) return null;
  const lot = leastCommonMultiple(long.lotSize, short.lotSize);
  const least = maxOf(long.notionalMin ?? zero, short.notionalMin ?? zero);
  return { lot, lotNumber: toNumber(lot), notionalMin: toNumber(least) };
}

/** The largest multiple of the lot up to `qty`: in doubles unless it is a near thing. */
function wholeLots(qty: number, { lot, lotNumber }: Grid): Decimal {
  const lots = qty / lotNumber;
  const whole = Math.floor(lots);
  const blur = lots * blurShare;
  const rest = lots - whole;
  if (rest > blur && 1 - rest > blur) return (BigInt(whole) * lot) as Decimal; // brand: a multiple
  return roundToStep(fromNumber(qty), lot, 'down');
}

/** Far more than what a few roundings of doubles can be wrong by. */
const blurShare = 1e-12;

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
  const grid = gridOf(long, short);
  if (grid === null) return { ok: false, code: 'not-trading' };
  const dearer = Math.max(options.longPrice, options.shortPrice);
  const cheaper = Math.min(options.longPrice, options.shortPrice);
  if (!(dearer > 0 && options.notionalUsd >= 0)) return { ok: false, code: 'too-small' };
  const { lot } = grid;
  let qty = wholeLots(options.notionalUsd / dearer, grid);
  if (long.qtyMax !== null && long.qtyMax < qty) qty = roundToStep(long.qtyMax, lot, 'down');
  if (short.qtyMax !== null && short.qtyMax < qty) qty = roundToStep(short.qtyMax, lot, 'down');
  if (qty <= zero || qty < (long.qtyMin ?? zero) || qty < (short.qtyMin ?? zero)) {
    return { ok: false, code: 'too-small' };
  }
  const least = Math.max(options.notionalUsdMin, grid.notionalMin);
  const isLarge = toNumber(qty) * cheaper > least * (1 + blurShare);
  if (!isLarge && isTooSmall(qty, cheaper, options)) return { ok: false, code: 'too-small' };
  return { ok: true, qty, lot };
}

function isTooSmall(
  qty: Decimal,
  price: number,
  {
    long,
    short,
    notionalUsdMin,
  }: { readonly long: Instrument; readonly short: Instrument; readonly notionalUsdMin: number },
): boolean {
  const notional = times(qty, fromNumber(price));
  if (notional < fromNumber(notionalUsdMin)) return true;
  return notional < (long.notionalMin ?? zero) || notional < (short.notionalMin ?? zero);
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
