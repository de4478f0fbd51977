// What the simulated venues ask for lending a coin: made-up rates of the size that venues publish,
// dearer where fewer coins are to be had.
import type { VenueId } from '../domain/instrument.ts';

const ratesPerYear: Readonly<Record<string, number>> = { BTC: 0.012, ETH: 0.021, SOL: 0.045 };
const rateOfOthers = 0.14;
/** One venue asks more than another. */
const markups: Readonly<Record<VenueId, number>> = { binance: 1, okx: 1.1, bybit: 1.25 };
const hoursPerYear = 8_760;

/** Fraction of the amount per hour, with ten decimals. */
export function borrowRatePerHour(venue: VenueId, asset: string): number {
  const perYear = (ratesPerYear[asset] ?? rateOfOthers) * (markups[venue] ?? 1);
  return Number((perYear / hoursPerYear).toFixed(10));
}
