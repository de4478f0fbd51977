import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
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
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decimal } from '../base/decimal.ts';
import type { EngineEvent, JournalRecord } from '../domain/event.ts';
import type { LegView } from '../domain/view.ts';
import { type JournalOptions, openJournal, readJournal } from './journal.ts';
import { openStateDir } from './state-dir.ts';

let dir = '';
let path = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'farb-journal-'));
  path = join(dir, 'journal');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const fail = (error: Error): void => {
  throw error;
};

function record(seq: number): JournalRecord {
  const effect = {
    kind: 'adjustment',
    venue: 'okx',
    wallet: 'unified',
    asset: 'USDT',
    amount: decimal(`0.0${seq}`),
    reason: `line\nbreak "${seq}" ü`,
  } as const;
  return { seq, tsMs: 1_000 + seq, wallMs: 2_000.5 + seq, effect };
}

function open(options: Partial<JournalOptions> = {}) {
  const tail = readJournal(path, () => {}, { mayBeNew: true });
  const emergencyBytes = 65_536;
  return openJournal({ path, tail, durability: 'os', onError: fail, emergencyBytes, ...options });
}

function write(from: number, count: number, options: Partial<JournalOptions> = {}): void {
  const journal = open(options);
  for (let seq = from; seq < from + count; seq++) {
    journal.append(record(seq));
    journal.commit();
  }
  journal.close();
}

function read(afterSeq = 0) {
  const seqs: number[] = [];
  const { tornBytes, lastSeq } = readJournal(path, ({ seq }) => seqs.push(seq), { afterSeq });
  return { seqs, tornBytes, lastSeq };
}

function segments(): readonly string[] {
  return readdirSync(path).filter((name) => /^\d/.test(name));
}

function segment(firstSeq: number): string {
  return join(path, `${String(firstSeq).padStart(16, '0')}.farb`);
}

describe('journal', () => {
  it('reads back what was appended, over several openings', () => {
    write(1, 3);
    expect(read().seqs).toEqual([1, 2, 3]);
    write(4, 2);
    const records: JournalRecord[] = [];
    readJournal(path, (item) => records.push(item));
    expect(records).toEqual([1, 2, 3, 4, 5].map(record));
    expect(read()).toMatchObject({ tornBytes: 0, lastSeq: 5 });
  });

  it('takes no record out of its order', () => {
    write(1, 2);
    const journal = open();
    expect(() => journal.append(record(4))).toThrow('record 4 appended where 3 belongs');
    journal.close();
  });

  it('begins a new segment when one is full, and says so when the full one is synced', () => {
    const closed: number[] = [];
    write(1, 40, { segmentBytesMax: 1_000, onSegmentClosed: (seq) => closed.push(seq) });
    expect(segments().length).toBeGreaterThan(3);
    expect(closed).toHaveLength(segments().length - 1);
    expect(segments()[1]).toBe(`${String((closed[0] as number) + 1).padStart(16, '0')}.farb`);
    for (const name of segments()) expect(statSync(join(path, name)).size).toBeLessThan(1_200);
    expect(read().seqs).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  it('reads from any record on, without opening the segments before it', () => {
    write(1, 40, { segmentBytesMax: 1_000 });
    writeFileSync(segment(1), 'damaged');
    expect(() => read()).toThrow('corrupted at byte 0');
    expect(read(30).seqs).toEqual(Array.from({ length: 10 }, (_, i) => i + 31));
    expect(read(40)).toMatchObject({ seqs: [], lastSeq: 40 });
  });

  it('writes what no commit follows after a moment', async () => {
    const journal = open();
    journal.append(record(1));
    expect(read().seqs).toEqual([]);
    await expect.poll(() => read().seqs).toEqual([1]);
    journal.close();
  });

  it('finds every whole record wherever the tail is torn, and goes on from there', () => {
    write(1, 4);
    const whole = readFileSync(segment(1));
    for (let size = whole.length - 1; size > whole.length - 120; size -= 7) {
      writeFileSync(segment(1), whole);
      for (const name of segments().slice(1)) rmSync(join(path, name));
      truncateSync(segment(1), size);
      const torn = read();
      expect(torn.seqs).toEqual([1, 2, 3].slice(0, torn.seqs.length));
      expect(torn.seqs.length).toBeGreaterThanOrEqual(2);
      write(torn.seqs.length + 1, 1);
      expect(read()).toMatchObject({ tornBytes: 0, seqs: [...torn.seqs, torn.seqs.length + 1] });
    }
  });

  it('refuses a corrupted middle and names the file and the byte', () => {
    write(1, 4);
    const bytes = readFileSync(segment(1));
    const at = bytes.indexOf('"2"');
    bytes[at + 1] = 57;
    writeFileSync(segment(1), bytes);
    expect(() => read()).toThrow(/0000000000000001\.farb: the journal is corrupted at byte \d+/);
    expect(() => open()).toThrow('Nothing may be traded on it');
  });

  it('refuses a torn record with a later segment behind it', () => {
    write(1, 4);
    write(5, 1);
    truncateSync(segment(1), statSync(segment(1)).size - 3);
    expect(() => read()).toThrow('a torn record, with later segments behind it');
  });

  it('refuses a journal with a segment missing, and says which records', () => {
    write(1, 40, { segmentBytesMax: 1_000 });
    const [, second = '', third = ''] = segments();
    rmSync(join(path, second));
    const [from, to] = [Number.parseInt(second, 10), Number.parseInt(third, 10) - 1];
    expect(() => read()).toThrow(`records ${from} to ${to} are missing`);
    rmSync(join(path, segments()[0] as string));
    expect(() => read()).toThrow(`records 1 to ${to} are missing`);
  });

  it('refuses a segment under the name of another', () => {
    write(1, 2);
    write(3, 2);
    writeFileSync(segment(3), readFileSync(segment(1)));
    expect(() => read()).toThrow('the header says record 1, the name 3');
  });

  it('takes space that was never written for an end, not for a record', () => {
    write(1, 2);
    appendFileSync(segment(1), Buffer.alloc(5_000));
    expect(read()).toMatchObject({ seqs: [1, 2], tornBytes: 0 });
    write(3, 1);
    expect(read().seqs).toEqual([1, 2, 3]);
  });

  it('refuses a file that is not a journal, and one of a later format', () => {
    const other = join(dir, 'other.farb');
    writeFileSync(other, 'hello\nworld\n');
    expect(() => readJournal(other, () => {})).toThrow('corrupted at byte 0');
    expect(() => readJournal(join(dir, 'none'), () => {})).toThrow('cannot be read');
    mkdirSync(path);
    writeFileSync(segment(1), 'farb-journal format 3 first 0000000000000001 crc eb9c1a3d');
    expect(() => read()).toThrow(/0000000000000001\.farb/);
  });

  it('loses nothing that was committed when the process is killed', () => {
    const script = `
      import { openJournal, readJournal } from './src/store/journal.ts';
      const path = ${JSON.stringify(path)};
      const tail = readJournal(path, () => {}, { mayBeNew: true });
      const journal = openJournal({ path, tail, durability: 'os', onError() {} });
      for (let seq = 1; seq <= 500; seq++) {
        journal.append({ seq, tsMs: 1, wallMs: 1, effect: { kind: 'clear-timer', timer: 'x' } });
        journal.commit();
      }
      process.kill(process.pid, 'SIGKILL');
    `;
    const child = spawnSync(process.execPath, [
      '--import',
      'tsx',
      '--input-type=module',
      '-e',
      script,
    ]);
    expect(child.signal).toBe('SIGKILL');
    expect(read().seqs).toHaveLength(500);
  });

  it('leaves a pointer where an older farb looks for its journal', () => {
    write(1, 1);
    const pointer = join(dir, 'journal.farb');
    expect(readFileSync(pointer, 'utf8')).toContain('{"journal":"farb","format":2}');
    const seqs: number[] = [];
    readJournal(pointer, ({ seq }) => seqs.push(seq));
    expect(seqs).toEqual([1]);
    expect(existsSync(path)).toBe(true);
  });
});

describe('state directory', () => {
  it('refuses a second system, and takes a new epoch when the first is gone', async () => {
    const first = await openStateDir(dir);
    await expect(openStateDir(dir)).rejects.toThrow('another farb runs on this directory');
    await first.release();
    const second = await openStateDir(dir);
    expect(second.installation).toBe(first.installation);
    expect(second.epoch).toBe(first.epoch + 1);
    await second.release();
  });

  it('refuses a directory that cannot be written', async () => {
    const file = join(dir, 'file');
    writeFileSync(file, '');
    await expect(openStateDir(join(file, 'state'))).rejects.toThrow('cannot be written');
  });

  it('refuses an unreadable identity instead of making a new one', async () => {
    writeFileSync(join(dir, 'identity.json'), '{"installation":');
    await expect(openStateDir(dir)).rejects.toThrow('Order ids depend on it');
  });
});

describe('a journal that is folded', () => {
  /** Quotes of one leg stand in every record. */
  const looked = (seq: number): JournalRecord => ({
    ...{ seq, tsMs: seq, wallMs: seq, input: { kind: 'timer', timer: `t${seq}` } },
    legs: [{ instrument: 'okx:BTC-USDT-PERP', bid: 100 + seq } as LegView], // what is read back
  });

  it('has its quotes until the next segment is read, and never those of another record', () => {
    const journal = open({ segmentBytesMax: 1_000 });
    for (let seq = 1; seq <= 40; seq++) {
      journal.append(looked(seq));
      journal.commit();
    }
    journal.close();
    expect(segments().length).toBeGreaterThan(2);
    const kept: EngineEvent[] = [];
    const bids: number[] = [];
    const onRecord = (each: JournalRecord): void => {
      if (!('input' in each)) return;
      if (each.seq % 2 === 0) bids.push(each.legs[0]?.bid ?? 0);
      else kept.push(each);
    };
    readJournal(path, onRecord, { factsOnly: true });
    expect(bids).toEqual(Array.from({ length: 20 }, (_, i) => 102 + 2 * i));
    for (const each of kept) expect(() => each.legs).toThrow('whose bytes are gone');
  });
});
