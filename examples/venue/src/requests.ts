// Requests of Tidewater's REST API as data. Signed ones carry TW-KEY, TW-TIME and TW-SIGN, an
// HMAC-SHA256 over time, method, path, query and body.
import {
  type ApprovedOrder,
  type Credentials,
  formatDecimal,
  type HttpRequest,
  hmacSha256Hex,
  type Instrument,
  isPerp,
  type SnapshotScope,
  type VenueSpec,
} from 'funding-rate-arb/plugin';

export const buckets = {
  public: { capacity: 100, intervalMs: 1_000 },
  account: { capacity: 100, intervalMs: 1_000 },
  orders: { capacity: 50, intervalMs: 1_000 },
} as const;

function request(
  purpose: HttpRequest['purpose'],
  path: string,
  more: Partial<HttpRequest> = {},
): HttpRequest {
  return {
    ...{ purpose, host: 'rest', method: 'GET', path: `/v1/${path}`, query: '', body: null },
    ...{ headers: {}, auth: 'none', bucket: 'public', weight: 1, market: null },
    clientOrderId: null,
    ...more,
  };
}

function signed(
  purpose: HttpRequest['purpose'],
  path: string,
  more: Partial<HttpRequest> = {},
): HttpRequest {
  return request(purpose, path, { auth: 'signed', bucket: 'account', ...more });
}

const since = ({ sinceMs }: SnapshotScope): string => `since=${sinceMs}`;

export const requests: VenueSpec['requests'] = {
  serverTime: () => request('server-time', 'time'),
  instruments: () => [request('instruments', 'markets')],
  fundingRates: () => [request('funding-rates', 'funding')],
  fundingHistory: ({ symbol }, { fromMs, toMs }) =>
    request('funding-history', 'settlements', {
      query: `market=${symbol}&from=${fromMs}&to=${toMs}`,
    }),
  quotes: () => [request('quotes', 'quotes')],
  // The stream begins with the whole book.
  depth: () => null,
  feeRates: () => [signed('fee-rates', 'fees')],
  setup: (instruments, { leverage }) =>
    instruments
      .filter(({ kind }) => isPerp(kind))
      .map(({ symbol }) =>
        signed('setup', 'leverage', {
          method: 'POST',
          body: JSON.stringify({ market: symbol, leverage }),
        }),
      ),
  place,
  cancel: (clientOrderId, { symbol }) =>
    signed('cancel', 'orders', {
      ...{ method: 'DELETE', bucket: 'orders', clientOrderId },
      query: `market=${symbol}&id=${clientOrderId}`,
    }),
  queryOrder: (clientOrderId, { symbol }) => [
    signed('query-order', 'orders', {
      query: `market=${symbol}&id=${clientOrderId}`,
      clientOrderId,
    }),
  ],
  openOrders: () => [signed('open-orders', 'orders', { query: 'open=1' })],
  orderHistory: (scope) => [signed('order-history', 'orders', { query: since(scope) })],
  fills: (scope) => [signed('fills', 'fills', { query: since(scope) })],
  balances: () => [signed('balances', 'balances')],
  positions: () => [signed('positions', 'positions')],
  fundingPayments: (scope) => [signed('funding-payments', 'payments', { query: since(scope) })],
  accountConfig: () => [signed('account-config', 'account')],
};

function place(order: ApprovedOrder, { symbol, kind }: Instrument): HttpRequest {
  const { clientOrderId, side, qty, limit, timeInForce, reduceOnly } = order;
  const body = {
    ...{ market: symbol, id: clientOrderId, side, qty: formatDecimal(qty) },
    price: limit === null ? null : formatDecimal(limit),
    tif: timeInForce,
    reduce: reduceOnly && kind !== 'spot',
  };
  return signed('place', 'orders', {
    ...{ method: 'POST', bucket: 'orders', clientOrderId },
    body: JSON.stringify(body),
  });
}

export function proofOf(secret: string, parts: readonly string[]): string {
  return hmacSha256Hex(secret, parts.join('\n'));
}

export function sign(
  asked: HttpRequest,
  { key, secret }: Credentials,
  wallMs: number,
): HttpRequest {
  if (asked.auth !== 'signed') return asked;
  const time = String(Math.floor(wallMs));
  const { method, path, query, body } = asked;
  const proof = proofOf(secret, [time, method, path, query, body ?? '']);
  const headers = { ...asked.headers, 'TW-KEY': key, 'TW-TIME': time, 'TW-SIGN': proof };
  return { ...asked, headers };
}
