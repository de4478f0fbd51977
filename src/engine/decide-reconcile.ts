// Reconciliation: ask each venue for its own account at boot, after every private reconnect and
// regularly; chase what it does not list, cancel what we do not know of ours, restrict what nothing
// explains.

import type { Booted, VenueSnapshot, VenueStatus } from '../domain/event.ts';
import { isTerminal } from '../domain/order.ts';
import { isSettled } from '../domain/order-state.ts';
import { parseOrderId } from '../execution/order-id.ts';
import { adoptEverything, adoptPositions, reconcileTimer } from './decide-adoption.ts';
import { orphanTimer, watchOrphans } from './decide-orphans.ts';
import { controlPairs, pairTimer } from './decide-pairs.ts';
import { type Decision, setTimer } from './decision.ts';
import { foreignReasons } from './others.ts';
import { livePairs, venueOf } from './state.ts';

/** Timers are state: a boot re-arms what a pair or an unanswered order waits for. */
export function decideBooted(decision: Decision, input: Booted): void {
  const { state } = decision;
  for (const [id, known] of state.orders) {
    if (!isSettled(known)) setTimer(decision, `ack:${id}`, state.wallMs + 1);
  }
  for (const pair of livePairs(state)) setTimer(decision, pairTimer(pair.id), state.wallMs + 1);
  for (const id of state.orphans.keys()) setTimer(decision, orphanTimer(id), state.wallMs + 1);
  for (const venue of input.venues) setTimer(decision, reconcileTimer(venue), state.wallMs + 1);
}

export function decideVenueStatus(decision: Decision, input: VenueStatus): void {
  const { state, effects } = decision;
  if (input.status === 'down') {
    effects.push({
      kind: 'alert',
      severity: 'warning',
      code: input.channel === 'rate' ? 'order-rate-short' : 'venue-down',
      message: `${input.venue} ${input.channel}: ${input.detail}`,
    });
  }
  const venue = venueOf(state, input.venue);
  if (venue.privateUp && !venue.reconciled && venue.awaiting === null)
    askSnapshot(decision, input.venue);
}

export function decideReconcileTimer(decision: Decision, venueId: string): void {
  const { state, policy } = decision;
  const venue = venueOf(state, venueId);
  const waitedMs = state.wallMs - venue.awaitingSinceWallMs;
  if (venue.awaiting !== null && waitedMs < policy.reconcile.timeoutMs) {
    setTimer(
      decision,
      reconcileTimer(venueId),
      state.wallMs + policy.reconcile.timeoutMs - waitedMs,
    );
    return;
  }
  if (venue.privateUp || venue.restUp) askSnapshot(decision, venueId);
  else setTimer(decision, reconcileTimer(venueId), state.wallMs + policy.reconcile.everyMs);
}

export function decideSnapshot(decision: Decision, snapshot: VenueSnapshot): void {
  const { state, policy, effects } = decision;
  const venue = venueOf(state, snapshot.venue);
  if (venue.awaiting !== null) return controlPairs(decision, livePairs(state)); // a late one
  const again = !snapshot.ok || venue.mismatches > 0;
  const confirmed = venue.mismatches >= policy.reconcile.confirmations;
  const delayMs = again && !confirmed ? policy.reconcile.againMs : policy.reconcile.everyMs;
  setTimer(decision, reconcileTimer(snapshot.venue), state.wallMs + delayMs);
  if (!snapshot.ok) {
    effects.push({
      kind: 'alert',
      severity: 'warning',
      code: 'snapshot-failed',
      message: `${snapshot.venue}: ${snapshot.error ?? 'no reason'}`,
    });
    return;
  }
  judgeDifferences(decision, snapshot, confirmed);
  if (state.flattening && state.fromVenuesAlone && !state.everythingAdopted) {
    adoptEverything(decision, snapshot.venue);
  } else if (state.flattening && confirmed) adoptPositions(decision, snapshot.venue);
  chaseUnlisted(decision, snapshot);
  controlPairs(decision, livePairs(state));
  watchOrphans(decision);
}

/** Everything is to be closed: what differs is looked at now, not at the next regular time. */
export function compareAgain(decision: Decision): void {
  const { state } = decision;
  for (const [id, venue] of state.venues) {
    if (venue.mismatches > 0 || state.fromVenuesAlone)
      setTimer(decision, reconcileTimer(id), state.wallMs);
  }
}

/** A person knows the differences that restrict a venue: they are booked, then compared again. */
export function acknowledge(decision: Decision, by: string): void {
  const { state, effects } = decision;
  for (const [venueId, venue] of state.venues) {
    if (venue.restrictedBy.length === 0) continue;
    for (const [key, amount] of venue.cashGaps) {
      const [wallet = '', asset = ''] = key.split('|');
      const reason = `acknowledged by ${by}`;
      effects.push({ kind: 'adjustment', venue: venueId, wallet, asset, amount, reason });
    }
    setTimer(decision, reconcileTimer(venueId), state.wallMs);
  }
}

function askSnapshot(decision: Decision, venueId: string): void {
  const { state, policy, effects } = decision;
  const venue = venueOf(state, venueId);
  const from = venue.coveredTsMs === 0 ? state.tsMs : venue.coveredTsMs;
  effects.push({
    kind: 'request-snapshot',
    venue: venueId,
    requestId: `${venueId}-${state.epoch}-${state.seq}`,
    sinceMs: Math.max(0, from - policy.reconcile.overlapMs),
  });
  setTimer(decision, reconcileTimer(venueId), state.wallMs + policy.reconcile.timeoutMs);
}

function judgeDifferences(
  { state, effects }: Decision,
  snapshot: VenueSnapshot,
  confirmed: boolean,
): void {
  const venue = venueOf(state, snapshot.venue);
  const reasons = [
    ...(confirmed ? venue.differences : []),
    ...foreignReasons(snapshot.venue, venue),
  ];
  if (reasons.length > 0) {
    if (reasons.join() === venue.restrictedBy.join()) return;
    effects.push({ kind: 'venue-restricted', venue: snapshot.venue, restricted: true, reasons });
    effects.push({
      kind: 'alert',
      severity: 'critical',
      code: 'unexplained-difference',
      message: reasons.join('; '),
    });
  } else if (venue.restrictedBy.length > 0 && venue.mismatches === 0) {
    effects.push({ kind: 'venue-restricted', venue: snapshot.venue, restricted: false, reasons });
  }
}

/** Live orders that the venue does not list are queried; unknown ones of ours are cancelled. */
function chaseUnlisted({ state, effects }: Decision, snapshot: VenueSnapshot): void {
  const listed = new Set(snapshot.openOrders.map((order) => order.clientOrderId));
  for (const [clientOrderId, known] of state.orders) {
    const { venue, instrument } = known.order;
    if (venue !== snapshot.venue || isSettled(known)) continue;
    if (listed.has(clientOrderId) && !isTerminal(known.status)) continue;
    effects.push({ kind: 'query-order', venue, instrument, clientOrderId });
  }
  for (const order of snapshot.openOrders) {
    const id = order.clientOrderId;
    if (id === null || order.instrument === null) continue;
    // One that was believed dead and lives (the venue's reading side lagged) is as unknown.
    const known = state.orders.get(id);
    if (known !== undefined && !isTerminal(known.status)) continue;
    if (parseOrderId(id)?.installation !== state.installation) continue;
    effects.push({
      kind: 'cancel-order',
      venue: snapshot.venue,
      instrument: order.instrument,
      clientOrderId: id,
    });
  }
}
