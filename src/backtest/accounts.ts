// How the capital of a backtest is spread: equally over the venues that are traded, and inside a
// venue equally over the wallets and cash assets that its contracts need.
import { assert } from '../base/assert.ts';
import { type Decimal, minus, roundToStep, zero } from '../base/decimal.ts';
import type { VenueId } from '../domain/instrument.ts';
import type { StartBalance } from '../sim/account.ts';
import { cashUnit } from '../sim/exchange-rules.ts';
import type { Contract } from './history.ts';

export function startBalances(
  contracts: readonly Contract[],
  capitalUsd: Decimal,
): ReadonlyMap<VenueId, readonly StartBalance[]> {
  assert(capitalUsd > zero, 'a backtest needs capital');
  const venues = [...new Set(contracts.map(({ listing }) => listing.instrument.venue))];
  const shares = split(capitalUsd, venues.length);
  return new Map(
    venues.map((venue, i) => {
      const own = contracts.filter(({ listing }) => listing.instrument.venue === venue);
      return [venue, walletsOf(own, shares[i] as Decimal)] as const; // as many shares as venues
    }),
  );
}

function walletsOf(contracts: readonly Contract[], amount: Decimal): readonly StartBalance[] {
  const wallets = new Map<string, { wallet: string; asset: string }>();
  for (const { listing } of contracts) {
    const { kind, wallet, quote, settle } = listing.instrument;
    const asset = kind === 'spot' ? quote : settle;
    wallets.set(`${wallet} ${asset}`, { wallet, asset });
  }
  const shares = split(amount, wallets.size);
  return [...wallets.values()].map((wallet, i) => ({ ...wallet, amount: shares[i] as Decimal }));
}

/** Parts that add up to the whole exactly: the first takes what does not divide. */
function split(amount: Decimal, parts: number): readonly Decimal[] {
  const each = roundToStep((amount / BigInt(parts)) as Decimal, cashUnit, 'down'); // a share
  const rest = minus(amount, (each * BigInt(parts - 1)) as Decimal); // a sum of shares
  return Array.from({ length: parts }, (_, i) => (i === 0 ? rest : each));
}
