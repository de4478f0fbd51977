// REST of the testnet's Binance, read by the system's own adapter and in the raw.

import { beforeEach, describe, expect, it } from 'vitest';
import { BinanceRig, rigCredentials } from '../../../test/support/binance-rig.ts';
import { decimal, formatDecimal } from '../../base/decimal.ts';
import { hmacSha256Hex } from '../../base/hmac.ts';
import { hourMs } from '../../base/time.ts';
import { isInverse } from '../../domain/contract-value.ts';
import type { Instrument } from '../../domain/instrument.ts';
import { requests } from '../../venues/binance/requests.ts';
import { sign } from '../../venues/binance/sign.ts';

let rig: BinanceRig;
beforeEach(() => {
  rig = new BinanceRig();
});

const btc = (): Instrument => rig.instrument('binance:BTC-USDT-PERP');
const pepe = (): Instrument => rig.instrument('binance:PEPE-USDT-PERP');
const spot = (): Instrument => rig.instrument('binance:BTC-USDT-SPOT');

describe('listings', () => {
  it('round through the adapter: what is simulated is what is read', () => {
    for (const { instrument: simulated } of rig.exchange.instruments()) {
      expect(rig.catalog.byId(simulated.id)).toEqual({
        ...simulated,
        // exchangeInfo carries neither, and a contract of 1000 has 1000 base units.
        fundingIntervalMs: null,
        leverageMax: null,
        contractSize: isInverse(simulated) ? simulated.contractSize : simulated.qtyUnit,
      });
    }
  });

  it('funding is the simulation’s, and symbols at the default are not listed', () => {
    const events = requests.fundingRates([btc()]).flatMap((request) => rig.ask(request));
    const of = (id: string) =>
      events.filter((event) => event.kind === 'funding-rate' && event.instrument === id);
    const funding = rig.exchange.funding(btc().id);
    expect(of(btc().id)).toMatchObject([
      {
        ratePerInterval: Number(funding?.ratePerInterval.toFixed(8)),
        settlesAtMs: funding?.settlesAtMs,
        intervalMs: null,
      },
    ]);
    expect(of('binance:WIF-USDT-PERP')[1]).toMatchObject({ intervalMs: 4 * hourMs });
    const info = rig.raw('GET', '/fapi/v1/fundingInfo').body;
    expect(info).toContain('WIFUSDT');
    expect(info).not.toContain('BTCUSDT');
  });

  it('history ascends and shows the interval', () => {
    const toMs = rig.now.tsMs;
    const events = rig.ask(requests.fundingHistory(btc(), { fromMs: toMs - 48 * hourMs, toMs }));
    expect(events.length).toBeGreaterThan(4);
    expect(events[1]).toMatchObject({
      kind: 'funding-rate',
      settled: true,
      intervalMs: 8 * hourMs,
    });
  });

  it('quotes and depth agree with each other, in our units', () => {
    const quotes = requests.quotes([btc(), spot()]).flatMap((request) => rig.ask(request));
    for (const id of [btc().id, pepe().id, spot().id]) {
      const request = requests.depth(rig.instrument(id));
      const [depth] = request === null ? [] : rig.ask(request);
      const quote = quotes.find((event) => event.instrument === id);
      if (depth?.kind !== 'depth' || quote?.kind !== 'quote') throw new Error(id);
      expect(depth.bids[0]).toEqual([quote.bid, quote.bidQty]);
      expect(depth.asks[0]).toEqual([quote.ask, quote.askQty]);
      expect(quote.bid).toBeCloseTo(rig.exchange.quote(id).bid, 9);
    }
  });

  it('the time endpoints show the wall clock, market data venue time', () => {
    rig.pass(60_000, 1_000);
    expect(rig.ask(requests.serverTime())).toMatchObject([{ value: String(rig.now.wallMs) }]);
    const [quote] = rig.ask(requests.quotes([btc()])[0] ?? requests.serverTime());
    expect(quote?.venueTsMs).toBe(rig.now.tsMs);
  });
});

describe('signatures and times', () => {
  const query = (text: string, secret = 's') => `${text}&signature=${hmacSha256Hex(secret, text)}`;
  const headers = { 'X-MBX-APIKEY': 'k' };
  const balance = (of: { query?: string; body?: string; headers?: Record<string, string> }) =>
    rig.raw('GET', '/fapi/v3/balance', { headers, ...of });
  const stamp = (offsetMs = 0) => `timestamp=${rig.now.wallMs + offsetMs}`;

  it.each([
    ['right', () => balance({ query: query(stamp()) }), 200, null],
    ['no key', () => balance({ query: query(stamp()), headers: {} }), 401, -2014],
    [
      'a foreign key',
      () => balance({ query: query(stamp()), headers: { 'X-MBX-APIKEY': 'x' } }),
      401,
      -2015,
    ],
    ['no signature', () => balance({ query: stamp() }), 400, -1102],
    ['another secret', () => balance({ query: query(stamp(), 'x') }), 400, -1022],
    ['a parameter after signing', () => balance({ query: `${query(stamp())}&x=1` }), 400, -1022],
    ['no timestamp', () => balance({ query: query('x=1') }), 400, -1102],
    ['too old', () => balance({ query: query(stamp(-5_001)) }), 400, -1021],
    ['just in time', () => balance({ query: query(stamp(-5_000)) }), 200, null],
    [
      'its own window',
      () => balance({ query: query(`${stamp(-2_001)}&recvWindow=2000`) }),
      400,
      -1021,
    ],
    ['a second ahead', () => balance({ query: query(stamp(1_000)) }), 400, -1021],
    ['a little ahead', () => balance({ query: query(stamp(999)) }), 200, null],
    ['a wide window', () => balance({ query: query(`${stamp()}&recvWindow=60001`) }), 400, -1131],
  ] as const)('%s', (_, ask, status, code) => {
    const reply = ask();
    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.body).code ?? null).toBe(code);
  });

  it('a body is signed as it was sent, encoded or not', () => {
    const body = `symbol=BTCUSDT&leverage=5&note=%5Ba+b%5D&${stamp()}`;
    const right = rig.raw('POST', '/fapi/v1/leverage', { headers, body: query(body) });
    expect(right.status).toBe(200);
    const decoded = body.replace('%5Ba+b%5D', '[a b]');
    const wrong = `${decoded}&signature=${hmacSha256Hex('s', body)}`;
    expect(rig.raw('POST', '/fapi/v1/leverage', { headers, body: wrong }).body).toContain('-1022');
  });

  it('query and body together are one payload', () => {
    const signature = hmacSha256Hex('s', `symbol=BTCUSDTleverage=5&${stamp()}`);
    const reply = rig.raw('POST', '/fapi/v1/leverage', {
      headers,
      query: 'symbol=BTCUSDT',
      body: `leverage=5&${stamp()}&signature=${signature}`,
    });
    expect(reply.status).toBe(200);
  });

  it('venue time does not matter to them', () => {
    rig.pass(10 * hourMs, 1_000);
    expect(rig.ask(requests.balances()[1] ?? requests.serverTime())).toMatchObject([
      { kind: 'balance', asset: 'USDT', total: decimal('50000') },
    ]);
  });
});

describe('the account', () => {
  it('setting up what is so already is success', () => {
    const answers = requests.setup([btc()], { leverage: 5 }).map((request) => rig.ask(request));
    expect(answers).toMatchObject([
      [{ name: 'unchanged', value: '-4059' }],
      [{ name: 'unchanged', value: '-4046' }],
      [{ name: 'ack', value: 'leverage BTCUSDT 5' }],
    ]);
    expect(rig.exchange.leverage(btc().id)).toBe(5);
  });

  it('fee rates, configuration and the rights of the key', () => {
    const rates = requests.feeRates([btc(), spot()]).flatMap((request) => rig.ask(request));
    expect(rates).toMatchObject([
      { kind: 'fee-rate', taker: 0.0005, maker: 0.0002 },
      { kind: 'fee-rate', taker: 0.001, maker: 0.001 },
    ]);
    const config = requests.accountConfig().flatMap((request) => rig.ask(request));
    expect(config.map(({ kind }) => kind)).toEqual(['control', 'control']);
  });

  it('a settlement appears in the ledger, to the cent of the wallet', () => {
    rig.place(btc());
    const before = wallet();
    rig.pass(8 * hourMs, 1_000);
    const [request] = requests.fundingPayments({ instruments: [btc()], sinceMs: 0 });
    const payments = request === undefined ? [] : rig.ask(request);
    expect(payments).toMatchObject([
      { kind: 'funding-payment', instrument: btc().id, asset: 'USDT' },
    ]);
    const [payment] = payments;
    if (payment?.kind !== 'funding-payment') throw new Error('no payment');
    expect(formatDecimal(wallet())).toBe(formatDecimal((before + payment.amount) as typeof before));
  });

  function wallet() {
    const balances = rig.ask(requests.balances()[1] ?? requests.serverTime());
    const [usdt] = balances;
    if (usdt?.kind !== 'balance') throw new Error('no balance');
    return usdt.total;
  }

  it('the dead-man switch fires on wall time, once, and is renewed by each call', () => {
    rig.place(btc(), { limit: rig.priceAt(btc(), 0.97), timeInForce: 'gtc' });
    const arm = (countdownTime: number) => {
      const text = `symbol=BTCUSDT&countdownTime=${countdownTime}&timestamp=${rig.now.wallMs}`;
      const body = `${text}&signature=${hmacSha256Hex('s', text)}`;
      const headers = { 'X-MBX-APIKEY': 'k' };
      return rig.raw('POST', '/fapi/v1/countdownCancelAll', { headers, body });
    };
    expect(JSON.parse(arm(5_000).body)).toEqual({ symbol: 'BTCUSDT', countdownTime: '5000' });
    rig.pass(60_000, 4_000);
    rig.second();
    expect(rig.exchange.openOrders(null)).toHaveLength(1);
    arm(5_000);
    rig.pass(1_000, 4_000);
    rig.second();
    expect(rig.exchange.openOrders(null)).toHaveLength(1);
    rig.pass(1_000, 1_000);
    rig.second();
    expect(rig.exchange.openOrders(null)).toHaveLength(0);
  });
});

describe('rate limits', () => {
  it('weights are counted in headers, 429 says how long to wait, and who goes on is banned', () => {
    const bookTicker = () => rig.raw('GET', '/fapi/v1/ticker/24hr');
    const first = bookTicker().headers;
    const used = Number(first?.['X-MBX-USED-WEIGHT-1M']);
    expect(Number(bookTicker().headers?.['X-MBX-USED-WEIGHT-1M'])).toBe(used + 40);
    let reply = bookTicker();
    for (let i = 0; reply.status === 200 && i < 100; i++) reply = bookTicker();
    expect(reply.status).toBe(429);
    expect(Number(reply.headers?.['Retry-After'])).toBeGreaterThan(0);
    expect(JSON.parse(reply.body).code).toBe(-1003);
    // Spot has a window of its own.
    expect(rig.raw('GET', '/api/v3/time').status).toBe(200);
    for (let i = 0; reply.status === 429 && i < 100; i++) reply = bookTicker();
    expect(reply.status).toBe(418);
    rig.pass(1_000, 121_000);
    expect(bookTicker().status).toBe(200);
  });

  it('orders have windows of their own', () => {
    let last = rig.send(
      sign(requests.place(rig.draft(btc()), btc()), rigCredentials, rig.now.wallMs),
    );
    expect(last.headers).toMatchObject({
      'X-MBX-ORDER-COUNT-10S': '1',
      'X-MBX-ORDER-COUNT-1M': '1',
    });
    for (let i = 0; last.status !== 429 && i < 400; i++) {
      const order = rig.draft(btc(), { limit: rig.priceAt(btc(), 0.97), timeInForce: 'ioc' });
      last = rig.send(sign(requests.place(order, btc()), rigCredentials, rig.now.wallMs));
    }
    expect(last.status).toBe(429);
    expect(JSON.parse(last.body).code).toBe(-1015);
  });

  it.each([
    ['rate-limit', 429],
    ['ban', 418],
  ])('the fault %s answers %i', (name, status) => {
    rig.faults.add(name);
    expect(rig.raw('GET', '/api/v3/time').status).toBe(status);
  });
});

it('an unknown path is 404 with a code, and odd input never throws', () => {
  expect(rig.raw('GET', '/fapi/v1/nope')).toMatchObject({ status: 404 });
  for (const query of ['symbol=', 'symbol=%', 'limit=x&symbol=BTCUSDT', 'symbols=[', '%%%']) {
    for (const path of ['/fapi/v1/depth', '/api/v3/exchangeInfo', '/api/v3/ticker/bookTicker']) {
      expect(rig.raw('GET', path, { query }).status).toBeGreaterThanOrEqual(200);
    }
  }
});
