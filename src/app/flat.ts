// Is anything left that could still be closed? Of a run that is only to close.
import type { VenueId } from '../domain/instrument.ts';
import { orphanTimer } from '../engine/decide-orphans.ts';
import { type EngineState, livePairs } from '../engine/state.ts';

const none: ReadonlySet<VenueId> = new Set();

/** Nothing is open at any venue but those that are missing, and all the others were compared. */
export function isFlat(state: EngineState, missing: ReadonlySet<VenueId> = none): boolean {
  for (const [id, { opened, reconciled }] of state.venues) {
    if (!missing.has(id) && !(opened && reconciled)) return false;
  }
  const isMissing = (instrument: string): boolean => {
    const venue = state.instruments.get(instrument)?.venue;
    return venue !== undefined && missing.has(venue);
  };
  for (const pair of livePairs(state)) {
    const legs = [pair.long, pair.short];
    // A pair that nothing is missing of closes as a whole, with its own idea of dust.
    if (!legs.some(({ venue }) => missing.has(venue))) return false;
    if (legs.some((leg) => !missing.has(leg.venue) && leg.workingOrderId !== null)) return false;
    for (const { instrument, venue, qty } of legs) {
      const isCoin = state.instruments.get(instrument)?.kind === 'spot';
      if (!missing.has(venue) && qty !== 0n && !isCoin) return false;
      if (!missing.has(venue) && isCoin && isWorthAnOrder(state, instrument, qty)) return false;
    }
  }
  // What is left of an orphan without a timer is dust.
  for (const id of state.orphans.keys()) {
    if (!isMissing(id) && state.timers.has(orphanTimer(id))) return false;
  }
  for (const [id, { qty }] of state.positions) {
    // What is left of spot after a fee in coin is dust that no order can sell.
    const isCoin = state.instruments.get(id)?.kind === 'spot';
    if (!isMissing(id) && !isCoin && qty !== 0n) return false;
  }
  return true;
}

/** Venues that take no orders now. */
export function outOfReach(state: EngineState): readonly VenueId[] {
  return [...state.venues].flatMap(([id, { restUp }]) => (restUp ? [] : [id]));
}

function isWorthAnOrder(state: EngineState, id: string, qty: bigint): boolean {
  const lot = state.instruments.get(id)?.lotSize ?? 0n;
  return qty >= lot && lot > 0n;
}
