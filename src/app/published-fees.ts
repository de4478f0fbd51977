// Fees that the venues publish for the lowest tier, for looks without an account. The
// trading path never reads them: it asks the venue for the account's own rates.
import { toNumber } from '../base/decimal.ts';
import { type Instrument, marketOf } from '../domain/instrument.ts';
import { listingsOf } from '../sim/listings/listings-of.ts';

/** NaN for a venue or market that nothing is known about. */
export function feeRateTakerOf(instrument: Instrument): number {
  const listing = listingLike(instrument);
  return listing === undefined ? Number.NaN : toNumber(listing.feeRateTaker);
}

/** Null for a venue or market that nothing is known about. */
export function feeRateMakerOf(instrument: Instrument): number | null {
  const listing = listingLike(instrument);
  return listing === undefined ? null : toNumber(listing.feeRateMaker);
}

function listingLike(instrument: Instrument) {
  const market = marketOf(instrument.kind);
  return listingsOf(instrument.venue).find((other) => marketOf(other.instrument.kind) === market);
}
