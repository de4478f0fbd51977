// OKX v5: spot and perpetual swaps (USDT- and coin-margined). One object of pure functions over the
// files of this folder; it does no I/O and holds no state.
import type { VenueSpec } from '../../domain/venue-spec.ts';
import { bars } from './bars.ts';
import { batches } from './batches.ts';
import { bookVerdict } from './book.ts';
import { decode } from './decode.ts';
import { depthScanner } from './depth-scanner.ts';
import { endpoints as hosts } from './hosts.ts';
import { venue } from './names.ts';
import { orderEntry } from './order-entry.ts';
import { endpoints } from './paths.ts';
import { decodeReply, nextPage } from './reply.ts';
import { makeRequests, type RequestOptions } from './requests.ts';
import { quoteScanner } from './scanner.ts';
import { orderValidityMs, sign } from './sign.ts';
import { privateStreams, publicStreams } from './streams.ts';

export { purposeOfPath } from './paths.ts';
export { referenceInstrument, referenceInstruments, unsizedInstrument } from './reference.ts';

export const okx: VenueSpec = makeOkx({ spotTradeMode: 'cash' });

export function makeOkx(options: RequestOptions): VenueSpec {
  return {
    id: venue,
    name: 'OKX',
    endpoints: hosts,
    rateLimits: {
      buckets: Object.fromEntries(
        endpoints.map(({ bucket, callsMax, windowMs }) => [
          bucket,
          { capacity: callsMax, intervalMs: windowMs },
        ]),
      ),
      orderBuckets: ['place', 'batchPlace'],
      addressBuckets: endpoints.filter(({ signed }) => !signed).map(({ bucket }) => bucket),
      // OKX counts by itself and says so only with 50011.
      readHeaders: (headers) => ({ used: {}, retryAfterMs: retryAfterOf(headers) }),
    },
    orderValidityMs,
    needsPassphrase: true,
    publicStreams,
    privateStreams: () => privateStreams(),
    orderEntry,
    batches,
    bars,
    decode: (bytes, _source, catalog) => decode(bytes, catalog),
    quoteScanner: (_source, catalog) => quoteScanner(catalog),
    depthScanner: (_source, catalog) => depthScanner(catalog),
    bookVerdict: (event, book) => bookVerdict(event, book),
    requests: makeRequests(options),
    nextPage,
    sign,
    decodeReply,
  };
}

function retryAfterOf(headers: Readonly<Record<string, string>>): number | null {
  const seconds = headers['retry-after'];
  return seconds !== undefined && /^\d{1,5}$/.test(seconds) ? Number(seconds) * 1_000 : null;
}
