// Hyperliquid: linear perpetuals of the main exchange (settled in USDC, funding hourly on the
// oracle price) and spot. Actions are signed with a wallet's key instead of an API secret. One
// object of pure functions over the files of this folder; it does no I/O, reads no clock and holds
// no state.
import { secondMs } from '../../base/time.ts';
import type { VenueSpec } from '../../domain/venue-spec.ts';
import { bars } from './bars.ts';
import { batches } from './batches.ts';
import { bookVerdict } from './book.ts';
import { decode } from './decode.ts';
import { buckets } from './info.ts';
import { venueId } from './names.ts';
import { orderEntry } from './order-entry.ts';
import { nextPage } from './pages.ts';
import { decodeReply } from './reply.ts';
import { requests } from './requests.ts';
import { quoteScanner } from './scanner.ts';
import { actionValidityMs, sign } from './sign.ts';
import { privateStreams, publicStreams } from './streams.ts';

export { purposeOfPath } from './info.ts';

export const hyperliquid: VenueSpec = {
  id: venueId,
  name: 'Hyperliquid',
  endpoints: {
    live: {
      http: { rest: 'https://api.hyperliquid.xyz' },
      ws: { public: 'wss://api.hyperliquid.xyz', private: 'wss://api.hyperliquid.xyz' },
    },
    // Needs the passphrase "testnet": see sign.ts.
    testnet: {
      http: { rest: 'https://api.hyperliquid-testnet.xyz' },
      ws: {
        public: 'wss://api.hyperliquid-testnet.xyz',
        private: 'wss://api.hyperliquid-testnet.xyz',
      },
    },
  },
  rateLimits: {
    buckets,
    readHeaders,
    orderBuckets: Object.keys(buckets),
    addressBuckets: Object.keys(buckets),
  },
  orderValidityMs: actionValidityMs,
  needsPassphrase: false,
  publicStreams,
  privateStreams: () => privateStreams(),
  orderEntry,
  batches,
  bars,
  decode: (bytes, _source, catalog) => decode(bytes, catalog),
  quoteScanner: (_source, catalog) => quoteScanner(catalog),
  bookVerdict: (event, book) => bookVerdict(event, book),
  requests,
  nextPage,
  sign,
  decodeReply,
};

/** The venue says nothing of what was used; a proxy in front of it may say how long to wait. */
function readHeaders(headers: Readonly<Record<string, string>>): {
  readonly used: Readonly<Record<string, number>>;
  readonly retryAfterMs: number | null;
} {
  const seconds = headers['retry-after'];
  const isWhole = seconds !== undefined && /^\d{1,6}$/.test(seconds);
  return { used: {}, retryAfterMs: isWhole ? Number(seconds) * secondMs : null };
}
