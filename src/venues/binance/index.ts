// Binance spot, USD-M and COIN-M futures as one venue: pure functions only, no I/O, no state, no
// clock.
import type { VenueSpec } from '../../domain/venue-spec.ts';
import { bars } from './bars.ts';
import { batches } from './batches.ts';
import { bookVerdict } from './book.ts';
import { depthScanner } from './depth-scanner.ts';
import { endpoints, rateLimits } from './endpoints.ts';
import { decode } from './frames.ts';
import { orderEntry } from './order-entry.ts';
import { nextPage } from './pages.ts';
import { decodeReply } from './replies.ts';
import { requests } from './requests.ts';
import { quoteScanner } from './scanner.ts';
import { recvWindowMs, sign } from './sign.ts';
import { privateStreams, publicStreams } from './streams.ts';
import { venueId } from './symbols.ts';

export { purposeOfPath } from './paths.ts';
export { isCoinMargined, walletOfMarket } from './symbols.ts';

export const binance: VenueSpec = {
  id: venueId,
  name: 'Binance',
  endpoints,
  rateLimits,
  orderValidityMs: recvWindowMs,
  needsPassphrase: false,
  publicStreams,
  privateStreams,
  orderEntry,
  batches,
  bars,
  decode,
  quoteScanner,
  depthScanner,
  bookVerdict,
  requests,
  nextPage,
  sign,
  decodeReply,
};
