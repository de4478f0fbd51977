import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../base/errors.ts';
import { dayMs, hourMs, isoUtc } from '../base/time.ts';
import { marketHash } from '../sim/market-hash.ts';
import { recordedMarket } from '../sim/recorded-market.ts';
import { loadRecordedData, type RecordedRequest } from './recorded-data.ts';

const startMs = 1_709_078_400_000; // 2024-02-28T00:00:00Z
const venues = ['binance', 'okx', 'bybit'];
const barHeader = 'venue,market,symbol,interval,ts_ms,open,high,low,close,volume';
const fundingHeader = 'venue,symbol,ts_ms,rate,mark_price';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'farb-recorded-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const load = (change: Partial<RecordedRequest> = {}) =>
  loadRecordedData({ dir, venues, fromMs: startMs, ...change });

function write(name: string, lines: readonly string[]): void {
  const text = `${lines.join('\n')}\n`;
  writeFileSync(join(dir, name), name.endsWith('.gz') ? gzipSync(text) : text);
}

/** Ten days from two days before the start. */
function writeBars(name: string, [venue, market, symbol]: readonly string[], price: number): void {
  const rows = Array.from({ length: 240 }, (_, k) => {
    const tsMs = startMs - 2 * dayMs + k * hourMs;
    const [high, low] = [price * 1.01, price * 0.99];
    return `${venue},${market},${symbol},1h,${tsMs},${price},${high},${low},${price},5`;
  });
  write(name, [barHeader, ...rows]);
}

function writeFunding(name: string, venue: string, symbols: readonly string[]): void {
  const rows = symbols.flatMap((symbol) =>
    Array.from({ length: 30 }, (_, k) => {
      // Some venues stamp a few ms late.
      const tsMs = startMs - 2 * dayMs + k * 8 * hourMs + 3;
      return `${venue},${symbol},${tsMs},0.000${k + 10},`;
    }),
  );
  write(name, [fundingHeader, ...rows]);
}

function writeUsual(): void {
  writeBars('a.csv.gz', ['binance', 'spot', 'BTCUSDT'], 60_000);
  writeBars('b.csv.gz', ['binance', 'perp', 'BTCUSDT'], 60_030);
  writeBars('c.csv.gz', ['okx', 'perp', 'BTC-USDT-SWAP'], 60_010);
  writeFunding('binance_BTCUSDT_funding.csv.gz', 'binance', ['BTCUSDT']);
  writeFunding('okx_BTC-USDT-SWAP_funding.csv', 'okx', ['BTC-USDT-SWAP']);
}

const failure = (act: () => unknown): string => {
  try {
    act();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(UserError);
    expect((thrown as UserError).exitCode).toBe(2);
    return (thrown as UserError).message;
  }
  throw new Error('nothing was thrown');
};

describe('loading recorded data', () => {
  it('takes venue and symbol from the columns, whatever the files are called', () => {
    writeUsual();
    const { data, startMs: loadedMs } = load();
    expect(loadedMs).toBe(startMs);
    expect(data.perps.map(({ id }) => id)).toEqual(['binance:BTC-USDT-PERP', 'okx:BTC-USDT-PERP']);
    expect(data.spot.map(({ venue, underlying }) => [venue, underlying])).toEqual([
      ['binance', 'BTC'],
    ]);
    expect(data.notes.join('\n')).toContain('spot bars of binance serve as index');
    const [perp] = data.perps;
    // Late stamps are put back on the minute; the rate stands as it was recorded.
    expect(perp?.funding[6]).toEqual({ settlesAtMs: startMs, rate: 0.00016 });
    expect(perp?.bars.open[0]).toBe(60_030);
  });

  it('makes a market that runs to the end of the files', () => {
    writeUsual();
    const { data } = load();
    const market = recordedMarket({ data, seed: 1, startMs });
    expect(market.endMs).toBe(startMs + 8 * dayMs);
    expect(market.mid('okx:BTC-USDT-PERP', startMs) / market.index('BTC', startMs)).toBeCloseTo(
      60_010 / 60_000,
      8,
    );
    expect(market.fundingSettled('okx:BTC-USDT-PERP', startMs + 8 * hourMs)).toBe(0.00017);
  });

  it('reads collections of many symbols in one file', () => {
    writeUsual();
    rmSync(join(dir, 'binance_BTCUSDT_funding.csv.gz'));
    writeFunding('binance_UNIVERSE_funding.csv.gz', 'binance', ['0GUSDT', 'BTCUSDT']);
    expect(load().data.perps).toHaveLength(2);
  });

  it('brings 1000PEPE to prices per PEPE', () => {
    writeBars('s.csv.gz', ['binance', 'spot', 'DOGEUSDT'], 0.1);
    writeBars('p.csv.gz', ['binance', 'perp', '1000PEPEUSDT'], 0.0085);
    writeFunding('f.csv.gz', 'binance', ['1000PEPEUSDT']);
    // No venue has a spot market of PEPE here: the error names the asset.
    expect(failure(() => load({ venues: ['binance'] }))).toMatch(/no hourly spot bars of PEPE/);
  });

  it('leaves out an asset that only one of the venues has', () => {
    writeUsual();
    writeBars('d.csv.gz', ['binance', 'spot', 'ETHUSDT'], 3_000);
    writeBars('e.csv.gz', ['binance', 'perp', 'ETHUSDT'], 3_001);
    writeFunding('binance_ETHUSDT_funding.csv.gz', 'binance', ['ETHUSDT']);
    expect(load().data.spot.map(({ underlying }) => underlying)).toEqual(['BTC']);
    expect(load({ venues: ['binance'] }).data.spot).toHaveLength(2);
  });

  it('finds its own beginning when none is given', () => {
    writeUsual();
    expect(load({ fromMs: null }).startMs).toBe(startMs);
    for (const name of ['a.csv.gz', 'b.csv.gz', 'c.csv.gz']) rmSync(join(dir, name));
    const lateMs = startMs + 3 * dayMs;
    for (const [name, venue, market, symbol] of [
      ['a.csv', 'binance', 'spot', 'BTCUSDT'],
      ['b.csv', 'binance', 'perp', 'BTCUSDT'],
      ['c.csv', 'okx', 'perp', 'BTC-USDT-SWAP'],
    ] as const) {
      const rows = Array.from({ length: 100 }, (_, k) => lateMs + k * hourMs).map(
        (tsMs) => `${venue},${market},${symbol},1h,${tsMs},10,11,9,10,1`,
      );
      write(name, [barHeader, ...rows]);
    }
    expect(load({ fromMs: null }).startMs).toBe(lateMs + dayMs);
  });
});

describe('a directory that will not do', () => {
  it('does not exist', () => {
    expect(failure(() => load({ dir: join(dir, 'nowhere') }))).toMatch(
      /^--data .*nowhere: .*no such file.*give a directory with csv\.gz files/,
    );
  });

  it('is empty', () => {
    expect(failure(load)).toMatch(/holds no \.csv or \.csv\.gz file; give a directory/);
  });

  it('has no funding', () => {
    writeUsual();
    rmSync(join(dir, 'okx_BTC-USDT-SWAP_funding.csv'));
    expect(failure(load)).toMatch(
      /no asset with hourly perpetual bars and funding on 2 of binance, okx, bybit .* add the/,
    );
  });

  it('covers another time: says which', () => {
    writeUsual();
    const message = failure(() => load({ fromMs: startMs + 900 * dayMs }));
    expect(message).toContain(`at ${isoUtc(startMs + 900 * dayMs)}`);
    expect(message).toContain('binance BTCUSDT 2024-02-26 to 2024-03-06');
    expect(message).toContain('choose another --from');
  });

  it('has no spot bars for the index', () => {
    writeUsual();
    rmSync(join(dir, 'a.csv.gz'));
    expect(failure(load)).toMatch(/no hourly spot bars of BTC at 2024-02-28T00:00:00\.000Z/);
  });

  it('has a truncated archive', () => {
    writeUsual();
    const whole = gzipSync(`${barHeader}\n${'binance,spot,BTCUSDT,1h,1,1,1,1,1,1\n'.repeat(99)}`);
    writeFileSync(join(dir, 'a.csv.gz'), whole.subarray(0, whole.length - 12));
    expect(failure(load)).toMatch(/a\.csv\.gz cannot be read: .*replace or remove the file/);
  });

  it('has a row of another shape: names file and line', () => {
    writeUsual();
    write('a.csv', [barHeader, `binance,spot,BTCUSDT,1h,${startMs},1,1,1,1`]);
    rmSync(join(dir, 'a.csv.gz'));
    expect(failure(load)).toMatch(/a\.csv:2: "binance,spot,BTCUSDT,1h,.*" is not a row/);
  });

  it('may hold files of other kinds', () => {
    writeUsual();
    write('other.csv', ['a,b,c', '1,2,3']);
    write('empty.csv', []);
    expect(load().data.perps).toHaveLength(2);
  });
});

const real =
  process.env['FARB_DATA'] ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));
const why = `no recorded data at ${real}: set FARB_DATA`;

describe('the recorded history of spring 2024', () => {
  const request = { dir: real, venues, fromMs: startMs, lengthMs: 12 * dayMs };

  it('has BTC and ETH on all three venues, with an index that all share', (ctx) => {
    ctx.skip(!existsSync(real), why);
    const { data } = loadRecordedData(request);
    const market = recordedMarket({ data, seed: 1, startMs });
    expect(data.perps.map(({ id }) => id).sort()).toEqual(
      venues.flatMap((v) => [`${v}:BTC-USDT-PERP`, `${v}:ETH-USDT-PERP`]).sort(),
    );
    expect(market.endMs).toBe(startMs + 12 * dayMs);
    // Opens of binance_BTCUSDT_spot-1h and okx_BTC-USDT-SWAP_perp-1h at 2024-02-28 00:00.
    const index = market.index('BTC', startMs);
    expect(index).toBeGreaterThan(57_000);
    expect(index).toBeLessThan(57_100);
    for (const { id } of data.perps) {
      const basis =
        market.mid(id, startMs + 5 * dayMs) /
          market.index(id.includes('BTC') ? 'BTC' : 'ETH', startMs + 5 * dayMs) -
        1;
      expect(Math.abs(basis)).toBeLessThan(0.003);
    }
  });

  it('settles every 8 hours at the recorded rates, which the estimate nearly meets', (ctx) => {
    ctx.skip(!existsSync(real), why);
    const { data } = loadRecordedData(request);
    const market = recordedMarket({ data, seed: 1, startMs });
    for (const { id } of data.perps) {
      const times = market.settlements(id, { fromMs: startMs, toMs: startMs + 12 * dayMs });
      expect(times).toHaveLength(36);
      const squares = times.map((settlesAtMs) => {
        const estimate = market.fundingEstimate(id, settlesAtMs - 1_000);
        return (estimate - (market.fundingSettled(id, settlesAtMs) ?? Number.NaN)) ** 2;
      });
      const rmse = Math.sqrt(squares.reduce((a, b) => a + b, 0) / squares.length);
      expect(rmse, id).toBeLessThan(0.0002);
    }
  });

  it('is the same market twice', (ctx) => {
    ctx.skip(!existsSync(real), why);
    const range = { fromMs: startMs, toMs: startMs + dayMs, stepMs: hourMs };
    const hashes = [1, 2].map(() =>
      marketHash(recordedMarket({ data: loadRecordedData(request).data, seed: 1, startMs }), range),
    );
    expect(hashes[0]).toBe(hashes[1]);
  });
});
