// A journal in memory that can lose what a real one can: what was not handed over before a crash,
// what was not synced before a power cut, half of its last record. A full disk still takes what the
// reserve holds. Records are kept as text: what recovers is what was encoded.
import { decode, encode } from '../domain/codec.ts';
import type { JournalRecord } from '../domain/event.ts';

/** The disk did not take the bytes: the process must stop. */
export class JournalFailed extends Error {
  override readonly name = 'JournalFailed';
}

/** Records that the space kept back for closing takes when the disk is full. */
export const reserveRecordsMax = 2_000;

export class MemoryJournal {
  /** Handed to the operating system: survives a kill. */
  readonly texts: string[] = [];
  /** Of those, on the disk: survives a power cut. */
  synced = 0;
  full = false;
  broken = false;
  private readonly decoded: JournalRecord[] = [];
  private buffer: string[] = [];
  private reserve = reserveRecordsMax;

  append(record: JournalRecord): string {
    const text = encode(record);
    this.buffer.push(text);
    return text;
  }

  /** True = the disk is full and the reserve was used. */
  commit(): boolean {
    if (this.broken) throw new JournalFailed('the journal cannot be written (simulated)');
    if (this.full) {
      this.reserve -= this.buffer.length;
      if (this.reserve < 0)
        throw new JournalFailed('the disk is full, the reserve too (simulated)');
    }
    for (const text of this.buffer) this.texts.push(text);
    this.buffer = [];
    return this.full;
  }

  sync(): void {
    this.synced = this.texts.length;
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
    const keep = Math.min(this.texts.length, this.synced + lost.unsyncedKept);
    const next = this.texts[keep] ?? this.buffer[0];
    this.texts.length = keep;
    this.decoded.length = Math.min(this.decoded.length, keep);
    this.synced = keep;
    this.buffer = [];
    if (lost.torn && next !== undefined) this.texts.push(next.slice(0, next.length / 2));
  }

  get unsynced(): number {
    return this.texts.length - this.synced;
  }

  /**
   * Decodes what survived; a torn last record is cut off, as the real reader does. The text of a
   * record never changes, so each is decoded once however often the process boots.
   */
  recover(): readonly JournalRecord[] {
    const { texts, decoded } = this;
    decoded.length = Math.min(decoded.length, texts.length);
    for (let i = decoded.length; i < texts.length; i++) {
      const record = decodeWhole(texts[i] as string);
      if (record === null && i === texts.length - 1) {
        texts.pop();
        this.synced = Math.min(this.synced, texts.length);
        break;
      }
      if (record === null) throw new JournalFailed(`record ${i} is corrupted`);
      decoded.push(record);
    }
    return [...decoded];
  }
}

/** Null = half a record. */
function decodeWhole(text: string): JournalRecord | null {
  try {
    return decode(text) as JournalRecord; // the codec's own output
  } catch {
    return null;
  }
}
