// Whether to close: iff
//   max over later exits of (E[carry until then] - E[cost of closing then])
//     < -(cost of closing now) - P(re-entry) x (cost of re-opening).
// A later exit is one after a settlement: until the next one waiting costs nothing. Fees and depth
// of the closing fills are expected to stay, so the two closing costs differ by the basis that
// reverts. A small positive carry is held, and so is a negative one that is cheaper than
// re-opening.
import { toNumber, zero } from '../base/decimal.ts';
import { hourMs } from '../base/time.ts';
import { isQuoted, limitBeyond } from '../domain/executable.ts';
import type { ExitDecision, HeldPair, LegView, PairView } from '../domain/view.ts';
import {
  basisMidOf,
  capitalPerNotional,
  carryStairs,
  holdingCosts,
  pairPrices,
  stairsRoom,
} from './costs.ts';
import { basisReversion, expectedBasisGain, nextSettlementMs } from './forecast.ts';
import { fundingGap, inSettlementGuard, isFresh } from './market-state.ts';
import type { StrategyParams } from './params.ts';
import type { StrategyContext } from './registry.ts';

export function carryExit(view: PairView, held: HeldPair, context: StrategyContext): ExitDecision {
  const { params } = context;
  if (held.qty <= zero || !mayDecide(view, params)) return hold(0);
  const best = bestLaterExit(view, basisMidOf(view), params);
  // Without a better use only a loss is a reason, and most pairs are held: no walk of the books.
  const feesPerSide = view.longLeg.feeRateTaker + view.shortLeg.feeRateTaker;
  const { alternativeNetOnCapital: alternative = null } = context;
  if (best.value >= 0 && feesPerSide > roundingMax && alternative === null) return hold(best.carry);
  const prices = pairPrices(view, toNumber(held.qty), params);
  const reopening = prices.feesPerSide + prices.slippageOpen;
  const isCarryGone = best.value < -params.reentryProbability * reopening;
  if (!isCarryGone && !hasBetterUse(view, best.value, context)) return hold(best.carry);
  const { closeLong, closeLongWorst, closeShort, closeShortWorst } = prices;
  const { limitSlack } = params;
  return {
    exit: true,
    code: isCarryGone ? 'carry-gone' : 'better-use',
    longLimit: limitBeyond({ side: 'sell', vwap: closeLong, worst: closeLongWorst, limitSlack }),
    shortLimit: limitBeyond({ side: 'buy', vwap: closeShort, worst: closeShortWorst, limitSlack }),
    expectedCarry: best.carry,
  };
}

/**
 * True only where `carryExit` holds for certain: nothing may be decided, or the next settlement
 * alone pays for waiting. Most looks at held pairs end here.
 */
export function carryHolds(view: PairView, held: HeldPair, context: StrategyContext): boolean {
  const { params, alternativeNetOnCapital: alternative = null } = context;
  if (held.qty <= zero || !mayDecide(view, params)) return true;
  const feesPerSide = view.longLeg.feeRateTaker + view.shortLeg.feeRateTaker;
  if (alternative !== null || !(feesPerSide > roundingMax)) return false;
  const { count, atMs, carry } = carryStairs(view, firstSettlementMs(view), params, exitRoom);
  if (count === 0) return false;
  const afterMs = (atMs[0] as number) - view.tsMs;
  const holding = holdingCosts(view, params);
  const reversion = basisReversion(afterMs, params);
  const gain = expectedBasisGain(basisMidOf(view), reversion, params.basisCreditMax);
  const costs = (holding.capital + holding.borrow) * (afterMs / hourMs);
  return (carry[0] as number) + gain - costs >= 0;
}

export interface LaterExit {
  /** Expected carry until then, and that net of holding costs and the basis's reversion. */
  readonly carry: number;
  readonly value: number;
}

/**
 * The best exit after at least one settlement within the horizon; values relative to closing now.
 */
export function bestLaterExit(view: PairView, basisMid: number, params: StrategyParams): LaterExit {
  const { tsMs } = view;
  const holding = holdingCosts(view, params);
  const untilMs = Math.max(tsMs + params.horizonMs, firstSettlementMs(view));
  const { count, atMs, carry } = carryStairs(view, untilMs, params, exitRoom);
  const holdingPerHour = holding.capital + holding.borrow;
  const { basisCreditMax, basisReversionShare } = params;
  // Reversion only grows with time. So what a stair could gain is bounded: of a basis that earns by
  // a stair behind it, of one that costs by a stair before it. Where that is not enough to be the
  // best, no power is taken.
  let gainMax = expectedBasisGain(basisMid, basisReversionShare, basisCreditMax);
  const best = { carry: 0, value: Number.NEGATIVE_INFINITY };
  for (let i = count - 1; i >= 0; i--) {
    const afterMs = (atMs[i] as number) - tsMs;
    const received = carry[i] as number;
    if (!(basisMid > 0) && (i === count - 1 || i % boundEvery === boundEvery - 1)) {
      const beforeMs = (atMs[i - (i % boundEvery)] as number) - tsMs;
      const reverted = basisReversion(beforeMs, params);
      gainMax = expectedBasisGain(basisMid, reverted, basisCreditMax);
    }
    const costs = holdingPerHour * (afterMs / hourMs);
    if (received + gainMax - costs < best.value - roundingMax) continue;
    const reversion = basisReversion(afterMs, params);
    const gain = expectedBasisGain(basisMid, reversion, basisCreditMax);
    if (basisMid > 0) gainMax = gain;
    const value = received + gain - costs;
    if (!(value >= best.value)) continue; // of equal ones the earliest
    best.carry = received;
    best.value = value;
  }
  return best;
}

const exitRoom = stairsRoom();
/** Stairs that share one bound. */
const boundEvery = 6;
/** Powers may differ in the last digit from where a bound would have them. */
const roundingMax = 1e-12;

/** The closing costs are paid either way; the alternative's edge has its own four fills inside. */
function hasBetterUse(view: PairView, value: number, context: StrategyContext): boolean {
  const { params, alternativeNetOnCapital: alternative = null } = context;
  if (alternative === null) return false;
  const capital = capitalPerNotional(view.longLeg.kind, view.shortLeg.kind, params);
  return alternative * capital > Math.max(0, value) + params.betterUseMargin;
}

/** Unknown or old data is no reason to close: the pair is hedged and waits. */
export function mayDecide(view: PairView, params: StrategyParams): boolean {
  return (
    isUsable(view.longLeg, params) &&
    isUsable(view.shortLeg, params) &&
    !inSettlementGuard(view, params)
  );
}

function isUsable(leg: LegView, params: StrategyParams): boolean {
  return isQuoted(leg) && fundingGap(leg) === null && isFresh(leg, params);
}

function firstSettlementMs(view: PairView): number {
  return Math.min(settlementOf(view.longLeg, view.tsMs), settlementOf(view.shortLeg, view.tsMs));
}

function settlementOf({ funding }: LegView, fromMs: number): number {
  return funding === null ? Number.POSITIVE_INFINITY : nextSettlementMs(funding, fromMs);
}

function hold(expectedCarry: number): ExitDecision {
  return { exit: false, code: 'hold', expectedCarry };
}
