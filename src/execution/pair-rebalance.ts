// Small corrections of an open pair: a fee taken in base, what an ADL or a trade by hand left, dust
// of spot. Outside the band it is a break and mended at once; inside, a drift that is worth an
// order is corrected now and then, on the leg and side that covers most of it and costs least.
import { abs, type Decimal, toNumber, zero } from '../base/decimal.ts';
import { midOf } from '../domain/executable.ts';
import { deltaOf, type Leg, type Pair, roleOf } from '../domain/pair.ts';
import {
  cancelsOf,
  contextOf,
  isNaked,
  isWorking,
  type LegOrder,
  moveTo,
  type PairContext,
  type PairStep,
  rest,
  wait,
} from './pair-context.ts';
import { reducibleQty } from './pair-orders.ts';
import { checkFilters, quantizeLimit, quantizeQty } from './quantize.ts';

export function planOpen(pair: Pair, context: PairContext): PairStep {
  if (isNaked(pair)) return moveTo('mending', 'delta outside the band', context);
  const { policy, wallMs } = context;
  if (wallMs - pair.rebalancedWallMs < policy.rebalanceEveryMs) return rest;
  return correction(pair, context) === null
    ? rest
    : moveTo('rebalancing', 'a drift inside the band is worth an order', context);
}

export function planRebalancing(pair: Pair, context: PairContext): PairStep {
  if (isWorking(pair, context)) return { ...wait(context), cancels: cancelsOf(pair, context) };
  if (isNaked(pair)) return moveTo('mending', 'delta outside the band', context);
  const wasTried = context.phase === pair.phase && pair.long.attempts + pair.short.attempts > 0;
  const order = wasTried ? null : correction(pair, context);
  if (order === null) return moveTo('open', 'rebalanced', context);
  return { ...wait(context), orders: [order] };
}

/** The best order that makes the delta smaller; null = none is worth it or possible. */
function correction(pair: Pair, context: PairContext): LegOrder | null {
  const delta = deltaOf(pair);
  if (delta === zero) return null;
  let best: { readonly order: LegOrder; readonly cost: number } | null = null;
  for (const leg of [pair.long, pair.short]) {
    const candidate = correctionOn(pair, context, leg, delta);
    if (candidate === null) continue;
    const isBetter =
      best === null ||
      candidate.order.qty > best.order.qty ||
      (candidate.order.qty === best.order.qty && candidate.cost < best.cost);
    if (isBetter) best = candidate;
  }
  return best?.order ?? null;
}

/** On one leg: cutting it when it is the longer one, adding to it when it is the shorter. */
function correctionOn(
  pair: Pair,
  context: PairContext,
  leg: Leg,
  delta: Decimal,
): { readonly order: LegOrder; readonly cost: number } | null {
  const { policy, wallMs, mayComplete } = context;
  const { instrument, view, ready } = contextOf(pair, context, leg);
  if (view === null || !ready || leg.retryAtWallMs > wallMs) return null;
  const side = delta > zero ? 'sell' : 'buy';
  const cuts = side !== leg.openSide;
  if (!cuts && !mayComplete) return null;
  const drift = abs(delta);
  const held = reducibleQty(pair, context, leg);
  const qty = quantizeQty(instrument, cuts && held < drift ? held : drift);
  if (qty === null || toNumber(qty) * midOf(view) < policy.rebalanceUsdMin) return null;
  const slack = side === 'buy' ? 1 + policy.crossSlack : 1 - policy.crossSlack;
  const limit = quantizeLimit(instrument, side, (side === 'buy' ? view.ask : view.bid) * slack);
  const reduceOnly = cuts && instrument.kind !== 'spot';
  if (limit === null || !checkFilters(instrument, { qty, price: limit, reduceOnly }).ok) {
    return null;
  }
  const order: LegOrder = {
    leg: roleOf(pair, leg),
    side,
    qty,
    limit,
    timeInForce: 'ioc',
    reduceOnly,
    purpose: 'hedge',
    arrivalMid: midOf(view),
    nextAtWallMs: null,
  };
  return { order, cost: view.feeRateTaker + (view.ask - view.bid) / 2 / midOf(view) };
}
