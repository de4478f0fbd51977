// The orders that the pair controller sends: reducing, completing, adding, resting. Each is a pure
// function of the leg as it is now; 'wait' = later, 'no-order' = no venue would take one.
import { abs, type Decimal, maxOf, minOf, negate, toNumber, zero } from '../base/decimal.ts';
import { isQuoted, midOf } from '../domain/executable.ts';
import { type OrderPurpose, opposite, type Side } from '../domain/order.ts';
import { type Leg, type Pair, roleOf } from '../domain/pair.ts';
import type { LegView } from '../domain/view.ts';
import {
  contextOf,
  isLegWorking,
  type LegOrder,
  nakedMs,
  type PairContext,
  pastDeadline,
  touchBasis,
} from './pair-context.ts';
import { checkFilters, quantizeBuy, quantizeLimit, quantizeQty } from './quantize.ts';

/** Rejects that trying again on the same leg will not mend: the other leg is unwound instead. */
const finalRejects = new Set(['funds', 'restricted', 'stop', 'below-minimum', 'fix-position-mode']);

/** Its venue has said that it will not take what would be added to the leg. */
export function isRefused({ lastRejectCode }: Leg): boolean {
  return lastRejectCode !== null && finalRejects.has(lastRejectCode);
}

export interface Imbalance {
  readonly leading: Leg;
  readonly lagging: Leg;
  readonly excess: Decimal;
}

/** Null = not this way. While the leading leg's venue takes no orders there is no other one. */
export function completeOrder(
  pair: Pair,
  context: PairContext,
  { leading, lagging, excess }: Imbalance,
): LegOrder | 'wait' | null {
  const { policy, wallMs } = context;
  const { instrument, view, accepts, ready } = contextOf(pair, context, lagging);
  const isRolled = lagging === pair.incoming;
  if (!context.mayComplete || !accepts || (pair.openedTsMs !== null && !isRolled)) return null;
  // Risk would deny it. A venue that was just reached is about to be: no longer than a fill waits.
  if (!ready) return nakedMs(pair, wallMs) > policy.followMsMax ? null : 'wait';
  const isOnlyWay = !canReduce(pair, context, leading);
  if (lagging.attempts >= policy.legAttemptsMax && !isOnlyWay) return null;
  if (isRefused(lagging)) return null;
  if (view === null) return null;
  if (nakedMs(pair, wallMs) > policy.nakedDeltaMsMax / 2 && !isOnlyWay) return null;
  const side = lagging.openSide;
  const bound = completeBound(pair, context, { lagging, leading, view, isOnlyWay });
  if (bound === null) return null;
  const limit = quantizeLimit(instrument, side, bound);
  const qty = quantizeQty(instrument, excess);
  if (limit === null || qty === null) return null;
  if (!checkFilters(instrument, { qty, price: limit, reduceOnly: false }).ok) return null;
  if (lagging.retryAtWallMs > wallMs) return 'wait';
  return {
    leg: roleOf(pair, lagging),
    side,
    qty,
    limit,
    timeInForce: 'ioc',
    reduceOnly: false,
    purpose: 'hedge',
    arrivalMid: midOf(view),
    nextAtWallMs: null,
  };
}

/**
 * Worst price at which the lagging leg is completed; null = the market is beyond it. A plan that
 * takes its time compares the two legs' prices of now, because both have moved since it was made.
 */
function completeBound(
  pair: Pair,
  context: PairContext,
  legs: {
    readonly leading: Leg;
    readonly lagging: Leg;
    readonly view: LegView;
    readonly isOnlyWay: boolean;
  },
): number | null {
  const { lagging, view, isOnlyWay } = legs;
  const slack = context.policy.completeSlackMax;
  const { basisMin } = context.plan;
  const side = lagging.openSide;
  const touch = side === 'buy' ? view.ask : view.bid;
  const worse = side === 'buy' ? 1 + slack : 1 - slack;
  if (isOnlyWay) return touch * worse;
  if (basisMin === null) {
    const planned = lagging.name === 'long' ? pair.longLimit : pair.shortLimit;
    const bound = planned * worse;
    return (side === 'buy' ? touch > bound : touch < bound) ? null : bound;
  }
  const other = contextOf(pair, context, legs.leading).view;
  const basis = side === 'buy' ? touchBasis(other, view) : touchBasis(view, other);
  return basis !== null && basis < basisMin - slack ? null : touch * worse;
}

/** Its venue takes orders, and none of ours on it is waited for past the deadline. */
function canReduce(pair: Pair, context: PairContext, leg: Leg): boolean {
  if (!contextOf(pair, context, leg).accepts) return false;
  return !isLegWorking(pair, context, leg) || !pastDeadline(pair, context);
}

interface Reduction {
  readonly leg: Leg;
  readonly qty: Decimal;
  readonly purpose: OrderPurpose;
}

/** An IOC that cuts a leg; wider with every attempt, a market order without a price in time. */
export function reduceOrder(
  pair: Pair,
  context: PairContext,
  { leg, qty: wanted, purpose }: Reduction,
): LegOrder | 'wait' | 'no-order' {
  const { instrument, view, accepts, lastPrice } = contextOf(pair, context, leg);
  const side = opposite(leg.openSide);
  const capped = quantizeQty(instrument, minOf(wanted, reducibleQty(pair, context, leg)));
  if (capped === null) return 'wait'; // the lot is unknown: what is left is not known to be dust
  if (capped === zero) return 'no-order';
  if (!accepts || leg.retryAtWallMs > context.wallMs) return 'wait';
  const reduceOnly = instrument.kind !== 'spot';
  if (view === null) {
    const lateMs = context.policy.nakedDeltaMsMax / 2;
    const isUrgent = pair.phase === 'unwinding' && context.phase === 'unwinding';
    const late =
      nakedMs(pair, context.wallMs) > lateMs ||
      (isUrgent && context.wallMs - pair.phaseSinceWallMs > lateMs);
    if (!late || lastPrice === null) return 'wait';
    return {
      leg: roleOf(pair, leg),
      side,
      qty: capped,
      limit: null,
      timeInForce: 'ioc',
      reduceOnly,
      purpose,
      arrivalMid: lastPrice,
      nextAtWallMs: null,
    };
  }
  const limit = quantizeLimit(instrument, side, throughTouch(context, leg, view, side));
  if (limit === null) return 'wait';
  if (!checkFilters(instrument, { qty: capped, price: limit, reduceOnly }).ok) return 'no-order';
  return {
    leg: roleOf(pair, leg),
    side,
    qty: capped,
    limit,
    timeInForce: 'ioc',
    reduceOnly,
    purpose,
    arrivalMid: midOf(view),
    nextAtWallMs: null,
  };
}

/** What can be cut of a leg: what it and the account hold. */
export function reducibleQty(pair: Pair, context: PairContext, leg: Leg): Decimal {
  const { heldQty } = contextOf(pair, context, leg);
  const held = leg.openSide === 'buy' ? maxOf(heldQty, zero) : maxOf(negate(heldQty), zero);
  return minOf(abs(leg.qty), held);
}

/** An IOC that adds to a leg at today's price; null = not now, or no venue would take it. */
export function addOrder(
  pair: Pair,
  context: PairContext,
  add: {
    readonly leg: Leg;
    readonly qty: Decimal;
    readonly purpose: OrderPurpose;
    readonly nextAtWallMs: number | null;
  },
): LegOrder | null {
  const { leg, purpose, nextAtWallMs } = add;
  const { instrument, view, ready } = contextOf(pair, context, leg);
  if (!ready || view === null || !isQuoted(view) || leg.retryAtWallMs > context.wallMs) return null;
  const side = leg.openSide;
  const limit = quantizeLimit(instrument, side, throughTouch(context, leg, view, side));
  const qty = quantizeBuy(instrument, { side, qty: add.qty, feeRate: view.feeRateTaker });
  if (limit === null || qty === null) return null;
  if (!checkFilters(instrument, { qty, price: limit, reduceOnly: false }).ok) return null;
  return {
    leg: roleOf(pair, leg),
    side,
    qty,
    limit,
    timeInForce: 'ioc',
    reduceOnly: false,
    purpose,
    arrivalMid: midOf(view),
    nextAtWallMs,
  };
}

/** A post-only order at the touch of its own side: it adds while opening, else it reduces. */
export function restingOrder(
  pair: Pair,
  context: PairContext,
  { leg, qty: wanted }: { readonly leg: Leg; readonly qty: Decimal },
): LegOrder | 'wait' | 'no-order' {
  const { instrument, view } = contextOf(pair, context, leg);
  if (view === null || !isQuoted(view) || leg.retryAtWallMs > context.wallMs) return 'wait';
  const adds = context.phase === 'opening';
  const side = adds ? leg.openSide : opposite(leg.openSide);
  const qty = adds
    ? quantizeBuy(instrument, { side, qty: wanted, feeRate: view.feeRateTaker })
    : quantizeQty(instrument, minOf(wanted, reducibleQty(pair, context, leg)));
  const limit = quantizeLimit(instrument, side, side === 'buy' ? view.bid : view.ask);
  if (qty === null || limit === null) return 'wait';
  const reduceOnly = !adds && instrument.kind !== 'spot';
  if (!checkFilters(instrument, { qty, price: limit, reduceOnly }).ok) return 'no-order';
  return {
    leg: roleOf(pair, leg),
    side,
    qty,
    limit,
    timeInForce: 'post-only',
    reduceOnly,
    purpose: adds ? 'entry' : 'exit',
    arrivalMid: midOf(view),
    nextAtWallMs: null,
  };
}

/** The price that a resting order would have if it were posted now; null = unknown. */
export function ownTouch(view: LegView, side: Side): number {
  return side === 'buy' ? view.bid : view.ask;
}

/** How far the touch has moved away from a resting price, as a fraction; <= 0 = it is the best. */
export function behindTouch(view: LegView, side: Side, limit: Decimal): number {
  const price = toNumber(limit);
  const moved = ownTouch(view, side) / price - 1;
  return side === 'buy' ? moved : -moved;
}

/** Through the touch of the other side, wider with every attempt. */
function throughTouch(context: PairContext, leg: Leg, view: LegView, side: Side): number {
  const { crossSlack, crossSlackMax } = context.policy;
  const slack = Math.min(crossSlackMax, crossSlack * 2 ** Math.min(leg.attempts, 8));
  return side === 'buy' ? view.ask * (1 + slack) : view.bid * (1 - slack);
}
