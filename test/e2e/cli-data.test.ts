// `farb data` and `farb funding` as a user types them, on a small directory of csv files: what they
// print is what their published schemas say.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dataImportSchema, dataListSchema, dataVerifySchema } from '../../src/api/data-report.ts';
import { fundingHistorySchema, fundingLedgerSchema } from '../../src/api/funding-report.ts';
import { farb } from '../support/farb.ts';

const startMs = 1_704_067_200_000;
let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'farb-cli-data-'));
  mkdirSync(join(dir, 'raw'));
  const times = Array.from({ length: 90 }, (_, k) => startMs + k * 28_800_000);
  const rates = times.map((tsMs) => `nowhere,XYZ-PERP,${tsMs},0.0002,`);
  const bars = times.map((tsMs) => `nowhere,perp,XYZ-PERP,8h,${tsMs},50,60,40,55,`);
  const header = 'venue,market,symbol,interval,ts_ms,open,high,low,close,volume';
  writeFileSync(
    join(dir, 'raw', 'one.csv'),
    ['venue,symbol,ts_ms,rate,mark_price', ...rates].join('\n'),
  );
  writeFileSync(join(dir, 'raw', 'two.csv'), [header, ...bars].join('\n'));
  const position = { venue: 'nowhere', symbol: 'XYZ-PERP', qty: '-3', fromMs: startMs };
  const toMs = startMs + 2 * 28_800_000;
  writeFileSync(join(dir, 'positions.json'), JSON.stringify([{ ...position, toMs }]));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function json(...args: readonly string[]): Promise<unknown> {
  const ran = await farb([...args, '--json']);
  expect(ran, ran.stderr).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(ran.stdout);
}

it('import, list, verify, history and ledger print one JSON document each', async () => {
  const [raw, store] = [join(dir, 'raw'), join(dir, 'store')];
  const imported = await json('data', 'import', raw, '--out', store);
  expect(dataImportSchema.parse(imported)).toMatchObject({ rowsAdded: 180, series: 2 });
  const list = dataListSchema.parse(await json('data', 'list', store, '--kind', 'bars'));
  expect(list.series.map(({ name }) => name)).toEqual(['nowhere/bars/perp/8h/XYZ-PERP']);
  expect(dataVerifySchema.parse(await json('data', 'verify', store))).toMatchObject({ ok: true });
  const history = await json('funding', 'history', 'XYZ', '--data', store);
  // 0.0002 x 3 x 365
  expect(fundingHistorySchema.parse(history).series[0]?.apr).toBeCloseTo(0.219, 9);
  const rule = ['--price', 'open', '--interval', '8h'];
  const held = ['--positions', join(dir, 'positions.json'), '--data', raw];
  const ledger = fundingLedgerSchema.parse(await json('funding', 'ledger', ...held, ...rule));
  // Two settlements of 3 x 50 x 0.0002
  expect(ledger).toMatchObject({ total: '0.06', missing: [], unknown: [] });
});
