import { describe, expect, test } from 'vitest';
import { decodeFixture, decodeReplyFixture } from '../../../test/support/bybit-fixtures.ts';
import { decimal } from '../../base/decimal.ts';

describe('orders', () => {
  test('quantities and prices are ours, exactly', () => {
    expect(decodeFixture('ws-order')).toEqual([
      {
        kind: 'order',
        venue: 'bybit',
        symbol: '1000PEPEUSDT',
        instrument: 'bybit:PEPE-USDT-PERP',
        venueTsMs: 1764000002470,
        clientOrderId: 'farb1A2B0001L',
        venueOrderId: '5cf98598-39a7-459e-97bf-76ca765ee020',
        status: 'open',
        side: 'sell',
        qty: decimal('300000'),
        filledQty: decimal('100000'),
        limit: decimal('0.000012346'),
        averagePrice: decimal('0.000012346'),
        reduceOnly: false,
        reason: null,
      },
    ]);
  });

  test('a post-only order that would cross is cancelled with its reason', () => {
    expect(decodeFixture('ws-order-post-only-cancelled')).toMatchObject([
      {
        status: 'canceled',
        filledQty: 0n,
        averagePrice: null,
        reason: 'EC_PostOnlyWillTakeLiquidity',
      },
    ]);
  });

  test('a spot market buy in quote currency is counted by what it filled', () => {
    expect(decodeFixture('ws-order-spot-quote-qty')).toMatchObject([
      { instrument: 'bybit:BTC-USDT-SPOT', qty: decimal('0.0078'), limit: null, status: 'filled' },
    ]);
  });

  test('an order found by a query is open, an empty answer means: reconcile', () => {
    const line = 'GET /v5/order/realtime';
    expect(decodeReplyFixture('rest-order-realtime', line)).toMatchObject([
      {
        kind: 'order',
        status: 'open',
        reduceOnly: true,
        averagePrice: null,
        limit: decimal('60000'),
      },
    ]);
    expect(decodeReplyFixture('rest-order-none', line)).toEqual([]);
  });
});

describe('executions', () => {
  test('a fee that is paid is negative cash; the booked profit is the venue’s own figure', () => {
    expect(decodeFixture('ws-execution')).toEqual([
      {
        kind: 'fill',
        venue: 'bybit',
        symbol: 'BTCUSDT',
        instrument: 'bybit:BTC-USDT-PERP',
        venueTsMs: 1764000004353,
        fillId: '0ab1bdf7-4219-438b-b30a-32ec863018f7',
        clientOrderId: 'farb1A2B0003S',
        venueOrderId: '9aac161b-8ed6-450d-9cab-c5cc67c21784',
        side: 'sell',
        price: decimal('64123.5'),
        qty: decimal('0.5'),
        fee: decimal('-17.6339625'),
        feeAsset: 'USDT',
        liquidity: 'taker',
        realizedPnl: decimal('-12.25'),
        forced: false,
      },
    ]);
  });

  test('a spot buy pays its fee in the coin it brings; an empty profit is null', () => {
    expect(decodeFixture('ws-execution-spot-buy')).toMatchObject([
      { fee: decimal('-0.0000078'), feeAsset: 'BTC', realizedPnl: null },
    ]);
  });

  test('deleveraging and liquidation are forced fills', () => {
    expect(decodeFixture('ws-execution-forced')).toMatchObject([
      { kind: 'fill', fillId: 'adl-1', forced: true, fee: 0n, clientOrderId: null },
      { kind: 'fill', fillId: 'bust-1', forced: true, fee: decimal('-3.52') },
    ]);
  });

  test('funding is cash: a negative execFee was received', () => {
    expect(decodeFixture('ws-execution-funding')).toEqual([
      {
        kind: 'funding-payment',
        venue: 'bybit',
        symbol: 'BTCUSDT',
        instrument: 'bybit:BTC-USDT-PERP',
        venueTsMs: 1764028800000,
        id: 'funding-1',
        amount: decimal('6.79'),
        asset: 'USDT',
        wallet: 'unified',
        mark: decimal('64121.57'),
      },
    ]);
  });

  test('the execution list mixes trades (a rebate is received) and funding (paid)', () => {
    expect(decodeReplyFixture('rest-execution-list', 'GET /v5/execution/list')).toMatchObject([
      { kind: 'fill', fee: decimal('0.64'), liquidity: 'maker', realizedPnl: 0n, feeAsset: 'USDT' },
      { kind: 'funding-payment', id: 'funding-2', amount: decimal('-0.64'), asset: 'USDT' },
    ]);
  });

  test('the transaction log has the same payment with the opposite sign of execFee', () => {
    const line = 'GET /v5/account/transaction-log';
    expect(decodeReplyFixture('rest-transaction-log', line)).toEqual([
      {
        kind: 'funding-payment',
        venue: 'bybit',
        symbol: 'BTCUSDT',
        instrument: 'bybit:BTC-USDT-PERP',
        venueTsMs: 1764028800000,
        id: '592324_BTCUSDT_161440249321',
        amount: decimal('6.79'),
        asset: 'USDT',
        wallet: 'unified',
      },
    ]);
  });
});

describe('positions and the wallet', () => {
  test('a short position is negative, in coins', () => {
    expect(decodeFixture('ws-position')).toMatchObject([
      {
        kind: 'position',
        instrument: 'bybit:PEPE-USDT-PERP',
        qty: decimal('-300000'),
        entryPrice: decimal('0.000012346'),
        markPrice: 0.0123 / 1000,
        liquidationPrice: null,
        leverage: 10,
      },
    ]);
  });

  test('a flat position has no entry price', () => {
    expect(decodeFixture('ws-position-flat')).toMatchObject([{ qty: 0n, entryPrice: null }]);
  });

  test('hedge mode is an error, never a position', () => {
    expect(decodeFixture('ws-position-hedge')).toMatchObject([
      { kind: 'error', reaction: 'fix-position-mode', symbol: 'BTCUSDT' },
    ]);
  });

  test('a position of the REST list', () => {
    expect(decodeReplyFixture('rest-position-list', 'GET /v5/position/list')).toMatchObject([
      { qty: decimal('0.5'), entryPrice: decimal('64000'), liquidationPrice: 43000.1, leverage: 3 },
    ]);
  });

  test('the wallet gives every coin; an empty availableToWithdraw is not known', () => {
    expect(decodeFixture('ws-wallet')).toMatchObject([
      { kind: 'balance', asset: 'USDT', total: decimal('9978.49'), available: null },
      { kind: 'balance', asset: 'BTC', total: decimal('0.0077922'), wallet: 'unified' },
    ]);
    const line = 'GET /v5/account/wallet-balance';
    expect(decodeReplyFixture('rest-wallet-balance', line)).toMatchObject([
      { asset: 'BTC', total: 0n },
      { asset: 'USDT', total: decimal('9978.490000000001'), available: decimal('9000') },
      { kind: 'unrecognized' },
    ]);
  });
});
