// Long the perpetual with the low rate, short the one with the high rate, across venues. The legs
// hedge each other's price; what is earned is the difference of the rates.
import type { Instrument } from '../domain/instrument.ts';
import type { PairKey } from '../domain/view.ts';
import { linearAssetOf, pairsAcrossVenues } from './assets.ts';
import { carryEntry, carryWorth } from './entry.ts';
import { carryExit, carryHolds } from './exit.ts';
import { parseParams, perpPerpDefaults } from './params.ts';
import type { Strategy } from './registry.ts';
import { carryRoll } from './roll.ts';

export const perpPerpName = 'perp-perp';

export const perpPerp: Strategy = {
  name: perpPerpName,
  defaults: perpPerpDefaults,
  parseParams: (record) => parseParams(record, perpPerpDefaults),
  pairs,
  entry: carryEntry,
  exit: carryExit,
  worth: carryWorth,
  holds: carryHolds,
  roll: carryRoll,
};

/** Linear perpetuals of one asset and quote on two venues: both directions. */
function pairs(instruments: readonly Instrument[]): readonly PairKey[] {
  return pairsAcrossVenues(perpPerpName, instruments, {
    groupOf: linearAssetOf,
    hedges: () => true,
  });
}
