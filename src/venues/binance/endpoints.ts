// Base URLs and rate limits of Binance spot, USD-M and COIN-M futures. Every host can be overridden
// in the configuration, because sources differ on the testnet's stream hosts.
import { minuteMs, secondMs } from '../../base/time.ts';
import type { Endpoints, RateLimits } from '../../domain/venue-spec.ts';

/** Names in `Endpoints.http` and `Endpoints.ws`. */
export const hosts = {
  spot: 'spot',
  usdm: 'usdm',
  coinm: 'coinm',
  spotApi: 'spotApi',
  usdmApi: 'usdmApi',
  coinmApi: 'coinmApi',
} as const;
/** The host of a market's REST API and public streams. */
export const hostOfMarket = { spot: hosts.spot, linear: hosts.usdm, inverse: hosts.coinm } as const;

export const endpoints: Readonly<Record<'live' | 'testnet' | 'demo', Endpoints>> = {
  live: {
    http: {
      spot: 'https://api.binance.com',
      usdm: 'https://fapi.binance.com',
      coinm: 'https://dapi.binance.com',
    },
    ws: {
      spot: 'wss://stream.binance.com:9443',
      spotApi: 'wss://ws-api.binance.com',
      usdm: 'wss://fstream.binance.com',
      coinm: 'wss://dstream.binance.com',
      usdmApi: 'wss://ws-fapi.binance.com',
      coinmApi: 'wss://ws-dapi.binance.com',
    },
  },
  testnet: {
    http: {
      spot: 'https://testnet.binance.vision',
      usdm: 'https://testnet.binancefuture.com',
      coinm: 'https://testnet.binancefuture.com',
    },
    ws: {
      spot: 'wss://stream.testnet.binance.vision',
      spotApi: 'wss://ws-api.testnet.binance.vision',
      usdm: 'wss://fstream.binancefuture.com',
      coinm: 'wss://dstream.binancefuture.com',
      usdmApi: 'wss://testnet.binancefuture.com',
      coinmApi: 'wss://testnet.binancefuture.com',
    },
  },
  demo: {
    http: {
      spot: 'https://demo-api.binance.com',
      usdm: 'https://demo-fapi.binance.com',
      coinm: 'https://demo-dapi.binance.com',
    },
    ws: {
      spot: 'wss://demo-stream.binance.com',
      spotApi: 'wss://demo-ws-api.binance.com',
      usdm: 'wss://fstream.binancefuture.com',
      coinm: 'wss://dstream.binancefuture.com',
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
  coinmWeight: 'coinm-weight',
  coinmOrders: 'coinm-orders',
} as const;

/**
 * Documented limits; the orders bucket of USD-M carries 1,200 a minute evenly (200 per 10 s), which
 * also keeps under the 300 per 10 s. `fundingRate` and `fundingInfo` share one of their own.
 */
export const rateLimits: RateLimits = {
  // 300 in five minutes from an address: a start takes seven, what is lost backs off.
  connectsPerSecondMax: 8,
  buckets: {
    [buckets.spotWeight]: { capacity: 6_000, intervalMs: minuteMs },
    [buckets.spotOrders]: { capacity: 100, intervalMs: 10 * secondMs },
    [buckets.usdmWeight]: { capacity: 2_400, intervalMs: minuteMs },
    [buckets.usdmOrders]: { capacity: 200, intervalMs: 10 * secondMs },
    [buckets.usdmFunding]: { capacity: 500, intervalMs: 5 * minuteMs },
    [buckets.coinmWeight]: { capacity: 2_400, intervalMs: minuteMs },
    [buckets.coinmOrders]: { capacity: 200, intervalMs: 10 * secondMs },
  },
  addressBuckets: [
    buckets.spotWeight,
    buckets.usdmWeight,
    buckets.usdmFunding,
    buckets.coinmWeight,
  ],
  orderBuckets: [buckets.spotOrders, buckets.usdmOrders, buckets.coinmOrders],
  // From 2 minutes to 3 days, told in Retry-After.
  bansMs: { 418: 2 * minuteMs },
  readHeaders(headers, bucket) {
    const used: Record<string, number> = {};
    const { weight, orders } = countedIn(headers, bucket);
    put(used, weight, headers['x-mbx-used-weight-1m']);
    put(used, orders, headers['x-mbx-order-count-10s']);
    const retryAfterS = wholeNumber(headers['retry-after']);
    return { used, retryAfterMs: retryAfterS === null ? null : retryAfterS * secondMs };
  },
};

/**
 * Spot sends X-MBX-USED-WEIGHT beside X-MBX-USED-WEIGHT-1M, the futures only the latter; USD-M and
 * COIN-M count apart and name the count alike, so the request's own bucket tells them.
 */
function countedIn(headers: Readonly<Record<string, string>>, bucket: string | undefined) {
  if (headers['x-mbx-used-weight'] !== undefined) {
    return { weight: buckets.spotWeight, orders: buckets.spotOrders };
  }
  return bucket === buckets.coinmWeight || bucket === buckets.coinmOrders
    ? { weight: buckets.coinmWeight, orders: buckets.coinmOrders }
    : { weight: buckets.usdmWeight, orders: buckets.usdmOrders };
}

function put(used: Record<string, number>, bucket: string, text: string | undefined): void {
  const value = wholeNumber(text);
  if (value !== null) used[bucket] = value;
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : null;
}
