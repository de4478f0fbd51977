// How the capital of a backtest is spread: equally over the venues that are traded; inside a venue
// by what a dollar of notional needs in each wallet: spot is paid in full, a perpetual takes its
// initial margin.
import { assert } from '../base/assert.ts';
import {
  type Decimal,
  fromNumber,
  minus,
  over,
  roundToStep,
  times,
  zero,
} from '../base/decimal.ts';
import type { VenueId } from '../domain/instrument.ts';
import type { StartBalance } from '../sim/account.ts';
import { cashUnit } from '../sim/exchange-rules.ts';
import type { Contract } from './tape.ts';

export interface Capital {
  readonly capitalUsd: Decimal;
  readonly leverage: number;
}

export function startBalances(
  contracts: readonly Contract[],
  { capitalUsd, leverage }: Capital,
): ReadonlyMap<VenueId, readonly StartBalance[]> {
  assert(capitalUsd > zero, 'a backtest needs capital');
  const venues = [...new Set(contracts.map(({ listing }) => listing.instrument.venue))];
  const shares = split(
    capitalUsd,
    venues.map(() => 1),
  );
  return new Map(
    venues.map((venue, i) => {
      const own = contracts.filter(({ listing }) => listing.instrument.venue === venue);
      return [venue, walletsOf(own, shares[i] as Decimal, leverage)] as const; // one share each
    }),
  );
}

function walletsOf(
  contracts: readonly Contract[],
  amount: Decimal,
  leverage: number,
): readonly StartBalance[] {
  const wallets = new Map<string, { wallet: string; asset: string; spot: number; perp: number }>();
  for (const { listing } of contracts) {
    const { kind, wallet, quote, settle } = listing.instrument;
    const asset = kind === 'spot' ? quote : settle;
    const key = `${wallet} ${asset}`;
    const needs = wallets.get(key) ?? { wallet, asset, spot: 0, perp: 0 };
    if (kind === 'spot') needs.spot = 1;
    else needs.perp = 1 / leverage;
    wallets.set(key, needs);
  }
  const all = [...wallets.values()];
  const shares = split(
    amount,
    all.map(({ spot, perp }) => spot + perp),
  );
  return all.map(({ wallet, asset }, i) => ({ wallet, asset, amount: shares[i] as Decimal }));
}

/** Parts by weight that add up to the whole exactly: the first takes what does not divide. */
function split(amount: Decimal, weights: readonly number[]): readonly Decimal[] {
  const total = fromNumber(weights.reduce((sum, weight) => sum + weight, 0));
  const parts = weights.map((weight) => {
    const share = over(times(amount, fromNumber(weight)), total, 'down');
    return roundToStep(share, cashUnit, 'down');
  });
  const rest = parts.reduce((left, part) => minus(left, part), amount);
  return parts.map((part, i) => (i === 0 ? ((part + rest) as Decimal) : part)); // brand: a sum
}
