import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalRecord } from '../domain/event.ts';
import { openJournal, readJournal } from '../store/journal.ts';
import { printEachRecord, replay } from './replay.ts';

const fixture = fileURLToPath(new URL('../store/fixtures/format1.farb', import.meta.url));
/** The lines of the old file without their frames: its records as text. */
const lines = readFileSync(fixture, 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => line.slice(18));

let dir = '';
let path = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'farb-replay-'));
  path = join(dir, 'journal');
  const records: JournalRecord[] = [];
  readJournal(fixture, (record) => records.push(record));
  const journal = openJournal({
    path,
    tail: readJournal(path, () => {}, { mayBeNew: true }),
    durability: 'os',
    emergencyBytes: 4_096,
    segmentBytesMax: 10_000,
    onError(error) {
      throw error;
    },
  });
  for (const record of records) {
    journal.append(record);
    journal.commit();
  }
  journal.close();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function printed(journal: string, afterSeq = 0): readonly string[] {
  const out: string[] = [];
  printEachRecord(journal, { afterSeq, print: (line) => out.push(line) });
  return out;
}

describe('replay', () => {
  it('says the same of a journal in either format, and by each of its names', () => {
    const { journal: _, ...old } = replay(fixture);
    expect(old).toMatchObject({ records: lines.length, tornBytes: 0, ledgerResidual: '0' });
    for (const name of [path, dir, join(dir, 'journal.farb')]) {
      const { journal, ...report } = replay(name);
      expect([journal, report]).toEqual([name, old]);
    }
  });

  it('prints the records as the text that format 1 held, from any record on', () => {
    expect(printed(path)).toEqual(lines);
    expect(printed(path, 200)).toEqual(lines.slice(200));
    expect(printed(path, lines.length)).toEqual([]);
  });

  it('prints one segment by itself, but makes no state of it', () => {
    const [, second = ''] = readdirSync(path).filter((name) => /^\d/.test(name));
    const first = Number.parseInt(second, 10);
    const own = printed(join(path, second));
    expect(own).toEqual(lines.slice(first - 1, first - 1 + own.length));
    expect(() => replay(join(path, second))).toThrow(`begins with record ${first}, and a state`);
  });
});
