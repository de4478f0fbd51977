// The instrument tables of all simulated venues, by venue.
import type { VenueId } from '../../domain/instrument.ts';
import type { SimInstrument } from '../api.ts';
import { binanceListings } from './binance.ts';
import { bybitListings } from './bybit.ts';
import { hyperliquidListings } from './hyperliquid.ts';
import { okxListings } from './okx.ts';

/** What a market has when nobody says which; the others are listed all the same. */
export const simulatedVenues: readonly VenueId[] = ['binance', 'okx', 'bybit'];

const listings: Readonly<Record<VenueId, readonly SimInstrument[]>> = {
  binance: binanceListings,
  okx: okxListings,
  bybit: bybitListings,
  hyperliquid: hyperliquidListings,
};

/** Everything that the venue lists, perpetuals first; empty for a venue that is not simulated. */
export function listingsOf(venue: VenueId): readonly SimInstrument[] {
  return listings[venue] ?? [];
}
