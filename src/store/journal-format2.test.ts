// A stored journal of the present format (fixtures/format2: the 215 records of format1.farb) must
// be read by every later version: a codec that changes without a new format number fails here.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { decode } from '../domain/codec.ts';
import type { JournalRecord } from '../domain/event.ts';
import { readJournal } from './journal.ts';

const stored = (name: string): string =>
  fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

const expected: readonly JournalRecord[] = readFileSync(stored('format1.farb'), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => decode(line.slice(18)) as JournalRecord);

it('a journal of format 2 that was stored earlier is read to the last digit', () => {
  const records: JournalRecord[] = [];
  const { lastSeq, tornBytes } = readJournal(stored('format2'), (record) => records.push(record));
  expect([lastSeq, tornBytes]).toEqual([215, 0]);
  expect(records).toEqual(expected);
});
