import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdtempSync,
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
import type { JournalRecord } from '../domain/event.ts';
import { openJournal, readJournal } from './journal.ts';
import { openStateDir } from './state-dir.ts';

let dir = '';
let path = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'farb-journal-'));
  path = join(dir, 'journal.farb');
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

function write(from: number, count: number, endsAt: number): void {
  const journal = openJournal({ path, endsAt, durability: 'os', onError: fail });
  for (let seq = from; seq < from + count; seq++) journal.append(record(seq));
  journal.commit();
  journal.close();
}

function read(): { readonly seqs: number[]; readonly tornBytes: number; readonly endsAt: number } {
  const seqs: number[] = [];
  const { tornBytes, endsAt } = readJournal(path, ({ seq }) => seqs.push(seq));
  return { seqs, tornBytes, endsAt };
}

describe('journal', () => {
  it('reads back what was appended, over several openings', () => {
    write(1, 3, 0);
    const first = read();
    expect(first.seqs).toEqual([1, 2, 3]);
    write(4, 2, first.endsAt);
    const records: JournalRecord[] = [];
    readJournal(path, (item) => records.push(item));
    expect(records).toEqual([1, 2, 3, 4, 5].map(record));
    expect(read().endsAt).toBe(statSync(path).size);
  });

  it('finds every whole record wherever the tail is torn, and goes on from there', () => {
    write(1, 4, 0);
    const whole = readFileSync(path);
    const { endsAt } = read();
    for (let size = endsAt - 1; size > endsAt - 120; size -= 7) {
      writeFileSync(path, whole);
      truncateSync(path, size);
      const torn = read();
      expect(torn.seqs).toEqual([1, 2, 3].slice(0, torn.seqs.length));
      expect(torn.seqs.length).toBeGreaterThanOrEqual(2);
      expect(torn.tornBytes).toBeGreaterThan(0);
      write(torn.seqs.length + 1, 1, torn.endsAt);
      expect(read()).toMatchObject({ tornBytes: 0, seqs: [...torn.seqs, torn.seqs.length + 1] });
    }
  });

  it('refuses a corrupted middle and names the byte', () => {
    write(1, 4, 0);
    const bytes = readFileSync(path);
    const at = bytes.indexOf('"seq":2');
    bytes[at + 6] = 57;
    writeFileSync(path, bytes);
    const lineStart = bytes.lastIndexOf(10, at) + 1;
    expect(() => read()).toThrow(`corrupted at byte ${lineStart}`);
  });

  it('takes a half-written last line of garbage for a torn tail', () => {
    write(1, 2, 0);
    appendFileSync(path, '000000ff 12345678 {"seq":3');
    expect(read()).toMatchObject({ seqs: [1, 2], tornBytes: 26 });
  });

  it('refuses a file of another format', () => {
    writeFileSync(path, 'hello\nworld\n');
    expect(() => read()).toThrow('corrupted at byte 0');
    expect(() => readJournal(join(dir, 'none'), () => {})).toThrow('cannot be read');
  });

  it('loses nothing that was committed when the process is killed', () => {
    const script = `
      import { openJournal } from './src/store/journal.ts';
      const journal = openJournal({ path: ${JSON.stringify(path)}, endsAt: 0, durability: 'os', onError() {} });
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
