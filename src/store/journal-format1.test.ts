// A journal that a farb of format 1 wrote (fixtures/format1.farb: 215 records of a seeded run,
// 174,603 bytes, made by the last version that wrote it) is read, taken over as it stands, and
// continued.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decode } from '../domain/codec.ts';
import type { JournalRecord } from '../domain/event.ts';
import { openJournal, readJournal } from './journal.ts';

const fixture = fileURLToPath(new URL('./fixtures/format1.farb', import.meta.url));
const recordsStored = 215;

/** Told apart from the reader under test: the lines as the file shows them. */
const expected: readonly JournalRecord[] = readFileSync(fixture, 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => decode(line.slice(18)) as JournalRecord);

let dir = '';
let old = '';
let path = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'farb-format1-'));
  old = join(dir, 'journal.farb');
  path = join(dir, 'journal');
  copyFileSync(fixture, old);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function readAll(from: string): readonly JournalRecord[] {
  const records: JournalRecord[] = [];
  readJournal(from, (record) => records.push(record), { mayBeNew: true });
  return records;
}

function goOn(count: number): void {
  const tail = readJournal(path, () => {}, { mayBeNew: true });
  const journal = openJournal({
    path,
    tail,
    durability: 'os',
    emergencyBytes: 65_536,
    onError(error) {
      throw error;
    },
  });
  for (let i = 1; i <= count; i++) {
    const effect = { kind: 'clear-timer', timer: 'x' } as const;
    journal.append({ seq: tail.lastSeq + i, tsMs: 1, wallMs: 1, effect });
  }
  journal.commit();
  journal.close();
}

describe('a journal of format 1', () => {
  it('is read where it lies, by its own name and by that of its successor', () => {
    expect(expected).toHaveLength(recordsStored);
    expect(readAll(old)).toEqual(expected);
    expect(readAll(path)).toEqual(expected);
    expect(existsSync(path)).toBe(false);
  });

  it('becomes the first segment, byte for byte, and is gone on with in the present format', () => {
    goOn(3);
    const [first = '', second = ''] = readdirSync(path).filter((name) => /^\d/.test(name));
    expect(readFileSync(join(path, first))).toEqual(readFileSync(fixture));
    expect(second).toBe('0000000000000216.farb');
    expect(readFileSync(join(path, second), 'latin1')).toMatch(
      /^farb-journal format 2 first 0*216 /,
    );
    expect(readAll(path).slice(0, recordsStored)).toEqual(expected);
    expect(readAll(path)).toHaveLength(recordsStored + 3);
    goOn(2);
    expect(readAll(path)).toHaveLength(recordsStored + 5);
  });

  it('leaves what an older farb refuses instead of beginning anew', () => {
    goOn(1);
    const line = readFileSync(old, 'utf8');
    // Framed as format 1 frames, so that the old reader gets as far as its "not of this version".
    const text = line.slice(18, -1);
    expect(line.slice(0, 18)).toBe(`${hex8(text.length)} ${hex8(crc32(text))} `);
    expect(JSON.parse(text)).toEqual({ journal: 'farb', format: 2 });
    expect(readAll(old)).toHaveLength(recordsStored + 1);
  });

  it('loses its torn last record when it is taken over, and nothing else', () => {
    truncateSync(old, statSync(old).size - 5);
    goOn(1);
    expect(readAll(path).slice(0, -1)).toEqual(expected.slice(0, -1));
    expect(readAll(path).at(-1)?.seq).toBe(recordsStored);
  });

  it('is taken over again when a crash left only the empty directory', () => {
    mkdirSync(path);
    goOn(1);
    expect(readAll(path)).toHaveLength(recordsStored + 1);
  });

  it('is refused with file and byte for any altered byte before its last record', () => {
    const bytes = readFileSync(fixture);
    const lastAt = bytes.lastIndexOf(10, bytes.length - 2) + 1;
    for (let at = 0; at < lastAt; at += 4_999) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] as number) ^ 4;
      writeFileSync(old, damaged);
      expect(() => readAll(old), `byte ${at}`).toThrow(/journal\.farb: .*(at byte|not a journal)/);
    }
  });

  it('is not cut at an altered length or line end, which would look like a torn tail', () => {
    const bytes = readFileSync(fixture);
    const lastAt = bytes.lastIndexOf(10, bytes.length - 2) + 1;
    const beforeAt = bytes.lastIndexOf(10, lastAt - 2) + 1;
    for (const [at, value] of [
      [beforeAt, 102], // no record is that long
      [beforeAt + 2, 102], // one could be: it passes the end of the file
      [lastAt - 1, 32], // two lines become one
    ] as const) {
      const damaged = Buffer.from(bytes);
      damaged[at] = value;
      writeFileSync(old, damaged);
      expect(() => readAll(old)).toThrow(`corrupted at byte ${beforeAt}`);
    }
  });
});

function hex8(value: number): string {
  return value.toString(16).padStart(8, '0');
}
