// Several orders that leave at one moment, with the toy venue: which go together, and that each is
// judged by its own item, whatever the answer as a whole says.
import { afterEach, describe, expect, it } from 'vitest';
import { type RigOptions, type ToyRig, toyRig } from '../../test/support/toy-rig.ts';
import { toyOrder } from '../../test/support/toy-venue.ts';
import type { VenueEffect } from '../domain/event.ts';
import type { OrderPurpose } from '../domain/order.ts';

let rig: ToyRig;
afterEach(() => rig.stop());

async function started(options: RigOptions = {}): Promise<void> {
  rig = await toyRig({ ...options, venue: { batchMax: 3, ...options.venue } });
  await rig.driver.start();
}

const placing = (clientOrderId: string, purpose: OrderPurpose = 'exit'): VenueEffect => ({
  kind: 'place-order',
  order: toyOrder({ clientOrderId, purpose }),
});
const cancelling = (clientOrderId: string): VenueEffect => ({
  kind: 'cancel-order',
  venue: 'toy',
  instrument: 'toy:BTC-USDT-PERP',
  clientOrderId,
});
const placed = (id: string) => rig.next('place-result', (e) => e.clientOrderId === id);
const cancelled = (id: string) => rig.next('cancel-result', (e) => e.clientOrderId === id);
const ack = { kind: 'control', name: 'ack', value: null };
const refusal = { kind: 'error', code: 'REJECTED', reaction: 'funds', message: 'no funds' };
const items = (...of: readonly (object | null)[]): { text: string } => ({
  text: JSON.stringify({ items: of.map((event) => (event === null ? null : [event])) }),
});
const idsOf = (line: string): readonly string[][] =>
  rig.toy.seen(line).map(({ body }) => (JSON.parse(body) as { ids: string[] }).ids);

describe('orders that leave together', () => {
  it('are one request, and each is judged by its own item', async () => {
    await started();
    rig.toy.on('POST /orders', () => items(ack, refusal, null));
    rig.driver.actAll([placing('a'), placing('b'), placing('c')]);
    expect(await placed('a')).toMatchObject({ outcome: 'acked', error: null });
    expect(await placed('b')).toMatchObject({
      outcome: 'rejected',
      error: { message: 'no funds', reaction: 'funds' },
    });
    expect(await placed('c')).toMatchObject({ outcome: 'unknown' });
    expect(idsOf('POST /orders')).toEqual([['a', 'b', 'c']]);
    expect(rig.toy.seen('POST /order')).toHaveLength(0);
  });

  it('an answer that is shorter than the request leaves the rest unknown', async () => {
    await started();
    rig.toy.on('POST /orders', () => items(ack));
    rig.driver.actAll([placing('a'), placing('b')]);
    expect(await placed('a')).toMatchObject({ outcome: 'acked' });
    expect(await placed('b')).toMatchObject({ outcome: 'unknown', error: { reaction: 'query' } });
  });

  it.each([
    ['one refusal of the whole', { status: 400, events: [refusal] }, 'rejected'],
    ['a rate limit', { status: 429, events: [{ ...refusal, code: 'RATE_LIMITED' }] }, 'rejected'],
    ['a server error', { status: 502, text: '<html>' }, 'unknown'],
    ['a success that is no JSON', { status: 200, text: '<html>' }, 'unknown'],
    ['no answer', 'hang', 'unknown'],
    ['a cut connection', 'cut', 'unknown'],
  ] as const)('%s is the answer to every one: %s', async (_name, answer, outcome) => {
    await started({ limits: { placeTimeoutMs: 200 } });
    rig.toy.on('POST /orders', () => answer);
    rig.driver.actAll([placing('a'), placing('b')]);
    for (const id of ['a', 'b']) expect(await placed(id)).toMatchObject({ outcome });
    expect(rig.toy.seen('POST /orders')).toHaveLength(1);
    expect(rig.toy.seen('POST /order')).toHaveLength(0);
  });

  it('no more than the venue takes go into one; one alone goes as it always did', async () => {
    await started();
    rig.toy.on('POST /orders', () => items(ack, ack, ack));
    rig.driver.actAll(['a', 'b', 'c', 'd'].map((id) => placing(id)));
    for (const id of ['a', 'b', 'c', 'd']) await placed(id);
    expect(idsOf('POST /orders')).toEqual([['a', 'b', 'c']]);
    expect(rig.toy.seen('POST /order')).toHaveLength(1);
  });

  it('a hedge never shares a request with an entry, nor a cancel with a placement', async () => {
    await started();
    rig.toy.on('POST /orders', () => items(ack, ack));
    rig.toy.on('DELETE /orders', () => items(ack, { ...refusal, reaction: 'reconcile' }));
    rig.driver.actAll([
      placing('e1', 'entry'),
      placing('h1', 'hedge'),
      cancelling('c1'),
      placing('e2', 'entry'),
      placing('h2', 'unwind'),
      cancelling('c2'),
    ]);
    for (const id of ['e1', 'e2', 'h1', 'h2']) await placed(id);
    expect(await cancelled('c1')).toMatchObject({ outcome: 'acked' });
    expect(await cancelled('c2')).toMatchObject({ outcome: 'gone' });
    expect(new Set(idsOf('POST /orders').map(String))).toEqual(new Set(['e1,e2', 'h1,h2']));
    expect(idsOf('DELETE /orders')).toEqual([['c1', 'c2']]);
  });

  it('a batch that is refused for its timestamp is sent once more as a whole', async () => {
    await started();
    const late = { kind: 'error', code: 'REJECTED', reaction: 'resync-clock', message: 'late' };
    let calls = 0;
    rig.toy.on('POST /orders', () => (++calls === 1 ? { events: [late] } : items(ack, ack)));
    rig.driver.actAll([placing('a'), placing('b')]);
    for (const id of ['a', 'b']) expect(await placed(id)).toMatchObject({ outcome: 'acked' });
    expect(idsOf('POST /orders')).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  it('takes as many places of the rate limit as it has orders', async () => {
    const orders = { capacity: 3, intervalMs: 60_000 };
    const reads = { capacity: 10_000, intervalMs: 1_000 };
    await started({ venue: { buckets: { orders, reads } }, limits: { placeQueueMsMax: 50 } });
    rig.toy.on('POST /orders', () => items(ack, ack));
    rig.driver.actAll([placing('a'), placing('b')]);
    await placed('a');
    rig.driver.actAll([placing('c'), placing('d')]);
    expect(await placed('c')).toMatchObject({
      outcome: 'rejected',
      error: { code: 'RATE_LIMITED' },
    });
    expect(rig.toy.seen('POST /orders')).toHaveLength(1);
  });

  it('where the venue has no batches, each goes alone', async () => {
    await started({ venue: { batchMax: 0 } });
    rig.driver.actAll([placing('a'), placing('b')]);
    for (const id of ['a', 'b']) expect(await placed(id)).toMatchObject({ outcome: 'acked' });
    expect(rig.toy.seen('POST /order')).toHaveLength(2);
  });
});
