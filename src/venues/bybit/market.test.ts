import { describe, expect, test } from 'vitest';
import {
  bytesOf,
  decodeFixture,
  decodeReplyFixture,
  fixture,
  fixtureCatalog,
} from '../../../test/support/bybit-fixtures.ts';
import { Catalog } from '../../domain/instrument.ts';
import type { DepthEvent } from '../../domain/venue-event.ts';
import { bookVerdict } from './book.ts';
import { bybit } from './index.ts';

const btcPerp = { venue: 'bybit', symbol: 'BTCUSDT', instrument: 'bybit:BTC-USDT-PERP' };

describe('order books', () => {
  test('a level 1 snapshot is the whole quote', () => {
    expect(decodeFixture('ws-orderbook-1-linear', 'linear')).toEqual([
      {
        kind: 'quote',
        ...btcPerp,
        venueTsMs: 1764000000123,
        bid: 64123.4,
        bidQty: 3.214,
        ask: 64123.5,
        askQty: 1.007,
      },
    ]);
  });

  test('the market of the connection decides between spot and perpetual of one symbol', () => {
    const [spot] = decodeFixture('ws-orderbook-1-linear', 'spot');
    const [unknown] = decodeFixture('ws-orderbook-1-linear', null);
    expect(spot?.instrument).toBe('bybit:BTC-USDT-SPOT');
    expect(unknown?.instrument).toBeNull();
  });

  test('a contract of 1000 coins is quoted per coin and counted in coins', () => {
    // 0.0123450 USDT per 1000 PEPE = 0.000012345 per PEPE; 41,200 contracts = 41.2 million PEPE.
    const [quote] = decodeFixture('ws-orderbook-1-multiplier', 'linear');
    expect(quote).toMatchObject({
      kind: 'quote',
      instrument: 'bybit:PEPE-USDT-PERP',
      bid: 0.012345 / 1000,
      bidQty: 41_200_000,
    });
    const withoutCatalog = decodeFixture('ws-orderbook-1-multiplier', null, new Catalog());
    expect(withoutCatalog).toEqual([quote]);
  });

  test('an empty side is null, never zero', () => {
    const [quote] = decodeFixture('ws-orderbook-1-empty-side', 'linear');
    expect(quote).toMatchObject({ bid: null, bidQty: null, ask: 64123.5, askQty: 1.007 });
  });

  test('deeper levels come as a snapshot and deltas in which quantity 0 deletes', () => {
    const [snapshot] = decodeFixture('ws-orderbook-50-snapshot', 'linear');
    const [delta] = decodeFixture('ws-orderbook-50-delta', 'linear');
    expect(snapshot).toMatchObject({ kind: 'depth', snapshot: true, seq: '1', prevSeq: null });
    expect(delta).toEqual({
      kind: 'depth',
      ...btcPerp,
      venueTsMs: 1764000001020,
      snapshot: false,
      bids: [
        [64123, 0],
        [64122.8, 0.75],
      ],
      asks: [[64124, 2.1]],
      seq: '2',
      prevSeq: null,
      firstSeq: null,
    });
  });

  test.each([
    ['0', '1'],
    ['-1', '1'],
    ['1', '-1'],
    ['', '1'],
    ['1', ''],
    ['1e40', '1'],
  ])('a book with the level %j x %j cannot be read: it counts as a gap', (price, qty) => {
    const data = { s: 'BTCUSDT', b: [[price, qty]], a: [], u: 3, seq: 3 };
    const frame = { topic: 'orderbook.50.BTCUSDT', type: 'delta', ts: 1764000000000, data };
    const source = { stream: 't', market: 'linear' } as const;
    expect(bybit.decode(bytesOf(JSON.stringify(frame)), source, fixtureCatalog())).toMatchObject([
      { kind: 'unrecognized', symbol: 'BTCUSDT' },
    ]);
  });

  test('a REST book is a snapshot', () => {
    const events = decodeReplyFixture('rest-orderbook', 'GET /v5/market/orderbook?category=linear');
    expect(events).toMatchObject([
      { kind: 'depth', ...btcPerp, snapshot: true, seq: '18521290', bids: [[64123.4, 3.214]] },
    ]);
  });

  test.each([
    ['a snapshot replaces the book whatever its number', true, '1', '900', 'apply'],
    ['a delta that follows', false, '11', '10', 'apply'],
    ['a repeated delta', false, '10', '10', 'drop'],
    ['an older delta', false, '9', '10', 'drop'],
    ['a gap', false, '12', '10', 'resync'],
    ['a delta before any snapshot', false, '5', null, 'resync'],
    ['a delta without a number', false, null, '10', 'resync'],
    ['a numbering that started again without its snapshot', false, '7', '90000', 'resync'],
  ] as const)('book sequence: %s', (_name, snapshot, seq, lastSeq, verdict) => {
    const event: DepthEvent = {
      kind: 'depth',
      ...btcPerp,
      venueTsMs: null,
      snapshot,
      bids: [],
      asks: [],
      seq,
      prevSeq: null,
      firstSeq: null,
    };
    expect(bookVerdict(event, { lastSeq, fresh: false })).toBe(verdict);
  });
});

describe('tickers', () => {
  test('a snapshot has mark, index and the rate of the next settlement with its interval', () => {
    expect(decodeFixture('ws-tickers-linear-snapshot', 'linear')).toEqual([
      {
        kind: 'mark-price',
        ...btcPerp,
        venueTsMs: 1764000000200,
        mark: 64121.57,
        index: 64130.02,
      },
      {
        kind: 'funding-rate',
        ...btcPerp,
        venueTsMs: 1764000000200,
        ratePerInterval: -0.000212,
        intervalMs: 8 * 3_600_000,
        settlesAtMs: 1764028800000,
        nextRate: null,
        cap: 0.005,
        floor: -0.005,
        settled: false,
      },
    ]);
  });

  test('a delta that says nothing about mark or funding is acknowledged', () => {
    expect(decodeFixture('ws-tickers-linear-delta', 'linear')).toMatchObject([
      { kind: 'control', name: 'ack', symbol: 'BTCUSDT' },
    ]);
  });

  test('a field that a delta omits is null, never zero', () => {
    expect(decodeFixture('ws-tickers-linear-delta-mark', 'linear')).toMatchObject([
      { kind: 'mark-price', mark: 64122, index: null },
    ]);
    expect(decodeFixture('ws-tickers-linear-delta-rate', 'linear')).toMatchObject([
      {
        kind: 'funding-rate',
        ratePerInterval: -0.000215,
        intervalMs: null,
        settlesAtMs: null,
      },
    ]);
  });

  test('a dated future has a mark and no funding, with and without a catalog', () => {
    const expected = [{ kind: 'mark-price', mark: 65502.11 }];
    expect(decodeFixture('ws-tickers-dated', 'linear')).toMatchObject(expected);
    expect(decodeFixture('ws-tickers-dated', null, new Catalog())).toMatchObject(expected);
  });

  test.each([
    ['BTC-25DEC26', 'linear', ['mark-price']],
    ['BTCUSDZ26', 'inverse', ['mark-price']],
    ['BTCUSDT', 'spot', ['control']],
    ['BTCUSDT', 'linear', ['mark-price', 'funding-rate']],
  ] as const)('of %s on %s no funding is taken where there is none', (symbol, market, kinds) => {
    const data = {
      symbol,
      markPrice: '1',
      fundingRate: '0.0001',
      nextFundingTime: '1764028800000',
    };
    const frame = { topic: `tickers.${symbol}`, type: 'snapshot', data, cs: 1, ts: 1764000000000 };
    const source = { stream: 't', market };
    const events = bybit.decode(bytesOf(JSON.stringify(frame)), source, fixtureCatalog());
    expect(events.map(({ kind }) => kind)).toEqual(kinds);
  });

  test('a spot ticker has neither', () => {
    const acked = [{ kind: 'control', name: 'ack', symbol: 'BTCUSDT' }];
    expect(decodeFixture('ws-tickers-spot', 'spot')).toMatchObject(acked);
    expect(decodeFixture('ws-tickers-spot', null)).toMatchObject(acked);
  });

  test('a REST row has quote, mark and funding; an empty ask is null', () => {
    const events = decodeReplyFixture('rest-tickers-linear', 'GET /v5/market/tickers');
    expect(events.map(({ kind }) => kind)).toEqual([
      'quote',
      'mark-price',
      'funding-rate',
      'quote',
      'mark-price',
    ]);
    expect(events[0]).toMatchObject({ bid: 64123.4, askQty: 1.007, venueTsMs: 1764000010500 });
    expect(events[3]).toMatchObject({ bid: 65490, ask: null, askQty: null });
  });

  test('past settlements are settled rates at their own time', () => {
    const events = decodeReplyFixture('rest-funding-history', 'GET /v5/market/funding/history');
    expect(events).toMatchObject([
      { kind: 'funding-rate', settled: true, ratePerInterval: 0.0001, settlesAtMs: 1764000000000 },
      { settled: true, ratePerInterval: -0.00005, intervalMs: null },
    ]);
  });
});

test('a public trade has the side of the taker', () => {
  expect(decodeFixture('ws-public-trade', 'linear')).toEqual([
    {
      kind: 'trade',
      ...btcPerp,
      venueTsMs: 1764000000681,
      tradeId: '20f43950-d8dd-5b31-9112-a178eb6023af',
      price: 64123.5,
      qty: 0.001,
      side: 'buy',
    },
  ]);
});

test('the catalog of the fixtures holds every instrument that can be read', () => {
  expect(
    fixtureCatalog()
      .all()
      .map(({ id }) => id),
  ).toEqual([
    'bybit:BTC-USDT-PERP',
    'bybit:PEPE-USDT-PERP',
    'bybit:SHIB-USDT-PERP',
    'bybit:BTC-USDC-DATED-25DEC26',
    'bybit:NEW-USDT-PERP',
    'bybit:ODD-USDT-PERP',
    'bybit:BTC-USDT-SPOT',
    'bybit:BTC-USD-INV',
    'bybit:BTC-USD-INV-DATED-Z26',
  ]);
});

test('a price of 1000 coins stays on the tick of one: it is rounded once', () => {
  // 10.528 / 1000 as doubles is 0.010528000000000001, which a limit would round off its tick.
  const text = fixture('ws-orderbook-1-multiplier').replace('0.0123450', '10.528');
  const [quote] = bybit.decode(bytesOf(text), { stream: 't', market: 'linear' }, fixtureCatalog());
  expect(quote).toMatchObject({ kind: 'quote', bid: 0.010528, ask: 0.000012346 });
});
