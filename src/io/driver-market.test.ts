import { afterEach, describe, expect, it } from 'vitest';
import { type RigOptions, type ToyRig, toyRig } from '../../test/support/toy-rig.ts';
import { control, frame, fundingOf } from '../../test/support/toy-server.ts';

let rig: ToyRig;
afterEach(() => rig.stop());

async function started(options: RigOptions = {}): Promise<ToyRig> {
  rig = await toyRig(options);
  await rig.driver.start();
  return rig;
}

const quote = (symbol: string, bid: number, ask: number, ts = 5): string =>
  `q ${symbol} ${bid} 1 ${ask} 2 ${ts}`;
const depth = (over: object): string =>
  frame({
    kind: 'depth',
    symbol: 'BTCP',
    snapshot: false,
    bids: [],
    asks: [],
    seq: '1',
    prevSeq: null,
    firstSeq: null,
    ...over,
  });
const snapshot = depth({ snapshot: true, bids: [[99, 1]], asks: [[101, 1]], seq: '10' });
const bookOf = () => rig.table.books[rig.catalog.indexOf('toy:BTC-USDT-PERP')];

describe('quotes', () => {
  it('are written to the row with both times, and announced when they change', async () => {
    await started();
    const announced = rig.quotes.length;
    const before = performance.timeOrigin + performance.now();
    rig.toy.push('/public', quote('BTCP', 100, 101, 1_234), quote('BTCP', 100, 101, 1_235));
    await rig.until(() => rig.cell('BTCP', 'quoteTsMs') === 1_235);
    expect(rig.cell('BTCP', 'bid')).toBe(100);
    expect(rig.cell('BTCP', 'askQty')).toBe(2);
    expect(rig.cell('BTCP', 'quoteWallMs')).toBeGreaterThan(before - 5);
    expect(rig.cell('ETHP', 'bid')).toBeNaN();
    const index = rig.catalog.indexOf('toy:BTC-USDT-PERP');
    expect(rig.quotes.slice(announced)).toEqual([index]);
  });

  it('of the slow path make an absent side unknown', async () => {
    await started();
    const event = { kind: 'quote', symbol: 'BTCS', bid: 5, bidQty: 1, ask: null, askQty: null };
    rig.toy.push('/public', quote('BTCS', 1, 2), frame(event));
    await rig.until(() => rig.cell('BTCS', 'bid') === 5);
    expect(rig.cell('BTCS', 'ask')).toBeNaN();
  });

  it('become unknown when their stream is lost, and are announced', async () => {
    await started();
    rig.toy.push('/public', quote('BTCP', 100, 101));
    await rig.until(() => rig.cell('BTCP', 'bid') === 100);
    const announced = rig.quotes.length;
    rig.toy.drop('/public');
    await rig.until(() => rig.quotes.length > announced);
    expect(rig.cell('BTCP', 'bid')).toBeNaN();
    await rig.next('venue-status', (s) => s.channel === 'public' && s.status === 'down');
    const from = rig.events.length;
    await rig.next('venue-status', (s) => s.channel === 'public' && s.status === 'up', from - 1);
  });

  it('that stand still while the venue moved on are found by the audit', async () => {
    await started({ limits: { quoteAuditAgeMs: 40, quoteAuditEveryMs: 40 } });
    rig.toy.push('/public', quote('BTCP', 100, 101), quote('ETHP', 10, 11));
    const listed = (symbol: string, bid: number, ask: number) => ({
      kind: 'quote',
      symbol,
      bid,
      bidQty: 1,
      ask,
      askQty: 2,
    });
    let moved = false;
    rig.toy.on('GET /quotes', () => ({
      events: [listed('BTCP', moved ? 150 : 100, moved ? 151 : 101), listed('ETHP', 10, 11)],
    }));
    await rig.until(() => rig.cell('ETHP', 'bid') === 10);
    // Equal: the quote is as fresh as the answer.
    const first = rig.cell('ETHP', 'quoteWallMs');
    await rig.until(() => rig.cell('ETHP', 'quoteWallMs') > first);
    expect(rig.driver.stats().reconnects).toBe(0);
    moved = true;
    await rig.next('venue-status', (s) => s.status === 'down' && s.detail.includes('differ'));
    expect(rig.cell('BTCP', 'bid')).toBeNaN();
  });

  it('a connected stream that brings no data is taken down', async () => {
    await started({ limits: { dataSilenceMsMax: 50 } });
    await rig.next('venue-status', (s) => s.status === 'down' && s.detail.includes('no data'));
  });
});

describe('marks and funding', () => {
  it('what a delta omits stays as it was', async () => {
    await started();
    expect(rig.cell('BTCP', 'ratePerInterval')).toBe(0.0001);
    rig.toy.push(
      '/public',
      frame({ kind: 'mark-price', symbol: 'BTCP', mark: 100, index: 99 }),
      frame(
        fundingOf('BTCP', {
          ratePerInterval: null,
          intervalMs: null,
          settlesAtMs: 9_000_000_000_001,
        }),
      ),
      frame({ kind: 'mark-price', symbol: 'BTCP', mark: 102, index: null }),
    );
    await rig.until(() => rig.cell('BTCP', 'settlesAtMs') === 9_000_000_000_001);
    await rig.until(() => rig.cell('BTCP', 'mark') === 102);
    expect(rig.cell('BTCP', 'index')).toBe(99);
    expect(rig.cell('BTCP', 'ratePerInterval')).toBe(0.0001);
    expect(rig.cell('BTCP', 'intervalMs')).toBe(28_800_000);
  });

  it('a past settlement is not the estimate of the next', async () => {
    await started();
    rig.toy.push(
      '/public',
      frame(fundingOf('BTCP', { ratePerInterval: 0.5, settled: true })),
      frame(fundingOf('ETHP', { ratePerInterval: -0.002 })),
    );
    await rig.until(() => rig.cell('ETHP', 'ratePerInterval') === -0.002);
    expect(rig.cell('BTCP', 'ratePerInterval')).toBe(0.0001);
  });
});

describe('a depth book from the stream', () => {
  it('is published while it is in sequence', async () => {
    await started();
    rig.toy.push('/public', snapshot, depth({ bids: [[99.5, 3]], seq: '11', prevSeq: '10' }));
    await rig.until(() => bookOf()?.bids.length === 2);
    expect(bookOf()).toMatchObject({
      bids: [
        [99.5, 3],
        [99, 1],
      ],
      asks: [[101, 1]],
    });
  });

  it('with a gap is taken away in the same frame, and a reconnect brings a new one', async () => {
    await started();
    rig.toy.push('/public', snapshot);
    await rig.until(() => bookOf() !== undefined);
    rig.toy.onText = (path, text) =>
      text === 'sub public' && path === '/public' ? [control('subscribed'), snapshot] : null;
    rig.toy.push('/public', depth({ seq: '13', prevSeq: '12', bids: [[1, 1]] }));
    const lost = await rig.next('venue-status', (s) => s.channel === 'book');
    expect(lost).toMatchObject({ status: 'resyncing' });
    expect(bookOf()).toBeUndefined();
    await rig.next('venue-status', (s) => s.channel === 'book' && s.status === 'up');
    expect(bookOf()).toMatchObject({ bids: [[99, 1]] });
    expect(rig.driver.stats()).toMatchObject({ reconnects: 1, books: { live: 1, resyncs: 1 } });
  });

  it('that is crossed is not served', async () => {
    await started();
    rig.toy.push('/public', snapshot);
    await rig.until(() => bookOf() !== undefined);
    rig.toy.push('/public', depth({ seq: '11', prevSeq: '10', bids: [[101, 1]] }));
    await rig.next('venue-status', (s) => s.channel === 'book' && s.status === 'resyncing');
    expect(bookOf()).toBeUndefined();
  });

  it('a storm of gaps makes one reconnect, not one each', async () => {
    await started({ limits: { bookReconnectGapMs: 60_000 } });
    rig.toy.push('/public', snapshot);
    for (let seq = 50; seq < 100; seq++) {
      rig.toy.push('/public', depth({ seq: `${seq}`, prevSeq: `${seq - 3}` }));
    }
    rig.toy.push('/public', quote('BTCP', 1, 2));
    await rig.until(() => rig.cell('BTCP', 'bid') === 1);
    expect(rig.driver.stats().reconnects).toBe(0);
    expect(rig.driver.stats().books.resyncs).toBe(1);
  });
});

describe('a depth book with its snapshot over REST', () => {
  const venue = { restDepth: true };
  const rest = (seq: number) => ({
    events: [
      {
        kind: 'depth',
        symbol: 'BTCP',
        snapshot: true,
        bids: [[99, 1]],
        asks: [[101, 1]],
        seq: `${seq}`,
        prevSeq: null,
        firstSeq: null,
      },
    ],
  });
  const delta = (seq: number, price: number): string =>
    depth({ seq: `${seq}`, prevSeq: `${seq - 1}`, bids: [[price, 1]] });

  it('holds the deltas that come before it and drops those that it covers', async () => {
    rig = await toyRig({ venue });
    rig.toy.on('GET /depth', () => rest(12));
    await rig.driver.start();
    rig.toy.push('/public', delta(11, 1), delta(12, 2), delta(13, 3));
    await rig.until(() => bookOf() !== undefined);
    expect(bookOf()?.bids).toEqual([
      [99, 1],
      [3, 1],
    ]);
  });

  it('asks for a newer one when it is older than what was held', async () => {
    rig = await toyRig({ venue });
    let calls = 0;
    rig.toy.on('GET /depth', () => rest(++calls === 1 ? 5 : 11));
    await rig.driver.start();
    rig.toy.push('/public', delta(11, 1), delta(12, 2));
    await rig.until(() => calls === 2);
    await rig.until(
      () =>
        bookOf() !== undefined ||
        rig.events.some(
          (e) => e.kind === 'venue-status' && e.channel === 'book' && e.status === 'up',
        ),
    );
    expect(bookOf()?.bids).toEqual([
      [99, 1],
      [2, 1],
    ]);
  });

  it('comes back after a gap, without a reconnect, and after a failed read', async () => {
    rig = await toyRig({ venue });
    let calls = 0;
    rig.toy.on('GET /depth', () => (++calls === 2 ? { events: [] } : rest(calls === 1 ? 10 : 20)));
    await rig.driver.start();
    rig.toy.push('/public', delta(11, 1));
    await rig.until(() => bookOf() !== undefined);
    rig.toy.push('/public', delta(20, 5), delta(21, 6));
    await rig.next('venue-status', (s) => s.channel === 'book' && s.status === 'up');
    expect(bookOf()?.bids).toEqual([
      [99, 1],
      [6, 1],
    ]);
    expect(rig.driver.stats().reconnects).toBe(0);
  });
});
