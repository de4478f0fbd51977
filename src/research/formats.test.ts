// The download formats of venues, Tardis and freqtrade, from files as they come: names,
// directories, headers and zip archives. Rows are made up, their form is that of the downloads.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { zipOf } from '../../test/support/zip.ts';
import { hourMs } from '../base/time.ts';
import { type Series, seriesName } from '../history/series.ts';
import { openData } from './data-source.ts';
import { importData } from './import.ts';
import { unpackLz4 } from './lz4.ts';

const ts = 1_704_067_200_000; // 2024-01-01T00:00Z
let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'farb-formats-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, content: string | Uint8Array): void {
  const full = join(root, 'raw', path);
  mkdirSync(dirname(full), { recursive: true });
  const name = path.split('/').at(-1) ?? '';
  const text = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
  if (name.endsWith('.zip')) {
    writeFileSync(full, zipOf({ [name.replace(/\.zip$/, '.csv')]: text }));
  } else {
    writeFileSync(full, name.endsWith('.gz') ? gzipSync(text) : text);
  }
}

async function imported(market: 'spot' | 'perp' | null = null) {
  const report = await importData({
    ...{ paths: [join(root, 'raw')], dir: join(root, 'store'), market },
    ...{ stop: new AbortController().signal, onProgress: () => undefined },
  });
  const series: readonly Series[] =
    report.series === 0 ? [] : (await (await openData(join(root, 'store'))).load()).series;
  return { report, series, names: series.map(({ id }) => seriesName(id)) };
}

/** Every column, as plain numbers. */
const values = (series: Series | undefined) =>
  Object.fromEntries(
    Object.entries(series ?? {}).flatMap(([name, column]) =>
      column instanceof Float64Array ? [[name, [...column]]] : [],
    ),
  );

describe('Binance', () => {
  it('funding rates: the interval of the file is kept, not inferred', async () => {
    put(
      'futures/um/monthly/fundingRate/SOLUSDT/SOLUSDT-fundingRate-2024-01.zip',
      `calc_time,funding_interval_hours,last_funding_rate\n${ts + 4},4,0.00010000\n` +
        `${ts + 8 * hourMs + 2},4,-0.00025\n`,
    );
    const { series, names } = await imported();
    expect(names).toEqual(['binance/funding/SOLUSDT']);
    expect(values(series[0])).toEqual({
      tsMs: [ts, ts + 8 * hourMs],
      rate: [0.0001, -0.00025],
      markPrice: [Number.NaN, Number.NaN],
      intervalMs: [4 * hourMs, 4 * hourMs],
    });
  });

  it('klines with and without header, in ms and us, by their directory', async () => {
    const rest = '10,1704070799999,1000,5,3,300,0';
    const row = (at: string) => `${at},1.5,2,1,1.75,${rest}\n`;
    const header =
      'open_time,open,high,low,close,volume,close_time,quote_volume,count,' +
      'taker_buy_volume,taker_buy_quote_volume,ignore\n';
    put('spot/monthly/klines/A/1h/AUSDT-1h-2025-01.zip', row(`${ts}000`));
    put('futures/um/monthly/klines/A/1h/AUSDT-1h-2024-01.zip', header + row(`${ts}`));
    put('futures/um/monthly/markPriceKlines/A/1h/AUSDT-1h-2024-01.csv', header + row(`${ts}`));
    put('futures/um/daily/indexPriceKlines/A/1h/AUSDT-1h-2024-01-01.csv', row(`${ts}`));
    put('futures/um/daily/premiumIndexKlines/A/1h/AUSDT-1h-2024-01-01.csv', row(`${ts}`));
    put('futures/um/daily/klines/AUSDT_240329/1h/AUSDT_240329-1h-2024-01-01.csv', row(`${ts}`));
    const { series, names, report } = await imported();
    expect(names).toEqual([
      'binance/bars/index/1h/AUSDT',
      'binance/bars/mark/1h/AUSDT',
      'binance/bars/perp/1h/AUSDT',
      'binance/bars/spot/1h/AUSDT',
    ]);
    const one = { tsMs: [ts], open: [1.5], high: [2], low: [1], close: [1.75] };
    expect(values(series[1])).toEqual({ ...one, volume: [Number.NaN] });
    expect(values(series[3])).toEqual({ ...one, volume: [10] });
    expect(report.files.filter(({ outcome }) => outcome === 'unrecognized')).toHaveLength(2);
  });

  it('klines without directories need a word: nothing is guessed', async () => {
    put('BTCUSDT-1h-2024-01.csv', `${ts},1,2,1,1,10,0,0,0,0,0,0\n`);
    const { report } = await imported();
    expect(report.files[0]).toMatchObject({ outcome: 'failed', rows: 0 });
    expect(report.files[0]?.message).toContain('give --market');
    expect((await imported('perp')).names).toEqual(['binance/bars/perp/1h/BTCUSDT']);
  });

  it('bookTicker and trades: the taker sold where the buyer was the maker', async () => {
    put(
      'BTCUSDT-bookTicker-2024-01-01.zip',
      'update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,' +
        `event_time\n7,100.1,2,100.2,3,${ts},${ts + 5}\n`,
    );
    put(
      'BTCUSDT-aggTrades-2024-01-01.csv',
      'agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n' +
        `1,100.1,0.5,1,2,${ts},true\n2,100.2,0.25,3,3,${ts + 1},false\n`,
    );
    put('ETHUSDT-aggTrades-2024-01-01.csv', `1,50,0.5,1,2,${ts},True,True\n`);
    put('ETHUSDT-trades-2024-01-01.csv', `1,50,0.5,25,${ts + 9},False,True\n`);
    const { series, names } = await imported();
    expect(names).toEqual([
      'binance/quotes/perp/BTCUSDT',
      'binance/trades/perp/BTCUSDT',
      'binance/trades/spot/ETHUSDT',
    ]);
    expect(values(series[0])).toEqual({
      ...{ tsMs: [ts], bid: [100.1], bidQty: [2], ask: [100.2], askQty: [3] },
    });
    expect(values(series[1])).toEqual({
      tsMs: [ts, ts + 1],
      price: [100.1, 100.2],
      qty: [0.5, 0.25],
      takerSide: [-1, 1],
    });
    expect(values(series[2])).toMatchObject({ tsMs: [ts, ts + 9], takerSide: [-1, 1] });
  });
});

describe('OKX', () => {
  it('funding of all swaps, old and new', async () => {
    put(
      'allswaprate-swaprate-2024-01-01.zip',
      // Names in two languages, of which the second is not UTF-8.
      'instrument_name/\xba\xcf\xd4\xbc,contract_type/x,funding_rate/y,real_funding_rate/z,' +
        `funding_time/t\nBTC-USDT-SWAP,linear,0.0002,0.0001,${ts}\nX-USD-SWAP,i,0.2,0.3,${ts}\n`,
    );
    put(
      'allswap-fundingrates-2026-01-01.csv',
      `instrument_name,funding_rate,funding_time\nBTC-USDT-SWAP,0.0003,${ts + 8 * hourMs}\n`,
    );
    const { series, names } = await imported();
    expect(names).toEqual(['okx/funding/BTC-USDT-SWAP', 'okx/funding/X-USD-SWAP']);
    expect(values(series[0])).toMatchObject({ rate: [0.0001, 0.0003] });
  });

  it('trades and candles of swaps and spot; dated futures are left alone', async () => {
    const header = 'instrument_name,trade_id,side,price,size,created_time';
    put('BTC-USDT-SWAP-trades-2024-01-01.zip', `${header}\nBTC-USDT-SWAP,1,buy,100,3,${ts}\n`);
    put('a.csv', `${header},source\nBTC-USDT,1,sell,99,0.5,${ts},0\n`);
    put('b.csv', `${header}\nBTC-USD-240329,1,sell,99,0.5,${ts}\n`);
    const candle = (k: number) => `BTC-USDT-SWAP,1,3,0.5,2,7,70,140,${ts + k * 60_000},1\n`;
    const names = 'instrument_name,open,high,low,close,vol,vol_ccy,vol_quote,open_time,confirm\n';
    put('BTC-USDT-SWAP-candlesticks-2025-09-01.zip', names + candle(0) + candle(1));
    const found = await imported();
    expect(found.names).toEqual([
      ...['okx/bars/perp/1m/BTC-USDT-SWAP', 'okx/trades/perp/BTC-USDT-SWAP'],
      'okx/trades/spot/BTC-USDT',
    ]);
    expect(values(found.series[0])).toMatchObject({ close: [2, 2], volume: [70, 70] });
    expect(values(found.series[2])).toMatchObject({ takerSide: [-1], qty: [0.5] });
  });
});

it('Bybit: trading in seconds, spot, and the index', async () => {
  put(
    'trading/BTCUSDT/BTCUSDT2024-01-01.csv.gz',
    'timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,' +
      `foreignNotional\n${ts / 1_000}.4567,BTCUSDT,Sell,0.01,42000.5,x,y,1,1,1\n`,
  );
  put(
    'spot/BTCUSDT/BTCUSDT_2024-01-01.csv.gz',
    `id,timestamp,price,volume,side\n1,${ts},5,6,buy\n`,
  );
  put(
    'spot_index/BTCUSD/BTCUSD2020-01-01_index_price.csv.gz',
    `start_at,symbol,period,open,high,low,close\n${ts / 1_000},BTCUSD,1,1,2,0.5,1.5\n`,
  );
  const { series, names } = await imported();
  expect(names).toEqual([
    'bybit/bars/index/1m/BTCUSD',
    'bybit/trades/perp/BTCUSDT',
    'bybit/trades/spot/BTCUSDT',
  ]);
  expect(values(series[1])).toMatchObject({ price: [42_000.5], qty: [0.01], takerSide: [-1] });
  expect(Math.abs((series[1]?.tsMs[0] ?? 0) - (ts + 456))).toBeLessThanOrEqual(1);
});

it('Tardis: exchange names become venue and market; estimates are left alone', async () => {
  const head = 'exchange,symbol,timestamp,local_timestamp';
  put(
    'q.csv.gz',
    `${head},ask_amount,ask_price,bid_price,bid_amount\nokex-swap,A,${ts}000,0,1,2,1.5,4\n`,
  );
  put('t.csv.gz', `${head},id,side,price,amount\nbinance,B,${ts}123,0,9,sell,7,0.5\n`);
  put('u.csv.gz', `${head},id,side,price,amount\nderibit,BTC-PERPETUAL,${ts}123,0,9,unknown,7,1\n`);
  put('d.csv.gz', `${head},funding_timestamp,funding_rate,mark_price\nderibit,B,${ts}123,0,,1,2\n`);
  const { series, names, report } = await imported();
  expect(names).toEqual([
    'binance/trades/spot/B',
    'deribit/trades/unknown/BTC-PERPETUAL',
    'okx/quotes/perp/A',
  ]);
  expect(values(series[1])).toMatchObject({ takerSide: [Number.NaN] });
  expect(values(series[2])).toEqual({ tsMs: [ts], bid: [1.5], bidQty: [4], ask: [2], askQty: [1] });
  expect(report.files.find(({ file }) => file === 'd.csv.gz')?.outcome).toBe('unrecognized');
});

describe('freqtrade', () => {
  const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

  it('feather with LZ4 inside: bars and funding, named as the venue names them', async () => {
    const futures = join(root, 'raw', 'data', 'okx', 'futures');
    mkdirSync(futures, { recursive: true });
    mkdirSync(join(root, 'raw', 'data', 'binance'));
    const funding = 'BTC_USDT_USDT-8h-funding_rate.feather';
    copyFileSync(fixture(funding), join(futures, funding));
    copyFileSync(
      fixture('BTC_USDT-1h.feather'),
      join(root, 'raw/data/binance/BTC_USDT-1h.feather'),
    );
    const { series, names } = await imported();
    expect(names).toEqual(['binance/bars/spot/1h/BTCUSDT', 'okx/funding/BTC-USDT-SWAP']);
    const [bars, rates] = series.map(values);
    expect(bars?.['tsMs']?.slice(0, 2)).toEqual([ts, ts + hourMs]);
    expect(bars?.['close']).toEqual(Array.from({ length: 500 }, (_, i) => 100.25 + (i % 5)));
    expect(bars?.['volume']?.at(-1)).toBe(499);
    expect(rates?.['rate']?.slice(0, 4)).toEqual([-0.0001, 0, 0.0001, -0.0001]);
    expect(rates?.['intervalMs']?.[0]).toBe(8 * hourMs);
  });

  it('JSON, plain and packed; mark candles have no volume; premium is left alone', async () => {
    const rows = JSON.stringify([[ts, 1, 2, 0.5, 1.5, 0]]);
    put('bybit/futures/ETH_USDT_USDT-1h-mark.json', rows);
    put('bybit/futures/ETH_USDC_USDC-1h-futures.json.gz', rows);
    put('kraken/XRP_EUR-5m.json', rows);
    put('bybit/futures/ETH_USDT_USDT-1h-premiumIndex.json', rows);
    put('bybit/other.json', '{}');
    put('bybit/BAD_USDT-1h.json', '[[1, "x"]]');
    const { series, names, report } = await imported();
    expect(names).toEqual([
      'bybit/bars/mark/1h/ETHUSDT',
      'bybit/bars/perp/1h/ETHPERP',
      'kraken/bars/spot/5m/XRP/EUR',
    ]);
    expect(values(series[0])['volume']).toEqual([Number.NaN]);
    expect(report.files.map(({ outcome }) => outcome).sort()).toEqual([
      ...['failed', 'imported', 'imported', 'imported', 'unrecognized', 'unrecognized'],
    ]);
  });

  it('a damaged LZ4 frame is an error, never other bytes', () => {
    // Header of 64 KB blocks, one plain block of "abc", the end.
    const header = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82];
    const plain = [...header, 3, 0, 0, 0x80, 97, 98, 99, 0, 0, 0, 0];
    expect(Buffer.from(unpackLz4(Uint8Array.from(plain))).toString()).toBe('abc');
    // "ab", then eight bytes from two back, then "c" as the last literals.
    const block = [0x24, 97, 98, 2, 0, 0x10, 99];
    const packed = Uint8Array.from([...header, block.length, 0, 0, 0, ...block, 0, 0, 0, 0]);
    expect(Buffer.from(unpackLz4(packed)).toString()).toBe('ababababab' + 'c');
    for (const bad of [
      packed.subarray(0, packed.length - 6),
      packed.with(14, 3), // further back than there are bytes
      packed.with(0, 9),
      packed.subarray(0, 5),
    ]) {
      expect(() => unpackLz4(bad)).toThrow(/LZ4/);
    }
  });
});

it('a broken archive is named; files inside that are no data are passed over', async () => {
  put('x.csv', 'nothing,here\n1,2\n');
  writeFileSync(join(root, 'raw', 'bad.zip'), 'no zip');
  const funding = `calc_time,funding_interval_hours,last_funding_rate\n${ts},8,0.0001\n`;
  writeFileSync(
    join(root, 'raw', 'two.zip'),
    zipOf({
      'readme.txt': Buffer.from('hello'),
      'A-fundingRate-2024-01.csv': Buffer.from(funding),
    }),
  );
  const { report, names } = await imported();
  expect(report.files.map(({ file, outcome }) => [file, outcome])).toEqual([
    ['bad.zip', 'failed'],
    ['two.zip', 'imported'],
    ['x.csv', 'unrecognized'],
  ]);
  expect(names).toEqual(['binance/funding/A']);
});
