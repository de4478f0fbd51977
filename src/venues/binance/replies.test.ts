import { describe, expect, it } from 'vitest';
import { exampleCatalog, fixture, requestOf } from '../../../test/support/binance-fixtures.ts';
import { decimal } from '../../base/decimal.ts';
import { hourMs } from '../../base/time.ts';
import { Catalog } from '../../domain/instrument.ts';
import { knownPaths, purposeOfPath } from './paths.ts';
import { decodeReply } from './replies.ts';

function reply(line: string, name: string, catalog = exampleCatalog()) {
  return decodeReply(requestOf(line), { status: 200, body: fixture(name) }, catalog);
}

describe('instruments', () => {
  const events = reply('GET /fapi/v1/exchangeInfo', 'usdm-exchange-info', new Catalog());
  const spec = (symbol: string) => {
    const event = events.find((each) => each.symbol === symbol);
    return event?.kind === 'instrument' ? event.spec : undefined;
  };

  it('a perpetual carries its filters, the smaller of both maxima and no interval', () => {
    expect(spec('BTCUSDT')).toEqual({
      id: 'binance:BTC-USDT-PERP',
      venue: 'binance',
      symbol: 'BTCUSDT',
      kind: 'linear-perp',
      base: 'BTC',
      quote: 'USDT',
      settle: 'USDT',
      wallet: 'futures',
      contractSize: decimal('1'),
      qtyUnit: decimal('1'),
      priceUnit: decimal('1'),
      // The tick is the filter's, not 10^-pricePrecision.
      tickSize: decimal('0.1'),
      lotSize: decimal('0.001'),
      qtyMin: decimal('0.001'),
      qtyMax: decimal('120'),
      notionalMin: decimal('100'),
      status: 'trading',
      fundingIntervalMs: null,
      leverageMax: null,
    });
  });

  it('a multiplied contract is converted to its asset', () => {
    // One contract is 1000 PEPE: tick 1e-7 per 1000 = 1e-10, step 1 contract = 1000 PEPE.
    expect(spec('1000PEPEUSDT')).toMatchObject({
      id: 'binance:PEPE-USDT-PERP',
      base: 'PEPE',
      qtyUnit: decimal('1000'),
      priceUnit: decimal('1000'),
      tickSize: decimal('0.0000000001'),
      lotSize: decimal('1000'),
      qtyMax: decimal('40000000000'),
      notionalMin: decimal('5'),
    });
  });

  it('a dated future is kept apart by its contract type', () => {
    expect(spec('BTCUSDT_260626')).toMatchObject({
      id: 'binance:BTC-USDT-DATED-260626',
      kind: 'linear-dated',
      notionalMin: null,
    });
  });

  it.each([
    ['LUNAUSDT', 'halted'],
    ['ODDUSDT', 'unknown'],
    ['AAPLUSDT', 'unknown'],
  ])('%s is %s: not tradable', (symbol, status) => {
    expect(spec(symbol)).toMatchObject({ status, tickSize: null });
  });

  it('spot stands beside the perpetual of the same symbol', () => {
    const spot = reply('GET /api/v3/exchangeInfo', 'spot-exchange-info', new Catalog());
    expect(spot).toMatchObject([
      {
        spec: {
          id: 'binance:BTC-USDT-SPOT',
          kind: 'spot',
          wallet: 'spot',
          tickSize: decimal('0.01'),
          qtyMax: decimal('71.2'),
          notionalMin: decimal('5'),
        },
      },
      { spec: { id: 'binance:PEPE-USDT-SPOT', status: 'halted', notionalMin: decimal('1') } },
    ]);
  });
});

describe('funding', () => {
  it('premiumIndex has the estimate and its settlement; a dated future has none', () => {
    const events = reply('GET /fapi/v1/premiumIndex', 'usdm-premium-index');
    expect(events.map(({ kind, symbol }) => `${kind} ${symbol}`)).toEqual([
      'mark-price BTCUSDT',
      'funding-rate BTCUSDT',
      'mark-price 1000PEPEUSDT',
      'funding-rate 1000PEPEUSDT',
      'mark-price BTCUSDT_260626',
    ]);
    expect(events[1]).toMatchObject({
      ratePerInterval: 0.00038246,
      settlesAtMs: 1597392000000,
      intervalMs: null,
    });
  });

  it('fundingInfo gives the interval of listed symbols and says nothing of the others', () => {
    const events = reply('GET /fapi/v1/fundingInfo', 'usdm-funding-info');
    const intervals = Object.fromEntries(
      events.map((e) => [e.symbol, e.kind === 'funding-rate' ? e.intervalMs : undefined]),
    );
    expect(intervals).toEqual({
      '1000PEPEUSDT': 4 * hourMs,
      // Listed, so adjusted, but to what cannot be read: unknown.
      ODDUSDT: null,
    });
  });

  it('without a catalog fundingInfo says only what it says', () => {
    expect(reply('GET /fapi/v1/fundingInfo', 'usdm-funding-info', new Catalog())).toHaveLength(2);
  });

  it('a reply that is no list makes nobody settle every 8 h', () => {
    const events = decodeReply(
      requestOf('GET /fapi/v1/fundingInfo'),
      { status: 200, body: '{"msg":"maintenance"}' },
      exampleCatalog(),
    );
    expect(events).toMatchObject([{ kind: 'unrecognized' }]);
  });

  it('history shows the interval in its deltas: 8 h, 1 h after the cap, a hole as unknown', () => {
    const events = reply('GET /fapi/v1/fundingRate', 'usdm-funding-rate-history');
    expect(events.map((e) => (e.kind === 'funding-rate' ? e.intervalMs : 'x'))).toEqual([
      null,
      8 * hourMs,
      1 * hourMs,
      null,
    ]);
    expect(events[1]).toMatchObject({ settled: true, ratePerInterval: -0.0375 });
  });

  it('a payment is signed from our side, with the id of the ledger', () => {
    expect(reply('GET /fapi/v1/income', 'usdm-income')).toMatchObject([
      {
        kind: 'funding-payment',
        instrument: 'binance:BTC-USDT-PERP',
        id: '9689322392',
        amount: decimal('-0.375'),
        asset: 'USDT',
        wallet: 'futures',
        venueTsMs: 1570608000000,
      },
      { id: '9689322393', amount: decimal('0.12') },
    ]);
  });
});

describe('orders and trades', () => {
  it('a queried order has its outcome', () => {
    expect(reply('GET /fapi/v1/order', 'usdm-order')).toMatchObject([
      {
        kind: 'order',
        clientOrderId: 'fa1b2c3d4e5L1',
        venueOrderId: '1917641',
        status: 'filled',
        side: 'sell',
        filledQty: decimal('0.01'),
        averagePrice: decimal('67000.3'),
        reduceOnly: true,
        venueTsMs: 1579276756080,
      },
    ]);
  });

  it('a USD-M ack carries neither price nor fills', () => {
    expect(reply('POST /fapi/v1/order', 'usdm-order-ack')).toMatchObject([
      { kind: 'order', status: 'open', filledQty: decimal('0'), averagePrice: null, limit: null },
    ]);
  });

  it('a spot ack is only acknowledged', () => {
    expect(reply('POST /api/v3/order', 'spot-order-ack')).toMatchObject([
      { kind: 'control', name: 'ack', value: '6gCrw2kRUAF9CvJDGP16IP' },
    ]);
  });

  it('a spot FULL brings its fills first, with the fee in base', () => {
    const events = reply('POST /api/v3/order', 'spot-order-full');
    expect(events).toMatchObject([
      { kind: 'fill', fillId: '56', fee: decimal('-0.001'), feeAsset: 'BTC', liquidity: 'taker' },
      { kind: 'fill', fillId: '57', price: decimal('3999.5'), qty: decimal('4') },
      {
        kind: 'order',
        status: 'expired',
        filledQty: decimal('5'),
        // 19998 / 5
        averagePrice: decimal('3999.6'),
        reason: 'EXPIRED',
      },
    ]);
  });

  it('a cancel names the order by its original id', () => {
    expect(reply('DELETE /api/v3/order', 'spot-cancel')).toMatchObject([
      { kind: 'order', clientOrderId: 'myOrder1', status: 'canceled' },
    ]);
  });

  it('trades have fees as cash: paid negative, a rebate positive', () => {
    expect(reply('GET /fapi/v1/userTrades', 'usdm-user-trades')).toMatchObject([
      {
        kind: 'fill',
        fillId: '698759',
        side: 'sell',
        fee: decimal('-0.0781901'),
        liquidity: 'taker',
        realizedPnl: decimal('-0.91539999'),
      },
      {
        qty: decimal('5000'),
        price: decimal('0.00001'),
        fee: decimal('0.001'),
        liquidity: 'maker',
      },
    ]);
    expect(reply('GET /api/v3/myTrades', 'spot-my-trades')).toMatchObject([
      { kind: 'fill', symbol: 'BNBBTC', side: 'buy', feeAsset: 'BNB', realizedPnl: null },
    ]);
  });

  it('single refusals in a batch cost only themselves', () => {
    const body = `[${fixture('usdm-order')},{"code":-2022,"msg":"ReduceOnly Order is rejected."}]`;
    const events = decodeReply(
      requestOf('POST /fapi/v1/batchOrders'),
      { status: 200, body },
      new Catalog(),
    );
    expect(events).toMatchObject([
      { kind: 'order' },
      { kind: 'error', venueCode: '-2022', reaction: 'refresh-position' },
    ]);
  });
});

describe('the account', () => {
  it('the futures balance is the wallet balance', () => {
    expect(reply('GET /fapi/v3/balance', 'usdm-balance')).toMatchObject([
      { kind: 'balance', asset: 'USDT', total: decimal('122607.35137903'), wallet: 'futures' },
    ]);
    expect(reply('GET /fapi/v3/account', 'usdm-account').map(({ kind }) => kind)).toEqual([
      'balance',
      'position',
    ]);
  });

  it('spot says zero only of assets that the catalog knows', () => {
    expect(reply('GET /api/v3/account', 'spot-account')).toMatchObject([
      { asset: 'BTC', total: decimal('4723847.39208129'), available: decimal('4723846.89208129') },
      { asset: 'USDT', total: decimal('0'), wallet: 'spot' },
    ]);
  });

  it('a position is signed and in base units; a liquidation price of 0 is none', () => {
    expect(reply('GET /fapi/v3/positionRisk', 'usdm-position-risk')).toMatchObject([
      {
        instrument: 'binance:PEPE-USDT-PERP',
        qty: decimal('-30000000'),
        entryPrice: decimal('0.0000101235'),
        liquidationPrice: 0.0000201,
        leverage: null,
      },
      { qty: decimal('0'), entryPrice: null, liquidationPrice: null, leverage: 20 },
    ]);
  });

  it('fee rates are fractions, positive = cost', () => {
    expect(reply('GET /fapi/v1/commissionRate', 'usdm-commission-rate')).toMatchObject([
      { kind: 'fee-rate', instrument: 'binance:BTC-USDT-PERP', maker: 0.0002, taker: 0.0004 },
    ]);
    expect(reply('GET /api/v3/account/commission', 'spot-commission')).toMatchObject([
      { kind: 'fee-rate', instrument: 'binance:BTC-USDT-SPOT', maker: 0.001, taker: 0.001 },
    ]);
  });

  it.each([
    ['GET /fapi/v1/accountConfig', '{"dualSidePosition":false}', { kind: 'control', name: 'ack' }],
    [
      'GET /fapi/v1/accountConfig',
      '{"dualSidePosition":true}',
      { kind: 'error', reaction: 'fix-position-mode' },
    ],
    [
      'GET /sapi/v1/account/apiRestrictions',
      '{"enableWithdrawals":true}',
      { kind: 'error', venueCode: 'withdrawals-enabled' },
    ],
    ['POST /fapi/v1/listenKey', '{"listenKey":"abc"}', { name: 'listen-key', value: 'abc' }],
    ['GET /fapi/v1/time', '{"serverTime":1499827319559}', { name: 'server-time' }],
    [
      'POST /fapi/v1/leverage',
      '{"leverage":5,"symbol":"BTCUSDT"}',
      { value: 'leverage BTCUSDT 5' },
    ],
    ['POST /fapi/v1/marginType', '{"code":200,"msg":"success"}', { name: 'ack' }],
  ])('%s with %s', (line, body, expected) => {
    expect(decodeReply(requestOf(line), { status: 200, body }, new Catalog())).toMatchObject([
      expected,
    ]);
  });

  it('a depth over REST is a snapshot of the symbol that was asked for', () => {
    expect(reply('GET /fapi/v1/depth?symbol=BTCUSDT&limit=100', 'usdm-depth')).toMatchObject([
      {
        kind: 'depth',
        instrument: 'binance:BTC-USDT-PERP',
        snapshot: true,
        seq: '1027024',
        bids: [[4, 431]],
      },
    ]);
  });
});

it('every path that has a purpose has a decoder', () => {
  for (const line of knownPaths) {
    const [method = '', path = ''] = line.split(' ');
    expect(purposeOfPath(method, `${path}?x=1`)).not.toBeNull();
    const events = decodeReply(requestOf(line), { status: 200, body: '"x"' }, new Catalog());
    for (const event of events) {
      expect(event.kind === 'unrecognized' ? event.reason : '').not.toContain('no decoder');
    }
  }
  expect(purposeOfPath('GET', '/fapi/v1/klines')).toBeNull();
});
