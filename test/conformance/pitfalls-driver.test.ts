// The pitfalls that live in the driver: what it does with silence, gaps, time-outs and rotations.
// The toy venue speaks the normalised events themselves, over real sockets.
import { afterEach, describe, expect, it } from 'vitest';
import { decimal } from '../../src/base/decimal.ts';
import type { DriverEvent } from '../../src/domain/event.ts';
import { legViewOf } from '../../src/engine/legs.ts';
import { systemClock } from '../../src/io/clock.ts';
import { type RigOptions, type ToyRig, toyRig } from '../support/toy-rig.ts';
import { control, frame, fundingOf } from '../support/toy-server.ts';
import { toyOrder } from '../support/toy-venue.ts';
import { pitfall } from './pitfalls.ts';

let rig: ToyRig;
afterEach(() => rig.stop());

async function started(options: RigOptions = {}): Promise<ToyRig> {
  rig = await toyRig(options);
  await rig.driver.start();
  return rig;
}

const hourMs = 3_600_000;
const target = { venue: 'toy', instrument: 'toy:BTC-USDT-PERP', clientOrderId: 'farb1' };
const perpIndex = (): number => rig.catalog.indexOf('toy:BTC-USDT-PERP');
const bookOf = () => rig.table.books[perpIndex()];
const quote = (bid: number, ask: number): string => `q BTCP ${bid} 1 ${ask} 2 5`;
const depth = (over: object): string =>
  frame({
    ...{ kind: 'depth', symbol: 'BTCP', snapshot: false, bids: [], asks: [] },
    ...{ seq: '1', prevSeq: null, firstSeq: null },
    ...over,
  });
const snapshot = depth({ snapshot: true, bids: [[99, 1]], asks: [[101, 1]], seq: '10' });
const isDown = (status: Extract<DriverEvent, { kind: 'venue-status' }>): boolean =>
  status.channel === 'public' && status.status === 'down';

describe('pitfalls of the driver', () => {
  it(pitfall(1, 'driver'), async () => {
    let nowMs = 1_800_000_000_000;
    const settlesAtMs = nowMs + hourMs;
    rig = await toyRig({
      clock: { venueMs: () => nowMs, wallMs: systemClock().wallMs },
      limits: { fundingReadGapMs: 5, quoteAuditEveryMs: 5 },
    });
    const listed = { ratePerInterval: 0.003, intervalMs: 8 * hourMs, settlesAtMs };
    let told: object = listed;
    rig.toy.on('GET /funding', () => ({ events: [fundingOf('BTCP', told)] }));
    await rig.driver.start();
    expect(rig.cell('BTCP', 'intervalMs')).toBe(8 * hourMs);
    // An audit is asked for by a tick, which has seen by then what settles next.
    await rig.until(() => rig.toy.seen('GET /quotes').length > 0);
    // The rate stood at its cap: from the settlement on it is paid every hour.
    told = { ratePerInterval: 0.0004, intervalMs: hourMs, settlesAtMs: settlesAtMs + hourMs };
    const looked = rig.quotes.length;
    nowMs = settlesAtMs + 61_000;
    await rig.until(() => rig.cell('BTCP', 'intervalMs') === hourMs);
    expect(rig.cell('BTCP', 'ratePerInterval')).toBe(0.0004);
    // Whoever watches the pair is told, so edge and exit are judged anew.
    expect(rig.quotes.slice(looked)).toContain(perpIndex());
  });

  it(pitfall(2, 'driver'), async () => {
    rig = await toyRig();
    const last = Date.now() - hourMs;
    rig.toy.on('GET /funding', () => ({
      events: ['BTCP', 'ETHP'].map((symbol) =>
        fundingOf(symbol, { intervalMs: null, settlesAtMs: last + 4 * hourMs }),
      ),
    }));
    rig.toy.on('GET /funding-history', ({ query }) => ({
      events:
        query.get('symbol') === 'BTCP'
          ? [fundingOf('BTCP', { settled: true, settlesAtMs: last })]
          : [],
    }));
    await rig.driver.start();
    expect(rig.cell('BTCP', 'intervalMs')).toBe(4 * hourMs);
    expect(rig.cell('ETHP', 'intervalMs')).toBeNaN();
  });

  it.each([
    ['no answer', 'hang'],
    ['a cut connection', 'cut'],
    ['status 503', { status: 503, text: 'busy' }],
    ['a 200 that is no JSON', { status: 200, text: '<html>' }],
  ] as const)(`${pitfall(5, 'driver')}: %s`, async (_name, answer) => {
    await started({ limits: { placeTimeoutMs: 80 } });
    rig.toy.on('POST /order', () => answer);
    rig.driver.act({ kind: 'place-order', order: toyOrder() });
    expect(await rig.next('place-result')).toMatchObject({ outcome: 'unknown' });
    rig.driver.act({ kind: 'query-order', ...target });
    expect(await rig.next('query-result')).toMatchObject({ outcome: 'not-found' });
    expect(rig.toy.seen('POST /order')).toHaveLength(1);
  });

  it(pitfall(9, 'driver'), async () => {
    rig = await toyRig({ venue: { listenKey: true, listenKeyRefreshMs: 20 } });
    let key = 'k1';
    rig.toy.on('POST /listen-key', () => ({
      events: [{ kind: 'control', name: 'listen-key', value: key }],
    }));
    await rig.driver.start();
    const from = rig.events.length;
    key = 'k2';
    // A new key is a new connection: told as down and up, which asks for a snapshot (engine).
    await rig.next('venue-status', (s) => s.channel === 'private' && s.status === 'down', from);
    await rig.next('venue-status', (s) => s.channel === 'private' && s.status === 'up', from);
    expect(rig.toy.sockets.map(({ path }) => path)).toContain('/private?key=k2');
  });

  it(pitfall(10, 'driver'), async () => {
    await started({ limits: { quoteAuditAgeMs: 40, quoteAuditEveryMs: 40 } });
    rig.toy.push('/public', quote(100, 101));
    await rig.until(() => rig.cell('BTCP', 'bid') === 100);
    let bid = 100;
    rig.toy.on('GET /quotes', () => ({
      events: [{ kind: 'quote', symbol: 'BTCP', bid, bidQty: 1, ask: bid + 1, askQty: 2 }],
    }));
    // A quiet market is confirmed over REST and stays fresh.
    const first = rig.cell('BTCP', 'quoteWallMs');
    await rig.until(() => rig.cell('BTCP', 'quoteWallMs') > first);
    expect(rig.cell('BTCP', 'bid')).toBe(100);
    // A dead channel differs: its quote becomes unknown and the stream is dropped.
    bid = 150;
    await rig.next('venue-status', (s) => isDown(s) && s.detail.includes('REST quotes'));
    await rig.until(() => rig.driver.stats().reconnects > 0);
  });

  it(pitfall(11, 'driver'), async () => {
    rig = await toyRig({
      limits: { streamsUpMsMax: 150 },
      driver: { socketLimits: { backOffMs: 10, backOffMsMax: 50, answerMsMax: 40 } },
    });
    // The server takes the connection and everything on it, and says nothing.
    rig.toy.onText = (path) => (path === '/public' ? [] : null);
    await rig.driver.start();
    expect(rig.events.some((e) => e.kind === 'venue-status' && e.channel === 'public')).toBe(false);
    expect(rig.logs.some((line) => line.includes('stream lost'))).toBe(true);
    expect(rig.driver.stats().streams.find(({ name }) => name === 'public')?.state).not.toBe('up');
    expect(rig.driver.stats().reconnects).toBeGreaterThan(0);
  });

  it(pitfall(13, 'driver'), async () => {
    await started({ limits: { bookReconnectGapMs: 60_000 } });
    rig.toy.push('/public', snapshot);
    for (let seq = 50; seq < 100; seq++) {
      rig.toy.push('/public', depth({ seq: `${seq}`, prevSeq: `${seq - 3}`, bids: [[seq, 1]] }));
    }
    rig.toy.push('/public', quote(1, 2));
    await rig.until(() => rig.cell('BTCP', 'bid') === 1);
    // One loss, no reconnect each, and none of the deltas reached the book.
    expect(rig.driver.stats()).toMatchObject({ reconnects: 0, books: { resyncs: 1, live: 0 } });
    expect(bookOf()).toBeUndefined();
  });

  it(pitfall(14, 'driver'), async () => {
    await started({ limits: { bookReconnectGapMs: 60_000 } });
    const view = () => {
      const market = { catalog: rig.catalog, table: rig.table, takerFeeRate: () => 0 };
      return legViewOf(market, 'toy:BTC-USDT-PERP', 0);
    };
    rig.toy.push('/public', snapshot, quote(100, 101));
    await rig.until(() => view()?.bids.length === 1);
    rig.toy.push('/public', depth({ seq: '13', prevSeq: '12', bids: [[1, 1]] }));
    await rig.next('venue-status', (s) => s.channel === 'book' && s.status === 'resyncing');
    expect(bookOf()).toBeUndefined();
    // A decision sees no depth: only the best quote, which has a stream of its own, is executable.
    expect(view()).toMatchObject({ bids: [], asks: [], bid: 100 });
  });

  it(pitfall(15, 'driver'), async () => {
    await started();
    expect(rig.cell('BTCP', 'ratePerInterval')).toBe(0.0001);
    const delta = { ratePerInterval: null, intervalMs: null, settlesAtMs: 9_000_000_000_001 };
    rig.toy.push('/public', frame(fundingOf('BTCP', delta)));
    await rig.until(() => rig.cell('BTCP', 'settlesAtMs') === 9_000_000_000_001);
    expect(rig.cell('BTCP', 'ratePerInterval')).toBe(0.0001);
  });

  it(pitfall(19, 'driver'), async () => {
    await started();
    const fill = {
      ...{ kind: 'fill', symbol: 'BTCP', fillId: '7', clientOrderId: 'farb1', venueOrderId: '1' },
      ...{ side: 'buy', price: '100', qty: '1', fee: '0', feeAsset: 'USDT', liquidity: 'taker' },
      ...{ realizedPnl: '0', forced: false },
    };
    // The driver passes repeats on with their id: the engine owns the books and dedupes.
    rig.toy.push('/private', frame(fill), frame(fill));
    await rig.until(() => rig.events.filter((e) => e.kind === 'fill').length === 2);
    const ids = rig.events.flatMap((e) =>
      e.kind === 'fill' ? [`${e.instrument} ${e.fillId}`] : [],
    );
    expect(new Set(ids)).toEqual(new Set(['toy:BTC-USDT-PERP 7']));
    // Payments are its own to dedupe: it reads the ledger over and over.
    const paid = { kind: 'funding-payment', symbol: 'BTCP', id: 'p1', amount: '1', asset: 'USDT' };
    rig.toy.push('/private', frame({ ...paid, wallet: 'unified' }, { ...paid, wallet: 'unified' }));
    rig.toy.push('/private', frame({ ...fill, fillId: '8' }));
    await rig.next('fill', ({ fillId }) => fillId === '8');
    expect(rig.events.filter((e) => e.kind === 'funding-payment')).toMatchObject([
      { amount: decimal('1') },
    ]);
  });

  it(pitfall(24, 'driver'), async () => {
    // Acknowledged, beating, and not one message: the ack alone is not believed.
    await started({ limits: { dataSilenceMsMax: 60 } });
    await rig.next('venue-status', (s) => s.channel === 'public' && s.status === 'up');
    await rig.next('venue-status', (s) => isDown(s) && s.detail.includes('no data'));
  });

  it(`${pitfall(25, 'driver')}: a frame of tomorrow`, async () => {
    await started();
    rig.toy.push('/public', '{"new":', '{"events":{}}', control('pong'), quote(3, 4));
    await rig.until(() => rig.cell('BTCP', 'bid') === 3);
    expect(rig.driver.stats()).toMatchObject({ unrecognized: 2, reconnects: 0 });
  });
});
