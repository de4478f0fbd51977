// Sockets of the testnet's Binance: what the system's own adapter subscribes is what it can read.
import { beforeEach, describe, expect, it } from 'vitest';
import {
  BinanceRig,
  openStream,
  type RigSocket,
  readFrames,
} from '../../../test/support/binance-rig.ts';
import { decimal } from '../../base/decimal.ts';
import type { Instrument, Market } from '../../domain/instrument.ts';
import type { DepthEvent, VenueEvent } from '../../domain/venue-event.ts';
import { quoteSlots } from '../../domain/venue-spec.ts';
import { OrderBook } from '../../io/book.ts';
import { scanBytes } from '../../testing/scan-bytes.ts';
import { bookVerdict } from '../../venues/binance/book.ts';
import { requests } from '../../venues/binance/requests.ts';
import { quoteScanner } from '../../venues/binance/scanner.ts';
import { publicStreams } from '../../venues/binance/streams.ts';

let rig: BinanceRig;
let btc: Instrument;
let spot: Instrument;
let pepe: Instrument;
beforeEach(() => {
  rig = new BinanceRig();
  btc = rig.instrument('binance:BTC-USDT-PERP');
  spot = rig.instrument('binance:BTC-USDT-SPOT');
  pepe = rig.instrument('binance:PEPE-USDT-PERP');
});

const read = (socket: RigSocket, market: Market | null = null) => readFrames(rig, socket, market);
const kinds = (events: readonly VenueEvent[]) => events.map(({ kind }) => kind);

describe('market data', () => {
  it('each public stream of the adapter is acknowledged and then brings what it asked for', () => {
    const found: Record<string, Set<string>> = {};
    for (const stream of publicStreams([btc, pepe, spot], { depth: true })) {
      const socket = openStream(rig, stream);
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
      const index = scanBytes(scan, new TextEncoder().encode(frame), out);
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
        const { bids, asks } = client.book;
        const venue = rig.exchange.book(of.id, 5);
        expect(bids.slice(0, 5).map(([price]) => price)).toEqual(
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
    const shown = client.book.asks[0]?.[1] ?? 0;
    expect(shown).toBeCloseTo(rig.exchange.quote(btc.id).askQty, 6);
  });
});
