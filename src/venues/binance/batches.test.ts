import { describe, expect, it } from 'vitest';
import { exampleInstrument } from '../../../test/support/binance-fixtures.ts';
import { draftOf } from '../../testing/drafts.ts';
import { batches } from './batches.ts';
import { requests } from './requests.ts';

const perp = exampleInstrument('BTCUSDT', 'linear');
const pepe = exampleInstrument('1000PEPEUSDT', 'linear');
const spot = exampleInstrument('BTCUSDT', 'spot');
const place = (clientOrderId: string, of = perp) =>
  requests.place(draftOf(of, { clientOrderId }), of);

describe('batches', () => {
  it('five placements of any contract go together, ten cancels of one; spot goes alone', () => {
    expect(batches.groupOf(place('a'))).toEqual(batches.groupOf(place('b', pepe)));
    expect(batches.groupOf(place('a'))?.max).toBe(5);
    const cancel = batches.groupOf(requests.cancel('a', perp));
    expect(cancel?.max).toBe(10);
    expect(cancel).not.toEqual(batches.groupOf(requests.cancel('a', pepe)));
    expect(batches.groupOf(place('a', spot))).toBeNull();
    expect(batches.groupOf(requests.cancel('a', spot))).toBeNull();
  });

  it('placements are a list of the single parameters', () => {
    const both = [place('a'), place('b', pepe)];
    const joined = batches.join(both);
    expect(joined).toMatchObject({
      ...{ method: 'POST', path: '/fapi/v1/batchOrders', purpose: 'place' },
      ...{ bucket: 'usdm-orders', weight: 5, clientOrderId: null },
    });
    const list = JSON.parse(new URLSearchParams(joined.query).get('batchOrders') ?? '[]');
    expect(list).toEqual(both.map(({ query }) => Object.fromEntries(new URLSearchParams(query))));
  });

  it('cancels name their symbol once and every client id', () => {
    const joined = batches.join([requests.cancel('a', perp), requests.cancel('b', perp)]);
    expect([joined.method, joined.path]).toEqual(['DELETE', '/fapi/v1/batchOrders']);
    expect(Object.fromEntries(new URLSearchParams(joined.query))).toEqual({
      ...{ symbol: 'BTCUSDT', origClientOrderIdList: '["a","b"]' },
    });
  });

  it('each entry of the answer is the answer to one: a failure is a failure under a 200', () => {
    const of = [place('a'), place('b'), place('c')];
    const body = '[{"orderId":7,"symbol":"BTCUSDT"},{"code":-2019,"msg":"no margin"}]';
    expect(batches.split(of, { status: 200, body })).toEqual([
      { status: 200, body: '{"orderId":7,"symbol":"BTCUSDT"}' },
      { status: 400, body: '{"code":-2019,"msg":"no margin"}' },
      null,
    ]);
    expect(batches.split(of, { status: 400, body: '{"code":-1021,"msg":"late"}' })).toBeNull();
    expect(batches.split(of, { status: 502, body: '<html>' })).toBeNull();
  });
});
