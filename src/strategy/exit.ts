// Whether to close: iff
//   max over later exits of (E[carry until then] - E[cost of closing then])
//     < -(cost of closing now) - P(re-entry) x (cost of re-opening).
// A later exit is one after a settlement: until the next one waiting costs nothing. Fees and depth
// of the closing fills are expected to stay, so the two closing costs differ by the basis that
// reverts. A small positive carry is held, and so is a negative one that is cheaper than
// re-opening.
import { toNumber } from '../base/decimal.ts';
import { hourMs } from '../base/time.ts';
import { isQuoted, limitBeyond } from '../domain/executable.ts';
import type { ExitDecision, HeldPair, PairView } from '../domain/view.ts';
import {
  capitalPerNotional,
  carryStairs,
  holdingCostsPerHour,
  type PairPrices,
  pairPrices,
} from './costs.ts';
import { basisReversion, expectedBasisGain, nextSettlementMs } from './forecast.ts';
import { fundingGap, inSettlementGuard, isFresh } from './market-state.ts';
import type { StrategyParams } from './params.ts';
import type { StrategyContext } from './registry.ts';

export function carryExit(view: PairView, held: HeldPair, context: StrategyContext): ExitDecision {
  const { params } = context;
  const qty = toNumber(held.qty);
  if (!(qty > 0) || !mayDecide(view, params)) return hold(0);
  const prices = pairPrices(view, qty, params);
  const best = bestLaterExit(view, prices, params);
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

export interface LaterExit {
  /** Expected carry until then, and that net of holding costs and the basis's reversion. */
  readonly carry: number;
  readonly value: number;
}

/**
 * The best exit after at least one settlement within the horizon; values relative to closing now.
 */
export function bestLaterExit(
  view: PairView,
  prices: PairPrices,
  params: StrategyParams,
): LaterExit {
  const { longLeg, shortLeg, tsMs } = view;
  const holding = holdingCostsPerHour(longLeg.kind, shortLeg.kind, params);
  const untilMs = Math.max(tsMs + params.horizonMs, firstSettlementMs(view));
  let best: LaterExit = { carry: 0, value: Number.NEGATIVE_INFINITY };
  for (const { atMs, carry } of carryStairs(view, untilMs, params)) {
    const afterMs = atMs - tsMs;
    const reversion = basisReversion(afterMs, params);
    const gain = expectedBasisGain(prices.basisMid, reversion, params.basisCreditMax);
    const value = carry + gain - (holding.capital + holding.borrow) * (afterMs / hourMs);
    if (value > best.value) best = { carry, value };
  }
  return best;
}

/** The closing costs are paid either way; the alternative's edge has its own four fills inside. */
function hasBetterUse(view: PairView, value: number, context: StrategyContext): boolean {
  const { params, alternativeNetOnCapital: alternative = null } = context;
  if (alternative === null) return false;
  const capital = capitalPerNotional(view.longLeg.kind, view.shortLeg.kind, params);
  return alternative * capital > Math.max(0, value) + params.betterUseMargin;
}

/** Unknown or old data is no reason to close: the pair is hedged and waits. */
function mayDecide(view: PairView, params: StrategyParams): boolean {
  const legs = [view.longLeg, view.shortLeg];
  return (
    legs.every((leg) => isQuoted(leg) && fundingGap(leg) === null && isFresh(leg, params)) &&
    !inSettlementGuard(view, params)
  );
}

function firstSettlementMs(view: PairView): number {
  let firstMs = Number.POSITIVE_INFINITY;
  for (const { funding } of [view.longLeg, view.shortLeg]) {
    if (funding !== null) firstMs = Math.min(firstMs, nextSettlementMs(funding, view.tsMs));
  }
  return firstMs;
}

function hold(expectedCarry: number): ExitDecision {
  return { exit: false, code: 'hold', expectedCarry };
}
