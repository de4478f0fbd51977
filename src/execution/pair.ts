// The pair state machine: what to do next for one pair, as a pure function of what is confirmed. It
// is a controller, not a script: it looks at the legs' booked quantities and working orders and
// says which orders and which phase follow, so it gives the same answer after a crash as before it.
//
// opening: both opening orders were sent together (IOC). It stays here while either is unsettled.
//   Both settled: equal fills -> open (or closed when both are zero), unequal -> mending. An order
//   still unknown past the hedge deadline -> mending as well.
// mending: one leg has more than the other. Complete the lagging leg while that is allowed, priced
//   inside the plan's slack and not yet tried too often; else unwind the excess of the leading leg.
//   While the leading leg's venue takes no orders, completing is the only way, at today's price.
//   While an order is unknown past the deadline, trade half of the uncertain range: that minimises
//   the worst |delta| over both outcomes. Balanced again -> open, or closed at zero.
// open: both legs hold the same quantity. A delta outside the band (ADL, liquidation, a manual
//   trade, a late fill) -> mending, where the excess is unwound.
// closing: the exit rule or the operator wants it closed: reducing IOC orders on both legs, again
//   and wider until both are empty or below what the venue lets one sell -> closed.
// unwinding: closing in a hurry (flatten, halt): the same with no wait for both legs' quotes, and
// at
//   the market when there has been none for half of the naked budget.
// closed: final.
import { abs, type Decimal, maxOf, minOf, minus, negate, zero } from '../base/decimal.ts';
import type { Instrument } from '../domain/instrument.ts';
import { type OrderPurpose, opposite, type Side } from '../domain/order.ts';
import { isSettled, type OrderState, remainingOf } from '../domain/order-state.ts';
import type { Leg, Pair, PairPhase } from '../domain/pair.ts';
import type { LegView } from '../domain/view.ts';
import type { ExecutionPolicy } from './policy.ts';
import { checkFilters, quantizeLimit, quantizeQty } from './quantize.ts';

export interface PairContext {
  readonly policy: ExecutionPolicy;
  readonly wallMs: number;
  /** The phase to judge by: the pair's own, or the one that the same decision moves it to. */
  readonly phase: PairPhase;
  readonly long: LegContext;
  readonly short: LegContext;
  /** False when halted or winding down: a lagging leg is not completed, excess is unwound. */
  readonly mayComplete: boolean;
}

export interface LegContext {
  readonly instrument: Instrument;
  /** Null = no quote that is fresh enough to price an order. */
  readonly view: LegView | null;
  readonly working: OrderState | null;
  /** The venue takes orders (its REST side is up). */
  readonly accepts: boolean;
  /**
   * What the account holds of the instrument, signed. It can be less than the leg when somebody
   * traded the other way by hand: only what is held can be reduced.
   */
  readonly heldQty: Decimal;
  /** The last mark, for a market order when there is no fresh quote; null = none was ever seen. */
  readonly lastPrice: number | null;
}

export interface LegOrder {
  readonly leg: 'long' | 'short';
  readonly side: Side;
  readonly qty: Decimal;
  /** Null = market. */
  readonly limit: Decimal | null;
  readonly reduceOnly: boolean;
  readonly purpose: OrderPurpose;
  readonly arrivalMid: number;
}

export interface PairStep {
  readonly orders: readonly LegOrder[];
  readonly move: { readonly phase: PairPhase; readonly reason: string } | null;
  /** Look again at this wall time; null = at rest. */
  readonly wakeWallMs: number | null;
  /** The delta cannot be cut with any order that the venues take: told once, not guessed away. */
  readonly stuck: string | null;
}

/** Rejects that trying again on the same leg will not mend: the other leg is unwound instead. */
const finalRejects = new Set(['funds', 'restricted', 'stop', 'below-minimum', 'fix-position-mode']);

export function planPair(pair: Pair, context: PairContext): PairStep {
  switch (context.phase) {
    case 'opening':
      return planOpening(pair, context);
    case 'mending':
      return planMending(pair, context);
    case 'open':
      return isNaked(pair) ? moveTo('mending', 'delta outside the band', context) : rest;
    case 'closing':
    case 'unwinding':
      return planClosing(pair, context);
    case 'closed':
      return rest;
  }
}

const rest: PairStep = { orders: [], move: null, wakeWallMs: null, stuck: null };

function planOpening(pair: Pair, context: PairContext): PairStep {
  if (isWorking(context)) {
    return pastDeadline(pair, context)
      ? moveTo('mending', 'an order is unanswered past the hedge deadline', context)
      : wait(context);
  }
  if (isNaked(pair)) return moveTo('mending', 'one leg filled more than the other', context);
  if (matchedQty(pair) > zero) return moveTo('open', 'both legs filled', context);
  return moveTo('closed', 'no leg filled', context);
}

function planMending(pair: Pair, context: PairContext): PairStep {
  if (isWorking(context)) {
    return pastDeadline(pair, context) ? hedgeWorstCase(pair, context) : wait(context);
  }
  if (!isNaked(pair)) {
    if (matchedQty(pair) > zero) return moveTo('open', 'balanced', context);
    return moveTo('closed', 'unwound', context);
  }
  const [leading, lagging] =
    abs(pair.long.qty) > abs(pair.short.qty) ? [pair.long, pair.short] : [pair.short, pair.long];
  const excess = minus(abs(leading.qty), abs(lagging.qty));
  const completing = completeOrder(pair, context, { leading, lagging, excess });
  if (completing !== null) return orderOr(context, lagging, completing);
  const reducing = reduceOrder(pair, context, { leg: leading, qty: excess, purpose: 'unwind' });
  if (reducing === 'no-order') {
    if (isOffset(context, leading))
      return moveTo('closing', 'offset by a position of no pair', context);
    const wakeWallMs = context.wallMs + context.policy.slowRetryMs;
    const stuck = `${leading.instrument} cannot be reduced by its excess`;
    return { ...wait(context), wakeWallMs, stuck };
  }
  return orderOr(context, leading, reducing);
}

function planClosing(pair: Pair, context: PairContext): PairStep {
  const urgent = context.phase === 'unwinding' || isNaked(pair);
  const purpose: OrderPurpose = context.phase === 'unwinding' ? 'unwind' : 'exit';
  const orders: LegOrder[] = [];
  let open = false;
  for (const leg of [pair.long, pair.short]) {
    if (sideOf(context, leg).working !== null) {
      open = true;
      continue;
    }
    const order = reduceOrder(pair, context, { leg, qty: abs(leg.qty), purpose });
    if (order === 'no-order') continue;
    open = true;
    if (order !== 'wait') orders.push(order);
  }
  if (!open) return moveTo('closed', pair.closeReason ?? 'closed', context);
  const bothPriced = context.long.view !== null && context.short.view !== null;
  if (!urgent && !bothPriced) return wait(context);
  return { ...wait(context), orders };
}

/** Half of the uncertain range, on a leg that is free: see `mending` above. */
function hedgeWorstCase(pair: Pair, context: PairContext): PairStep {
  let low = pair.long.qty + pair.short.qty;
  let high = low;
  for (const leg of [pair.long, pair.short]) {
    const { working } = sideOf(context, leg);
    if (working === null) continue;
    const remaining = remainingOf(working);
    if (working.order.side === 'buy') high += remaining;
    else low -= remaining;
  }
  const middle = ((low + high) / 2n) as Decimal; // brand: a mean of decimals
  const free = middle > 0n ? pair.long : pair.short;
  if (sideOf(context, free).working !== null) return wait(context);
  const qty = minOf(abs(middle), abs(free.qty));
  const order = reduceOrder(pair, context, { leg: free, qty, purpose: 'unwind' });
  return order === 'no-order' ? wait(context) : orderOr(context, free, order);
}

interface Imbalance {
  readonly leading: Leg;
  readonly lagging: Leg;
  readonly excess: Decimal;
}

/** Null = not this way. While the leading leg's venue takes no orders there is no other one. */
function completeOrder(
  pair: Pair,
  context: PairContext,
  { leading, lagging, excess }: Imbalance,
): LegOrder | 'wait' | null {
  const { policy, wallMs } = context;
  const { instrument, view, accepts } = sideOf(context, lagging);
  if (!context.mayComplete || !accepts || pair.openedTsMs !== null) return null;
  const isOnlyWay = !sideOf(context, leading).accepts;
  if (lagging.attempts >= policy.legAttemptsMax && !isOnlyWay) return null;
  if (lagging.lastRejectCode !== null && finalRejects.has(lagging.lastRejectCode)) return null;
  if (view === null) return null;
  if (nakedMs(pair, wallMs) > policy.nakedDeltaMsMax / 2 && !isOnlyWay) return null;
  const side = lagging.openSide;
  const planned = lagging.name === 'long' ? pair.longLimit : pair.shortLimit;
  const touch = side === 'buy' ? view.ask : view.bid;
  const base = isOnlyWay ? touch : planned;
  const bound = base * (side === 'buy' ? 1 + policy.completeSlackMax : 1 - policy.completeSlackMax);
  if (side === 'buy' ? touch > bound : touch < bound) return null;
  const limit = quantizeLimit(instrument, side, bound);
  const qty = quantizeQty(instrument, excess);
  if (limit === null || qty === null) return null;
  if (!checkFilters(instrument, { qty, price: limit, reduceOnly: false }).ok) return null;
  if (lagging.retryAtWallMs > wallMs) return 'wait';
  return {
    leg: lagging.name,
    side,
    qty,
    limit,
    reduceOnly: false,
    purpose: 'hedge',
    arrivalMid: (view.bid + view.ask) / 2,
  };
}

interface Reduction {
  readonly leg: Leg;
  readonly qty: Decimal;
  readonly purpose: OrderPurpose;
}

/** An IOC that cuts a leg; wider with every attempt, a market order without a price in time. */
function reduceOrder(
  pair: Pair,
  context: PairContext,
  { leg, qty: wanted, purpose }: Reduction,
): LegOrder | 'wait' | 'no-order' {
  const { instrument, view, accepts, lastPrice, heldQty } = sideOf(context, leg);
  const side = opposite(leg.openSide);
  const reducible = side === 'sell' ? maxOf(heldQty, zero) : maxOf(negate(heldQty), zero);
  const capped = quantizeQty(instrument, minOf(wanted, minOf(abs(leg.qty), reducible)));
  if (capped === null) return 'wait'; // the lot is unknown: what is left is not known to be dust
  if (capped === zero) return 'no-order';
  if (!accepts || leg.retryAtWallMs > context.wallMs) return 'wait';
  const reduceOnly = instrument.kind !== 'spot';
  const base = { leg: leg.name, side, qty: capped, reduceOnly, purpose };
  if (view === null) {
    const lateMs = context.policy.nakedDeltaMsMax / 2;
    const isUrgent = pair.phase === 'unwinding' && context.phase === 'unwinding';
    const late =
      nakedMs(pair, context.wallMs) > lateMs ||
      (isUrgent && context.wallMs - pair.phaseSinceWallMs > lateMs);
    return late && lastPrice !== null ? { ...base, limit: null, arrivalMid: lastPrice } : 'wait';
  }
  const { crossSlack, crossSlackMax } = context.policy;
  const slack = Math.min(crossSlackMax, crossSlack * 2 ** Math.min(leg.attempts, 8));
  const touch = side === 'buy' ? view.ask * (1 + slack) : view.bid * (1 - slack);
  const limit = quantizeLimit(instrument, side, touch);
  if (limit === null) return 'wait';
  if (!checkFilters(instrument, { qty: capped, price: limit, reduceOnly }).ok) return 'no-order';
  return { ...base, limit, arrivalMid: (view.bid + view.ask) / 2 };
}

function orderOr(context: PairContext, leg: Leg, order: LegOrder | 'wait' | 'no-order'): PairStep {
  if (order === 'wait' || order === 'no-order') return wait(context);
  if (sideOf(context, leg).working !== null) return wait(context);
  return { ...wait(context), orders: [order] };
}

function moveTo(phase: PairPhase, reason: string, context: PairContext): PairStep {
  const atRest = phase === 'open' || phase === 'closed';
  return {
    orders: [],
    move: { phase, reason },
    wakeWallMs: atRest ? null : context.wallMs,
    stuck: null,
  };
}

function wait(context: PairContext): PairStep {
  return {
    orders: [],
    move: null,
    wakeWallMs: context.wallMs + context.policy.pairTickMs,
    stuck: null,
  };
}

function sideOf(context: PairContext, leg: Leg): LegContext {
  return leg.name === 'long' ? context.long : context.short;
}

/** Nothing of the leg is left at the venue: a trade by hand has closed it already. */
function isOffset(context: PairContext, leg: Leg): boolean {
  const { heldQty } = sideOf(context, leg);
  return leg.openSide === 'buy' ? heldQty <= zero : heldQty >= zero;
}

function isWorking(context: PairContext): boolean {
  const long = context.long.working;
  const short = context.short.working;
  return (long !== null && !isSettled(long)) || (short !== null && !isSettled(short));
}

function isNaked(pair: Pair): boolean {
  const delta = (pair.long.qty + pair.short.qty) as Decimal; // brand: a sum of decimals
  return abs(delta) >= pair.bandQty;
}

function matchedQty(pair: Pair): Decimal {
  return minOf(abs(pair.long.qty), abs(pair.short.qty));
}

function nakedMs(pair: Pair, wallMs: number): number {
  return pair.nakedSinceWallMs === null ? 0 : wallMs - pair.nakedSinceWallMs;
}

function pastDeadline(pair: Pair, context: PairContext): boolean {
  return nakedMs(pair, context.wallMs) > context.policy.hedgeDeadlineMs;
}
