import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UserError } from '../base/errors.ts';
import type { JournalRecord } from '../domain/event.ts';
import { evolve } from '../engine/evolve.ts';
import { type EngineState, emptyState } from '../engine/state.ts';
import { stateHashOf } from '../engine/summary.ts';
import { openJournal, readJournal } from '../store/journal.ts';
import type { Compaction } from '../store/journal-compact.ts';
import { listSnapshots, readSnapshot, writeSnapshot } from '../store/snapshot.ts';
import { createCheckpointer, takeSnapshot } from './checkpoint.ts';
import { foldCode } from './fold-code.ts';
import { recover } from './recover.ts';

const fixture = fileURLToPath(new URL('../store/fixtures/format1.farb', import.meta.url));
const records: JournalRecord[] = [];
readJournal(fixture, (record) => records.push(record));
const count = records.length;

function hashAfter(seq: number): string {
  const state = emptyState();
  for (const record of records.slice(0, seq)) evolve(state, record);
  return stateHashOf(state);
}
const wholeHash = hashAfter(count);

let dir = '';
let path = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'farb-recover-'));
  path = join(dir, 'journal');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** The fixture's records in segments of about 5,000 bytes; the last record of every closed one. */
function writeJournal(to = count): readonly number[] {
  const closed: number[] = [];
  const tail = readJournal(path, () => {}, { mayBeNew: true });
  const journal = openJournal({
    path,
    tail,
    durability: 'os',
    emergencyBytes: 4_096,
    segmentBytesMax: 5_000,
    onSegmentClosed: (seq) => closed.push(seq),
    onError(error) {
      throw error;
    },
  });
  for (const record of records.slice(tail.lastSeq, to)) {
    journal.append(record);
    journal.commit();
  }
  journal.close();
  return closed;
}

/** The state after a record, as a snapshot of this code or of another. */
function putSnapshot(seq: number, code = foldCode()): string {
  const state = emptyState();
  for (const record of records.slice(0, seq)) evolve(state, record);
  return writeSnapshot(path, { seq, stateHash: stateHashOf(state), code, state }).path;
}

function segments(of = path): readonly string[] {
  return readdirSync(of).filter((name) => /^\d/.test(name));
}

describe('recovery', () => {
  it('of a fresh directory is the empty state', () => {
    expect(recover(path)).toMatchObject({ records: 0, tornBytes: 0, snapshotSeq: 0 });
  });

  it('folds the whole journal when there is no snapshot', () => {
    writeJournal();
    const { state, records: folded, snapshotSeq } = recover(path);
    expect([stateHashOf(state), folded, snapshotSeq]).toEqual([wholeHash, count, 0]);
  });

  it('ends in the same state from a snapshot after any record', () => {
    writeJournal();
    for (let seq = 1; seq <= count; seq += 13) {
      const file = putSnapshot(seq);
      const recovered = recover(path);
      expect(stateHashOf(recovered.state), `snapshot at ${seq}`).toBe(wholeHash);
      expect([recovered.snapshotSeq, recovered.records]).toEqual([seq, count - seq]);
      rmSync(file);
    }
  });

  it('goes on from a snapshot that covers the whole journal', () => {
    writeJournal(100);
    putSnapshot(100);
    expect(recover(path)).toMatchObject({ records: 0, snapshotSeq: 100, tail: { lastSeq: 100 } });
    writeJournal();
    expect(stateHashOf(recover(path).state)).toBe(wholeHash);
  });

  it('passes over a snapshot with any damage: the one before, then the journal itself', () => {
    writeJournal();
    const older = putSnapshot(50);
    const newer = putSnapshot(150);
    const bytes = readFileSync(newer);
    for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 60)) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] as number) ^ 8;
      writeFileSync(newer, damaged);
      const recovered = recover(path);
      expect([recovered.snapshotSeq, recovered.passedOver.length], `byte ${at}`).toEqual([50, 1]);
      expect(stateHashOf(recovered.state)).toBe(wholeHash);
    }
    writeFileSync(older, bytes.subarray(0, 1_000));
    const recovered = recover(path);
    expect([recovered.snapshotSeq, recovered.passedOver.length]).toEqual([0, 2]);
    expect(stateHashOf(recovered.state)).toBe(wholeHash);
  });

  it('does not believe a state whose hash is another, however whole its bytes are', () => {
    writeJournal();
    const state = emptyState();
    for (const record of records.slice(0, 100)) evolve(state, record);
    writeSnapshot(path, { seq: 100, stateHash: hashAfter(99), code: foldCode(), state });
    expect(recover(path).passedOver[0]).toContain('its state does not match its hash');
  });

  it('folds anew what another version of the code folded, as long as the records are there', () => {
    writeJournal();
    putSnapshot(100, 'another');
    const recovered = recover(path);
    expect(recovered.snapshotSeq).toBe(0);
    expect(recovered.passedOver[0]).toContain('another version of the code made it');
    for (const name of segments().slice(0, 2)) rmSync(join(path, name));
    const fromOther = recover(path);
    expect([fromOther.snapshotSeq, stateHashOf(fromOther.state)]).toEqual([100, wholeHash]);
  });

  it('fills what an older state does not have yet with its empty value, in every venue too', () => {
    writeJournal();
    const state = emptyState();
    for (const record of records.slice(0, 100)) evolve(state, record);
    expect(state.venues.size).toBeGreaterThan(0);
    const { notices: _, ...older } = state;
    const venues = [...state.venues].map(([id, { foreign: __, ...venue }]) => [id, venue] as const);
    const { collateral: ___, ...attribution } = state.attribution;
    const stored = { ...older, attribution, venues: new Map(venues) };
    const stateHash = stateHashOf(stored as unknown as EngineState); // as it once was
    writeSnapshot(path, { seq: 100, stateHash, code: 'older', state: stored });
    for (const name of segments().slice(0, 2)) rmSync(join(path, name));
    const recovered = recover(path);
    expect(recovered.snapshotSeq).toBe(100);
    expect(recovered.state.notices).toEqual([]);
    expect(recovered.state.attribution.collateral.size).toBe(0);
    for (const { foreign } of recovered.state.venues.values()) expect(foreign.size).toBe(0);
  });

  it('refuses a journal that ends before its own snapshot', () => {
    writeJournal();
    putSnapshot(count);
    const last = join(path, segments().at(-1) as string);
    writeFileSync(last, readFileSync(last).subarray(0, -1));
    expect(() => recover(path)).toThrow(`ends with record ${count - 1}, but`);
  });

  it('refuses when neither the records nor a snapshot are there', () => {
    writeJournal();
    const newer = putSnapshot(150);
    rmSync(join(path, segments()[0] as string));
    expect(stateHashOf(recover(path).state)).toBe(wholeHash);
    writeFileSync(newer, 'damaged');
    expect(() => recover(path)).toThrow(UserError);
    expect(() => recover(path)).toThrow(
      /are missing before it.*No snapshot helps.*snapshot-0*150/s,
    );
  });

  it('refuses damage behind the snapshot, and does not look at what is before it', () => {
    writeJournal();
    putSnapshot(150);
    const [first = ''] = segments();
    writeFileSync(join(path, first), 'damaged');
    expect(stateHashOf(recover(path).state)).toBe(wholeHash);
    const later = join(path, segments().at(-2) as string);
    writeFileSync(later, readFileSync(later).subarray(0, -5));
    expect(() => recover(path)).toThrow('the journal is corrupted at byte');
  });
});

describe('snapshots', () => {
  it('are of the closed segments only, and are not taken twice', () => {
    const closed = writeJournal();
    const untilSeq = closed.at(-1) as number;
    const file = takeSnapshot(path, { untilSeq, compaction: 'keep' });
    expect(file?.seq).toBe(untilSeq);
    expect(takeSnapshot(path, { untilSeq, compaction: 'keep' })).toBeNull();
    const stored = readSnapshot(listSnapshots(path)[0] as { path: string; seq: number });
    expect(stored).toMatchObject({ stateHash: hashAfter(untilSeq), seq: untilSeq });
  });

  it('are kept two at a time; one that was cut short is none', () => {
    const closed = writeJournal();
    for (const untilSeq of closed) takeSnapshot(path, { untilSeq, compaction: 'keep' });
    writeFileSync(join(path, 'snapshot-0000000000000999.farb.new'), 'half');
    expect(listSnapshots(path).map(({ seq }) => seq)).toEqual(closed.slice(-2).reverse());
  });

  it.each<[Compaction, boolean, boolean]>([
    ['keep', true, true],
    ['archive', false, true],
    ['remove', false, false],
  ])('with compaction %s', (compaction, staysInPlace, foldsAnew) => {
    const closed = writeJournal();
    const before = segments().length;
    for (const untilSeq of closed) takeSnapshot(path, { untilSeq, compaction });
    expect(segments().length === before).toBe(staysInPlace);
    const [, older] = listSnapshots(path);
    // What follows the older snapshot stays, in case the newer one does not verify.
    expect(Number.parseInt(segments()[0] as string, 10)).toBe(
      staysInPlace ? 1 : (older?.seq as number) + 1,
    );
    expect(stateHashOf(recover(path).state)).toBe(wholeHash);
    for (const { path: file } of listSnapshots(path)) rmSync(file);
    if (foldsAnew) expect(stateHashOf(recover(path).state)).toBe(wholeHash);
    else expect(() => recover(path)).toThrow('are missing before it');
  });

  it('are made by a process of their own, which a running system asks for', async () => {
    const closed = writeJournal();
    const failures: string[] = [];
    const checkpointer = createCheckpointer({
      path,
      compaction: 'keep',
      execArgv: ['--import', 'tsx'],
      onFailed: (reason) => failures.push(reason),
    });
    checkpointer.segmentClosed(closed[0] as number);
    checkpointer.segmentClosed(closed[1] as number);
    checkpointer.segmentClosed(closed.at(-1) as number);
    const newest = () => listSnapshots(path)[0]?.seq ?? 0;
    await expect.poll(newest, { timeout: 25_000 }).toBe(closed.at(-1));
    await checkpointer.stop();
    expect(failures).toEqual([]);
    expect(stateHashOf(recover(path).state)).toBe(wholeHash);
  });

  it('say why when they cannot be made', () => {
    const entry = fileURLToPath(new URL('./checkpoint-child.ts', import.meta.url));
    const args = ['--import', 'tsx', entry, join(dir, 'journal'), '5', 'often'];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect([status, stderr]).toEqual([1, 'compaction is keep, archive or remove, not often\n']);
  });
});
