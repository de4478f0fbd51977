// What is owned, in USD: equity over all venues from the ledger and the marks. Read-only.
import { toNumber } from '../base/decimal.ts';
import type { Instrument, VenueId } from '../domain/instrument.ts';
import { cashOf } from '../domain/ledger.ts';
import type { EngineState } from './state.ts';

const dollars = new Set(['USDT', 'USDC', 'USD', 'FDUSD', 'DAI']);

/** The spot instrument that prices a coin in a venue's wallet: the venue's own, else any. */
export function pricingInstrument(
  state: EngineState,
  asset: string,
  venue: VenueId | null,
): Instrument | null {
  let other: Instrument | null = null;
  for (const instrument of state.instruments.values()) {
    if (instrument.kind !== 'spot' || instrument.base !== asset) continue;
    if (!isDollar(instrument.quote)) continue;
    if (instrument.venue === venue) return instrument;
    other ??= instrument;
  }
  return other;
}

/**
 * USD per unit. Dollar coins count as 1 here, their depeg is collateralFx. A coin that no listed
 * spot instrument prices counts 0 throughout; null = it has one, and no mark yet.
 */
export function usdPriceOf(
  state: EngineState,
  asset: string,
  venue: VenueId | null = null,
): number | null {
  if (isDollar(asset)) return 1;
  const instrument = pricingInstrument(state, asset, venue);
  if (instrument === null) return 0;
  return state.marks.get(instrument.id)?.price ?? null;
}

export function isDollar(asset: string): boolean {
  return dollars.has(asset);
}

/** Null until every venue's opening balance is booked and everything owned has a price. */
export function equityUsd(state: EngineState): number | null {
  if (state.venues.size === 0) return null;
  for (const venue of state.venues.values()) if (!venue.opened) return null;
  let total = 0;
  for (const { venue, asset, amount } of cashOf(state.ledger)) {
    if (amount === 0n) continue;
    const price = usdPriceOf(state, asset, venue);
    if (price === null) return null;
    total += toNumber(amount) * price;
  }
  for (const [id, position] of state.positions) {
    const instrument = state.instruments.get(id);
    if (instrument === undefined) return null;
    if (instrument.kind === 'spot') continue; // its coins are in the cash accounts
    const mark = state.marks.get(id);
    if (mark === undefined) return null;
    total += toNumber(position.qty) * mark.price - toNumber(position.cost);
  }
  return total;
}
