// The REST paths that the adapter uses, each with what it is for, its rate window and how its
// listing is paged. Limits are per user (or address) of the v5 manual; order limits there are per
// instrument, and held here for the account as a whole.
import type { RequestPurpose } from '../../domain/venue-spec.ts';

export interface Endpoint {
  readonly purpose: RequestPurpose;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly bucket: string;
  /** Calls per window. */
  readonly callsMax: number;
  readonly windowMs: number;
  readonly signed: boolean;
  /** Field of the last row that `after` continues from. */
  readonly cursor: string | null;
}

const rows = {
  time: ['server-time', 'GET', 'public/time', 10, 2_000, 'public'],
  instruments: ['instruments', 'GET', 'public/instruments', 20, 2_000, 'public'],
  fundingRate: ['funding-rates', 'GET', 'public/funding-rate', 10, 2_000, 'public'],
  fundingHistory: [
    'funding-history',
    'GET',
    'public/funding-rate-history',
    10,
    2_000,
    'public',
    'fundingTime',
  ],
  candles: ['bars', 'GET', 'market/history-candles', 20, 2_000, 'public'],
  markCandles: ['bars', 'GET', 'market/history-mark-price-candles', 10, 2_000, 'public'],
  indexCandles: ['bars', 'GET', 'market/history-index-candles', 10, 2_000, 'public'],
  markPrice: ['quotes', 'GET', 'public/mark-price', 10, 2_000, 'public'],
  tickers: ['quotes', 'GET', 'market/tickers', 20, 2_000, 'public'],
  ticker: ['quotes', 'GET', 'market/ticker', 20, 2_000, 'public'],
  indexTickers: ['quotes', 'GET', 'market/index-tickers', 20, 2_000, 'public'],
  books: ['depth', 'GET', 'market/books', 40, 2_000, 'public'],
  tradeFee: ['fee-rates', 'GET', 'account/trade-fee', 5, 2_000, 'signed'],
  positionTiers: ['margin-tiers', 'GET', 'public/position-tiers', 10, 2_000, 'public'],
  interestRate: ['borrow-rates', 'GET', 'account/interest-rate', 5, 2_000, 'signed'],
  config: ['account-config', 'GET', 'account/config', 5, 2_000, 'signed'],
  setPositionMode: ['setup', 'POST', 'account/set-position-mode', 5, 2_000, 'signed'],
  setLeverage: ['setup', 'POST', 'account/set-leverage', 20, 2_000, 'signed'],
  place: ['place', 'POST', 'trade/order', 60, 2_000, 'signed'],
  cancel: ['cancel', 'POST', 'trade/cancel-order', 60, 2_000, 'signed'],
  batchPlace: ['place', 'POST', 'trade/batch-orders', 300, 2_000, 'signed'],
  batchCancel: ['cancel', 'POST', 'trade/cancel-batch-orders', 300, 2_000, 'signed'],
  deadMan: ['setup', 'POST', 'trade/cancel-all-after', 1, 1_000, 'signed'],
  order: ['query-order', 'GET', 'trade/order', 60, 2_000, 'signed'],
  pending: ['open-orders', 'GET', 'trade/orders-pending', 60, 2_000, 'signed', 'ordId'],
  history: ['order-history', 'GET', 'trade/orders-history', 40, 2_000, 'signed', 'ordId'],
  historyArchive: [
    'order-history',
    'GET',
    'trade/orders-history-archive',
    20,
    2_000,
    'signed',
    'ordId',
  ],
  fills: ['fills', 'GET', 'trade/fills', 60, 2_000, 'signed', 'billId'],
  fillsHistory: ['fills', 'GET', 'trade/fills-history', 10, 2_000, 'signed', 'billId'],
  balance: ['balances', 'GET', 'account/balance', 10, 2_000, 'signed'],
  positions: ['positions', 'GET', 'account/positions', 10, 2_000, 'signed'],
  bills: ['funding-payments', 'GET', 'account/bills', 5, 1_000, 'signed', 'billId'],
  billsArchive: ['funding-payments', 'GET', 'account/bills-archive', 5, 2_000, 'signed', 'billId'],
} as const satisfies Readonly<
  Record<
    string,
    readonly [RequestPurpose, 'GET' | 'POST', string, number, number, 'public' | 'signed', string?]
  >
>;

export type EndpointName = keyof typeof rows;

const apiRoot = '/api/v5/';

export function endpoint(name: EndpointName): Endpoint {
  const [purpose, method, path, callsMax, windowMs, access, cursor] = rows[name];
  return {
    purpose,
    method,
    path: apiRoot + path,
    bucket: name,
    callsMax,
    windowMs,
    signed: access === 'signed',
    cursor: cursor ?? null,
  };
}

export const endpoints: readonly Endpoint[] = Object.keys(rows).map(
  (name) => endpoint(name as EndpointName), // the keys of `rows` are its names
);

/**
 * What a request is for, from its method and path alone (a query is ignored); null = unknown path.
 */
export function purposeOfPath(method: string, path: string): RequestPurpose | null {
  return endpointOfPath(method, path)?.purpose ?? null;
}

export function endpointOfPath(method: string, path: string): Endpoint | null {
  const bare = path.split('?')[0];
  const wanted = method.toUpperCase();
  return endpoints.find((known) => known.path === bare && known.method === wanted) ?? null;
}

export const cursorOfPath: ReadonlyMap<string, string> = new Map(
  endpoints.flatMap((known) => (known.cursor === null ? [] : [[known.path, known.cursor]])),
);
