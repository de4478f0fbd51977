// docs/schemas/*.json are the schemas of the code. FARB_UPDATE_DOCS=1 writes them anew.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type ZodType, z } from 'zod';
import { backtestReportSchema } from '../../src/api/backtest-report.ts';
import {
  dataImportSchema,
  dataListSchema,
  dataPullSchema,
  dataVerifySchema,
} from '../../src/api/data-report.ts';
import { doctorReportSchema } from '../../src/api/doctor-report.ts';
import {
  fundingForecastSchema,
  fundingHistorySchema,
  fundingLedgerSchema,
} from '../../src/api/funding-report.ts';
import { sweepReportSchema } from '../../src/api/sweep-report.ts';

const schemas: readonly (readonly [name: string, schema: ZodType])[] = [
  ['backtest', backtestReportSchema],
  ['data-import', dataImportSchema],
  ['data-list', dataListSchema],
  ['data-pull', dataPullSchema],
  ['data-verify', dataVerifySchema],
  ['doctor', doctorReportSchema],
  ['funding-forecast', fundingForecastSchema],
  ['funding-history', fundingHistorySchema],
  ['funding-ledger', fundingLedgerSchema],
  ['sweep', sweepReportSchema],
];

it.each(schemas)('docs/schemas/%s.json is what the code checks', (name, schema) => {
  const url = new URL(`../../docs/schemas/${name}.json`, import.meta.url);
  const text = `${JSON.stringify(z.toJSONSchema(schema), null, 2)}\n`;
  if (process.env['FARB_UPDATE_DOCS'] === '1') {
    mkdirSync(new URL('.', url), { recursive: true });
    writeFileSync(url, text);
  }
  expect(JSON.parse(readFileSync(url, 'utf8'))).toEqual(JSON.parse(text));
});
