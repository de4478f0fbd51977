// A parameter set made ready for the columnar run: everything that the strategies' cost model
// needs, as plain numbers. The formulas are the strategies' own; nothing is modelled twice.
import { dayMs, hourMs } from '../base/time.ts';
import { capitalPerNotional, holdingCostsPerHour } from '../strategy/costs.ts';
import { basisReversion, geometricSum, keptPerSettlement } from '../strategy/forecast.ts';
import type { StrategyParams } from '../strategy/params.ts';
import { type Columns, fillCost, type Group } from './columns.ts';

/** Settlements of one leg that a horizon may hold; a longer one is cut. */
export const settlementsMax = 1_024;

export interface Plan {
  readonly params: StrategyParams;
  /** What each venue's account of each asset starts with. */
  readonly capitalPerLegUsd: number;
  readonly kept: number;
  /** Sum of q^k by count. */
  readonly geometric: Float64Array;
  /** The believed share of the basis that is gone so many bars after a close. */
  readonly reversion: Float64Array;
  readonly barMs: number;
  readonly dataDelayMs: number;
}

/** Longest time in bars that `reversion` is kept for. */
const reversionBarsMax = 4_096;

export interface PlanRequest {
  readonly columns: Columns;
  readonly params: StrategyParams;
  readonly capitalPerLegUsd: number;
}

export function planOf({ columns, params, capitalPerLegUsd }: PlanRequest): Plan {
  const { barMs, dataDelayMs } = columns;
  const kept = keptPerSettlement(params.halfLifeSettlements);
  const geometric = Float64Array.from({ length: settlementsMax + 1 }, (_, count) =>
    geometricSum(kept, count),
  );
  const bars = Math.min(reversionBarsMax, Math.ceil((params.horizonMs + dayMs) / barMs) + 1);
  const reversion = Float64Array.from({ length: bars }, (_, bar) =>
    basisReversion(bar * barMs - dataDelayMs, params),
  );
  return { params, capitalPerLegUsd, kept, geometric, reversion, barMs, dataDelayMs };
}

/** From a decision until `afterMs` later; a settlement between two bars is computed anew. */
export function reversionAfter(plan: Plan, afterMs: number): number {
  const bar = (afterMs + plan.dataDelayMs) / plan.barMs;
  const at = Math.floor(bar);
  if (at === bar && at < plan.reversion.length) return plan.reversion[at] as number;
  return basisReversion(afterMs, plan.params);
}

/** The plan's figures of one group, by leg and by pair. */
export interface GroupPlan {
  /** Distance of a fill from the bar's price, by leg. */
  readonly cost: Float64Array;
  /** Long-run rate per hour, by leg. */
  readonly longRun: Float64Array;
  /** By pair: bid over ask at equal prices, costs beside the rates, threshold of the edge. */
  readonly kappa: Float64Array;
  readonly fixed: Float64Array;
  readonly threshold: Float64Array;
  /** By pair: holding costs per ms, and what the value of staying may not fall below. */
  readonly holdingPerMs: Float64Array;
  readonly floor: Float64Array;
  /** The believed share of the basis that is gone after the horizon. */
  readonly reversion: number;
}

export function groupPlan({ legs, longs, shorts }: Group, { params }: Plan): GroupPlan {
  const cost = Float64Array.from(
    legs,
    ({ depth, rounding }) => fillCost(depth, params.notionalUsd, params.slippageMax) + rounding,
  );
  const longRun = Float64Array.from(
    legs,
    ({ id }) => params.longRunRatePerHourOf[id] ?? params.longRunRatePerHour,
  );
  const pairs = longs.length;
  const column = (): Float64Array => new Float64Array(pairs);
  const plan = {
    cost,
    longRun,
    kappa: column(),
    fixed: column(),
    threshold: column(),
    holdingPerMs: column(),
    floor: column(),
    reversion: params.basisReversionShare * (1 - 2 ** (-params.horizonMs / params.basisHalfLifeMs)),
  };
  for (let p = 0; p < pairs; p++) {
    const l = longs[p] as number;
    const s = shorts[p] as number;
    const long = legs[l];
    const short = legs[s];
    if (long === undefined || short === undefined) continue;
    const kinds = [kindOf(long.isSpot), kindOf(short.isSpot)] as const;
    const holding = holdingCostsPerHour(kinds[0], kinds[1], params);
    const perMs = (holding.capital + holding.borrow) / hourMs;
    const fees = long.feeRate + short.feeRate;
    const slippage = (cost[l] as number) + (cost[s] as number);
    plan.kappa[p] = (1 - (cost[s] as number)) / (1 + (cost[l] as number));
    plan.fixed[p] = -2 * fees - slippage - perMs * params.horizonMs;
    plan.threshold[p] = params.netEdgeMin * capitalPerNotional(kinds[0], kinds[1], params);
    plan.holdingPerMs[p] = perMs;
    plan.floor[p] = -params.reentryProbability * (fees + slippage);
  }
  return plan;
}

function kindOf(isSpot: boolean): 'spot' | 'linear-perp' {
  return isSpot ? 'spot' : 'linear-perp';
}
