import { describe, expect, it } from 'vitest';
import { okxTestnet, swapId } from '../../../test/support/okx-testnet.ts';
import { decimal } from '../../base/decimal.ts';
import { hourMs, secondMs } from '../../base/time.ts';
import type { DepthEvent } from '../../domain/venue-event.ts';
import { quoteSlots } from '../../domain/venue-spec.ts';
import { scanBytes } from '../../testing/scan-bytes.ts';
import { okx } from '../../venues/okx/index.ts';

const bookOf = (channel: string, instId = 'BTC-USDT-SWAP') => ({
  op: 'subscribe',
  args: [{ channel, instId }],
});

/** A price that moves every second. */
const moving = (tsMs: number) => 65_000 + (Math.floor(tsMs / secondMs) % 7);

describe('a socket', () => {
  it('exists on three paths', () => {
    const { connect } = okxTestnet();
    for (const path of ['public', 'private', 'business']) {
      expect(connect(`/ws/v5/${path}`).handler).not.toBeNull();
    }
    expect(connect('/ws/v5/nothing').handler).toBeNull();
  });

  it('answers a text ping, acks with the id as it came, and names what it does not know', () => {
    const { connect } = okxTestnet();
    const client = connect('/ws/v5/public');
    client.say('ping');
    expect(client.take()).toEqual(['pong']);
    client.say({ id: 'x1', ...bookOf('bbo-tbt') });
    const arg = { channel: 'bbo-tbt', instId: 'BTC-USDT-SWAP' };
    expect(client.takeJson()[0]).toMatchObject({ id: 'x1', event: 'subscribe', arg });
    for (const [message, code] of [
      ['{', '60012'],
      [{ op: 'dance', args: [{}] }, '60012'],
      [{ op: 'subscribe' }, '60013'],
      [bookOf('nothing'), '60018'],
      [bookOf('bbo-tbt', 'NO-SWAP'), '60018'],
      [bookOf('funding-rate', 'BTC-USDT'), '60018'],
      [bookOf('orders'), '60018'],
    ] as const) {
      client.say(message);
      expect(client.takeJson()).toMatchObject([{ event: 'error', code }]);
    }
  });

  it('is closed after 30 s of silence on the wall clock', () => {
    const { connect, clock, protocol } = okxTestnet();
    const client = connect('/ws/v5/public');
    clock.wallMs += 20_000;
    client.say('ping');
    clock.wallMs += 30_000;
    protocol.second(clock);
    expect(client.closes).toEqual([]);
    clock.wallMs += 1;
    protocol.second(clock);
    expect(client.closes).toEqual([4004]);
  });

  it('may ask 480 times an hour', () => {
    const { connect } = okxTestnet();
    const client = connect('/ws/v5/public');
    for (let n = 0; n < 480; n++) client.say(bookOf('mark-price'));
    client.take();
    client.say(bookOf('mark-price'));
    expect(client.takeJson()).toMatchObject([{ event: 'error', code: '60014' }]);
  });

  it('is told of an upgrade once', () => {
    const { connect, faults, pass } = okxTestnet();
    const client = connect('/ws/v5/public');
    faults.add('service-upgrade');
    pass(secondMs);
    pass(secondMs);
    expect(client.events()).toMatchObject([{ kind: 'control', name: 'reconnect-now' }]);
  });
});

describe('public channels', () => {
  it('push the best bid and ask in the layout that the scanner reads, on a change only', () => {
    const { connect, pass, catalog } = okxTestnet({ price: moving });
    const client = connect('/ws/v5/public');
    client.say(bookOf('bbo-tbt'));
    const [, welcome] = client.take();
    const scan = okx.quoteScanner({ stream: 'public-1', market: null }, catalog);
    const out = new Float64Array(quoteSlots.size);
    expect(scanBytes(scan, new TextEncoder().encode(welcome), out)).toBe(catalog.indexOf(swapId));
    expect(out[quoteSlots.bidQty]).toBe(5);
    pass(secondMs);
    const [frame = ''] = client.take();
    expect(scanBytes(scan, new TextEncoder().encode(frame), out)).toBe(catalog.indexOf(swapId));
    pass(10);
    expect(client.take()).toEqual([]);
  });

  it('send one frame to all subscribers and nothing to those who left', () => {
    const { connect, pass } = okxTestnet({ price: moving });
    const [one, two] = [connect('/ws/v5/public'), connect('/ws/v5/public')];
    for (const client of [one, two]) client.say(bookOf('tickers'));
    one.take();
    two.take();
    pass(secondMs);
    expect(one.sent).toHaveLength(1);
    expect(one.take()).toEqual(two.take());
    one.say({ op: 'unsubscribe', args: [{ channel: 'tickers', instId: 'BTC-USDT-SWAP' }] });
    expect(one.takeJson()).toMatchObject([{ event: 'unsubscribe' }]);
    two.handler?.closed();
    pass(secondMs);
    expect([...one.take(), ...two.take()]).toEqual([]);
  });

  it('chain the book: a snapshot, then deltas that rebuild it', () => {
    const { connect, pass, exchange } = okxTestnet({ price: moving });
    const client = connect('/ws/v5/public');
    client.say(bookOf('books'));
    const bids = new Map<number, number>();
    let lastSeq: string | null = null;
    let applied = 0;
    for (let n = 0; n < 20; n++) {
      for (const event of client.events()) {
        if (event.kind !== 'depth') continue;
        const verdict = okx.bookVerdict(event, { lastSeq, fresh: false }, 'linear');
        expect(verdict).toBe('apply');
        expect(event.snapshot).toBe(lastSeq === null);
        apply(bids, event);
        lastSeq = event.seq;
        applied++;
      }
      const book = exchange.book(swapId, 400);
      expect([...bids].sort(([a], [b]) => b - a)).toEqual(book.bids.map(([p, q]) => [p, q]));
      pass(secondMs);
    }
    expect(applied).toBeGreaterThan(15);
  });

  it('give a second subscriber a snapshot that the next delta follows on', () => {
    const { connect, pass, place } = okxTestnet({ price: moving });
    const [one, two] = [connect('/ws/v5/public'), connect('/ws/v5/public')];
    one.say(bookOf('books'));
    pass(secondMs);
    // The book moves between two ticks; nobody has been told yet.
    place();
    two.say(bookOf('books'));
    const snapshot = two.events().find((event) => event.kind === 'depth');
    pass(secondMs);
    const [delta] = two.events();
    expect(delta).toMatchObject({ kind: 'depth', prevSeq: snapshot?.seq });
  });

  it('show our own orders taking depth', () => {
    const { connect, place, protocol, clock } = okxTestnet();
    const client = connect('/ws/v5/public');
    client.say(bookOf('bbo-tbt'));
    client.take();
    place({ qty: decimal('2') });
    protocol.tick(clock);
    expect(client.events()).toMatchObject([{ kind: 'quote', ask: 65_000.1, askQty: 3 }]);
  });

  it('show a gap and a reset when told to', () => {
    const { connect, pass, faults } = okxTestnet({ price: moving });
    const client = connect('/ws/v5/public');
    client.say(bookOf('books'));
    const events = client.events();
    let last = events.find((event): event is DepthEvent => event.kind === 'depth');
    const verdictAfter = (fault: string | null) => {
      faults.clear();
      if (fault !== null) faults.add(fault);
      pass(secondMs);
      const [next] = client.events();
      if (next?.kind !== 'depth') return 'silence';
      const lastSeq = last?.seq ?? null;
      last = next;
      return okx.bookVerdict(next, { lastSeq, fresh: false }, 'linear');
    };
    expect(verdictAfter(null)).toBe('apply');
    expect(verdictAfter('gap')).toBe('silence');
    expect(verdictAfter(null)).toBe('resync');
    expect(verdictAfter(null)).toBe('apply');
    expect(verdictAfter('sequence-reset')).toBe('resync');
  });

  it('send rates, marks and the index', () => {
    const { connect, startMs } = okxTestnet();
    const client = connect('/ws/v5/public');
    client.say(bookOf('funding-rate'));
    client.say(bookOf('mark-price'));
    client.say(bookOf('index-tickers', 'BTC-USDT'));
    expect(client.events().filter((event) => event.kind !== 'control')).toMatchObject([
      {
        kind: 'funding-rate',
        instrument: swapId,
        ratePerInterval: 0.0001,
        settlesAtMs: startMs + 8 * hourMs,
        intervalMs: 8 * hourMs,
        nextRate: null,
      },
      { kind: 'mark-price', mark: 65_000 },
      { kind: 'mark-price', instrument: swapId, index: 65_000 },
    ]);
  });

  it('tell a rate again as soon as it has settled', () => {
    const { connect, clock, exchange, protocol, startMs } = okxTestnet();
    const client = connect('/ws/v5/public');
    client.say(bookOf('funding-rate'));
    protocol.tick(clock);
    client.take();
    // Within one wall second, past the settlement.
    clock.tsMs = startMs + 8 * hourMs;
    clock.wallMs += 10;
    exchange.advance(clock);
    protocol.tick(clock);
    expect(client.events()).toMatchObject([{ settlesAtMs: startMs + 16 * hourMs }]);
  });
});

describe('login', () => {
  const login = (change: object, offsetMs = 0) => {
    const net = okxTestnet();
    const client = net.connect('/ws/v5/private');
    const [stream] = okx.privateStreams([]);
    const credentials = { key: 'k', secret: 's', passphrase: 'p', ...change };
    client.say(stream?.login?.(credentials, net.clock.wallMs + offsetMs) ?? '');
    return client.takeJson()[0];
  };

  it.each([
    ['good', {}, 0, '0'],
    ['another key', { key: 'x' }, 0, '60005'],
    ['another passphrase', { passphrase: 'x' }, 0, '60024'],
    ['another secret', { secret: 'x' }, 0, '60007'],
    ['an old time', {}, -32_000, '60006'],
  ])('%s', (_name, change, offsetMs, code) => {
    expect(login(change, offsetMs)).toMatchObject({ code });
  });

  it('comes before private channels and orders, and may come twice', () => {
    const net = okxTestnet();
    const client = net.connect('/ws/v5/private');
    client.say({ op: 'subscribe', args: [{ channel: 'account' }] });
    client.say({ id: '7', op: 'order', args: [{}] });
    expect(client.takeJson()).toMatchObject([
      { event: 'error', code: '60011' },
      { id: '7', op: 'order', code: '60011', data: [] },
    ]);
    const [stream] = okx.privateStreams([]);
    const text = stream?.login?.({ key: 'k', secret: 's', passphrase: 'p' }, net.clock.wallMs);
    for (let n = 0; n < 2; n++) {
      client.say({ ...JSON.parse(text ?? ''), id: n });
      expect(client.takeJson()).toMatchObject([{ id: n, event: 'login', code: '0' }]);
    }
  });
});

describe('private channels', () => {
  function subscribed() {
    const net = okxTestnet();
    const client = net.connectPrivate();
    const [stream] = okx.privateStreams([]);
    for (const message of stream?.subscribe ?? []) client.say(message);
    return { ...net, client };
  }

  it('start with the balances, and tell the life of an order in its order', () => {
    const { client, place } = subscribed();
    const first = client.events();
    expect(first.filter((event) => event.kind === 'balance')).toMatchObject([
      { asset: 'USDT', total: decimal('1000000') },
      { asset: 'USDT', total: decimal('1000000') },
    ]);
    place();
    const kinds = client.events().map((event) => event.kind);
    expect(kinds).toEqual([
      'order',
      ...['order', 'fill'],
      // account and balance_and_position, then positions and balance_and_position.
      ...['balance', 'balance', 'position', 'position'],
    ]);
  });

  it('say what the adapter needs of a fill', () => {
    const { client, place, startMs } = subscribed();
    client.take();
    place();
    expect(client.events().find((event) => event.kind === 'fill')).toMatchObject({
      clientOrderId: 'test1',
      qty: decimal('0.01'),
      price: decimal('65000.1'),
      fee: decimal('-0.3250005'),
      feeAsset: 'USDT',
      liquidity: 'taker',
      realizedPnl: decimal('0'),
      venueTsMs: startMs,
      forced: false,
    });
  });

  it('tell a crossing post-only order live, then cancelled with source 31', () => {
    const { client, place } = subscribed();
    client.take();
    place({ timeInForce: 'post-only' });
    expect(client.events()).toMatchObject([
      { kind: 'order', status: 'open' },
      { kind: 'order', status: 'canceled', reason: expect.stringContaining('cancelSource=31') },
    ]);
  });

  it('mark what the venue did itself', () => {
    const { client, place, exchange, clock } = subscribed();
    place();
    client.take();
    exchange.deleverage({ instrument: swapId, qty: decimal('0.01') }, clock);
    const fill = client.events().find((event) => event.kind === 'fill');
    expect(fill).toMatchObject({ forced: true, clientOrderId: null });
  });

  it('push the balance after funding', () => {
    const { client, place, pass } = subscribed();
    place({ side: 'sell', limit: decimal('64999.9') });
    client.take();
    pass(8 * hourMs);
    const frames = client.takeJson();
    expect(frames).toContainEqual(
      expect.objectContaining({ data: [expect.objectContaining({ eventType: 'funding_fee' })] }),
    );
  });

  it('stop after unsubscribing', () => {
    const { client, place } = subscribed();
    client.say({ op: 'unsubscribe', args: [{ channel: 'orders', instType: 'ANY' }] });
    client.take();
    place();
    expect(client.events().some((event) => event.kind === 'order')).toBe(false);
  });

  it('keep to the instrument type that was asked for', () => {
    const { connectPrivate, place } = okxTestnet();
    const client = connectPrivate();
    client.say({ op: 'subscribe', args: [{ channel: 'orders', instType: 'SPOT' }] });
    client.take();
    place();
    expect(client.take()).toEqual([]);
  });
});

describe('order operations over WebSocket', () => {
  it('name the instrument by its code, as number or text', () => {
    const { connectPrivate, http, exchange } = okxTestnet();
    const client = connectPrivate();
    client.take();
    const listing = okx.requests.instruments()[1];
    const row = listing === undefined ? null : JSON.parse(http(listing).body).data[0];
    const order = { tdMode: 'cross', side: 'buy', ordType: 'limit', sz: '1', px: '64000' };
    const codes = [row.instIdCode, String(row.instIdCode)];
    for (const [n, instIdCode] of codes.entries()) {
      client.say({ id: `${n}`, op: 'order', args: [{ ...order, instIdCode, clOrdId: `w${n}` }] });
      expect(client.takeJson()).toMatchObject([
        { id: `${n}`, op: 'order', code: '0', data: [{ sCode: '0', clOrdId: `w${n}` }] },
      ]);
    }
    client.say({
      id: 'c',
      op: 'cancel-order',
      args: [{ instIdCode: row.instIdCode, clOrdId: 'w0' }],
    });
    expect(client.takeJson()).toMatchObject([{ op: 'cancel-order', code: '0' }]);
    const batch = [
      { ...order, instIdCode: row.instIdCode, clOrdId: 'w3' },
      { ...order, instIdCode: 1, clOrdId: 'w4' },
    ];
    client.say({ id: 'b', op: 'batch-orders', args: batch });
    expect(client.takeJson()).toMatchObject([
      { op: 'batch-orders', code: '2', data: [{ sCode: '0' }, { sCode: '51001' }] },
    ]);
    expect(exchange.openOrders(null).map((each) => each.clientOrderId)).toEqual(['w1', 'w3']);
  });
});

function apply(side: Map<number, number>, event: DepthEvent): void {
  if (event.snapshot) side.clear();
  for (const [price, qty] of event.bids) {
    if (qty === 0) side.delete(price);
    else side.set(price, qty);
  }
}
