// Sockets of the testnet's Binance: what the system's own adapter subscribes is what it can read.
import { beforeEach, describe, expect, it } from 'vitest';
import { BinanceRig, type RigSocket, rigCredentials } from '../../../test/support/binance-rig.ts';
import { decimal } from '../../base/decimal.ts';
import { hmacSha256Hex } from '../../base/hmac.ts';
import { hourMs } from '../../base/time.ts';
import type { Instrument, Market } from '../../domain/instrument.ts';
import type { DepthEvent, VenueEvent } from '../../domain/venue-event.ts';
import { quoteSlots, type StreamSpec } from '../../domain/venue-spec.ts';
import { OrderBook } from '../../io/book.ts';
import { bookVerdict } from '../../venues/binance/book.ts';
import { decode } from '../../venues/binance/frames.ts';
import { requests } from '../../venues/binance/requests.ts';
import { quoteScanner } from '../../venues/binance/scanner.ts';
import { privateStreams, publicStreams } from '../../venues/binance/streams.ts';
import { listenKeyLifeMs } from './listen-keys.ts';

let rig: BinanceRig;
let btc: Instrument;
let spot: Instrument;
let pepe: Instrument;
beforeEach(() => {
  rig = new BinanceRig();
  const of = (id: string): Instrument => rig.catalog.byId(id) as Instrument; // listed
  btc = of('binance:BTC-USDT-PERP');
  spot = of('binance:BTC-USDT-SPOT');
  pepe = of('binance:PEPE-USDT-PERP');
});

function read(socket: RigSocket, market: Market | null = null): readonly VenueEvent[] {
  const frames = socket.frames.splice(0);
  const source = { stream: 's', market };
  return frames.flatMap((text) => decode(new TextEncoder().encode(text), source, rig.catalog));
}

function openStream(stream: StreamSpec, listenKey = ''): RigSocket {
  const socket = rig.open(stream.path.replace('{listenKey}', listenKey));
  const { login } = stream;
  if (login !== null) socket.handler?.message(login(rigCredentials, rig.now.wallMs));
  for (const text of stream.subscribe) socket.handler?.message(text);
  return socket;
}

function listenKey(): string {
  const [event] = rig.ask({ ...requests.serverTime(), ...keyRequest() });
  if (event?.kind !== 'control' || event.value === null) throw new Error('no listen key');
  return event.value;
}

function keyRequest() {
  const [, usdm] = privateStreams([spot, btc]);
  if (usdm?.listenKey == null) throw new Error('no listen key request');
  return usdm.listenKey;
}

const kinds = (events: readonly VenueEvent[]) => events.map(({ kind }) => kind);

describe('market data', () => {
  it('each public stream of the adapter is acknowledged and then brings what it asked for', () => {
    const found: Record<string, Set<string>> = {};
    for (const stream of publicStreams([btc, pepe, spot], { depth: true })) {
      const socket = openStream(stream);
      rig.pass(1_000);
      rig.pass(1_000);
      const events = read(socket, stream.market);
      expect(events[0]).toMatchObject({ kind: 'control', name: 'subscribed' });
      found[stream.name] = new Set(kinds(events));
    }
    expect(found).toEqual({
      'spot-public': new Set(['control', 'quote', 'depth']),
      'usdm-public': new Set(['control', 'quote', 'depth']),
      'usdm-market': new Set(['control', 'mark-price', 'funding-rate']),
    });
  });

  it('best bid/ask frames are those that the byte scanner reads', () => {
    const out = new Float64Array(quoteSlots.size);
    for (const [of, path, market] of [
      [btc, '/public/ws/btcusdt@bookTicker', 'linear'],
      [pepe, '/public/stream?streams=1000pepeusdt@bookTicker', 'linear'],
      [spot, '/ws/btcusdt@bookTicker', 'spot'],
      [spot, '/stream?streams=btcusdt@bookTicker', 'spot'],
    ] as const) {
      const socket = rig.open(path);
      rig.pass(1_000);
      const [frame = ''] = socket.frames;
      const scan = quoteScanner({ stream: 's', market }, rig.catalog);
      const index = scan(new TextEncoder().encode(frame), out);
      expect(index, frame).toBe(rig.catalog.indexOf(of.id));
      const quote = rig.exchange.quote(of.id);
      expect(out[quoteSlots.bid]).toBeCloseTo(quote.bid, 10);
      expect(out[quoteSlots.askQty]).toBeCloseTo(quote.askQty, 6);
      if (market === 'linear') expect(out[quoteSlots.venueTsMs]).toBe(rig.now.tsMs);
    }
  });

  it('an unchanged book sends nothing, and nobody listening costs nothing', () => {
    const socket = rig.open('/public/ws/btcusdt@bookTicker');
    rig.pass(1_000);
    expect(socket.frames).toHaveLength(1);
    rig.protocol.tick(rig.now);
    expect(socket.frames).toHaveLength(1);
    socket.handler?.closed();
    rig.pass(1_000);
    expect(socket.frames).toHaveLength(1);
  });

  it('a mark price comes once a second of venue time, the slow one every three', () => {
    const fast = rig.open('/market/ws/btcusdt@markPrice@1s');
    const slow = rig.open('/market/ws/btcusdt@markPrice');
    for (let i = 0; i < 6; i++) rig.pass(1_000, 100);
    expect(fast.frames).toHaveLength(6);
    expect(slow.frames).toHaveLength(2);
    const all = rig.open('/market/ws/!markPrice@arr@1s');
    rig.pass(1_000);
    expect(new Set(kinds(read(all)))).toEqual(new Set(['mark-price', 'funding-rate']));
  });

  it('a stream on the wrong route is acknowledged and stays silent', () => {
    const socket = rig.open('/market/ws');
    socket.handler?.message('{"method":"SUBSCRIBE","params":["btcusdt@bookTicker"],"id":1}');
    rig.pass(1_000);
    expect(socket.frames).toEqual(['{"result":null,"id":1}']);
  });

  it.each([
    ['{"method":"SUBSCRIBE","params":["btcusdt@depth"],"id":7}', '{"result":null,"id":7}'],
    ['{"method":"SUBSCRIBE","params":["btcusdt@depth"],"id":"x"}', '{"result":null,"id":"x"}'],
    ['{"method":"LIST_SUBSCRIPTIONS","id":3}', '{"result":["btcusdt@trade"],"id":3}'],
    ['{"method":"UNSUBSCRIBE","params":["btcusdt@trade"],"id":4}', '{"result":null,"id":4}'],
    ['{"method":"SUBSCRIBE","params":["a\\"b"],"id":1}', '"code":2'],
    ['{"method":"SUBSCRIBE","params":[],"id":1}', '"code":2'],
    ['{"method":"NOPE","id":5}', '"code":2'],
    ['not json', '"code":3'],
    ['[]', '"code":3'],
  ])('%s is answered %s, the id as it came', (text, expected) => {
    const socket = rig.open('/ws/btcusdt@trade');
    socket.handler?.message(text);
    expect(socket.frames.at(-1)).toContain(expected);
  });

  it('who unsubscribes hears no more; a shard label is no stream', () => {
    const socket = rig.open('/ws/0');
    socket.handler?.message('{"method":"SUBSCRIBE","params":["btcusdt@bookTicker"],"id":1}');
    rig.pass(1_000);
    expect(socket.frames).toHaveLength(2);
    socket.handler?.message('{"method":"UNSUBSCRIBE","params":["btcusdt@bookTicker"],"id":2}');
    rig.pass(1_000);
    expect(socket.frames).toHaveLength(3);
  });

  it('who sends too much is cut off', () => {
    const socket = rig.open('/ws');
    for (let i = 0; i < 5; i++) socket.handler?.message('{"method":"LIST_SUBSCRIPTIONS","id":1}');
    expect(socket.closedWith).toEqual([]);
    socket.handler?.message('{"method":"LIST_SUBSCRIPTIONS","id":1}');
    expect(socket.closedWith).toEqual([1008]);
  });

  it.each(['/', '/nope', '/public', '/public/nope', '/private/ws', '/ws-api/v1'])(
    '%s is not served',
    (path) => {
      expect(rig.open(path).handler).toBeNull();
    },
  );
});

describe('depth: stream and REST are one sequence', () => {
  /** A client that follows the venue's rules, with the snapshot taken after some frames. */
  function follow(of: Instrument, market: 'spot' | 'linear') {
    const path = market === 'spot' ? '/ws/btcusdt@depth@100ms' : '/public/ws/btcusdt@depth@100ms';
    const socket = rig.open(path);
    const book = new OrderBook(1_000);
    let lastSeq: string | null = null;
    let fresh = true;
    const verdicts: string[] = [];
    const apply = (events: readonly VenueEvent[]): void => {
      for (const event of events) {
        if (event.kind !== 'depth') continue;
        const verdict = bookVerdict(event, { lastSeq, fresh }, market);
        verdicts.push(verdict);
        if (verdict !== 'apply') continue;
        book.apply(event.bids, event.asks);
        lastSeq = event.seq;
        fresh = false;
      }
    };
    const snapshot = (): void => {
      const request = requests.depth(of);
      const event = request === null ? undefined : rig.ask(request)[0];
      const depth = event as DepthEvent; // the reply to a depth request
      book.replace(depth.bids, depth.asks);
      lastSeq = depth.seq;
      fresh = true;
    };
    return { socket, book, verdicts, apply, snapshot };
  }

  it.each(['spot', 'linear'] as const)(
    '%s: a followed book stays equal to the venue’s',
    (market) => {
      const of = market === 'spot' ? spot : btc;
      const client = follow(of, market);
      rig.pass(1_000);
      rig.pass(1_000);
      const held = read(client.socket, market);
      client.snapshot();
      client.apply(held);
      for (let i = 0; i < 20; i++) {
        // Several grid points may pass in one tick, as at high speed.
        rig.pass(1_000 * (1 + (i % 3)));
        client.apply(read(client.socket, market));
        expect(client.verdicts).not.toContain('resync');
        const { bids, asks } = client.book.top(5);
        const venue = rig.exchange.book(of.id, 5);
        expect(bids.map(([price]) => price)).toEqual(
          venue.bids.map(([price]) => Number(price.toFixed(8))),
        );
        expect(asks[0]?.[1]).toBeCloseTo(venue.asks[0]?.[1] ?? 0, 6);
      }
      expect(client.verdicts.filter((verdict) => verdict === 'apply').length).toBeGreaterThan(15);
    },
  );

  it.each(['spot', 'linear'] as const)('%s: a lost frame shows as a gap', (market) => {
    const client = follow(market === 'spot' ? spot : btc, market);
    client.snapshot();
    rig.pass(1_000);
    client.apply(read(client.socket, market));
    rig.faults.add('gap');
    rig.pass(1_000);
    rig.faults.delete('gap');
    rig.pass(1_000);
    client.apply(read(client.socket, market));
    expect(client.verdicts).toEqual(['apply', 'resync']);
  });

  it('our own order takes displayed depth, and the next frame says so', () => {
    const client = follow(btc, 'linear');
    client.snapshot();
    rig.exchange.place(
      {
        instrument: btc.id,
        clientOrderId: null,
        side: 'buy',
        type: 'market',
        timeInForce: 'ioc',
        qty: decimal('0.05'),
        limit: null,
        reduceOnly: false,
      },
      rig.now,
    );
    rig.pass(1_000, 10);
    client.apply(read(client.socket, 'linear'));
    expect(client.verdicts).toEqual(['apply']);
    const shown = client.book.top(1).asks[0]?.[1] ?? 0;
    expect(shown).toBeCloseTo(rig.exchange.quote(btc.id).askQty, 6);
  });
});

describe('USD-M user data', () => {
  const usdm = (): StreamSpec => privateStreams([btc])[0] as StreamSpec; // one stream for one market

  it('a taker order: NEW, the early copy, the fill with its fee, then the account', () => {
    const socket = openStream(usdm(), listenKey());
    place('buy', '0.01');
    const events = read(socket, 'linear');
    expect(events.map((e) => (e.kind === 'order' ? `order ${e.status}` : e.kind))).toEqual([
      'order open',
      'control',
      'fill',
      'order filled',
      'balance',
      'position',
    ]);
    const fill = events.find((e) => e.kind === 'fill');
    expect(fill).toMatchObject({ clientOrderId: 'fa1', qty: decimal('0.01'), forced: false });
    const position = events.find((e) => e.kind === 'position');
    expect(position).toMatchObject({ instrument: btc.id, qty: decimal('0.01') });
    const balance = events.find((e) => e.kind === 'balance');
    const total = rig.exchange.balances().find(({ wallet }) => wallet === 'futures')?.total;
    expect(balance).toMatchObject({ wallet: 'futures', total });
  });

  it('a funding fee moves the balance alone, by the amount of the ledger', () => {
    place('buy', '0.01');
    const socket = openStream(usdm(), listenKey());
    rig.pass(8 * hourMs, 100);
    const update = socket.frames.find((text) => text.includes('FUNDING_FEE')) ?? '{}';
    const [payment] = rig.exchange.fundingPayments({});
    const { m, B, P } = JSON.parse(update).a;
    expect([m, P]).toEqual(['FUNDING_FEE', []]);
    expect(decimal(B[0].bc)).toBe(payment?.amount);
    expect(kinds(read(socket, 'linear'))).toEqual(['balance']);
  });

  it('an auto-deleveraging is a forced fill', () => {
    place('buy', '0.01');
    const socket = openStream(usdm(), listenKey());
    rig.exchange.deleverage({ instrument: btc.id, qty: decimal('0.005') }, rig.now);
    rig.protocol.tick(rig.now);
    const fill = read(socket, 'linear').find((e) => e.kind === 'fill');
    expect(fill).toMatchObject({ forced: true, side: 'sell', qty: decimal('0.005') });
  });

  it('a leverage change is told', () => {
    const socket = openStream(usdm(), listenKey());
    const [, , leverage] = requests.setup([btc], { leverage: 7 });
    if (leverage !== undefined) rig.ask(leverage);
    expect(read(socket, 'linear')).toMatchObject([
      { kind: 'control', value: 'leverage BTCUSDT 7' },
    ]);
  });

  it('a listen key lives 60 minutes of wall time from its last renewal', () => {
    const key = listenKey();
    const socket = openStream(usdm(), key);
    rig.pass(1_000, listenKeyLifeMs - 1);
    rig.second();
    expect(listenKey()).toBe(key);
    rig.pass(1_000, listenKeyLifeMs - 1);
    rig.second();
    expect(read(socket)).toEqual([]);
    rig.pass(1_000, 1);
    rig.second();
    expect(read(socket)).toMatchObject([{ name: 'listen-key-expired', value: key }]);
    place('buy', '0.01');
    expect(read(socket)).toEqual([]);
    expect(listenKey()).not.toBe(key);
  });

  it('a key that is not alive is told so, and hears nothing', () => {
    const socket = openStream(usdm(), 'old');
    expect(read(socket)).toMatchObject([{ name: 'listen-key-expired' }]);
    place('buy', '0.01');
    expect(read(socket)).toEqual([]);
  });

  it('the combined envelope carries the key as its stream', () => {
    const key = listenKey();
    const socket = rig.open(`/private/stream?listenKey=${key}`);
    place('buy', '0.01');
    expect(JSON.parse(socket.frames[0] ?? '')).toMatchObject({
      stream: key,
      data: { e: 'ORDER_TRADE_UPDATE' },
    });
  });

  function place(side: 'buy' | 'sell', qty: string): void {
    rig.exchange.place(
      {
        instrument: btc.id,
        clientOrderId: 'fa1',
        side,
        type: 'market',
        timeInForce: 'ioc',
        qty: decimal(qty),
        limit: null,
        reduceOnly: false,
      },
      rig.now,
    );
    rig.protocol.tick(rig.now);
  }
});

describe('the WebSocket API', () => {
  const stream = (): StreamSpec => privateStreams([spot])[0] as StreamSpec; // one stream for one market

  function call(socket: RigSocket, method: string, params: Record<string, string | number>) {
    const all: Record<string, string | number> = {
      ...params,
      apiKey: 'k',
      timestamp: rig.now.wallMs,
    };
    const payload = Object.keys(all)
      .sort()
      .map((name) => `${name}=${all[name]}`)
      .join('&');
    const signature = hmacSha256Hex('s', payload);
    const id = `${method} 1`;
    socket.handler?.message(JSON.stringify({ id, method, params: { ...all, signature } }));
    const reply = socket.frames.find((text) => text.startsWith(`{"id":"${id}"`)) ?? '{}';
    return JSON.parse(reply);
  }

  it('logs in, and brings orders, fills and balances of spot', () => {
    const socket = openStream(stream());
    expect(read(socket)).toMatchObject([{ kind: 'control', name: 'login', value: '0' }]);
    const placed = call(socket, 'order.place', {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'MARKET',
      quantity: '0.01',
      newClientOrderId: 'fa9',
    });
    expect(placed).toMatchObject({ status: 200, result: { status: 'FILLED' } });
    const events = read(socket).filter(({ kind }) => kind !== 'unrecognized');
    expect(events.map((e) => (e.kind === 'order' ? `order ${e.status}` : e.kind))).toEqual(
      ['order open', 'fill', 'order filled', 'balance', 'balance', 'control'].sort(
        (a, b) => order(a) - order(b),
      ),
    );
    const fill = events.find((e) => e.kind === 'fill');
    expect(fill).toMatchObject({ clientOrderId: 'fa9', fee: decimal('-0.00001'), feeAsset: 'BTC' });
  });

  /** The fill of the placement may be told before its answer: compare without the answer's place. */
  function order(name: string): number {
    return ['order open', 'fill', 'order filled', 'balance', 'control'].indexOf(name);
  }

  it('a canceled spot order keeps its own id, the cancel has another', () => {
    const socket = openStream(stream());
    const { bid } = rig.exchange.quote(spot.id);
    const price = (Math.floor(bid * 0.9 * 100) / 100).toFixed(2);
    const common = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC' };
    call(socket, 'order.place', { ...common, quantity: '0.01', price, newClientOrderId: 'fa5' });
    const status = { symbol: 'BTCUSDT', origClientOrderId: 'fa5' };
    expect(call(socket, 'order.status', status).result.status).toBe('NEW');
    socket.frames.length = 0;
    expect(call(socket, 'order.cancel', status).result).toMatchObject({
      origClientOrderId: 'fa5',
      status: 'CANCELED',
    });
    const report = socket.frames.find((text) => text.includes('executionReport')) ?? '{}';
    expect(JSON.parse(report).event).toMatchObject({ x: 'CANCELED', C: 'fa5' });
    expect(JSON.parse(report).event.c).not.toBe('fa5');
  });

  it('answers pings and times, refuses wrong signatures, unknown methods and no JSON', () => {
    const socket = openStream(stream());
    const text = stream().heartbeat?.text ?? '';
    socket.frames.length = 0;
    socket.handler?.message(text);
    expect(read(socket)).toMatchObject([{ kind: 'control', name: 'pong' }]);
    const wrong =
      '{"id":1,"method":"order.status","params":{"apiKey":"k","signature":"x","timestamp":1}}';
    socket.handler?.message(wrong);
    expect(socket.frames.pop()).toContain('"id":1,"status":400,"error":{"code":-1022');
    socket.handler?.message('{"id":"a","method":"nope"}');
    expect(socket.frames.pop()).toContain('"id":"a","status":400');
    socket.handler?.message('nope');
    expect(socket.frames.pop()).toContain('-1135');
  });

  it('a closed session hears no more', () => {
    const socket = openStream(stream());
    socket.handler?.closed();
    socket.frames.length = 0;
    call(openStream(stream()), 'order.place', {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'MARKET',
      quantity: '0.01',
    });
    expect(socket.frames).toEqual([]);
  });
});
