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
    const base = baseQtyOf(state, each, { qty: toNumber(each.qty), priceKey });
    if (each.name === leg.name) ownSide += base;
    else otherSide += base;
  }
  const priceKey = legPriceKey(pair.id, leg.instrument);
  const ownQty = toNumber(leg.qty);
  const own = baseQtyOf(state, leg, { qty: ownQty, priceKey });
  const otherQty = ownSide === own ? otherSide : otherSide * (own / ownSide);
  revalueLeg(state.attribution, {
    ...{ priceKey, ownQty, otherQty, price },
    margin: marginOf(state, leg),
  });
}

/** Base units of a leg at its reference price; linear ones are base units already. */
export function baseQtyOf(
  state: EngineState,
  leg: Leg,
  { qty, priceKey }: { readonly qty: number; readonly priceKey: string },
): number {
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
