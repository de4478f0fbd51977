// Reads a journal from its first record, or from any later one: verifies every frame that it
// passes, the order of the segments and of the records in them. It changes nothing: what has to be
// mended at the end is told to whoever opens the journal for writing.
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { messageOf, UserError } from '../base/errors.ts';
import { BinaryDictionary } from '../domain/codec-decoder.ts';
import { readFacts, readRecord } from '../domain/codec-record.ts';
import type { JournalRecord } from '../domain/event.ts';
import {
  type JournalFiles,
  journalFiles,
  resolveJournal,
  type SegmentFile,
} from './journal-files.ts';
import { format1Says, isFormat1, readFormat1 } from './journal-format1.ts';
import {
  corrupted,
  type FramesEnd,
  headerBytes,
  journalFormat,
  parseHeader,
  scanFrames,
  segmentHeader,
} from './journal-frame.ts';

export interface ReadOptions {
  /** Records up to this one are not wanted: segments that end before are not even opened. */
  readonly afterSeq?: number;
  /** Segments that begin after this record are not read: another process writes them. */
  readonly untilSeq?: number;
  /**
   * For a fold: quotes inside the records are decoded only when they are read, which must be before
   * the next segment; then their bytes are gone, and reading them is an assertion.
   */
  readonly factsOnly?: boolean;
  /** A path where nothing is yet is an empty journal, not an error. */
  readonly mayBeNew?: boolean;
}

export interface JournalTail {
  /** Records handed out. */
  readonly records: number;
  /** Bytes of a torn last record that the next opening cuts off; 0 = the tail was whole. */
  readonly tornBytes: number;
  /** Sequence number of the last whole record; 0 = there is none. */
  readonly lastSeq: number;
  readonly end: JournalEnd;
}

/** What the next opening for writing has to mend or take over. */
export interface JournalEnd {
  readonly torn: WholePart | null;
  /** The emergency segment, when it holds records. */
  readonly emergency: (WholePart & { readonly firstSeq: number }) | null;
  readonly format1: string | null;
}

export interface WholePart {
  readonly path: string;
  readonly wholeBytes: number;
  readonly frames: number;
}

/**
 * Reads the journal at a path (see `resolveJournal`). A torn last record is reported, not an error.
 * Damage before it, or missing records, are a UserError with file and byte.
 */
export function readJournal(
  path: string,
  onRecord: (record: JournalRecord) => void,
  options: ReadOptions = {},
): JournalTail {
  const resolved = resolveJournal(path, options.mayBeNew === true);
  const files = filesAt(resolved);
  const afterSeq = options.afterSeq ?? 0;
  const untilSeq = options.untilSeq ?? Number.POSITIVE_INFINITY;
  const segments = inOrder(files).filter(({ firstSeq }) => firstSeq <= untilSeq);
  const first = startOf(segments, afterSeq);
  let next = afterSeq + 1;
  const start = segments[first];
  if (start !== undefined && (start.firstSeq < next || start.path === resolved)) {
    next = start.firstSeq;
  }
  let records = 0;
  let ended: FramesEnd = { frames: 0, wholeBytes: 0, tornBytes: 0 };
  let emergency: JournalEnd['emergency'] = null;
  let last: OrderedSegment | null = null;
  const room: Room = { bytes: Buffer.alloc(0) };
  for (const segment of segments.slice(first)) {
    if (last !== null && ended.tornBytes > 0) {
      throw corrupted(last.path, ended.wholeBytes, 'a torn record, with later segments behind it');
    }
    if (segment.firstSeq < next) throw corrupted(segment.path, 0, 'its records come a second time');
    if (segment.firstSeq > next) throw missing(segment.path, next, segment.firstSeq - 1);
    last = segment;
    ended = readSegment(segment, { ...options, room }, (record, at) => {
      if (record.seq !== next) throw corrupted(segment.path, at, wrongSeq(record.seq, next));
      next++;
      if (record.seq <= afterSeq) return;
      records++;
      onRecord(record);
    });
    if (segment.path === files.emergency?.path) {
      emergency = { ...segment, wholeBytes: ended.wholeBytes, frames: ended.frames };
    }
  }
  const torn = last !== null && (ended.tornBytes > 0 || ended.wholeBytes < last.bytes);
  return {
    records,
    tornBytes: ended.tornBytes,
    lastSeq: next - 1,
    end: {
      torn: torn && last !== null ? { ...last, ...ended } : null,
      emergency,
      format1: files.format1?.path ?? null,
    },
  };
}

function filesAt(resolved: string): JournalFiles {
  const files = journalFiles(resolved);
  if (files.format1 === null || !isPointer(files.format1.path)) return files;
  return { ...files, format1: null };
}

type OrderedSegment = SegmentFile & { readonly firstSeq: number };

/**
 * All segments with records, by their first one; the emergency segment is one of them if it is
 * used.
 */
function inOrder(files: JournalFiles): readonly OrderedSegment[] {
  const { segments, emergency, format1 } = files;
  const ordered: OrderedSegment[] = [];
  if (format1 !== null) ordered.push({ ...format1, firstSeq: 1 });
  for (const segment of segments) {
    ordered.push({ ...segment, firstSeq: segment.firstSeq ?? firstSeqIn(segment) });
  }
  const used = emergency === null ? null : usedEmergency(emergency);
  if (used === null) return ordered;
  const at = ordered.findIndex(({ firstSeq }) => firstSeq > used.firstSeq);
  ordered.splice(at < 0 ? ordered.length : at, 0, used);
  return ordered;
}

/** A single file that somebody names: its header says where it begins. */
function firstSeqIn({ path }: SegmentFile): number {
  return parseHeader(readFileSync(path))?.firstSeq ?? 1;
}

function usedEmergency(segment: SegmentFile): OrderedSegment | null {
  const head = readFileSync(segment.path).subarray(0, headerBytes);
  if (head.every((byte) => byte === 0)) return null;
  const header = parseHeader(head);
  if (header !== null) return { ...segment, firstSeq: header.firstSeq };
  // Its header is written and synced before its first record: torn means that no record followed.
  if (isTornHeader(head)) return null;
  throw corrupted(
    segment.path,
    0,
    'the header of the emergency segment does not match its checksum',
  );
}

function isTornHeader(head: Buffer): boolean {
  const written = head.toString('latin1').replace(/\0+$/, '');
  const wanted = segmentHeader(0).toString('latin1').slice(0, 12);
  return head.at(-1) === 0 && (written.startsWith(wanted) || wanted.startsWith(written));
}

/** The segment that holds the record after `afterSeq`, or would: the last that begins by then. */
function startOf(segments: readonly OrderedSegment[], afterSeq: number): number {
  let start = 0;
  for (const [i, { firstSeq }] of segments.entries()) if (firstSeq <= afterSeq + 1) start = i;
  return start;
}

/** Segments are read into the same memory one after the other: new one costs as much as reading. */
interface Room {
  bytes: Buffer;
}

function readSegment(
  segment: OrderedSegment,
  options: ReadOptions & { readonly room: Room },
  onRecord: (record: JournalRecord, at: number) => void,
): FramesEnd {
  const { path, firstSeq } = segment;
  const factsOnly = options.factsOnly === true;
  const bytes = factsOnly ? readInto(options.room, path) : readBytes(path);
  const header = parseHeader(bytes);
  if (header === null) {
    const wanted = segmentHeader(firstSeq);
    const isTorn = bytes.length < headerBytes && wanted.indexOf(bytes) === 0;
    if (isTorn || bytes.every((byte) => byte === 0)) {
      return { frames: 0, wholeBytes: 0, tornBytes: bytes.length };
    }
    if (bytes.toString('latin1', 0, 12) === wanted.toString('latin1', 0, 12)) {
      throw corrupted(path, 0, 'the header does not match its checksum');
    }
    return readFormat1({ path, bytes }, (record) => onRecord(record, 0));
  }
  if (header.format !== journalFormat) {
    throw new UserError(
      `${path}: written in format ${header.format} by a newer farb; ` +
        `this one reads 1 to ${journalFormat}.`,
      { exitCode: 1 },
    );
  }
  if (header.firstSeq !== firstSeq) {
    throw corrupted(path, 0, `the header says record ${header.firstSeq}, the name ${firstSeq}`);
  }
  let dictionary = new BinaryDictionary();
  const read = factsOnly ? readFacts : readRecord;
  const ended = scanFrames({ path, bytes }, (from, to) => {
    if (from === to) {
      dictionary.close();
      dictionary = new BinaryDictionary();
      return;
    }
    let record: JournalRecord;
    try {
      record = read({ bytes, from, to }, dictionary);
    } catch (thrown) {
      throw corrupted(path, from, `a record cannot be decoded (${messageOf(thrown)})`);
    }
    onRecord(record, from);
  });
  dictionary.close();
  return ended;
}

function readInto(room: Room, path: string): Buffer {
  try {
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      if (room.bytes.length < size) room.bytes = Buffer.allocUnsafeSlow(size);
      let at = 0;
      while (at < size) {
        const read = readSync(file, room.bytes, at, size - at, at);
        if (read === 0) break;
        at += read;
      }
      return room.bytes.subarray(0, at);
    } finally {
      closeSync(file);
    }
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}

function unreadable(path: string, thrown: unknown): UserError {
  return new UserError(`${path}: cannot be read (${messageOf(thrown)}).`);
}

/** Is it only the line that an older farb finds instead of its journal? */
function isPointer(path: string): boolean {
  const bytes = readBytes(path);
  return isFormat1(bytes) && format1Says(bytes) !== 1;
}

/** Segments that should be there are not. */
export class MissingRecords extends UserError {}

function missing(path: string, from: number, to: number): MissingRecords {
  const records = from === to ? `record ${from} is` : `records ${from} to ${to} are`;
  return new MissingRecords(
    `${path}: the journal is not complete: ${records} missing before it. ` +
      'Nothing may be traded on it: restore the segments that were removed.',
    { exitCode: 1 },
  );
}

function wrongSeq(seq: number, expected: number): string {
  return `record ${seq} stands where ${expected} belongs`;
}
