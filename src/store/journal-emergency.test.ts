// A disk that is full, made real: a child process under a limit of its file sizes (the kernel
// refuses the write in the middle of a record). Its journal goes on in the emergency segment.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalRecord } from '../domain/event.ts';
import { type Journal, type JournalOptions, openJournal, readJournal } from './journal.ts';

const emergencyBytes = 64 * 1024;
/**
 * In blocks of 512 bytes, as `ulimit -f` counts: less than a segment, more than the emergency one.
 */
const limitBlocks = 200;
const limitBytes = limitBlocks * 512;

let dir = '';
let path = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'farb-emergency-'));
  path = join(dir, 'journal');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function record(seq: number): JournalRecord {
  const effect = { kind: 'clear-timer', timer: `a-timer-of-record-${seq}` } as const;
  return { seq, tsMs: seq, wallMs: seq, effect };
}

function open(options: Partial<JournalOptions> = {}): Journal {
  return openJournal({
    path,
    tail: readJournal(path, () => {}, { mayBeNew: true }),
    durability: 'os',
    emergencyBytes,
    onError(error) {
      throw error;
    },
    ...options,
  });
}

function append(journal: Journal, from: number, count: number): void {
  for (let seq = from; seq < from + count; seq++) {
    journal.append(record(seq));
    journal.commit();
  }
}

function read() {
  const records: JournalRecord[] = [];
  const tail = readJournal(path, (item) => records.push(item));
  expect(records).toEqual(Array.from({ length: records.length }, (_, i) => record(i + 1)));
  return { ...tail, count: records.length };
}

/**
 * Runs a script that has `open`, `record` and `say`, under the limit; what it said, line by line.
 */
function underLimit(script: string): {
  said: readonly string[];
  signal: string | null;
  stderr: string;
} {
  const prelude = `
    import { openJournal, readJournal } from './src/store/journal.ts';
    const path = ${JSON.stringify(path)};
    const say = (text) => process.stdout.write(text + '\\n');
    const record = (seq) => ({ seq, tsMs: seq, wallMs: seq,
      effect: { kind: 'clear-timer', timer: 'a-timer-of-record-' + seq } });
    const open = (options = {}) => openJournal({
      path, tail: readJournal(path, () => {}, { mayBeNew: true }), durability: 'os',
      emergencyBytes: ${emergencyBytes}, onError: (error) => say('error ' + error.message),
      onDown: (error) => say('down ' + error.code + ' ' + journal.written),
      onUp: () => say('up'), ...options });
    let journal;
    const append = (from, count) => {
      for (let seq = from; seq < from + count; seq++) {
        journal.append(record(seq));
        journal.commit();
      }
    };
  `;
  const { stdout, stderr, signal } = spawnSync(
    'sh',
    [
      '-c',
      `ulimit -f ${limitBlocks}; exec "$0" --import tsx --input-type=module -e "$1"`,
      process.execPath,
      prelude + script,
    ],
    { encoding: 'utf8' },
  );
  return { said: stdout.split('\n').filter((line) => line !== ''), signal, stderr };
}

describe('a disk that is full', () => {
  it('diverts to the emergency segment, loses no record, and says so once', () => {
    const { said, stderr } = underLimit(`
      journal = open();
      append(1, 2_500);
      say('wrote ' + journal.written + ' down ' + (journal.downBecause !== null));
      journal.close();
    `);
    expect(stderr).toBe('');
    expect(said).toEqual([expect.stringMatching(/^down EFBIG \d+$/), 'wrote 2500 down true']);
    const { count, tornBytes, end } = read();
    expect([count, tornBytes]).toEqual([2_500, 0]);
    expect(end.emergency?.firstSeq).toBe(Number(said[0]?.split(' ')[2]));
    const [first = ''] = readdirSync(path).filter((name) => /^\d/.test(name));
    expect(statSync(join(path, first)).size).toBeLessThan(limitBytes);
    expect(statSync(join(path, 'emergency.farb')).size).toBe(emergencyBytes);
  });

  it('is survived by a kill -9 at that moment', () => {
    const { signal } = underLimit(`
      journal = open({ onDown: () => process.kill(process.pid, 'SIGKILL') });
      append(1, 2_500);
    `);
    expect(signal).toBe('SIGKILL');
    const { count, end } = read();
    expect(end.emergency?.firstSeq).toBe(count);
  });

  it('is still full at the next boot: that one goes on in the emergency segment', () => {
    const { said } = underLimit(`
      journal = open();
      append(1, 2_300);
      journal.close();
      // No room for another emergency segment this time: it would have to be larger than the limit.
      journal = open({ emergencyBytes: ${limitBytes * 2} });
      say('down ' + (journal.downBecause !== null));
      append(2_301, 100);
      journal.close();
    `);
    expect(said.slice(1)).toEqual(['down true']);
    expect(read().count).toBe(2_400);
  });

  it('has room again: the emergency segment takes its place and another one is made', () => {
    underLimit('journal = open(); append(1, 2_500); journal.close();');
    const journal = open();
    expect(journal.downBecause).toBeNull();
    append(journal, 2_501, 10);
    journal.close();
    const { count, end } = read();
    expect([count, end.emergency]).toEqual([2_510, null]);
    expect(readFileSync(join(path, 'emergency.farb')).every((byte) => byte === 0)).toBe(true);
    expect(readdirSync(path).filter((name) => /^\d/.test(name))).toHaveLength(3);
  });

  it('has room again while it runs: a new segment begins, and opening is allowed', () => {
    const { said, stderr } = underLimit(`
      journal = open({ healEveryMs: 0 });
      append(1, 4_000);
      say('end ' + (journal.downBecause === null));
      journal.close();
    `);
    // Every segment meets the limit again after so many records.
    expect(stderr).toBe('');
    expect(said.slice(0, 3)).toEqual([
      expect.stringMatching(/^down EFBIG/),
      'up',
      expect.stringMatching(/^down EFBIG|^end true/),
    ]);
    expect(read().count).toBe(4_000);
    expect(existsSync(join(path, 'emergency.farb.new'))).toBe(false);
  });

  it('stops the system when the emergency segment is full too', () => {
    const { said } = underLimit(`
      journal = open();
      try { append(1, 10_000); } catch (error) { say(error.message); }
      say('wrote ' + journal.written);
      process.exit(0);
    `);
    expect(said[1]).toContain('the emergency segment of');
    expect(said[1]).toContain('is full');
    // The one that found no room is not there; everything before is.
    expect(read().count).toBe(Number(said[2]?.split(' ')[1]) - 1);
  });
});

describe('a process that is killed', () => {
  it('loses nothing that it had committed, wherever it was', async () => {
    const kills = 5;
    for (let kill = 0; kill < kills; kill++) {
      const script = `
        import { openJournal, readJournal } from './src/store/journal.ts';
        const path = ${JSON.stringify(path)};
        const tail = readJournal(path, () => {}, { mayBeNew: true });
        const journal = openJournal({ path, tail, durability: '${kill % 2 === 0 ? 'os' : 'disk'}',
          emergencyBytes: 65_536, segmentBytesMax: 20_000, onError() {} });
        for (let seq = tail.lastSeq + 1; ; seq++) {
          journal.append({ seq, tsMs: seq, wallMs: seq,
            effect: { kind: 'clear-timer', timer: 'a-timer-of-record-' + seq } });
          journal.commit();
          if (seq % 16 === 0) process.stdout.write(seq + '\\n');
        }
      `;
      const args = ['--import', 'tsx', '--input-type=module', '-e', script];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
      let said = '';
      // Killed at some byte of some write: as many lines as this round says, then at once.
      const lines = 3 + kill * 17;
      await new Promise<void>((resolve) => {
        child.stdout.on('data', (bytes: Buffer) => {
          said += bytes.toString();
          if (said.split('\n').length > lines) child.kill('SIGKILL');
        });
        child.once('close', () => resolve());
      });
      const committed = Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1));
      expect(committed).toBeGreaterThan(0);
      expect(read().count).toBeGreaterThanOrEqual(committed);
    }
  });
});
