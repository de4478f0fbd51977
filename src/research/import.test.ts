import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hourMs } from '../base/time.ts';
import { seriesName } from '../history/series.ts';
import { ownHeaders } from './csv-layout.ts';
import { openData } from './data-source.ts';
import { importData } from './import.ts';
import { openStoreWriter } from './store.ts';
import { verifyData } from './verify.ts';

const startMs = 1_709_078_400_000;
let root = '';
let raw = '';
let store = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'farb-store-'));
  raw = join(root, 'raw');
  store = join(root, 'store');
  mkdirSync(raw);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(name: string, header: string, rows: readonly string[]): string {
  const path = join(raw, name);
  const text = `${[header, ...rows].join('\n')}\n`;
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
}

const at = (hours: number) => startMs + hours * hourMs;
const bar = (symbol: string, hours: number, close = 2) =>
  `deribit,perp,${symbol},1h,${at(hours)},1,3,0.5,${close},`;
const rate = (symbol: string, hours: number, value = 0.0001) =>
  `some.venue,${symbol},${at(hours)},${value},`;

const run = (...paths: readonly string[]) =>
  importData({
    ...{ paths: paths.length > 0 ? paths : [raw], dir: store, market: null },
    ...{ stop: new AbortController().signal, onProgress: () => undefined },
  });
const parquetFiles = () =>
  readdirSync(store, { recursive: true }).filter((name) => String(name).endsWith('.parquet'));

describe('importing csv files', () => {
  it('any venue, any symbol, many in one file: what comes out is what went in', async () => {
    const symbols = ['A/B', 'ünïcode', "O'HARA", 'k%20x', 'SOL-PERP'];
    write('whatever.csv.gz', ownHeaders.funding, [
      ...[0, 8, 16].flatMap((hours) => symbols.map((symbol) => rate(symbol, hours))),
    ]);
    write('bars.csv', ownHeaders.bars, [bar('SOL-PERP', 0), bar('SOL-PERP', 1), bar('X', 5)]);
    write('q.csv', ownHeaders.quotes, [`v,S,${at(0)},1,2,1.5,4`, `v,S,${at(0)},1,2,1.4,4`]);
    write('t.csv', ownHeaders.trades, [`v,spot,S,${at(0)},1.25,3,sell`, `v,spot,S,${at(0)},1,1,`]);
    const report = await run();
    expect(report).toMatchObject({ rowsAdded: 22, duplicates: 0, conflicts: 0, series: 9 });
    expect(report.files.map(({ format, outcome }) => [format, outcome])).toEqual([
      ['farb bars', 'imported'],
      ['farb quotes', 'imported'],
      ['farb trades', 'imported'],
      ['farb funding', 'imported'],
    ]);
    const direct = await (await openData(raw)).load();
    const stored = await (await openData(store)).load();
    expect(stored.series).toEqual(direct.series);
    expect(stored.series.map(({ id }) => seriesName(id))).toContain('some.venue/funding/A/B');
    expect(stored.trades({ venue: 'v', market: 'spot', symbol: 'S' })?.takerSide).toEqual(
      Float64Array.of(-1, Number.NaN),
    );
  });

  it('the store answers a selection of series and of time', async () => {
    write(
      'a.csv',
      ownHeaders.bars,
      [0, 1, 2, 3].map((hours) => bar('S', hours)),
    );
    write('b.csv', ownHeaders.funding, [rate('S', 0)]);
    await run();
    const source = await openData(store);
    const selected = await source.load({ kinds: ['bars'], fromMs: at(1), toMs: at(3) });
    expect(selected.series.map(({ tsMs }) => [...tsMs])).toEqual([[at(1), at(2)]]);
    expect((await source.load({ venues: ['deribit'], fromMs: at(9) })).series).toEqual([]);
    expect((await source.list()).map(({ rows }) => rows)).toEqual([4, 1]);
  });

  it('a file is known by its content; overlapping rows are folded; a gap stays one', async () => {
    const path = write(
      'a.csv',
      ownHeaders.bars,
      [0, 1, 2].map((hours) => bar('S', hours)),
    );
    await run();
    const again = await run();
    expect(again).toMatchObject({ rowsAdded: 0, duplicates: 0 });
    expect(again.files.map(({ outcome, rows }) => [outcome, rows])).toEqual([['known', 3]]);
    rmSync(path);
    write(
      'b.csv',
      ownHeaders.bars,
      [2, 1, 6].map((hours) => bar('S', hours)),
    );
    expect(await run()).toMatchObject({ rowsAdded: 1, duplicates: 2, conflicts: 0 });
    const [coverage] = await (await openData(store)).list();
    expect(coverage).toMatchObject({ rows: 4, missing: 3, gapCount: 1 });
    // The file of before is gone with the commit that replaced it.
    expect(parquetFiles()).toHaveLength(1);
  });

  it('where two files disagree the first stays, and the import says so', async () => {
    write('a.csv', ownHeaders.bars, [bar('S', 0, 2), bar('S', 1, 2)]);
    await run();
    write('b.csv', ownHeaders.bars, [bar('S', 1, 2.5), bar('S', 2, 2)]);
    const report = await run();
    expect(report).toMatchObject({ rowsAdded: 1, conflicts: 1 });
    expect(report.conflictsShown[0]).toMatchObject({
      series: 'deribit/bars/perp/1h/S',
      conflict: { tsMs: at(1) },
    });
    const data = await (await openData(store)).load();
    expect([...(data.series[0] as { close: Float64Array }).close]).toEqual([2, 2, 2]);
  });

  it('quotes of two files are both there, in the order of their time', async () => {
    write('l1-perp-2.csv', ownHeaders.quotes, [`v,S,${at(5)},1,1,2,1`, `v,S,${at(7)},3,1,4,1`]);
    write('l1-perp-9.csv', ownHeaders.quotes, [`v,S,${at(6)},2,1,3,1`]);
    await run(join(raw, 'l1-perp-2.csv'));
    await run(join(raw, 'l1-perp-9.csv'));
    const data = await (await openData(store)).load();
    const quotes = data.quotes({ venue: 'v', market: 'perp', symbol: 'S' });
    expect([...(quotes?.bid ?? [])]).toEqual([1, 2, 3]);
  });

  it('a bad file is named and the others are imported', async () => {
    write('a.csv', ownHeaders.bars, [bar('S', 0)]);
    write('b.csv', ownHeaders.bars, ['deribit,perp,S,1h,yesterday,1,2,3,4,5']);
    write('c.csv', 'some,other,columns', ['1,2,3']);
    const report = await run();
    expect(report.files.map(({ file, outcome }) => [file, outcome])).toEqual([
      ['a.csv', 'imported'],
      ['b.csv', 'failed'],
      ['c.csv', 'unrecognized'],
    ]);
    expect(report.files[1]?.message).toContain('b.csv:2');
    expect(report.series).toBe(1);
  });
});

describe('the store', () => {
  it('what was not committed never was, and leaves no file', async () => {
    write('a.csv', ownHeaders.bars, [bar('S', 0)]);
    await run();
    const before = readFileSync(join(store, 'farb-data.json'), 'utf8');
    const files = parquetFiles();
    // More than may wait in memory: written, but not committed.
    const writer = await openStoreWriter(store, 0);
    const [columns] = await (await openData(raw)).raw();
    const id = { kind: 'bars', venue: 'v', market: 'perp', symbol: 'T', interval: '1h' } as const;
    await writer.add({ id, values: columns?.values ?? [] }, 'test');
    expect(parquetFiles().length).toBeGreaterThan(files.length);
    await writer.close();
    expect(readFileSync(join(store, 'farb-data.json'), 'utf8')).toBe(before);
    expect(parquetFiles()).toEqual(files);
  });

  it('has one writer at a time', async () => {
    const writer = await openStoreWriter(store);
    await expect(openStoreWriter(store)).rejects.toThrow('another farb writes to this store');
    await writer.close();
    await (await openStoreWriter(store)).close();
  });

  it('verify finds a changed, a truncated and a lost file', async () => {
    write(
      'a.csv',
      ownHeaders.bars,
      [0, 1, 2].map((hours) => bar('S', hours)),
    );
    await run();
    expect(await verifyData(store)).toMatchObject({ ok: true, filesCompared: 1, rows: 3 });
    const path = join(store, String(parquetFiles()[0]));
    appendFileSync(path, 'x');
    const changed = await verifyData(store);
    expect(changed.ok).toBe(false);
    expect(changed.findings[0]?.message).toContain('sha256 is');
    rmSync(path);
    const lost = await verifyData(store);
    expect(lost.findings[0]?.message).toContain('the file is gone');
    await expect((await openData(store)).load()).rejects.toThrow('cannot be read');
  });

  it('a manifest that does not read is said, and nothing is overwritten', async () => {
    mkdirSync(store);
    writeFileSync(join(store, 'farb-data.json'), '{"format": 7}');
    write('a.csv', ownHeaders.bars, [bar('S', 0)]);
    await expect(run()).rejects.toThrow('not the manifest of a store');
    expect(readFileSync(join(store, 'farb-data.json'), 'utf8')).toBe('{"format": 7}');
    expect(existsSync(join(store, 'kind=bars'))).toBe(false);
  });

  it('an interrupted import keeps what was done and goes on from there', async () => {
    write('a.csv', ownHeaders.bars, [bar('S', 0)]);
    write('b.csv', ownHeaders.bars, [bar('S', 1)]);
    const stop = new AbortController();
    const onProgress = ({ file }: { file: string }) => {
      if (file === 'a.csv') stop.abort();
    };
    const half = await importData({
      paths: [raw],
      dir: store,
      market: null,
      stop: stop.signal,
      onProgress,
    });
    expect(half.files).toHaveLength(1);
    const rest = await run();
    expect(rest.files.map(({ outcome }) => outcome)).toEqual(['known', 'imported']);
    expect(rest.rowsAdded).toBe(1);
  });
});

describe('verify', () => {
  const check = async (header: string, rows: readonly string[]) => {
    write('x-perp.csv', header, rows);
    const { findings, ok } = await verifyData(raw);
    return {
      ok,
      found: findings.map(({ check: name, severity, count }) => [name, severity, count]),
    };
  };

  it('rows out of order and rows that contradict', async () => {
    const { ok, found } = await check(ownHeaders.bars, [
      bar('S', 1),
      bar('S', 0),
      bar('S', 0, 2.1),
    ]);
    expect(ok).toBe(false);
    expect(found).toEqual([
      ['conflicts', 'error', 1],
      ['order', 'error', 1],
    ]);
  });

  it('prices that cannot be, and a step that hardly can', async () => {
    const calm = Array.from({ length: 50 }, (_, k) => {
      const close = 100 + (k % 2) * 0.1;
      return `v,perp,S,1h,${at(k)},${close},200,50,${close},`;
    });
    const { found } = await check(ownHeaders.bars, [
      ...calm,
      `v,perp,S,1h,${at(50)},100,99,98,130,`,
      `v,perp,S,1h,${at(51)},0,200,0,131,`,
    ]);
    expect(found).toEqual([
      ['prices', 'error', 1],
      ['ohlc', 'error', 1],
      ['outliers', 'warning', 1],
    ]);
  });

  it('rates above any cap, holes, changes of interval', async () => {
    const hours = [0, 8, 16, 17, 18, 40, 41, 42];
    const rows = hours.map((h) => rate('S', h, h === 18 ? 0.05 : 0.0001));
    expect((await check(ownHeaders.funding, rows)).found).toEqual([
      ['outliers', 'warning', 1],
      ['gaps', 'warning', 1],
      ['interval-changes', 'note', 1],
    ]);
  });

  it('crossed quotes, trades without a quantity, duplicates', async () => {
    const quotes = await check(ownHeaders.quotes, [`v,S,${at(0)},3,1,2,1`, `v,S,${at(0)},0,1,2,1`]);
    expect(quotes.found).toEqual([
      ['prices', 'error', 1],
      ['crossed', 'warning', 1],
    ]);
    const trades = await check(ownHeaders.trades, [`v,perp,S,${at(0)},1,0,buy`]);
    expect(trades.found).toEqual([['prices', 'error', 1]]);
    const twice = await check(ownHeaders.funding, [rate('S', 0), rate('S', 0), rate('S', 8)]);
    expect(twice).toEqual({ ok: true, found: [['duplicates', 'warning', 1]] });
  });

  it('csv files are compared with the SOURCES.json beside them', async () => {
    write('a.csv', ownHeaders.funding, [rate('S', 0), rate('S', 8)]);
    const sources = {
      files: [
        { file: 'a.csv', sha256: '00' },
        { file: 'gone.csv', sha256: '00' },
      ],
    };
    writeFileSync(join(raw, 'SOURCES.json'), JSON.stringify(sources));
    const report = await verifyData(raw);
    expect(report).toMatchObject({ ok: false, filesCompared: 1 });
    expect(report.findings.map(({ where, check: name }) => [where, name])).toEqual([
      ['a.csv', 'sha256'],
    ]);
  });
});
