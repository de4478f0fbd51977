import { describe, expect, test } from 'vitest';
import { bybitTestnet, orderOf, perpId, spotId } from '../../../test/support/bybit-testnet.ts';
import { decimal } from '../../base/decimal.ts';
import { hourMs } from '../../base/time.ts';
import type { HttpRequest } from '../../domain/venue-spec.ts';
import { seededMarket } from '../../sim/seeded-market.ts';
import { bybit } from '../../venues/bybit/index.ts';

const { requests } = bybit;
const startMs = 1_767_571_200_000;

function balancesRequest(): HttpRequest {
  return requests.balances()[0] as HttpRequest;
}

describe('orders', () => {
  test('an order is acknowledged, found, cancelled and then among the ended', () => {
    const testnet = bybitTestnet();
    const perp = testnet.instrument(perpId);
    expect(testnet.call(requests.place(orderOf({}), perp))).toMatchObject([
      { kind: 'control', name: 'ack' },
    ]);
    const [realtime, history, fills] = requests.queryOrder('farb1A2B0001L', perp);
    expect(testnet.call(realtime as HttpRequest)).toMatchObject([
      { kind: 'order', status: 'open', qty: decimal('0.5'), limit: decimal('64000') },
    ]);
    expect(testnet.call(history as HttpRequest)).toMatchObject([{ reaction: 'reconcile' }]);
    expect(testnet.call(fills as HttpRequest)).toEqual([]);
    expect(testnet.call(requests.openOrders([perp])[0] as HttpRequest)).toHaveLength(1);
    expect(testnet.call(requests.cancel('farb1A2B0001L', perp))).toMatchObject([{ name: 'ack' }]);
    expect(testnet.call(requests.cancel('farb1A2B0001L', perp))).toMatchObject([
      { kind: 'error', venueCode: '110001', reaction: 'reconcile' },
    ]);
    expect(testnet.call(history as HttpRequest)).toMatchObject([
      { kind: 'order', status: 'canceled', reason: 'EC_PerCancelRequest' },
    ]);
    expect(testnet.call(realtime as HttpRequest)).toMatchObject([{ status: 'canceled' }]);
    expect(testnet.call(requests.openOrders([perp])[0] as HttpRequest)).toEqual([]);
  });

  test('a fill is listed with its fee as cash, the position and the wallet follow', () => {
    const testnet = bybitTestnet();
    const perp = testnet.instrument(perpId);
    const scope = { instruments: [perp], sinceMs: testnet.clock.tsMs - 1_000 };
    testnet.call(requests.place(orderOf({ limit: null, timeInForce: 'ioc' }), perp));
    // 0.5 BTC at 65,000.1, taker 5.5 bp: 32,500.05 x 0.00055 = 17.8750275, booked to 1e-8.
    expect(testnet.call(requests.fills(scope)[0] as HttpRequest)).toMatchObject([
      {
        kind: 'fill',
        clientOrderId: 'farb1A2B0001L',
        price: decimal('65000.1'),
        qty: decimal('0.5'),
        fee: decimal('-17.8750275'),
        feeAsset: 'USDT',
        liquidity: 'taker',
        realizedPnl: 0n,
        forced: false,
      },
    ]);
    expect(testnet.call(requests.positions([perp])[0] as HttpRequest)).toMatchObject([
      { kind: 'position', qty: decimal('0.5'), entryPrice: decimal('65000.1'), leverage: 10 },
    ]);
    expect(testnet.call(balancesRequest())).toMatchObject([
      { kind: 'balance', asset: 'USDT', total: decimal('99982.1249725'), wallet: 'unified' },
    ]);
    expect(testnet.call(requests.orderHistory(scope)[0] as HttpRequest)).toMatchObject([
      { status: 'filled', averagePrice: decimal('65000.1'), filledQty: decimal('0.5') },
    ]);
  });

  test('a contract of 1000 coins trades in contracts and is told in coins', () => {
    const testnet = bybitTestnet({ market: seededMarket({ seed: 7, startMs, venues: ['bybit'] }) });
    const pepe = testnet.instrument('bybit:PEPE-USDT-PERP');
    const qty = decimal('3000000');
    const order = orderOf({ instrument: pepe.id, qty, limit: null });
    expect(testnet.call(requests.place(order, pepe))).toMatchObject([{ name: 'ack' }]);
    expect(testnet.call(requests.positions([pepe])[0] as HttpRequest)).toMatchObject([
      { instrument: pepe.id, qty },
    ]);
  });

  test('a spot market buy counts in quote currency unless it says otherwise', () => {
    const testnet = bybitTestnet();
    const order = {
      category: 'spot',
      symbol: 'BTCUSDT',
      side: 'Buy',
      orderType: 'Market',
      qty: '650',
    };
    expect(testnet.ask('POST /v5/order/create', order)).toMatchObject({ retCode: 0 });
    const [request] = requests.orderHistory({
      instruments: [testnet.instrument(spotId)],
      sinceMs: testnet.clock.tsMs - 1,
    });
    // 650 / 65,000.1 = 0.0099999..., down to the lot of 0.000001.
    expect(testnet.call(request as HttpRequest)).toMatchObject([
      { status: 'filled', qty: decimal('0.009999') },
    ]);
    const ours = orderOf({ instrument: spotId, qty: decimal('0.01'), limit: null });
    expect(testnet.call(requests.place(ours, testnet.instrument(spotId)))).toMatchObject([
      { name: 'ack' },
    ]);
    expect(testnet.call(request as HttpRequest)).toMatchObject([
      { qty: decimal('0.01'), filledQty: decimal('0.01') },
      {},
    ]);
    // The fee of 10 bp is taken in the coin: 0.019999 - 0.000009999 - 0.00001, in units of 1e-8.
    expect(testnet.call(balancesRequest())).toContainEqual(
      expect.objectContaining({ asset: 'BTC', total: decimal('0.019979') }),
    );
  });

  test.each([
    ['off the tick', perpId, { limit: decimal('64000.05') }, '10001'],
    ['off the lot', perpId, { qty: decimal('0.0005') }, '10001'],
    ['outside the band', perpId, { limit: decimal('90000') }, '110003'],
    ['above the funds', perpId, { qty: decimal('900') }, '110007'],
    ['reducing nothing', perpId, { reduceOnly: true }, '110017'],
    ['spot below the value', spotId, { qty: decimal('0.000001') }, '170136'],
    ['spot above the funds', spotId, { qty: decimal('50') }, '170131'],
    ['spot outside the band', spotId, { limit: decimal('90000') }, '170193'],
  ])('an order %s is refused with the venue’s own code', (_name, instrument, over, code) => {
    const testnet = bybitTestnet();
    const order = orderOf({ instrument, ...over });
    expect(testnet.call(requests.place(order, testnet.instrument(instrument)))).toMatchObject([
      { kind: 'error', venueCode: code, clientOrderId: order.clientOrderId },
    ]);
  });

  test('a client id is taken once and for all', () => {
    const testnet = bybitTestnet();
    for (const [id, code] of [
      [perpId, '110072'],
      [spotId, '170141'],
    ] as const) {
      const instrument = testnet.instrument(id);
      const order = orderOf({ instrument: id, qty: decimal('0.01') });
      expect(testnet.call(requests.place(order, instrument))).toMatchObject([{ name: 'ack' }]);
      testnet.call(requests.cancel(order.clientOrderId, instrument));
      expect(testnet.call(requests.place(order, instrument))).toMatchObject([
        { venueCode: code, reaction: 'query' },
      ]);
    }
  });

  test('a crossing post-only order is acknowledged and then cancelled', () => {
    const testnet = bybitTestnet();
    const perp = testnet.instrument(perpId);
    const order = orderOf({ limit: decimal('65100'), timeInForce: 'post-only' });
    expect(testnet.call(requests.place(order, perp))).toMatchObject([{ name: 'ack' }]);
    const [realtime] = requests.queryOrder(order.clientOrderId, perp);
    expect(testnet.call(realtime as HttpRequest)).toMatchObject([
      { status: 'canceled', filledQty: 0n, reason: 'EC_PostOnlyWillTakeLiquidity' },
    ]);
  });

  test('an amended order keeps its ids and leaves no trace of its first form', () => {
    const testnet = bybitTestnet();
    const perp = testnet.instrument(perpId);
    testnet.call(requests.place(orderOf({}), perp));
    const amend = { category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'farb1A2B0001L' };
    expect(
      testnet.ask('POST /v5/order/amend', { ...amend, qty: '0.7', price: '63000' }),
    ).toMatchObject({ retCode: 0, result: { orderLinkId: 'farb1A2B0001L' } });
    expect(testnet.call(requests.openOrders([perp])[0] as HttpRequest)).toMatchObject([
      { clientOrderId: 'farb1A2B0001L', qty: decimal('0.7'), limit: decimal('63000') },
    ]);
    // A price that the exchange refuses leaves the order as it was.
    expect(testnet.ask('POST /v5/order/amend', { ...amend, price: '63000.05' })).toMatchObject({
      retCode: 10001,
    });
    expect(testnet.call(requests.openOrders([perp])[0] as HttpRequest)).toMatchObject([
      { clientOrderId: 'farb1A2B0001L', qty: decimal('0.7'), limit: decimal('63000') },
    ]);
    testnet.call(requests.cancel('farb1A2B0001L', perp));
    const scope = { instruments: [perp], sinceMs: testnet.clock.tsMs - 1 };
    expect(testnet.call(requests.orderHistory(scope)[0] as HttpRequest)).toHaveLength(1);
  });

  test('a batch answers item by item under a code of success', () => {
    const testnet = bybitTestnet();
    const item = { symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.1', price: '64000' };
    const request = [
      { ...item, orderLinkId: 'a' },
      { ...item, orderLinkId: 'a' },
    ];
    const reply = testnet.ask('POST /v5/order/create-batch', { category: 'linear', request });
    expect(reply).toMatchObject({
      retCode: 0,
      result: { list: [{ orderLinkId: 'a' }, { orderLinkId: 'a', orderId: '' }] },
      retExtInfo: { list: [{ code: 0 }, { code: 110072 }] },
    });
    expect(testnet.ask('POST /v5/order/cancel-all', { category: 'linear' })).toMatchObject({
      retCode: 10001,
    });
    expect(
      testnet.ask('POST /v5/order/cancel-all', { category: 'linear', settleCoin: 'USDT' }),
    ).toMatchObject({ retCode: 0, result: { list: [{ orderLinkId: 'a' }], success: '1' } });
  });

  test('a fault answers an order that was carried out with a server error', () => {
    const testnet = bybitTestnet();
    const perp = testnet.instrument(perpId);
    testnet.faults.add('unknown-outcome');
    expect(testnet.call(requests.place(orderOf({}), perp))).toMatchObject([
      { code: 'UNKNOWN_OUTCOME', reaction: 'query' },
    ]);
    const [realtime] = requests.queryOrder('farb1A2B0001L', perp);
    expect(testnet.call(realtime as HttpRequest)).toMatchObject([
      { kind: 'order', status: 'open' },
    ]);
  });
});

describe('account', () => {
  test('the settings that the adapter asks for are set or unchanged', () => {
    const testnet = bybitTestnet();
    const perp = testnet.instrument(perpId);
    const setup = () =>
      requests.setup([perp], { leverage: 3 }).flatMap((request) => testnet.call(request));
    expect(setup()).toMatchObject([
      { name: 'unchanged', value: '110026' },
      { name: 'unchanged', value: '110025' },
      { name: 'ack' },
    ]);
    expect(setup()).toMatchObject([{}, {}, { name: 'unchanged', value: '110043' }]);
    expect(testnet.exchange.leverage(perpId)).toBe(3);
  });

  test('fee rates and the account’s kind', () => {
    const testnet = bybitTestnet();
    const [linear, spot] = requests.feeRates([
      testnet.instrument(perpId),
      testnet.instrument(spotId),
    ]);
    expect(testnet.call(linear as HttpRequest)).toMatchObject([{ taker: 0.00055, maker: 0.0002 }]);
    expect(testnet.call(spot as HttpRequest)).toMatchObject([{ taker: 0.001 }]);
    const config = requests.accountConfig().flatMap((request) => testnet.call(request));
    expect(config).toMatchObject([
      { value: 'unifiedMarginStatus=6 marginMode=REGULAR_MARGIN' },
      { value: 'readOnly=0 perm=Order,Position,SpotTrade,DerivativesTrade' },
    ]);
  });

  test('a settlement is one payment in both listings, with opposite raw signs', () => {
    const testnet = bybitTestnet();
    const perp = testnet.instrument(perpId);
    const scope = { instruments: [perp], sinceMs: testnet.clock.tsMs };
    testnet.call(requests.place(orderOf({ side: 'sell', limit: null }), perp));
    testnet.tick(8 * hourMs);
    // Short 0.5 at 65,000, rate 1 bp: the short receives 3.25.
    const [payments] = requests.fundingPayments(scope);
    expect(testnet.call(payments as HttpRequest)).toMatchObject([
      { kind: 'funding-payment', instrument: perpId, amount: decimal('3.25'), asset: 'USDT' },
    ]);
    const log = 'GET /v5/account/transaction-log?category=linear&currency=USDT&type=SETTLEMENT';
    expect(testnet.ask(log)).toMatchObject({ result: { list: [{ funding: '3.25' }] } });
    const list = 'GET /v5/execution/list?category=linear&execType=Funding';
    expect(testnet.ask(list)).toMatchObject({ result: { list: [{ execFee: '-3.25' }] } });
  });
});
