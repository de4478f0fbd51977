// Leverage brackets: which leverage and maintenance margin a position of some notional has. Three
// shapes serve all contracts: the two majors, large alts, small alts.
import type { LeverageBracket } from '../api.ts';

/**
 * Notional cap (USD; coin of inverse contracts), leverage and maintenance margin rate of one
 * bracket.
 */
type Tier = readonly [notionalCap: number, leverageMax: number, maintenanceMarginRate: number];

export const binanceMajorTiers = brackets([
  [50_000, 125, 0.004],
  [600_000, 100, 0.005],
  [3_000_000, 75, 0.0065],
  [12_000_000, 50, 0.01],
  [70_000_000, 25, 0.02],
  [100_000_000, 20, 0.025],
  [300_000_000, 5, 0.1],
]);
export const okxMajorTiers = brackets([
  [1_500_000, 100, 0.004],
  [5_000_000, 75, 0.006],
  [20_000_000, 50, 0.01],
  [60_000_000, 25, 0.02],
  [120_000_000, 10, 0.05],
]);
export const bybitMajorTiers = brackets([
  [2_000_000, 100, 0.005],
  [10_000_000, 75, 0.0066],
  [20_000_000, 50, 0.01],
  [60_000_000, 25, 0.02],
  [120_000_000, 10, 0.05],
]);
export const largeAltTiers = brackets([
  [25_000, 75, 0.0065],
  [150_000, 50, 0.01],
  [900_000, 25, 0.02],
  [3_000_000, 20, 0.025],
  [12_000_000, 10, 0.05],
  [30_000_000, 5, 0.1],
]);
export const smallAltTiers = brackets([
  [25_000, 50, 0.01],
  [100_000, 25, 0.02],
  [500_000, 20, 0.025],
  [2_000_000, 10, 0.05],
  [8_000_000, 5, 0.1],
]);

/** Of inverse contracts of BTC and ETH: caps in coin. */
export const inverseBtcTiers = brackets([
  [5, 125, 0.004],
  [10, 100, 0.005],
  [20, 50, 0.01],
  [50, 20, 0.025],
  [100, 10, 0.05],
  [200, 5, 0.1],
]);
export const inverseEthTiers = brackets([
  [100, 100, 0.005],
  [200, 75, 0.0065],
  [400, 50, 0.01],
  [1_000, 20, 0.025],
  [2_000, 10, 0.05],
  [4_000, 5, 0.1],
]);

/**
 * Fills in the floors and the amounts that make margin continuous: at the floor of a bracket,
 * floor x rate - amount is the same by both rates, so amount = previous + floor x (rate - previous
 * rate).
 */
export function brackets(tiers: readonly Tier[]): readonly LeverageBracket[] {
  let notionalFloor = 0;
  let ratePrevious = 0;
  let maintenanceAmount = 0;
  return tiers.map(([notionalCap, leverageMax, maintenanceMarginRate], k) => {
    if (k > 0) maintenanceAmount += notionalFloor * (maintenanceMarginRate - ratePrevious);
    maintenanceAmount = Math.round(maintenanceAmount * 1e6) / 1e6;
    const bracket: LeverageBracket = {
      notionalFloor,
      notionalCap,
      leverageMax,
      maintenanceMarginRate,
      maintenanceAmount,
    };
    notionalFloor = notionalCap;
    ratePrevious = maintenanceMarginRate;
    return bracket;
  });
}
