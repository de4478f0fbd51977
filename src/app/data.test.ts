import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataImportSchema, dataListSchema, dataVerifySchema } from '../api/data-report.ts';
import { fundingHistorySchema, fundingLedgerSchema } from '../api/funding-report.ts';
import { dayMs, hourMs } from '../base/time.ts';
import { dataImport, dataList, dataVerify } from './data.ts';
import { fundingHistory, ledgerOf } from './funding.ts';
import { importText, listText, verifyText } from './terminal-data.ts';
import { fundingHistoryText, fundingLedgerText } from './terminal-funding.ts';

const startMs = 1_704_067_200_000;
const plain = { colors: false };
let dir = '';
let raw = '';
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'farb-app-data-'));
  raw = join(dir, 'raw.csv');
  const rows = Array.from({ length: 60 }, (_, k) => {
    const tsMs = startMs + k * 8 * hourMs;
    return [`alpha,SOLUSDT,${tsMs},0.0003,150.5`, `beta,SOL-USDT-SWAP,${tsMs},0.0001,`];
  });
  const header = 'venue,symbol,ts_ms,rate,mark_price';
  writeFileSync(raw, [header, ...rows.flat(), `beta,LONE,${startMs},0.1,`].join('\n'));
  const bars = Array.from({ length: 60 }, (_, k) => {
    const tsMs = startMs + k * 8 * hourMs;
    return k === 2 ? [] : [`alpha,mark,SOLUSDT,8h,${tsMs},100,110,90,105,`];
  });
  const barHeader = 'venue,market,symbol,interval,ts_ms,open,high,low,close,volume';
  writeFileSync(join(dir, 'bars.csv'), [barHeader, ...bars.flat()].join('\n'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** As it would be printed. */
const printed = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('farb data', () => {
  it('import, list and verify answer what their schemas say', async () => {
    const store = join(dir, 'store');
    const imported = await dataImport({
      ...{ paths: [raw], dir: store, market: null },
      ...{ stop: new AbortController().signal, onProgress: () => undefined },
    });
    expect(dataImportSchema.parse(printed(imported))).toMatchObject({ rowsAdded: 121, series: 3 });
    expect(importText(imported, plain)).toContain('1 files imported: 121 rows added');
    const list = await dataList(store, { kinds: ['funding'] });
    expect(dataListSchema.parse(printed(list)).series.map(({ name }) => name)).toEqual([
      ...['alpha/funding/SOLUSDT', 'beta/funding/LONE', 'beta/funding/SOL-USDT-SWAP'],
    ]);
    expect(listText(list, plain)).toContain('alpha/funding/SOLUSDT');
    const verified = await dataVerify(store, {});
    expect(dataVerifySchema.parse(printed(verified))).toMatchObject({ ok: true });
    expect(verifyText(verified, plain)).toContain('ok: 3 series, 121 rows, 3 files compared');
    const odd = await dataVerify(raw, { symbols: ['LONE'] });
    expect(odd.findings.map(({ check }) => check)).toEqual(['outliers']);
  });
});

describe('farb funding', () => {
  it('history answers what its schema says, one lonely settlement included', async () => {
    const request = { dir, venues: null, symbols: null, withRates: true, spreadAprMin: 0.05 };
    const window = { fromMs: startMs, toMs: startMs + 60 * dayMs };
    const history = await fundingHistory({ ...request, ...window });
    const { series, spreads, leadLags } = fundingHistorySchema.parse(history);
    expect(series.map(({ asset }) => asset)).toEqual(['SOL', 'LONE', 'SOL']);
    expect(series[0]?.rates?.[0]).toEqual({
      ...{ tsMs: startMs, rate: '0.0003', intervalMs: 8 * hourMs, markPrice: '150.5' },
    });
    expect(series[1]).toMatchObject({ apr: null, rateStd: null });
    expect(spreads).toHaveLength(2);
    // (0.0003 - 0.0001) x 3 x 365
    expect(spreads[0]?.aprMean).toBeCloseTo(0.219, 9);
    expect(leadLags).toHaveLength(1);
    const text = fundingHistoryText(history, plain);
    expect(text).toContain('alpha SOLUSDT');
    const some = { ...window, symbols: ['SOL'], venues: ['beta'] };
    const one = await fundingHistory({ ...request, ...some });
    expect(one.series.map(({ symbol }) => symbol)).toEqual(['SOL-USDT-SWAP']);
    expect(fundingHistoryText(one, plain)).toContain('after a week with a mean of');
  });

  it('ledger keeps every digit of a quantity and lists what is missing', async () => {
    const positions = join(dir, 'positions.json');
    const held = `"fromMs": ${startMs}, "toMs": ${startMs + 24 * hourMs}`;
    const qty = '-1.00000000000000001';
    writeFileSync(positions, `[{"venue":"alpha","symbol":"SOLUSDT","qty":${qty},${held}}]`);
    const ledger = await ledgerOf({ dir, positionsFile: positions, price: 'mark', interval: '8h' });
    const { payments, total, missing } = fundingLedgerSchema.parse(printed(ledger));
    expect(payments.map((one) => one.qty)).toEqual([qty, qty]);
    // -qty x 100 x 0.0003 = 0.0300000000000000003, beyond the 18 decimals that money has
    expect(payments.map(({ payment }) => payment)).toEqual(['0.03', '0.03']);
    expect(total).toBe('0.06');
    expect(missing.map(({ tsMs }) => tsMs)).toEqual([startMs + 16 * hourMs]);
    expect(fundingLedgerText(ledger, plain)).toContain('missing: alpha SOLUSDT 2024-01-01T16:00');
  });

  it.each([
    ['not json', 'write ['],
    ['[{"venue":"v","symbol":"s","qty":"1"}]', '0.fromMs'],
    ['[{"venue":"v","symbol":"s","qty":"x","fromMs":1,"toMs":2}]', 'x is not a quantity'],
    ['[{"venue":"v","symbol":"s","qty":1,"fromMs":2,"toMs":2}]', 'fromMs must be before toMs'],
    ['[{"venue":"v","symbol":"s","qty":1,"fromMs":1,"toMs":2,"extra":1}]', 'extra'],
  ])('positions %s are refused with a word on how to mend them', async (text, says) => {
    const file = join(dir, 'bad.json');
    writeFileSync(file, text);
    const request = { dir, positionsFile: file, price: 'open', interval: '8h' } as const;
    await expect(ledgerOf(request)).rejects.toThrow(says);
  });
});
