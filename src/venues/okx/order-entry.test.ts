import { describe, expect, it } from 'vitest';
import { okxCatalog } from '../../../test/support/okx-fixtures.ts';
import { decimal } from '../../base/decimal.ts';
import { Catalog, type Instrument } from '../../domain/instrument.ts';
import { draftOf } from '../../testing/drafts.ts';
import { okx } from './index.ts';
import { orderEntry } from './order-entry.ts';

const catalog = okxCatalog();
const swap = catalog.byId('okx:BTC-USDT-PERP') as Instrument;
const call = { id: 'f1x1', credentials: { key: 'k', secret: 's' }, wallMs: 1_700_000, catalog };
const bytes = (frame: object): Uint8Array => new TextEncoder().encode(JSON.stringify(frame));

describe('orders over the private WebSocket', () => {
  it('name the instrument by its code, as a number, and when they expire', () => {
    const message = orderEntry.message(okx.requests.place(draftOf(swap), swap), call);
    expect(message?.socket).toBe('orders');
    expect(message?.text).toContain('"instIdCode":2000000000010001');
    const { op, expTime, args } = JSON.parse(message?.text ?? '{}');
    expect([op, expTime]).toEqual(['order', '1705000']);
    expect(args).toHaveLength(1);
    expect(args[0]).toMatchObject({
      clOrdId: 'faconform0001000001l',
      tdMode: 'cross',
      side: 'buy',
    });
    expect(args[0]).not.toHaveProperty('instId');
  });

  it('a cancel is named the same way and does not expire', () => {
    const message = orderEntry.message(okx.requests.cancel('a1', swap), call);
    const { expTime, ...said } = JSON.parse(message?.text ?? '{}');
    expect(expTime).toBeUndefined();
    expect(said).toEqual({
      ...{ id: 'f1x1', op: 'cancel-order' },
      args: [{ instIdCode: 2_000_000_000_010_001, clOrdId: 'a1' }],
    });
  });

  it('are the bytes that reading the body and writing it anew would give', () => {
    const limits = [decimal('50000.1'), null];
    for (const limit of limits) {
      const request = okx.requests.place({ ...draftOf(swap), limit }, swap);
      const { instId: _name, ...rest } = JSON.parse(request.body ?? '{}');
      const args = [{ instIdCode: 2_000_000_000_010_001, ...rest }];
      const generic = { id: 'f1x1', op: 'order', expTime: '1705000', args };
      expect(orderEntry.message(request, call)?.text).toBe(JSON.stringify(generic));
    }
  });

  it('a name with escapes, or not in front, is read as JSON', () => {
    const request = okx.requests.place(draftOf(swap), swap);
    const { instId: _name, ...rest } = JSON.parse(request.body ?? '{}');
    const plain = orderEntry.message(request, call)?.text;
    const escaped = (request.body ?? '').replace('BTC-USDT-SWAP', 'BTC\\u002dUSDT-SWAP');
    expect(orderEntry.message({ ...request, body: escaped }, call)?.text).toBe(plain);
    const behind = JSON.stringify({ ...rest, instId: 'BTC-USDT-SWAP' });
    expect(orderEntry.message({ ...request, body: behind }, call)?.text).toBe(plain);
  });

  it('without a code that a number carries, only REST is left', () => {
    const { assetId: _none, ...nameless } = swap;
    const bare = new Catalog();
    bare.put(nameless);
    const request = okx.requests.cancel('a1', swap);
    expect(orderEntry.message(request, { ...call, catalog: bare })).toBeNull();
    const row = { instId: 'BTC-USDT-SWAP', instType: 'SWAP', ctVal: '0.01', settleCcy: 'USDT' };
    // Not through JSON.stringify: a number of 19 digits must arrive as it is.
    const listing = (code: string): string =>
      `{"code":"0","data":[${JSON.stringify({ ...row, instIdCode: 0 })}]}`.replace(
        '"instIdCode":0',
        `"instIdCode":${code}`,
      );
    const [list] = okx.requests.instruments();
    const codeOf = (body: string): unknown =>
      okx
        .decodeReply(list as NonNullable<typeof list>, { status: 200, body }, new Catalog())
        .map((event) => (event.kind === 'instrument' ? event.spec.assetId : 'unreadable'))[0];
    expect(codeOf(listing('2000000000010001'))).toBe(2_000_000_000_010_001);
    expect(codeOf(listing('9223372036854775807'))).toBeUndefined();
  });

  it('an answer with its item, and one without, read as the reply of REST', () => {
    const item = { clOrdId: 'a1', ordId: '', sCode: '51400', sMsg: 'gone' };
    const frame = { id: 'f1x1', op: 'cancel-order', code: '1', msg: 'failed', data: [item] };
    const answer = orderEntry.answer(bytes(frame), 'orders');
    const request = okx.requests.cancel('a1', swap);
    const reply = { status: answer?.status ?? 0, body: answer?.body ?? '' };
    expect(answer?.id).toBe('f1x1');
    expect(okx.decodeReply(request, reply, catalog)).toMatchObject([
      { kind: 'error', venueCode: '51400', reaction: 'reconcile' },
    ]);
    const limited = { id: 'f1x1', op: 'order', code: '50011', msg: 'Too Many', data: [] };
    const refused = orderEntry.answer(bytes(limited), 'orders');
    expect(
      okx.decodeReply(request, { status: 200, body: refused?.body ?? '' }, catalog),
    ).toMatchObject([{ code: 'RATE_LIMITED', venueCode: '50011' }]);
  });

  it('a login and a notice are no answers', () => {
    for (const event of ['login', 'notice']) {
      expect(orderEntry.answer(bytes({ id: 'f1x1', event, code: '0' }), 'orders')).toBeNull();
    }
  });
});
