// COIN-M: contracts of a USD face, margined and paid in coin, on hosts and paths of their own.
import { describe, expect, it } from 'vitest';
import {
  exampleCatalog,
  exampleInstrument,
  fixture,
  requestOf,
} from '../../../test/support/binance-fixtures.ts';
import { decimal, zero } from '../../base/decimal.ts';
import { Catalog } from '../../domain/instrument.ts';
import type { ApprovedOrder, OrderDraft } from '../../domain/order.ts';
import type { VenueEvent } from '../../domain/venue-event.ts';
import { endpoints, rateLimits } from './endpoints.ts';
import { decode } from './frames.ts';
import { nextPage } from './pages.ts';
import { decodeReply } from './replies.ts';
import { requests } from './requests.ts';
import { privateStreams, publicStreams } from './streams.ts';

const perp = exampleInstrument('BTCUSD_PERP', 'inverse');
const linear = exampleInstrument('BTCUSDT', 'linear');
const spot = exampleInstrument('BTCUSDT', 'spot');
const catalog = exampleCatalog();
const btc = { venue: 'binance', symbol: 'BTCUSD_PERP', instrument: 'binance:BTC-USD-INV' };

function reply(line: string, name: string): readonly VenueEvent[] {
  return decodeReply(requestOf(line), { status: 200, body: fixture(name) }, catalog);
}

/** As it comes on a COIN-M stream, and as a bare frame whose symbol alone says what it is. */
function frame(name: string, market: 'inverse' | null = 'inverse'): readonly VenueEvent[] {
  const bytes = new TextEncoder().encode(fixture(name));
  return decode(bytes, { stream: 's', market }, catalog);
}

function order(changes: Partial<OrderDraft>): ApprovedOrder {
  // Only risk makes one; here the request alone is looked at.
  return {
    clientOrderId: 'fa1b2c3d4e5S1',
    venue: 'binance',
    instrument: perp.id,
    side: 'sell',
    qty: decimal('20'),
    limit: decimal('50000.1'),
    timeInForce: 'post-only',
    reduceOnly: false,
    purpose: 'entry',
    pairId: null,
    arrivalMid: 50000,
    ...changes,
  } as ApprovedOrder;
}

describe('instruments', () => {
  it('are contracts of their face, settle in the coin and live in a wallet of their own', () => {
    expect(perp).toMatchObject({
      id: 'binance:BTC-USD-INV',
      kind: 'inverse-perp',
      base: 'BTC',
      quote: 'USD',
      settle: 'BTC',
      wallet: 'coin-futures',
      contractSize: decimal('100'),
      qtyUnit: decimal('1'),
      priceUnit: decimal('1'),
      tickSize: decimal('0.1'),
      lotSize: decimal('1'),
      qtyMax: decimal('60000'),
      notionalMin: null,
      status: 'trading',
    });
    expect(exampleInstrument('ETHUSD_PERP', 'inverse')).toMatchObject({
      contractSize: decimal('10'),
      status: 'halted',
    });
    expect(exampleInstrument('BTCUSD_200925', 'inverse')).toMatchObject({
      id: 'binance:BTC-USD-INV-DATED-200925',
      kind: 'inverse-dated',
    });
  });

  it('without a face value an entry is no instrument', () => {
    const body = fixture('coinm-exchange-info').replace('"contractSize":100,', '');
    const request = requestOf('GET /dapi/v1/exchangeInfo');
    const events = decodeReply(request, { status: 200, body }, new Catalog());
    expect(events.map(({ kind }) => kind)).toEqual(['unrecognized', 'instrument', 'instrument']);
  });
});

describe('requests', () => {
  it('go to their own host under /dapi and weigh in their own buckets', () => {
    const placed = requests.place(order({}), perp);
    expect(placed).toMatchObject({
      host: 'coinm',
      method: 'POST',
      path: '/dapi/v1/order',
      bucket: 'coinm-orders',
      market: 'inverse',
    });
    expect(Object.fromEntries(new URLSearchParams(placed.query))).toEqual({
      symbol: 'BTCUSD_PERP',
      side: 'SELL',
      type: 'LIMIT',
      timeInForce: 'GTX',
      quantity: '20',
      price: '50000.1',
      newClientOrderId: 'fa1b2c3d4e5S1',
      newOrderRespType: 'RESULT',
    });
    for (const { http, ws } of Object.values(endpoints)) {
      expect([http['coinm'], ws['coinm']]).toEqual([
        expect.stringContaining('https://'),
        expect.stringContaining('wss://dstream.'),
      ]);
    }
  });

  it('are made only where COIN-M is traded', () => {
    const paths = (list: readonly { readonly path: string }[]): readonly string[] =>
      list.map(({ path }) => path);
    expect(paths(requests.instruments())).not.toContain('/dapi/v1/exchangeInfo');
    expect(paths(requests.instruments(['inverse']))).toEqual(['/dapi/v1/exchangeInfo']);
    expect(paths(requests.balances())).not.toContain('/dapi/v1/balance');
    expect(paths(requests.balances(['linear', 'inverse']))).toEqual([
      '/fapi/v3/balance',
      '/dapi/v1/balance',
    ]);
    const all = [linear, spot, perp];
    expect(paths(requests.positions(all))).toEqual([
      '/fapi/v3/positionRisk',
      '/dapi/v1/positionRisk',
    ]);
    expect(paths(requests.fundingPayments({ instruments: [linear], sinceMs: 1 }))).toEqual([
      '/fapi/v1/income',
    ]);
    expect(paths(requests.setup(all, { leverage: 3 }))).toEqual([
      '/fapi/v1/positionSide/dual',
      '/fapi/v1/marginType',
      '/fapi/v1/leverage',
      '/dapi/v1/positionSide/dual',
      '/dapi/v1/marginType',
      '/dapi/v1/leverage',
    ]);
    expect(paths(requests.deadMan?.([perp], { timeoutMs: 1_000 }) ?? [])).toEqual([
      '/dapi/v1/countdownCancelAll',
    ]);
  });

  it('list orders a hundred at a time, which is all that a page of COIN-M holds', () => {
    const [history] = requests.orderHistory({ instruments: [perp], sinceMs: 1 });
    expect(history?.query).toContain('limit=100');
    const rows = Array.from({ length: 100 }, (_, k) => ({ orderId: k + 1 }));
    if (history === undefined) throw new Error('no request');
    expect(nextPage(history, JSON.stringify(rows))?.query).toContain('orderId=101');
  });

  it('the header of a reply counts in the bucket of the host that sent it', () => {
    const headers = { 'x-mbx-used-weight-1m': '30', 'x-mbx-order-count-10s': '2' };
    expect(rateLimits.readHeaders(headers, 'coinm-weight').used).toEqual({
      'coinm-weight': 30,
      'coinm-orders': 2,
    });
    expect(rateLimits.readHeaders(headers, 'usdm-weight').used).toEqual({
      'usdm-weight': 30,
      'usdm-orders': 2,
    });
  });
});

describe('streams', () => {
  it('books, marks and the account, all on the plain route of their own host', () => {
    const streams = [...publicStreams([perp], { depth: true }), ...privateStreams([perp])];
    expect(streams.map(({ name, host, path }) => [name, host, path])).toEqual([
      ['coinm-public', 'coinm', '/ws'],
      ['coinm-market', 'coinm', '/ws'],
      ['coinm-private', 'coinm', '/ws/{listenKey}'],
    ]);
    expect(streams.flatMap(({ subscribe }) => subscribe).join()).toContain(
      '["btcusd_perp@bookTicker","btcusd_perp@depth@100ms"]',
    );
    expect(streams[2]?.listenKey).toMatchObject({ path: '/dapi/v1/listenKey', host: 'coinm' });
    expect(privateStreams([linear]).map(({ name }) => name)).toEqual(['usdm-private']);
  });
});

describe.each(['inverse', null] as const)('frames, market %s', (market) => {
  it('a quote stays in contracts', () => {
    expect(frame('coinm-book-ticker', market)).toEqual([
      {
        kind: 'quote',
        ...btc,
        venueTsMs: 1591268628166,
        bid: 9548.1,
        bidQty: 52,
        ask: 9548.5,
        askQty: 11,
      },
    ]);
  });

  it('a depth delta and a trade', () => {
    expect(frame('coinm-depth-update', market)).toMatchObject([
      { ...btc, bids: [[9517.6, 10]], firstSeq: '17285681', seq: '17285702', prevSeq: '17285675' },
    ]);
    expect(frame('coinm-agg-trade', market)).toMatchObject([{ ...btc, qty: 2, side: 'buy' }]);
  });

  it('a mark with the estimate of the next settlement; a dated contract has none', () => {
    expect(frame('coinm-mark-price', market)).toMatchObject([
      { kind: 'mark-price', ...btc, mark: 10934.62615417, index: null },
      { kind: 'funding-rate', ...btc, ratePerInterval: 0.00071003, settlesAtMs: 1596096000000 },
    ]);
    expect(frame('coinm-mark-price-dated', market)).toMatchObject([
      { kind: 'mark-price', instrument: 'binance:BTC-USD-INV-DATED-200925' },
    ]);
  });

  it('a fill: contracts, fee and profit in coin', () => {
    expect(frame('coinm-order-trade-update', market)).toMatchObject([
      {
        kind: 'fill',
        ...btc,
        side: 'sell',
        price: decimal('50000'),
        qty: decimal('5'),
        fee: decimal('-0.000005'),
        feeAsset: 'BTC',
        realizedPnl: decimal('0.000125'),
      },
      { kind: 'order', ...btc, status: 'open', qty: decimal('20'), filledQty: decimal('5') },
    ]);
  });

  it('balances in coin, in the coin wallet, and positions in contracts', () => {
    expect(frame('coinm-account-update', market)).toMatchObject([
      { kind: 'balance', asset: 'BTC', total: decimal('0.24995'), wallet: 'coin-futures' },
      { kind: 'balance', asset: 'ETH', wallet: 'coin-futures' },
      { kind: 'position', ...btc, qty: decimal('-20'), entryPrice: decimal('50000') },
    ]);
    expect(frame('coinm-margin-call', market)).toMatchObject([
      { kind: 'error', venueCode: 'MARGIN_CALL', ...btc },
      { kind: 'position', ...btc, qty: decimal('-132') },
    ]);
  });
});

it('a funding update names no symbol: only its stream tells the wallet', () => {
  expect(frame('coinm-account-update-funding')).toMatchObject([
    { kind: 'balance', asset: 'BTC', wallet: 'coin-futures' },
  ]);
});

describe('replies', () => {
  it.each([
    ['GET /dapi/v1/premiumIndex', 'coinm-premium-index'],
    ['GET /dapi/v1/fundingInfo', 'coinm-funding-info'],
    ['GET /dapi/v1/fundingRate', 'coinm-funding-rate-history'],
    ['GET /dapi/v1/order', 'coinm-order'],
    ['POST /dapi/v1/order', 'coinm-order-ack'],
    ['GET /dapi/v1/userTrades', 'coinm-user-trades'],
    ['GET /dapi/v1/positionRisk', 'coinm-position-risk'],
    ['GET /dapi/v1/account', 'coinm-account'],
    ['GET /dapi/v1/income', 'coinm-income'],
    ['GET /dapi/v1/commissionRate', 'coinm-commission-rate'],
    ['GET /dapi/v1/depth', 'coinm-depth'],
    ['GET /dapi/v1/exchangeInfo', 'coinm-exchange-info'],
  ])('%s is recognised by its shape alone', (line, name) => {
    const bare = frame(name, null).map((event) => ({ ...event, venueTsMs: null }));
    const told = reply(line, name).map((event) => ({ ...event, venueTsMs: null }));
    expect(bare).toEqual(told);
    expect(told.map(({ kind }) => kind)).not.toContain('unrecognized');
  });

  it('bounds and interval of the funding rate', () => {
    expect(reply('GET /dapi/v1/fundingInfo', 'coinm-funding-info')).toMatchObject([
      { ...btc, intervalMs: 8 * 3_600_000, cap: 0.025, floor: -0.025, ratePerInterval: null },
    ]);
  });

  it('orders, fills and positions in contracts, cash in coin', () => {
    expect(reply('GET /dapi/v1/order', 'coinm-order')).toMatchObject([
      { ...btc, status: 'filled', qty: decimal('20'), averagePrice: decimal('50000') },
    ]);
    expect(reply('GET /dapi/v1/userTrades', 'coinm-user-trades')).toMatchObject([
      {
        ...btc,
        qty: decimal('1'),
        fee: decimal('-0.00000454'),
        feeAsset: 'BTC',
        realizedPnl: zero,
      },
    ]);
    expect(reply('GET /dapi/v1/positionRisk', 'coinm-position-risk')).toMatchObject([
      { ...btc, qty: decimal('-20'), liquidationPrice: 62070.20509059, leverage: 4 },
      { instrument: 'binance:ETH-USD-INV', qty: zero, liquidationPrice: null },
    ]);
    expect(reply('GET /dapi/v1/balance', 'coinm-balance')).toMatchObject([
      { asset: 'BTC', total: decimal('0.0025'), available: decimal('0.00241969') },
      { asset: 'ETH', total: zero },
    ]);
    expect(reply('GET /dapi/v1/income', 'coinm-income')).toMatchObject([
      { ...btc, amount: decimal('-0.00000158'), asset: 'BTC', wallet: 'coin-futures' },
    ]);
  });
});
