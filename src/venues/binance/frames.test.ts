import { describe, expect, it } from 'vitest';
import { exampleCatalog, fixture } from '../../../test/support/binance-fixtures.ts';
import { decimal } from '../../base/decimal.ts';
import { Catalog, type Market } from '../../domain/instrument.ts';
import type { VenueEvent } from '../../domain/venue-event.ts';
import { decode } from './frames.ts';

const none = new Catalog();

function decoded(name: string, market: Market | null = null, catalog = exampleCatalog()) {
  return decode(new TextEncoder().encode(fixture(name)), { stream: 'test', market }, catalog);
}

const btcPerp = { venue: 'binance', symbol: 'BTCUSDT', instrument: 'binance:BTC-USDT-PERP' };
const pepePerp = { venue: 'binance', symbol: '1000PEPEUSDT', instrument: 'binance:PEPE-USDT-PERP' };

describe('market data', () => {
  it('a USD-M best bid/ask carries the event time', () => {
    expect(decoded('usdm-book-ticker', null, none)).toEqual([
      {
        kind: 'quote',
        venue: 'binance',
        symbol: 'BNBUSDT',
        instrument: null,
        venueTsMs: 1568014460893,
        bid: 25.3519,
        bidQty: 31.21,
        ask: 25.3652,
        askQty: 40.66,
      },
    ]);
  });

  it('a spot best bid/ask has no time', () => {
    expect(decoded('spot-book-ticker')).toMatchObject([
      { kind: 'quote', venueTsMs: null, bid: 25.3519 },
    ]);
  });

  it.each([
    ['known', exampleCatalog()],
    ['unknown to the catalog', none],
  ] as const)('a multiplied contract %s is converted to base units', (_, catalog) => {
    // 0.0101230 per 1000 PEPE = 0.0000101230 per PEPE; 125000 x 1000 PEPE.
    const [quote] = decoded('usdm-book-ticker-1000pepe', 'linear', catalog);
    expect(quote).toMatchObject({
      instrument: catalog === none ? null : pepePerp.instrument,
      bid: 0.000010123,
      bidQty: 125_000_000,
    });
  });

  it('an empty side is null, never 0', () => {
    const frame = '{"u":1,"s":"BTCUSDT","b":"0.00000000","B":"0.00000000","a":"","A":"1"}';
    const [quote] = decode(new TextEncoder().encode(frame), { stream: 's', market: 'spot' }, none);
    expect(quote).toMatchObject({ kind: 'quote', bid: null, bidQty: null, ask: null, askQty: 1 });
  });

  it('a USD-M depth delta has pu, a spot one has not', () => {
    expect(decoded('usdm-depth-update')).toMatchObject([
      {
        kind: 'depth',
        ...btcPerp,
        snapshot: false,
        firstSeq: '390497796',
        seq: '390497878',
        prevSeq: '390497794',
        bids: [
          [7403.89, 0.002],
          [7403.9, 3.906],
          [7404, 0],
        ],
      },
    ]);
    expect(decoded('spot-depth-update')).toMatchObject([
      { kind: 'depth', symbol: 'BNBBTC', firstSeq: '157', seq: '160', prevSeq: null },
    ]);
  });

  it('a partial depth takes its symbol from the stream name and is a snapshot', () => {
    expect(decoded('spot-partial-depth')).toMatchObject([
      { kind: 'depth', symbol: 'BTCUSDT', snapshot: true, seq: '160', bids: [[67000.01, 1.5]] },
    ]);
  });

  it('a book with one unreadable level is not served', () => {
    const frame = '{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":1,"u":2,"b":[["1","x"]],"a":[]}';
    const events = decode(new TextEncoder().encode(frame), { stream: 's', market: 'spot' }, none);
    expect(events).toMatchObject([{ kind: 'unrecognized' }]);
  });

  it('a mark price brings the funding estimate of the next settlement, without an interval', () => {
    expect(decoded('usdm-mark-price')).toEqual([
      {
        kind: 'mark-price',
        ...btcPerp,
        venueTsMs: 1562305380000,
        mark: 11794.15,
        index: 11784.62659091,
      },
      {
        kind: 'funding-rate',
        ...btcPerp,
        venueTsMs: 1562305380000,
        ratePerInterval: 0.00038167,
        intervalMs: null,
        settlesAtMs: 1562306400000,
        nextRate: null,
        cap: null,
        floor: null,
        settled: false,
      },
    ]);
  });

  it('a dated future has a mark and no funding', () => {
    expect(decoded('usdm-mark-price-dated').map(({ kind }) => kind)).toEqual(['mark-price']);
  });

  it('a list of marks is decoded entry by entry', () => {
    const events = decoded('usdm-mark-price-arr');
    expect(events.map(({ kind, symbol }) => `${kind} ${symbol}`)).toEqual([
      'mark-price BTCUSDT',
      'funding-rate BTCUSDT',
      'mark-price 1000PEPEUSDT',
      'funding-rate 1000PEPEUSDT',
    ]);
  });

  it('the taker of a trade is the seller when the buyer made the price', () => {
    expect(decoded('usdm-agg-trade')).toMatchObject([
      { kind: 'trade', tradeId: '5933014', side: 'sell', venueTsMs: 123456785 },
    ]);
    expect(decoded('spot-trade')).toMatchObject([
      { kind: 'trade', tradeId: '12345', side: 'sell' },
    ]);
  });
});

describe('orders of USD-M', () => {
  it('a trade is a fill first and the state of the order second', () => {
    const [fill, order] = decoded('usdm-order-trade-update');
    expect(fill).toEqual({
      kind: 'fill',
      ...btcPerp,
      venueTsMs: 1568879465650,
      fillId: '5551234',
      clientOrderId: 'fa1b2c3d4e5L1',
      // Order ids pass 2^53: as a number this one would end in ...7568.
      venueOrderId: '8389765591234567890',
      side: 'sell',
      price: decimal('67000.3'),
      qty: decimal('0.004'),
      fee: decimal('-0.10720048'),
      feeAsset: 'USDT',
      liquidity: 'taker',
      realizedPnl: decimal('-1.25'),
      forced: false,
    });
    expect(order).toMatchObject({
      kind: 'order',
      status: 'open',
      venueOrderId: '8389765591234567890',
      qty: decimal('0.01'),
      filledQty: decimal('0.004'),
      limit: decimal('67000.1'),
      averagePrice: decimal('67000.3'),
      reduceOnly: true,
    });
  });

  it('a new order has no fill, and its quantity is in base units', () => {
    expect(decoded('usdm-order-new')).toMatchObject([
      {
        kind: 'order',
        ...pepePerp,
        status: 'open',
        qty: decimal('125000000'),
        filledQty: decimal('0'),
        limit: decimal('0.000010123'),
        averagePrice: null,
        reason: null,
      },
    ]);
  });

  it.each(['usdm-order-adl', 'usdm-order-liquidation'])('%s is a forced fill', (name) => {
    expect(decoded(name)[0]).toMatchObject({ kind: 'fill', forced: true });
  });

  it('a TRADE_LITE books nothing: the fill with its fee follows', () => {
    expect(decoded('usdm-trade-lite')).toMatchObject([
      { kind: 'control', name: 'ack', value: 'TRADE_LITE 109100866' },
    ]);
  });

  it('a status that is not known is unknown, not open', () => {
    const frame = fixture('usdm-order-new').replace('"X":"NEW"', '"X":"HIBERNATING"');
    const [order] = decode(
      new TextEncoder().encode(frame),
      { stream: 's', market: 'linear' },
      none,
    );
    expect(order).toMatchObject({ kind: 'order', status: 'unknown' });
  });
});

describe('the account of USD-M', () => {
  it('an update brings balances of the futures wallet and signed positions', () => {
    expect(decoded('usdm-account-update')).toMatchObject([
      {
        kind: 'balance',
        asset: 'USDT',
        total: decimal('122624.12345678'),
        available: null,
        wallet: 'futures',
      },
      { kind: 'balance', asset: 'BNB', total: decimal('1') },
      {
        kind: 'position',
        ...btcPerp,
        qty: decimal('-0.02'),
        entryPrice: decimal('6563.665'),
        leverage: null,
      },
      { kind: 'position', ...pepePerp, qty: decimal('0'), entryPrice: null },
    ]);
  });

  it('a funding fee moves the balance; the payment itself comes from the ledger', () => {
    expect(decoded('usdm-account-update-funding')).toMatchObject([
      { kind: 'balance', asset: 'USDT', total: decimal('9998.75') },
    ]);
  });

  it('a margin call is an alarm and names the position', () => {
    expect(decoded('usdm-margin-call')).toMatchObject([
      { kind: 'error', venueCode: 'MARGIN_CALL', reaction: 'refresh-position' },
      { kind: 'position', qty: decimal('1.327'), markPrice: 187.17127 },
    ]);
  });

  it.each([
    ['usdm-account-config-update', 'ack', 'leverage BTCUSDT 25'],
    ['spot-stream-terminated', 'reconnect-now', 'eventStreamTerminated'],
    ['spot-server-shutdown', 'reconnect-now', 'serverShutdown'],
    ['ws-subscribed', 'subscribed', '1'],
    ['ws-api-login', 'login', '0'],
    ['ws-api-pong', 'pong', 'ping'],
  ])('%s is %s', (name, control, value) => {
    expect(decoded(name)).toMatchObject([{ kind: 'control', name: control, value }]);
  });

  it('an expired listen key is told as such', () => {
    expect(decoded('usdm-listen-key-expired')).toMatchObject([
      { kind: 'control', name: 'listen-key-expired', venueTsMs: 1736996475556 },
    ]);
  });
});

describe('spot user data', () => {
  it('a fee is negative when paid, in the asset that it was taken in', () => {
    const [fill, order] = decoded('spot-execution-report');
    expect(fill).toMatchObject({
      kind: 'fill',
      symbol: 'ETHBTC',
      fillId: '77517',
      side: 'buy',
      fee: decimal('-0.001'),
      feeAsset: 'ETH',
      liquidity: 'maker',
      realizedPnl: null,
    });
    expect(order).toMatchObject({
      kind: 'order',
      status: 'filled',
      averagePrice: decimal('0.1026441'),
    });
  });

  it('a canceled order keeps its own client id, not the id of the cancel', () => {
    expect(decoded('spot-execution-report-canceled')).toMatchObject([
      {
        kind: 'order',
        clientOrderId: 'fa1b2c3d4e5L2',
        status: 'canceled',
        filledQty: decimal('0.4'),
        reason: 'CANCELED',
      },
    ]);
  });

  it('free and locked make the total', () => {
    expect(decoded('spot-account-position')).toMatchObject([
      {
        kind: 'balance',
        asset: 'ETH',
        total: decimal('10012.5'),
        available: decimal('10000'),
        wallet: 'spot',
      },
    ]);
  });
});

describe('what is refused or unknown', () => {
  it('a refused subscription and a refused login are errors with a reaction', () => {
    expect(decoded('ws-subscribe-error')).toMatchObject([{ kind: 'error', venueCode: '2' }]);
    expect(decoded('ws-api-error')).toMatchObject([
      { kind: 'error', code: 'TRANSIENT', venueCode: '-1021', reaction: 'resync-clock' },
    ]);
  });

  it.each(['', 'pong', '{', '[]', 'null', '1', '{}', '{"e":"fresh"}', '{"e":3}', '[{"e":"x"},7]'])(
    '%j is unrecognized',
    (text) => {
      const events = decode(new TextEncoder().encode(text), { stream: 's', market: null }, none);
      expect(events.length).toBeGreaterThan(0);
      for (const event of events) expect(event.kind).toBe('unrecognized');
    },
  );

  it('a REST payload among the frames is told by its shape', () => {
    const kinds = (events: readonly VenueEvent[]) => [...new Set(events.map(({ kind }) => kind))];
    expect(kinds(decoded('usdm-premium-index'))).toEqual(['mark-price', 'funding-rate']);
    expect(kinds(decoded('usdm-exchange-info'))).toEqual(['instrument']);
    expect(decoded('spot-exchange-info')[0]?.instrument).toBe('binance:BTC-USDT-SPOT');
    expect(kinds(decoded('usdm-income'))).toEqual(['funding-payment']);
    expect(kinds(decoded('usdm-user-trades'))).toEqual(['fill']);
    expect(kinds(decoded('usdm-depth'))).toEqual(['depth']);
    expect(decoded('usdm-order')[0]).toMatchObject({ kind: 'order', symbol: 'BTCUSDT' });
    expect(decoded('error-no-change')).toMatchObject([
      { kind: 'error', venueCode: '-4046', reaction: 'unchanged' },
    ]);
  });
});
