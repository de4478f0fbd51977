// The margin tiers of a contract as Binance lists them: bare numbers, floors beside ceilings.
import { toNumber } from '../../base/decimal.ts';
import type { SimInstrument } from '../../sim/api.ts';

/** USD-M bounds notional, COIN-M coin: each under names of its own. */
export function bracketsOf(
  { marginTiers: { tiers } }: SimInstrument,
  name: { readonly cap: string; readonly floor: string },
): readonly Readonly<Record<string, number>>[] {
  return tiers.map((tier, k) => ({
    bracket: k + 1,
    initialLeverage: tier.leverageMax,
    [name.cap]: toNumber(tier.sizeMax),
    [name.floor]: k === 0 ? 0 : toNumber((tiers[k - 1] as typeof tier).sizeMax),
    maintMarginRatio: toNumber(tier.maintenanceRate),
    cum: toNumber(tier.maintenanceAmount),
  }));
}
