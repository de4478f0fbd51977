// What a new pair or leg looks like, and from which delta on a pair counts as unbalanced.
import { assert } from '../base/assert.ts';
import {
  type Decimal,
  decimal,
  fromNumber,
  leastCommonMultiple,
  maxOf,
  one,
  over,
  times,
  zero,
} from '../base/decimal.ts';
import { isInverse } from '../domain/contract-value.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import type { Leg, LegName, Pair } from '../domain/pair.ts';
import { unitsAt } from '../strategy/coin-sizing.ts';
import type { EngineState } from './state.ts';

export function newLeg(state: EngineState, name: LegName, instrument: InstrumentId): Leg {
  const venue = state.instruments.get(instrument)?.venue;
  assert(venue !== undefined, `no instrument ${instrument}`);
  return {
    name,
    venue,
    instrument,
    openSide: name === 'long' ? 'buy' : 'sell',
    qty: zero,
    workingOrderId: null,
    attempts: 0,
    retryAtWallMs: 0,
    lastRejectCode: null,
  };
}

/**
 * The contracts of a pair with one inverse leg are so many base units at the price of their entry:
 * fills may have come long after the look at the market. Two inverse legs are equal in face.
 */
export function refitUnits(
  state: EngineState,
  pair: Pair,
  entry: { readonly long: number; readonly short: number },
): void {
  const long = state.instruments.get(pair.long.instrument);
  const short = state.instruments.get(pair.short.instrument);
  if (long === undefined || short === undefined || isInverse(long) === isInverse(short)) return;
  const price = isInverse(long) ? entry.long : entry.short;
  if (!(price > 0)) return;
  const units = unitsAt(long, short, price);
  pair.units = units;
  pair.bandQty = bandOf(state, [
    { instrument: long.id, price: entry.long, unit: units.long },
    { instrument: short.id, price: entry.short, unit: units.short },
  ]);
}

/** The price may fall by so much until a remainder of spot just above the band cannot be sold. */
const dustMargin = decimal('1.25');

/**
 * One common lot, or what no order could cut: below a venue's least quantity or spot notional. Base
 * units. Lots of contracts and of base units have no common one: then it is the larger of them.
 */
export function bandOf(
  state: EngineState,
  legs: readonly {
    readonly instrument: InstrumentId;
    readonly price: number;
    /** Of an inverse leg or beside one: see `Pair.units`. */
    readonly unit?: Decimal | undefined;
  }[],
): Decimal {
  let lot: Decimal | null = null;
  let least = zero;
  for (const { instrument: id, price, unit } of legs) {
    const instrument = state.instruments.get(id);
    const own = instrument?.lotSize ?? one;
    if (unit !== undefined) lot = maxOf(lot ?? zero, times(own, unit));
    else lot = lot === null ? own : leastCommonMultiple(lot, own);
    if (instrument === undefined) continue;
    least = maxOf(least, times(instrument.qtyMin ?? zero, unit ?? one));
    const { kind, notionalMin } = instrument;
    if (kind !== 'spot' || notionalMin === null || !(price > 0)) continue;
    least = maxOf(least, over(times(notionalMin, dustMargin), fromNumber(price)));
  }
  return maxOf(lot ?? one, least);
}
