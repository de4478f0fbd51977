// How fast a boot gets its state out of a journal of so many records: read, folded, snapshotted.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { takeSnapshot } from '../src/app/checkpoint.ts';
import { recover } from '../src/app/recover.ts';
import type { JournalRecord } from '../src/domain/event.ts';
import { type Durability, type Journal, openJournal, readJournal } from '../src/store/journal.ts';
import { asBoot } from './journal-records.ts';
import type { Row } from './measure.ts';

/** Writes the journal below `dir`, whose owner removes it. */
export function recoveryRows(
  records: readonly JournalRecord[],
  dir: string,
  recordsMax: number,
): readonly Row[] {
  const path = join(dir, 'recover', 'journal');
  const closed: number[] = [];
  const journal = openForBench(path, 'os', (seq) => closed.push(seq));
  let written = 0;
  for (let epoch = 1; written < recordsMax; epoch++) {
    for (const record of asBoot(records, epoch)) {
      if (written++ === recordsMax) break;
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
    {
      ...{ name: 'the same, wall time', value: foldTook.wallMs, unit: 'ms' },
      ...{ ratio: foldTook.wallMs / floorTook.wallMs, note: 'what a boot waits' },
    },
    row('a snapshot, in its own process when live', snapshotTook, 'folds since the last one'),
    row('recovery from the newest snapshot', recoveredTook, `${tail} records folded`),
  ];
}

export function openForBench(
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
