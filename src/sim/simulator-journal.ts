// A journal in memory that can lose what a real one can: what was not handed over before a crash,
// what was not synced before a power cut, half of its last record. A full disk still takes what the
// reserve holds. A record is encoded when its bytes matter: what a boot recovers was always bytes
// of the real codec, and what no crash ever needed is encoded for readers alone.
import { assert } from '../base/assert.ts';
import { encode } from '../domain/codec.ts';
import { BinaryDictionary } from '../domain/codec-decoder.ts';
import { BinaryEncoder } from '../domain/codec-encoder.ts';
import { readFacts, readRecord, writeRecord } from '../domain/codec-record.ts';
import type { JournalRecord } from '../domain/event.ts';

/** The disk did not take the bytes: the process must stop. */
export class JournalFailed extends Error {
  override readonly name = 'JournalFailed';
}

/** Records that the space kept back for closing takes when the disk is full. */
export const reserveRecordsMax = 2_000;

/** The bytes of one record, as many of them as there are. */
interface Piece {
  /** Pieces between two crashes share a dictionary, as those of a segment do. */
  readonly segment: number;
  /** What its frame says; fewer bytes are there of a torn one. */
  readonly length: number;
  bytes: Uint8Array;
}

export class MemoryJournal {
  /** Encoded so far: everything before the last crash, and what a reader asked for. */
  readonly pieces: Piece[] = [];
  /** Of those handed over, on the disk: survive a power cut. */
  synced = 0;
  full = false;
  broken = false;
  /** Handed to the operating system: survives a kill. The first ones stand in `pieces` too. */
  private readonly records: JournalRecord[] = [];
  /** Records that a boot has read from bytes: these are never read twice. */
  private decoded = 0;
  private buffer: JournalRecord[] = [];
  private reserve = reserveRecordsMax;
  private segment = 0;
  private readonly encoder = new BinaryEncoder(4_096);

  /** The record must never change from here on. */
  append(record: JournalRecord): void {
    this.buffer.push(record);
  }

  /** True = the disk is full and the reserve was used. */
  commit(): boolean {
    if (this.broken) throw new JournalFailed('the journal cannot be written (simulated)');
    if (this.full) {
      this.reserve -= this.buffer.length;
      if (this.reserve < 0)
        throw new JournalFailed('the disk is full, the reserve too (simulated)');
    }
    for (const record of this.buffer) this.records.push(record);
    this.buffer.length = 0;
    return this.full;
  }

  sync(): void {
    this.synced = this.records.length;
  }

  /** Space is back: the reserve is made anew. */
  heal(): void {
    this.full = false;
    this.broken = false;
    this.reserve = reserveRecordsMax;
  }

  /**
   * The process died. `unsyncedKept`: how many of the records that were not synced survive (all of
   * them after a kill). `torn`: the first half of the next one is there as well.
   */
  crash(lost: { readonly unsyncedKept: number; readonly torn: boolean }): void {
    const keep = Math.min(this.records.length, this.synced + lost.unsyncedKept);
    const next = this.records[keep] ?? this.buffer[0];
    this.records.length = keep;
    this.pieces.length = Math.min(this.pieces.length, keep);
    this.synced = keep;
    this.buffer.length = 0;
    this.encodeAll();
    if (lost.torn && next !== undefined) this.pieces.push(half(this.pieceOf(next)));
    this.newSegment();
  }

  /** Records that were handed over and not lost. */
  get size(): number {
    return this.records.length;
  }

  get unsynced(): number {
    return this.records.length - this.synced;
  }

  /**
   * Decodes what survived, for a fold; a torn last record is cut off, as the real reader does.
   */
  recover(): readonly JournalRecord[] {
    const { pieces, records } = this;
    const last = pieces.at(-1);
    if (last !== undefined && isTorn(last)) pieces.pop();
    this.encodeAll();
    const fresh = this.read(readFacts, this.decoded);
    records.length = this.decoded;
    for (const record of fresh) records.push(record);
    this.decoded = records.length;
    this.synced = Math.min(this.synced, records.length);
    return [...records];
  }

  /** Every record as a boot folds it, from its bytes. */
  facts(): readonly JournalRecord[] {
    this.encodeAll();
    return this.read(readFacts, 0);
  }

  /** Every record as text, one a line: the same seed gives the same. */
  texts(): readonly string[] {
    this.encodeAll();
    return this.read(readRecord, 0).map(encode);
  }

  /** From one piece on; the ones before it in its segment define names that it uses. */
  private read(read: typeof readRecord, from: number): readonly JournalRecord[] {
    const { pieces } = this;
    let first = from;
    while (first > 0 && pieces[first - 1]?.segment === pieces[from]?.segment) first--;
    const records: JournalRecord[] = [];
    let dictionary = new BinaryDictionary();
    for (let i = first; i < pieces.length; i++) {
      const piece = pieces[i] as Piece;
      if (piece.segment !== pieces[i - 1]?.segment) dictionary = new BinaryDictionary();
      if (isTorn(piece) && i === this.records.length) break; // the last one: never handed over
      if (isTorn(piece)) throw new JournalFailed(`record ${i} is corrupted`);
      const record = read({ bytes: piece.bytes, from: 0, to: piece.length }, dictionary);
      if (i >= from) records.push(record);
    }
    return records;
  }

  private encodeAll(): void {
    const { records, pieces } = this;
    assert(pieces.length <= records.length + 1, 'what is encoded survives: it was synced');
    for (let i = pieces.length; i < records.length; i++) {
      pieces.push(this.pieceOf(records[i] as JournalRecord));
    }
  }

  private pieceOf(record: JournalRecord): Piece {
    const { encoder, segment } = this;
    encoder.at = 0;
    writeRecord(encoder, record);
    const bytes = encoder.bytes.slice(0, encoder.at);
    return { segment, length: bytes.length, bytes };
  }

  private newSegment(): void {
    this.segment++;
    this.encoder.reset();
  }
}

function half(piece: Piece): Piece {
  return { ...piece, bytes: piece.bytes.slice(0, piece.length / 2) };
}

function isTorn({ bytes, length }: Piece): boolean {
  return bytes.length < length;
}
