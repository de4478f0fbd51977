// Which wallet and asset pays for an instrument: spot is bought with its quote, a perpetual is
// margined in what it settles in. Found once per listing, so that no text is made on a look.
import { type Decimal, toNumber, zero } from '../base/decimal.ts';
import type { Instrument, VenueId } from '../domain/instrument.ts';
import { balanceAt, balanceKeyOf, cashAccount, type Ledger } from '../domain/ledger.ts';

/** The same object for all instruments of one wallet and asset. */
export interface WalletPlace {
  readonly venue: VenueId;
  readonly wallet: string;
  readonly asset: string;
  /** Its account's name in the ledger, and the key of its balance there. */
  readonly balanceKey: string;
  /** What `number` was made from, whichever ledger said it. */
  amount: Decimal;
  number: number;
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
    place = { venue, wallet, asset, balanceKey, amount: zero, number: 0 };
    byKey.set(balanceKey, place);
  }
  byListing.set(instrument, place);
  return place;
}

/** Cash by the ledger, as a number: converted when it is another. */
export function cashAt(ledger: Ledger, place: WalletPlace): number {
  const amount = balanceAt(ledger, place.balanceKey);
  if (amount !== place.amount) {
    place.amount = amount;
    place.number = toNumber(amount);
  }
  return place.number;
}
