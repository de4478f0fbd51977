// The append-only journal of a running system: segments of bounded size in one directory, a record
// a frame. `commit` hands the buffer to the operating system (a killed process loses nothing); the
// disk sync is grouped in the background (a power cut is healed by reconciling), or waited for. It
// never rewrites a record. A write that fails goes to the emergency segment instead, and the system
// is told to close only; when that fails too, `commit` throws.
import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { assert } from '../base/assert.ts';
import { BinaryEncoder } from '../domain/codec-encoder.ts';
import { writeRecord } from '../domain/codec-record.ts';
import type { JournalRecord } from '../domain/event.ts';
import {
  adoptEmergency,
  emergencyBytesDefault,
  emergencyPathOf,
  hasRoomFor,
  preallocate,
  syncDir,
} from './journal-emergency.ts';
import { segmentPath } from './journal-files.ts';
import { frameHeadBytes, headerBytes, sealFrame, segmentHeader } from './journal-frame.ts';
import { prepareDir } from './journal-open.ts';
import type { JournalTail } from './journal-read.ts';

export { type JournalTail, MissingRecords, readJournal } from './journal-read.ts';

export type Durability = 'os' | 'disk';

/** A segment is closed when it has passed this size: about 120,000 records. */
export const segmentBytesDefault = 32 * 1024 * 1024;
/** A buffer of this size is written without waiting for a commit. */
const bufferBytesMax = 1 << 20;
/**
 * The group sync runs this long after a commit at the latest; so does the write of what has none.
 */
const syncEveryMs = 50;
/** Between attempts to leave the emergency segment. */
const healEveryMsDefault = 30_000;

export interface JournalOptions {
  /** The directory of the segments. */
  readonly path: string;
  /** What `readJournal` found there. */
  readonly tail: JournalTail;
  readonly durability: Durability;
  /** A record could not be kept, nowhere: nothing may be sent any more. Commits throw it too. */
  readonly onError: (error: Error) => void;
  /** Writing failed and goes on in the emergency segment: close, do not open. */
  readonly onDown?: (error: Error) => void;
  /** There is room again. */
  readonly onUp?: () => void;
  /** A segment is full, synced and will not change; its last record. */
  readonly onSegmentClosed?: (lastSeq: number) => void;
  readonly segmentBytesMax?: number;
  readonly emergencyBytes?: number;
  readonly healEveryMs?: number;
}

export interface Journal {
  append(record: JournalRecord): void;
  commit(): void;
  readonly path: string;
  /** Records written by this process. */
  readonly written: number;
  /**
   * Why nothing may be opened: there is no room but the emergency segment's; null = all is well.
   */
  readonly downBecause: Error | null;
  close(): void;
}

/** Opens for appending after `readJournal`; begins a new segment. */
export function openJournal(options: JournalOptions): Journal {
  return new SegmentedJournal(options);
}

class SegmentedJournal implements Journal {
  readonly path: string;
  written = 0;
  downBecause: Error | null = null;
  private readonly options: JournalOptions;
  private readonly encoder = new BinaryEncoder(bufferBytesMax + 65_536);
  /** What is in the buffer: a failed write is encoded again for the emergency segment. */
  private readonly pending: JournalRecord[] = [];
  private fd = -1;
  private emergencyFd = -1;
  /** Where the next byte of the open segment goes. */
  private at = 0;
  private rollAt: number;
  private nextSeq: number;
  private emergencyFirstSeq = 0;
  private dirty = false;
  /** In the hands of the background sync; -1 = none. */
  private syncingFd = -1;
  private closed = false;
  private timer: NodeJS.Timeout | null = null;
  private healAtMs = 0;

  constructor(options: JournalOptions) {
    this.options = options;
    this.path = options.path;
    this.nextSeq = options.tail.lastSeq + 1;
    this.rollAt = options.segmentBytesMax ?? segmentBytesDefault;
    const { noRoom, emergencyAt } = prepareDir(options.path, options.tail, this.emergencyBytes);
    if (emergencyAt !== null) this.emergencyFd = openSync(emergencyPathOf(this.path), 'r+');
    this.downBecause = noRoom;
    try {
      if (noRoom !== null && emergencyAt !== null) throw noRoom;
      this.beginSegment();
    } catch (thrown) {
      if (emergencyAt === null) throw thrown;
      this.emergencyFirstSeq = options.tail.end.emergency?.firstSeq ?? this.nextSeq;
      this.enterEmergency(errorOf(thrown), emergencyAt);
    }
  }

  append(record: JournalRecord): void {
    assert(
      record.seq === this.nextSeq,
      `record ${record.seq} appended where ${this.nextSeq} belongs`,
    );
    this.encode(record);
    this.pending.push(record);
    this.nextSeq++;
    this.written++;
    if (this.encoder.at >= bufferBytesMax) this.flush(false);
    else this.soon();
  }

  commit(): void {
    this.flush(this.options.durability === 'disk');
    this.soon();
    if (this.downBecause !== null) this.heal();
    else if (this.at >= this.rollAt) this.roll();
  }

  close(): void {
    if (this.closed) return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.flush(true);
    this.closed = true;
    if (this.emergencyFd >= 0 && this.emergencyFd !== this.fd) this.retire(this.emergencyFd);
    this.retire(this.fd);
  }

  private get emergencyBytes(): number {
    return this.options.emergencyBytes ?? emergencyBytesDefault;
  }

  private encode(record: JournalRecord): void {
    const { encoder } = this;
    const start = encoder.at;
    encoder.skip(frameHeadBytes);
    try {
      writeRecord(encoder, record);
    } catch (thrown) {
      encoder.at = start;
      throw thrown;
    }
    sealFrame(encoder.bytes, start, encoder.at);
  }

  private flush(thenSync: boolean): void {
    const { at } = this;
    let failure: Error | null = null;
    try {
      this.write();
      if (thenSync) this.sync();
    } catch (thrown) {
      failure = errorOf(thrown);
      if (this.fd === this.emergencyFd || this.emergencyFd < 0) throw failure;
      this.divert(failure, at);
    }
    this.encoder.at = 0;
    this.pending.length = 0;
    if (failure !== null) this.options.onDown?.(failure);
  }

  private write(): void {
    const size = this.encoder.at;
    if (size === 0) return;
    if (this.fd === this.emergencyFd && this.at + size > this.emergencyBytes) {
      throw new Error(`the emergency segment of ${this.path} is full`, { cause: this.downBecause });
    }
    for (let done = 0; done < size; ) {
      done += writeSync(this.fd, this.encoder.bytes, done, size - done, this.at + done);
    }
    this.at += size;
    this.dirty = true;
  }

  private sync(): void {
    if (!this.dirty && this.syncingFd < 0) return;
    fdatasyncSync(this.fd);
    this.dirty = false;
  }

  /**
   * The buffer did not get where it belongs, behind byte `at`: what came of it goes, it is kept
   * here.
   */
  private divert(error: Error, at: number): void {
    ftruncateSync(this.fd, at);
    this.retire(this.fd);
    this.encoder.at = 0;
    this.emergencyFirstSeq = this.nextSeq - this.pending.length;
    this.enterEmergency(error, 0);
    for (const record of this.pending) this.encode(record);
    this.write();
    this.sync();
  }

  private enterEmergency(error: Error, at: number): void {
    this.downBecause = error;
    this.fd = this.emergencyFd;
    this.at = at;
    this.healAtMs = performance.now() + (this.options.healEveryMs ?? healEveryMsDefault);
    if (at > 0) return this.newDictionary();
    writeSync(this.fd, segmentHeader(this.emergencyFirstSeq), 0, headerBytes, 0);
    fdatasyncSync(this.fd);
    this.at = headerBytes;
    this.encoder.reset();
  }

  /** An empty frame: the dictionary of the segment so far is not known here any more. */
  private newDictionary(): void {
    this.encoder.reset();
    this.encoder.at = 0;
    this.encoder.skip(frameHeadBytes);
    sealFrame(this.encoder.bytes, 0, frameHeadBytes);
    this.write();
    this.encoder.at = 0;
  }

  /** Tries to begin a normal segment again; when that fails nothing has changed. */
  private heal(): void {
    if (performance.now() < this.healAtMs) return;
    this.healAtMs = performance.now() + (this.options.healEveryMs ?? healEveryMsDefault);
    const { path, emergencyBytes, fd, at } = this;
    const isDiverted = fd === this.emergencyFd;
    try {
      if (!hasRoomFor(path, emergencyBytes)) return;
      const fresh = preallocate(path, emergencyBytes);
      if (isDiverted) {
        this.sync();
        this.beginSegment();
        const firstSeq = this.emergencyFirstSeq;
        adoptEmergency(path, { path: emergencyPathOf(path), firstSeq, wholeBytes: at, frames: 0 });
      }
      renameSync(fresh, emergencyPathOf(path));
      syncDir(path);
      this.emergencyFd = openSync(emergencyPathOf(path), 'r+');
    } catch {
      rmSync(`${emergencyPathOf(path)}.new`, { force: true });
      if (this.fd === fd) return;
      this.retire(this.fd);
      rmSync(segmentPath(path, this.nextSeq), { force: true });
      this.fd = fd;
      this.at = at;
      return this.newDictionary();
    }
    if (isDiverted) this.retire(fd);
    this.downBecause = null;
    this.options.onUp?.();
  }

  private beginSegment(): void {
    const path = segmentPath(this.path, this.nextSeq);
    const fd = openSync(path, 'w', 0o600);
    try {
      writeSync(fd, segmentHeader(this.nextSeq), 0, headerBytes, 0);
      fdatasyncSync(fd);
      syncDir(this.path);
    } catch (thrown) {
      closeSync(fd);
      rmSync(path, { force: true }); // the record of its name may yet come to stand elsewhere
      throw thrown;
    }
    this.fd = fd;
    this.at = headerBytes;
    this.encoder.reset();
  }

  /** The full segment is synced first: a power cut must not leave a later one beside a torn one. */
  private roll(): void {
    const full = this.fd;
    const bytesMax = this.options.segmentBytesMax ?? segmentBytesDefault;
    try {
      fdatasyncSync(full);
      this.beginSegment();
    } catch {
      // No room for a new one: on in this one, and another attempt after as much again.
      this.rollAt = this.at + bytesMax;
      return;
    }
    this.rollAt = bytesMax;
    this.dirty = false;
    this.retire(full);
    this.options.onSegmentClosed?.(this.nextSeq - 1);
  }

  private soon(): void {
    if (this.timer !== null || this.closed) return;
    this.timer = setTimeout(() => this.onTimer(), syncEveryMs);
  }

  private onTimer(): void {
    this.timer = null;
    if (this.closed) return;
    try {
      this.flush(false);
    } catch (thrown) {
      this.options.onError(errorOf(thrown));
      return;
    }
    if (!this.dirty || this.syncingFd >= 0) return;
    this.dirty = false;
    this.syncingFd = this.fd;
    const { fd } = this;
    fdatasync(fd, (error) => this.onSynced(fd, error));
  }

  private onSynced(fd: number, error: Error | null): void {
    this.syncingFd = -1;
    if (this.closed || (fd !== this.fd && fd !== this.emergencyFd)) closeSync(fd);
    if (this.closed) return;
    if (error !== null) this.afterFailedSync(fd, error);
    else if (this.dirty) this.soon();
  }

  /** What was written stays where it is; what follows goes to space that is known to be good. */
  private afterFailedSync(fd: number, error: Error): void {
    if (fd !== this.fd) return;
    if (fd === this.emergencyFd || this.emergencyFd < 0) return this.options.onError(error);
    try {
      this.divert(error, this.at);
    } catch (thrown) {
      return this.options.onError(errorOf(thrown));
    }
    this.encoder.at = 0;
    this.pending.length = 0;
    this.options.onDown?.(error);
  }

  /** Closes a file, once the background sync has let go of it. */
  private retire(fd: number): void {
    if (fd !== this.syncingFd) closeSync(fd);
  }
}

function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
