import { describe, expect, it } from 'vitest';
import { encode } from '../domain/codec.ts';
import type { JournalRecord } from '../domain/event.ts';
import { JournalFailed, MemoryJournal, reserveRecordsMax } from './simulator-journal.ts';

function record(seq: number): JournalRecord {
  const input = { kind: 'store-status', store: `x${seq}`, up: true } as const;
  return { seq, tsMs: seq, wallMs: seq, input, legs: [] };
}

function written(count: number): MemoryJournal {
  const journal = new MemoryJournal();
  for (let seq = 1; seq <= count; seq++) journal.append(record(seq));
  journal.commit();
  return journal;
}

function seqs(records: readonly JournalRecord[]): readonly number[] {
  return records.map(({ seq }) => seq);
}

describe('a journal in memory', () => {
  it('keeps what was committed through a kill, and loses the rest', () => {
    const journal = written(3);
    journal.append(record(4));
    journal.crash({ unsyncedKept: journal.unsynced, torn: false });
    expect(seqs(journal.recover())).toEqual([1, 2, 3]);
  });

  it('loses what was not synced in a power cut', () => {
    const journal = written(2);
    journal.sync();
    journal.append(record(3));
    journal.append(record(4));
    journal.commit();
    journal.crash({ unsyncedKept: 1, torn: false });
    expect(seqs(journal.recover())).toEqual([1, 2, 3]);
  });

  it('cuts half a last record off, and goes on behind it', () => {
    const journal = written(2);
    journal.append(record(3));
    journal.crash({ unsyncedKept: 2, torn: true });
    expect(journal.pieces).toHaveLength(3);
    expect(journal.recover()).toHaveLength(2);
    journal.append(record(3));
    journal.commit();
    expect(seqs(journal.recover())).toEqual([1, 2, 3]);
  });

  it('recovers from bytes: nothing of the records that a dead process held lives on', () => {
    const kept = record(1);
    const journal = new MemoryJournal();
    journal.append(kept);
    journal.commit();
    journal.crash({ unsyncedKept: 1, torn: false });
    const [recovered] = journal.recover();
    expect(recovered).toMatchObject({ seq: 1, input: { store: 'x1' } });
    expect(recovered).not.toBe(kept);
  });

  it('gives the same records and texts over any number of crashes', () => {
    const journal = new MemoryJournal();
    const all = Array.from({ length: 12 }, (_, i) => record(i + 1));
    for (const [i, each] of all.entries()) {
      journal.append(each);
      journal.commit();
      if (i % 3 !== 1) continue;
      journal.crash({ unsyncedKept: journal.unsynced, torn: i % 2 === 0 });
      expect(seqs(journal.recover())).toEqual(seqs(all.slice(0, i + 1)));
      expect(journal.texts()).toEqual(all.slice(0, i + 1).map(encode));
    }
    expect(seqs(journal.facts())).toEqual(seqs(all));
    expect(journal.texts()).toEqual(all.map(encode));
  });

  it('says so when a record in its middle is corrupted', () => {
    const journal = written(3);
    journal.crash({ unsyncedKept: 3, torn: false });
    const piece = journal.pieces[1];
    if (piece !== undefined) piece.bytes = piece.bytes.slice(5);
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
