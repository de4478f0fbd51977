// An unanswered order: cancel it by client id, then query it until the venue says what became of
// it. "Not found" is believed only after the order's signed validity has passed. No order is ever
// resent; a cancel is, when the venue shows the order alive after it.
import { formatDecimal } from '../base/decimal.ts';
import type { CancelResult, PlaceResult, QueryResult } from '../domain/event.ts';
import { isTerminal, rests } from '../domain/order.ts';
import { isSettled, type OrderState } from '../domain/order-state.ts';
import { pairTimer } from './decide-pairs.ts';
import { type Decision, setTimer } from './decision.ts';

/** Added to the validity: clocks differ by less than the venues' own tolerance. */
const validityMarginMs = 1_000;

export function settleTimers(decision: Decision, clientOrderId: string): void {
  const { state, effects } = decision;
  const known = state.orders.get(clientOrderId);
  if (known === undefined) return;
  if (known.filledQty > known.order.qty) {
    const filled = formatDecimal(known.filledQty);
    const message = `${clientOrderId} filled ${filled} of ${formatDecimal(known.order.qty)}`;
    effects.push({ kind: 'alert', severity: 'critical', code: 'overfilled', message });
  }
  const timer = `ack:${clientOrderId}`;
  if (isSettled(known) && state.timers.has(timer)) effects.push({ kind: 'clear-timer', timer });
}

/** The next step of finding out; called by the order's timer. */
export function chaseOrder(decision: Decision, clientOrderId: string): void {
  const { state, policy, effects } = decision;
  const known = state.orders.get(clientOrderId);
  if (known === undefined || isSettled(known)) return;
  const { venue, instrument } = known.order;
  if (known.status === 'open' && rests(known.order)) {
    // It lives as it should, and its pair minds it; the stream may be silent.
    effects.push({ kind: 'query-order', venue, instrument, clientOrderId });
    setTimer(decision, `ack:${clientOrderId}`, state.wallMs + policy.execution.restQueryMs);
    return;
  }
  const mayCancel = !isTerminal(known.status) && !known.saidGone;
  const isCancelLost = known.aliveAfterCancel;
  if ((known.cancelsSent === 0 || isCancelLost) && mayCancel) {
    effects.push({ kind: 'cancel-order', venue, instrument, clientOrderId });
  } else {
    if (known.queriesSent === policy.execution.queriesMax) {
      effects.push({
        kind: 'alert',
        severity: 'critical',
        code: 'order-unanswered',
        message: `${venue} does not say what became of order ${clientOrderId}; it is asked on`,
      });
    }
    effects.push({ kind: 'query-order', venue, instrument, clientOrderId });
  }
  setTimer(decision, `ack:${clientOrderId}`, state.wallMs + chaseDelayMs(decision, known));
}

export function decideAnswer(
  decision: Decision,
  answer: PlaceResult | CancelResult | QueryResult,
): void {
  const { state, effects } = decision;
  const known = state.orders.get(answer.clientOrderId);
  if (known === undefined) return;
  if (answer.kind === 'place-result') {
    if (answer.outcome === 'rejected' && answer.error !== null) {
      effects.push({
        kind: 'alert',
        severity: 'warning',
        code: 'order-rejected',
        message: `${known.order.instrument}: ${answer.error.venueCode} ${answer.error.message}`,
      });
    }
    if (answer.outcome === 'unknown') chaseOrder(decision, answer.clientOrderId);
    return;
  }
  if (isSettled(known)) return;
  if (answer.kind === 'cancel-result') {
    if (answer.outcome !== 'acked') chaseOrder(decision, answer.clientOrderId);
    return;
  }
  if (answer.outcome === 'not-found') believeNotFound(decision, known);
}

function believeNotFound(decision: Decision, known: OrderState): void {
  const { state, policy, effects } = decision;
  const { clientOrderId, venue, pairId } = known.order;
  if (isTerminal(known.status)) return;
  const validityMs = policy.orderValidityMs[venue] ?? 0;
  const validUntilMs = known.sentWallMs + validityMs + validityMarginMs;
  if (state.wallMs < validUntilMs) {
    setTimer(decision, `ack:${clientOrderId}`, validUntilMs + 1);
    return;
  }
  const status = known.filledQty > 0n ? 'canceled' : 'rejected';
  effects.push({ kind: 'order-resolved', clientOrderId, status, reason: 'not-found' });
  if (state.timers.has(`ack:${clientOrderId}`)) {
    effects.push({ kind: 'clear-timer', timer: `ack:${clientOrderId}` });
  }
  if (pairId !== null) setTimer(decision, pairTimer(pairId), state.wallMs);
}

/** While its pair is unbalanced a venue that takes requests is asked on without slowing down. */
function chaseDelayMs({ state, policy }: Decision, known: OrderState): number {
  const { chaseMs, slowRetryMs, queriesMax } = policy.execution;
  const { pairId, venue } = known.order;
  const pair = pairId === null ? undefined : state.pairs.get(pairId);
  const isUrgent = pair !== undefined && pair.nakedSinceWallMs !== null;
  if (isUrgent && state.venues.get(venue)?.restUp === true) return chaseMs;
  if (known.queriesSent >= queriesMax) return slowRetryMs;
  return Math.min(slowRetryMs, chaseMs * (1 + known.queriesSent));
}
