// Base URLs and rate limits of Binance spot and USD-M futures. Every host can be overridden in the
// configuration, because sources differ on the testnet's stream hosts.
import { minuteMs, secondMs } from '../../base/time.ts';
import type { Endpoints, RateLimits } from '../../domain/venue-spec.ts';

/** Names in `Endpoints.http` and `Endpoints.ws`. */
export const hosts = { spot: 'spot', usdm: 'usdm', spotApi: 'spotApi' } as const;

export const endpoints: Readonly<Record<'live' | 'testnet' | 'demo', Endpoints>> = {
  live: {
    http: { spot: 'https://api.binance.com', usdm: 'https://fapi.binance.com' },
    ws: {
      spot: 'wss://stream.binance.com:9443',
      spotApi: 'wss://ws-api.binance.com',
      usdm: 'wss://fstream.binance.com',
    },
  },
  testnet: {
    http: { spot: 'https://testnet.binance.vision', usdm: 'https://testnet.binancefuture.com' },
    ws: {
      spot: 'wss://stream.testnet.binance.vision',
      spotApi: 'wss://ws-api.testnet.binance.vision',
      usdm: 'wss://fstream.binancefuture.com',
    },
  },
  demo: {
    http: { spot: 'https://demo-api.binance.com', usdm: 'https://demo-fapi.binance.com' },
    ws: {
      spot: 'wss://demo-stream.binance.com',
      spotApi: 'wss://demo-ws-api.binance.com',
      usdm: 'wss://fstream.binancefuture.com',
    },
  },
};

/** Names of the rate-limit buckets. */
export const buckets = {
  spotWeight: 'spot-weight',
  spotOrders: 'spot-orders',
  usdmWeight: 'usdm-weight',
  usdmOrders: 'usdm-orders',
  usdmFunding: 'usdm-funding',
} as const;

/**
 * Documented limits; the orders bucket of USD-M carries 1,200 a minute evenly (200 per 10 s), which
 * also keeps under the 300 per 10 s. `fundingRate` and `fundingInfo` share one of their own.
 */
export const rateLimits: RateLimits = {
  buckets: {
    [buckets.spotWeight]: { capacity: 6_000, intervalMs: minuteMs },
    [buckets.spotOrders]: { capacity: 100, intervalMs: 10 * secondMs },
    [buckets.usdmWeight]: { capacity: 2_400, intervalMs: minuteMs },
    [buckets.usdmOrders]: { capacity: 200, intervalMs: 10 * secondMs },
    [buckets.usdmFunding]: { capacity: 500, intervalMs: 5 * minuteMs },
  },
  readHeaders(headers) {
    const used: Record<string, number> = {};
    // Spot sends X-MBX-USED-WEIGHT beside X-MBX-USED-WEIGHT-1M, USD-M only the latter.
    const isSpot = headers['x-mbx-used-weight'] !== undefined;
    put(used, isSpot ? buckets.spotWeight : buckets.usdmWeight, headers['x-mbx-used-weight-1m']);
    put(used, isSpot ? buckets.spotOrders : buckets.usdmOrders, headers['x-mbx-order-count-10s']);
    const retryAfterS = wholeNumber(headers['retry-after']);
    return { used, retryAfterMs: retryAfterS === null ? null : retryAfterS * secondMs };
  },
};

function put(used: Record<string, number>, bucket: string, text: string | undefined): void {
  const value = wholeNumber(text);
  if (value !== null) used[bucket] = value;
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : null;
}
