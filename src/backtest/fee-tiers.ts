// Fee tiers by volume: what an account pays at a venue follows from what it traded there on the
// last thirty days. A venue looks once a day; what was traded today counts from midnight on.
import type { Decimal } from '../base/decimal.ts';
import { dayMs } from '../base/time.ts';
import type { VenueId } from '../domain/instrument.ts';

export type TierMarket = 'perp' | 'spot';

export interface FeeTier {
  /** Least notional of thirty days, USD. */
  readonly volumeUsd: number;
  /** Fractions of the notional, + = cost. */
  readonly maker: Decimal;
  readonly taker: Decimal;
}

export interface VenueTiers {
  /** Volumes ascend; the first is 0. Absent = the rates of this market do not move. */
  readonly perp?: readonly FeeTier[];
  readonly spot?: readonly FeeTier[];
}

export type FeeTiers = Readonly<Record<VenueId, VenueTiers>>;

export interface TierChange {
  readonly tsMs: number;
  readonly venue: VenueId;
  readonly market: TierMarket;
  readonly tier: FeeTier;
  /** What it follows from. */
  readonly volumeUsd: number;
}

export const volumeDays = 30;

interface Account {
  readonly venue: VenueId;
  readonly market: TierMarket;
  readonly tiers: readonly FeeTier[];
  /** Traded by day, as `floor(tsMs / dayMs)`. */
  readonly days: Map<number, number>;
  tier: FeeTier;
}

export class TierBook {
  private readonly accounts: Account[] = [];

  constructor(tiers: FeeTiers) {
    for (const [venue, { perp, spot }] of Object.entries(tiers)) {
      for (const [market, list] of [['perp', perp] as const, ['spot', spot] as const]) {
        const [tier] = list ?? [];
        if (list === undefined || tier === undefined) continue;
        this.accounts.push({ venue, market, tiers: list, days: new Map(), tier });
      }
    }
  }

  traded(venue: VenueId, market: TierMarket, at: { readonly tsMs: number; readonly usd: number }) {
    const account = this.accounts.find((one) => one.venue === venue && one.market === market);
    if (account === undefined) return;
    const day = Math.floor(at.tsMs / dayMs);
    account.days.set(day, (account.days.get(day) ?? 0) + at.usd);
  }

  /** At a midnight: the accounts whose tier is another from now on. */
  changesAt(tsMs: number): readonly TierChange[] {
    const today = Math.floor(tsMs / dayMs);
    const changes: TierChange[] = [];
    for (const account of this.accounts) {
      const { venue, market, tiers, days } = account;
      let volumeUsd = 0;
      for (const [day, usd] of days) {
        if (day < today - volumeDays) days.delete(day);
        else if (day < today) volumeUsd += usd;
      }
      const tier = tiers.findLast((one) => volumeUsd >= one.volumeUsd);
      if (tier === undefined || tier === account.tier) continue;
      account.tier = tier;
      changes.push({ tsMs, venue, market, tier, volumeUsd });
    }
    return changes;
  }
}
