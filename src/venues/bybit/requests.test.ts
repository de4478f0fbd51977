import { describe, expect, test } from 'vitest';
import { fixture, fixtureCatalog } from '../../../test/support/bybit-fixtures.ts';
import { decimal } from '../../base/decimal.ts';
import { hmacSha256Hex } from '../../base/hmac.ts';
import { dayMs } from '../../base/time.ts';
import type { Instrument, Market } from '../../domain/instrument.ts';
import type { ApprovedOrder, OrderDraft } from '../../domain/order.ts';
import type { HttpRequest } from '../../domain/venue-spec.ts';
import { bybit, purposeOfPath } from './index.ts';
import { loginMessage } from './sign.ts';

const catalog = fixtureCatalog();
const listed = (market: Market, symbol: string): Instrument => {
  const instrument = catalog.bySymbol('bybit', market, symbol);
  if (instrument === undefined) throw new Error(`not listed: ${symbol}`);
  return instrument;
};
const perp = listed('linear', 'BTCUSDT');
const pepe = listed('linear', '1000PEPEUSDT');
const spot = listed('spot', 'BTCUSDT');
const credentials = { key: 'key', secret: 'secret' };

function order(over: Partial<OrderDraft>): ApprovedOrder {
  const draft: OrderDraft = {
    clientOrderId: 'farb1A2B0001L',
    venue: 'bybit',
    instrument: perp.id,
    side: 'buy',
    qty: decimal('0.5'),
    limit: decimal('64000.1'),
    timeInForce: 'gtc',
    reduceOnly: false,
    purpose: 'entry',
    pairId: 'p1',
    arrivalMid: 64000,
    ...over,
  };
  return draft as ApprovedOrder; // a test stands in for risk
}

function bodyOf(request: HttpRequest): unknown {
  return JSON.parse(request.body ?? 'null');
}

describe('orders', () => {
  test('a limit order on a perpetual', () => {
    const request = bybit.requests.place(order({ timeInForce: 'post-only' }), perp);
    expect(request).toMatchObject({
      purpose: 'place',
      method: 'POST',
      path: '/v5/order/create',
      auth: 'signed',
      bucket: 'orders-linear',
      market: 'linear',
      clientOrderId: 'farb1A2B0001L',
    });
    expect(bodyOf(request)).toEqual({
      category: 'linear',
      symbol: 'BTCUSDT',
      side: 'Buy',
      orderType: 'Limit',
      qty: '0.5',
      price: '64000.1',
      timeInForce: 'PostOnly',
      orderLinkId: 'farb1A2B0001L',
      positionIdx: 0,
    });
  });

  test('coins and prices per coin leave as contracts of 1000', () => {
    const draft = order({
      side: 'sell',
      qty: decimal('300000'),
      limit: decimal('0.000012346'),
      timeInForce: 'ioc',
      reduceOnly: true,
    });
    expect(bodyOf(bybit.requests.place(draft, pepe))).toMatchObject({
      symbol: '1000PEPEUSDT',
      qty: '300',
      price: '0.012346',
      timeInForce: 'IOC',
      reduceOnly: true,
    });
  });

  test('a spot market buy counts in the base coin and never borrows', () => {
    const request = bybit.requests.place(order({ limit: null, reduceOnly: true }), spot);
    expect(request.bucket).toBe('orders-spot');
    expect(bodyOf(request)).toEqual({
      category: 'spot',
      symbol: 'BTCUSDT',
      side: 'Buy',
      orderType: 'Market',
      qty: '0.5',
      timeInForce: 'IOC',
      orderLinkId: 'farb1A2B0001L',
      marketUnit: 'baseCoin',
      isLeverage: 0,
    });
  });

  test.each(['', 'a'.repeat(37), 'with space', 'ä'])('the client id %j is refused', (id) => {
    expect(() => bybit.requests.place(order({ clientOrderId: id }), perp)).toThrow(/client id/);
  });

  test('an order is asked for among the live, the ended and the executions', () => {
    const queries = bybit.requests.queryOrder('farb1', perp);
    expect(queries.map(({ purpose, path }) => [purpose, path])).toEqual([
      ['query-order', '/v5/order/realtime'],
      ['query-order', '/v5/order/history'],
      ['fills', '/v5/execution/list'],
    ]);
    for (const { query, clientOrderId } of queries) {
      expect(query).toBe('category=linear&symbol=BTCUSDT&orderLinkId=farb1');
      expect(clientOrderId).toBe('farb1');
    }
  });

  test('a cancel names the client id', () => {
    expect(bodyOf(bybit.requests.cancel('farb1', spot))).toEqual({
      category: 'spot',
      symbol: 'BTCUSDT',
      orderLinkId: 'farb1',
    });
  });
});

describe('set-up and listings', () => {
  test('cross margin, one-way mode, leverage on both sides and within the maximum', () => {
    const requests = bybit.requests.setup([perp, spot, pepe], { leverage: 80 });
    expect(requests.map(({ path }) => path)).toEqual([
      '/v5/account/set-margin-mode',
      '/v5/position/switch-mode',
      '/v5/position/set-leverage',
      '/v5/position/set-leverage',
    ]);
    expect(bodyOf(requests[2] as HttpRequest)).toMatchObject({
      buyLeverage: '80',
      sellLeverage: '80',
    });
    expect(bodyOf(requests[3] as HttpRequest)).toMatchObject({
      symbol: '1000PEPEUSDT',
      buyLeverage: '75',
    });
  });

  test('linear listings name their settle coin, spot does not', () => {
    const requests = bybit.requests.openOrders([perp, pepe, spot]);
    expect(requests.map(({ query }) => query)).toEqual([
      'category=linear&settleCoin=USDT&openOnly=0&limit=50',
      'category=spot&openOnly=0&limit=50',
    ]);
    expect(bybit.requests.positions([perp, spot]).map(({ query }) => query)).toEqual([
      'category=linear&settleCoin=USDT&limit=200',
    ]);
  });

  test('a history of rates always has both ends', () => {
    const { query } = bybit.requests.fundingHistory(perp, { fromMs: 1000.5, toMs: 2000.5 });
    expect(query).toBe('category=linear&symbol=BTCUSDT&startTime=1000&endTime=2001&limit=200');
  });

  test('funding payments come from executions alone, the ledger’s one source', () => {
    const scope = { instruments: [perp, spot], sinceMs: 1_000 };
    const requests = bybit.requests.fundingPayments(scope);
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ purpose: 'funding-payments', path: '/v5/execution/list' });
    expect(requests[0]?.query).toContain('execType=Funding');
  });

  test('every purpose can be found from its path', () => {
    const { requests } = bybit;
    const scope = { instruments: [perp, spot], sinceMs: 0 };
    const made = [
      requests.serverTime(),
      ...requests.instruments(),
      ...requests.fundingRates([perp]),
      requests.fundingHistory(perp, { fromMs: 0, toMs: 1 }),
      ...requests.feeRates([perp, spot]),
      ...requests.setup([perp], { leverage: 2 }),
      ...requests.openOrders([perp]),
      ...requests.orderHistory(scope),
      ...requests.fills(scope),
      ...requests.balances(),
      ...requests.positions([perp]),
      ...requests.accountConfig(),
    ];
    for (const { method, path, purpose } of made) expect(purposeOfPath(method, path)).toBe(purpose);
    expect(purposeOfPath('get', '/v5/market/tickers?category=linear')).toBe('funding-rates');
    expect(purposeOfPath('GET', '/v5/unknown')).toBeNull();
  });
});

describe('signing', () => {
  test('a read signs time, key, window and query', () => {
    const [request] = bybit.requests.balances();
    const signed = bybit.sign(request as HttpRequest, credentials, 1_764_000_000_000.9);
    expect(signed.headers).toEqual({
      'X-BAPI-API-KEY': 'key',
      'X-BAPI-TIMESTAMP': '1764000000000',
      'X-BAPI-RECV-WINDOW': '5000',
      'X-BAPI-SIGN': hmacSha256Hex('secret', '1764000000000key5000accountType=UNIFIED'),
    });
  });

  test('an order signs exactly the body that is sent', () => {
    const request = bybit.requests.place(order({}), perp);
    const signed = bybit.sign(request, credentials, 1_764_000_000_000);
    expect(signed.body).toBe(request.body);
    expect(signed.headers['X-BAPI-SIGN']).toBe(
      hmacSha256Hex('secret', `1764000000000key5000${request.body}`),
    );
  });

  test('public requests stay as they are', () => {
    const request = bybit.requests.serverTime();
    expect(bybit.sign(request, credentials, 1)).toBe(request);
  });

  test('the login signs a time in the near future', () => {
    expect(JSON.parse(loginMessage(credentials, 1_764_000_000_000))).toEqual({
      op: 'auth',
      args: ['key', 1_764_000_010_000, hmacSha256Hex('secret', 'GET/realtime1764000010000')],
    });
  });
});

describe('pages', () => {
  const [history] = bybit.requests.fills({ instruments: [perp], sinceMs: 1_000_000 });
  const page = (result: object, time: number): string =>
    JSON.stringify({ retCode: 0, retMsg: 'OK', result, retExtInfo: {}, time });

  test('a cursor goes on as it came, and the same cursor ends the listing', () => {
    const request = bybit.requests.instruments()[0] as HttpRequest;
    const next = bybit.nextPage(request, fixture('rest-instruments-linear'));
    expect(next?.query).toBe('category=linear&limit=1000&cursor=first%3DXUSDT%26last%3DXUSDT');
    expect(bybit.nextPage(next as HttpRequest, fixture('rest-instruments-linear'))).toBeNull();
    expect(bybit.nextPage(request, fixture('rest-instruments-inverse'))).toBeNull();
  });

  test('an exhausted window is followed by the next until the venue’s own time', () => {
    const end = 1_000_000 + 7 * dayMs;
    expect(history?.query).toContain(`startTime=1000000&endTime=${end}`);
    const empty = { nextPageCursor: '', list: [] };
    const next = bybit.nextPage(history as HttpRequest, page(empty, end + 1));
    expect(next?.query).toBe(
      `category=linear&startTime=${end}&endTime=${end + 7 * dayMs}&limit=100`,
    );
    expect(bybit.nextPage(next as HttpRequest, page(empty, end + 1))).toBeNull();
    expect(bybit.nextPage(history as HttpRequest, page(empty, end))).toBeNull();
  });

  test('inside a window the cursor goes first; an empty page with a cursor is exhausted', () => {
    const now = 1_000_000;
    const some = { nextPageCursor: 'a%3A1', list: [{}] };
    const next = bybit.nextPage(history as HttpRequest, page(some, now));
    expect(next?.query).toContain('&cursor=a%3A1');
    const last = { nextPageCursor: 'b%3A1', list: [] };
    expect(bybit.nextPage(next as HttpRequest, page(last, now))).toBeNull();
  });

  test('rates come newest first: a full page goes on before its oldest', () => {
    const request = bybit.requests.fundingHistory(perp, { fromMs: 1, toMs: 10_000 });
    const rows = (n: number) =>
      Array.from({ length: n }, (_, i) => ({ fundingRateTimestamp: String(10_000 - i) }));
    const next = bybit.nextPage(request, page({ list: rows(200) }, 1));
    expect(next?.query).toContain('startTime=1&endTime=9800');
    expect(bybit.nextPage(request, page({ list: rows(199) }, 1))).toBeNull();
  });

  test.each(['', 'null', '[]', '{"retCode":10006}', '<html>'])('%j has no next page', (body) => {
    expect(bybit.nextPage(history as HttpRequest, body)).toBeNull();
  });
});

describe('streams', () => {
  test('one connection per market; a spot message has at most 10 topics', () => {
    const spots = Array.from({ length: 12 }, (_, i) => ({ ...spot, symbol: `A${i}USDT` }));
    const streams = bybit.publicStreams([perp, ...spots], { depth: true });
    expect(streams.map(({ name, path }) => [name, path])).toEqual([
      ['public-linear-1', '/v5/public/linear'],
      ['public-spot-1', '/v5/public/spot'],
    ]);
    expect(streams[0]?.subscribe).toEqual([
      '{"op":"subscribe","args":["orderbook.1.BTCUSDT","orderbook.50.BTCUSDT","tickers.BTCUSDT"]}',
    ]);
    for (const message of streams[1]?.subscribe ?? []) {
      expect(JSON.parse(message).args.length).toBeLessThanOrEqual(10);
    }
  });

  test('a connection keeps below 21,000 characters of topics', () => {
    const many = Array.from({ length: 600 }, (_, i) => ({ ...perp, symbol: `LONGNAME${i}USDT` }));
    const streams = bybit.publicStreams(many, { depth: true });
    expect(streams.length).toBeGreaterThan(1);
    for (const { subscribe } of streams) expect(subscribe.join('').length).toBeLessThan(21_000);
  });

  test('the private connection logs in and subscribes all four topics', () => {
    const [stream] = bybit.privateStreams([]);
    expect(stream).toMatchObject({ path: '/v5/private', access: 'private' });
    expect(stream?.heartbeat).toEqual({ text: '{"op":"ping"}', everyMs: 20_000 });
    expect(stream?.subscribe).toEqual([
      '{"op":"subscribe","args":["order","execution","position","wallet"]}',
    ]);
  });
});

test.each([
  [{ 'x-bapi-limit-status': '9', 'x-bapi-limit-reset-timestamp': '1500', timenow: '1000' }, null],
  [{ 'x-bapi-limit-status': '0', 'x-bapi-limit-reset-timestamp': '1500', timenow: '1000' }, 500],
  [{ 'x-bapi-limit-status': '0', 'x-bapi-limit-reset-timestamp': 'x' }, null],
  [{ 'retry-after': '3' }, 3_000],
  [{}, null],
])('the rate headers %j mean a wait of %s ms', (headers, retryAfterMs) => {
  expect(bybit.rateLimits.readHeaders(headers)).toEqual({ used: {}, retryAfterMs });
});
