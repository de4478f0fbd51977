import { expect, test } from 'vitest';
import { decodeReplyFixture, fixtureCatalog } from '../../../test/support/bybit-fixtures.ts';
import { type Decimal, formatDecimal } from '../../base/decimal.ts';
import { Catalog, type Instrument, type Market } from '../../domain/instrument.ts';
import { factsOf, splitContractBase } from './symbols.ts';

const catalog = fixtureCatalog();

function listed(market: Market, symbol: string): Instrument {
  const instrument = catalog.bySymbol('bybit', market, symbol);
  if (instrument === undefined) throw new Error(`not listed: ${symbol}`);
  return instrument;
}

/** Decimals as text, to compare whole instruments at a glance. */
function plain(instrument: Instrument): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(instrument).map(([key, value]) => [
      key,
      typeof value === 'bigint' ? formatDecimal(value as Decimal) : value,
    ]),
  );
}

test('a linear perpetual, filters as they are', () => {
  expect(plain(listed('linear', 'BTCUSDT'))).toEqual({
    id: 'bybit:BTC-USDT-PERP',
    venue: 'bybit',
    symbol: 'BTCUSDT',
    kind: 'linear-perp',
    base: 'BTC',
    quote: 'USDT',
    settle: 'USDT',
    wallet: 'unified',
    contractSize: '1',
    qtyUnit: '1',
    priceUnit: '1',
    tickSize: '0.1',
    lotSize: '0.001',
    qtyMin: '0.001',
    // The smaller of the limit-order and the market-order maximum.
    qtyMax: '500',
    notionalMin: '5',
    status: 'trading',
    fundingIntervalMs: 28_800_000,
    leverageMax: 100,
  });
});

test('contracts of 1000 coins become coins: prices divided, quantities multiplied', () => {
  expect(plain(listed('linear', '1000PEPEUSDT'))).toMatchObject({
    base: 'PEPE',
    contractSize: '1000',
    qtyUnit: '1000',
    priceUnit: '1000',
    tickSize: '0.000000001',
    lotSize: '100000',
    qtyMin: '100000',
    qtyMax: '13000000000',
    fundingIntervalMs: 4 * 3_600_000,
  });
  expect(plain(listed('linear', 'SHIB1000USDT'))).toMatchObject({
    id: 'bybit:SHIB-USDT-PERP',
    base: 'SHIB',
    qtyUnit: '1000',
    lotSize: '10000',
    qtyMax: '4000000000',
    fundingIntervalMs: 3_600_000,
  });
});

test('spot counts in the asset itself and has no funding', () => {
  expect(plain(listed('spot', 'BTCUSDT'))).toMatchObject({
    kind: 'spot',
    wallet: 'unified',
    tickSize: '0.01',
    lotSize: '0.000001',
    qtyMin: '0.000048',
    qtyMax: '41.5',
    notionalMin: '5',
    fundingIntervalMs: null,
    leverageMax: null,
  });
});

test('inverse contracts settle in the coin, in contracts of 1 USD', () => {
  const inverse = plain(listed('inverse', 'BTCUSD'));
  expect(inverse).toMatchObject({ kind: 'inverse-perp', settle: 'BTC', contractSize: '1' });
  expect(inverse['notionalMin']).toBeNull();
  expect(listed('inverse', 'BTCUSDZ26').kind).toBe('inverse-dated');
});

test('dated futures are gated by their contract type and have no funding interval', () => {
  const dated = listed('linear', 'BTC-25DEC26');
  expect(dated).toMatchObject({ kind: 'linear-dated', fundingIntervalMs: null });
});

test('what is not known is not tradable: status, missing filters, contract type', () => {
  expect(listed('linear', 'NEWUSDT')).toMatchObject({
    status: 'halted',
    tickSize: null,
    lotSize: null,
    qtyMin: null,
    qtyMax: null,
    fundingIntervalMs: null,
  });
  expect(listed('linear', 'ODDUSDT').status).toBe('unknown');
  const events = decodeReplyFixture('rest-instruments-linear', 'GET /v5/market/instruments-info');
  expect(events.at(-1)).toMatchObject({ kind: 'unrecognized', symbol: 'XUSDT' });
});

test.each([
  ['1000PEPE', 'PEPE', '1000'],
  ['SHIB1000', 'SHIB', '1000'],
  ['10000SATS', 'SATS', '10000'],
  ['1000000MOG', 'MOG', '1000000'],
  ['1INCH', '1INCH', '1'],
  ['BTC', 'BTC', '1'],
])('the contract base %s is %s x %s', (venueBase, base, multiplier) => {
  expect(splitContractBase(venueBase)).toEqual({ base, multiplier });
});

test.each([
  ['BTCUSDT', 'linear', 'bybit:BTC-USDT-PERP'],
  ['BTCUSDT', 'spot', 'bybit:BTC-USDT-SPOT'],
  ['BTCUSDT', null, null],
  ['BTCPERP', null, 'bybit:BTC-USDC-PERP'],
  ['BTCUSD', null, 'bybit:BTC-USD-INV'],
  ['BTCUSDZ26', null, 'bybit:BTC-USD-INV-DATED-Z26'],
  ['BTC-25DEC26', null, 'bybit:BTC-USDC-DATED-25DEC26'],
  ['BTCUSDT-25DEC26', null, 'bybit:BTC-USDT-DATED-25DEC26'],
  ['SHIB1000USDT', null, 'bybit:SHIB-USDT-PERP'],
  ['ETHBTC', 'spot', 'bybit:ETH-BTC-SPOT'],
  ['???', 'linear', null],
] as const)('without a catalog the name %s on %s means %s', (symbol, market, id) => {
  expect(factsOf(symbol, market, new Catalog()).instrument).toBe(id);
});

test('the name gives the same instrument and units as the listing', () => {
  for (const { symbol, kind, id, qtyUnit, priceUnit, settle } of catalog.all()) {
    const market = kind === 'spot' ? 'spot' : kind.startsWith('linear') ? 'linear' : 'inverse';
    expect(factsOf(symbol, market, new Catalog())).toMatchObject({
      instrument: id,
      kind,
      qtyUnit,
      priceUnit,
      settle,
    });
  }
});
