// Bybit v5, unified account: linear perpetuals and spot are traded, inverse is read too. One object
// of pure functions over the files of this folder; it does no I/O, reads no clock and holds no
// state.
import { minuteMs, secondMs } from '../../base/time.ts';
import type { RateLimits, VenueSpec } from '../../domain/venue-spec.ts';
import { bars } from './bars.ts';
import { batches } from './batches.ts';
import { bookVerdict } from './book.ts';
import { decode } from './decode.ts';
import { depthScanner } from './depth-scanner.ts';
import { endpoints } from './hosts.ts';
import { orderEntry } from './order-entry.ts';
import { nextPage } from './pages.ts';
import { buckets } from './paths.ts';
import { decodeReply } from './reply.ts';
import { requests } from './requests.ts';
import { quoteScanner } from './scanner.ts';
import { recvWindowMs, sign } from './sign.ts';
import { privateStreams, publicStreams } from './streams.ts';
import { venueId } from './symbols.ts';

export { decodeTickerQuote } from './market.ts';
export { purposeOfPath } from './paths.ts';

export const bybit: VenueSpec = {
  id: venueId,
  name: 'Bybit',
  endpoints,
  rateLimits: {
    // 500 in five minutes from an address.
    connectsPerSecondMax: 8,
    buckets,
    readHeaders,
    addressBuckets: ['public'],
    orderBuckets: ['orders-linear', 'orders-spot', 'orders-inverse'],
    // The limit per address.
    bansMs: { 403: 10 * minuteMs },
  },
  orderValidityMs: recvWindowMs,
  needsPassphrase: false,
  publicStreams,
  privateStreams: () => privateStreams(),
  orderEntry,
  batches,
  bars,
  decode,
  quoteScanner,
  depthScanner,
  bookVerdict: (event, book) => bookVerdict(event, book),
  requests,
  nextPage,
  sign,
  decodeReply,
};

/**
 * `X-Bapi-Limit-Status` is what is left of the limit (`X-Bapi-Limit`) of the request's path, so it
 * is told for the bucket that the request counted in, where that is one of orders.
 */
function readHeaders(
  headers: Readonly<Record<string, string>>,
  bucket?: string,
): ReturnType<RateLimits['readHeaders']> {
  const limit = wholeNumber(headers['x-bapi-limit']);
  const left = wholeNumber(headers['x-bapi-limit-status']);
  const used: Record<string, number> = {};
  if (bucket?.startsWith('orders-') && limit !== null && left !== null) {
    used[bucket] = Math.max(0, limit - left);
  }
  const retryAfterS = wholeNumber(headers['retry-after']);
  if (retryAfterS !== null) return { used, retryAfterMs: retryAfterS * secondMs };
  const resetMs = wholeNumber(headers['x-bapi-limit-reset-timestamp']);
  const nowMs = wholeNumber(headers['timenow']);
  if (left !== 0 || resetMs === null || nowMs === null) return { used, retryAfterMs: null };
  return { used, retryAfterMs: Math.max(0, resetMs - nowMs) };
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
