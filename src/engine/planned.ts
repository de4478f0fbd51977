// What pairs that are still opening have yet to trade. A pair was judged as a whole when it was
// made and is sent in parts: another pair must not take the room that the rest of it needs, or the
// leg that follows would be denied with the first one filled.
import { abs, minus, times, toNumber, zero } from '../base/decimal.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import type { Side } from '../domain/order.ts';
import { remainingOf } from '../domain/order-state.ts';
import { baseQtyOf, type Leg, type Pair } from '../domain/pair.ts';
import { livePairsOf } from './live.ts';
import type { EngineState } from './state.ts';

export interface PlannedLeg {
  readonly instrument: InstrumentId;
  readonly side: Side;
  /** Base units beyond what the leg holds and its working order may still add. */
  readonly baseQty: number;
}

export function plannedLegs(state: EngineState): readonly PlannedLeg[] {
  let planned: PlannedLeg[] | null = null;
  for (const pair of livePairsOf(state).pairs) {
    if (pair.phase !== 'opening') continue;
    for (const leg of [pair.long, pair.short]) {
      const left = leftOf(state, pair, leg);
      if (left <= zero) continue;
      planned ??= [];
      planned.push({ instrument: leg.instrument, side: leg.openSide, baseQty: toNumber(left) });
    }
  }
  return planned ?? nothing;
}

const nothing: readonly PlannedLeg[] = [];

function leftOf(state: EngineState, pair: Pair, leg: Leg) {
  const { workingOrderId } = leg;
  const working = workingOrderId === null ? undefined : state.orders.get(workingOrderId);
  const ordered = working === undefined ? zero : remainingOf(working);
  const orderedBase = pair.units === undefined ? ordered : times(ordered, pair.units[leg.name]);
  return minus(minus(pair.targetQty, abs(baseQtyOf(pair, leg))), orderedBase);
}
