import { describe, expect, it } from 'vitest';
import { okxCatalog } from '../../../test/support/okx-fixtures.ts';
import { decimal } from '../../base/decimal.ts';
import type { ApprovedOrder, OrderDraft } from '../../domain/order.ts';
import type { DepthEvent } from '../../domain/venue-event.ts';
import { makeOkx, okx } from './index.ts';

const catalog = okxCatalog();
const listed = (id: string) => {
  const instrument = catalog.byId(id);
  if (instrument === undefined) throw new Error(`not listed: ${id}`);
  return instrument;
};
const swap = listed('okx:BTC-USDT-PERP');
const spot = listed('okx:BTC-USDT-SPOT');

function order(change: Partial<OrderDraft>): ApprovedOrder {
  const draft: OrderDraft = {
    clientOrderId: 'fa1e2s9l',
    venue: 'okx',
    instrument: swap.id,
    side: 'buy',
    qty: decimal('0.0123'),
    limit: decimal('65000.1'),
    timeInForce: 'ioc',
    reduceOnly: false,
    purpose: 'entry',
    pairId: null,
    arrivalMid: 65000,
    ...change,
  };
  return draft as ApprovedOrder; // only risk makes one; here its verdict does not matter
}

const bodyOf = (draft: Partial<OrderDraft>, instrument = swap, venue = okx) =>
  JSON.parse(venue.requests.place(order(draft), instrument).body ?? '');

describe('placing', () => {
  it('sends a swap order in contracts, cross margin', () => {
    // 0.0123 BTC / 0.01 BTC per contract = 1.23 contracts.
    expect(bodyOf({})).toEqual({
      instId: 'BTC-USDT-SWAP',
      tdMode: 'cross',
      clOrdId: 'fa1e2s9l',
      side: 'buy',
      ordType: 'ioc',
      sz: '1.23',
      px: '65000.1',
    });
  });

  it.each([
    ['gtc', 'limit'],
    ['ioc', 'ioc'],
    ['fok', 'fok'],
    ['post-only', 'post_only'],
  ] as const)('%s is %s', (timeInForce, ordType) => {
    expect(bodyOf({ timeInForce }).ordType).toBe(ordType);
  });

  it('marks what only reduces a swap, and sends a market order without a price', () => {
    const body = bodyOf({ limit: null, reduceOnly: true, side: 'sell' });
    expect(body).toMatchObject({ ordType: 'market', reduceOnly: true, side: 'sell' });
    expect(body).not.toHaveProperty('px');
  });

  it('counts a spot order in base currency, in cash, without reduce-only', () => {
    const body = bodyOf({ limit: null, reduceOnly: true }, spot);
    expect(body).toMatchObject({ tdMode: 'cash', tgtCcy: 'base_ccy', sz: '0.0123' });
    expect(body).not.toHaveProperty('reduceOnly');
    const cross = makeOkx({ spotTradeMode: 'cross' });
    expect(bodyOf({}, spot, cross)).toMatchObject({ tdMode: 'cross' });
  });
});

describe('other requests', () => {
  it('cancel and query by client id', () => {
    const cancel = okx.requests.cancel('fa1e2s9l', swap);
    expect(JSON.parse(cancel.body ?? '')).toEqual({ instId: 'BTC-USDT-SWAP', clOrdId: 'fa1e2s9l' });
    expect(cancel).toMatchObject({ purpose: 'cancel', clientOrderId: 'fa1e2s9l' });
    const [query] = okx.requests.queryOrder('fa1e2s9l', swap);
    expect(query).toMatchObject({
      path: '/api/v5/trade/order',
      query: 'instId=BTC-USDT-SWAP&clOrdId=fa1e2s9l',
      auth: 'signed',
    });
  });

  it('ask for the rates of all swaps at once', () => {
    const both = okx.requests.fundingRates([swap, listed('okx:ETH-USDT-PERP'), spot]);
    expect(both.map(({ query }) => query)).toEqual(['instId=ANY']);
    expect(okx.requests.fundingRates([spot])).toEqual([]);
  });

  it('set net mode and the leverage of each swap, within its maximum', () => {
    const setup = okx.requests.setup([swap, spot], { leverage: 500 });
    expect(setup.map(({ body }) => JSON.parse(body ?? ''))).toEqual([
      { posMode: 'net_mode' },
      { instId: 'BTC-USDT-SWAP', lever: '100', mgnMode: 'cross' },
    ]);
  });

  it.each([
    [0, '0'],
    [1, '10'],
    [60_000, '60'],
    [60_001, '61'],
    [600_000, '120'],
  ])('the dead-man switch is one for the account: %i ms are %s s', (timeoutMs, timeOut) => {
    const set = okx.requests.deadMan?.([swap, spot], { timeoutMs }) ?? [];
    expect(set.map(({ path, body }) => [path, body])).toEqual([
      ['/api/v5/trade/cancel-all-after', JSON.stringify({ timeOut })],
    ]);
    expect(okx.requests.deadMan?.([], { timeoutMs })).toEqual([]);
  });

  it('name buckets that exist', () => {
    const scope = { instruments: [swap, spot], sinceMs: 5 };
    const { requests, rateLimits } = okx;
    const all = [
      requests.serverTime(),
      ...requests.instruments(),
      ...requests.quotes([swap, spot]),
      ...requests.feeRates([swap, spot]),
      ...requests.openOrders([swap]),
      ...requests.orderHistory(scope),
      ...requests.fills(scope),
      ...requests.balances(),
      ...requests.positions([swap]),
      ...requests.fundingPayments(scope),
      ...requests.accountConfig(),
      requests.place(order({}), swap),
      requests.cancel('x', swap),
    ];
    for (const { bucket, host } of all) {
      expect(rateLimits.buckets[bucket]?.capacity).toBeGreaterThan(0);
      expect(okx.endpoints['live']?.http[host]).toBeDefined();
    }
    expect(requests.depth(swap)).toBeNull();
  });
});

describe('signing', () => {
  const credentials = { key: 'k', secret: 's', passphrase: 'p' };
  const wallMs = 1_709_136_000_500;

  // printf '%s' '<text>' | openssl dgst -sha256 -hmac s -binary | base64
  it('signs ISO time, method, path with query and body', () => {
    const [read] = okx.requests.queryOrder('abc', swap);
    if (read === undefined) throw new Error('no request');
    const signed = okx.sign(read, credentials, wallMs);
    expect(signed.headers).toEqual({
      'OK-ACCESS-KEY': 'k',
      'OK-ACCESS-PASSPHRASE': 'p',
      'OK-ACCESS-TIMESTAMP': '2024-02-28T16:00:00.500Z',
      'OK-ACCESS-SIGN': 'CG/XxuBuo1FoPqo6Hi4OtUdscy6Kh5Yy72xnZCNGDik=',
    });
  });

  it('ends the validity of a placement and of nothing else', () => {
    const placed = okx.sign(okx.requests.place(order({}), swap), credentials, wallMs);
    expect(placed.headers['expTime']).toBe(String(wallMs + okx.orderValidityMs));
    const cancelled = okx.sign(okx.requests.cancel('abc', swap), credentials, wallMs);
    expect(cancelled.headers).not.toHaveProperty('expTime');
  });

  it('leaves public requests alone; every demo has the header that makes it one', () => {
    const request = okx.requests.serverTime();
    expect(okx.sign(request, credentials, wallMs)).toEqual(request);
    for (const [name, { headers }] of Object.entries(okx.endpoints)) {
      const expected = name.endsWith('demo') ? { 'x-simulated-trading': '1' } : undefined;
      expect([name, headers]).toEqual([name, expected]);
    }
  });

  it('logs a socket in with epoch seconds', () => {
    const [stream] = okx.privateStreams([swap]);
    const login = JSON.parse(stream?.login?.(credentials, wallMs) ?? '');
    expect(login).toEqual({
      op: 'login',
      args: [
        {
          apiKey: 'k',
          passphrase: 'p',
          timestamp: '1709136000',
          sign: '9j5SKIZwp1+buJ9AcBocYINsdhSUh5gU6paCJq1XbXQ=',
        },
      ],
    });
  });
});

describe('streams', () => {
  it('subscribe quotes, rates, marks and each index once; books only when asked', () => {
    const [plain] = okx.publicStreams([swap, spot], { depth: false });
    const args = JSON.parse(plain?.subscribe[0] ?? '').args;
    expect(args).toEqual([
      { channel: 'bbo-tbt', instId: 'BTC-USDT-SWAP' },
      { channel: 'funding-rate', instId: 'BTC-USDT-SWAP' },
      { channel: 'mark-price', instId: 'BTC-USDT-SWAP' },
      { channel: 'bbo-tbt', instId: 'BTC-USDT' },
      { channel: 'index-tickers', instId: 'BTC-USDT' },
    ]);
    const [deep] = okx.publicStreams([swap], { depth: true });
    expect(deep?.subscribe[0]).toContain('{"channel":"books","instId":"BTC-USDT-SWAP"}');
  });

  it('split many instruments over connections and messages below 64 KB', () => {
    const many = Array.from({ length: 150 }, (_, n) => ({ ...swap, symbol: `A${n}-USDT-SWAP` }));
    const streams = okx.publicStreams(many, { depth: true });
    expect(streams.map(({ name }) => name)).toEqual(['public-1', 'public-2', 'public-3']);
    for (const { subscribe } of streams) {
      for (const message of subscribe) expect(message.length).toBeLessThan(64_000);
    }
  });
});

describe('book sequence', () => {
  const frame = (change: Partial<DepthEvent>): DepthEvent => ({
    kind: 'depth',
    venue: 'okx',
    symbol: 'BTC-USDT-SWAP',
    instrument: swap.id,
    venueTsMs: null,
    snapshot: false,
    bids: [],
    asks: [],
    seq: null,
    prevSeq: null,
    firstSeq: null,
    ...change,
  });

  it.each([
    ['a snapshot replaces everything', { snapshot: true, seq: '5', prevSeq: '-1' }, '9', 'apply'],
    ['a delta before the snapshot', { seq: '5', prevSeq: '4' }, null, 'resync'],
    ['the next delta', { seq: '12', prevSeq: '10' }, '10', 'apply'],
    ['the idle repeat', { seq: '10', prevSeq: '10' }, '10', 'apply'],
    ['a gap', { seq: '15', prevSeq: '12' }, '10', 'resync'],
    ['the same frame again', { seq: '10', prevSeq: '8' }, '10', 'drop'],
    ['a reset to a lower id', { seq: '3', prevSeq: '10' }, '10', 'resync'],
    ['what follows a reset', { seq: '4', prevSeq: '3' }, '10', 'resync'],
    ['a frame without ids', {}, '10', 'resync'],
    [
      'ids that a double cannot tell apart',
      { seq: '9007199254740995', prevSeq: '9007199254740993' },
      '9007199254740992',
      'resync',
    ],
  ] as const)('%s', (_name, change, lastSeq, verdict) => {
    expect(okx.bookVerdict(frame(change), { lastSeq, fresh: false }, 'linear')).toBe(verdict);
  });
});
