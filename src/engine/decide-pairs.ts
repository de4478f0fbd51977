// Runs the pair controller over the state and turns its steps into effects: orders through risk,
// phase moves, back-off after a refusal, and the timer of the next look.

import { present } from '../base/assert.ts';
import { formatDecimal, zero } from '../base/decimal.ts';
import type { OrderDraft } from '../domain/order.ts';
import type { Leg, Pair, PairPhase } from '../domain/pair.ts';
import { legOn } from '../domain/view.ts';
import { type LegOrder, type PairStep, planPair } from '../execution/pair.ts';
import { type Decision, nextOrderId, send, setTimer, submit } from './decision.ts';

/** Steps that one event may chain (a move, then the orders of the new phase). */
const stepsMax = 4;

export function pairTimer(pairId: string): string {
  return `pair:${pairId}`;
}

export function controlPairs(decision: Decision, pairs: readonly Pair[]): void {
  for (const pair of pairs) controlPair(decision, pair);
}

/** `phase`: the phase that this same decision has already moved the pair to. */
export function controlPair(decision: Decision, pair: Pair, phase: PairPhase = pair.phase): void {
  let current = phase;
  for (let i = 0; i < stepsMax; i++) {
    const wanted = wantedClose(decision, current);
    if (wanted !== null) {
      decision.effects.push({ kind: 'pair-moved', pairId: pair.id, ...wanted });
      current = wanted.phase;
    }
    const step = planPair(pair, contextOf(decision, pair, current));
    applyOrders(decision, pair, step);
    if (step.stuck !== null) tellStuck(decision, pair, step.stuck);
    if (step.move === null) {
      wake(decision, pair, step.wakeWallMs);
      return;
    }
    decision.effects.push({ kind: 'pair-moved', pairId: pair.id, ...step.move });
    current = step.move.phase;
  }
  wake(decision, pair, decision.state.wallMs);
}

function contextOf(decision: Decision, pair: Pair, phase: PairPhase) {
  const { state, policy } = decision;
  return {
    policy: policy.execution,
    wallMs: state.wallMs,
    phase,
    long: legContextOf(decision, pair.long),
    short: legContextOf(decision, pair.short),
    mayComplete: state.mode === 'running' && !state.windingDown && !state.flattening,
  };
}

function legContextOf({ state, policy, legs }: Decision, leg: Leg) {
  const view = legOn(legs, leg.instrument) ?? null;
  const fresh = view !== null && view.quoteAgeMs <= policy.execution.quoteAgeMsMax;
  const working = leg.workingOrderId === null ? undefined : state.orders.get(leg.workingOrderId);
  return {
    instrument: present(state.instruments.get(leg.instrument), leg.instrument),
    view: fresh && view.bid > 0 && view.ask > 0 ? view : null,
    working: working ?? null,
    accepts: state.venues.get(leg.venue)?.restUp ?? false,
    heldQty: state.positions.get(leg.instrument)?.qty ?? zero,
    lastPrice: state.marks.get(leg.instrument)?.price ?? null,
  };
}

/** Winding down closes what is open; a flatten closes everything at once. */
function wantedClose(
  { state }: Decision,
  phase: PairPhase,
): { readonly phase: PairPhase; readonly reason: string } | null {
  const settled = phase === 'open' || phase === 'closing';
  if (state.flattening && settled) return { phase: 'unwinding', reason: 'flatten' };
  if (state.windingDown && phase === 'open') return { phase: 'closing', reason: 'wind-down' };
  return null;
}

function applyOrders(decision: Decision, pair: Pair, step: PairStep): void {
  if (step.orders.length === 0) return;
  const drafts = step.orders.map((order) => draftOf(decision, pair, order));
  const approved = submit(decision, drafts, `${pair.id} ${drafts[0]?.purpose ?? ''}`);
  if (approved !== null) {
    send(decision, approved);
    for (const order of step.orders) backOff(decision, pair, order.leg);
    return;
  }
  for (const order of step.orders) backOff(decision, pair, order.leg);
}

function draftOf(decision: Decision, pair: Pair, order: LegOrder): OrderDraft {
  const leg = pair[order.leg];
  return {
    clientOrderId: nextOrderId(decision, order.leg),
    venue: leg.venue,
    instrument: leg.instrument,
    side: order.side,
    qty: order.qty,
    limit: order.limit,
    timeInForce: 'ioc',
    reduceOnly: order.reduceOnly,
    purpose: order.purpose,
    pairId: pair.id,
    arrivalMid: order.arrivalMid,
  };
}

/** The next try on this leg waits, twice as long each time up to the maximum. */
function backOff(decision: Decision, pair: Pair, name: 'long' | 'short'): void {
  const { retryMs, retryMsMax, legAttemptsMax, slowRetryMs } = decision.policy.execution;
  const leg = pair[name];
  const grown = Math.min(retryMsMax, retryMs * 2 ** Math.min(leg.attempts, 10));
  const delayMs = leg.attempts >= legAttemptsMax * 4 ? slowRetryMs : grown;
  decision.effects.push({
    kind: 'leg-backed-off',
    pairId: pair.id,
    leg: name,
    retryAtWallMs: decision.state.wallMs + delayMs,
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
  const long = formatDecimal(pair.long.qty);
  const short = formatDecimal(pair.short.qty);
  const message = `pair ${pair.id}: ${why}; long ${long}, short ${short}`;
  decision.effects.push({ kind: 'alert', severity: 'critical', code: 'pair-stuck', message });
}
