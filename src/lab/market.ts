// What research asks of a data set again and again: the funding and the bars of an asset, how far
// apart two venues' prices are, what margin and fees a leg has.
import { nameOf } from '../backtest/symbols.ts';
import { termsOf } from '../backtest/venue-terms.ts';
import { fromNumber, toNumber } from '../base/decimal.ts';
import { tierOf } from '../domain/margin.ts';
import { assetOf } from '../history/asset.ts';
import type { DataSet } from '../history/data-set.ts';
import type { BarSeries, FundingSeries } from '../history/series.ts';
import { listingsOf } from '../sim/listings/listings-of.ts';
import { largeAltTiers } from '../sim/listings/tiers.ts';

/** The funding of an asset ("BTC") on every venue, or of all assets; sorted by name. */
export function fundingOf(data: DataSet, asset?: string): readonly FundingSeries[] {
  return data.series.filter(
    (series): series is FundingSeries =>
      series.id.kind === 'funding' && (asset === undefined || assetOf(series.id.symbol) === asset),
  );
}

/** The traded bars of an asset's perpetuals in dollar coins, one per venue; sorted by name. */
export function perpBarsOf(data: DataSet, asset: string, interval = '1h'): readonly BarSeries[] {
  const found = new Map<string, BarSeries>();
  for (const series of data.series) {
    const { id } = series;
    if (id.kind !== 'bars' || id.market !== 'perp' || id.interval !== interval) continue;
    const name = nameOf(id.venue, 'perp', id.symbol);
    if (name?.base !== asset || found.has(id.venue)) continue;
    found.set(id.venue, series as BarSeries); // its kind has just been looked at
  }
  return [...found.values()];
}

export interface BasisPoint {
  readonly tsMs: number;
  /** (P_short - P_long) / P_long, of closes: a positive one that falls earns. */
  readonly basis: number;
}

/** At every bar that both have; prices of 1000PEPE and PEPE are made comparable. */
export function basisBetween(long: BarSeries, short: BarSeries): readonly BasisPoint[] {
  const unit = ({ id }: BarSeries) => nameOf(id.venue, 'perp', id.symbol)?.multiplier ?? 1;
  const ratio = unit(long) / unit(short);
  const points: BasisPoint[] = [];
  let at = 0;
  for (let k = 0; k < long.tsMs.length; k++) {
    const tsMs = long.tsMs[k] as number;
    while (at < short.tsMs.length && (short.tsMs[at] as number) < tsMs) at++;
    if (short.tsMs[at] !== tsMs) continue;
    const basis = ((short.close[at] as number) * ratio) / (long.close[k] as number) - 1;
    if (Number.isFinite(basis)) points.push({ tsMs, basis });
  }
  return points;
}

export interface LegTerms {
  /** Of the tier that the position is in. */
  readonly maintenanceRate: number;
  readonly leverageMax: number;
  readonly feeRateTaker: number;
  /** False: we have no listing of it, these are the tiers of a usual contract. */
  readonly isListed: boolean;
}

/** Margin tier and fee of a perpetual, by the words of the data. */
export function legTermsOf(leg: {
  readonly venue: string;
  readonly symbol: string;
  readonly notionalUsd: number;
  /** Of one unit of the asset: some venues' tiers count quantities. */
  readonly priceUsd: number;
}): LegTerms {
  const { venue, symbol, notionalUsd, priceUsd } = leg;
  const listed = listingsOf(venue).find(
    ({ instrument, marginTiers }) => instrument.symbol === symbol && marginTiers.tiers.length > 0,
  );
  const size = { qty: fromNumber(notionalUsd / priceUsd), notional: fromNumber(notionalUsd) };
  const tier = tierOf(listed?.marginTiers ?? largeAltTiers, size);
  return {
    maintenanceRate: toNumber(tier.maintenanceRate),
    leverageMax: tier.leverageMax,
    feeRateTaker: listed === undefined ? termsOf(venue).perpTaker : toNumber(listed.feeRateTaker),
    isListed: listed !== undefined,
  };
}
