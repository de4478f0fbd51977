// Historic bars of every venue: what is asked for, and the rows of answers as the venues' documents
// show them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { perpOf } from '../../bench/market.ts';
import { hourMs } from '../base/time.ts';
import type { BarsSpec, BarsWish } from '../domain/bars-spec.ts';
import type { Instrument } from '../domain/instrument.ts';
import { venueByName, venues } from './registry.ts';

const ts = 1_704_067_200_000;
const wish: BarsWish = { price: 'traded', intervalMs: hourMs, fromMs: ts, toMs: ts + 2 * hourMs };
const barsOf = (venue: string): BarsSpec => {
  const bars = venueByName(venue)?.bars;
  if (bars === undefined) throw new Error(`${venue} has no bars`);
  return bars;
};
const perp = (venue: string, symbol: string): Instrument => perpOf(venue, symbol, 'BTC');
const spot = (venue: string, symbol: string): Instrument => ({
  ...{ ...perp(venue, symbol), kind: 'spot', fundingIntervalMs: null },
});

describe('what is asked for', () => {
  it.each([
    ['binance', perp('binance', 'BTCUSDT'), 'traded', '/fapi/v1/klines'],
    ['binance', perp('binance', 'BTCUSDT'), 'mark', '/fapi/v1/markPriceKlines'],
    ['binance', perp('binance', 'BTCUSDT'), 'index', '/fapi/v1/indexPriceKlines'],
    ['binance', spot('binance', 'BTCUSDT'), 'traded', '/api/v3/klines'],
    ['okx', perp('okx', 'BTC-USDT-SWAP'), 'traded', '/api/v5/market/history-candles'],
    ['okx', perp('okx', 'BTC-USDT-SWAP'), 'mark', '/api/v5/market/history-mark-price-candles'],
    ['okx', perp('okx', 'BTC-USDT-SWAP'), 'index', '/api/v5/market/history-index-candles'],
    ['bybit', perp('bybit', 'BTCUSDT'), 'traded', '/v5/market/kline'],
    ['bybit', perp('bybit', 'BTCUSDT'), 'mark', '/v5/market/mark-price-kline'],
    ['bybit', perp('bybit', 'BTCUSDT'), 'index', '/v5/market/index-price-kline'],
    ['hyperliquid', perp('hyperliquid', 'BTC'), 'traded', '/info'],
  ] as const)('%s: %o %s', (venue, instrument, price, path) => {
    const request = barsOf(venue).request(instrument, { ...wish, price });
    expect(request).toMatchObject({ path, auth: 'none', purpose: 'bars' });
    const spec = venueByName(venue);
    // The limiter knows the bucket.
    expect(Object.keys(spec?.rateLimits.buckets ?? {})).toContain(request?.bucket);
  });

  it('bounds, as each venue counts them', () => {
    const query = (venue: string, instrument: Instrument, price: BarsWish['price'] = 'traded') => {
      const request = barsOf(venue).request(instrument, { ...wish, price });
      return request?.query !== '' ? request?.query : request.body;
    };
    const endMs = ts + 2 * hourMs;
    expect(query('binance', perp('binance', 'BTCUSD_PERP'), 'index')).toBe(
      `pair=BTCUSD&interval=1h&startTime=${ts}&endTime=${endMs - 1}&limit=1000`,
    );
    expect(query('okx', perp('okx', 'BTC-USDT-SWAP'), 'index')).toBe(
      `instId=BTC-USDT&bar=1H&before=${ts - 1}&after=${endMs}&limit=100`,
    );
    expect(query('bybit', perp('bybit', 'BTCUSDT'))).toBe(
      `category=linear&symbol=BTCUSDT&interval=60&start=${ts}&end=${endMs - 1}&limit=1000`,
    );
    expect(JSON.parse(query('hyperliquid', perp('hyperliquid', 'BTC')) ?? '')).toEqual({
      type: 'candleSnapshot',
      req: { coin: 'BTC', interval: '1h', startTime: ts, endTime: endMs - 1 },
    });
  });

  it('spot has no mark, an odd interval no bars, Hyperliquid traded prices alone', () => {
    for (const { id } of venues) {
      const bars = barsOf(id);
      expect(bars.request(spot(id, 'X'), { ...wish, price: 'mark' })).toBeNull();
      expect(bars.request(perp(id, 'X'), { ...wish, intervalMs: 7_000 })).toBeNull();
    }
    expect(
      barsOf('hyperliquid').request(perp('hyperliquid', 'BTC'), { ...wish, price: 'index' }),
    ).toBeNull();
  });
});

describe('what an answer says', () => {
  const nan = Number.NaN;
  const later = ts + hourMs;
  const cases: readonly (readonly [string, Instrument, BarsWish['price'], unknown, number[][]])[] =
    [
      [
        'binance',
        perp('binance', 'BTCUSDT'),
        'traded',
        [[ts, '1', '3', '0.5', '2', '12.5', later - 1, '9', 4, '1', '2', '0']],
        [[ts, 1, 3, 0.5, 2, 12.5]],
      ],
      [
        'binance',
        perp('binance', 'BTCUSDT'),
        'mark',
        [[ts, '1', '3', '0.5', '2', '0', later - 1, '0', 60, '0', '0', '0']],
        [[ts, 1, 3, 0.5, 2, nan]],
      ],
      [
        'okx',
        perp('okx', 'BTC-USDT-SWAP'),
        'traded',
        {
          code: '0',
          msg: '',
          data: [
            [`${later}`, '2', '2', '2', '2', '100', '1', '2', '1'],
            [`${ts}`, '1', '3', '0.5', '2', '100', '10', '20', '1'],
          ],
        },
        [
          [later, 2, 2, 2, 2, 1],
          [ts, 1, 3, 0.5, 2, 10],
        ],
      ],
      [
        'okx',
        spot('okx', 'BTC-USDT'),
        'traded',
        { code: '0', data: [[`${ts}`, '1', '3', '0.5', '2', '7', '14', '14', '1']] },
        [[ts, 1, 3, 0.5, 2, 7]],
      ],
      [
        'okx',
        perp('okx', 'BTC-USDT-SWAP'),
        'mark',
        { code: '0', data: [[`${ts}`, '1', '3', '0.5', '2', '1']] },
        [[ts, 1, 3, 0.5, 2, nan]],
      ],
      [
        'bybit',
        perp('bybit', 'BTCUSDT'),
        'traded',
        {
          retCode: 0,
          result: { symbol: 'X', list: [[`${ts}`, '1', '3', '0.5', '2', '7', '14']] },
        },
        [[ts, 1, 3, 0.5, 2, 7]],
      ],
      [
        'bybit',
        perp('bybit', 'BTCUSDT'),
        'index',
        { retCode: 0, result: { list: [[`${ts}`, '1', '3', '0.5', '2']] } },
        [[ts, 1, 3, 0.5, 2, nan]],
      ],
      [
        'hyperliquid',
        perp('hyperliquid', 'BTC'),
        'traded',
        [{ t: ts, T: later - 1, s: 'BTC', o: '1', c: '2', h: '3', l: '0.5', v: '9.5', n: 3 }],
        [[ts, 1, 3, 0.5, 2, 9.5]],
      ],
    ];
  it.each(cases)('%s %o %s', (venue, instrument, price, answer, rows) => {
    const asked = { ...wish, price };
    const bars = barsOf(venue);
    expect(bars.read(JSON.stringify(answer), instrument, asked)).toEqual(rows);
    // Rows outside of what was asked for are the venue's, not ours.
    const before = { ...asked, fromMs: ts - hourMs, toMs: ts };
    expect(bars.read(JSON.stringify(answer), instrument, before)).toEqual([]);
  });

  it('anything else is null and never throws', () => {
    for (const { id } of venues) {
      const read = (body: string) => barsOf(id).read(body, perp(id, 'X'), wish);
      for (const body of ['', '{', 'null', '[1]', '[[null]]', '{"code":"0","data":[["x"]]}']) {
        expect(read(body), `${id} ${body}`).toBeNull();
      }
      fc.assert(fc.property(fc.json(), (body) => void read(body)));
    }
    expect(barsOf('okx').read('{"code":"51001","data":[]}', perp('okx', 'X'), wish)).toBeNull();
    expect(barsOf('bybit').read('{"retCode":10001}', perp('bybit', 'X'), wish)).toBeNull();
  });
});
