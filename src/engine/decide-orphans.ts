// Closes what orders of ours left behind without a pair: reducing IOC orders, one at a time per
// instrument, at its own slow cadence, once the venue's account has been compared. What is below
// the venue's smallest order stays as dust.
import { abs, type Decimal, minOf, zero } from '../base/decimal.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { OrderDraft, Side } from '../domain/order.ts';
import { isSettled } from '../domain/order-state.ts';
import { checkFilters, quantizeLimit, quantizeQty } from '../execution/quantize.ts';
import { type Decision, nextOrderId, send, setTimer, submit } from './decision.ts';
import { venueOf } from './state.ts';

/** How much farther through the touch than a first exit: nobody waits for a better price. */
const slackFactor = 4;

export function orphanTimer(instrument: string): string {
  return `orphan:${instrument}`;
}

/** Makes sure that somebody looks at every orphan. */
export function watchOrphans(decision: Decision): void {
  const { state } = decision;
  for (const id of state.orphans.keys()) {
    if (!state.timers.has(orphanTimer(id))) setTimer(decision, orphanTimer(id), state.wallMs);
  }
}

/** The next try; called by the orphan's timer. */
export function closeOrphan(decision: Decision, id: string): void {
  const { state, policy } = decision;
  const instrument = state.instruments.get(id);
  const orphan = state.orphans.get(id);
  if (instrument === undefined || orphan === undefined) return;
  const againMs = state.wallMs + policy.execution.retryMsMax;
  const draft = draftOf(decision, instrument, orphan);
  if (draft === 'dust') return;
  setTimer(decision, orphanTimer(id), againMs);
  if (draft === 'wait') return;
  const approved = submit(decision, [draft], orphanTimer(id));
  if (approved === null) return;
  send(decision, approved);
  decision.effects.push({
    kind: 'alert',
    severity: 'critical',
    code: 'orphan-closed',
    message: `${id}: a position that no pair owns is closed`,
  });
}

function draftOf(
  decision: Decision,
  instrument: Instrument,
  orphan: Decimal,
): OrderDraft | 'wait' | 'dust' {
  const { state, policy, legs } = decision;
  const { id } = instrument;
  const held = state.positions.get(id)?.qty ?? zero;
  const isSame = held > 0n === orphan > 0n;
  const qty = quantizeQty(instrument, isSame ? minOf(abs(orphan), abs(held)) : zero);
  if (qty === null || qty === zero) return 'dust';
  const venue = venueOf(state, instrument.venue);
  const reduceOnly = instrument.kind !== 'spot';
  // A restricted venue was compared, again and again: what only reduces need not wait for a person.
  const isCompared = venue.reconciled || (reduceOnly && venue.restrictedBy.length > 0);
  if (!venue.restUp || !isCompared || hasWorking(decision, id)) return 'wait';
  const view = legs.find((leg) => leg.instrument === id);
  if (view === undefined || view.quoteAgeMs > policy.execution.quoteAgeMsMax) return 'wait';
  const side: Side = orphan > 0n ? 'sell' : 'buy';
  const slack = policy.execution.crossSlack * slackFactor;
  const touch = side === 'buy' ? view.ask * (1 + slack) : view.bid * (1 - slack);
  const limit = quantizeLimit(instrument, side, touch);
  if (limit === null) return 'wait';
  if (!checkFilters(instrument, { qty, price: limit, reduceOnly }).ok) return 'dust';
  return {
    clientOrderId: nextOrderId(decision, 'other'),
    venue: instrument.venue,
    instrument: id,
    side,
    qty,
    limit,
    timeInForce: 'ioc',
    reduceOnly,
    purpose: 'flatten',
    pairId: null,
    arrivalMid: (view.bid + view.ask) / 2,
  };
}

/** An order without a pair is one of ours; two at once could pass zero. */
function hasWorking({ state }: Decision, instrument: string): boolean {
  for (const known of state.orders.values()) {
    const { order } = known;
    if (order.pairId === null && order.instrument === instrument && !isSettled(known)) return true;
  }
  return false;
}
