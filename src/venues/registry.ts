// The native venues: one line each.
import type { VenueSpec } from '../domain/venue-spec.ts';
import { binance } from './binance/index.ts';
import { bybit } from './bybit/index.ts';
import { hyperliquid } from './hyperliquid/index.ts';
import { okx } from './okx/index.ts';

export const venues: readonly VenueSpec[] = [binance, okx, bybit, hyperliquid];

export function venueByName(id: string): VenueSpec | null {
  return venues.find((venue) => venue.id === id) ?? null;
}

export function venueNames(): readonly string[] {
  return venues.map((venue) => venue.id);
}
