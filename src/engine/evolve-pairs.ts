// Facts about pairs: creation, phases, and which leg a fill belongs to.
import { assert, present } from '../base/assert.ts';
import { abs, type Decimal, minOf, minus, plus, toNumber, zero } from '../base/decimal.ts';
import type { PairCreated, PairMoved, PairPlanned } from '../domain/event.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { ApprovedOrder } from '../domain/order.ts';
import { isSettled } from '../domain/order-state.ts';
import { deltaOf, type Leg, legOn, legsOf, type Pair, type PairPhase } from '../domain/pair.ts';
import { takerPlan } from '../domain/plan.ts';
import type { FillEvent } from '../domain/venue-event.ts';
import { disown } from './coins.ts';
import { pruneOrders } from './evolve-orders.ts';
import { endRoll, leaveLeg, startRoll } from './evolve-roll.ts';
import { revalueLegOf } from './leg-value.ts';
import { noteCreated, noteForgotten } from './live.ts';
import {
  addForcedAhead,
  addOrphan,
  isLostOrders,
  offsetOrphan,
  takeForcedAhead,
} from './orphans.ts';
import { beginOrdersOf, ordersOf } from './pair-orders.ts';
import { bandOf, newLeg, refitUnits } from './pair-shape.ts';
import {
  coolDown,
  type EngineState,
  keyOf,
  livePairs,
  pairsRememberedMax,
  type VenueState,
} from './state.ts';

export function foldPairCreated(state: EngineState, effect: PairCreated): void {
  assert(!state.pairs.has(effect.pairId), `pair ${effect.pairId} is repeated`);
  const { key, qty, longLimit, shortLimit, edge, units } = effect.intent;
  state.pairSerial++;
  const made: Pair = {
    id: effect.pairId,
    strategy: key.strategy,
    phase: 'opening',
    phaseSinceWallMs: state.wallMs,
    targetQty: qty,
    bandQty: bandOf(state, [
      { instrument: key.long, price: longLimit, unit: units?.long },
      { instrument: key.short, price: shortLimit, unit: units?.short },
    ]),
    long: newLeg(state, 'long', key.long),
    short: newLeg(state, 'short', key.short),
    incoming: null,
    plan: effect.plan ?? takerPlan('no plan was recorded'),
    rebalancedWallMs: 0,
    longLimit,
    shortLimit,
    edge,
    createdTsMs: state.tsMs,
    openedTsMs: null,
    closedTsMs: null,
    entryBasis: 0,
    nakedSinceWallMs: null,
    nakedHeldMs: 0,
    nakedMsMax: 0,
    legBreaks: 0,
    closeReason: null,
    fundingUsd: 0,
  };
  const pair = units === undefined ? made : { ...made, units };
  state.pairs.set(pair.id, pair);
  noteCreated(state, pair);
  beginOrdersOf(pair);
}

/** The exit's reason when capital moves to a better use. */
const betterUse = 'better-use';

export function foldPairMoved(state: EngineState, effect: PairMoved): void {
  const pair = state.pairs.get(effect.pairId);
  assert(pair !== undefined, `no pair ${effect.pairId}`);
  assert(pair.phase !== 'closed', `pair ${pair.id} is closed`);
  if (effect.phase === 'mending') {
    pair.legBreaks++;
    state.counters.legBreaks++;
  }
  startAnew(pair);
  const isRollOver = pair.phase === 'rolling' && effect.phase === 'open';
  if (isRollOver) endRoll(state, pair);
  if (effect.roll !== undefined) startRoll(state, pair, effect.roll);
  // A hedge at a third venue is a roll as well; capital only moves out of an open pair.
  const isRoll = effect.roll !== undefined && pair.phase === 'open';
  const isSwitch = isRoll || effect.reason === betterUse;
  if (isSwitch) state.switchedWallMs = state.wallMs;
  if (effect.phase === 'rebalancing') pair.rebalancedWallMs = state.wallMs;
  if (isWorked(effect.phase)) pair.plan = effect.plan ?? takerPlan(effect.reason);
  pair.phase = effect.phase;
  pair.phaseSinceWallMs = state.wallMs;
  if (effect.phase === 'open' && pair.openedTsMs === null) {
    pair.openedTsMs = state.tsMs;
    state.counters.pairsOpened++;
    const long = averageEntry(state, pair, pair.long);
    const short = averageEntry(state, pair, pair.short);
    if (long > 0 && short > 0) pair.entryBasis = (short - long) / long;
    if (pair.units !== undefined) refitUnits(state, pair, { long, short });
  }
  if (effect.phase === 'closing' || effect.phase === 'unwinding') {
    pair.closeReason ??= effect.reason;
  }
  if (effect.phase === 'closed') closePair(state, pair, effect.reason);
}

/** The phase goes on by another plan. */
export function foldPairPlanned(state: EngineState, effect: PairPlanned): void {
  const pair = state.pairs.get(effect.pairId);
  assert(pair !== undefined, `no pair ${effect.pairId}`);
  startAnew(pair);
  pair.plan = effect.plan;
}

function startAnew(pair: Pair): void {
  for (const leg of legsOf(pair)) {
    leg.attempts = 0;
    leg.retryAtWallMs = 0;
    leg.lastRejectCode = null;
  }
}

/** Phases whose orders a plan works; the others have rules of their own. */
function isWorked(phase: PairPhase): boolean {
  return phase === 'closing' || phase === 'unwinding' || phase === 'rolling';
}

/** A fill of our own order: moves the leg and watches the delta. */
export function allotFill(
  state: EngineState,
  order: ApprovedOrder,
  fill: { readonly price: number; readonly netQty: Decimal },
): void {
  const pair = order.pairId === null ? undefined : state.pairs.get(order.pairId);
  if (pair === undefined || pair.phase === 'closed') {
    disown(state, order.instrument, { qty: toNumber(fill.netQty), price: fill.price });
    addOrphan(state, order.instrument, fill.netQty);
    addOrphan(state, order.instrument, takeForcedAhead(state, order.instrument, fill.netQty));
    return;
  }
  const leg = present(legOn(pair, order.instrument), `the leg of ${order.clientOrderId}`);
  moveLeg(state, pair, leg, fill);
  const { mode, makerLeg } = pair.plan;
  const follows = mode !== 'taker-taker' && (makerLeg === null || leg.name !== makerLeg);
  if (follows && (pair.phase === 'opening' || isWorked(pair.phase))) leg.attempts = 0;
  settleForced(state, pair, leg, fill.price);
}

/** A forced close that came before the fill: the leg is as much smaller. */
function settleForced(state: EngineState, pair: Pair, leg: Leg, price: number): void {
  const part = takeForcedAhead(state, leg.instrument, leg.qty);
  if (part === zero) return;
  disown(state, leg.instrument, { qty: -toNumber(part), price });
  moveLeg(state, pair, leg, { price, netQty: part });
}

/**
 * A fill of no order that we know: it closes the legs on that instrument, oldest pair first. What
 * is left over belongs to nobody when others traded (ADL, liquidation, by hand); when the record of
 * an order of ours is lost, to the pair that is being opened there, else it is an orphan.
 */
export function allotExternalFill(
  state: EngineState,
  instrument: Instrument,
  external: { readonly fill: FillEvent; readonly netQty: Decimal },
): void {
  let left = external.netQty;
  const price = toNumber(external.fill.price);
  for (const pair of livePairs(state)) {
    for (const leg of legsOf(pair)) {
      if (leg.instrument !== instrument.id || left === zero) continue;
      if (leg.qty === zero || leg.qty > 0n === left > 0n) continue;
      const size = minOf(abs(leg.qty), abs(left));
      const part = (left > 0n ? size : -size) as Decimal; // brand: a sign flip
      moveLeg(state, pair, leg, { price, netQty: part });
      left = minus(left, part);
    }
  }
  const lost = isLostOrders(state, external.fill);
  const pair = lost ? openingPair(state, instrument.id, left) : null;
  if (pair !== null && left !== zero) {
    moveLeg(state, pair.pair, pair.leg, { price, netQty: left });
    settleForced(state, pair.pair, pair.leg, price);
    return;
  }
  if (left === zero) return;
  disown(state, instrument.id, { qty: toNumber(left), price });
  if (lost) {
    addOrphan(state, instrument.id, left);
    addOrphan(state, instrument.id, takeForcedAhead(state, instrument.id, left));
  } else if (external.fill.forced && !offsetOrphan(state, instrument.id, left)) {
    addForcedAhead(state, instrument.id, left);
  } else if (!external.fill.forced) offsetOrphan(state, instrument.id, left);
}

/** The live pair that has not been open yet and whose leg this quantity would fill. */
function openingPair(
  state: EngineState,
  id: string,
  qty: Decimal,
): { readonly pair: Pair; readonly leg: Leg } | null {
  for (const pair of livePairs(state)) {
    const adds = pair.openedTsMs === null ? legsOf(pair) : [pair.incoming];
    for (const leg of adds) {
      if (leg === null) continue;
      const fills = leg.openSide === 'buy' ? qty > 0n : qty < 0n;
      if (leg.instrument === id && fills) return { pair, leg };
    }
  }
  return null;
}

function moveLeg(
  state: EngineState,
  pair: Pair,
  leg: Leg,
  fill: { readonly price: number; readonly netQty: Decimal },
): void {
  revalueLegOf(state, pair, { leg, price: fill.price });
  leg.qty = plus(leg.qty, fill.netQty);
  watchDelta(state, pair);
}

/**
 * The naked-delta clock: starts when the delta leaves the band, stops when it is back, and counts
 * only while a venue of the pair accepts orders.
 */
export function watchDelta(state: EngineState, pair: Pair): void {
  const isPlain = pair.incoming === null && pair.units === undefined;
  const delta = isPlain ? pair.long.qty + pair.short.qty : deltaOf(pair);
  const naked = delta >= pair.bandQty || -delta >= pair.bandQty;
  if (pair.nakedSinceWallMs !== null) {
    if (!canBeCut(state, pair)) {
      if (!naked) stopNakedClock(pair);
      return;
    }
    const durationMs = state.wallMs - pair.nakedSinceWallMs;
    pair.nakedMsMax = Math.max(pair.nakedMsMax, durationMs);
    state.counters.nakedDeltaMsMax = Math.max(state.counters.nakedDeltaMsMax, durationMs);
    if (!naked) stopNakedClock(pair);
  } else if (naked) {
    pair.nakedSinceWallMs = state.wallMs;
  }
}

/**
 * A venue accepts orders or accepts them no more. A clock stands while none of its pair's does, and
 * goes on from there: the budget is of all the time in which the delta could have been cut.
 */
export function foldAccepts(state: EngineState, venue: VenueState, accepts: boolean): void {
  const pairs = livePairs(state);
  for (const pair of pairs) watchDelta(state, pair);
  const idle = new Set(pairs.filter((pair) => !canBeCut(state, pair)));
  venue.restUp = accepts;
  for (const pair of pairs) {
    const isIdle = !canBeCut(state, pair);
    if (pair.nakedSinceWallMs === null || isIdle === idle.has(pair)) continue;
    if (isIdle) pair.nakedHeldMs = state.wallMs - pair.nakedSinceWallMs;
    else restartNakedClock(state, pair, pair.nakedHeldMs);
  }
}

/** Exposure while nothing could be done, or the process was down, is told apart. */
export function restartNakedClock(state: EngineState, pair: Pair, fromMs = 0): void {
  if (pair.nakedSinceWallMs === null) return;
  const downMs = state.wallMs - pair.nakedSinceWallMs - fromMs;
  state.counters.nakedWhileDownMsMax = Math.max(state.counters.nakedWhileDownMsMax, downMs);
  pair.nakedSinceWallMs = state.wallMs - fromMs;
  pair.nakedHeldMs = 0;
}

function stopNakedClock(pair: Pair): void {
  pair.nakedSinceWallMs = null;
  pair.nakedHeldMs = 0;
}

function canBeCut(state: EngineState, pair: Pair): boolean {
  return legsOf(pair).some(({ venue }) => state.venues.get(venue)?.restUp === true);
}

function closePair(state: EngineState, pair: Pair, reason: string): void {
  pair.closedTsMs = state.tsMs;
  stopNakedClock(pair);
  if (pair.openedTsMs !== null) {
    state.counters.pairsClosed++;
    if (pair.closeReason === 'wind-down') state.counters.pairsClosedAtEnd++;
  }
  pair.closeReason ??= reason;
  if (pair.openedTsMs === null) {
    const { strategy, long, short } = pair;
    coolDown(state, keyOf({ strategy, long: long.instrument, short: short.instrument }));
  }
  for (const leg of legsOf(pair)) leaveLeg(state, pair, leg);
  if (state.pairs.size > pairsRememberedMax) {
    for (const [id, old] of state.pairs) {
      if (old.phase !== 'closed') continue;
      state.pairs.delete(id);
      noteForgotten(state);
      break;
    }
  }
  pruneOrders(state);
}

function averageEntry(state: EngineState, pair: Pair, leg: Leg): number {
  let qty = 0;
  let cost = 0;
  for (const known of ordersOf(state, pair)) {
    const { order } = known;
    if (order.instrument !== leg.instrument) continue;
    if (order.side !== leg.openSide || !isSettled(known)) continue;
    qty += toNumber(known.filledQty);
    cost += toNumber(known.filledCost);
  }
  return qty === 0 ? 0 : cost / qty;
}
