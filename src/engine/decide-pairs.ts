// Runs the pair controller over the state and turns its steps into effects: orders through risk,
// cancels, phase moves and plans, back-off after a refusal, and the timer of the next look.

import { assert, present } from '../base/assert.ts';
import { type Decimal, formatDecimal, zero } from '../base/decimal.ts';
import type { OrderDraft } from '../domain/order.ts';
import { type Leg, type LegName, legsOf, type Pair, type PairPhase } from '../domain/pair.ts';
import { type ExecutionPlan, takerPlan } from '../domain/plan.ts';
import { legOn } from '../domain/view.ts';
import type { LegContext, LegOrder, PairContext, PairStep } from '../execution/pair-context.ts';
import { planPairOf } from '../execution/pair-units.ts';
import { reasonsOf } from '../execution/route.ts';
import { routeHedge } from './decide-route.ts';
import { type Decision, nextOrderId, send, setTimer, submit } from './decision.ts';
import { isReady } from './state.ts';

/** Steps that one event may chain (a move, then the orders of the new phase). */
const stepsMax = 4;

export function pairTimer(pairId: string): string {
  return `pair:${pairId}`;
}

export function controlPairs(decision: Decision, pairs: readonly Pair[]): void {
  for (const pair of pairs) controlPair(decision, pair);
}

/** How the reason of a move begins that takes a leg to a third venue. */
export const hedgedElsewhere = 'hedged elsewhere';

/** What this same decision has already made of the pair, before the state knows it. */
interface Course {
  readonly phase: PairPhase;
  readonly plan: ExecutionPlan;
  readonly isPlanNew: boolean;
}

/** `moved`: the phase and plan that this same decision has already moved the pair to. */
export function controlPair(
  decision: Decision,
  pair: Pair,
  moved: { readonly phase: PairPhase; readonly plan: ExecutionPlan } | null = null,
): void {
  let course: Course =
    moved === null
      ? { phase: pair.phase, plan: pair.plan, isPlanNew: false }
      : { phase: moved.phase, plan: moved.plan, isPlanNew: true };
  for (let i = 0; i < stepsMax; i++) {
    const wanted = wantedClose(decision, course.phase);
    if (wanted !== null) course = move(decision, pair, wanted);
    const step = planPairOf(pair, contextOf(decision, pair, course));
    cancelOrders(decision, pair, step);
    applyOrders(decision, pair, step);
    if (step.stuck !== null) tellStuck(decision, pair, step.stuck);
    if (step.elsewhere !== null && hedgeElsewhere(decision, pair, step.elsewhere)) return;
    if (step.plan !== null) {
      decision.effects.push({ kind: 'pair-planned', pairId: pair.id, plan: step.plan });
      course = { ...course, plan: step.plan, isPlanNew: true };
    } else if (step.move !== null) {
      const endsRoll = course.phase === 'rolling';
      course = move(decision, pair, step.move);
      if (endsRoll) break; // which legs the pair has is known when that is folded
    } else return wake(decision, pair, step.wakeWallMs);
  }
  wake(decision, pair, decision.state.wallMs);
}

/** Into a phase that is worked by taking both legs, or by nothing. */
function move(
  decision: Decision,
  pair: Pair,
  to: { readonly phase: PairPhase; readonly reason: string },
): Course {
  decision.effects.push({ kind: 'pair-moved', pairId: pair.id, ...to });
  return { phase: to.phase, plan: takerPlan(to.reason), isPlanNew: true };
}

/**
 * The lacking leg is built up at a third venue, as a roll of that leg; its order leaves when that
 * is folded, by the pair's timer, at once. False = no venue can take it now.
 */
function hedgeElsewhere(
  decision: Decision,
  pair: Pair,
  wish: { readonly leg: LegName; readonly qty: Decimal },
): boolean {
  if (pair.units !== undefined) return false; // a coin leg has no place in a roll
  const route = routeHedge(decision, pair, wish);
  const { chosen } = route;
  if (chosen === null) return false;
  const to = chosen.instrument.id;
  const reason = `${hedgedElsewhere}: ${wish.leg} at ${to}`;
  const plan = {
    ...takerPlan(reason),
    routes: reasonsOf(route).map((text) => `${wish.leg}: ${text}`),
  };
  const roll = { leg: wish.leg, to };
  const pairId = pair.id;
  decision.effects.push({ kind: 'pair-moved', pairId, phase: 'rolling', reason, plan, roll });
  setTimer(decision, pairTimer(pairId), decision.state.wallMs);
  return true;
}

function contextOf(decision: Decision, pair: Pair, course: Course): PairContext {
  const { state, policy } = decision;
  return {
    policy: policy.execution,
    wallMs: state.wallMs,
    tsMs: state.tsMs,
    phase: course.phase,
    plan: course.plan,
    isPlanNew: course.isPlanNew,
    long: legContextOf(decision, pair.long),
    short: legContextOf(decision, pair.short),
    incoming: pair.incoming === null ? null : legContextOf(decision, pair.incoming),
    mayComplete: state.mode === 'running' && !state.windingDown && !state.flattening,
    mayHedge: state.mode === 'running' && !state.flattening,
  };
}

function legContextOf({ state, policy, legs }: Decision, leg: Leg): LegContext {
  const view = legOn(legs, leg.instrument) ?? null;
  const fresh = view !== null && view.quoteAgeMs <= policy.execution.quoteAgeMsMax;
  const working = leg.workingOrderId === null ? undefined : state.orders.get(leg.workingOrderId);
  const venue = state.venues.get(leg.venue);
  const accepts = venue?.restUp ?? false;
  const instrument = present(state.instruments.get(leg.instrument), leg.instrument);
  const isOpen = instrument.status === 'trading' && state.storesDown.size === 0;
  return {
    instrument,
    view: fresh && view.bid > 0 && view.ask > 0 ? view : null,
    working: working ?? null,
    accepts,
    ready: accepts && venue !== undefined && isReady(venue) && isOpen,
    heldQty: state.positions.get(leg.instrument)?.qty ?? zero,
    lastPrice: state.marks.get(leg.instrument)?.price ?? null,
  };
}

/** Phases with nothing on its way that the pair itself must bring to an end first. */
const closable: ReadonlySet<PairPhase> = new Set(['open', 'closing', 'rebalancing', 'rolling']);

/** Winding down closes what is open; a flatten closes everything at once. */
function wantedClose(
  { state }: Decision,
  phase: PairPhase,
): { readonly phase: PairPhase; readonly reason: string } | null {
  if (state.flattening && closable.has(phase)) return { phase: 'unwinding', reason: 'flatten' };
  if (state.windingDown && phase === 'open') return { phase: 'closing', reason: 'wind-down' };
  return null;
}

function cancelOrders({ state, policy, effects }: Decision, pair: Pair, step: PairStep): void {
  for (const clientOrderId of step.cancels) {
    const { order } = present(state.orders.get(clientOrderId), clientOrderId);
    const { venue, instrument } = order;
    assert(order.pairId === pair.id, `${clientOrderId} is of another pair`);
    effects.push({ kind: 'cancel-order', venue, instrument, clientOrderId });
    const dueMs = state.wallMs + policy.execution.answerMsMax;
    effects.push({ kind: 'set-timer', timer: `ack:${clientOrderId}`, clock: 'wall', dueMs });
  }
}

function applyOrders(decision: Decision, pair: Pair, step: PairStep): void {
  if (step.orders.length === 0) return;
  const drafts = step.orders.map((order) => draftOf(decision, pair, order));
  const approved = submit(decision, drafts, `${pair.id} ${drafts[0]?.purpose ?? ''}`);
  if (approved !== null) send(decision, approved);
  for (const order of step.orders) backOff(decision, pair, order);
}

function draftOf(decision: Decision, pair: Pair, order: LegOrder): OrderDraft {
  const leg = legIn(pair, order);
  return {
    clientOrderId: nextOrderId(decision, leg.name),
    venue: leg.venue,
    instrument: leg.instrument,
    side: order.side,
    qty: order.qty,
    limit: order.limit,
    timeInForce: order.timeInForce,
    reduceOnly: order.reduceOnly,
    purpose: order.purpose,
    pairId: pair.id,
    arrivalMid: order.arrivalMid,
  };
}

function legIn(pair: Pair, { leg }: LegOrder): Leg {
  return present(pair[leg], `leg ${leg} of ${pair.id}`);
}

/** The next try on this leg waits: for its slice, or twice as long each time up to the maximum. */
function backOff(decision: Decision, pair: Pair, order: LegOrder): void {
  const { retryMs, retryMsMax, legAttemptsMax, slowRetryMs } = decision.policy.execution;
  const leg = legIn(pair, order);
  const grown = Math.min(retryMsMax, retryMs * 2 ** Math.min(leg.attempts, 10));
  const delayMs = leg.attempts >= legAttemptsMax * 4 ? slowRetryMs : grown;
  decision.effects.push({
    kind: 'leg-backed-off',
    pairId: pair.id,
    leg: order.leg,
    retryAtWallMs: order.nextAtWallMs ?? decision.state.wallMs + delayMs,
    code: leg.lastRejectCode ?? '',
  });
}

function wake(decision: Decision, pair: Pair, wakeWallMs: number | null): void {
  const timer = pairTimer(pair.id);
  const armed = decision.state.timers.get(timer);
  if (wakeWallMs === null) {
    if (armed !== undefined) decision.effects.push({ kind: 'clear-timer', timer });
    return;
  }
  if (armed === undefined || armed.dueMs > wakeWallMs || armed.dueMs <= decision.state.wallMs) {
    setTimer(decision, timer, wakeWallMs);
  }
}

function tellStuck(decision: Decision, pair: Pair, why: string): void {
  const held = legsOf(pair).map(({ instrument, qty }) => `${instrument} ${formatDecimal(qty)}`);
  const message = `pair ${pair.id}: ${why}; ${held.join(', ')}`;
  decision.effects.push({ kind: 'alert', severity: 'critical', code: 'pair-stuck', message });
}
