import { describe, expect, test } from 'vitest';
import { bytesOf } from '../../../test/support/bybit-fixtures.ts';
import {
  bybitTestnet,
  openPrivate,
  openSocket,
  orderOf,
  perpId,
  settle,
  wallStartMs,
} from '../../../test/support/bybit-testnet.ts';
import { decimal } from '../../base/decimal.ts';
import { hourMs } from '../../base/time.ts';
import type { Level } from '../../domain/venue-event.ts';
import { quoteSlots } from '../../domain/venue-spec.ts';
import { scanBytes } from '../../testing/scan-bytes.ts';
import { bybit } from '../../venues/bybit/index.ts';
import { loginMessage } from '../../venues/bybit/sign.ts';

const { requests } = bybit;
const subscribe = (...args: string[]) => ({ op: 'subscribe', args });

/** A price that moves by a tick each second of venue time. */
const moving = { price: (tsMs: number) => 65_000 + ((tsMs / 1_000) % 7) * 0.1 };

describe('public sockets', () => {
  test('exist for every category and nowhere else', () => {
    const testnet = bybitTestnet();
    for (const category of ['spot', 'linear', 'inverse', 'option']) {
      expect(testnet.open(`/v5/public/${category}`)).not.toBeNull();
    }
    expect(testnet.open('/v5/public')).toBeNull();
    expect(testnet.open('/v5/public/linear/x')).toBeNull();
  });

  test('answer pings and subscriptions in the public form and echo the id', () => {
    const testnet = bybitTestnet();
    const linear = openSocket(testnet, '/v5/public/linear');
    linear.say({ op: 'ping', req_id: '7' });
    linear.say({ ...subscribe('publicTrade.BTCUSDT'), req_id: 'x' });
    linear.say({ op: 'unsubscribe', args: ['publicTrade.BTCUSDT'] });
    expect(linear.frames[0]).toEqual({
      success: true,
      ret_msg: 'pong',
      conn_id: 'public-1',
      req_id: '7',
      op: 'ping',
    });
    expect(linear.take()).toMatchObject([
      { name: 'pong', value: '7' },
      { name: 'subscribed', value: 'x' },
      { name: 'unsubscribed' },
    ]);
  });

  test.each([
    ['an unknown symbol', '/v5/public/linear', ['orderbook.1.NOPE']],
    ['an unknown depth', '/v5/public/linear', ['orderbook.2.BTCUSDT']],
    ['more than 10 topics on spot', '/v5/public/spot', Array(11).fill('tickers.BTCUSDT')],
    ['no topic', '/v5/public/linear', []],
  ])('refuse %s', (_name, path, args) => {
    const client = openSocket(bybitTestnet(), path);
    client.say({ op: 'subscribe', args });
    expect(client.take()).toMatchObject([{ kind: 'error', reaction: 'report' }]);
  });

  test.each(['', 'x', '[]', 'null', '{"op":1}', '{"op":"subscribe","args":{}}'])(
    'answer %j without harm',
    (text) => {
      const testnet = bybitTestnet();
      for (const path of ['/v5/public/linear', '/v5/private', '/v5/trade']) {
        const client = openSocket(testnet, path);
        client.say(text);
        expect(client.frames).toHaveLength(1);
      }
    },
  );

  test('level 1 is a snapshot that the byte scanner takes, said again after 3 s of calm', () => {
    const testnet = bybitTestnet();
    const client = openSocket(testnet, '/v5/public/linear');
    client.say(subscribe('orderbook.1.BTCUSDT'));
    const frame = client.takeFrames()[1];
    expect(frame).toMatchObject({ type: 'snapshot', data: { b: [['64999.9', '5.000']] } });
    const scan = bybit.quoteScanner({ stream: 't', market: 'linear' }, testnet.catalog);
    const out = new Float64Array(quoteSlots.size);
    expect(scanBytes(scan, bytesOf(JSON.stringify(frame)), out)).toBe(
      testnet.catalog.indexOf(perpId),
    );
    expect([...out.slice(0, 5)]).toEqual([64999.9, 5, 65000.1, 5, testnet.clock.tsMs]);

    testnet.tick(1_000, 100);
    expect(client.takeFrames()).toHaveLength(1);
    testnet.tick(0, 2_900);
    expect(client.takeFrames()).toHaveLength(0);
    testnet.tick(0, 100);
    expect(client.takeFrames()).toHaveLength(1);
  });

  test('the deep book is a snapshot and deltas that rebuild the exchange’s book', () => {
    const testnet = bybitTestnet({ script: moving });
    const client = openSocket(testnet, '/v5/public/linear');
    client.say(subscribe('orderbook.50.BTCUSDT'));
    let lastSeq: string | null = null;
    const book = { bids: new Map<number, number>(), asks: new Map<number, number>() };
    for (let n = 0; n < 20; n++) {
      for (const event of client.take('linear')) {
        if (event.kind !== 'depth') continue;
        const state = { lastSeq, fresh: false };
        expect(bybit.bookVerdict(event, state, 'linear')).toBe('apply');
        lastSeq = event.seq;
        for (const side of ['bids', 'asks'] as const) {
          for (const [price, qty] of event[side]) {
            if (qty === 0) book[side].delete(price);
            else book[side].set(price, qty);
          }
        }
      }
      testnet.tick(1_000);
    }
    client.take();
    const { bids, asks } = testnet.exchange.book(perpId, 50);
    testnet.tick(0);
    const sorted = (side: Map<number, number>): Level[] => [...side].sort(([a], [b]) => a - b);
    expect(book.bids.size).toBe(bids.length);
    expect(sorted(book.asks).length).toBe(asks.length);
  });

  test('a second subscriber gets the book as published, and the same delta as the first', () => {
    const testnet = bybitTestnet({ script: moving });
    const first = openSocket(testnet, '/v5/public/linear');
    first.say(subscribe('orderbook.50.BTCUSDT'));
    testnet.tick(1_000);
    const second = openSocket(testnet, '/v5/public/linear');
    second.say(subscribe('orderbook.50.BTCUSDT'));
    first.takeFrames();
    second.takeFrames();
    testnet.tick(1_000);
    const [delta] = first.takeFrames();
    expect(delta).toMatchObject({ type: 'delta' });
    expect(second.takeFrames()).toEqual([delta]);
  });

  test('a lost delta is a gap that the adapter sees, a restart a snapshot with u = 1', () => {
    const testnet = bybitTestnet({ script: moving });
    const client = openSocket(testnet, '/v5/public/linear');
    client.say(subscribe('orderbook.50.BTCUSDT'));
    testnet.tick(1_000);
    const before = client.take('linear').findLast((event) => event.kind === 'depth');
    testnet.faults.add('gap');
    testnet.tick(1_000);
    expect(client.take('linear')).toEqual([]);
    testnet.tick(1_000);
    const [after] = client.take('linear');
    if (before?.kind !== 'depth' || after?.kind !== 'depth') throw new Error('no depth');
    const state = { lastSeq: before.seq, fresh: false };
    expect(bybit.bookVerdict(after, state, 'linear')).toBe('resync');
    testnet.faults.add('sequence-reset');
    testnet.tick(1_000);
    expect(client.take('linear')).toMatchObject([{ kind: 'depth', snapshot: true, seq: '1' }]);
  });

  test('a ticker delta omits what did not change', () => {
    const testnet = bybitTestnet({ script: moving });
    const client = openSocket(testnet, '/v5/public/linear');
    client.say(subscribe('tickers.BTCUSDT'));
    expect(client.take('linear')).toMatchObject([
      { name: 'subscribed' },
      { kind: 'mark-price' },
      { kind: 'funding-rate', ratePerInterval: 0.0001, intervalMs: 8 * hourMs },
    ]);
    testnet.tick(1_000);
    const [delta] = client.takeFrames();
    expect(delta).toMatchObject({ type: 'delta', data: { symbol: 'BTCUSDT' } });
    expect(delta?.data).toHaveProperty('markPrice');
    expect(delta?.data).not.toHaveProperty('fundingRate');
    expect(delta?.data).not.toHaveProperty('nextFundingTime');
    testnet.tick(0);
    expect(client.takeFrames()).toEqual([]);
  });

  test('a spot ticker is a snapshot each time', () => {
    const testnet = bybitTestnet({ script: moving });
    const client = openSocket(testnet, '/v5/public/spot');
    client.say(subscribe('tickers.BTCUSDT'));
    testnet.tick(1_000);
    expect(client.takeFrames().slice(1)).toMatchObject([
      { type: 'snapshot' },
      { type: 'snapshot' },
    ]);
  });

  test('a socket that unsubscribed or closed gets nothing more', () => {
    const testnet = bybitTestnet({ script: moving });
    const [stays, leaves, closes] = Array.from({ length: 3 }, () => {
      const client = openSocket(testnet, '/v5/public/linear');
      client.say(subscribe('orderbook.1.BTCUSDT'));
      return client;
    });
    leaves?.say({ op: 'unsubscribe', args: ['orderbook.1.BTCUSDT'] });
    closes?.close();
    for (const client of [stays, leaves, closes]) client?.takeFrames();
    testnet.tick(1_000);
    expect(stays?.frames).toHaveLength(1);
    expect(leaves?.frames).toHaveLength(0);
    expect(closes?.frames).toHaveLength(0);
  });

  test('a socket that says nothing for 10 minutes is closed', () => {
    const testnet = bybitTestnet();
    const client = openSocket(testnet, '/v5/public/linear');
    testnet.clock.wallMs += 600_001;
    testnet.second();
    expect(client.closedWith()).toBe(1000);
  });
});

describe('the private socket', () => {
  test('says nothing before a login, and refuses a wrong or late one', () => {
    const testnet = bybitTestnet();
    const client = openSocket(testnet, '/v5/private');
    client.say(subscribe('order'));
    client.say(loginMessage({ key: 'k', secret: 'wrong' }, wallStartMs));
    client.say(loginMessage({ key: 'x', secret: 's' }, wallStartMs));
    client.say(loginMessage({ key: 'k', secret: 's' }, wallStartMs - 10_001));
    expect(client.take()).toMatchObject(Array(4).fill({ kind: 'error' }));
    client.say(loginMessage({ key: 'k', secret: 's' }, wallStartMs));
    client.say({ op: 'ping', req_id: 'p' });
    client.say(subscribe('order', 'nonsense'));
    expect(client.take()).toMatchObject([
      { name: 'login' },
      { name: 'pong', value: 'p' },
      { kind: 'error', venueCode: 'ws-subscribe' },
    ]);
  });

  test('the ack of an order comes before its events, which tell it whole', async () => {
    const testnet = bybitTestnet();
    const client = openPrivate(testnet);
    const ack = testnet.call(requests.place(orderOf({ limit: null }), testnet.instrument(perpId)));
    expect(ack).toMatchObject([{ name: 'ack' }]);
    expect(client.frames).toEqual([]);
    await settle();
    expect(client.take()).toMatchObject([
      { kind: 'order', status: 'open', filledQty: 0n },
      { kind: 'fill', qty: decimal('0.5'), fee: decimal('-17.8750275') },
      { kind: 'order', status: 'filled', averagePrice: decimal('65000.1') },
      { kind: 'position', qty: decimal('0.5') },
      { kind: 'balance', asset: 'USDT', total: decimal('99982.1249725') },
    ]);
  });

  test('a fault lets the fill overtake the ack', () => {
    const testnet = bybitTestnet();
    const client = openPrivate(testnet);
    testnet.faults.add('fill-before-ack');
    testnet.call(requests.place(orderOf({ limit: null }), testnet.instrument(perpId)));
    expect(client.take().map(({ kind }) => kind)).toContain('fill');
  });

  test('a fault acknowledges an order and then rejects it', async () => {
    const testnet = bybitTestnet();
    const client = openPrivate(testnet);
    testnet.faults.add('ack-then-reject');
    const perp = testnet.instrument(perpId);
    expect(testnet.call(requests.place(orderOf({}), perp))).toMatchObject([{ name: 'ack' }]);
    await settle();
    expect(client.take()).toMatchObject([
      { kind: 'order', status: 'rejected', clientOrderId: 'farb1A2B0001L', filledQty: 0n },
    ]);
    const [realtime, history] = requests.queryOrder('farb1A2B0001L', perp);
    for (const request of [realtime, history]) {
      if (request === undefined) throw new Error('no query');
      expect(testnet.call(request)).toMatchObject([{ status: 'rejected' }]);
    }
  });

  test('an amendment is told as the same order', async () => {
    const testnet = bybitTestnet();
    const client = openPrivate(testnet);
    testnet.call(requests.place(orderOf({}), testnet.instrument(perpId)));
    await settle();
    client.take();
    const amend = { category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'farb1A2B0001L', qty: '1' };
    testnet.ask('POST /v5/order/amend', amend);
    await settle();
    const orders = client.take().filter((event) => event.kind === 'order');
    expect(orders).toMatchObject([
      { clientOrderId: 'farb1A2B0001L', status: 'open', qty: decimal('1') },
    ]);
  });

  test('funding is pushed as an execution with the id that the list repeats', async () => {
    const testnet = bybitTestnet();
    const client = openPrivate(testnet);
    const perp = testnet.instrument(perpId);
    testnet.call(requests.place(orderOf({ side: 'sell', limit: null }), perp));
    await settle();
    client.take();
    testnet.tick(8 * hourMs);
    await settle();
    const pushed = client.take().find((event) => event.kind === 'funding-payment');
    const [request] = requests.fundingPayments({ instruments: [perp], sinceMs: 0 });
    expect(request).toBeDefined();
    const scope = { instruments: [perp], sinceMs: testnet.clock.tsMs - hourMs };
    const listed = requests.fundingPayments(scope).flatMap((each) => testnet.call(each));
    expect(listed).toEqual([pushed]);
    expect(pushed).toMatchObject({ amount: decimal('3.25') });
  });
});

describe('the trade socket', () => {
  const header = (wallMs = wallStartMs) => ({ 'X-BAPI-TIMESTAMP': String(wallMs) });
  const order = {
    category: 'linear',
    symbol: 'BTCUSDT',
    side: 'Buy',
    orderType: 'Limit',
    qty: '0.1',
    price: '64000',
    orderLinkId: 'ws1',
  };

  function openTrade() {
    const testnet = bybitTestnet();
    const client = openSocket(testnet, '/v5/trade');
    client.say(loginMessage({ key: 'k', secret: 's' }, wallStartMs));
    return { testnet, client };
  }

  test('takes no order without a login or with an old timestamp', () => {
    const client = openSocket(bybitTestnet(), '/v5/trade');
    client.say({ op: 'order.create', header: header(), args: [order] });
    expect(client.take()).toMatchObject([{ venueCode: '10005' }]);
    const { client: late } = openTrade();
    late.say({ op: 'order.create', header: header(wallStartMs - 6_000), args: [order] });
    expect(late.take()).toMatchObject([{ name: 'login' }, { venueCode: '10002' }]);
  });

  test('creates, amends and cancels, echoing ids and rate headers; its pong is its own', () => {
    const { testnet, client } = openTrade();
    client.takeFrames();
    client.say({ reqId: 'r1', op: 'order.create', header: header(), args: [order] });
    const [created] = client.frames;
    expect(created).toMatchObject({
      reqId: 'r1',
      retCode: 0,
      op: 'order.create',
      data: { orderLinkId: 'ws1' },
      header: { 'X-Bapi-Limit': '10', 'X-Bapi-Limit-Status': '9' },
    });
    const named = { category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'ws1' };
    client.say({ op: 'order.amend', header: header(), args: [{ ...named, price: '63000' }] });
    client.say({ op: 'order.cancel', header: header(), args: [named] });
    client.say({ op: 'order.cancel', header: header(), args: [named] });
    client.say({ op: 'ping' });
    client.say({ op: 'order.dance', args: [] });
    expect(client.take()).toMatchObject([
      { name: 'ack' },
      { name: 'ack' },
      { name: 'ack' },
      { kind: 'error', venueCode: '110001', reaction: 'reconcile' },
      { name: 'pong' },
      { kind: 'error', venueCode: '10404' },
    ]);
    expect(testnet.exchange.openOrders(null)).toEqual([]);
  });

  test('shares its rate with the REST API', () => {
    const { testnet, client } = openTrade();
    client.takeFrames();
    const perp = testnet.instrument(perpId);
    for (let n = 0; n < 10; n++) {
      testnet.call(
        requests.place(orderOf({ clientOrderId: `rest${n}`, qty: decimal('0.01') }), perp),
      );
    }
    client.say({ op: 'order.create', header: header(), args: [order] });
    expect(client.take()).toMatchObject([{ venueCode: '10006', reaction: 'back-off' }]);
  });
});
