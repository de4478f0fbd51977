// What rates and basis are expected to become. One model, used by the entry's sum over the horizon,
// by the exit rule and by the scan, so that they never disagree.
//
// Rates. The venue's estimate applies in full to the next settlement; after that the distance to
// the instrument's long-run mean halves every `halfLifeSettlements` settlements:
//   E[F(k)] = mean + (F(0) - mean) q^k,  q = 2^(-1/halfLifeSettlements),  k = 0, 1, 2, ...
// Counting settlements, not hours, because a venue shortens the interval of a contract when its
// rate is extreme, and extreme rates are the ones that go quickly. What recorded rates of 665
// contracts kept of their distance from 0.01% per 8 h (2020 to 2025, mean over all starts in the
// band):
//   interval, |rate| per interval    after 6 settlements   after 24 h   after 48 h   after 7 days
//   8 h, 0.02% to 0.05%                             0.68         0.74         0.68           0.55
//   8 h, 0.05% to 0.1%                              0.63         0.70         0.63           0.50
//   4 h, 0.05% to 0.1%                              0.64         0.64         0.60
//   1 h, 0.1% to 0.25%                              0.68         0.45         0.24
//   1 h, above 0.25%                                0.60         0.31         0.21
// So six settlements are on the careful side of all of them.
//
// Basis. Goes to zero with a half-life; only a share of that is believed, and what it may add is
// capped.
import { hourMs } from '../base/time.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import type { FundingView } from '../domain/view.ts';
import type { StrategyParams } from './params.ts';

/** Most settlements of one leg that a sum counts: a year of hourly ones. */
export const settlementsMax = 8_784;

/** What remains of a rate's distance to its mean after one settlement. */
export function keptPerSettlement(halfLifeSettlements: number): number {
  if (halfLifeSettlements !== lastHalfLife) {
    lastHalfLife = halfLifeSettlements;
    lastKept = 2 ** (-1 / halfLifeSettlements);
  }
  return lastKept;
}

/** A strategy asks for one half-life again and again: the power is taken once. */
let lastHalfLife = Number.NaN;
let lastKept = Number.NaN;

/** sum of q^k for k = 0 .. count-1. */
export function geometricSum(q: number, count: number): number {
  return q === 1 ? count : (1 - q ** count) / (1 - q);
}

/** How many settlements fall into (fromMs, untilMs]; the first one at or after `settlesAtMs`. */
export function settlementsUntil(funding: FundingView, fromMs: number, untilMs: number): number {
  const first = nextSettlementMs(funding, fromMs);
  if (first > untilMs) return 0;
  return Math.min(settlementsMax, Math.floor((untilMs - first) / funding.intervalMs) + 1);
}

/** The first settlement after `fromMs`: later than `settlesAtMs` when that one has passed. */
export function nextSettlementMs(funding: FundingView, fromMs: number): number {
  const { settlesAtMs, intervalMs } = funding;
  if (settlesAtMs > fromMs) return settlesAtMs;
  return settlesAtMs + (Math.floor((fromMs - settlesAtMs) / intervalMs) + 1) * intervalMs;
}

export function longRunRatePerHour(instrument: InstrumentId, params: StrategyParams): number {
  const own = ownRatesOf(params).get(instrument);
  return own ?? params.longRunRatePerHour;
}

/** The same as a map: hardly any instrument has one, and a miss in an object is slow. */
function ownRatesOf({ longRunRatePerHourOf }: StrategyParams): ReadonlyMap<InstrumentId, number> {
  let rates = ownRates.get(longRunRatePerHourOf);
  if (rates === undefined) {
    rates = new Map(Object.entries(longRunRatePerHourOf));
    ownRates.set(longRunRatePerHourOf, rates);
  }
  return rates;
}

const ownRates = new WeakMap<StrategyParams['longRunRatePerHourOf'], Map<InstrumentId, number>>();

/**
 * Expected sum of the rates of the settlements in (fromMs, untilMs], as a fraction of notional;
 * positive: longs pay it, shorts receive it. Null funding (spot) pays nothing.
 */
export function expectedRateSum(options: {
  readonly instrument: InstrumentId;
  readonly funding: FundingView | null;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly params: StrategyParams;
}): number {
  const { funding, fromMs, untilMs, params } = options;
  if (funding === null) return 0;
  const count = settlementsUntil(funding, fromMs, untilMs);
  const meanRate = longRunRatePerHour(options.instrument, params) * (funding.intervalMs / hourMs);
  const q = keptPerSettlement(params.halfLifeSettlements);
  return decayedSum(funding.ratePerInterval, meanRate, count, geometricSum(q, count));
}

/**
 * `geometric` = geometricSum(q, count). Shared with the scan, which keeps those sums in a table.
 */
export function decayedSum(
  rate: number,
  meanRate: number,
  count: number,
  geometric: number,
): number {
  return (rate - meanRate) * geometric + meanRate * count;
}

/** The believed share of the basis that is gone after `afterMs`. */
export function basisReversion(afterMs: number, params: StrategyParams): number {
  return params.basisReversionShare * (1 - 2 ** (-afterMs / params.basisHalfLifeMs));
}

/**
 * Expected gain of a pair from the change of the mid basis `(P_short - P_long) / P_long`, given the
 * share of it that reverts: a positive basis that falls earns (capped), a negative one that rises
 * costs.
 */
export function expectedBasisGain(basisMid: number, reversion: number, creditMax: number): number {
  return Math.min(basisMid * reversion, creditMax);
}
