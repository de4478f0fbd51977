// Bybit v5, unified account: linear perpetuals and spot are traded, inverse is read too. One object
// of pure functions over the files of this folder; it does no I/O, reads no clock and holds no
// state.
import { secondMs } from '../../base/time.ts';
import type { RateLimits, VenueSpec } from '../../domain/venue-spec.ts';
import { batches } from './batches.ts';
import { bookVerdict } from './book.ts';
import { decode } from './decode.ts';
import { orderEntry } from './order-entry.ts';
import { nextPage } from './pages.ts';
import { buckets } from './paths.ts';
import { decodeReply } from './reply.ts';
import { requests } from './requests.ts';
import { quoteScanner } from './scanner.ts';
import { recvWindowMs, sign } from './sign.ts';
import { privateStreams, publicStreams } from './streams.ts';
import { venueId } from './symbols.ts';

export { purposeOfPath } from './paths.ts';

export const bybit: VenueSpec = {
  id: venueId,
  name: 'Bybit',
  endpoints: {
    live: {
      http: { rest: 'https://api.bybit.com' },
      ws: {
        public: 'wss://stream.bybit.com',
        private: 'wss://stream.bybit.com',
        trade: 'wss://stream.bybit.com',
      },
    },
    testnet: {
      http: { rest: 'https://api-testnet.bybit.com' },
      ws: {
        public: 'wss://stream-testnet.bybit.com',
        private: 'wss://stream-testnet.bybit.com',
        trade: 'wss://stream-testnet.bybit.com',
      },
    },
    // Public data of the demo comes from the live market.
    demo: {
      http: { rest: 'https://api-demo.bybit.com' },
      ws: { public: 'wss://stream.bybit.com', private: 'wss://stream-demo.bybit.com' },
    },
  },
  rateLimits: { buckets, readHeaders },
  orderValidityMs: recvWindowMs,
  needsPassphrase: false,
  publicStreams,
  privateStreams: () => privateStreams(),
  orderEntry,
  batches,
  decode,
  quoteScanner,
  bookVerdict: (event, book) => bookVerdict(event, book),
  requests,
  nextPage,
  sign,
  decodeReply,
};

/**
 * `X-Bapi-Limit-Status` counts what is left of the limit of one path, which the headers do not
 * name: so nothing is told per bucket, only how long to wait once it is used up.
 */
function readHeaders(
  headers: Readonly<Record<string, string>>,
): ReturnType<RateLimits['readHeaders']> {
  const retryAfterS = wholeNumber(headers['retry-after']);
  if (retryAfterS !== null) return { used: {}, retryAfterMs: retryAfterS * secondMs };
  const left = wholeNumber(headers['x-bapi-limit-status']);
  const resetMs = wholeNumber(headers['x-bapi-limit-reset-timestamp']);
  const nowMs = wholeNumber(headers['timenow']);
  if (left !== 0 || resetMs === null || nowMs === null) return { used: {}, retryAfterMs: null };
  return { used: {}, retryAfterMs: Math.max(0, resetMs - nowMs) };
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
