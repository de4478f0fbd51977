// Orders over the venue's WebSocket, with the toy venue: what is sent where, and what an answer
// that is lost, late or missing means. One connection, each message at most once.
import { afterEach, describe, expect, it } from 'vitest';
import { type RigOptions, type ToyRig, toyRig } from '../../test/support/toy-rig.ts';
import { control, frame } from '../../test/support/toy-server.ts';
import { toyOrder } from '../../test/support/toy-venue.ts';
import type { DriverOptions } from './driver-types.ts';

let rig: ToyRig;
afterEach(() => rig.stop());

async function started(
  options: RigOptions & { readonly before?: (rig: ToyRig) => void } = {},
): Promise<void> {
  rig = await toyRig({ ...options, venue: { orderSocket: true, ...options.venue } });
  options.before?.(rig);
  await rig.driver.start();
}

const place = (clientOrderId = 'farb1'): void =>
  rig.driver.act({ kind: 'place-order', order: toyOrder({ clientOrderId }) });
const target = { venue: 'toy', instrument: 'toy:BTC-USDT-PERP', clientOrderId: 'farb1' };
const resultOf = (id: string) => rig.next('place-result', (e) => e.clientOrderId === id);
const overSocket = () => rig.toy.seen('WS POST /order');
const overRest = () => rig.toy.seen('POST /order');
const stats = () => rig.driver.stats().orderSockets[0];
const isUp = (): boolean => stats()?.state === 'up';

describe('orders over a socket', () => {
  it('a placement and its cancel go over it, and REST sees neither', async () => {
    await started();
    place();
    expect(await resultOf('farb1')).toMatchObject({ outcome: 'acked', error: null });
    rig.driver.act({ kind: 'cancel-order', ...target });
    expect(await rig.next('cancel-result')).toMatchObject({ outcome: 'acked' });
    expect(overSocket()).toHaveLength(1);
    expect(rig.toy.seen('WS DELETE /order')).toHaveLength(1);
    expect(overRest()).toHaveLength(0);
    expect(stats()).toMatchObject({ sent: 2, answered: 2, unanswered: 0, late: 0 });
  });

  it('answers in another order than the requests find their own', async () => {
    await started();
    const waiting = new Map<string, () => void>();
    rig.toy.on('WS POST /order', async ({ body }) => {
      const { id } = JSON.parse(body) as { id: string };
      await new Promise<void>((resolve) => waiting.set(id, resolve));
      const refused = { kind: 'error', code: 'REJECTED', reaction: 'funds', message: id };
      return { events: [id === 'a' ? { kind: 'control', name: 'ack', value: null } : refused] };
    });
    place('a');
    place('b');
    await rig.toy.until(() => waiting.size === 2);
    waiting.get('b')?.();
    expect(await resultOf('b')).toMatchObject({ outcome: 'rejected', error: { message: 'b' } });
    waiting.get('a')?.();
    expect(await resultOf('a')).toMatchObject({ outcome: 'acked' });
  });

  it('no answer in time is unknown; the dead connection is made anew', async () => {
    await started({ limits: { placeTimeoutMs: 60 }, venue: { silenceMsMax: 60_000 } });
    rig.toy.onText = (path, text) => (path === '/orders' && text === 'ping' ? [] : null);
    rig.toy.on('WS POST /order', () => 'hang');
    place();
    expect(await resultOf('farb1')).toMatchObject({
      outcome: 'unknown',
      error: { code: 'UNKNOWN_OUTCOME', venueCode: 'timeout' },
    });
    await rig.until(() => stats()?.reconnects === 1);
    expect(overSocket()).toHaveLength(1);
    expect(overRest()).toHaveLength(0);
  });

  it('a late answer is counted and changes nothing', async () => {
    await started({ limits: { placeTimeoutMs: 40 } });
    let answer = (): void => {};
    rig.toy.on('WS POST /order', async () => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return { events: [{ kind: 'control', name: 'ack', value: null }] };
    });
    place();
    // Another frame since the request: the connection lives, only this answer is missing.
    await rig.toy.until(() => overSocket().length === 1);
    rig.toy.push('/orders', control('pong'));
    expect(await resultOf('farb1')).toMatchObject({ outcome: 'unknown' });
    answer();
    await rig.until(() => stats()?.late === 1);
    expect(stats()).toMatchObject({ reconnects: 0, unanswered: 1 });
    expect(rig.events.filter(({ kind }) => kind === 'place-result')).toHaveLength(1);
  });

  it('a connection lost in flight leaves its orders unknown, none is sent again', async () => {
    await started();
    rig.toy.on('WS POST /order', () => 'hang');
    place('a');
    place('b');
    await rig.toy.until(() => overSocket().length === 2);
    rig.toy.drop('/orders');
    for (const id of ['a', 'b']) {
      expect(await resultOf(id)).toMatchObject({
        outcome: 'unknown',
        error: { code: 'UNKNOWN_OUTCOME', venueCode: 'reset' },
      });
    }
    await rig.until(isUp);
    expect(overSocket()).toHaveLength(2);
    expect(overRest()).toHaveLength(0);
  });

  it('while it is down orders go over REST, and over it again when it is back', async () => {
    await started({ driver: { socketLimits: { backOffMs: 400, backOffMsMax: 400 } } });
    rig.toy.drop('/orders');
    await rig.until(() => !isUp());
    place('a');
    expect(await resultOf('a')).toMatchObject({ outcome: 'acked' });
    expect([overSocket().length, overRest().length]).toEqual([0, 1]);
    await rig.until(isUp);
    place('b');
    expect(await resultOf('b')).toMatchObject({ outcome: 'acked' });
    expect([overSocket().length, overRest().length]).toEqual([1, 1]);
  });

  it('told that the venue closes soon, it waits for answers and then reconnects', async () => {
    await started();
    let answer = (): void => {};
    rig.toy.on('WS POST /order', async () => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return { events: [{ kind: 'control', name: 'ack', value: null }] };
    });
    place('a');
    await rig.toy.until(() => overSocket().length === 1);
    rig.toy.push('/orders', control('reconnect-now'));
    await rig.until(() => stats()?.draining === true);
    place('b');
    expect(await resultOf('b')).toMatchObject({ outcome: 'acked' });
    expect(overRest()).toHaveLength(1);
    answer();
    expect(await resultOf('a')).toMatchObject({ outcome: 'acked' });
    await rig.until(() => stats()?.reconnects === 1 && isUp());
    expect(stats()?.unanswered).toBe(0);
  });

  it('a refused timestamp measures the clock and sends once more, once only', async () => {
    await started();
    rig.toy.on('WS POST /order', () => ({
      events: [{ kind: 'error', code: 'REJECTED', reaction: 'resync-clock', message: 'late' }],
    }));
    const measured = rig.toy.seen('GET /time').length;
    place();
    expect(await resultOf('farb1')).toMatchObject({ outcome: 'rejected' });
    expect(overSocket()).toHaveLength(2);
    expect(rig.toy.seen('GET /time').length).toBeGreaterThan(measured);
  });

  it.each([
    ['switched off', { orderEntry: 'rest' }],
    ['its host is not named', { endpoints: 'without ws' }],
  ] as const)('%s: everything goes over REST', async (_name, how) => {
    const driver: Partial<DriverOptions> =
      'orderEntry' in how ? { orderEntry: how.orderEntry } : {};
    await started({ driver, venue: 'endpoints' in how ? { orderHost: 'elsewhere' } : {} });
    place();
    expect(await resultOf('farb1')).toMatchObject({ outcome: 'acked' });
    expect(overRest()).toHaveLength(1);
    expect(rig.driver.stats().orderSockets).toEqual([]);
  });

  it('a login that is refused leaves the orders to REST and tries again', async () => {
    let refusals = 2;
    await started({
      limits: { orderSocketUpMsMax: 10 },
      before: ({ toy }) => {
        toy.onText = (path, text) => {
          if (path !== '/orders' || !text.startsWith('login ') || refusals-- <= 0) return null;
          return [frame({ kind: 'error', code: 'AUTH', reaction: 'stop', message: 'no' })];
        };
      },
    });
    await rig.until(isUp);
    expect(refusals).toBeLessThan(0);
    place();
    expect(await resultOf('farb1')).toMatchObject({ outcome: 'acked' });
    expect(overSocket()).toHaveLength(1);
  });

  it('a stop answers what is in flight', async () => {
    await started();
    rig.toy.on('WS POST /order', () => 'hang');
    place();
    await rig.toy.until(() => overSocket().length === 1);
    await rig.driver.stop();
    expect(await resultOf('farb1')).toMatchObject({ outcome: 'unknown' });
  });
});
