// From what a reader found to a directory that can be written: takes over a journal of format 1,
// cuts a torn tail off, gives a used emergency segment its name and makes a new one. Every step can
// be cut short by a crash and is done again by the next opening.
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import {
  adoptEmergency,
  emergencyPathOf,
  preallocate,
  syncDir,
  truncateDurably,
} from './journal-emergency.ts';
import { format1PathOf, segmentPath } from './journal-files.ts';
import { format1Pointer } from './journal-format1.ts';
import { journalFormat } from './journal-frame.ts';
import type { JournalTail } from './journal-read.ts';

export interface Prepared {
  /** Null = there is room: a new segment may begin. Else why not. */
  readonly noRoom: Error | null;
  /** Where to go on in the emergency segment; null = there is none. */
  readonly emergencyAt: number | null;
}

export function prepareDir(dir: string, tail: JournalTail, emergencyBytes: number): Prepared {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const { torn, emergency, format1 } = tail.end;
  if (torn !== null && torn.path !== emergency?.path) mend(torn.path, torn.wholeBytes);
  if (format1 !== null) renameSync(format1, segmentPath(dir, 1));
  pointTo(format1PathOf(dir));
  const place = emergencyPathOf(dir);
  const isUnused = existsSync(place) && emergency === null;
  try {
    if (!isUnused) {
      const fresh = preallocate(dir, emergencyBytes);
      if (emergency !== null) adoptEmergency(dir, emergency);
      renameSync(fresh, place);
    }
    syncDir(dir);
    return { noRoom: null, emergencyAt: 0 };
  } catch (thrown) {
    const noRoom = thrown instanceof Error ? thrown : new Error(String(thrown));
    if (emergency !== null) return { noRoom, emergencyAt: emergency.wholeBytes };
    return { noRoom, emergencyAt: existsSync(place) ? 0 : null };
  }
}

/** A segment without a whole header holds nothing: the next one has its name and overwrites it. */
function mend(path: string, wholeBytes: number): void {
  if (wholeBytes > 0) truncateDurably(path, wholeBytes);
}

/** An older farb finds this instead of its journal, and refuses rather than starting anew. */
function pointTo(path: string): void {
  if (existsSync(path)) return;
  try {
    writeFileSync(path, format1Pointer(journalFormat), { mode: 0o600 });
  } catch {
    // A full disk: the next opening writes it.
  }
}
