import { describe, expect, it } from 'vitest';
import type { JournalRecord } from '../domain/event.ts';
import { JournalFailed, MemoryJournal, reserveRecordsMax } from './simulator-journal.ts';

function record(seq: number): JournalRecord {
  const input = { kind: 'store-status', store: 'x', up: true } as const;
  return { seq, tsMs: seq, wallMs: seq, input, legs: [] };
}

function written(count: number): MemoryJournal {
  const journal = new MemoryJournal();
  for (let seq = 1; seq <= count; seq++) journal.append(record(seq));
  journal.commit();
  return journal;
}

describe('a journal in memory', () => {
  it('keeps what was committed through a kill, and loses the rest', () => {
    const journal = written(3);
    journal.append(record(4));
    journal.crash({ unsyncedKept: journal.unsynced, torn: false });
    expect(journal.recover().map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('loses what was not synced in a power cut', () => {
    const journal = written(2);
    journal.sync();
    journal.append(record(3));
    journal.append(record(4));
    journal.commit();
    journal.crash({ unsyncedKept: 1, torn: false });
    expect(journal.recover().map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('cuts half a last record off, and goes on behind it', () => {
    const journal = written(2);
    journal.append(record(3));
    journal.crash({ unsyncedKept: 2, torn: true });
    expect(journal.texts).toHaveLength(3);
    expect(journal.recover()).toHaveLength(2);
    journal.append(record(3));
    journal.commit();
    expect(journal.recover().map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('says so when a record in its middle is corrupted', () => {
    const journal = written(3);
    journal.texts[1] = journal.texts[1]?.slice(5) ?? '';
    expect(() => journal.recover()).toThrow('record 1 is corrupted');
  });

  it('takes what the reserve holds when the disk is full, then fails', () => {
    const journal = new MemoryJournal();
    journal.full = true;
    for (let seq = 1; seq <= reserveRecordsMax; seq++) journal.append(record(seq));
    expect(journal.commit()).toBe(true);
    journal.append(record(reserveRecordsMax + 1));
    expect(() => journal.commit()).toThrow(JournalFailed);
  });
});
