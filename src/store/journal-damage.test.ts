// Whatever happens to the bytes of a journal, reading it gives the whole journal, all of it but a
// torn last record, or a refusal that names the place. Never another record, never a gap, never a
// crash.
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../base/errors.ts';
import { encode } from '../domain/codec.ts';
import type { JournalRecord } from '../domain/event.ts';
import { openJournal, readJournal } from './journal.ts';

/** Real records of every kind, the short ones: the tests below read them some thousand times. */
const count = 60;
const fixture = fileURLToPath(new URL('./fixtures/format1.farb', import.meta.url));
const stored: JournalRecord[] = [];
readJournal(fixture, (record) => stored.push(record));
const records: readonly JournalRecord[] = stored
  .filter((record) => encode(record).length < 500)
  .slice(0, count)
  .map((record, i) => ({ ...record, seq: i + 1 }));
const lines = records.map(encode);

let dir = '';
let path = '';
let names: readonly string[] = [];
const whole = new Map<string, Buffer>();
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'farb-damage-'));
  path = join(dir, 'journal');
  const journal = openJournal({
    path,
    tail: readJournal(path, () => {}, { mayBeNew: true }),
    durability: 'os',
    emergencyBytes: 4_096,
    segmentBytesMax: 1_500,
    onError(error) {
      throw error;
    },
  });
  expect(records).toHaveLength(count);
  for (const record of records) {
    journal.append(record);
    journal.commit();
  }
  journal.close();
  names = readdirSync(path).filter((name) => /^\d/.test(name));
  for (const name of names) whole.set(name, readFileSync(join(path, name)));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Outcome {
  readonly read: number;
  readonly tornBytes: number;
  readonly refusedBecause: string | null;
}

/** Reads; asserts that every record handed out is the one that was written, in its place. */
function outcome(): Outcome {
  let read = 0;
  try {
    const tail = readJournal(path, (record) => {
      if (encode(record) !== lines[read]) throw new Error(`another record ${read + 1}`);
      read++;
    });
    if (tail.lastSeq !== read) throw new Error(`says ${tail.lastSeq} records after ${read}`);
    return { read, tornBytes: tail.tornBytes, refusedBecause: null };
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown;
    return { read, tornBytes: 0, refusedBecause: thrown.message };
  }
}

function withDamage(name: string, change: (bytes: Buffer) => Buffer): Outcome {
  const bytes = whole.get(name) as Buffer;
  writeFileSync(join(path, name), change(Buffer.from(bytes)));
  try {
    return outcome();
  } finally {
    writeFileSync(join(path, name), bytes);
  }
}

function flip(name: string, at: number, bit: number): Outcome {
  return withDamage(name, (bytes) => {
    bytes[at] = (bytes[at] as number) ^ (1 << bit);
    return bytes;
  });
}

/** Where the last frame begins: found by cutting, not by parsing. */
function lastFrameAt(name: string): number {
  const size = (whole.get(name) as Buffer).length;
  let at = size - 1;
  while (withDamage(name, (bytes) => bytes.subarray(0, at)).tornBytes > 0) at--;
  return at;
}

describe('damage to a journal', () => {
  it('is none when nothing was done', () => {
    expect(names.length).toBeGreaterThan(2);
    expect(outcome()).toEqual({ read: count, tornBytes: 0, refusedBecause: null });
  });

  it('of any single bit before the last record is refused with file and byte', () => {
    const last = names.at(-1) as string;
    const lastAt = lastFrameAt(last);
    const places = fc.nat({ max: names.length - 1 }).chain((i) => {
      const name = names[i] as string;
      const size = name === last ? lastAt : (whole.get(name) as Buffer).length;
      return fc.tuple(fc.constant(name), fc.nat({ max: size - 1 }), fc.nat({ max: 7 }));
    });
    fc.assert(
      fc.property(places, ([name, at, bit]) => {
        const { refusedBecause } = flip(name, at, bit);
        expect(refusedBecause).toMatch(/\d{16}\.farb: the journal is corrupted at byte \d+/);
      }),
      { numRuns: 400 },
    );
  });

  it('of any bit of the last record loses that record at most, and says so', () => {
    const last = names.at(-1) as string;
    const size = (whole.get(last) as Buffer).length;
    for (let at = lastFrameAt(last); at < size; at++) {
      const { read, tornBytes, refusedBecause } = flip(last, at, at % 8);
      if (refusedBecause !== null) expect(refusedBecause).toMatch(/corrupted at byte \d+/);
      else expect([read, tornBytes > 0]).toEqual([count - 1, true]);
    }
  });

  it('by a cut at any byte of the last segment keeps every record before the cut', () => {
    const last = names.at(-1) as string;
    const size = (whole.get(last) as Buffer).length;
    let before = 0;
    for (let at = 0; at <= size; at++) {
      const { read, refusedBecause } = withDamage(last, (bytes) => bytes.subarray(0, at));
      expect(refusedBecause).toBeNull();
      expect(read).toBeGreaterThanOrEqual(before);
      before = read;
    }
    expect(before).toBe(count);
  });

  it('by a cut of an earlier segment is refused', () => {
    for (const name of names.slice(0, -1)) {
      const size = (whole.get(name) as Buffer).length;
      for (let at = 0; at < size; at += 61) {
        const { refusedBecause } = withDamage(name, (bytes) => bytes.subarray(0, at));
        expect(refusedBecause).toMatch(/corrupted at byte|are missing|is missing/);
      }
    }
  });

  it('by bytes that are overwritten, put in or taken out never passes', () => {
    const damage = fc.record({
      name: fc.nat({ max: names.length - 1 }).map((i) => names[i] as string),
      at: fc.double({ min: 0, max: 0.999, noNaN: true }),
      take: fc.nat({ max: 40 }),
      put: fc.uint8Array({ maxLength: 40 }),
    });
    fc.assert(
      fc.property(damage, ({ name, at, take, put }) => {
        const bytes = whole.get(name) as Buffer;
        const from = Math.floor(at * bytes.length);
        const changed = Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(from + take)]);
        const { read, refusedBecause } = withDamage(name, () => changed);
        if (changed.equals(bytes)) return;
        const isTail = name === names.at(-1);
        if (refusedBecause === null)
          expect([isTail, read >= count - 1 || take > 0]).toEqual([true, true]);
      }),
      { numRuns: 400 },
    );
  });

  it('by a segment that stands in for another is refused', () => {
    const [first = '', second = ''] = names;
    copyFileSync(join(path, first), join(path, second));
    expect(outcome().refusedBecause).toContain('the header says record 1');
    writeFileSync(join(path, second), whole.get(second) as Buffer);
  });
});
