// The policy of simulated runs: the live defaults, with thresholds at which pairs open and close
// many times in a short run, and exposure limits that a few pairs reach.
import { dayMs, hourMs, secondMs } from '../base/time.ts';
import { defaultReconcilePolicy, type Policy } from '../engine/policy.ts';
import { defaultExecutionPolicy } from '../execution/policy.ts';
import { defaultLimits } from '../risk/limits.ts';
import { venues } from '../sim/simulator-setup.ts';
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

export const simulationPolicy: Policy = {
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
    },
  })),
  limits: { ...defaultLimits, grossExposureUsdMax: 12_000, venueExposureUsdMax: 12_000 },
  execution: defaultExecutionPolicy,
  reconcile: { ...defaultReconcilePolicy, everyMs: 15 * secondMs },
  orderValidityMs: Object.fromEntries(venues.map((venue) => [venue, orderValidityMs])),
  entryCooldownMs: 1_000,
};
