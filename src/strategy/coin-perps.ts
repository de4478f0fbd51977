// Perpetuals of one asset on two venues of which at least one is margined and settled in the coin
// itself. Against a linear one the pair is flat in dollars, against another inverse one in coin;
// what a dollar coin is worth in dollars stays open, as in dollar-perps. Off unless it is
// configured: the margin is the coin, and who holds it is exposed to it.
import { isInverse } from '../domain/contract-value.ts';
import { type Instrument, isPerp } from '../domain/instrument.ts';
import type { PairKey } from '../domain/view.ts';
import { pairsAcrossVenues } from './assets.ts';
import { carryEntry, carryWorth } from './entry.ts';
import { carryExit, carryHolds } from './exit.ts';
import { parseParams, perpPerpDefaults } from './params.ts';
import type { Strategy } from './registry.ts';

export const coinPerpsName = 'coin-perps';
const dollars: readonly string[] = ['USD', 'USDT', 'USDC'];

export const coinPerps: Strategy = {
  name: coinPerpsName,
  defaults: perpPerpDefaults,
  parseParams: (record) => parseParams(record, perpPerpDefaults),
  coinMargined: true,
  pairs,
  entry: carryEntry,
  exit: carryExit,
  worth: carryWorth,
  holds: carryHolds,
};

/** Both directions; pairs without an inverse leg are those of the other strategies. */
function pairs(instruments: readonly Instrument[]): readonly PairKey[] {
  return pairsAcrossVenues(coinPerpsName, instruments, {
    groupOf: (leg) => (isPerp(leg.kind) && dollars.includes(leg.quote) ? leg.base : null),
    hedges: (long, short) => isInverse(long) || isInverse(short),
  });
}
