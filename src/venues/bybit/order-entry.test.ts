import { describe, expect, it } from 'vitest';
import { fixtureCatalog } from '../../../test/support/bybit-fixtures.ts';
import { decimal } from '../../base/decimal.ts';
import type { Instrument } from '../../domain/instrument.ts';
import { draftOf } from '../../testing/drafts.ts';
import { bybit } from './index.ts';
import { orderEntry } from './order-entry.ts';

const catalog = fixtureCatalog();
const perp = catalog.bySymbol('bybit', 'linear', 'BTCUSDT') as Instrument;
const call = { id: 'f1x1', credentials: { key: 'k', secret: 's' }, wallMs: 1_700.9, catalog };
const bytes = (frame: object): Uint8Array => new TextEncoder().encode(JSON.stringify(frame));

describe('orders over /v5/trade', () => {
  it('carry the body of REST, with time and window in the header', () => {
    const request = bybit.requests.place(draftOf(perp), perp);
    const message = orderEntry.message(request, call);
    expect(message?.socket).toBe('orders');
    expect(JSON.parse(message?.text ?? '{}')).toEqual({
      reqId: 'f1x1',
      header: { 'X-BAPI-TIMESTAMP': '1700', 'X-BAPI-RECV-WINDOW': '5000' },
      op: 'order.create',
      args: [JSON.parse(request.body ?? '{}')],
    });
  });

  it('are the bytes that reading the body and writing the whole anew would give', () => {
    const limits = [decimal('50000.1'), null];
    for (const limit of limits) {
      const request = bybit.requests.place({ ...draftOf(perp), limit }, perp);
      for (const { path, body } of [request, bybit.requests.cancel('a1', perp)]) {
        const header = { 'X-BAPI-TIMESTAMP': '1700', 'X-BAPI-RECV-WINDOW': '5000' };
        const op = path.endsWith('create') ? 'order.create' : 'order.cancel';
        const generic = { reqId: 'f1x1', header, op, args: [JSON.parse(body ?? '')] };
        const sent = orderEntry.message({ ...request, path, body }, call);
        expect(sent?.text).toBe(JSON.stringify(generic));
      }
    }
  });

  it('an answer reads as the reply of REST, with its limits', () => {
    const header = { Timenow: '1000', 'X-Bapi-Limit-Status': '0' };
    const frame = {
      ...{ reqId: 'f1x1', retCode: 110001, retMsg: 'order not exists', op: 'order.cancel' },
      ...{ data: {}, header: { ...header, 'X-Bapi-Limit-Reset-Timestamp': '1400' }, connId: 'c' },
    };
    const answer = orderEntry.answer(bytes(frame), 'orders');
    expect(answer?.id).toBe('f1x1');
    expect(bybit.rateLimits.readHeaders(answer?.headers ?? {}).retryAfterMs).toBe(400);
    const request = bybit.requests.cancel('a1', perp);
    const reply = { status: 200, body: answer?.body ?? '' };
    expect(bybit.decodeReply(request, reply, catalog)).toMatchObject([
      { kind: 'error', venueCode: '110001', reaction: 'reconcile', clientOrderId: 'a1' },
    ]);
  });

  it('an accepted order reads as an ack of its id', () => {
    const frame = {
      reqId: 'f1x1',
      retCode: 0,
      retMsg: 'OK',
      op: 'order.create',
      data: { orderId: '9' },
    };
    const answer = orderEntry.answer(bytes(frame), 'orders');
    const request = bybit.requests.place(draftOf(perp), perp);
    expect(
      bybit.decodeReply(request, { status: 200, body: answer?.body ?? '' }, catalog),
    ).toMatchObject([{ kind: 'control', name: 'ack', value: '9' }]);
  });

  it('a login and a pong are no answers; demo names no host for it', () => {
    expect(orderEntry.answer(bytes({ op: 'auth', retCode: 0, connId: 'c' }), 'orders')).toBeNull();
    expect(orderEntry.answer(bytes({ op: 'pong', retCode: 0, data: ['1'] }), 'orders')).toBeNull();
    expect(bybit.endpoints['demo']?.ws).not.toHaveProperty('trade');
  });
});
