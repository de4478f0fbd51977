// What the pair controller sees and says, and the questions that all of its parts ask.
import { abs, type Decimal, minOf, plus, zero } from '../base/decimal.ts';
import type { Instrument } from '../domain/instrument.ts';
import {
  type ClientOrderId,
  type OrderPurpose,
  rests,
  type Side,
  type TimeInForce,
} from '../domain/order.ts';
import { isSettled, type OrderState } from '../domain/order-state.ts';
import {
  deltaOf,
  type Leg,
  type LegName,
  type LegRole,
  legsOf,
  type Pair,
  type PairPhase,
} from '../domain/pair.ts';
import type { ExecutionPlan } from '../domain/plan.ts';
import type { LegView } from '../domain/view.ts';
import type { ExecutionPolicy } from './policy.ts';

export interface PairContext {
  readonly policy: ExecutionPolicy;
  readonly wallMs: number;
  readonly tsMs: number;
  /** The phase to judge by: the pair's own, or the one that the same decision moves it to. */
  readonly phase: PairPhase;
  /** Likewise the plan, and whether orders were sent by it already. */
  readonly plan: ExecutionPlan;
  readonly isPlanNew: boolean;
  readonly long: LegContext;
  readonly short: LegContext;
  readonly incoming: LegContext | null;
  /** False when halted or winding down: a lagging leg is not completed, excess is unwound. */
  readonly mayComplete: boolean;
  /** A leg may be added to where nothing else bounds the delta: running, and no flatten. */
  readonly mayHedge: boolean;
}

export interface LegContext {
  readonly instrument: Instrument;
  /** Null = no quote that is fresh enough to price an order. */
  readonly view: LegView | null;
  readonly working: OrderState | null;
  /** The venue takes orders (its REST side is up). */
  readonly accepts: boolean;
  /** It also trades, shows its market and our account, and nothing there is unexplained. */
  readonly ready: boolean;
  /**
   * What the account holds of the instrument, signed. It can be less than the leg when somebody
   * traded the other way by hand: only what is held can be reduced.
   */
  readonly heldQty: Decimal;
  /** The last mark, for a market order when there is no fresh quote; null = none was ever seen. */
  readonly lastPrice: number | null;
}

export interface LegOrder {
  readonly leg: LegRole;
  readonly side: Side;
  readonly qty: Decimal;
  /** Null = market. */
  readonly limit: Decimal | null;
  readonly timeInForce: Extract<TimeInForce, 'ioc' | 'post-only'>;
  readonly reduceOnly: boolean;
  readonly purpose: OrderPurpose;
  readonly arrivalMid: number;
  /** The leg sends nothing more before this wall time; null = the usual back-off. */
  readonly nextAtWallMs: number | null;
}

export interface PairStep {
  readonly orders: readonly LegOrder[];
  /** Resting orders to cancel. */
  readonly cancels: readonly ClientOrderId[];
  readonly move: { readonly phase: PairPhase; readonly reason: string } | null;
  /** Another plan for the phase it is in. */
  readonly plan: ExecutionPlan | null;
  /** Look again at this wall time; null = at rest. */
  readonly wakeWallMs: number | null;
  /** The delta cannot be cut with any order that the venues take: told once, not guessed away. */
  readonly stuck: string | null;
  /** No leg of the pair can act: this leg, of this size, is asked for at another venue. */
  readonly elsewhere: { readonly leg: LegName; readonly qty: Decimal } | null;
}

export const rest: PairStep = {
  orders: [],
  cancels: [],
  move: null,
  plan: null,
  wakeWallMs: null,
  stuck: null,
  elsewhere: null,
};

export function wait(context: PairContext, ms: number = context.policy.pairTickMs): PairStep {
  return { ...rest, wakeWallMs: context.wallMs + ms };
}

export function moveTo(phase: PairPhase, reason: string, context: PairContext): PairStep {
  const atRest = phase === 'open' || phase === 'closed';
  return { ...rest, move: { phase, reason }, wakeWallMs: atRest ? null : context.wallMs };
}

export function replan(plan: ExecutionPlan, context: PairContext): PairStep {
  return { ...rest, plan, wakeWallMs: context.wallMs };
}

export function orderOr(
  context: PairContext,
  pair: Pair,
  leg: Leg,
  order: LegOrder | 'wait' | 'no-order',
): PairStep {
  if (order === 'wait' || order === 'no-order') return wait(context);
  if (contextOf(pair, context, leg).working !== null) return wait(context);
  return { ...wait(context), orders: [order] };
}

export function contextOf(pair: Pair, context: PairContext, leg: Leg): LegContext {
  if (leg === pair.incoming && context.incoming !== null) return context.incoming;
  return leg.name === 'long' ? context.long : context.short;
}

/** The reason of an exit of what the account does not hold any more. */
export const offsetByNobody = 'offset by a position of no pair';

/** Nothing of the leg is left at the venue: a trade by hand has closed it already. */
export function isOffset(pair: Pair, context: PairContext, leg: Leg): boolean {
  const { heldQty } = contextOf(pair, context, leg);
  return leg.openSide === 'buy' ? heldQty <= zero : heldQty >= zero;
}

export function isLegWorking(pair: Pair, context: PairContext, leg: Leg): boolean {
  const { working } = contextOf(pair, context, leg);
  return working !== null && !isSettled(working);
}

export function isWorking(pair: Pair, context: PairContext): boolean {
  return legsOf(pair).some((leg) => isLegWorking(pair, context, leg));
}

/** Asked for once; what does not come of it is chased by the order's own timer. */
export function cancelOf(working: OrderState | null): readonly ClientOrderId[] {
  if (working === null || !rests(working.order)) return [];
  const { status, saidGone } = working;
  const isAlive = status === 'pending' || status === 'open';
  return isAlive && !saidGone ? [working.order.clientOrderId] : [];
}

/** Cancels of whatever rests for the pair. */
export function cancelsOf(pair: Pair, context: PairContext): readonly ClientOrderId[] {
  return legsOf(pair).flatMap((leg) => cancelOf(contextOf(pair, context, leg).working));
}

export function isNaked(pair: Pair): boolean {
  return abs(deltaOf(pair)) >= pair.bandQty;
}

export function matchedQty(pair: Pair): Decimal {
  return minOf(abs(sideQty(pair, 'long')), abs(sideQty(pair, 'short')));
}

/** What all legs of one side hold together: two of them while rolling. */
export function sideQty(pair: Pair, name: 'long' | 'short'): Decimal {
  const { incoming } = pair;
  const own = pair[name].qty;
  return incoming?.name === name ? plus(own, incoming.qty) : own;
}

export function nakedMs(pair: Pair, wallMs: number): number {
  return pair.nakedSinceWallMs === null ? 0 : wallMs - pair.nakedSinceWallMs;
}

export function pastDeadline(pair: Pair, context: PairContext): boolean {
  return nakedMs(pair, context.wallMs) > context.policy.hedgeDeadlineMs;
}

export function pastPlan({ plan, wallMs }: PairContext): boolean {
  return plan.deadlineWallMs !== null && wallMs >= plan.deadlineWallMs;
}

/** How long (venue ms) until no leg is beside a settlement any more; 0 = none is. */
export function guardLeftMs(pair: Pair, context: PairContext): number {
  const guardMs = context.policy.settlementGuardMs;
  let leftMs = 0;
  for (const leg of legsOf(pair)) {
    const funding = contextOf(pair, context, leg).view?.funding ?? null;
    if (funding === null) continue;
    const { settlesAtMs, intervalMs } = funding;
    const sinceMs = (((context.tsMs - settlesAtMs) % intervalMs) + intervalMs) % intervalMs;
    if (sinceMs < guardMs) leftMs = Math.max(leftMs, guardMs - sinceMs);
    else if (intervalMs - sinceMs < guardMs) {
      leftMs = Math.max(leftMs, intervalMs - sinceMs + guardMs);
    }
  }
  return leftMs;
}

/**
 * (sell - buy) / buy of what selling one leg and buying another would bring now; null = unknown.
 */
export function touchBasis(sold: LegView | null, bought: LegView | null): number | null {
  if (sold === null || bought === null) return null;
  return (sold.bid - bought.ask) / bought.ask;
}
