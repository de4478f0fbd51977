// Margin tiers: which leverage and maintenance margin a position of some notional has. Three
// shapes serve all contracts: the two majors, large alts, small alts.
import { present } from '../../base/assert.ts';
import { type Decimal, decimal, fromNumber, times, zero } from '../../base/decimal.ts';
import { continuousTiers, type MarginTiers } from '../../domain/margin.ts';

/**
 * Notional cap (USD; coin of inverse contracts), leverage and maintenance margin rate of one
 * tier.
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

/** OKX: multiples of a contract's first tier. */
const okxShapes: Readonly<Record<string, readonly Tier[]>> = {
  major: [
    [1, 100, 0.004],
    [3, 75, 0.006],
    [13, 50, 0.01],
    [40, 25, 0.02],
    [80, 10, 0.05],
  ],
  large: [
    [1, 75, 0.0065],
    [6, 50, 0.01],
    [36, 25, 0.02],
    [120, 20, 0.025],
    [480, 10, 0.05],
    [1_200, 5, 0.1],
  ],
  small: [
    [1, 50, 0.01],
    [4, 25, 0.02],
    [20, 20, 0.025],
    [80, 10, 0.05],
    [320, 5, 0.1],
  ],
  inverse: [
    [1, 100, 0.004],
    [2, 75, 0.006],
    [4, 50, 0.01],
    [10, 20, 0.025],
    [40, 5, 0.1],
  ],
};

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

export function brackets(tiers: readonly Tier[]): MarginTiers {
  return continuousTiers(
    tiers.map(([notionalCap, leverageMax, rate]) => ({
      sizeMax: fromNumber(notionalCap),
      leverageMax,
      maintenanceRate: fromNumber(rate),
    })),
  );
}

/** By the name in a table's cell, or of the whole cell; `qtyUnit` is our quantity per contract. */
export type TiersOf =
  | Readonly<Record<string, MarginTiers>>
  | ((cell: string, qtyUnit: Decimal) => MarginTiers);

/** OKX's tiers count contracts, and the rate of a tier is that of the whole position. */
export function okxTiersOf(cell: string, qtyUnit: Decimal): MarginTiers {
  const [name = '', first = ''] = cell.split(':');
  const firstQty = times(decimal(first), qtyUnit);
  return {
    unit: 'quantity',
    tiers: present(okxShapes[name], `tiers ${name}`).map(([multiple, leverageMax, rate]) => ({
      sizeMax: times(firstQty, fromNumber(multiple)),
      leverageMax,
      maintenanceRate: fromNumber(rate),
      maintenanceAmount: zero,
    })),
  };
}
