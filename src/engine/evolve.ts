// Facts: the only writer of the state. Folding the journal with `evolve` alone rebuilds the state
// exactly; it decides nothing, sends nothing and reads no configuration.
import { assert, unreachable } from '../base/assert.ts';
import { plus, toNumber, zero } from '../base/decimal.ts';
import { linearTerms, valueAt } from '../domain/contract-value.ts';
import type {
  Booted,
  Effect,
  EffectRecord,
  EngineEvent,
  EngineInput,
  InstrumentsListed,
  JournalRecord,
  PositionAdopted,
  VenueStatus,
} from '../domain/event.ts';
import { postCash } from '../domain/ledger.ts';
import { isTerminal } from '../domain/order.ts';
import { flat } from '../domain/position.ts';
import { checkFunding, type Notice, notePosition } from './bills.ts';
import { bookCollateral, disown } from './coins.ts';
import { bookBalance, bookFunding, bookMarks, bookSnapshot } from './evolve-account.ts';
import { bookFill, foldOrder, foldOrderAnswer, foldPlaced, resolveOrder } from './evolve-orders.ts';
import {
  foldAccepts,
  foldPairCreated,
  foldPairMoved,
  foldPairPlanned,
  restartNakedClock,
} from './evolve-pairs.ts';
import { foldWaiting } from './evolve-waiting.ts';
import { forgetHeld } from './held.ts';
import { addOrphan, unownedQty } from './orphans.ts';
import { coolDown, type EngineState, emptyVenueState, reportPosition, venueOf } from './state.ts';

/** Folds one record. Asserts that records come in sequence without a gap. */
export function evolve(state: EngineState, record: JournalRecord): void {
  assert(record.seq === state.seq + 1, `record ${record.seq} after ${state.seq}`);
  state.seq = record.seq;
  state.tsMs = record.tsMs;
  state.wallMs = record.wallMs;
  if ('input' in record) foldInput(state, record, record.input);
  else foldEffect(state, record, record.effect);
}

function foldInput(state: EngineState, event: EngineEvent, input: EngineInput): void {
  switch (input.kind) {
    case 'booted':
      return foldBooted(state, input);
    case 'instruments':
      return foldInstruments(state, input);
    case 'margin-terms':
      for (const [id, terms] of Object.entries(input.terms)) state.marginTerms.set(id, terms);
      return;
    case 'borrow-rates':
      for (const [asset, rate] of Object.entries(input.ratesPerHour)) {
        state.borrowRates.set(`${input.venue}|${asset}`, rate);
      }
      return;
    case 'venue-status':
      return foldVenueStatus(state, input);
    case 'order':
      return foldOrder(state, input);
    case 'fill':
      return bookFill(state, input);
    case 'balance':
      return bookBalance(venueOf(state, input.venue), input);
    case 'position':
      return reportPosition(venueOf(state, input.venue), input);
    case 'funding-payment':
      return bookFunding(state, input);
    case 'funding-settled':
      return checkFunding(state, input);
    case 'place-result':
    case 'cancel-result':
    case 'query-result':
      return foldOrderAnswer(state, input);
    case 'venue-snapshot':
      return bookSnapshot(state, input);
    case 'marks':
      return bookMarks(state, input);
    case 'pair-seen':
      return;
    case 'timer':
      state.timers.delete(input.timer);
      return;
    case 'store-status':
      if (input.up) state.storesDown.delete(input.store);
      else state.storesDown.add(input.store);
      return;
    case 'operator':
      return foldOperator(state, event);
    default:
      unreachable(input);
  }
}

function foldEffect(state: EngineState, record: EffectRecord, effect: Effect): void {
  switch (effect.kind) {
    case 'place-order':
      return foldPlaced(state, effect.order);
    case 'cancel-order': {
      const order = state.orders.get(effect.clientOrderId);
      if (order === undefined) return;
      order.cancelsSent++;
      order.aliveAfterCancel = false;
      if (!isTerminal(order.status)) order.status = 'cancel-pending';
      return;
    }
    case 'query-order': {
      const order = state.orders.get(effect.clientOrderId);
      if (order !== undefined) order.queriesSent++;
      return;
    }
    case 'request-snapshot': {
      const venue = venueOf(state, effect.venue);
      venue.awaiting = effect.requestId;
      venue.awaitingSinceWallMs = record.wallMs;
      venue.awaitingSinceTsMs = record.tsMs;
      return;
    }
    case 'set-timer':
      state.timers.set(effect.timer, { clock: effect.clock, dueMs: effect.dueMs });
      return;
    case 'clear-timer':
      state.timers.delete(effect.timer);
      return;
    case 'pair-created':
      return foldPairCreated(state, effect);
    case 'pair-moved':
      return foldPairMoved(state, effect);
    case 'pair-planned':
      return foldPairPlanned(state, effect);
    case 'entry-waits':
      return foldWaiting(state, effect);
    case 'leg-backed-off': {
      const leg = state.pairs.get(effect.pairId)?.[effect.leg] ?? null;
      assert(leg !== null, `no leg ${effect.leg} of pair ${effect.pairId}`);
      leg.retryAtWallMs = effect.retryAtWallMs;
      leg.lastRejectCode = effect.code;
      return;
    }
    case 'order-resolved':
      return resolveOrder(state, effect);
    case 'intent-denied':
      state.counters.denied++;
      coolDown(state, effect.pair);
      return;
    case 'mode-changed':
      state.mode = effect.mode;
      state.modeReason = effect.reason;
      return;
    case 'venue-restricted':
      venueOf(state, effect.venue).restrictedBy = effect.restricted ? effect.reasons : [];
      return;
    case 'adjustment':
      postCash(state.ledger, { ...effect, cause: 'adjustment' });
      bookCollateral(state, effect);
      venueOf(state, effect.venue).cashGaps.delete(`${effect.wallet}|${effect.asset}`);
      return;
    case 'position-adopted':
      return foldAdopted(state, effect);
    case 'alert': {
      const told = ({ code, message }: Notice) =>
        code === effect.code && message === effect.message;
      const index = state.notices.findIndex(told);
      if (index >= 0) state.notices.splice(index, 1);
      return;
    }
    default:
      unreachable(effect);
  }
}

function foldBooted(state: EngineState, input: Booted): void {
  assert(input.epoch > state.epoch, `boot epoch ${input.epoch} does not pass ${state.epoch}`);
  state.runId = input.runId;
  state.installation = input.installation;
  state.epoch = input.epoch;
  state.seed = input.seed;
  state.configDigest = input.configDigest;
  state.bootWallMs = state.wallMs;
  state.fromVenuesAlone = input.fromVenuesAlone === true;
  state.everythingAdopted = false;
  state.orderSerial = 0;
  state.windingDown = false; // a flatten is not over: it lasts until an operator resumes
  for (const id of input.venues) if (!state.venues.has(id)) state.venues.set(id, emptyVenueState());
  for (const venue of state.venues.values()) {
    venue.publicUp = false;
    venue.privateUp = false;
    venue.restUp = false;
    venue.reconciled = false;
    venue.awaiting = null;
    venue.mismatches = 0;
    venue.orderHeadroom = null;
  }
  for (const order of state.orders.values()) {
    if (!isTerminal(order.status)) order.status = 'unknown';
  }
  for (const pair of state.pairs.values()) {
    pair.phaseSinceWallMs = state.wallMs;
    restartNakedClock(state, pair);
  }
  state.recentSends.length = 0;
  state.storesDown.clear(); // a new process tells anew which of its stores are down
}

function foldInstruments(state: EngineState, input: InstrumentsListed): void {
  for (const instrument of input.instruments) state.instruments.set(instrument.id, instrument);
  forgetHeld(state);
  for (const [id, rates] of Object.entries(input.feeRates)) state.feeRates.set(id, { ...rates });
}

function foldVenueStatus(state: EngineState, input: VenueStatus): void {
  const venue = venueOf(state, input.venue);
  const up = input.status === 'up';
  if (input.channel === 'public') venue.publicUp = up;
  if (input.channel === 'rest') foldAccepts(state, venue, up);
  if (input.channel === 'rate') venue.orderHeadroom = input.headroom ?? null;
  if (input.channel === 'private') {
    venue.privateUp = up;
    venue.reconciled = false;
    venue.awaiting = null;
  }
}

function foldOperator(state: EngineState, event: EngineEvent): void {
  assert(event.input.kind === 'operator', 'operator input');
  const { command, by } = event.input;
  switch (command) {
    case 'halt':
    case 'halt-flatten':
      state.mode = 'halted';
      state.modeReason = `operator ${by}`;
      if (command === 'halt-flatten') foldFlatten(state);
      return;
    case 'flatten':
      return foldFlatten(state);
    case 'resume':
      state.mode = 'running';
      state.modeReason = `operator ${by}`;
      state.flattening = false;
      state.windingDown = false;
      return;
    case 'wind-down':
      state.windingDown = true;
      return;
    case 'acknowledge':
      // The differences are booked by the adjustments that follow from it.
      for (const venue of state.venues.values()) {
        venue.foreign.clear();
        venue.othersFromTsMs = event.tsMs;
      }
      return;
    default:
      unreachable(command);
  }
}

/** Everything is to be closed: also the perpetuals that no pair owns, whoever bought them. */
function foldFlatten(state: EngineState): void {
  state.flattening = true;
  for (const id of state.positions.keys()) {
    if (state.instruments.get(id)?.kind === 'spot') continue;
    const qty = unownedQty(state, id);
    if (qty !== zero) state.orphans.set(id, qty);
  }
}

function foldAdopted(state: EngineState, { instrument, qty, price }: PositionAdopted): void {
  const before = state.positions.get(instrument) ?? flat;
  const listed = state.instruments.get(instrument) ?? linearTerms;
  const cost = plus(before.cost, valueAt(listed, qty, price));
  const sum = plus(before.qty, qty);
  if (sum === zero) state.positions.delete(instrument);
  else state.positions.set(instrument, { qty: sum, cost });
  notePosition(state, instrument, state.tsMs);
  // Coins are among what no pair owns since the opening balance.
  if (state.instruments.get(instrument)?.kind !== 'spot') {
    disown(state, instrument, { qty: toNumber(qty), price: toNumber(price) });
  }
  addOrphan(state, instrument, qty);
  if (state.fromVenuesAlone) state.everythingAdopted = true;
}
