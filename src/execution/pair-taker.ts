// Both legs at once: opening and closing without resting, and the mending of what came out unequal.
import { abs, minus, plus, zero } from '../base/decimal.ts';
import type { OrderPurpose } from '../domain/order.ts';
import { type Leg, legsOf, type Pair } from '../domain/pair.ts';
import {
  cancelsOf,
  contextOf,
  guardLeftMs,
  isNaked,
  isOffset,
  isWorking,
  type LegOrder,
  matchedQty,
  moveTo,
  offsetByNobody,
  orderOr,
  type PairContext,
  type PairStep,
  pastPlan,
  touchBasis,
  wait,
} from './pair-context.ts';
import { addOrder, completeOrder, reduceOrder } from './pair-orders.ts';

export function planOpening(pair: Pair, context: PairContext): PairStep {
  if (isWorking(pair, context)) return { ...wait(context), cancels: cancelsOf(pair, context) };
  if (isNaked(pair)) return moveTo('mending', 'one leg filled more than the other', context);
  if (context.plan.from !== null && !wasTried(pair, context)) return sendRest(pair, context);
  return opened(pair, context);
}

/** Nothing more is added: what is held is the pair. */
export function opened(pair: Pair, context: PairContext): PairStep {
  if (matchedQty(pair) > zero) return moveTo('open', 'both legs filled', context);
  return moveTo('closed', 'no leg filled', context);
}

function wasTried(pair: Pair, { isPlanNew }: PairContext): boolean {
  return !isPlanNew && (pair.long.attempts > 0 || pair.short.attempts > 0);
}

/** What the plan before this one left to do. */
function sendRest(pair: Pair, context: PairContext): PairStep {
  const qty = minus(pair.targetQty, matchedQty(pair));
  const isOver = !context.mayComplete || pastPlan(context) || isBasisGone(context);
  if (isOver || qty < pair.bandQty) return opened(pair, context);
  if (guardLeftMs(pair, context) > 0) return wait(context);
  const wish = { qty, purpose: 'entry', nextAtWallMs: null } as const;
  const long = addOrder(pair, context, { ...wish, leg: pair.long });
  const short = addOrder(pair, context, { ...wish, leg: pair.short });
  if (long === null || short === null) return wait(context);
  return { ...wait(context), orders: [long, short] };
}

/** Adding at today's prices is not what the plan was made for any more. */
export function isBasisGone({ plan, long, short }: PairContext): boolean {
  const basis = touchBasis(short.view, long.view);
  return plan.basisMin !== null && basis !== null && basis < plan.basisMin;
}

export function planMending(pair: Pair, context: PairContext): PairStep {
  if (isWorking(pair, context)) return { ...wait(context), cancels: cancelsOf(pair, context) };
  if (!isNaked(pair)) {
    if (matchedQty(pair) > zero) return moveTo('open', 'balanced', context);
    return moveTo('closed', 'unwound', context);
  }
  const [leading, lagging] =
    abs(pair.long.qty) > abs(pair.short.qty) ? [pair.long, pair.short] : [pair.short, pair.long];
  const excess = minus(abs(leading.qty), abs(lagging.qty));
  const completing = completeOrder(pair, context, { leading, lagging, excess });
  if (completing !== null) return orderOr(context, pair, lagging, completing);
  const reducing = reduceOrder(pair, context, { leg: leading, qty: excess, purpose: 'unwind' });
  if (reducing === 'no-order') {
    if (isOffset(pair, context, leading)) {
      return moveTo('closing', offsetByNobody, context);
    }
    const stuck = `${leading.instrument} cannot be reduced by its excess`;
    return { ...wait(context, context.policy.slowRetryMs), stuck };
  }
  return orderOr(context, pair, leading, reducing);
}

export function planClosing(pair: Pair, context: PairContext): PairStep {
  const urgent = context.phase === 'unwinding' || isNaked(pair);
  const purpose: OrderPurpose = context.phase === 'unwinding' ? 'unwind' : 'exit';
  const orders: LegOrder[] = [];
  let open = false;
  for (const leg of legsOf(pair)) {
    if (contextOf(pair, context, leg).working !== null) {
      open = true;
      continue;
    }
    const order = reduceOrder(pair, context, { leg, qty: abs(leg.qty), purpose });
    if (order === 'no-order') continue;
    open = true;
    if (order !== 'wait') orders.push(order);
  }
  if (!open) return moveTo('closed', pair.closeReason ?? 'closed', context);
  const cancels = cancelsOf(pair, context);
  const isGuarded = guardLeftMs(pair, context) > 0;
  const allAct = legsOf(pair).every((leg) => leg.qty === zero || isAble(pair, context, leg));
  if (context.phase !== 'unwinding' && urgent && (isGuarded || !allAct)) {
    return { ...cutExcess(pair, context), cancels };
  }
  if (urgent) return { ...wait(context), orders, cancels };
  const allPriced = legsOf(pair).every((leg) => contextOf(pair, context, leg).view !== null);
  if (!allPriced || !allAct || isGuarded) return { ...wait(context), cancels };
  return { ...wait(context), orders, cancels };
}

/** Its venue takes an order now, and none of ours on it is waited for. */
function isAble(pair: Pair, context: PairContext, leg: Leg): boolean {
  const { accepts, working } = contextOf(pair, context, leg);
  return accepts && working === null;
}

/**
 * Beside a settlement, and while a leg cannot follow, only what one leg has more than the other
 * goes; the rest waits.
 */
function cutExcess(pair: Pair, context: PairContext): PairStep {
  const { long, short } = pair;
  const leading = abs(long.qty) > abs(short.qty) ? long : short;
  const excess = abs(plus(long.qty, short.qty));
  const order = reduceOrder(pair, context, { leg: leading, qty: excess, purpose: 'unwind' });
  return orderOr(context, pair, leading, order);
}
