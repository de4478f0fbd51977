// The policies of simulated runs: the live defaults, with thresholds at which pairs open and close
// many times in a short run, exposure limits that a few pairs reach, and waits that fit into it.
// Which ways of execution a run may choose comes from its seed, so that every way is met with every
// fault.
import { dayMs, hourMs, secondMs } from '../base/time.ts';
import type { ExecutionMode } from '../domain/plan.ts';
import { defaultReconcilePolicy, type Policy } from '../engine/policy.ts';
import { defaultExecutionPolicy, type ExecutionPolicy } from '../execution/policy.ts';
import { defaultLimits } from '../risk/limits.ts';
import { venues } from '../sim/simulator-setup.ts';
import { coinPerps } from '../strategy/coin-perps.ts';
import { strategies } from '../strategy/registry.ts';
import { defaultScanOptions, type ScanOptions } from '../strategy/scan.ts';

/** How long the simulated venues accept a signed order. */
const orderValidityMs = 2_000;

/** Near misses are left out: they are half of all records and decide nothing. */
export const simulationScan: ScanOptions = {
  ...defaultScanOptions,
  nearMissBand: 0.0001,
  pairCooldownMs: 2 * secondMs,
};

/** By the seed's remainder: at once alone, the other two where they are possible, the cheapest. */
const modesBySeed: readonly (readonly ExecutionMode[])[] = [
  ['taker-taker'],
  ['maker-taker'],
  ['sliced'],
  ['taker-taker', 'maker-taker', 'sliced'],
];

const execution: ExecutionPolicy = {
  ...defaultExecutionPolicy,
  edgeHalfLifeMs: 10 * 60 * secondMs,
  makerPatienceMs: 6 * secondMs,
  makerRestMsMin: 800,
  makerRepegSlack: 0.00005,
  makerPostsMax: 5,
  makerTickMs: 300,
  restQueryMs: 2 * secondMs,
  sliceUsdMax: 600,
  sliceEveryMs: 800,
  rollMsMax: 10 * secondMs,
  rebalanceUsdMin: 0.2,
  rebalanceEveryMs: 5 * secondMs,
};

const simulationPolicy: Policy = {
  strategies: strategies.map((strategy) => ({
    strategy,
    params: {
      ...strategy.defaults,
      notionalUsd: 2_000,
      netEdgeMin: 0.0005,
      horizonMs: dayMs,
      halfLifeSettlements: 4,
      basisHalfLifeMs: 2 * hourMs,
      basisReversionShare: 0.5,
      betterUseMargin: 0.0002,
      betterUseConfirmMs: 3 * secondMs,
      betterUseAgeMsMin: 0,
      betterUseEveryMs: 5 * secondMs,
    },
  })),
  limits: { ...defaultLimits, grossExposureUsdMax: 12_000, venueExposureUsdMax: 12_000 },
  execution,
  reconcile: { ...defaultReconcilePolicy, everyMs: 15 * secondMs },
  orderValidityMs: Object.fromEntries(venues.map((venue) => [venue, orderValidityMs])),
  entryCooldownMs: 1_000,
};

/** `coins`: perpetuals alone, the coin-margined ones among them. */
export function simulationPolicyOf(seed: number, { coins } = { coins: false }): Policy {
  const modes = modesBySeed[seed % modesBySeed.length] ?? [];
  const [perps] = simulationPolicy.strategies;
  const coinStrategies =
    perps === undefined ? [] : [{ strategy: coinPerps, params: perps.params }, perps];
  return {
    ...simulationPolicy,
    execution: { ...execution, modes },
    strategies: coins ? coinStrategies : simulationPolicy.strategies,
  };
}
