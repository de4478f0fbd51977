// A delta that the ordinary way has not cut by the hedge deadline. While orders are unanswered the
// exposure is no number but a range: what is confirmed, and all that they may still add or take.
// Trading half of the way between its ends, against it, leaves the smallest worst case over all
// outcomes; when every order is answered the range is a point, and half of the way is all of it.
// This is the one answer for every phase that holds something. It must never trade on a leg whose
// last order may still fill, nor while a younger order of the pair has had no time to be answered.
//
// In this order:
// 1. A leg on the side of the exposure is cut: free, on a venue that takes orders. While rolling
//    there can be two; one that its venue just refused does not keep the other one waiting.
// 2. Another leg is added to, which a completed opening, a closed or a lagging leg allows as well.
// 3. No leg of the pair can act: the leg that is lacking is asked for at another venue.
import { abs, type Decimal, minOf, zero } from '../base/decimal.ts';
import type { OrderState } from '../domain/order-state.ts';
import { remainingOf } from '../domain/order-state.ts';
import { deltaOf, type Leg, legsOf, type Pair, type PairPhase } from '../domain/pair.ts';
import {
  cancelsOf,
  contextOf,
  isNaked,
  isWorking,
  moveTo,
  type PairContext,
  type PairStep,
  pastDeadline,
  wait,
} from './pair-context.ts';
import { addOrder, isRefused, reduceOrder } from './pair-orders.ts';

/** Lowest and highest delta that the confirmed one may come to be. */
export interface ExposureRange {
  readonly low: Decimal;
  readonly high: Decimal;
}

/** `open` is mended first, and `unwinding` closes whatever can be, at once and without hedges. */
const answersItself: ReadonlySet<PairPhase> = new Set(['open', 'unwinding', 'closed']);

/** `ordinary`: the way of the phase. It has the word while no order is unanswered and it acts. */
export function boundWorstCase(
  pair: Pair,
  context: PairContext,
  ordinary: (pair: Pair, context: PairContext) => PairStep,
): PairStep {
  const isLate = pastDeadline(pair, context) && isNaked(pair);
  if (!isLate || answersItself.has(context.phase)) return ordinary(pair, context);
  if (!isWorking(pair, context)) {
    const step = ordinary(pair, context);
    return isIdle(step) ? bound(pair, context) : step;
  }
  if (context.phase !== 'opening') return bound(pair, context);
  return moveTo('mending', 'an order is unanswered past the hedge deadline', context);
}

function isIdle({ orders, move, plan, stuck }: PairStep): boolean {
  return orders.length === 0 && move === null && plan === null && stuck === null;
}

function bound(pair: Pair, context: PairContext): PairStep {
  const cancels = cancelsOf(pair, context);
  const waiting = { ...wait(context), cancels };
  if (cancels.length > 0 || hasYoungOrder(pair, context)) return waiting;
  const middle = middleOf(exposureRange(pair, context));
  if (abs(middle) < pair.bandQty) return waiting;
  return cut(pair, context, middle) ?? add(pair, context, middle) ?? waiting;
}

export function exposureRange(pair: Pair, context: PairContext): ExposureRange {
  let low: bigint = deltaOf(pair);
  let high = low;
  for (const leg of legsOf(pair)) {
    const { working } = contextOf(pair, context, leg);
    if (working === null) continue;
    const remaining = remainingOf(working);
    if (working.order.side === 'buy') high += remaining;
    else low -= remaining;
  }
  return { low: low as Decimal, high: high as Decimal }; // brand: sums of decimals
}

function middleOf({ low, high }: ExposureRange): Decimal {
  return ((low + high) / 2n) as Decimal; // brand: a mean of decimals
}

function cut(pair: Pair, context: PairContext, middle: Decimal): PairStep | null {
  let isSoon = false;
  for (const leg of legsOf(pair)) {
    if (!holdsOf(leg, middle) || !acts(pair, context, leg)) continue;
    const qty = minOf(abs(middle), abs(leg.qty));
    const order = reduceOrder(pair, context, { leg, qty, purpose: 'unwind' });
    if (order === 'wait') isSoon = true;
    else if (order !== 'no-order') return { ...wait(context), orders: [order] };
  }
  return isSoon ? wait(context) : null;
}

function add(pair: Pair, context: PairContext, middle: Decimal): PairStep | null {
  if (!context.mayHedge) return null;
  const name = middle > zero ? 'short' : 'long';
  const qty = abs(middle);
  const legs = legsOf(pair).filter((leg) => leg.name === name && acts(pair, context, leg));
  const ready = legs.filter((leg) => contextOf(pair, context, leg).ready && !isRefused(leg));
  const wish = { qty, purpose: 'hedge', nextAtWallMs: null } as const;
  for (const leg of ready) {
    const order = addOrder(pair, context, { ...wish, leg });
    if (order !== null) return { ...wait(context), orders: [order] };
  }
  if (ready.length > 0 || pair.incoming !== null) return null;
  return { ...wait(context), elsewhere: { leg: name, qty } };
}

/** On the side of an exposure: cutting it makes the exposure smaller. */
function holdsOf(leg: Leg, exposure: Decimal): boolean {
  return exposure > zero ? leg.qty > zero : leg.qty < zero;
}

function acts(pair: Pair, context: PairContext, leg: Leg): boolean {
  const { accepts, working } = contextOf(pair, context, leg);
  return accepts && working === null;
}

/** What was sent just now is waited for: its answer is likely on the way. */
function hasYoungOrder(pair: Pair, context: PairContext): boolean {
  return legsOf(pair).some((leg) => isYoung(contextOf(pair, context, leg).working, context));
}

function isYoung(working: OrderState | null, { wallMs, policy }: PairContext): boolean {
  if (working === null) return false;
  const isHeardOf = working.status === 'pending' || working.status === 'open';
  return isHeardOf && wallMs - working.sentWallMs < policy.chaseMs;
}
