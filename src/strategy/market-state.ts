// Whether the market inputs of a view may be decided on: known, fresh, and not beside a settlement.
import { isPerp } from '../domain/instrument.ts';
import type { FundingView, LegView, PairView } from '../domain/view.ts';
import type { StrategyParams } from './params.ts';

/** What is missing of a perpetual's funding; spot has none and misses none. */
export function fundingGap(leg: LegView): 'funding-unknown' | 'interval-unknown' | null {
  if (!isPerp(leg.kind)) return leg.kind === 'spot' ? null : 'funding-unknown';
  if (leg.funding === null) return 'funding-unknown';
  const { ratePerInterval, intervalMs, settlesAtMs } = leg.funding;
  if (!Number.isFinite(ratePerInterval) || !Number.isFinite(settlesAtMs)) return 'funding-unknown';
  return intervalMs > 0 && Number.isFinite(intervalMs) ? null : 'interval-unknown';
}

/** Ages of the wall clock within the limits; an unknown age is not fresh. */
export function isFresh(leg: LegView, params: StrategyParams): boolean {
  if (!(leg.quoteAgeMs <= params.quoteAgeMsMax)) return false;
  if (leg.funding === null) return true;
  return leg.fundingAgeMs !== null && leg.fundingAgeMs <= params.fundingAgeMsMax;
}

/** Nearer than `settlementGuardMs` to a settlement of either leg, before or after it. */
export function inSettlementGuard(view: PairView, params: StrategyParams): boolean {
  const guardMs = params.settlementGuardMs;
  return (
    isNearSettlement(view.longLeg.funding, view.tsMs, guardMs) ||
    isNearSettlement(view.shortLeg.funding, view.tsMs, guardMs)
  );
}

function isNearSettlement(funding: FundingView | null, tsMs: number, guardMs: number): boolean {
  if (funding === null) return false;
  const { settlesAtMs, intervalMs } = funding;
  const rest = (tsMs - settlesAtMs) % intervalMs;
  const sinceMs = rest < 0 ? rest + intervalMs : rest;
  return sinceMs < guardMs || intervalMs - sinceMs < guardMs;
}
