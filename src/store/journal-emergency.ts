// The emergency segment: space that was written in advance, so that a full disk still lets the
// records of closing orders out. Unused it is all zeros; used, it is a segment like any other, with
// zeros behind.
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { emergencyName, segmentPath } from './journal-files.ts';
import type { JournalEnd } from './journal-read.ts';

/** Room for about 30,000 records: closing everything takes some hundreds. */
export const emergencyBytesDefault = 8 * 1024 * 1024;
const zeros = Buffer.alloc(64 * 1024);

export function emergencyPathOf(dir: string): string {
  return join(dir, emergencyName);
}

/** Writes the zeros beside its place, synced; throws and leaves nothing when there is no room. */
export function preallocate(dir: string, bytes: number): string {
  const temporary = `${emergencyPathOf(dir)}.new`;
  const fd = openSync(temporary, 'w', 0o600);
  try {
    for (let done = 0; done < bytes; ) {
      done += writeSync(fd, zeros, 0, Math.min(zeros.length, bytes - done));
    }
    fsyncSync(fd);
  } catch (thrown) {
    rmSync(temporary, { force: true });
    throw thrown;
  } finally {
    closeSync(fd);
  }
  return temporary;
}

/** Is it worth the attempt? Room for the segment itself and as much again. */
export function hasRoomFor(dir: string, bytes: number): boolean {
  const { bavail, bsize } = statfsSync(dir);
  return bavail * bsize > 2 * bytes;
}

/**
 * A used emergency segment takes its place among the others: the space behind its records is freed.
 */
export function adoptEmergency(dir: string, part: Exclude<JournalEnd['emergency'], null>): void {
  truncateDurably(part.path, part.wholeBytes);
  renameSync(part.path, segmentPath(dir, part.firstSeq));
}

export function truncateDurably(path: string, bytes: number): void {
  const fd = openSync(path, 'r+');
  try {
    ftruncateSync(fd, bytes);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Names of files are durable when their directory is. Where a directory cannot be synced, nothing.
 */
export function syncDir(dir: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
