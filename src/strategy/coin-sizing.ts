// How much, where a leg is an inverse contract of a face in dollars. Its base units at a price P
// are contracts x face / P, and its profit, counted in coin and held as coin, is worth in dollars
//   q m (1 / P0 - 1 / P) P = (q m / P0) (P - P0):
// that of q m / P0 base units, whatever the price becomes. So the hedge is fixed at the price of
// the entry and never trades again for the price alone. Two inverse legs of equal face are equal in
// base units at any price that they share.
import {
  type Decimal,
  decimal,
  fromNumber,
  maxOf,
  minOf,
  one,
  over,
  roundToStep,
  times,
  zero,
} from '../base/decimal.ts';
import { isInverse } from '../domain/contract-value.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { PairUnits } from '../domain/pair.ts';

export type CoinSizing =
  | { readonly ok: true; readonly qty: Decimal; readonly units: PairUnits }
  | { readonly ok: false; readonly code: 'not-trading' | 'too-small' };

/** With lots of at most 6 decimals every product is exact in 18. */
const unitStep = decimal('0.000000000001');

/** Base units per contract at a price; 1 where the quantity is in base units already. */
export function unitsAt(long: Instrument, short: Instrument, price: number): PairUnits {
  const perDollar = roundToStep(over(one, fromNumber(price)), unitStep, 'down');
  const unitOf = (leg: Instrument): Decimal =>
    isInverse(leg) ? times(leg.contractSize, perDollar) : one;
  return { long: unitOf(long), short: unitOf(short) };
}

/**
 * The largest quantity in base units with at most `notionalUsd`, on the coarser grid of the two
 * legs; what the finer one cannot follow is less than a lot of it. Refused as in `sizePair`.
 */
export function sizeCoinPair(options: {
  readonly long: Instrument;
  readonly short: Instrument;
  readonly longPrice: number;
  readonly shortPrice: number;
  readonly notionalUsd: number;
  readonly notionalUsdMin: number;
}): CoinSizing {
  const { long, short, longPrice, shortPrice } = options;
  if (!isOnGrid(long) || !isOnGrid(short)) return { ok: false, code: 'not-trading' };
  const dearer = Math.max(longPrice, shortPrice);
  if (!(Math.min(longPrice, shortPrice) > 0 && options.notionalUsd >= 0)) {
    return { ok: false, code: 'too-small' };
  }
  // The price of the inverse leg; of two, that of the long one for both.
  const units = unitsAt(long, short, isInverse(long) ? longPrice : shortPrice);
  const legs = [
    { of: long, unit: units.long, price: longPrice },
    { of: short, unit: units.short, price: shortPrice },
  ];
  let wanted = fromNumber(options.notionalUsd / dearer);
  let step = zero;
  for (const { of, unit } of legs) {
    if (of.qtyMax !== null) wanted = minOf(wanted, times(of.qtyMax, unit));
    step = maxOf(step, times(of.lotSize ?? one, unit));
  }
  const qty = roundToStep(wanted, step, 'down');
  const isBig = legs.every(({ of, unit, price }) => {
    const own = roundToStep(over(qty, unit), of.lotSize ?? one, 'down');
    const usd = isInverse(of) ? times(own, of.contractSize) : times(own, fromNumber(price));
    if (own <= zero || usd < fromNumber(options.notionalUsdMin)) return false;
    return !(of.qtyMin !== null && own < of.qtyMin) && !(usd < (of.notionalMin ?? zero));
  });
  return isBig ? { ok: true, qty, units } : { ok: false, code: 'too-small' };
}

function isOnGrid({ lotSize }: Instrument): boolean {
  return lotSize !== null && lotSize > zero;
}
