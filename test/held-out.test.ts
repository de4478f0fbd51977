// Data that nobody has seen: real history under names of venues and assets that stand nowhere in
// the code. It is imported, listed, verified, asked and traded like any other, and the names decide
// nothing: the figures are those of the same rows under their own names, or under other new ones.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { backtest } from '../src/app/backtest.ts';
import { loadConfig } from '../src/app/config.ts';
import { dataImport, dataList, dataVerify } from '../src/app/data.ts';
import { fundingHistory, ledgerOf } from '../src/app/funding.ts';
import { dayMs } from '../src/base/time.ts';
import { hasRealData, noRealData, realDataDir } from './support/real-data.ts';

/** Where the rows come from; hourly settlements on the second one. */
const own = [
  { venue: 'binance', symbol: 'ADAUSDT' },
  { venue: 'hyperliquid', symbol: 'ADA' },
] as const;
const renamed = [
  { venue: 'aurora', symbol: 'QZQUSDT' },
  { venue: 'borealis', symbol: 'QZQ_USDT' },
] as const;
const again = [
  { venue: 'terra.x', symbol: 'WWV-USDT-SWAP' },
  { venue: 'umbra_9', symbol: 'WWV/USDT' },
] as const;
type Names = readonly [Name, Name];
interface Name {
  readonly venue: string;
  readonly symbol: string;
}
const fromMs = Date.UTC(2024, 10, 1);
const toMs = fromMs + 60 * dayMs;

const dir = mkdtempSync(join(tmpdir(), 'farb-held-out-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
beforeEach((ctx) => ctx.skip(!hasRealData, noRealData));
beforeAll(() => {
  if (!hasRealData) return;
  for (const [folder, names] of Object.entries({ own, renamed, again })) {
    mkdirSync(join(dir, folder));
    for (const [k, name] of names.entries()) copy(join(dir, folder), own[k] as Name, name);
  }
});

/** Funding and hourly bars of the span, in files whose names say nothing. */
function copy(to: string, from: Name, as: Name): void {
  for (const [k, kind] of ['funding', 'perp-1h'].entries()) {
    const file = join(realDataDir, `${from.venue}_${from.symbol}_${kind}.csv.gz`);
    const [header = '', ...lines] = gunzipSync(readFileSync(file)).toString('utf8').split('\n');
    const at = header.split(',').indexOf('ts_ms');
    const rows = lines.flatMap((line) => {
      const fields = line.split(',');
      const tsMs = Number(fields[at]);
      if (!(tsMs >= fromMs && tsMs < toMs)) return [];
      fields[0] = as.venue;
      fields[header.split(',').indexOf('symbol')] = as.symbol;
      return [fields.join(',')];
    });
    expect(rows.length, file).toBeGreaterThan(100);
    const name = `part-${as.venue.length}-${as.symbol.length}-${k}.csv`;
    writeFileSync(join(to, name), `${[header, ...rows].join('\n')}\n`);
  }
}

const config = loadConfig('config', {});
const signal = new AbortController().signal;

function run(from: string, set: readonly string[] = []) {
  return backtest(
    {
      ...{ config, dir: from, strategy: 'perp-perp', fromMs: null, toMs: null },
      ...{
        set: ['netEdgeMin=0.0001', 'horizonMs=14d', ...set],
        capitalUsd: 50_000,
        interval: '1h',
      },
      ...{ venues: null, assets: null, scenarioFile: null },
    },
    () => true,
  );
}

const positionsOf = (names: Names) =>
  names.map(({ venue, symbol }) => ({ venue, symbol, qty: '-1000', fromMs, toMs }));

async function ledger(folder: string, names: Names): Promise<string> {
  const positionsFile = join(dir, `${folder}.json`);
  writeFileSync(positionsFile, JSON.stringify(positionsOf(names)));
  const rule = { price: 'open', interval: '1h' } as const;
  const answer = await ledgerOf({ positionsFile, dir: join(dir, folder), ...rule });
  expect(answer.missing).toEqual([]);
  return answer.total;
}

it('is imported, listed and verified', async () => {
  const store = join(dir, 'store');
  const paths = [join(dir, 'renamed')];
  const onProgress = (): void => undefined;
  const imported = await dataImport({ paths, dir: store, market: null, stop: signal, onProgress });
  expect(imported).toMatchObject({ series: 4, conflicts: 0 });
  const { series } = await dataList(store, {});
  expect(series.map(({ name }) => name)).toEqual([
    'aurora/bars/perp/1h/QZQUSDT',
    'aurora/funding/QZQUSDT',
    'borealis/bars/perp/1h/QZQ_USDT',
    'borealis/funding/QZQ_USDT',
  ]);
  expect(await dataVerify(store, {})).toMatchObject({ ok: true });
});

it('has the funding history and the ledger of the same rows under their own names', async () => {
  const history = async (folder: string, symbol: string) => {
    const asked = { dir: join(dir, folder), symbols: [symbol], venues: null, fromMs, toMs };
    const { series } = await fundingHistory({ ...asked, spreadAprMin: 0.05, withRates: true });
    return series.map(({ apr, settlements, positiveShare, rates }) => {
      return { apr, settlements, positiveShare, rates };
    });
  };
  const found = await history('renamed', 'QZQ');
  expect(found).toHaveLength(2);
  expect(found).toEqual(await history('own', 'ADA'));
  expect(await ledger('renamed', renamed)).toBe(await ledger('own', own));
});

it('is traded with the stated defaults, and by other names with the same result', async () => {
  const first = await run(join(dir, 'store'));
  expect(first.trades.length).toBeGreaterThan(0);
  expect(first).toMatchObject({ ledgerResidual: '0', pairsOpenAtEnd: 0, interrupted: false });
  expect(Math.abs(Number(first.pnl.residual))).toBeLessThan(0.01);
  // Fees of a venue that nothing is known about: 0.06% of what was traded.
  const traded = first.turnover * 50_000;
  expect(-Number(first.pnl.fees) / traded).toBeCloseTo(0.0006, 5);
  const second = await run(join(dir, 'again'));
  for (const field of ['equityEnd', 'pnl', 'fills', 'fundingPayments', 'dailyEquity'] as const) {
    expect(second[field], field).toEqual(first[field]);
  }
  const cheap = await run(join(dir, 'again'), ['fees.perp=0.0001']);
  expect(-Number(cheap.pnl.fees) / (cheap.turnover * 50_000)).toBeCloseTo(0.0001, 5);
});
