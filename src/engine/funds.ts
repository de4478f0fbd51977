// What the wallets have that the orders of a decision would be paid from, for risk: cash by the
// ledger and the unrealized profit of what settles in it. What cannot be known is told as such.
import { fromNumber, toNumber } from '../base/decimal.ts';
import { isInverse } from '../domain/contract-value.ts';
import type { Instrument, InstrumentId } from '../domain/instrument.ts';
import { balanceOf, cashAccount } from '../domain/ledger.ts';
import { unrealizedAt } from '../domain/position.ts';
import type { ExposureMargin, WalletFunds } from '../domain/verdict.ts';
import { type LegView, legOn } from '../domain/view.ts';
import type { EngineState } from './state.ts';

/** One entry per wallet and asset that orders of these instruments are paid from. */
export function fundsOf(
  state: EngineState,
  asked: readonly InstrumentId[],
  legs: readonly LegView[],
): readonly WalletFunds[] {
  const found = new Map<string, WalletFunds>();
  for (const id of asked) {
    const instrument = state.instruments.get(id);
    if (instrument === undefined) continue;
    const { venue, wallet } = instrument;
    const asset = payingAsset(instrument);
    const key = `${venue}|${wallet}|${asset}`;
    if (!found.has(key)) found.set(key, walletOf(state, { venue, wallet, asset }, legs));
  }
  return [...found.values()];
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
    asset: payingAsset(instrument),
    isInverse: isInverse(instrument),
    leverage: terms?.leverage ?? null,
    tiers: terms?.tiers ?? null,
    feeRateTaker: leg?.feeRateTaker ?? state.feeRates.get(instrument.id)?.taker ?? null,
  };
}

/** Spot is bought with its quote, a perpetual is margined in what it settles in. */
function payingAsset({ kind, quote, settle }: Instrument): string {
  return kind === 'spot' ? quote : settle;
}

function walletOf(
  state: EngineState,
  place: Pick<WalletFunds, 'venue' | 'wallet' | 'asset'>,
  legs: readonly LegView[],
): WalletFunds {
  const { venue, wallet, asset } = place;
  if (state.venues.get(venue)?.opened !== true) {
    return { ...place, equity: null, unknown: 'no balance has been read yet' };
  }
  let equity = toNumber(balanceOf(state.ledger, cashAccount(venue, wallet), asset));
  for (const [id, position] of state.positions) {
    const held = state.instruments.get(id);
    if (held === undefined || held.kind === 'spot' || held.venue !== venue) continue;
    if (held.wallet !== wallet || held.settle !== asset) continue;
    const price = legOn(legs, id)?.mark ?? state.marks.get(id)?.price ?? null;
    if (price === null || !(price > 0)) {
      return { ...place, equity: null, unknown: `what is held of ${id} has no price` };
    }
    equity += toNumber(unrealizedAt(position, fromNumber(price), held));
  }
  return { ...place, equity, unknown: null };
}
