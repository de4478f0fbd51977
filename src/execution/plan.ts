// Which way an entry or an exit is worked: the expected cost of every way, and the cheapest one
// that is allowed. Pure figures; the plan is journaled with all of them.
//
//   taker-taker  both taker fees + the distance of both depth walks from the mids
//   maker-taker  p x (maker fee + taker fee - half spread of the resting leg + walk of the other
//                     + adverse selection + what goes while waiting half the patience)
//                + (1 - p) x (taker-taker + what goes while waiting all of it)
//   sliced       both taker fees + the walks of one slice + what goes over half of the slices
//
// What goes while waiting w: the part of the edge that a price difference makes halves every
// `edgeHalfLifeMs`, and a settlement that passes meanwhile is missed. So an edge that decays fast
// is taken at once, and a leg with a wide spread rests when there is time.
import {
  type Decimal,
  fromNumber,
  maxOf,
  minOf,
  roundToStep,
  toNumber,
  zero,
} from '../base/decimal.ts';
import { depthUsd, executable, midOf } from '../domain/executable.ts';
import { opposite, type Side } from '../domain/order.ts';
import type { LegName } from '../domain/pair.ts';
import type { ExecutionPlan, ModeCost } from '../domain/plan.ts';
import type { LegView } from '../domain/view.ts';
import type { ExecutionPolicy } from './policy.ts';

export interface PlanLeg {
  readonly view: LegView;
  /** Null = unknown: the leg does not rest. */
  readonly feeRateMaker: number | null;
  /** Why it may not rest whatever it costs; absent = it may. */
  readonly keptFromResting?: string | undefined;
}

export interface PlanWish {
  readonly direction: 'open' | 'close';
  readonly long: PlanLeg;
  readonly short: PlanLeg;
  /** What both books carry at once, and all that is wanted; base units. */
  readonly qty: Decimal;
  readonly qtyFull: Decimal;
  /** A slice is a multiple of it. */
  readonly lot: Decimal;
  /** Net edge at taker costs; 0 for an exit. It is what a larger quantity would earn. */
  readonly edgeNet: number;
  /** The part of it that goes quickly, >= 0: what the price difference is expected to give. */
  readonly fleeting: number;
  /** The next settlement whose payment waiting could miss; null = none is earned. */
  readonly settlement: { readonly inMs: number; readonly carry: number } | null;
  /** Somebody waits for it: taken at once whatever it costs. */
  readonly urgent: boolean;
  readonly basisMin: number | null;
  readonly wallMs: number;
  readonly routes: readonly string[];
}

/**
 * `qty`: what the plan is for; more than the wish's when slices carry more than the books at once.
 */
export function choosePlan(
  wish: PlanWish,
  policy: ExecutionPolicy,
): { readonly plan: ExecutionPlan; readonly qty: Decimal } {
  const taker = takerCost(wish, policy);
  const sliceQty = sliceQtyOf(wish, policy);
  const costs = [
    taker,
    makerCost(wish, policy, { name: 'long', taker }),
    makerCost(wish, policy, { name: 'short', taker }),
    slicedCost(wish, policy, sliceQty),
  ];
  const advantage = policy.modeAdvantageMin * usdOf(wish, wish.qty);
  let best = costs.find(({ ruledOut }) => ruledOut === null) ?? taker;
  for (const cost of costs) {
    if (cost.ruledOut !== null || cost === best) continue;
    const needed = best.mode === 'taker-taker' ? advantage : 0;
    if (worthOf(wish, taker, cost) > worthOf(wish, taker, best) + needed) best = cost;
  }
  const { mode, makerLeg, total } = best;
  const isSliced = mode === 'sliced';
  const qty = isSliced ? wish.qtyFull : wish.qty;
  const slices = sliceQty === zero ? 1 : Math.ceil(toNumber(qty) / toNumber(sliceQty));
  const lastsMs = isSliced ? slices * policy.sliceEveryMs * 2 : policy.makerPatienceMs;
  const plan: ExecutionPlan = {
    mode,
    from: null,
    makerLeg,
    sliceQty: isSliced ? sliceQty : null,
    deadlineWallMs: mode === 'taker-taker' ? null : wish.wallMs + lastsMs,
    basisMin: mode === 'taker-taker' ? null : wish.basisMin,
    cost: total,
    costs,
    reason: reasonOf(wish, taker, best),
    routes: wish.routes,
  };
  return { plan, qty };
}

function reasonOf(wish: PlanWish, taker: ModeCost, best: ModeCost): string {
  const bps = (fraction: number): string => `${(fraction * 1e4).toFixed(1)} bp`;
  if (wish.urgent) return `urgent: taken at once for ${bps(best.total)}`;
  const what = best.makerLeg === null ? best.mode : `${best.mode}, ${best.makerLeg} leg rests`;
  if (best === taker) return `${what} for ${bps(best.total)}: no other way is cheaper by enough`;
  return `${what} for ${bps(best.total)} instead of ${bps(taker.total)} at once`;
}

/** What the whole is worth worked this way, in USD. */
function worthOf(wish: PlanWish, taker: ModeCost, cost: ModeCost): number {
  const qty = cost.mode === 'sliced' ? wish.qtyFull : wish.qty;
  return (wish.edgeNet + taker.total - cost.total) * usdOf(wish, qty);
}

function usdOf({ long }: PlanWish, qty: Decimal): number {
  return toNumber(qty) * midOf(long.view);
}

function takerCost(wish: PlanWish, policy: ExecutionPolicy): ModeCost {
  const fees = wish.long.view.feeRateTaker + wish.short.view.feeRateTaker;
  const qty = toNumber(wish.qty);
  const slippage =
    walk(wish, policy, { name: 'long', qty }) + walk(wish, policy, { name: 'short', qty });
  const mayTake = wish.urgent || policy.modes.includes('taker-taker');
  const ruledOut = mayTake ? null : 'not among the modes';
  return costOf({ mode: 'taker-taker', fees, slippage, waiting: 0, ruledOut });
}

function makerCost(
  wish: PlanWish,
  policy: ExecutionPolicy,
  { name, taker }: { readonly name: LegName; readonly taker: ModeCost },
): ModeCost {
  const maker = wish[name];
  const other = name === 'long' ? 'short' : 'long';
  const p = policy.makerFillShare;
  const halfSpread = (maker.view.ask - maker.view.bid) / 2 / midOf(maker.view);
  const feeRateMaker = maker.feeRateMaker ?? maker.view.feeRateTaker;
  const qty = toNumber(wish.qty);
  const fees = p * (feeRateMaker + wish[other].view.feeRateTaker) + (1 - p) * taker.fees;
  const filled = walk(wish, policy, { name: other, qty }) - halfSpread;
  const slippage = p * filled + (1 - p) * taker.slippage;
  const patienceMs = policy.makerPatienceMs;
  const waiting =
    p * (policy.makerAdverse + lostBy(wish, policy, patienceMs / 2)) +
    (1 - p) * lostBy(wish, policy, patienceMs);
  let ruledOut: string | null = null;
  if (wish.urgent) ruledOut = 'urgent';
  else if (!policy.modes.includes('maker-taker')) ruledOut = 'not among the modes';
  else if (maker.keptFromResting !== undefined) ruledOut = maker.keptFromResting;
  else if (maker.feeRateMaker === null) ruledOut = 'its maker fee is not known';
  return costOf({ mode: 'maker-taker', makerLeg: name, fees, slippage, waiting, ruledOut });
}

function slicedCost(wish: PlanWish, policy: ExecutionPolicy, sliceQty: Decimal): ModeCost {
  const fees = wish.long.view.feeRateTaker + wish.short.view.feeRateTaker;
  const qty = toNumber(sliceQty);
  const slices = qty === 0 ? 0 : Math.ceil(toNumber(wish.qtyFull) / qty);
  const slippage =
    qty === 0
      ? 0
      : walk(wish, policy, { name: 'long', qty }) + walk(wish, policy, { name: 'short', qty });
  const waiting = lostBy(wish, policy, ((slices - 1) / 2) * policy.sliceEveryMs);
  let ruledOut: string | null = null;
  if (wish.urgent) ruledOut = 'urgent';
  else if (!policy.modes.includes('sliced')) ruledOut = 'not among the modes';
  else if (qty === 0) ruledOut = 'a slice would be below a lot';
  else if (slices < 2) ruledOut = 'one slice is enough';
  else if (slices > policy.slicesMax) ruledOut = `${slices} slices are more than allowed`;
  return costOf({ mode: 'sliced', fees, slippage, waiting, ruledOut });
}

/** A share of what both books show, at most the largest slice, on the lot. */
function sliceQtyOf(wish: PlanWish, policy: ExecutionPolicy): Decimal {
  let most = policy.sliceUsdMax / midOf(wish.long.view);
  for (const name of ['long', 'short'] as const) {
    const { view } = wish[name];
    const side = sideOf(wish, name);
    const shownUsd = depthUsd(view, { side, slippageMax: policy.depthSlackMax });
    most = Math.min(most, (shownUsd * policy.sliceDepthShare) / midOf(view));
  }
  if (!(most > 0)) return zero;
  const qty = roundToStep(minOf(fromNumber(most), wish.qtyFull), wish.lot, 'down');
  return maxOf(qty, zero);
}

/** Distance of the depth walk from the mid; >= 0 = costs. */
function walk(
  wish: PlanWish,
  { depthSlackMax: slippageMax }: ExecutionPolicy,
  { name, qty }: { readonly name: LegName; readonly qty: number },
): number {
  const { view } = wish[name];
  const side = sideOf(wish, name);
  const mid = midOf(view);
  const { vwap } = executable(view, { side, qty, slippageMax });
  return side === 'buy' ? (vwap - mid) / mid : (mid - vwap) / mid;
}

/** What of the edge is gone after a wait. */
function lostBy(wish: PlanWish, policy: ExecutionPolicy, waitMs: number): number {
  const decayed = Math.max(0, wish.fleeting) * (1 - 2 ** (-waitMs / policy.edgeHalfLifeMs));
  const { settlement } = wish;
  const isMissed =
    settlement !== null && waitMs > 0 && settlement.inMs - policy.settlementGuardMs < waitMs;
  return decayed + (isMissed ? Math.max(0, settlement.carry) : 0);
}

function sideOf({ direction }: PlanWish, name: LegName): Side {
  const opens: Side = name === 'long' ? 'buy' : 'sell';
  return direction === 'open' ? opens : opposite(opens);
}

function costOf(
  parts: Omit<ModeCost, 'total' | 'makerLeg'> & { readonly makerLeg?: LegName },
): ModeCost {
  const { mode, makerLeg = null, fees, slippage, waiting, ruledOut } = parts;
  return { mode, makerLeg, fees, slippage, waiting, total: fees + slippage + waiting, ruledOut };
}
