import { describe, expect, it } from 'vitest';
import {
  bytesOf,
  decodeFixture,
  decodeReplyFixture,
  fixture,
  fixtureCatalog,
} from '../../../test/support/hyperliquid-fixtures.ts';
import { decimal } from '../../base/decimal.ts';
import { Catalog } from '../../domain/instrument.ts';
import { quoteSlots } from '../../domain/venue-spec.ts';
import { scanBytes } from '../../testing/scan-bytes.ts';
import { bookVerdict } from './book.ts';
import { hyperliquid } from './index.ts';
import { assetOfToken, factsOf, splitCoin } from './names.ts';
import { tickAt, wirePrice } from './tick.ts';

const btc = 'hyperliquid:BTC-USDC-PERP';
const pepe = 'hyperliquid:PEPE-USDC-PERP';

describe('instruments', () => {
  it('of the perpetuals carry their asset number, grids and the hourly interval', () => {
    const catalog = fixtureCatalog();
    expect(catalog.byId(btc)).toMatchObject({
      ...{ symbol: 'BTC', assetId: 0, quote: 'USDC', settle: 'USDC', wallet: 'perp' },
      // 64123.0 has five digits before the point: whole dollars. szDecimals 5.
      ...{ tickSize: decimal('1'), lotSize: decimal('0.00001'), notionalMin: decimal('10') },
      ...{ status: 'trading', fundingIntervalMs: 3_600_000, leverageMax: 40 },
    });
    // 145.27: two decimals are left of five figures.
    expect(catalog.byId('hyperliquid:SOL-USDC-PERP')).toMatchObject({
      ...{ tickSize: decimal('0.01'), lotSize: decimal('0.01'), assetId: 2 },
    });
  });

  it('of kPEPE are a thousand PEPE: tick 1e-6 / 1000, lots of 1000', () => {
    expect(fixtureCatalog().byId(pepe)).toMatchObject({
      // 0.008512 would allow 1e-7; with szDecimals 0 there are at most six decimals.
      ...{ symbol: 'kPEPE', base: 'PEPE', tickSize: decimal('0.000000001') },
      ...{ lotSize: decimal('1000'), priceUnit: decimal('1000'), qtyUnit: decimal('1000') },
    });
  });

  it('of spot are named by index, and a bridged token is its asset', () => {
    expect(fixtureCatalog().byId('hyperliquid:BTC-USDC-SPOT')).toMatchObject({
      ...{ symbol: '@142', assetId: 10_142, wallet: 'spot', tickSize: decimal('1') },
      ...{ lotSize: decimal('0.00001'), fundingIntervalMs: null },
    });
    expect(fixtureCatalog().byId('hyperliquid:PURR-USDC-SPOT')).toMatchObject({
      ...{ symbol: 'PURR/USDC', assetId: 10_000, tickSize: decimal('0.00001') },
    });
  });

  it('that are delisted or allow isolated margin only may not be opened', () => {
    const catalog = fixtureCatalog();
    expect(catalog.byId('hyperliquid:HPOS-USDC-PERP')?.status).toBe('halted');
    // Its mark is zero: no price, no tick.
    expect(catalog.byId('hyperliquid:LOOM-USDC-PERP')).toMatchObject({
      ...{ status: 'halted', tickSize: null },
    });
  });

  it('of a ticker that looks like a bridged asset are another asset', () => {
    expect(['UBTC', 'BTC', 'PURR', 'USDC'].map(assetOfToken)).toEqual([
      ...['BTC', 'HLBTC', 'PURR', 'USDC'],
    ]);
  });

  it.each([
    ['kPEPE', 'PEPE', '1000'],
    ['KAS', 'KAS', '1'],
    ['k', 'k', '1'],
    ['kkX', 'kkX', '1'],
  ])('%s is %s times %s', (coin, base, multiplier) => {
    expect(splitCoin(coin)).toEqual({ base, multiplier });
  });
});

describe('the price grid', () => {
  it.each([
    [64_123, 1, '1'],
    [123_456, 6, '1'],
    [3_412.3, 2, '0.1'],
    [9_999.9, 2, '0.1'],
    [10_000, 2, '1'],
    [1.2345, 6, '0.0001'],
    [0.56, 6, '0.00001'],
    [0.008512, 6, '0.000001'],
    [0.0085, 8, '0.0000001'],
    [3.3e-7, 6, '0.000001'],
  ])('at %d with at most %d decimals is %s', (price, decimalsMax, tick) => {
    expect(tickAt(price, decimalsMax)).toBe(decimal(tick));
  });

  it.each([
    // A tick of 0.1 is too fine from 10,000 on: the price moves to the side that pays less.
    ['10000.1', '10000', '10001'],
    ['9999.9', '9999.9', '9999.9'],
    ['64123', '64123', '64123'],
    ['123456', '123456', '123456'],
    ['0.0012345', '0.0012345', '0.0012345'],
    ['0.00123456', '0.0012345', '0.0012346'],
    ['0.10000009', '0.1', '0.10001'],
  ])('leaves %s as %s in a purchase and as %s in a sale', (price, buy, sell) => {
    expect(wirePrice(decimal(price), 'buy')).toBe(decimal(buy));
    expect(wirePrice(decimal(price), 'sell')).toBe(decimal(sell));
  });
});

describe('market data', () => {
  it('bbo is a quote; an empty side is unknown, multiples are converted', () => {
    expect(decodeFixture('ws-bbo')).toEqual([
      {
        ...{ kind: 'quote', venue: 'hyperliquid', symbol: 'BTC', instrument: btc },
        ...{ venueTsMs: 1_708_622_398_623, bid: 19_900, bidQty: 1.25, ask: 20_100, askQty: 0.5 },
      },
    ]);
    const [quote] = decodeFixture('ws-bbo-one-side');
    expect(quote).toMatchObject({ instrument: pepe, bidQty: 120_000_000, ask: null, askQty: null });
    expect(quote?.kind === 'quote' && quote.bid).toBeCloseTo(0.0000085, 15);
  });

  it('the scanner reads bbo as decode does, and declines a frame with one side', () => {
    const catalog = fixtureCatalog();
    const scan = hyperliquid.quoteScanner({ stream: 's', market: null }, catalog);
    const out = new Float64Array(quoteSlots.size);
    expect(catalog.at(scanBytes(scan, bytesOf(fixture('ws-bbo')), out)).id).toBe(btc);
    expect([...out.slice(0, 5)]).toEqual([19_900, 1.25, 20_100, 0.5, 1_708_622_398_623]);
    for (const text of [
      fixture('ws-bbo-one-side'),
      fixture('ws-bbo').replace('BTC', 'NOPE'),
      fixture('ws-bbo').replace('19900.0', '-19900.0'),
      fixture('ws-bbo').replace('"n":3', '"n":03'),
      `${fixture('ws-bbo')} `,
      fixture('ws-l2book'),
    ]) {
      expect(scanBytes(scan, bytesOf(text), out)).toBe(-1);
    }
  });

  it('l2Book is the whole book; one with a level that cannot be read is none', () => {
    expect(decodeFixture('ws-l2book')).toMatchObject([
      {
        ...{ kind: 'depth', snapshot: true, instrument: btc, seq: '1710131872708' },
        bids: [
          [68_674, 0.97139],
          [68_673, 2.5],
        ],
        asks: [
          [68_675, 0.04396],
          [68_677, 1.2],
        ],
      },
    ]);
    const bad = bytesOf(fixture('ws-l2book').replace('"2.5"', '"x"'));
    const source = { stream: 't', market: null };
    expect(hyperliquid.decode(bad, source, fixtureCatalog())).toMatchObject([
      { kind: 'unrecognized' },
    ]);
  });

  it('a snapshot that is older than the book is dropped', () => {
    const [event] = decodeFixture('ws-l2book');
    if (event?.kind !== 'depth') throw new Error('no book');
    expect(bookVerdict(event, { lastSeq: null, fresh: false })).toBe('apply');
    expect(bookVerdict(event, { lastSeq: '1710131872708', fresh: false })).toBe('apply');
    expect(bookVerdict(event, { lastSeq: '1710131872709', fresh: false })).toBe('drop');
    expect(bookVerdict({ ...event, snapshot: false }, { lastSeq: null, fresh: false })).toBe(
      'resync',
    );
  });

  it('a context has mark, oracle as index and the hourly rate, and no time of settlement', () => {
    expect(decodeFixture('ws-active-asset-ctx')).toMatchObject([
      { kind: 'mark-price', mark: 14.3161, index: 14.32 },
      {
        ...{ kind: 'funding-rate', ratePerInterval: 0.0000125, intervalMs: 3_600_000 },
        ...{ settlesAtMs: null, settled: false },
      },
    ]);
    expect(decodeFixture('ws-active-spot-asset-ctx')).toEqual([]);
  });

  it('predictions give rate and time of our venue alone', () => {
    expect(decodeReplyFixture('rest-predicted-fundings')).toMatchObject([
      {
        ...{ instrument: btc, ratePerInterval: 0.0000125, settlesAtMs: 1_733_958_000_000 },
        intervalMs: 3_600_000,
      },
      { instrument: pepe, ratePerInterval: -0.0000312, intervalMs: 3_600_000 },
    ]);
  });

  it('the purpose says whether contexts are a listing or rates', () => {
    const name = 'rest-meta-and-asset-ctxs';
    const kinds = (purpose: 'instruments' | 'funding-rates') =>
      new Set(decodeReplyFixture(name, { purpose }).map(({ kind }) => kind));
    expect([...kinds('instruments')]).toEqual(['instrument']);
    expect([...kinds('funding-rates')]).toEqual(['mark-price', 'funding-rate']);
    expect(decodeReplyFixture(name, { purpose: 'funding-rates' })[0]).toMatchObject({
      ...{ instrument: btc, mark: 64_123, index: 64_100 },
    });
  });

  it('trades have the side of the taker: A sells, B buys', () => {
    expect(decodeFixture('ws-trades')).toMatchObject([
      { kind: 'trade', instrument: btc, side: 'sell', tradeId: '981894269203506', price: 68_517 },
      { instrument: pepe, side: 'buy', qty: 5_000_000 },
    ]);
  });

  it('past rates are settled ones', () => {
    expect(decodeReplyFixture('rest-funding-history')).toMatchObject([
      { settled: true, ratePerInterval: -0.00022196, settlesAtMs: 1_683_849_600_076 },
      { settled: true, ratePerInterval: 0.0000125 },
    ]);
  });

  it('a coin that the catalog does not know is read by its name where that says the asset', () => {
    const none = new Catalog();
    expect(factsOf('kSHIB', none)).toMatchObject({
      ...{ instrument: 'hyperliquid:SHIB-USDC-PERP', priceDivisor: 1_000 },
    });
    expect(factsOf('@107', none)).toMatchObject({ instrument: null, kind: 'spot' });
    expect(factsOf('xyz:TSLA', none)).toMatchObject({ instrument: null, kind: null });
  });
});
