// The journal: how fast records get into it, how large they are, how fast a boot gets its state out
// of it. Records are those of a seeded run. A long journal is recovered by `recovery`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode, encode } from '../src/domain/codec.ts';
import { BinaryDictionary } from '../src/domain/codec-decoder.ts';
import { BinaryEncoder } from '../src/domain/codec-encoder.ts';
import { readFacts, readRecord, writeRecord } from '../src/domain/codec-record.ts';
import type { JournalRecord } from '../src/domain/event.ts';
import type { Durability } from '../src/store/journal.ts';
import { asBoot, recordsOfRun } from './journal-records.ts';
import { openForBench, recoveryRows } from './journal-recovery.ts';
import { type Bench, median, mediansNs, type Row } from './measure.ts';

const recoveredRecords = 200_000;
const rounds = 5;

export const journalBench: Bench = {
  title: 'journal',
  run() {
    const dir = mkdtempSync(join(tmpdir(), 'farb-bench-journal-'));
    try {
      const records = recordsOfRun();
      const recovered = recoveryRows(records, dir, recoveredRecords);
      return [...codecRows(records), ...appendRows(records, dir), ...recovered];
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
};

function codecRows(records: readonly JournalRecord[]): readonly Row[] {
  const lines = records.map(encode);
  const textBytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
  const encoder = new BinaryEncoder(1 << 22);
  const ends = records.map((record) => {
    writeRecord(encoder, record);
    return encoder.at;
  });
  const bytes = encoder.bytes.slice(0, encoder.at);
  const pieceAt = (i: number) => ({ bytes, from: ends[i - 1] ?? 0, to: ends[i] as number });
  const each = (read: typeof readRecord) => () => {
    const dictionary = new BinaryDictionary();
    for (let i = 0; i < ends.length; i++) read(pieceAt(i), dictionary);
  };
  const [textWrite = 0, write = 0, textRead = 0, read = 0, facts = 0] = mediansNs(
    [
      () => records.forEach((record) => void encode(record)),
      () => {
        encoder.at = 0;
        for (const record of records) writeRecord(encoder, record);
      },
      () => lines.forEach((line) => void decode(line)),
      each(readRecord),
      each(readFacts),
    ],
    records.length,
  );
  const rate = (name: string, ns: number, reference: number, note = ''): Row => ({
    name,
    value: 1e9 / ns,
    unit: 'per s',
    ratio: reference / ns,
    note,
  });
  const size = (total: number): string => `${Math.round(total / records.length)} bytes a record`;
  return [
    rate('encode a record as JSON text (format 1)', textWrite, textWrite, size(textBytes)),
    rate('encode a record (format 2)', write, textWrite, size(bytes.length)),
    rate('decode a record from JSON text (format 1)', textRead, textRead),
    rate('decode a record (format 2)', read, textRead),
    rate('decode a record for a fold (format 2)', facts, textRead),
  ];
}

/** Where the host commits: behind an event that had effects, before the first of them leaves. */
type Commits = 'host' | 'every record';

function appendRows(records: readonly JournalRecord[], dir: string): readonly Row[] {
  const append = (durability: Durability, commits: Commits, epochs: number): Row => {
    const boots = Array.from({ length: epochs }, (_, i) => asBoot(records, i + 1));
    const all = boots.flat();
    const commitAt = all.map((record, i) => {
      const next = all[i + 1];
      return commits === 'every record' || ('effect' in record && (!next || 'input' in next));
    });
    const rates = Array.from({ length: rounds }, (_, round) => {
      const path = join(dir, `append-${durability}-${epochs}-${round}-${commits[0]}`, 'journal');
      const journal = openForBench(path, durability);
      const cpu = process.cpuUsage();
      const startedMs = performance.now();
      for (let i = 0; i < all.length; i++) {
        journal.append(all[i] as JournalRecord);
        if (commitAt[i] === true) journal.commit();
      }
      journal.commit();
      const elapsedMs = performance.now() - startedMs;
      const { user, system } = process.cpuUsage(cpu);
      journal.close();
      return all.length / (durability === 'os' ? (user + system) / 1e6 : elapsedMs / 1_000);
    });
    const perCommit = all.length / commitAt.filter(Boolean).length;
    const time = durability === 'os' ? 'processor time' : `disk of ${tmpdir()}`;
    return {
      name: `append, ${durability}, commits: ${commits}`,
      value: median(rates),
      unit: 'per s',
      ratio: null,
      note: `${time}, ${perCommit.toFixed(1)} records a commit, ${all.length} a round`,
    };
  };
  return [
    append('os', 'host', 40),
    append('os', 'every record', 40),
    append('disk', 'host', 4),
    append('disk', 'every record', 1),
  ];
}
