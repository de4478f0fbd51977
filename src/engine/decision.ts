// The effects of one decision while they are being collected, and the order ids that it hands out.
import { toNumber } from '../base/decimal.ts';
import type { Effect } from '../domain/event.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import type { ApprovedOrder, ClientOrderId, OrderDraft, Side } from '../domain/order.ts';
import type { InstrumentExposure, RiskBook } from '../domain/verdict.ts';
import type { LegView } from '../domain/view.ts';
import { makeOrderId } from '../execution/order-id.ts';
import { judge } from '../risk/judge.ts';
import { affordableShare } from '../risk/margin-checks.ts';
import { type LivePairs, livePairsOf } from './live.ts';
import { type PlannedLeg, plannedLegs } from './planned.ts';
import type { Policy } from './policy.ts';
import { riskBookOf } from './risk-book.ts';
import type { EngineState } from './state.ts';

export interface Decision {
  readonly state: EngineState;
  readonly policy: Policy;
  /** Quotes of the legs concerned, as stamped into the event's record. */
  readonly legs: readonly LegView[];
  /** Of the state, which stands still meanwhile. */
  readonly live: LivePairs;
  readonly effects: Effect[];
  /** Orders handed out in this decision: the next id is the state's serial plus this. */
  ordersMade: number;
  /** What risk reads of the state, once somebody asked. */
  book: DecisionBook | null;
}

/** The state stands still while a decision is made: what was read of it is right until its end. */
interface DecisionBook {
  readonly book: RiskBook;
  /** What pairs that are still opening have yet to trade. */
  readonly planned: readonly PlannedLeg[];
  /** Instruments that it was asked for: their ages and wallets are in it. */
  readonly asked: readonly InstrumentId[];
}

export function newDecision(
  state: EngineState,
  policy: Policy,
  legs: readonly LegView[],
): Decision {
  const live = livePairsOf(state);
  return { state, policy, legs, live, effects: [], ordersMade: 0, book: null };
}

export function nextOrderId(decision: Decision, leg: 'long' | 'short' | 'other'): ClientOrderId {
  const { installation, epoch, orderSerial } = decision.state;
  return makeOrderId({ installation, epoch, serial: orderSerial + decision.ordersMade++, leg });
}

/** Judges the orders together; either all leave, each with its answer timer, or none. */
export function submit(
  decision: Decision,
  orders: readonly OrderDraft[],
  label: string,
): readonly ApprovedOrder[] | null {
  const { policy, effects } = decision;
  const verdict = judge({ orders }, bookFor(decision, orders), policy.limits);
  if (verdict.ok) return verdict.orders;
  effects.push({ kind: 'intent-denied', pair: label, denials: verdict.denials });
  takeBack(decision, orders);
  return null;
}

/** How much of these orders the wallets and tiers carry, 0 to 1, all cut alike. */
export function shareThatFits(decision: Decision, orders: readonly OrderDraft[]): number {
  return affordableShare(orders, bookFor(decision, orders));
}

/** Judged and not sent: whether all of a plan would be approved of which only a part leaves now. */
export function mayEver(decision: Decision, orders: readonly OrderDraft[], label: string): boolean {
  if (submit(decision, orders, label) === null) return false;
  takeBack(decision, orders);
  return true;
}

/** Ids of orders that do not leave are handed out again: the next id must follow the last sent. */
export function takeBack(decision: Decision, orders: readonly OrderDraft[]): void {
  decision.ordersMade -= orders.length;
}

function decisionBook(decision: Decision, orders: readonly OrderDraft[]): DecisionBook {
  const { state, policy, legs } = decision;
  const known = decision.book;
  if (known !== null && orders.every(({ instrument }) => known.asked.includes(instrument))) {
    return known;
  }
  const planned = known?.planned ?? plannedLegs(state);
  const asked = new Set<InstrumentId>(known?.asked);
  for (const { instrument } of orders) asked.add(instrument);
  for (const { instrument } of planned) asked.add(instrument);
  for (const { instrument } of legs) asked.add(instrument);
  const list = [...asked];
  const book = riskBookOf(state, legs, policy.limits, list);
  decision.book = { book, planned, asked: list };
  return decision.book;
}

/**
 * An order of a pair that lives already opens no pair. Beside a new one counts what others that are
 * still opening have yet to trade.
 */
function bookFor(decision: Decision, orders: readonly OrderDraft[]): RiskBook {
  const { state, effects } = decision;
  const { book, planned } = decisionBook(decision, orders);
  const live = livePairsAmong(state, orders);
  const opensPair = live === 0 && orders.some(({ purpose }) => purpose === 'entry');
  const coming = opensPair ? planned : [];
  const sent: ApprovedOrder[] = [];
  for (const effect of effects) if (effect.kind === 'place-order') sent.push(effect.order);
  if (live === 0 && sent.length === 0 && coming.length === 0) return book;
  return {
    ...book,
    pairsOpen: book.pairsOpen - live,
    ordersOpen: book.ordersOpen + sent.length,
    ordersLastSecond: book.ordersLastSecond + sent.length,
    exposures: book.exposures.map((exposure) => withComing(exposure, sent, coming)),
  };
}

/** Live pairs that the orders belong to. */
function livePairsAmong(state: EngineState, orders: readonly OrderDraft[]): number {
  const found = new Set<string>();
  for (const { pairId } of orders) {
    const pair = pairId === null ? undefined : state.pairs.get(pairId);
    if (pair !== undefined && pair.phase !== 'closed') found.add(pair.id);
  }
  return found.size;
}

/** What this same decision has sent, and what is planned, counts like every other open order. */
function withComing(
  exposure: InstrumentExposure,
  sent: readonly ApprovedOrder[],
  planned: readonly PlannedLeg[],
): InstrumentExposure {
  let { buysLeft, sellsLeft } = exposure;
  const add = (side: Side, baseQty: number): void => {
    if (side === 'buy') buysLeft += baseQty;
    else sellsLeft += baseQty;
  };
  for (const { instrument, side, qty } of sent) {
    if (instrument === exposure.instrument) add(side, toNumber(qty) * exposure.baseUnit);
  }
  for (const { instrument, side, baseQty } of planned) {
    if (instrument === exposure.instrument) add(side, baseQty);
  }
  return { ...exposure, buysLeft, sellsLeft };
}

export function send(decision: Decision, orders: readonly ApprovedOrder[]): void {
  const dueMs = decision.state.wallMs + decision.policy.execution.answerMsMax;
  for (const order of orders) {
    decision.effects.push({ kind: 'place-order', order });
    setTimer(decision, `ack:${order.clientOrderId}`, dueMs);
  }
}

export function setTimer(decision: Decision, timer: string, dueWallMs: number): void {
  decision.effects.push({ kind: 'set-timer', timer, clock: 'wall', dueMs: dueWallMs });
}
