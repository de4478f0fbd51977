// The append-only journal: one record a line, framed by its length and CRC-32 so that a torn tail is
// told from a corrupted middle. `commit` hands the buffer to the operating system (a killed process
// loses nothing); the disk sync is grouped in the background (a power cut is healed by reconciling).
// It never rewrites a record. Line: `<length, 8 hex> <crc, 8 hex> <JSON>\n`.
import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { crc32 } from 'node:zlib';
import { UserError } from '../base/errors.ts';
import { decode, encode } from '../domain/codec.ts';
import type { JournalRecord } from '../domain/event.ts';

export type Durability = 'os' | 'disk';

/** Format of the frames and of the record text; the first line of every journal names it. */
export const journalFormat = 1;
/** A record longer than this is not one of ours: the file is corrupted. */
export const recordBytesMax = 16 * 1024 * 1024;
/** The group sync runs this long after a commit at the latest (wall). */
const syncEveryMs = 50;
const frameBytes = 18;
const readChunkBytes = 1 << 20;

export interface Journal {
  append(record: JournalRecord): void;
  commit(): void;
  readonly path: string;
  /** Records written by this process. */
  readonly written: number;
  close(): void;
}

export interface JournalTail {
  readonly records: number;
  /** Bytes of a torn last record that were cut off; 0 = the tail was whole. */
  readonly tornBytes: number;
}

/**
 * Reads a journal from its start. A torn last record is reported, not an error. A bad record with
 * others behind it is corruption: UserError with the byte position.
 */
export function readJournal(
  path: string,
  onRecord: (record: JournalRecord) => void,
): JournalTail & { readonly endsAt: number } {
  const fd = openForReading(path);
  try {
    let records = 0;
    let endsAt = 0;
    for (const line of linesOf(fd)) {
      const text = parseFrame(line.bytes);
      if (text === null) {
        if (line.last) return { records, tornBytes: line.bytes.length, endsAt };
        throw new UserError(
          `${path}: the journal is corrupted at byte ${line.at}, with more records behind it. ` +
            'Nothing may be traded on it: restore the file, or start a new --state directory.',
          { exitCode: 1 },
        );
      }
      if (records === 0 && endsAt === 0) checkHeader(path, text);
      else onRecord(decode(text) as JournalRecord); // the codec's own output
      if (endsAt !== 0) records++;
      endsAt = line.at + line.bytes.length;
    }
    return { records, tornBytes: 0, endsAt };
  } finally {
    closeSync(fd);
  }
}

/** Opens for appending after `readJournal` (whose `endsAt` cuts off a torn tail), or makes the file. */
export function openJournal(options: {
  readonly path: string;
  readonly endsAt: number;
  readonly durability: Durability;
  readonly onError: (error: Error) => void;
}): Journal {
  const { path, durability, onError } = options;
  const fd = openSync(path, 'a+', 0o600);
  let pending: Buffer[] = [];
  let written = 0;
  let syncing = false;
  let dirty = false;
  let closed = false;
  let timer: NodeJS.Timeout | null = null;
  ftruncateSync(fd, options.endsAt);

  const flush = (): void => {
    if (pending.length === 0) return;
    const bytes = pending.length === 1 ? (pending[0] as Buffer) : Buffer.concat(pending);
    pending = [];
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    dirty = true;
  };
  const syncSoon = (): void => {
    if (syncing || closed || timer !== null) return;
    timer = setTimeout(() => {
      timer = null;
      if (!dirty || closed) return;
      dirty = false;
      syncing = true;
      fdatasync(fd, (error) => {
        syncing = false;
        if (closed) closeSync(fd);
        else if (error !== null) onError(error);
        else if (dirty) syncSoon();
      });
    }, syncEveryMs);
  };

  if (options.endsAt === 0) {
    pending.push(frame(JSON.stringify({ journal: 'farb', format: journalFormat })));
    flush();
    fdatasyncSync(fd);
  }
  return {
    path,
    get written() {
      return written;
    },
    append(record) {
      pending.push(frame(encode(record)));
      written++;
    },
    commit() {
      flush();
      if (durability === 'disk') fdatasyncSync(fd);
      else syncSoon();
    },
    close() {
      if (closed) return;
      flush();
      fdatasyncSync(fd);
      closed = true;
      if (timer !== null) clearTimeout(timer);
      if (!syncing) closeSync(fd);
    },
  };
}

function frame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(frameBytes + length + 1);
  bytes.write(text, frameBytes);
  bytes[frameBytes + length] = 10;
  const crc = crc32(bytes.subarray(frameBytes, frameBytes + length));
  bytes.write(`${hex8(length)} ${hex8(crc)} `, 0, 'latin1');
  return bytes;
}

/** The record's text, or null when the frame does not hold. */
function parseFrame(line: Buffer): string | null {
  if (line.length <= frameBytes || line[line.length - 1] !== 10) return null;
  const head = line.toString('latin1', 0, frameBytes);
  const match = /^([0-9a-f]{8}) ([0-9a-f]{8}) $/.exec(head);
  if (match === null) return null;
  const body = line.subarray(frameBytes, line.length - 1);
  if (Number.parseInt(match[1] as string, 16) !== body.length) return null;
  if (Number.parseInt(match[2] as string, 16) !== crc32(body)) return null;
  return body.toString('utf8');
}

interface Line {
  readonly bytes: Buffer;
  readonly at: number;
  readonly last: boolean;
}

/** Lines with their newline; the last one may lack it. `last` = nothing follows. */
function* linesOf(fd: number): Generator<Line> {
  let rest = Buffer.alloc(0);
  let restAt = 0;
  let position = 0;
  let held: Line | null = null;
  for (;;) {
    const chunk = Buffer.allocUnsafe(readChunkBytes);
    const size = readSync(fd, chunk, 0, readChunkBytes, position);
    if (size === 0) break;
    position += size;
    rest =
      rest.length === 0 ? chunk.subarray(0, size) : Buffer.concat([rest, chunk.subarray(0, size)]);
    let start = 0;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, start)) {
      if (held !== null) yield held;
      held = { bytes: rest.subarray(start, end + 1), at: restAt + start, last: false };
      start = end + 1;
    }
    rest = rest.subarray(start);
    restAt += start;
    if (rest.length > recordBytesMax) break;
  }
  if (rest.length > 0) {
    if (held !== null) yield held;
    held = { bytes: rest, at: restAt, last: true };
  }
  if (held !== null) yield { ...held, last: true };
}

function checkHeader(path: string, text: string): void {
  const header = JSON.parse(text) as { journal?: unknown; format?: unknown }; // shape is checked
  if (header.journal === 'farb' && header.format === journalFormat) return;
  throw new UserError(
    `${path}: not a journal of this version (format ${journalFormat} is read, it says ${String(header.format)}).`,
    { exitCode: 1 },
  );
}

function openForReading(path: string): number {
  try {
    return openSync(path, 'r');
  } catch {
    throw new UserError(`${path}: cannot be read. Name an existing journal file.`);
  }
}

function hex8(value: number): string {
  return value.toString(16).padStart(8, '0');
}
