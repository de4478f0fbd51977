// Coins that margin inverse contracts. Such a contract earns and pays in its coin, so its wallet
// and the profit of its positions are an amount of coin whose worth moves with the coin's price:
// that is the cause `collateralFx`. What the contract itself earns between two of its prices is
// coin x the coin's price at the later one, and is profit by price like any other.
import { type Decimal, toNumber } from '../base/decimal.ts';
import { isInverse } from '../domain/contract-value.ts';
import type { Instrument, InstrumentId, VenueId } from '../domain/instrument.ts';
import { addCollateral, addUnowned, type CoinMargin } from './attribution.ts';
import { isDollar, pricingInstrument } from './portfolio.ts';
import type { EngineState } from './state.ts';

/** Null for instruments that settle in dollars, and while nothing prices the coin. */
export function coinMarginOf(state: EngineState, instrument: Instrument): CoinMargin | null {
  if (!isInverse(instrument)) return null;
  const pricing = pricingInstrument(state, instrument.settle, instrument.venue);
  const usd = pricing === null ? undefined : state.marks.get(pricing.id)?.price;
  if (pricing === null || usd === undefined) return null;
  return { pricing: pricing.id, face: toNumber(instrument.contractSize), usd };
}

/** Quantity that no pair owns, valued as its instrument is. */
export function disown(
  state: EngineState,
  id: InstrumentId,
  change: { readonly qty: number; readonly price: number },
): void {
  const instrument = state.instruments.get(id);
  const margin = instrument === undefined ? null : coinMarginOf(state, instrument);
  addUnowned(state.attribution, id, change, margin);
}

/**
 * Coins that came to (+) or left a wallet which margins inverse contracts; others change nothing.
 */
export function bookCollateral(
  state: EngineState,
  cash: {
    readonly venue: VenueId;
    readonly wallet: string;
    readonly asset: string;
    readonly amount: Decimal;
    readonly atOpening?: true;
  },
): void {
  const { venue, asset, amount } = cash;
  if (!isCollateral(state, cash)) return;
  const pricing = pricingInstrument(state, asset, venue);
  if (pricing === null) return;
  // Without a mark the coins count from their first one on.
  const price = state.marks.get(pricing.id)?.price ?? Number.NaN;
  const qty = toNumber(amount);
  addCollateral(state.attribution, pricing.id, { qty, price });
  if (cash.atOpening !== true) return;
  const { coinsAtOpening } = state.attribution;
  coinsAtOpening.set(pricing.id, (coinsAtOpening.get(pricing.id) ?? 0) + qty);
}

export function isCollateral(
  state: EngineState,
  {
    venue,
    wallet,
    asset,
  }: { readonly venue: VenueId; readonly wallet: string; readonly asset: string },
): boolean {
  if (isDollar(asset)) return false;
  for (const instrument of state.instruments.values()) {
    if (instrument.venue !== venue || instrument.settle !== asset) continue;
    if (instrument.wallet === wallet && isInverse(instrument)) return true;
  }
  return false;
}
