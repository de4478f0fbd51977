// Both legs at once, a part at a time: a slice is never larger than the plan says, nor than a share
// of the depth that both books show, and the next one waits for its time and until the last one is
// balanced. So the legs never differ by more than one slice and what counts as flat.
import { assert } from '../base/assert.ts';
import {
  abs,
  type Decimal,
  fromNumber,
  leastCommonMultiple,
  minOf,
  minus,
  one,
  roundToStep,
  zero,
} from '../base/decimal.ts';
import { depthUsd, isQuoted } from '../domain/executable.ts';
import type { Side } from '../domain/order.ts';
import type { Leg, Pair } from '../domain/pair.ts';
import { takerPlan } from '../domain/plan.ts';
import {
  cancelsOf,
  guardLeftMs,
  isNaked,
  isWorking,
  type LegOrder,
  matchedQty,
  moveTo,
  orderOr,
  type PairContext,
  type PairStep,
  pastPlan,
  replan,
  wait,
} from './pair-context.ts';
import { addOrder, completeOrder, reduceOrder } from './pair-orders.ts';
import { isBasisGone, opened, planClosing } from './pair-taker.ts';

export function planSlicedOpening(pair: Pair, context: PairContext): PairStep {
  if (isWorking(pair, context)) return wait(context);
  if (isNaked(pair)) return completeSlice(pair, context);
  const left = minus(pair.targetQty, matchedQty(pair));
  const isTired = !context.isPlanNew && triesOf(pair) >= context.policy.legAttemptsMax;
  const isOver = !context.mayComplete || pastPlan(context) || isTired;
  if (isOver || left < pair.bandQty) return opened(pair, context);
  if (isBasisGone(context) || guardLeftMs(pair, context) > 0) return wait(context);
  const qty = sliceOf(pair, context, { left, long: 'buy', short: 'sell' });
  if (qty === null) return wait(context);
  const nextAtWallMs = context.wallMs + context.policy.sliceEveryMs;
  const wish = { qty, purpose: 'entry', nextAtWallMs } as const;
  const long = addOrder(pair, context, { ...wish, leg: pair.long });
  const short = addOrder(pair, context, { ...wish, leg: pair.short });
  return long === null || short === null ? wait(context) : send(context, [long, short]);
}

export function planSlicedClosing(pair: Pair, context: PairContext): PairStep {
  const { plan, policy, wallMs } = context;
  if (isWorking(pair, context)) return { ...wait(context), cancels: cancelsOf(pair, context) };
  if (isNaked(pair)) return evenOut(pair, context);
  const isTired = !context.isPlanNew && triesOf(pair) >= policy.legAttemptsMax;
  if (!context.mayComplete || pastPlan(context) || isTired) {
    const why = context.mayComplete ? 'slices do not fill in time' : 'it is to end now';
    return replan(takerPlan(`sliced ended: ${why}`, plan.mode), context);
  }
  if (guardLeftMs(pair, context) > 0) return wait(context);
  const left = matchedQty(pair);
  if (left < pair.bandQty) return planClosing(pair, context);
  const qty = sliceOf(pair, context, { left, long: 'sell', short: 'buy' });
  if (qty === null) return wait(context);
  const nextAtWallMs = wallMs + policy.sliceEveryMs;
  const orders: LegOrder[] = [];
  for (const leg of [pair.long, pair.short]) {
    const order = reduceOrder(pair, context, { leg, qty, purpose: 'exit' });
    if (order === 'wait') return wait(context);
    // What is left is too small to be sold in parts, or at all.
    if (order === 'no-order') {
      return replan(takerPlan('sliced ended: the rest is one order', plan.mode), context);
    }
    orders.push({ ...order, nextAtWallMs });
  }
  return send(context, orders);
}

/** A slice filled on one leg only: completed, or mended when that is not possible. */
function completeSlice(pair: Pair, context: PairContext): PairStep {
  const { leading, lagging, excess } = imbalanceOf(pair);
  const order = completeOrder(pair, context, { leading, lagging, excess });
  if (order === null) return moveTo('mending', 'a slice cannot be completed', context);
  return orderOr(context, pair, lagging, order);
}

/** An exit's slice filled on one leg only: the longer one follows. */
function evenOut(pair: Pair, context: PairContext): PairStep {
  const { leading, excess } = imbalanceOf(pair);
  const order = reduceOrder(pair, context, { leg: leading, qty: excess, purpose: 'exit' });
  if (order !== 'no-order') return orderOr(context, pair, leading, order);
  return replan(takerPlan('sliced ended: a leg cannot follow', context.plan.mode), context);
}

function imbalanceOf(pair: Pair): { leading: Leg; lagging: Leg; excess: Decimal } {
  const isLongAhead = abs(pair.long.qty) > abs(pair.short.qty);
  const [leading, lagging] = isLongAhead ? [pair.long, pair.short] : [pair.short, pair.long];
  return { leading, lagging, excess: minus(abs(leading.qty), abs(lagging.qty)) };
}

/**
 * Capped by the plan and by what both books show, on the common lot; a rest too small for a slice
 * of its own goes with the last one. Null = they do not show enough now.
 */
function sliceOf(
  pair: Pair,
  context: PairContext,
  wish: { readonly left: Decimal; readonly long: Side; readonly short: Side },
): Decimal | null {
  const { plan, policy, long, short } = context;
  assert(plan.sliceQty !== null, 'a sliced plan has a slice');
  const isLast = minus(wish.left, plan.sliceQty) < pair.bandQty;
  let qty = isLast ? wish.left : plan.sliceQty;
  for (const name of ['long', 'short'] as const) {
    const { view } = context[name];
    if (view === null || !isQuoted(view)) return null;
    const side = wish[name];
    const shownUsd = depthUsd(view, { side, slippageMax: policy.depthSlackMax });
    const touch = side === 'buy' ? view.ask : view.bid;
    qty = minOf(qty, fromNumber((shownUsd * policy.sliceDepthShare) / touch));
  }
  const lots = [long.instrument.lotSize, short.instrument.lotSize];
  const lot = leastCommonMultiple(lots[0] ?? one, lots[1] ?? one);
  const onGrid = roundToStep(qty, lot, 'down');
  return onGrid > zero ? onGrid : null;
}

/** Orders since the last fill of the leg that has waited longest for one. */
function triesOf(pair: Pair): number {
  return Math.max(pair.long.attempts, pair.short.attempts);
}

function send(context: PairContext, orders: readonly LegOrder[]): PairStep {
  return { ...wait(context), orders };
}
