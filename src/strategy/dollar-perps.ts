// Perpetuals of one asset on two venues that settle in different dollars: USDT here, USDC there.
// Like perp-perp, but what one dollar is worth in the other stays open: the legs' basis contains
// it. Off unless it is configured.
import type { Instrument } from '../domain/instrument.ts';
import type { PairKey } from '../domain/view.ts';
import { pairsAcrossVenues } from './assets.ts';
import { carryEntry, carryWorth } from './entry.ts';
import { carryExit, carryHolds } from './exit.ts';
import { parseParams, perpPerpDefaults } from './params.ts';
import type { Strategy } from './registry.ts';
import { carryRoll } from './roll.ts';

export const dollarPerpsName = 'dollar-perps';
const dollars: readonly string[] = ['USDT', 'USDC'];

export const dollarPerps: Strategy = {
  name: dollarPerpsName,
  defaults: perpPerpDefaults,
  parseParams: (record) => parseParams(record, perpPerpDefaults),
  pairs,
  entry: carryEntry,
  exit: carryExit,
  worth: carryWorth,
  holds: carryHolds,
  roll: carryRoll,
};

/** Both directions; pairs within one dollar are perp-perp's. */
function pairs(instruments: readonly Instrument[]): readonly PairKey[] {
  return pairsAcrossVenues(dollarPerpsName, instruments, {
    groupOf: (leg) => (leg.kind === 'linear-perp' && dollars.includes(leg.quote) ? leg.base : null),
    hedges: (long, short) => long.quote !== short.quote,
  });
}
