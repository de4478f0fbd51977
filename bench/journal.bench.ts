// The journal: how fast records get into it, how large they are, how fast a boot gets its state out
// of it. Records are those of a seeded run. FARB_BENCH_RECORDS=10000000 makes the recovered journal
// that long (2.5 GB in the directory for temporary files).
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { takeSnapshot } from '../src/app/checkpoint.ts';
import { recover } from '../src/app/recover.ts';
import { decode, encode } from '../src/domain/codec.ts';
import { BinaryDictionary } from '../src/domain/codec-decoder.ts';
import { BinaryEncoder } from '../src/domain/codec-encoder.ts';
import { readFacts, readRecord, writeRecord } from '../src/domain/codec-record.ts';
import type { JournalRecord } from '../src/domain/event.ts';
import { type Durability, type Journal, openJournal, readJournal } from '../src/store/journal.ts';
import { asBoot, recordsOfRun } from './journal-records.ts';
import { type Bench, median, mediansNs, type Row } from './measure.ts';

const recoveredRecords = Number(process.env['FARB_BENCH_RECORDS'] ?? 200_000);
const rounds = 5;

export const journalBench: Bench = {
  title: 'journal',
  run() {
    const dir = mkdtempSync(join(tmpdir(), 'farb-bench-journal-'));
    try {
      const records = recordsOfRun();
      return [...codecRows(records), ...appendRows(records, dir), ...recoveryRows(records, dir)];
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
      const journal = open(path, durability);
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

function recoveryRows(records: readonly JournalRecord[], dir: string): readonly Row[] {
  const path = join(dir, 'recover', 'journal');
  const closed: number[] = [];
  const journal = open(path, 'os', (seq) => closed.push(seq));
  let written = 0;
  for (let epoch = 1; written < recoveredRecords; epoch++) {
    for (const record of asBoot(records, epoch)) {
      if (written++ === recoveredRecords) break;
      journal.append(record);
    }
    journal.commit();
  }
  journal.close();
  const { lastSeq } = readJournal(path, () => {}, { afterSeq: closed.at(-1) ?? 0 });
  const mb = bytesIn(path) / 1e6;
  const journalOf = `of ${lastSeq.toLocaleString('en-US')} records, ${Math.round(mb)} MB`;
  // The floor of every way to read: the bytes from the files, and one checksum over each.
  const floorTook = timed(() => checksumsIn(path));
  const row = (name: string, { cpuMs, wallMs }: Took, note: string): Row => ({
    name: `${name} ${journalOf}`,
    value: cpuMs,
    unit: 'ms',
    ratio: cpuMs / floorTook.cpuMs,
    note: `processor time, ${Math.round(wallMs).toLocaleString('en-US')} ms of wall; ${note}`,
  });
  const readTook = timed(() => readJournal(path, () => {}, { factsOnly: true }));
  const foldTook = timed(() => recover(path));
  const snapshotTook = timed(() =>
    takeSnapshot(path, { untilSeq: closed.at(-1) ?? lastSeq, compaction: 'keep' }),
  );
  let tail = 0;
  const recoveredTook = timed(() => {
    tail = recover(path).records;
  });
  const perSecond = ({ cpuMs }: Took): string =>
    `${Math.round((lastSeq / cpuMs) * 1_000).toLocaleString('en-US')} records/s`;
  return [
    row('files read, one checksum each', floorTook, ''),
    row('verify and read', readTook, perSecond(readTook)),
    row('recovery without a snapshot', foldTook, perSecond(foldTook)),
    row('a snapshot, in its own process when live', snapshotTook, 'folds since the last one'),
    row('recovery from the newest snapshot', recoveredTook, `${tail} records folded`),
  ];
}

function open(
  path: string,
  durability: Durability,
  onSegmentClosed: (seq: number) => void = () => {},
): Journal {
  return openJournal({
    path,
    tail: readJournal(path, () => {}, { mayBeNew: true }),
    durability,
    onSegmentClosed,
    onError(error) {
      throw error;
    },
  });
}

interface Took {
  readonly cpuMs: number;
  readonly wallMs: number;
}

function timed(work: () => unknown): Took {
  const startedMs = performance.now();
  const started = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(started);
  return { cpuMs: (user + system) / 1_000, wallMs: performance.now() - startedMs };
}

function checksumsIn(path: string): number {
  let mixed = 0;
  for (const name of readdirSync(path)) {
    if (/^\d.*\.farb$/.test(name)) mixed ^= crc32(readFileSync(join(path, name)));
  }
  return mixed;
}

function bytesIn(path: string): number {
  return readdirSync(path)
    .filter((name) => /^\d/.test(name))
    .reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
}
