// Who goes first when a venue's limits are short, and what the clock says, with the toy venue.
import { afterEach, describe, expect, it } from 'vitest';
import { type RigOptions, type ToyRig, toyRig } from '../../test/support/toy-rig.ts';
import { frame } from '../../test/support/toy-server.ts';
import { toyOrder } from '../../test/support/toy-venue.ts';
import type { VenueEffect } from '../domain/event.ts';
import type { OrderPurpose } from '../domain/order.ts';

let rig: ToyRig;
afterEach(() => rig.stop());

async function started(options: RigOptions): Promise<void> {
  rig = await toyRig(options);
  await rig.driver.start();
}

const placing = (clientOrderId: string, purpose: OrderPurpose): VenueEffect => ({
  kind: 'place-order',
  order: toyOrder({ clientOrderId, purpose }),
});
const target = { venue: 'toy', instrument: 'toy:BTC-USDT-PERP' };
const cancelling = (clientOrderId: string): VenueEffect => ({
  kind: 'cancel-order',
  ...target,
  clientOrderId,
});

/** One bucket for everything, as on Binance where cancels and reads share the weight. */
const shared = { orders: { capacity: 5, intervalMs: 1_500 } };
const patient = { placeQueueMsMax: 20_000, urgentQueueMsMax: 20_000 };
const seenIds = (): readonly string[] =>
  rig.toy.requests.flatMap(({ line, body, query }) => {
    if (line === 'POST /order') return [(JSON.parse(body) as { id: string }).id];
    return line === 'DELETE /order' ? [`cancel ${query.get('id')}`] : [];
  });

describe('a bucket that is short', () => {
  it('cancels and hedges overtake the entries that wait in it', async () => {
    const reads = { capacity: 10_000, intervalMs: 1_000 };
    await started({ venue: { buckets: { ...shared, reads } }, limits: patient });
    for (const id of ['e1', 'e2', 'e3', 'e4', 'e5', 'e6']) rig.driver.act(placing(id, 'entry'));
    // The last place is kept from entries: the first cancel takes it at once.
    rig.driver.act(cancelling('c1'));
    rig.driver.act(placing('h1', 'hedge'));
    rig.driver.act(placing('x1', 'exit'));
    rig.driver.act(cancelling('c2'));
    await rig.toy.until(() => seenIds().length === 10);
    expect(new Set(seenIds().slice(0, 5))).toEqual(new Set(['e1', 'e2', 'e3', 'e4', 'cancel c1']));
    expect(new Set(seenIds().slice(5, 8))).toEqual(new Set(['h1', 'x1', 'cancel c2']));
    expect(new Set(seenIds().slice(8))).toEqual(new Set(['e5', 'e6']));
  });

  it('says what is left of it for orders', async () => {
    const reads = { capacity: 10_000, intervalMs: 1_000 };
    const orders = { capacity: 5, intervalMs: 600_000 };
    await started({ venue: { buckets: { orders, reads } } });
    expect(rig.driver.stats().rest.orderHeadroom).toBe(1);
    rig.driver.act(cancelling('c1'));
    await rig.next('cancel-result');
    expect(rig.driver.stats().rest.orderHeadroom).toBeCloseTo(0.8);
    // Four of five: entries would wait, so the engine is told to send them elsewhere.
    for (const id of ['h1', 'h2', 'h3']) rig.driver.act(placing(id, 'hedge'));
    const short = await rig.next('venue-status', ({ channel }) => channel === 'rate');
    expect(short).toMatchObject({ status: 'down', detail: '20% of its order limits left' });
    expect(short.headroom).toBeCloseTo(0.2);
  });

  it('a ban is waited out: nothing is sent, whatever its rank', async () => {
    await started({ limits: { urgentQueueMsMax: 200 } });
    rig.toy.on('POST /order', () => ({
      status: 418,
      headers: { 'retry-after-ms': '60000' },
      events: [{ kind: 'error', code: 'RATE_LIMITED', reaction: 'back-off', message: 'banned' }],
    }));
    rig.driver.act(placing('e1', 'entry'));
    await rig.next('place-result');
    const sent = rig.toy.requests.length;
    rig.driver.act(cancelling('c1'));
    expect(await rig.next('cancel-result')).toMatchObject({ outcome: 'unknown' });
    rig.driver.act(placing('h1', 'hedge'));
    const hedge = await rig.next('place-result', ({ clientOrderId }) => clientOrderId === 'h1');
    expect(hedge).toMatchObject({ outcome: 'rejected', error: { code: 'RATE_LIMITED' } });
    expect(rig.toy.requests.slice(sent).map(({ line }) => line)).toEqual([]);
    expect(rig.driver.stats().rest).toMatchObject({ orderHeadroom: 0 });
    const told = await rig.next('venue-status', ({ channel }) => channel === 'rate');
    expect(told).toMatchObject({ status: 'down', headroom: 0 });
  });
});

describe('reads of the last rank', () => {
  it('wait for each other: many lost books do not fill the queues', async () => {
    rig = await toyRig({ venue: { restDepth: true }, limits: { readsOpenMax: 1 } });
    let open = 0;
    let most = 0;
    rig.toy.on('GET /depth', async ({ query }) => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, 20));
      open--;
      const book = { kind: 'depth', symbol: query.get('symbol'), snapshot: true, seq: '5' };
      return { events: [{ ...book, bids: [[99, 1]], asks: [[101, 1]], prevSeq: null }] };
    });
    await rig.driver.start();
    for (const symbol of ['BTCP', 'BTCS', 'ETHP', 'ETHS']) {
      const delta = { kind: 'depth', symbol, snapshot: false, bids: [], asks: [] };
      rig.toy.push('/public', frame({ ...delta, seq: '6', prevSeq: '5', firstSeq: null }));
    }
    await rig.until(() => rig.driver.stats().books.live === 4);
    expect(most).toBe(1);
  });
});

describe('the clock', () => {
  const serverTime = (aheadMs: () => number): void => {
    rig.toy.on('GET /time', () => ({
      events: [{ kind: 'control', name: 'server-time', venueTsMs: Date.now() + aheadMs() }],
    }));
  };

  it('a drift between two measurements is alarmed, once, until it holds again', async () => {
    rig = await toyRig({ limits: { clockSyncEveryMs: 60 } });
    let aheadMs = 40;
    serverTime(() => aheadMs);
    await rig.driver.start();
    const clockSaid = () =>
      rig.events.flatMap((e) => {
        return e.kind === 'venue-status' && e.channel === 'clock' ? [e.status] : [];
      });
    const measured = rig.toy.seen('GET /time').length;
    await rig.toy.until(() => rig.toy.seen('GET /time').length > measured + 6);
    expect(clockSaid()).toEqual([]);
    aheadMs = 60_000;
    const down = await rig.next('venue-status', (s) => s.channel === 'clock');
    expect(down).toMatchObject({ status: 'down', detail: expect.stringContaining('moved') });
    await rig.next('venue-status', (s) => s.channel === 'clock' && s.status === 'up');
    expect(clockSaid()).toEqual(['down', 'up']);
    expect(rig.driver.stats().clock.offsetMs).toBeGreaterThan(50_000);
  });

  it('what the round trip explains is no drift', async () => {
    rig = await toyRig({ limits: { clockSyncEveryMs: 30 } });
    let slow = false;
    rig.toy.on('GET /time', async () => {
      const venueTsMs = Date.now();
      if (slow) await new Promise((resolve) => setTimeout(resolve, 900));
      return { events: [{ kind: 'control', name: 'server-time', venueTsMs }] };
    });
    await rig.driver.start();
    slow = true;
    await rig.until(() => rig.driver.stats().clock.roundTripMs > 800);
    expect(Math.abs(rig.driver.stats().clock.offsetMs)).toBeGreaterThan(300);
    expect(rig.events.some((e) => e.kind === 'venue-status' && e.channel === 'clock')).toBe(false);
  });
});
