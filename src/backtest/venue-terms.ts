// What trading costs where nothing better is known: fees of the venues' entry tier, and a depth
// that is careful and stated. Recorded quotes of an instrument replace its spread and depth;
// `--set` replaces the rest.
import { toNumber } from '../base/decimal.ts';
import { isPerp, type VenueId } from '../domain/instrument.ts';
import { listingsOf } from '../sim/listings/listings-of.ts';
import type { DepthModel } from './depth.ts';

export interface VenueTerms {
  /** Fractions of the notional, + = cost. */
  readonly perpMaker: number;
  readonly perpTaker: number;
  readonly spotMaker: number;
  readonly spotTaker: number;
  readonly depth: DepthModel;
}

interface Fees {
  readonly perp: readonly [maker: number, taker: number];
  readonly spot: readonly [maker: number, taker: number];
}

/** Entry tiers as the venues published them in 2025, of venues that have no listing of ours. */
const published: Readonly<Record<string, Fees>> = {
  kraken_futures: { perp: [0.0002, 0.0005], spot: [0.0025, 0.004] },
  dydx_v4: { perp: [0.0001, 0.0005], spot: [0, 0] },
  gate: { perp: [0.0002, 0.0005], spot: [0.001, 0.001] },
  htx: { perp: [0.0002, 0.0006], spot: [0.002, 0.002] },
  bitget: { perp: [0.0002, 0.0006], spot: [0.001, 0.001] },
};
/** Of a venue that nothing is known about: the dearest above. */
const unknownFees: Fees = { perp: [0.0002, 0.0006], spot: [0.0025, 0.004] };

/** The three largest books of perpetuals; everything else is taken for thinner. */
const deepVenues: ReadonlySet<VenueId> = new Set(['binance', 'okx', 'bybit']);
const deep: DepthModel = {
  halfSpread: 0.00005,
  touchUsd: 20_000,
  levelUsd: 20_000,
  step: 0.0001,
  levels: 10,
};
const thin: DepthModel = { ...deep, halfSpread: 0.0001, touchUsd: 10_000, levelUsd: 10_000 };

export function termsOf(venue: VenueId): VenueTerms {
  const { perp, spot } = feesOf(venue);
  return {
    perpMaker: perp[0],
    perpTaker: perp[1],
    spotMaker: spot[0],
    spotTaker: spot[1],
    depth: deepVenues.has(venue) ? deep : thin,
  };
}

function feesOf(venue: VenueId): Fees {
  const listed = listingsOf(venue);
  const other = published[venue] ?? unknownFees;
  const rates = (market: 'spot' | 'perp'): Fees['perp'] => {
    const found = listed.find(({ instrument }) => isPerp(instrument.kind) === (market === 'perp'));
    if (found === undefined) return other[market];
    return [toNumber(found.feeRateMaker), toNumber(found.feeRateTaker)];
  };
  return { perp: rates('perp'), spot: rates('spot') };
}
