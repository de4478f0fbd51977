// Which wallet and asset pays for an instrument: spot is bought with its quote, a perpetual is
// margined in what it settles in. Found once per listing, so that no text is made on a look.
import type { Instrument, VenueId } from '../domain/instrument.ts';
import { balanceKeyOf, cashAccount } from '../domain/ledger.ts';

/** The same object for all instruments of one wallet and asset. */
export interface WalletPlace {
  readonly venue: VenueId;
  readonly wallet: string;
  readonly asset: string;
  /** Its account's name in the ledger, and the key of its balance there. */
  readonly balanceKey: string;
}

const byListing = new WeakMap<Instrument, WalletPlace>();
/** As many as there are wallets and assets. */
const byKey = new Map<string, WalletPlace>();

export function walletPlaceOf(instrument: Instrument): WalletPlace {
  const known = byListing.get(instrument);
  if (known !== undefined) return known;
  const { venue, wallet, kind, quote, settle } = instrument;
  const asset = kind === 'spot' ? quote : settle;
  const balanceKey = balanceKeyOf(cashAccount(venue, wallet), asset);
  let place = byKey.get(balanceKey);
  if (place === undefined) {
    place = { venue, wallet, asset, balanceKey };
    byKey.set(balanceKey, place);
  }
  byListing.set(instrument, place);
  return place;
}
