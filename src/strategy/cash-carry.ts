// Long spot, short the perpetual: earns the rate while it is positive. The other direction needs
// the coin borrowed on margin: it is shown with what that costs, and refused.
import type { Instrument } from '../domain/instrument.ts';
import type { PairKey } from '../domain/view.ts';
import { assetOf, linearPerpsByAsset } from './assets.ts';
import { carryEntry, carryWorth } from './entry.ts';
import { carryExit, carryHolds } from './exit.ts';
import { cashCarryDefaults, parseParams } from './params.ts';
import type { Strategy } from './registry.ts';
import { carryRoll } from './roll.ts';

export const cashCarryName = 'cash-carry';

export const cashCarry: Strategy = {
  name: cashCarryName,
  defaults: cashCarryDefaults,
  parseParams: (record) => parseParams(record, cashCarryDefaults),
  pairs,
  shown,
  entry: carryEntry,
  exit: carryExit,
  worth: carryWorth,
  holds: carryHolds,
  roll: carryRoll,
};

/** Spot and linear perpetual of one asset and quote, on one venue or on two. */
function pairs(instruments: readonly Instrument[]): readonly PairKey[] {
  const keys: PairKey[] = [];
  const byAsset = linearPerpsByAsset(instruments);
  for (const spot of instruments) {
    if (spot.kind !== 'spot') continue;
    for (const perp of byAsset.get(assetOf(spot)) ?? []) {
      keys.push({ strategy: cashCarryName, long: spot.id, short: perp.id });
    }
  }
  return keys;
}

/** The same the other way round: short spot, long the perpetual. */
function shown(instruments: readonly Instrument[]): readonly PairKey[] {
  return pairs(instruments).map(({ strategy, long, short }) => {
    return { strategy, long: short, short: long };
  });
}
