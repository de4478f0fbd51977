import { describe, expect, it } from 'vitest';
import { fixtureCatalog } from '../../../test/support/bybit-fixtures.ts';
import type { Instrument } from '../../domain/instrument.ts';
import { draftOf } from '../../testing/drafts.ts';
import { batches } from './batches.ts';
import { bybit } from './index.ts';

const catalog = fixtureCatalog();
const perp = catalog.bySymbol('bybit', 'linear', 'BTCUSDT') as Instrument;
const spot = catalog.bySymbol('bybit', 'spot', 'BTCUSDT') as Instrument;
const place = (clientOrderId: string, of = perp) =>
  bybit.requests.place(draftOf(of, { clientOrderId }), of);

describe('batches', () => {
  it('as many of one category go together as the limit of a second lets through', () => {
    const group = batches.groupOf(place('a'));
    const { capacity } = bybit.rateLimits.buckets['orders-linear'] as { capacity: number };
    expect(group?.max).toBeLessThanOrEqual(capacity);
    expect(batches.groupOf(place('b', spot))).not.toEqual(group);
    expect(batches.groupOf(bybit.requests.cancel('a', perp))).not.toEqual(group);
  });

  it('the category stands once, the rest of each body in the list', () => {
    const both = [place('a'), place('b')];
    const joined = batches.join(both);
    expect(joined).toMatchObject({ path: '/v5/order/create-batch', bucket: 'orders-linear' });
    expect([joined.weight, joined.clientOrderId]).toEqual([2, null]);
    const { category, request } = JSON.parse(joined.body ?? '{}');
    expect(category).toBe('linear');
    expect(request.map((item: object) => ({ category, ...item }))).toEqual(
      both.map(({ body }) => JSON.parse(body ?? '')),
    );
  });

  it('ids and codes come in two parallel lists', () => {
    const of = [place('a'), place('b'), place('c')];
    const list = [
      { orderLinkId: 'a', orderId: '1' },
      { orderLinkId: 'b', orderId: '' },
    ];
    const codes = [
      { code: 0, msg: 'OK' },
      { code: 110007, msg: 'no balance' },
    ];
    const reply = { retCode: 0, result: { list }, retExtInfo: { list: codes } };
    const parts = batches.split(of, { status: 200, body: JSON.stringify(reply) });
    expect(parts?.map((part) => (part === null ? null : JSON.parse(part.body)))).toEqual([
      { retCode: 0, retMsg: 'OK', result: list[0], retExtInfo: {} },
      { retCode: 110007, retMsg: 'no balance', result: list[1], retExtInfo: {} },
      null,
    ]);
    const [first, second] = parts ?? [];
    const events = (part: typeof first) =>
      bybit.decodeReply(of[0] ?? place('a'), part ?? { status: 0, body: '' }, catalog);
    expect(events(first)).toMatchObject([{ kind: 'control', name: 'ack' }]);
    expect(events(second)).toMatchObject([{ kind: 'error', reaction: 'funds' }]);
    const refused = '{"retCode":10006,"retMsg":"Too many visits","result":{},"retExtInfo":{}}';
    expect(batches.split(of, { status: 200, body: refused })).toBeNull();
  });
});
