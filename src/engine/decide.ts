// Opinions: what follows from an event, as effects. Reads the state, the event and the policy;
// writes nothing. It reads no quote that is not in the event's own record.
import { unreachable } from '../base/assert.ts';
import type { Effect, EngineEvent, OperatorSaid } from '../domain/event.ts';
import type { FillEvent } from '../domain/venue-event.ts';
import type { LegView } from '../domain/view.ts';
import { decideEntry, decideExit } from './decide-entries.ts';
import { chaseOrder, decideAnswer, settleTimers } from './decide-orders.ts';
import { closeOrphan, watchOrphans } from './decide-orphans.ts';
import { controlPair, controlPairs, pairTimer } from './decide-pairs.ts';
import {
  acknowledge,
  compareAgain,
  decideBooted,
  decideReconcileTimer,
  decideSnapshot,
  decideVenueStatus,
} from './decide-reconcile.ts';
import { decideLimits } from './decide-risk.ts';
import { type Decision, newDecision, setTimer } from './decision.ts';
import { orderOfFill } from './evolve-orders.ts';
import type { Policy } from './policy.ts';
import { type EngineState, livePairs, pairOfOrder } from './state.ts';

export function decide(state: EngineState, event: EngineEvent, policy: Policy): readonly Effect[] {
  const { input } = event;
  const decision = newDecision(state, policy, legsSeen(event));
  switch (input.kind) {
    case 'booted':
      decideBooted(decision, input);
      break;
    case 'venue-status':
      decideVenueStatus(decision, input);
      break;
    case 'venue-snapshot':
      decideSnapshot(decision, input);
      break;
    case 'pair-seen':
      decideEntry(decision, input.view);
      decideExit(decision, input.view);
      break;
    case 'order':
      if (input.clientOrderId !== null) afterOrder(decision, input.clientOrderId);
      break;
    case 'fill':
      afterFill(decision, input);
      watchOrphans(decision);
      break;
    case 'place-result':
    case 'cancel-result':
    case 'query-result':
      decideAnswer(decision, input);
      afterOrder(decision, input.clientOrderId);
      break;
    case 'timer':
      decideTimer(decision, input.timer);
      break;
    case 'marks':
      decideLimits(decision);
      break;
    case 'operator':
      decideOperator(decision, input);
      break;
    case 'instruments':
    case 'margin-terms':
    case 'borrow-rates':
    case 'balance':
    case 'position':
    case 'funding-payment':
    case 'funding-settled':
    case 'store-status':
      break;
    default:
      unreachable(input);
  }
  for (const { code, message } of state.notices) {
    decision.effects.push({ kind: 'alert', severity: 'warning', code, message });
  }
  return decision.effects;
}

function legsSeen({ input, legs }: EngineEvent): readonly LegView[] {
  if (input.kind !== 'pair-seen') return legs;
  const { longLeg, shortLeg } = input.view;
  const seen = [longLeg, shortLeg];
  for (let i = 0; i < legs.length; i++) seen.push(legs[i] as LegView);
  return seen;
}

function afterFill(decision: Decision, fill: FillEvent): void {
  const known = orderOfFill(decision.state, fill);
  if (known === 'not-known-yet') return;
  if (known !== undefined) return afterOrder(decision, known.order.clientOrderId);
  decision.effects.push({
    kind: 'alert',
    severity: 'warning',
    code: 'external-fill',
    message: `${fill.venue} ${fill.symbol} fill ${fill.fillId} is not from an order of ours`,
  });
  controlPairs(decision, livePairs(decision.state));
}

function afterOrder(decision: Decision, clientOrderId: string): void {
  settleTimers(decision, clientOrderId);
  const pair = pairOfOrder(decision.state, clientOrderId);
  if (pair !== undefined) controlPair(decision, pair);
}

function decideTimer(decision: Decision, timer: string): void {
  const colon = timer.indexOf(':');
  const kind = timer.slice(0, colon);
  const subject = timer.slice(colon + 1);
  if (kind === 'ack') chaseOrder(decision, subject);
  if (kind === 'orphan') closeOrphan(decision, subject);
  if (kind === 'reconcile') decideReconcileTimer(decision, subject);
  if (kind === 'pair') {
    const pair = decision.state.pairs.get(subject);
    if (pair !== undefined) controlPair(decision, pair);
  }
}

function decideOperator(decision: Decision, input: OperatorSaid): void {
  decision.effects.push({
    kind: 'alert',
    severity: 'info',
    code: 'operator',
    message: `${input.command} by ${input.by}`,
  });
  if (input.command === 'acknowledge') return acknowledge(decision, input.by);
  if (input.command === 'resume') return;
  for (const pair of livePairs(decision.state)) {
    setTimer(decision, pairTimer(pair.id), decision.state.wallMs);
  }
  watchOrphans(decision);
  if (decision.state.flattening) compareAgain(decision);
}
