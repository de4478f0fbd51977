// Facts about orders and fills: states, booked quantities, cash and positions. A fill is booked
// once, by its trade id, whichever message brought it.
import { assert } from '../base/assert.ts';
import { type Decimal, maxOf, plus, times, toNumber, zero } from '../base/decimal.ts';
import { dropOldest } from '../base/oldest.ts';
import { baseQtyAt, isInverse } from '../domain/contract-value.ts';
import type { CancelResult, OrderResolved, PlaceResult, QueryResult } from '../domain/event.ts';
import type { Instrument } from '../domain/instrument.ts';
import { postCash } from '../domain/ledger.ts';
import { type ApprovedOrder, isTerminal, mayBecome, signOf } from '../domain/order.ts';
import { isSettled, type OrderState } from '../domain/order-state.ts';
import { legOn, legsOf } from '../domain/pair.ts';
import { afterFill, flat } from '../domain/position.ts';
import type { FillEvent, OrderEvent } from '../domain/venue-event.ts';
import { checkFee, notePosition } from './bills.ts';
import { bookCollateral } from './coins.ts';
import { allotExternalFill, allotFill } from './evolve-pairs.ts';
import { noteOwner } from './others.ts';
import { addOrderOf } from './pair-orders.ts';
import { usdPriceOf } from './portfolio.ts';
import {
  type EngineState,
  idsRememberedMax,
  ordersRememberedMax,
  recentSendsMax,
  sendWindowMs,
  type VenueState,
  venueOf,
} from './state.ts';
import { noteOrder } from './unsettled.ts';

/** An order was handed to the driver. Registered before the send: a fill may overtake its ack. */
export function foldPlaced(state: EngineState, order: ApprovedOrder): void {
  assert(!state.orders.has(order.clientOrderId), `order id ${order.clientOrderId} is repeated`);
  const known: OrderState = {
    order,
    status: 'pending',
    venueOrderId: null,
    filledQty: zero,
    filledCost: zero,
    reportedFilledQty: zero,
    sentWallMs: state.wallMs,
    sentTsMs: state.tsMs,
    epoch: state.epoch,
    answeredWallMs: null,
    cancelsSent: 0,
    queriesSent: 0,
    saidGone: false,
    aliveAfterCancel: false,
    reason: null,
  };
  state.orders.set(order.clientOrderId, known);
  noteOrder(state.orders, known);
  const { recentSends: ofVenue } = venueOf(state, order.venue);
  forgetBefore(ofVenue, state.wallMs - sendWindowMs);
  ofVenue.push(state.wallMs);
  // Risk needs a price of what is about to be held before the next marks record.
  if (!state.marks.has(order.instrument)) {
    const mark = { price: order.arrivalMid, wallMs: state.wallMs, ageMs: 0 };
    state.marks.set(order.instrument, mark);
  }
  state.orderSerial++;
  state.counters.ordersSent++;
  state.recentSends.push(state.wallMs);
  forgetBefore(state.recentSends, state.wallMs - sendWindowMs);
  const pair = order.pairId === null ? undefined : state.pairs.get(order.pairId);
  if (pair === undefined) return;
  const leg = legOn(pair, order.instrument);
  assert(leg !== undefined, `pair ${pair.id} has no leg on ${order.instrument}`);
  assert(leg.workingOrderId === null, `leg ${leg.name} of ${pair.id} already has a working order`);
  addOrderOf(state, pair, known);
  leg.workingOrderId = order.clientOrderId;
  leg.attempts++;
  pruneOrders(state);
}

/** Wall times up to `countsFromMs` no longer count; nor do more than can be configured. */
function forgetBefore(sends: number[], countsFromMs: number): void {
  let first = 0;
  while (first < sends.length && (sends[first] as number) <= countsFromMs) first++;
  first = Math.max(first, sends.length - recentSendsMax);
  if (first > 0) sends.splice(0, first);
}

/** What the venue says of an order's state. Stale and reordered messages change nothing. */
export function foldOrder(state: EngineState, event: OrderEvent): void {
  const known = event.clientOrderId === null ? undefined : state.orders.get(event.clientOrderId);
  if (known === undefined) return noteOwner(state, event);
  known.answeredWallMs ??= state.wallMs;
  known.venueOrderId ??= event.venueOrderId;
  known.saidGone = false;
  known.reportedFilledQty = maxOf(known.reportedFilledQty, event.filledQty);
  const keepsCancel = known.status === 'cancel-pending' && event.status === 'open';
  if (keepsCancel) known.aliveAfterCancel = true;
  // Asked and answered: what rests is asked about again and again, and that is no silence.
  if (event.status === 'open') known.queriesSent = 0;
  const meaningful = event.status !== 'pending' && event.status !== 'unknown';
  if (meaningful && !keepsCancel && mayBecome(known.status, event.status)) {
    setStatus(state, known, event.status);
    if (event.reason !== null) known.reason = event.reason;
  }
  releaseLeg(state, known);
}

/** Books one fill: order, position, ledger, pair. A trade id seen before changes nothing. */
export function bookFill(state: EngineState, fill: FillEvent): void {
  const key = fillKey(fill);
  if (state.fillsSeen.has(key)) {
    state.counters.duplicateFills++;
    return;
  }
  const known = orderOfFill(state, fill);
  // A listing without client ids, and an order of ours whose venue id is not known yet: whose fill
  // this is will be known after the order's query, which lists it again.
  if (known === 'not-known-yet') return;
  remember(state.fillsSeen, key);
  const instrument = fill.instrument === null ? undefined : state.instruments.get(fill.instrument);
  if (instrument === undefined) return; // cannot be valued: the balances will differ and restrict
  bookCash(state, instrument, fill);
  checkFee(state, instrument, fill);
  notePosition(state, instrument.id, fill.venueTsMs ?? state.tsMs);
  const netQty = signedNetQty(instrument, fill);
  if (known === undefined) {
    noteOwner(state, fill);
    state.counters.externalFills++;
    allotExternalFill(state, instrument, { fill, netQty });
    return;
  }
  known.answeredWallMs ??= state.wallMs;
  known.saidGone = false;
  known.filledQty = plus(known.filledQty, fill.qty);
  assert(known.filledQty >= zero, `order ${known.order.clientOrderId} filled below zero`);
  known.filledCost = plus(known.filledCost, times(fill.price, fill.qty));
  known.reportedFilledQty = maxOf(known.reportedFilledQty, known.filledQty);
  if (known.filledQty >= known.order.qty && mayBecome(known.status, 'filled')) {
    setStatus(state, known, 'filled');
  }
  const price = toNumber(fill.price);
  const direction = fill.side === 'buy' ? 1 : -1;
  const qty = baseQtyAt(instrument, toNumber(fill.qty), price);
  state.counters.slippageUsd += direction * (price - known.order.arrivalMid) * qty;
  state.counters.turnoverUsd += price * qty;
  allotFill(state, known.order, { price, netQty });
  releaseLeg(state, known);
}

/** Answers to what we asked. An acked placement is not yet a live order (Bybit). */
export function foldOrderAnswer(
  state: EngineState,
  answer: PlaceResult | CancelResult | QueryResult,
): void {
  const known = state.orders.get(answer.clientOrderId);
  if (answer.kind === 'query-result') {
    if (answer.order !== null) foldOrder(state, answer.order);
    for (const fill of answer.fills) bookFill(state, fill);
    if (known !== undefined && answer.outcome === 'not-found') known.saidGone = true;
    return;
  }
  if (known === undefined) return;
  if (answer.kind === 'cancel-result') {
    if (answer.outcome === 'gone') known.saidGone = true;
    return;
  }
  if (answer.outcome === 'unknown') {
    if (mayBecome(known.status, 'unknown')) setStatus(state, known, 'unknown');
    return;
  }
  learnLatency(venueOf(state, answer.venue), state.wallMs - known.sentWallMs);
  known.answeredWallMs ??= state.wallMs;
  if (answer.outcome === 'rejected' && known.filledQty === zero) {
    if (mayBecome(known.status, 'rejected')) setStatus(state, known, 'rejected');
    known.reason = answer.error === null ? 'rejected' : answer.error.reaction;
    releaseLeg(state, known);
  }
}

/** Weight of the newest answer in a venue's answer time. */
const latencyShare = 0.2;

function learnLatency(venue: VenueState, latencyMs: number): void {
  const before = venue.latencyMs;
  venue.latencyMs = before === null ? latencyMs : before + (latencyMs - before) * latencyShare;
}

/** We concluded what became of an order that the venue does not know. */
export function resolveOrder(state: EngineState, effect: OrderResolved): void {
  const known = state.orders.get(effect.clientOrderId);
  assert(known !== undefined, `no order ${effect.clientOrderId}`);
  if (mayBecome(known.status, effect.status)) setStatus(state, known, effect.status);
  known.reason = effect.reason;
  releaseLeg(state, known);
}

/** Forgets the oldest settled orders, but for those that opened a live pair. */
export function pruneOrders(state: EngineState): void {
  if (state.orders.size <= ordersRememberedMax) return;
  for (const [id, known] of state.orders) {
    if (state.orders.size <= ordersRememberedMax) return;
    const { pairId, instrument, side } = known.order;
    const pair = pairId === null ? undefined : state.pairs.get(pairId);
    const leg = pair === undefined ? undefined : legOn(pair, instrument);
    const isOfLive = pair !== undefined && pair.phase !== 'closed' && leg?.openSide === side;
    if (isSettled(known) && !isOfLive) state.orders.delete(id);
  }
}

function setStatus(state: EngineState, known: OrderState, status: OrderState['status']): void {
  if (known.status === status) return;
  const before = known.status;
  known.status = status;
  if (status === 'unknown') state.counters.ordersUnknown++;
  if (status === 'filled') state.counters.ordersFilled++;
  if (status === 'rejected') state.counters.ordersRejected++;
  if ((status === 'canceled' || status === 'expired') && !isTerminal(before)) {
    state.counters.ordersCanceled++;
  }
  if (status === 'filled' && (before === 'canceled' || before === 'expired')) {
    state.counters.ordersCanceled--;
  }
}

/** After every change of an order's status or quantity. */
function releaseLeg(state: EngineState, known: OrderState): void {
  noteOrder(state.orders, known);
  if (!isSettled(known) || known.order.pairId === null) return;
  const pair = state.pairs.get(known.order.pairId);
  if (pair === undefined) return;
  for (const leg of legsOf(pair)) {
    if (leg.workingOrderId !== known.order.clientOrderId) continue;
    leg.workingOrderId = null;
    leg.lastRejectCode = known.status === 'rejected' ? known.reason : null;
  }
}

function bookCash(state: EngineState, instrument: Instrument, fill: FillEvent): void {
  const { venue, wallet } = instrument;
  const before = state.positions.get(instrument.id) ?? flat;
  const after = afterFill(before, fill, instrument);
  if (instrument.kind === 'spot') {
    const signed = (fill.qty * signOf(fill.side)) as Decimal; // brand: a sign flip
    const paid = times(-signed as Decimal, fill.price); // brand: a sign flip
    const cause = 'spot-trades';
    postCash(state.ledger, { venue, wallet, asset: instrument.base, amount: signed, cause });
    postCash(state.ledger, { venue, wallet, asset: instrument.quote, amount: paid, cause });
  } else {
    const amount = fill.realizedPnl ?? after.realized;
    postCash(state.ledger, { venue, wallet, asset: instrument.settle, amount, cause: 'realized' });
  }
  const position = after.position;
  const feeInBase = instrument.kind === 'spot' && fill.feeAsset === instrument.base;
  const qty = feeInBase ? plus(position.qty, fill.fee) : position.qty;
  if (qty === zero) state.positions.delete(instrument.id);
  else state.positions.set(instrument.id, { qty, cost: position.cost });
  const feeAsset = fill.feeAsset ?? instrument.settle;
  postCash(state.ledger, { venue, wallet, asset: feeAsset, amount: fill.fee, cause: 'fees' });
  if (isInverse(instrument)) {
    bookCollateral(state, { venue, wallet, asset: feeAsset, amount: fill.fee });
  }
  const inBase = feeAsset === instrument.base && !isInverse(instrument);
  const feePrice = inBase ? toNumber(fill.price) : (usdPriceOf(state, feeAsset, venue) ?? 0);
  state.attribution.feesUsd += toNumber(fill.fee) * feePrice;
}

/** Trade ids are unique per instrument: Binance numbers BTCUSDT spot and USD-M apart. */
export function fillKey(fill: FillEvent): string {
  return `${fill.venue}|${fill.instrument ?? fill.symbol ?? ''}|${fill.fillId}`;
}

/** By client id, else by the venue's order id. */
export function orderOfFill(
  state: EngineState,
  fill: FillEvent,
): OrderState | undefined | 'not-known-yet' {
  if (fill.clientOrderId !== null) return state.orders.get(fill.clientOrderId);
  let isOpen = false;
  for (const known of state.orders.values()) {
    if (known.order.instrument !== fill.instrument) continue;
    if (known.venueOrderId !== null && known.venueOrderId === fill.venueOrderId) return known;
    if (known.venueOrderId === null && !isSettled(known)) isOpen = true;
  }
  return isOpen && !fill.forced ? 'not-known-yet' : undefined;
}

/** What the fill adds to the position, net of a fee that was taken in base. */
function signedNetQty(instrument: Instrument, fill: FillEvent): Decimal {
  const signed = (fill.qty * signOf(fill.side)) as Decimal; // brand: a sign flip
  const feeInBase = instrument.kind === 'spot' && fill.feeAsset === instrument.base;
  return feeInBase ? plus(signed, fill.fee) : signed;
}

/** Remembers an id; the oldest goes when there are too many. */
export function remember(ids: Set<string>, id: string): void {
  ids.add(id);
  if (ids.size > idsRememberedMax) dropOldest(ids);
}
