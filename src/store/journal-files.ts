// Where the pieces of a journal are: the directory of segments named by their first record, the
// segments that were archived, the preallocated emergency segment, and the single file of format 1.
// Looks and names; changes nothing.
import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { messageOf, UserError } from '../base/errors.ts';
import { seqText } from './journal-frame.ts';

export interface SegmentFile {
  readonly path: string;
  /** From the name; null = the emergency segment or a file of format 1: their content says it. */
  readonly firstSeq: number | null;
  readonly bytes: number;
}

export interface JournalFiles {
  /** Named segments, archived ones included, in their order. */
  readonly segments: readonly SegmentFile[];
  readonly emergency: SegmentFile | null;
  /** A journal of format 1 that has not become the first segment yet. */
  readonly format1: SegmentFile | null;
}

const segmentName = /^(\d{16})\.farb$/;
export const emergencyName = 'emergency.farb';
export const format1Name = 'journal.farb';
const archiveName = 'archive';
const dirName = 'journal';

export function segmentPath(dir: string, firstSeq: number): string {
  return join(dir, `${seqText(firstSeq)}.farb`);
}
export function archiveDirOf(dir: string): string {
  return join(dir, archiveName);
}
/** The file that a journal was before it became a directory of segments: its neighbour. */
export function format1PathOf(dir: string): string {
  return join(dirname(dir), format1Name);
}

/**
 * The journal that a path means: its directory, a state directory, the old name of the file in it,
 * or one segment. UserError when nothing is there and it may not be new.
 */
export function resolveJournal(path: string, mayBeNew: boolean): string {
  if (isDirectory(path)) return isDirectory(join(path, dirName)) ? join(path, dirName) : path;
  const beside = join(dirname(path), dirName);
  if (basename(path) === format1Name && isDirectory(beside)) return beside;
  if (!existsSync(path) && !mayBeNew) {
    throw new UserError(`${path}: cannot be read. Name an existing journal.`);
  }
  return path;
}

/** What there is at a resolved path; a directory that does not exist yet is an empty journal. */
export function journalFiles(path: string): JournalFiles {
  if (existsSync(path) && !isDirectory(path)) {
    return { segments: [segmentAt(path)], emergency: null, format1: null };
  }
  const archived = segmentsIn(archiveDirOf(path));
  const current = segmentsIn(path);
  const segments = [...archived, ...current].sort(byFirstSeq);
  const emergency = join(path, emergencyName);
  const format1 = format1PathOf(path);
  return {
    segments,
    emergency: existsSync(emergency) ? segmentAt(emergency) : null,
    format1: segments.length === 0 && existsSync(format1) ? segmentAt(format1) : null,
  };
}

function segmentsIn(dir: string): readonly SegmentFile[] {
  return entriesOf(dir)
    .filter((entry) => entry.isFile() && segmentName.test(entry.name))
    .map((entry) => segmentAt(join(dir, entry.name)));
}

function entriesOf(dir: string): readonly Dirent[] {
  try {
    return readdirSync(dir, { withFileTypes: true });
  } catch (thrown) {
    if (!existsSync(dir)) return [];
    throw new UserError(`${dir}: cannot be read (${messageOf(thrown)}).`);
  }
}

function segmentAt(path: string): SegmentFile {
  const match = segmentName.exec(basename(path));
  const firstSeq = match === null ? null : Number(match[1]);
  return { path, firstSeq, bytes: statSync(path).size };
}

function byFirstSeq(a: SegmentFile, b: SegmentFile): number {
  return (a.firstSeq ?? 0) - (b.firstSeq ?? 0);
}

function isDirectory(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}
