// The REST paths of the v5 API that this adapter knows: what each is for, which rate limit it
// counts in. The path alone decides how a reply is decoded, so a recorded payload with "GET /path"
// is enough.
import { secondMs } from '../../base/time.ts';
import type { RateLimits, RequestPurpose } from '../../domain/venue-spec.ts';

/** Documented limits per account (orders, reads) and per address (public, all others). */
export const buckets: RateLimits['buckets'] = {
  'orders-linear': { capacity: 10, intervalMs: secondMs },
  'orders-inverse': { capacity: 10, intervalMs: secondMs },
  'orders-spot': { capacity: 20, intervalMs: secondMs },
  reads: { capacity: 50, intervalMs: secondMs },
  settings: { capacity: 10, intervalMs: secondMs },
  // One call per symbol: it shares no limit with the modes.
  leverage: { capacity: 10, intervalMs: secondMs },
  // user/query-api and account/info have less than other reads, and so has fee-rate, by itself.
  'slow-reads': { capacity: 5, intervalMs: secondMs },
  'fee-rates': { capacity: 5, intervalMs: secondMs },
  // 600 in 5 s and address, then a ban of 10 minutes: kept well below.
  public: { capacity: 400, intervalMs: 5 * secondMs },
};

export type ReadBucket =
  | ('reads' | 'settings' | 'leverage')
  | ('slow-reads' | 'fee-rates' | 'public');

export interface PathFacts {
  readonly purpose: RequestPurpose;
  /** Orders count per market: `orders-<market>`. */
  readonly bucket: ReadBucket | 'orders';
}

const facts: Readonly<Record<string, PathFacts>> = {
  'GET /v5/market/time': { purpose: 'server-time', bucket: 'public' },
  'GET /v5/market/instruments-info': { purpose: 'instruments', bucket: 'public' },
  // One row has quote, mark and funding: the purpose of the request is whichever it was sent for.
  'GET /v5/market/tickers': { purpose: 'funding-rates', bucket: 'public' },
  'GET /v5/market/funding/history': { purpose: 'funding-history', bucket: 'public' },
  'GET /v5/market/kline': { purpose: 'bars', bucket: 'public' },
  'GET /v5/market/mark-price-kline': { purpose: 'bars', bucket: 'public' },
  'GET /v5/market/index-price-kline': { purpose: 'bars', bucket: 'public' },
  'GET /v5/market/recent-trade': { purpose: 'quotes', bucket: 'public' },
  'GET /v5/market/orderbook': { purpose: 'depth', bucket: 'public' },
  'GET /v5/account/fee-rate': { purpose: 'fee-rates', bucket: 'fee-rates' },
  'GET /v5/market/risk-limit': { purpose: 'margin-tiers', bucket: 'public' },
  'GET /v5/spot-margin-trade/data': { purpose: 'borrow-rates', bucket: 'public' },
  'POST /v5/position/switch-mode': { purpose: 'setup', bucket: 'settings' },
  'POST /v5/position/switch-isolated': { purpose: 'setup', bucket: 'settings' },
  'POST /v5/position/set-leverage': { purpose: 'setup', bucket: 'leverage' },
  'POST /v5/account/set-margin-mode': { purpose: 'setup', bucket: 'settings' },
  'POST /v5/order/create': { purpose: 'place', bucket: 'orders' },
  'POST /v5/order/create-batch': { purpose: 'place', bucket: 'orders' },
  'POST /v5/order/cancel': { purpose: 'cancel', bucket: 'orders' },
  'POST /v5/order/cancel-batch': { purpose: 'cancel', bucket: 'orders' },
  'POST /v5/order/cancel-all': { purpose: 'cancel', bucket: 'orders' },
  'GET /v5/order/realtime': { purpose: 'open-orders', bucket: 'reads' },
  'GET /v5/order/history': { purpose: 'order-history', bucket: 'reads' },
  'GET /v5/execution/list': { purpose: 'fills', bucket: 'reads' },
  'GET /v5/account/wallet-balance': { purpose: 'balances', bucket: 'reads' },
  'GET /v5/position/list': { purpose: 'positions', bucket: 'reads' },
  'GET /v5/account/transaction-log': { purpose: 'funding-payments', bucket: 'reads' },
  'GET /v5/account/info': { purpose: 'account-config', bucket: 'slow-reads' },
  'GET /v5/user/query-api': { purpose: 'account-config', bucket: 'slow-reads' },
};

/** What the request is for, or null for a path that this adapter does not read. */
export function purposeOfPath(method: string, path: string): RequestPurpose | null {
  return factsOfPath(method, path)?.purpose ?? null;
}

export function factsOfPath(method: string, path: string): PathFacts | null {
  const key = `${method.toUpperCase()} ${path.split('?')[0]}`;
  return Object.hasOwn(facts, key) ? (facts[key] as PathFacts) : null;
}
