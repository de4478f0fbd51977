import { describe, expect, it } from 'vitest';
import {
  exampleCatalog,
  exampleInstrument,
  requestOf,
} from '../../../test/support/binance-fixtures.ts';
import { decimal } from '../../base/decimal.ts';
import { hmacSha256Hex } from '../../base/hmac.ts';
import type { ApprovedOrder, OrderDraft } from '../../domain/order.ts';
import type { HttpRequest } from '../../domain/venue-spec.ts';
import { rateLimits } from './endpoints.ts';
import { nextPage } from './pages.ts';
import { purposeOfPath } from './paths.ts';
import { requests } from './requests.ts';
import { sign, signedMessage } from './sign.ts';
import { privateStreams, publicStreams } from './streams.ts';

const perp = exampleInstrument('BTCUSDT', 'linear');
const pepe = exampleInstrument('1000PEPEUSDT', 'linear');
const spot = exampleInstrument('BTCUSDT', 'spot');
const all = [perp, pepe, spot];
const credentials = { key: 'key', secret: 'secret' };

function order(changes: Partial<OrderDraft>): ApprovedOrder {
  // Only risk makes one; here the request alone is looked at.
  return {
    clientOrderId: 'fa1b2c3d4e5L1',
    venue: 'binance',
    instrument: perp.id,
    side: 'buy',
    qty: decimal('0.01'),
    limit: decimal('67000.1'),
    timeInForce: 'ioc',
    reduceOnly: false,
    purpose: 'entry',
    pairId: null,
    arrivalMid: 67000,
    ...changes,
  } as ApprovedOrder;
}

function params(request: HttpRequest): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(request.query));
}

describe('placing', () => {
  it('an IOC limit on USD-M', () => {
    const request = requests.place(order({ reduceOnly: true }), perp);
    expect(request).toMatchObject({ method: 'POST', path: '/fapi/v1/order', auth: 'signed' });
    expect(request.clientOrderId).toBe('fa1b2c3d4e5L1');
    expect(params(request)).toEqual({
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'IOC',
      quantity: '0.01',
      price: '67000.1',
      reduceOnly: 'true',
      newClientOrderId: 'fa1b2c3d4e5L1',
      newOrderRespType: 'RESULT',
    });
  });

  it('a multiplied contract goes out in contracts, at the price per contract', () => {
    const request = requests.place(
      order({ instrument: pepe.id, qty: decimal('125000000'), limit: decimal('0.000010123') }),
      pepe,
    );
    expect(params(request)).toMatchObject({ quantity: '125000', price: '0.010123' });
  });

  it('post-only is GTX on USD-M and LIMIT_MAKER on spot', () => {
    const draft = order({ timeInForce: 'post-only' });
    expect(params(requests.place(draft, perp))).toMatchObject({
      type: 'LIMIT',
      timeInForce: 'GTX',
    });
    const onSpot = params(requests.place(draft, spot));
    expect(onSpot).toMatchObject({ type: 'LIMIT_MAKER', newOrderRespType: 'FULL' });
    expect(onSpot).not.toHaveProperty('timeInForce');
  });

  it('a market order has neither price nor time in force', () => {
    const sent = params(requests.place(order({ limit: null }), perp));
    expect(sent).toMatchObject({ type: 'MARKET', quantity: '0.01' });
    expect(sent).not.toHaveProperty('price');
    expect(sent).not.toHaveProperty('timeInForce');
  });

  it('spot never hears of reduce-only', () => {
    const sent = params(requests.place(order({ side: 'sell', reduceOnly: true }), spot));
    expect(sent).not.toHaveProperty('reduceOnly');
    expect(sent).toMatchObject({ side: 'SELL' });
  });

  it('a post-only order without a price is a bug', () => {
    expect(() => requests.place(order({ limit: null, timeInForce: 'post-only' }), perp)).toThrow();
  });
});

it('every request has the purpose of its path, a bucket that exists and a known host', () => {
  const scope = { instruments: all, sinceMs: 1_700_000_000_000 };
  const list: readonly (HttpRequest | null)[] = [
    requests.serverTime(),
    ...requests.instruments(),
    ...requests.fundingRates(all),
    requests.fundingHistory(perp, { fromMs: 1, toMs: 2 }),
    ...requests.quotes(all),
    requests.depth(perp),
    requests.depth(spot),
    ...requests.feeRates(all),
    ...requests.setup(all, { leverage: 3 }),
    requests.place(order({}), perp),
    requests.cancel('a', spot),
    ...requests.queryOrder('a', perp),
    ...requests.queryOrder('a', spot),
    ...requests.openOrders(all),
    ...requests.orderHistory(scope),
    ...requests.fills(scope),
    ...requests.balances(),
    ...requests.positions(all),
    ...requests.fundingPayments(scope),
    ...requests.accountConfig(),
  ];
  for (const request of list) {
    expect(request).not.toBeNull();
    if (request === null) continue;
    const line = `${request.method} ${request.path}`;
    expect(purposeOfPath(request.method, request.path), line).toBe(request.purpose);
    expect(rateLimits.buckets[request.bucket], line).toBeDefined();
    expect(request.market, line).toBe(request.path.startsWith('/fapi') ? 'linear' : 'spot');
    expect(request.host, line).toBe(request.market === 'spot' ? 'spot' : 'usdm');
  }
});

it('the dead-man switch is set per USD-M symbol in ms, 0 is off, spot has none', () => {
  const set = requests.deadMan?.(all, { timeoutMs: 60_000 }) ?? [];
  expect(set.map(params)).toEqual([
    { symbol: 'BTCUSDT', countdownTime: '60000' },
    { symbol: '1000PEPEUSDT', countdownTime: '60000' },
  ]);
  for (const { method, path, auth, weight, purpose } of set) {
    expect({ auth, weight }).toEqual({ auth: 'signed', weight: 10 });
    expect(purposeOfPath(method, path)).toBe(purpose);
  }
  expect(requests.deadMan?.([perp], { timeoutMs: 0 }).map(params)).toEqual([
    { symbol: 'BTCUSDT', countdownTime: '0' },
  ]);
  expect(requests.deadMan?.([spot], { timeoutMs: 60_000 })).toEqual([]);
});

it('a spot-only scope asks nothing of USD-M', () => {
  expect(requests.fundingRates([spot])).toEqual([]);
  expect(requests.positions([spot])).toEqual([]);
  expect(requests.setup([spot], { leverage: 3 })).toEqual([]);
  expect(requests.openOrders([spot]).map(({ market }) => market)).toEqual(['spot']);
});

describe('signing', () => {
  it('the documented example of the venue', () => {
    // Venue documentation, "SIGNED endpoint examples for POST /api/v3/order".
    const secret = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j';
    const text =
      'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1' +
      '&recvWindow=5000&timestamp=1499827319559';
    expect(hmacSha256Hex(secret, text)).toBe(
      'c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71',
    );
  });

  it('the signature is over the query exactly as it is sent, and comes last', () => {
    const request = sign(requests.cancel('fa1L1', perp), credentials, 1_700_000_000_123.9);
    const [payload = '', signature] = request.query.split('&signature=');
    expect(payload).toBe(
      'symbol=BTCUSDT&origClientOrderId=fa1L1&recvWindow=3000&timestamp=1700000000123',
    );
    expect(signature).toBe(hmacSha256Hex('secret', payload));
    expect(request.headers).toEqual({ 'X-MBX-APIKEY': 'key' });
  });

  it('a body counts too, after the query', () => {
    const base = requestOf('POST /fapi/v1/order?a=1', { auth: 'signed', body: 'b=2' });
    const request = sign(base, credentials, 5);
    const [payload = '', signature] = request.query.split('&signature=');
    expect(signature).toBe(hmacSha256Hex('secret', `${payload}b=2`));
  });

  it('values are percent-encoded before they are signed', () => {
    const [request] = requests.quotes([spot]);
    expect(request?.query).toBe('symbols=%5B%22BTCUSDT%22%5D');
  });

  it('a public request is left alone, a key request gets only the key', () => {
    const request = requests.serverTime();
    expect(sign(request, credentials, 1)).toBe(request);
    const keyed = sign({ ...request, auth: 'key' }, credentials, 1);
    expect(keyed).toMatchObject({ query: '', headers: { 'X-MBX-APIKEY': 'key' } });
  });

  it('the WebSocket API signs its parameters sorted by name', () => {
    const text = signedMessage({ id: 'login', method: 'm', params: { z: 1 } }, credentials, 7.5);
    const message = JSON.parse(text);
    const payload = 'apiKey=key&recvWindow=3000&timestamp=7&z=1';
    expect(message.params.signature).toBe(hmacSha256Hex('secret', payload));
  });
});

describe('pages', () => {
  const rows = (count: number, make: (k: number) => object) =>
    JSON.stringify(Array.from({ length: count }, (_, k) => make(k)));

  it('fills go on after the last id, without the time that the venue does not take with it', () => {
    const [, linear] = requests.fills({ instruments: [spot, perp], sinceMs: 5 });
    const next =
      linear === undefined
        ? null
        : nextPage(
            linear,
            rows(1_000, (k) => ({ id: k })),
          );
    expect(next === null ? null : params(next)).toEqual({
      symbol: 'BTCUSDT',
      limit: '1000',
      fromId: '1000',
    });
    expect(
      next === null
        ? 1
        : nextPage(
            next,
            rows(999, (k) => ({ id: k })),
          ),
    ).toBeNull();
    expect(
      next === null
        ? 1
        : nextPage(
            next,
            rows(1_000, () => ({ id: 3 })),
          ),
    ).toBeNull();
  });

  it('the newest fills of an order query are one page', () => {
    const [, fills] = requests.queryOrder('a', perp);
    expect(
      fills === undefined
        ? 1
        : nextPage(
            fills,
            rows(100, (k) => ({ id: k })),
          ),
    ).toBeNull();
  });

  it('ids beyond 2^53 are not rounded', () => {
    const [first] = requests.orderHistory({ instruments: [perp], sinceMs: 5 });
    const body = `[${'{"orderId":1},'.repeat(999)}{"orderId":8389765591234567891}]`;
    const next = first === undefined ? null : nextPage(first, body);
    expect(next?.query).toContain('orderId=8389765591234567892');
  });

  it('income goes on by page, funding history by time', () => {
    const [income] = requests.fundingPayments({ instruments: [perp], sinceMs: 5 });
    const body = rows(1_000, (k) => ({ fundingTime: 10 + k }));
    expect(income === undefined ? '' : nextPage(income, body)?.query).toContain('page=2');
    const history = requests.fundingHistory(perp, { fromMs: 5, toMs: 5_000 });
    expect(nextPage(history, body)?.query).toContain('startTime=1010');
  });

  it('a signed request is signed anew, and an error is no page', () => {
    const [income] = requests.fundingPayments({ instruments: [perp], sinceMs: 5 });
    if (income === undefined) throw new Error('no request');
    const next = nextPage(
      sign(income, credentials, 9),
      rows(1_000, () => ({})),
    );
    expect(next?.query).not.toMatch(/signature|timestamp/);
    expect(nextPage(income, '{"code":-1021}')).toBeNull();
    expect(nextPage(income, 'x')).toBeNull();
  });
});

describe('streams', () => {
  it('USD-M is split over its routes, dated futures have no mark stream', () => {
    const dated = exampleInstrument('BTCUSDT_260626', 'linear');
    const streams = publicStreams([...all, dated], { depth: true });
    expect(streams.map(({ name, path }) => [name, path])).toEqual([
      ['spot-public', '/ws'],
      ['usdm-public', '/public/ws'],
      ['usdm-market', '/market/ws'],
    ]);
    expect(JSON.parse(streams[1]?.subscribe[0] ?? '').params).toEqual([
      'btcusdt@bookTicker',
      '1000pepeusdt@bookTicker',
      'btcusdt_260626@bookTicker',
      'btcusdt@depth@100ms',
      '1000pepeusdt@depth@100ms',
      'btcusdt_260626@depth@100ms',
    ]);
    expect(JSON.parse(streams[2]?.subscribe[0] ?? '').params).toEqual([
      'btcusdt@markPrice@1s',
      '1000pepeusdt@markPrice@1s',
    ]);
  });

  it('many streams spread over connections with names of their own', () => {
    const many = Array.from({ length: 450 }, (_, k) => ({ ...perp, symbol: `S${k}USDT` }));
    const streams = publicStreams(many, { depth: false }).filter(
      ({ path }) => path === '/public/ws',
    );
    expect(streams.map(({ name }) => name)).toEqual([
      'usdm-public',
      'usdm-public-2',
      'usdm-public-3',
    ]);
    // 4 messages of 50: under the 5 a second that a spot connection may send.
    expect(streams[0]?.subscribe).toHaveLength(4);
  });

  it('private streams: a listen key for USD-M, a signed subscription for spot', () => {
    const [spotUser, usdm] = privateStreams(all);
    expect(usdm).toMatchObject({ path: '/private/ws?listenKey={listenKey}', login: null });
    expect(usdm?.listenKey).toMatchObject({ method: 'POST', auth: 'key', purpose: 'listen-key' });
    const login = JSON.parse(spotUser?.login?.(credentials, 5) ?? '');
    expect(login).toMatchObject({ method: 'userDataStream.subscribe.signature' });
    expect(privateStreams([perp])).toHaveLength(1);
  });
});

describe('rate-limit headers', () => {
  it('spot says its weight twice, which tells it from USD-M', () => {
    expect(
      rateLimits.readHeaders({ 'x-mbx-used-weight': '12', 'x-mbx-used-weight-1m': '12' }),
    ).toEqual({ used: { 'spot-weight': 12 }, retryAfterMs: null });
    expect(
      rateLimits.readHeaders({
        'x-mbx-used-weight-1m': '7',
        'x-mbx-order-count-10s': '3',
        'retry-after': '4',
      }),
    ).toEqual({ used: { 'usdm-weight': 7, 'usdm-orders': 3 }, retryAfterMs: 4_000 });
    expect(rateLimits.readHeaders({ 'retry-after': 'soon', 'x-mbx-used-weight-1m': '' })).toEqual({
      used: {},
      retryAfterMs: null,
    });
  });
});

it('the catalog of the samples has what the tests use', () => {
  expect(exampleCatalog().size).toBe(11);
});
