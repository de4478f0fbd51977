// One leg rests post-only, the other takes every fill of it, of an entry or of an exit. The queue
// of cancel and replace is what is confirmed: an order that is to be replaced is cancelled first,
// and the next one is posted when that is settled, with whatever it filled in between counted.
//
// Looked at in this order:
// 1. The legs differ by a band or more: the taking leg follows at once, to the common lot. What
//    rests goes on resting, unless the following takes longer than `followMsMax` or cannot be done:
//    then it is cancelled, and when that is settled the pair is mended (or its exit taken).
// 2. Balanced, and something rests: it is cancelled when nothing may be added, at the deadline,
//    next to a settlement, when the other leg's price left the plan, or to be re-pegged: it has
//    rested for `makerRestMsMin`, stands `makerRepegSlack` behind the touch, and posts are left.
// 3. Balanced and nothing rests: done; or post what is left; or wait until that is allowed again;
//    or fall back to taking both legs.

import { assert } from '../base/assert.ts';
import { abs, maxOf, minus, zero } from '../base/decimal.ts';
import type { OrderState } from '../domain/order-state.ts';
import type { Leg, Pair } from '../domain/pair.ts';
import { takerPlan } from '../domain/plan.ts';
import {
  cancelOf,
  contextOf,
  guardLeftMs,
  isLegWorking,
  isNaked,
  type LegOrder,
  moveTo,
  type PairContext,
  type PairStep,
  pastPlan,
  replan,
  wait,
} from './pair-context.ts';
import { behindTouch, completeOrder, reduceOrder, restingOrder } from './pair-orders.ts';
import { isBasisGone, opened, planClosing } from './pair-taker.ts';
import { quantizeQty } from './quantize.ts';

interface Sides {
  readonly maker: Leg;
  readonly taker: Leg;
  /** The order that rests, or is on its way to or from the book. */
  readonly resting: OrderState | null;
}

export function planMaker(pair: Pair, context: PairContext): PairStep {
  const name = context.plan.makerLeg;
  assert(name !== null, `the plan of ${pair.id} names no leg that rests`);
  const maker = pair[name];
  const taker = name === 'long' ? pair.short : pair.long;
  const resting = isLegWorking(pair, context, maker)
    ? contextOf(pair, context, maker).working
    : null;
  const sides = { maker, taker, resting };
  if (isNaked(pair)) return follow(pair, context, sides);
  if (isLegWorking(pair, context, taker)) return wait(context);
  if (resting !== null) return tend(pair, context, { ...sides, resting });
  return post(pair, context, sides);
}

function follow(pair: Pair, context: PairContext, sides: Sides): PairStep {
  const { maker, taker, resting } = sides;
  const adds = context.phase === 'opening';
  const isSlow = nakedTooLong(pair, context);
  const cancels = isSlow ? cancelOf(resting) : [];
  if (isLegWorking(pair, context, taker)) {
    return { ...wait(context), cancels };
  }
  const leads = adds ? abs(maker.qty) > abs(taker.qty) : abs(maker.qty) < abs(taker.qty);
  const order = leads ? followOrder(pair, context, sides) : null;
  if (order !== null && order !== 'wait') {
    return { ...wait(context), orders: [order], cancels };
  }
  if (order === 'wait' && !isSlow) return wait(context);
  // It cannot be followed, or it is the taking leg that has too much: nothing may rest beside that.
  if (resting !== null) return { ...wait(context), cancels: cancelOf(resting) };
  if (order === 'wait') return wait(context);
  if (adds) return mend(context, 'the other leg cannot follow');
  return fallBack(context, 'the other leg is ahead');
}

function followOrder(
  pair: Pair,
  context: PairContext,
  { maker, taker }: Sides,
): LegOrder | 'wait' | null {
  const excess = abs(minus(abs(maker.qty), abs(taker.qty)));
  if (context.phase === 'opening') {
    return completeOrder(pair, context, { leading: maker, lagging: taker, excess });
  }
  const order = reduceOrder(pair, context, { leg: taker, qty: excess, purpose: 'exit' });
  return order === 'no-order' ? null : order;
}

/** Balanced, and something rests. */
function tend(
  pair: Pair,
  context: PairContext,
  { maker, resting }: Sides & { readonly resting: OrderState },
): PairStep {
  const { policy, wallMs } = context;
  const { limit, side } = resting.order;
  const { view } = contextOf(pair, context, maker);
  const rested = wallMs - resting.sentWallMs >= policy.makerRestMsMin;
  const isBehind =
    view !== null && limit !== null && behindTouch(view, side, limit) > policy.makerRepegSlack;
  const mayRepost = maker.attempts < policy.makerPostsMax;
  const replaces = rested && isBehind && mayRepost;
  const stops = pastPlan(context) || holdUp(pair, context) !== null;
  const cancels = stops || replaces ? cancelOf(resting) : [];
  return { ...wait(context, policy.makerTickMs), cancels };
}

/** Balanced, and nothing rests. */
function post(pair: Pair, context: PairContext, { maker }: Sides): PairStep {
  const { policy } = context;
  const adds = context.phase === 'opening';
  const left = adds ? maxOf(minus(pair.targetQty, abs(maker.qty)), zero) : abs(maker.qty);
  const { instrument } = contextOf(pair, context, maker);
  const qty = quantizeQty(instrument, left);
  if (adds && qty !== null && qty < pair.bandQty) return opened(pair, context);
  if (adds && !context.mayComplete) return opened(pair, context);
  if (!context.mayComplete) return fallBack(context, 'nothing may rest');
  if (qty === zero) return planClosing(pair, context);
  if (pastPlan(context)) return fallBack(context, 'not filled by the deadline');
  const isUsedUp = !context.isPlanNew && maker.attempts >= policy.makerPostsMax;
  if (isUsedUp) return fallBack(context, `${maker.attempts} posts`);
  if (holdUp(pair, context) !== null) return wait(context, policy.makerTickMs);
  const order = restingOrder(pair, context, { leg: maker, qty: left });
  if (order === 'no-order') return fallBack(context, 'too small to rest');
  if (order === 'wait') return wait(context);
  return { ...wait(context, policy.makerTickMs), orders: [order] };
}

/** Why nothing may rest now; null = it may. */
function holdUp(pair: Pair, context: PairContext): string | null {
  const { long, short, mayComplete, phase } = context;
  if (!mayComplete) return 'nothing may rest';
  if (!long.ready || !short.ready) return 'a venue is not ready';
  if (long.view === null || short.view === null) return 'a quote is missing';
  if (guardLeftMs(pair, context) > 0) return 'a settlement is near';
  if (phase === 'opening' && isBasisGone(context)) return 'the edge is gone';
  return null;
}

function fallBack(context: PairContext, why: string): PairStep {
  const { plan, wallMs, policy } = context;
  const next = takerPlan(`${plan.mode} ended: ${why}`, plan.mode);
  const deadlineWallMs = wallMs + policy.makerPatienceMs / 2;
  return replan({ ...next, basisMin: plan.basisMin, deadlineWallMs }, context);
}

function mend(context: PairContext, why: string): PairStep {
  return moveTo('mending', why, context);
}

function nakedTooLong(pair: Pair, { wallMs, policy }: PairContext): boolean {
  return pair.nakedSinceWallMs !== null && wallMs - pair.nakedSinceWallMs > policy.followMsMax;
}
