// Snapshots of the state, made off the hot path: another process folds what the journal says into a
// state and writes it down, so nothing here is copied, hashed or written while trading. What it
// makes comes from the journal alone, never from the memory of the system that wrote it.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { stateHashOf } from '../engine/summary.ts';
import { type Compaction, compactJournal } from '../store/journal-compact.ts';
import { pruneSnapshots, type SnapshotFile, writeSnapshot } from '../store/snapshot.ts';
import { foldCode } from './fold-code.ts';
import { recover } from './recover.ts';

/** A boot that folded more records than this asks for a snapshot of what it folded. */
export const foldedRecordsMax = 20_000;
const linesKeptMax = 5;

/**
 * Folds the closed segments and writes their state; the file, or null when there already is one.
 */
export function takeSnapshot(
  dir: string,
  { untilSeq, compaction }: { readonly untilSeq: number; readonly compaction: Compaction },
): SnapshotFile | null {
  const { state, tail, snapshotSeq } = recover(dir, { untilSeq });
  const { lastSeq } = tail;
  if (lastSeq === snapshotSeq) return null;
  const snapshot = { seq: lastSeq, stateHash: stateHashOf(state), code: foldCode(), state };
  const file = writeSnapshot(dir, snapshot);
  pruneSnapshots(dir);
  compactJournal(dir, compaction);
  return file;
}

export interface Checkpointer {
  /** The segments up to this record are synced and do not change any more. Returns at once. */
  segmentClosed(lastSeq: number): void;
  /** Ends the process that is at work, if one is: a snapshot is whole or not there. */
  stop(): Promise<void>;
}

export function createCheckpointer(options: {
  readonly path: string;
  readonly compaction: Compaction;
  readonly onFailed: (reason: string) => void;
  /** How this process runs its own files. */
  readonly execArgv?: readonly string[];
}): Checkpointer {
  let child: ChildProcess | null = null;
  let next: number | null = null;
  let ended: Promise<void> = Promise.resolve();
  let stopped = false;
  const execArgv = options.execArgv ?? process.execArgv;
  const start = (untilSeq: number): void => {
    const entry = import.meta.url.endsWith('.ts')
      ? './checkpoint-child.ts'
      : './checkpoint-child.js';
    const args = [fileURLToPath(new URL(entry, import.meta.url)), options.path, String(untilSeq)];
    const started = spawn(process.execPath, [...execArgv, ...args, options.compaction], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child = started;
    const lines: string[] = [];
    started.stderr.setEncoding('utf8').on('data', (text: string) => {
      lines.push(...text.split('\n').filter((line) => line !== ''));
      lines.splice(0, lines.length - linesKeptMax);
    });
    ended = new Promise((resolve) => {
      started.once('error', (error) => lines.push(error.message));
      started.once('close', (code) => {
        child = null;
        resolve();
        if (stopped) return;
        if (code !== 0) options.onFailed(lines.join(' '));
        const again = next;
        next = null;
        if (again !== null) start(again);
      });
    });
  };
  return {
    segmentClosed(lastSeq) {
      if (stopped) return;
      if (child === null && next === null) setImmediate(() => begin(lastSeq));
      else next = lastSeq;
    },
    async stop() {
      stopped = true;
      child?.kill('SIGKILL');
      await ended;
    },
  };

  /** Not in the turn that closed the segment: orders leave first. */
  function begin(lastSeq: number): void {
    if (stopped) return;
    if (child === null) start(lastSeq);
    else next = lastSeq;
  }
}
