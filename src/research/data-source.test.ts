import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasRealData, noRealData, realDataDir } from '../../test/support/real-data.ts';
import { seriesName } from '../history/series.ts';
import { ownHeaders } from './csv-layout.ts';
import { openData } from './data-source.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'farb-data-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function write(name: string, header: string, rows: readonly string[]): void {
  const text = [header, ...rows].join('\n');
  writeFileSync(join(dir, name), name.endsWith('.gz') ? gzipSync(text) : text);
}

describe('a directory of csv files', () => {
  it('is read whatever its files are called, one series over several files', async () => {
    write('b.csv', ownHeaders.funding, ['v,S,1709107200000,0.2,', 'v,T,1709107200000,0.3,']);
    write('a.csv.gz', ownHeaders.funding, ['v,S,1709078400000,0.1,', 'v,S,1709107200000,0.2,']);
    write('notes.csv', 'anything,else', ['1,2']);
    write('q-spot.csv', ownHeaders.quotes, ['v,S,1709078400001,1,2,3,4']);
    const data = await (await openData(dir)).load();
    expect(data.series.map(({ id }) => seriesName(id))).toEqual([
      ...['v/funding/S', 'v/funding/T', 'v/quotes/spot/S'],
    ]);
    expect(data.funding('v', 'S')?.rate).toEqual(Float64Array.of(0.1, 0.2));
    expect(data.quotes({ venue: 'v', market: 'spot', symbol: 'S' })?.askQty).toEqual(
      Float64Array.of(4),
    );
    expect(data.funding('v', 'U')).toBeNull();
    expect(data.quotes({ venue: 'v', market: 'perp', symbol: 'S' })).toBeNull();
    const kinds = await (await openData(dir)).load({ kinds: ['quotes'] });
    expect(kinds.series).toHaveLength(1);
  });

  it('says what is wrong: no directory, no data, a broken file', async () => {
    await expect(openData(join(dir, 'nowhere'))).rejects.toThrow('name a file or a directory');
    await expect(openData(dir)).rejects.toThrow('holds no data');
    writeFileSync(join(dir, 'x.csv.gz'), 'this is not gzip');
    await expect((await openData(dir)).load()).rejects.toThrow('x.csv.gz cannot be read');
  });

  it('the recorded data: every row of a known file, with the venue of its column', async (ctx) => {
    ctx.skip(!hasRealData, noRealData);
    const source = await openData(realDataDir);
    const wanted = { kinds: ['funding' as const], venues: ['binance'], symbols: ['BTCUSDT'] };
    const funding = (await source.load(wanted)).funding('binance', 'BTCUSDT');
    expect(funding?.tsMs[0]).toBe(1_568_102_400_000);
    expect(new Set(funding?.intervalMs)).toEqual(new Set([28_800_000]));
  });
});
