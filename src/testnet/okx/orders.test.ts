import { describe, expect, it } from 'vitest';
import { blank, get, okxTestnet, post, spotId, swapId } from '../../../test/support/okx-testnet.ts';
import { decimal } from '../../base/decimal.ts';
import { okx } from '../../venues/okx/index.ts';

describe('orders', () => {
  it('fill in contracts and show in every listing', () => {
    const { ask, place, json } = okxTestnet();
    expect(place({ qty: decimal('0.0123') })).toMatchObject([{ kind: 'control', name: 'ack' }]);
    const [row] = json(get('trade/order', 'instId=BTC-USDT-SWAP&clOrdId=test1')).data;
    expect(row).toMatchObject({
      ...{ state: 'filled', sz: '1.23', accFillSz: '1.23', avgPx: '65000.1', ordType: 'ioc' },
      // 0.0123 x 65000.1 x 0.0005 = 0.3997506..., rounded to 1e-8.
      ...{ fee: '-0.39975062', feeCcy: 'USDT', cancelSource: '' },
    });
    const scope = { instruments: [], sinceMs: 0 };
    expect(okx.requests.fills(scope).flatMap(ask)).toMatchObject([
      {
        kind: 'fill',
        qty: decimal('0.0123'),
        fee: decimal('-0.39975062'),
        liquidity: 'taker',
        clientOrderId: 'test1',
      },
    ]);
    expect(okx.requests.positions([]).flatMap(ask)).toMatchObject([
      { kind: 'position', qty: decimal('0.0123'), entryPrice: decimal('65000.1'), leverage: 3 },
    ]);
    expect(okx.requests.balances().flatMap(ask)).toMatchObject([
      { kind: 'balance', asset: 'USDT', total: decimal('999999.60024938') },
    ]);
  });

  it('accept a crossing post-only order and cancel it with source 31', () => {
    const { place, json } = okxTestnet();
    const result = place({ timeInForce: 'post-only', limit: decimal('65000.1') });
    expect(result).toMatchObject([{ kind: 'control', name: 'ack' }]);
    const [row] = json(get('trade/order', 'instId=BTC-USDT-SWAP&clOrdId=test1')).data;
    expect(row).toMatchObject({ state: 'canceled', cancelSource: '31', accFillSz: '0' });
  });

  it('cancel the rest of an IOC order with source 14', () => {
    const { place, json } = okxTestnet();
    // Five levels of 5 BTC are not reached: only the first is at the limit.
    place({ qty: decimal('6') });
    const [row] = json(get('trade/order', 'instId=BTC-USDT-SWAP&clOrdId=test1')).data;
    expect(row).toMatchObject({ state: 'canceled', cancelSource: '14', accFillSz: '500' });
  });

  it('rest, are listed as pending, and are cancelled by client id', () => {
    const { ask, place, listed } = okxTestnet();
    place({ timeInForce: 'gtc', limit: decimal('64000') });
    expect(okx.requests.openOrders([]).flatMap(ask)).toMatchObject([
      { kind: 'order', status: 'open', clientOrderId: 'test1', limit: decimal('64000') },
    ]);
    expect(ask(okx.requests.cancel('test1', listed(swapId)))).toMatchObject([{ name: 'ack' }]);
    expect(okx.requests.openOrders([]).flatMap(ask)).toEqual([]);
    const history = okx.requests.orderHistory({ instruments: [listed(swapId)], sinceMs: 0 });
    expect(ask(history[0] ?? blank)).toMatchObject([
      { status: 'canceled', reason: expect.stringMatching(/^cancelSource=1\b/) },
    ]);
  });

  it('count a spot market buy in quote currency unless told otherwise', () => {
    const { order, json } = okxTestnet();
    const spot = { instId: 'BTC-USDT', tdMode: 'cash', ordType: 'market', px: undefined };
    // 650.001 / 65000.1 = 0.01.
    expect(order({ ...spot, sz: '650.001', clOrdId: 'q1' }).sCode).toBe('0');
    expect(order({ ...spot, sz: '0.02', tgtCcy: 'base_ccy', clOrdId: 'q2' }).sCode).toBe('0');
    const filled = (id: string) =>
      json(get('trade/order', `instId=BTC-USDT&clOrdId=${id}`)).data[0].accFillSz;
    expect([filled('q1'), filled('q2')]).toEqual(['0.01', '0.02']);
  });

  it('take a spot buy fee in base', () => {
    const { ask, place } = okxTestnet();
    place({ instrument: spotId, qty: decimal('1') });
    expect(okx.requests.balances().flatMap(ask)).toContainEqual(
      expect.objectContaining({ asset: 'BTC', total: decimal('0.999') }),
    );
  });

  it.each([
    ['an unknown instrument', { instId: 'NO-SWAP' }, '51001'],
    ['a hyphen in the id', { clOrdId: 'a-b' }, '51000'],
    ['an id of 33 characters', { clOrdId: 'a'.repeat(33) }, '51000'],
    ['a price off tick', { px: '64000.05' }, '51000'],
    ['a size off lot', { sz: '1.005' }, '51121'],
    ['a size below the minimum', { sz: '0.001' }, '51020'],
    ['a price outside the band', { px: '90000' }, '51006'],
    ['more than the margin carries', { sz: '90000' }, '51008'],
    ['reduce-only without a position', { reduceOnly: true }, '51169'],
    ['no price', { px: '' }, '51000'],
    ['a size that is no number', { sz: 'x' }, '51000'],
    ['an order type of another product', { ordType: 'trigger' }, '51000'],
    ['a hedge-mode side', { posSide: 'long' }, '51000'],
    ['cash for a swap', { tdMode: 'cash' }, '51000'],
  ])('refuse %s in the item', (_name, change, sCode) => {
    expect(okxTestnet().order(change)).toMatchObject({ sCode, ordId: '' });
  });

  it('refuse a client id for ever', () => {
    const { order, json } = okxTestnet();
    expect(order({}).sCode).toBe('0');
    json(post('trade/cancel-order', { instId: 'BTC-USDT-SWAP', clOrdId: 'abc' }));
    expect(order({}).sCode).toBe('51016');
  });

  it('say what became of an order that cannot be cancelled', () => {
    const { order, json } = okxTestnet();
    const cancel = (clOrdId: string) =>
      json(post('trade/cancel-order', { instId: 'BTC-USDT-SWAP', clOrdId })).data[0].sCode;
    order({ clOrdId: 'filled', px: '65000.1' });
    order({ clOrdId: 'gone' });
    expect(cancel('gone')).toBe('0');
    expect([cancel('gone'), cancel('filled'), cancel('never')]).toEqual([
      '51401',
      '51402',
      '51400',
    ]);
    const query = 'instId=BTC-USDT-SWAP&clOrdId=never';
    expect(json(get('trade/order', query)).code).toBe('51603');
  });

  it('of a batch are answered one by one', () => {
    const { json } = okxTestnet();
    const good = { instId: 'BTC-USDT-SWAP', tdMode: 'cross', side: 'buy', ordType: 'limit' };
    const batch = [
      { ...good, sz: '1', px: '64000', clOrdId: 'a1' },
      { ...good, sz: '1.005', px: '64000', clOrdId: 'a2' },
    ];
    const answer = json(post('trade/batch-orders', batch));
    expect(answer.code).toBe('2');
    expect(answer.data.map((item: { sCode: string }) => item.sCode)).toEqual(['0', '51121']);
    expect(json(post('trade/batch-orders', [batch[1]])).code).toBe('1');
    const many = Array.from({ length: 21 }, () => batch[0]);
    expect(json(post('trade/batch-orders', many)).code).toBe('51111');
    const cancels = [{ instId: 'BTC-USDT-SWAP', clOrdId: 'a1' }];
    expect(json(post('trade/cancel-batch-orders', cancels)).code).toBe('0');
  });

  it('cannot be amended here, and the answer says so', () => {
    const { order, json } = okxTestnet();
    order({});
    const amended = json(post('trade/amend-order', { instId: 'BTC-USDT-SWAP', clOrdId: 'abc' }));
    expect(amended.data[0].sCode).toBe('51506');
  });
});
