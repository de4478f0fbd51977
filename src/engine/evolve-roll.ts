// Facts about rolls: the leg at the new venue beside the old one, and its taking over.

import { assert, present } from '../base/assert.ts';
import { abs, toNumber, zero } from '../base/decimal.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import type { Leg, LegName, Pair } from '../domain/pair.ts';
import { disown } from './coins.ts';
import { legPriceKey } from './live.ts';
import { bandOf, newLeg } from './pair-shape.ts';
import type { EngineState } from './state.ts';

export function startRoll(
  state: EngineState,
  pair: Pair,
  roll: { readonly leg: LegName; readonly to: InstrumentId },
): void {
  assert(pair.incoming === null, `pair ${pair.id} is rolling already`);
  const incoming = newLeg(state, roll.leg, roll.to);
  pair.incoming = incoming;
  pair.bandQty = bandAt(state, pair, [pair.long, pair.short, incoming]);
}

/** The longer one of the old and the new leg is the leg from now on; the other one is dust. */
export function endRoll(state: EngineState, pair: Pair): void {
  const incoming = present(pair.incoming, `the incoming leg of ${pair.id}`);
  const leaving = pair[incoming.name];
  const isRolled = abs(incoming.qty) > abs(leaving.qty);
  leaveLeg(state, pair, isRolled ? leaving : incoming);
  if (isRolled) {
    pair[incoming.name] = incoming;
    state.counters.pairsRolled++;
  }
  pair.incoming = null;
  pair.bandQty = bandAt(state, pair, [pair.long, pair.short]);
}

/** What is left of a leg belongs to no pair any more. */
export function leaveLeg(state: EngineState, pair: Pair, leg: Leg): void {
  const key = legPriceKey(pair.id, leg.instrument);
  const price = state.attribution.legPrices.get(key);
  state.attribution.legPrices.delete(key);
  state.attribution.legCoins.delete(key);
  if (leg.qty === zero || price === undefined) return;
  disown(state, leg.instrument, { qty: toNumber(leg.qty), price });
  leg.qty = zero;
}

function bandAt(state: EngineState, pair: Pair, legs: readonly Leg[]) {
  return bandOf(
    state,
    legs.map(({ instrument }) => ({
      instrument,
      price: state.marks.get(instrument)?.price ?? pair.longLimit,
    })),
  );
}
