// Orders as posts over the socket, and several in one action: the same signed action as over REST,
// and answers that read as its replies.
import { describe, expect, it } from 'vitest';
import { fixture, fixtureCatalog } from '../../../test/support/hyperliquid-fixtures.ts';
import type { Instrument } from '../../domain/instrument.ts';
import { draftOf } from '../../testing/drafts.ts';
import { batches } from './batches.ts';
import { hyperliquid } from './index.ts';
import { orderEntry } from './order-entry.ts';
import { sign } from './sign.ts';

const catalog = fixtureCatalog();
const perp = catalog.byId('hyperliquid:BTC-USDC-PERP') as Instrument;
const credentials = { key: `0x${'ab'.repeat(20)}`, secret: `0x${'17'.repeat(32)}` };
const call = { id: '256', credentials, wallMs: 1_700_000_000_000, catalog };
const bytes = (frame: unknown): Uint8Array =>
  new TextEncoder().encode(typeof frame === 'string' ? frame : JSON.stringify(frame));
const place = (clientOrderId: string) =>
  hyperliquid.requests.place(draftOf(perp, { clientOrderId }), perp);
const answered = (response: unknown) =>
  orderEntry.answer(bytes({ channel: 'post', data: { id: 256, response } }), 'orders');
const read = (response: unknown) => {
  const { status, body } = answered(response) ?? { status: 0, body: '' };
  return hyperliquid.decodeReply(place('fatest1'), { status, body }, catalog);
};

describe('orders over /ws', () => {
  it('are posts of the action as REST signs it, with a number for an id', () => {
    for (const request of [place('fatest1'), hyperliquid.requests.cancel('fatest1', perp)]) {
      const { text = '{}', socket } = orderEntry.message(request, call) ?? {};
      expect(socket).toBe('orders');
      const payload = JSON.parse(sign(request, credentials, call.wallMs).body ?? '{}');
      expect(payload.signature.r).toMatch(/^0x[0-9a-f]{64}$/);
      expect(JSON.parse(text)).toEqual({
        ...{ method: 'post', id: 256 },
        request: { type: 'action', payload },
      });
    }
  });

  it('leverage and reads stay with REST', () => {
    for (const request of [
      ...hyperliquid.requests.setup([perp], { leverage: 3 }),
      hyperliquid.requests.serverTime(),
      ...hyperliquid.requests.queryOrder('fatest1', perp),
    ]) {
      expect(orderEntry.message(request, call)).toBeNull();
    }
  });

  it('the documented answer reads as an ack of its id', () => {
    const answer = orderEntry.answer(bytes(fixture('ws-post-order')), 'orders');
    expect(answer?.id).toBe('256');
    const reply = { status: answer?.status ?? 0, body: answer?.body ?? '' };
    expect(hyperliquid.decodeReply(place('fatest1'), reply, catalog)).toMatchObject([
      { kind: 'control', name: 'ack', value: '88383' },
    ]);
  });

  it.each([
    [
      'a refusal',
      { type: 'action', payload: { status: 'err', response: 'Insufficient margin' } },
      'REJECTED',
      'funds',
    ],
    [
      'a 429',
      { type: 'error', payload: '429 Too Many Requests: null' },
      'RATE_LIMITED',
      'back-off',
    ],
    ['a 422', { type: 'error', payload: '422 Unprocessable Entity: x' }, 'BAD_PAYLOAD', 'report'],
    ['a 500', { type: 'error', payload: '500 Internal Server Error' }, 'UNKNOWN_OUTCOME', 'query'],
    ['an error without a status', { type: 'error', payload: 'oops' }, 'UNKNOWN_OUTCOME', 'query'],
    ['an error without a text', { type: 'error' }, 'UNKNOWN_OUTCOME', 'query'],
    ['an empty action', { type: 'action' }, 'UNKNOWN_OUTCOME', 'query'],
    ['another type', { type: 'info', payload: {} }, 'UNKNOWN_OUTCOME', 'query'],
  ])('%s has the outcome that it has over REST', (_name, response, code, reaction) => {
    expect(read(response)).toMatchObject([{ kind: 'error', code, reaction }]);
  });

  it('other frames of the socket are no answers', () => {
    for (const frame of [{ channel: 'pong' }, { channel: 'post', data: {} }, 'x', [1]]) {
      expect(orderEntry.answer(bytes(frame), 'orders')).toBeNull();
    }
  });
});

describe('several in one action', () => {
  const of = [place('fatest1'), place('fatest2'), place('fatest3')];
  const reply = (statuses: unknown[]) => ({
    status: 200,
    body: JSON.stringify({ status: 'ok', response: { type: 'order', data: { statuses } } }),
  });

  it('the orders of each stand in one list, in the order of keys that is signed', () => {
    const { body, clientOrderId, weight } = batches.join(of);
    const { action } = JSON.parse(body ?? '{}');
    expect([clientOrderId, weight]).toEqual([null, 1]);
    expect(Object.keys(action)).toEqual(['type', 'orders', 'grouping']);
    expect(action.orders).toEqual(of.map((one) => JSON.parse(one.body ?? '').action.orders[0]));
    expect(batches.groupOf(of[0] ?? place('x'))).toEqual({ key: 'order', max: 39 });
    const [setup] = hyperliquid.requests.setup([perp], { leverage: 3 });
    expect(batches.groupOf(setup ?? place('x'))?.key).toBeUndefined();
  });

  it('each has the status at its place', () => {
    const statuses = [{ resting: { oid: 7 } }, { error: 'Insufficient margin' }, 'odd'];
    const events = batches.split(of, reply(statuses))?.map((part, i) => {
      return hyperliquid.decodeReply(of[i] ?? place('x'), part ?? reply([]), catalog)[0];
    });
    expect(events).toMatchObject([
      { kind: 'control', name: 'ack', value: '7' },
      { kind: 'error', reaction: 'funds', clientOrderId: 'fatest2' },
      { kind: 'error', code: 'UNKNOWN_OUTCOME', clientOrderId: 'fatest3' },
    ]);
  });

  it('one error, or none of the form, is of all; anything else of none', () => {
    expect(batches.split(of, reply([{ error: 'Order must have minimum value' }]))).toBeNull();
    expect(batches.split(of, { status: 200, body: '{"status":"err","response":"no"}' })).toBeNull();
    expect(batches.split(of, { status: 502, body: '' })).toBeNull();
    for (const odd of [[], [{ resting: { oid: 7 } }], [{ error: 'x' }, 'success']]) {
      expect(batches.split(of, reply(odd))).toEqual([null, null, null]);
    }
  });
});
