// One leg moves to another venue without closing the other: swaps of a part each, the new leg
// opened and the old one cut by the same quantity together, so that the side never holds more than
// the leg and one part. The held leg is touched only when nothing else can bring the pair back in
// balance.
import { present } from '../base/assert.ts';
import {
  abs,
  type Decimal,
  fromNumber,
  leastCommonMultiple,
  maxOf,
  minOf,
  minus,
  one,
  roundToStep,
  times,
  zero,
} from '../base/decimal.ts';
import { isQuoted } from '../domain/executable.ts';
import type { Leg, Pair } from '../domain/pair.ts';
import {
  contextOf,
  guardLeftMs,
  isNaked,
  isOffset,
  isWorking,
  type LegOrder,
  moveTo,
  offsetByNobody,
  orderOr,
  type PairContext,
  type PairStep,
  pastPlan,
  sideQty,
  touchBasis,
  wait,
} from './pair-context.ts';
import { addOrder, completeOrder, reduceOrder } from './pair-orders.ts';

/** The reason of a move that ends a roll with the new leg in place. */
export const rolled = 'rolled';

interface Roll {
  readonly leaving: Leg;
  readonly incoming: Leg;
  readonly held: Leg;
}

export function planRolling(pair: Pair, context: PairContext): PairStep {
  const incoming = present(pair.incoming, `the incoming leg of ${pair.id}`);
  const leaving = pair[incoming.name];
  const held = incoming.name === 'long' ? pair.short : pair.long;
  const roll = { leaving, incoming, held };
  if (isWorking(pair, context)) return wait(context);
  if (isNaked(pair)) return balance(pair, context, roll);
  if (abs(leaving.qty) < pair.bandQty) return finish(pair, context, roll);
  const isTired = incoming.attempts >= context.policy.legAttemptsMax;
  // A hedge that was not needed after all: nothing is to be moved for it.
  if (isHedge(context) && abs(incoming.qty) < pair.bandQty) return giveUp(pair, context, roll);
  if (!context.mayComplete || pastPlan(context) || isTired) return giveUp(pair, context, roll);
  return swap(pair, context, roll);
}

/** A leg is built up elsewhere because its own venue is out: no better use, so no end either. */
function isHedge({ plan }: PairContext): boolean {
  return plan.deadlineWallMs === null;
}

/** One order of a swap filled without the other. */
function balance(pair: Pair, context: PairContext, roll: Roll): PairStep {
  const { leaving, incoming, held } = roll;
  const side = abs(sideQty(pair, incoming.name));
  if (side > abs(held.qty)) {
    const excess = minus(side, abs(held.qty));
    const first = reduceOrder(pair, context, { leg: leaving, qty: excess, purpose: 'unwind' });
    if (first !== 'no-order' && contextOf(pair, context, leaving).accepts) {
      return orderOr(context, pair, leaving, first);
    }
    const second = reduceOrder(pair, context, { leg: incoming, qty: excess, purpose: 'unwind' });
    if (second === 'no-order' && isOffset(pair, context, leaving)) return offset(context);
    return orderOr(context, pair, incoming, second);
  }
  const excess = minus(abs(held.qty), side);
  const completing = completeOrder(pair, context, { leading: held, lagging: incoming, excess });
  if (completing !== null) return orderOr(context, pair, incoming, completing);
  const order = reduceOrder(pair, context, { leg: held, qty: excess, purpose: 'unwind' });
  if (order === 'no-order' && isOffset(pair, context, held)) return offset(context);
  return orderOr(context, pair, held, order);
}

function offset(context: PairContext): PairStep {
  return moveTo('closing', offsetByNobody, context);
}

/** Balanced: the next part moves. */
function swap(pair: Pair, context: PairContext, roll: Roll): PairStep {
  const { plan, policy, wallMs } = context;
  const { leaving, incoming } = roll;
  const from = contextOf(pair, context, leaving);
  const to = contextOf(pair, context, incoming);
  if (from.view === null || !isQuoted(from.view) || !from.accepts) return wait(context);
  const isLong = incoming.name === 'long';
  const basis = isLong ? touchBasis(from.view, to.view) : touchBasis(to.view, from.view);
  const isGone = basis === null || (plan.basisMin !== null && basis < plan.basisMin);
  if (isGone || guardLeftMs(pair, context) > 0) return wait(context);
  const qty = partOf(pair, context, roll);
  const nextAtWallMs = wallMs + policy.sliceEveryMs;
  const add = addOrder(pair, context, { leg: incoming, qty, purpose: 'roll', nextAtWallMs });
  const cut = reduceOrder(pair, context, { leg: leaving, qty, purpose: 'exit' });
  if (add === null || cut === 'wait' || cut === 'no-order') return wait(context);
  const orders: readonly LegOrder[] = [add, { ...cut, nextAtWallMs }];
  return { ...wait(context), orders };
}

/**
 * The plan's part, on both lots; a rest that is too small for one of its own goes with the last.
 */
function partOf(pair: Pair, context: PairContext, roll: Roll): Decimal {
  const { leaving, incoming, held } = roll;
  const { plan, policy } = context;
  const left = abs(leaving.qty);
  // The pair may have shrunk since it was planned: never a part that could double the side.
  const share = times(abs(held.qty), fromNumber(policy.rollShareMax));
  const part = minOf(minOf(left, plan.sliceQty ?? left), share);
  if (minus(left, part) < pair.bandQty) return left;
  const lots = [leaving, incoming].map(
    (leg) => contextOf(pair, context, leg).instrument.lotSize ?? one,
  );
  const lot = leastCommonMultiple(lots[0] ?? one, lots[1] ?? one);
  return maxOf(lot, roundToStep(part, lot, 'down'));
}

/** What is left of the old leg is less than counts: one last order where a venue takes it. */
function finish(pair: Pair, context: PairContext, { leaving, incoming }: Roll): PairStep {
  const qty = abs(leaving.qty);
  const order = reduceOrder(pair, context, { leg: leaving, qty, purpose: 'exit' });
  if (order !== 'no-order') {
    if (guardLeftMs(pair, context) > 0) return wait(context);
    return orderOr(context, pair, leaving, order);
  }
  return incoming.qty === zero
    ? moveTo('closing', 'nothing is left to roll', context)
    : moveTo('open', rolled, context);
}

/**
 * Nothing moved: as it was. Half moved: the rest is closed together with as much of the held leg.
 */
function giveUp(pair: Pair, context: PairContext, { leaving, incoming, held }: Roll): PairStep {
  if (abs(incoming.qty) < pair.bandQty) {
    const qty = abs(incoming.qty);
    const back = reduceOrder(pair, context, { leg: incoming, qty, purpose: 'unwind' });
    if (back !== 'no-order') return orderOr(context, pair, incoming, back);
    return moveTo('open', 'roll given up', context);
  }
  const orders: LegOrder[] = [];
  for (const leg of [leaving, held]) {
    const order = reduceOrder(pair, context, { leg, qty: abs(leaving.qty), purpose: 'exit' });
    if (order === 'wait') return wait(context);
    if (order !== 'no-order') orders.push(order);
  }
  return guardLeftMs(pair, context) > 0 ? wait(context) : { ...wait(context), orders };
}
