// What the wallets have that the orders of a decision would be paid from, for risk: cash by the
// ledger and the unrealized profit of what settles in it. What cannot be known is told as such.
import { isInverse } from '../domain/contract-value.ts';
import type { Instrument, InstrumentId } from '../domain/instrument.ts';
import type { ExposureMargin, WalletFunds } from '../domain/verdict.ts';
import { type LegView, legOn } from '../domain/view.ts';
import { heldOf, unrealizedOf } from './held.ts';
import type { EngineState } from './state.ts';
import { cashAt, type WalletPlace, walletPlaceOf } from './wallet-place.ts';

/** One entry per wallet and asset that orders of these instruments are paid from. */
export function fundsOf(
  state: EngineState,
  asked: readonly InstrumentId[],
  legs: readonly LegView[],
): readonly WalletFunds[] {
  const places: WalletPlace[] = [];
  for (const id of asked) {
    const instrument = state.instruments.get(id);
    if (instrument === undefined) continue;
    const place = walletPlaceOf(instrument);
    if (!places.includes(place)) places.push(place);
  }
  return places.map((place) => walletOf(state, place, legs));
}

/** How an instrument is paid for and margined, as far as it is known. */
export function exposureMargin(
  state: EngineState,
  instrument: Instrument,
  leg: LegView | undefined,
): ExposureMargin {
  const terms = state.marginTerms.get(instrument.id);
  return {
    wallet: instrument.wallet,
    asset: walletPlaceOf(instrument).asset,
    isInverse: isInverse(instrument),
    leverage: terms?.leverage ?? null,
    tiers: terms?.tiers ?? null,
    feeRateTaker: leg?.feeRateTaker ?? state.feeRates.get(instrument.id)?.taker ?? null,
  };
}

function walletOf(state: EngineState, place: WalletPlace, legs: readonly LegView[]): WalletFunds {
  const { venue, wallet, asset } = place;
  if (state.venues.get(venue)?.opened !== true) {
    return { venue, wallet, asset, equity: null, unknown: 'no balance has been read yet' };
  }
  let equity = cashAt(state.ledger, place);
  for (const row of heldOf(state)) {
    if (row.place !== place) continue;
    const price = legOn(legs, row.id)?.mark ?? row.mark?.price ?? null;
    if (price === null || !(price > 0)) {
      const unknown = `what is held of ${row.id} has no price`;
      return { venue, wallet, asset, equity: null, unknown };
    }
    equity += unrealizedOf(row, price);
  }
  return { venue, wallet, asset, equity, unknown: null };
}
