// The `books` channel of one instrument: what subscribers have been told, as text, and the delta to
// the book of now. Sequence ids chain: every update names the id before it.
import type { SimBook } from '../../sim/api.ts';
import type { Listed } from './listing.ts';
import { type WireLevel, wireLevels } from './market-rows.ts';

/** How far ids move per update; the venue's are not consecutive either. */
const seqStep = 3;
const firstSeq = 1_000_000;
/** Where a maintenance sets the ids back to. */
const resetSeq = 100;
/** An idle book repeats its id after this much wall time. */
const idleMsMax = 60_000;

type Side = ReadonlyMap<string, string>;

export class BookFeed {
  private readonly listed: Listed;
  private bids: Side = new Map();
  private asks: Side = new Map();
  private seq = firstSeq;
  private updateId = -1;
  private tsMs = 0;
  private toldWallMs: number;

  constructor(listed: Listed, book: SimBook, wallMs: number) {
    this.listed = listed;
    this.toldWallMs = wallMs;
    this.keep(book);
  }

  /** The whole book as it was last told, so that the next update follows on it. */
  snapshot(): string {
    const data = {
      asks: levelsOf(this.asks),
      bids: levelsOf(this.bids),
      ts: String(this.tsMs),
      checksum: 0,
      prevSeqId: -1,
      seqId: this.seq,
    };
    return `${this.head('snapshot')}${JSON.stringify(data)}]}`;
  }

  /** The change since the last call, or null when there is none to tell. */
  update(
    book: SimBook,
    now: { readonly wallMs: number; readonly lost: boolean; readonly reset: boolean },
  ): string | null {
    if (book.updateId === this.updateId && !now.reset) return this.idle(now.wallMs);
    const { bids, asks } = this;
    this.keep(book);
    const changedBids = changes(bids, this.bids);
    const changedAsks = changes(asks, this.asks);
    if (changedBids.length === 0 && changedAsks.length === 0 && !now.reset) {
      return this.idle(now.wallMs);
    }
    const previous = this.seq;
    this.seq = now.reset ? resetSeq : previous + seqStep;
    this.toldWallMs = now.wallMs;
    return now.lost ? null : this.frame(changedAsks, changedBids, previous);
  }

  private idle(wallMs: number): string | null {
    if (wallMs - this.toldWallMs < idleMsMax) return null;
    this.toldWallMs = wallMs;
    return this.frame([], [], this.seq);
  }

  private frame(asks: readonly WireLevel[], bids: readonly WireLevel[], prevSeqId: number): string {
    const ts = String(this.tsMs);
    const data = { asks, bids, ts, checksum: 0, prevSeqId, seqId: this.seq };
    return `${this.head('update')}${JSON.stringify(data)}]}`;
  }

  private head(action: string): string {
    const { instId } = this.listed;
    return `{"arg":{"channel":"books","instId":"${instId}"},"action":"${action}","data":[`;
  }

  private keep(book: SimBook): void {
    this.bids = sideOf(wireLevels(book.bids, this.listed));
    this.asks = sideOf(wireLevels(book.asks, this.listed));
    this.updateId = book.updateId;
    this.tsMs = book.tsMs;
  }
}

function sideOf(levels: readonly WireLevel[]): Side {
  return new Map(levels.map(([price, size]) => [price, size]));
}

function levelsOf(side: Side): readonly WireLevel[] {
  return [...side].map(([price, size]) => [price, size, '0', '1']);
}

/** Levels that are new or differ, then those that are gone with size 0. */
function changes(before: Side, after: Side): readonly WireLevel[] {
  const changed: WireLevel[] = [];
  for (const [price, size] of after) {
    if (before.get(price) !== size) changed.push([price, size, '0', '1']);
  }
  for (const price of before.keys()) if (!after.has(price)) changed.push([price, '0', '0', '0']);
  return changed;
}
