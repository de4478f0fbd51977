// What the legs of a pair are worth as they move: each at its own reference price, against what
// stands on the other side of the pair.
import { toNumber } from '../base/decimal.ts';
import { baseQtyAt, isInverse } from '../domain/contract-value.ts';
import { type Leg, legsOf, type Pair } from '../domain/pair.ts';
import { type CoinMargin, revalueLeg } from './attribution.ts';
import { coinMarginOf } from './coins.ts';
import { legPriceKey } from './live.ts';
import type { EngineState } from './state.ts';

/** Values one leg at a price; while rolling two legs share what the held one stands against. */
export function revalueLegOf(
  state: EngineState,
  pair: Pair,
  { leg, price }: { readonly leg: Leg; readonly price: number },
): void {
  let ownSide = 0;
  let otherSide = 0;
  for (const each of legsOf(pair)) {
    const priceKey = legPriceKey(pair.id, each.instrument);
    const base = baseQtyIn(state, pair, each, { qty: toNumber(each.qty), priceKey });
    if (each.name === leg.name) ownSide += base;
    else otherSide += base;
  }
  const priceKey = legPriceKey(pair.id, leg.instrument);
  const ownQty = toNumber(leg.qty);
  const own = baseQtyIn(state, pair, leg, { qty: ownQty, priceKey });
  const otherQty = ownSide === own ? otherSide : otherSide * (own / ownSide);
  revalueLeg(state.attribution, {
    priceKey,
    ownQty,
    otherQty,
    price,
    margin: marginOf(state, leg),
    unit: unitOf(pair, leg),
  });
}

/** Base units per unit of the leg's quantity where the pair has fixed them; null = it has not. */
export function unitOf({ units }: Pair, { name }: Leg): number | null {
  return units === undefined ? null : toNumber(units[name]);
}

/**
 * Base units of a leg: linear ones are base units already, of an inverse one by the pair's own unit
 * or else at its reference price.
 */
export function baseQtyIn(
  state: EngineState,
  pair: Pair,
  leg: Leg,
  { qty, priceKey }: { readonly qty: number; readonly priceKey: string },
): number {
  if (pair.units !== undefined) return qty * toNumber(pair.units[leg.name]);
  const instrument = state.instruments.get(leg.instrument);
  if (qty === 0 || instrument === undefined || !isInverse(instrument)) return qty;
  const price = state.attribution.legPrices.get(priceKey);
  return price === undefined ? 0 : baseQtyAt(instrument, qty, price);
}

/** Null for linear legs. */
export function marginOf(state: EngineState, leg: Leg): CoinMargin | null {
  const instrument = state.instruments.get(leg.instrument);
  return instrument === undefined ? null : coinMarginOf(state, instrument);
}
