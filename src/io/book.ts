// An order book as two sorted sides of typed arrays. It holds what it is told and knows nothing of
// sequence numbers; who feeds it must never show it after a gap. Levels become objects only when
// somebody reads them.
import type { DepthFrame, LevelList } from '../domain/depth-frame.ts';
import type { BookTop } from '../domain/market-table.ts';
import type { Level } from '../domain/venue-event.ts';

export class OrderBook implements BookTop {
  /** Our receive time of the last change (wall). */
  wallMs = Number.NaN;
  private readonly topLevels: number;
  private readonly bidSide: Side;
  private readonly askSide: Side;

  /** Keeps the best `levelsMax` of each side and shows the best `topLevels`. */
  constructor(levelsMax: number, topLevels = levelsMax) {
    this.topLevels = topLevels;
    this.bidSide = new Side(1, levelsMax);
    this.askSide = new Side(-1, levelsMax);
  }

  /** Best first. */
  get bids(): readonly Level[] {
    return this.bidSide.top(this.topLevels);
  }

  get asks(): readonly Level[] {
    return this.askSide.top(this.topLevels);
  }

  replace(bids: readonly Level[], asks: readonly Level[]): void {
    this.bidSide.clear();
    this.askSide.clear();
    this.apply(bids, asks);
  }

  /** Quantity 0 deletes; a price that is not known and deleted is nothing. */
  apply(bids: readonly Level[], asks: readonly Level[]): void {
    this.bidSide.rewind();
    for (const [price, qty] of bids) this.bidSide.put(price, qty);
    this.askSide.rewind();
    for (const [price, qty] of asks) this.askSide.put(price, qty);
  }

  /** The same from a scanned frame, without objects. */
  applyFrame({ bids, asks }: DepthFrame): void {
    this.bidSide.putAll(bids);
    this.askSide.putAll(asks);
  }

  /** A bid at or above an ask: the venue or we are wrong. */
  get crossed(): boolean {
    return this.bidSide.best >= this.askSide.best;
  }
}

/** Where sides are merged: one after the other, so one serves all. */
const scratch = { keys: new Float64Array(0), qtys: new Float64Array(0) };

/** Room for this many levels at first; it doubles up to the limit. */
const roomAtFirst = 64;

/**
 * One side, worst level first and best last, so that what changes most is moved least. Keys are
 * prices times the side's sign, and ascend. The place of the last level is remembered: updates come
 * sorted, and then each is found beside the one before.
 */
class Side {
  length = 0;
  private readonly sign: 1 | -1;
  private readonly levelsMax: number;
  private keys = new Float64Array(roomAtFirst);
  private qtys = new Float64Array(roomAtFirst);
  private at = 0;
  private shown: readonly Level[] | null = null;

  constructor(sign: 1 | -1, levelsMax: number) {
    this.sign = sign;
    this.levelsMax = levelsMax;
  }

  /** The best price; of an empty side one that crosses nothing. */
  get best(): number {
    if (this.length === 0) return Number.NaN;
    return (this.keys[this.length - 1] as number) * this.sign;
  }

  clear(): void {
    this.length = 0;
    this.shown = null;
  }

  rewind(): void {
    this.at = this.length;
  }

  putAll(list: LevelList): void {
    const { values, count } = list;
    if (this.length + count <= this.levelsMax && this.isBestFirst(list)) {
      this.merge(list);
      return;
    }
    this.rewind();
    for (let i = 0; i < count; i++) {
      this.put(values[2 * i] as number, values[2 * i + 1] as number);
    }
  }

  private isBestFirst({ values, count }: LevelList): boolean {
    const { sign } = this;
    for (let i = 2; i < 2 * count; i += 2) {
      if (!((values[i] as number) * sign < (values[i - 2] as number) * sign)) return false;
    }
    return true;
  }

  /**
   * The same in one pass from the best level down: what was and what comes are taken in turn into
   * a scratch, as deep as the update goes, and put back. Every level is moved once.
   */
  private merge({ values, count }: LevelList): void {
    const most = this.length + count;
    while (most > this.keys.length) this.grow();
    if (most > scratch.keys.length) {
      scratch.keys = new Float64Array(2 * most);
      scratch.qtys = new Float64Array(2 * most);
    }
    const { keys: mergedKeys, qtys: mergedQtys } = scratch;
    const { keys, qtys, sign } = this;
    this.shown = null;
    let at = this.length - 1;
    let merged = 0;
    for (let i = 0; i < 2 * count; i += 2) {
      const key = (values[i] as number) * sign;
      const qty = values[i + 1] as number;
      let known = at >= 0 ? (keys[at] as number) : Number.NEGATIVE_INFINITY;
      while (known > key) {
        mergedKeys[merged] = known;
        mergedQtys[merged++] = qtys[at] as number;
        at--;
        known = at >= 0 ? (keys[at] as number) : Number.NEGATIVE_INFINITY;
      }
      if (known === key) at--;
      if (qty === 0) continue;
      mergedKeys[merged] = key;
      mergedQtys[merged++] = qty;
    }
    this.length = at + 1 + merged;
    for (let i = merged - 1; i >= 0; i--) {
      at++;
      keys[at] = mergedKeys[i] as number;
      qtys[at] = mergedQtys[i] as number;
    }
  }

  put(price: number, qty: number): void {
    const { keys, length } = this;
    const key = price * this.sign;
    let at = this.at > length ? length : this.at;
    while (at < length && (keys[at] as number) < key) at++;
    while (at > 0 && (keys[at - 1] as number) >= key) at--;
    this.at = at;
    this.shown = null;
    const isKnown = at < length && keys[at] === key;
    if (qty === 0) {
      if (isKnown) this.remove(at);
    } else if (isKnown) {
      this.qtys[at] = qty;
    } else {
      this.insert(at, key, qty);
    }
  }

  top(levels: number): readonly Level[] {
    if (this.shown !== null) return this.shown;
    const count = Math.min(levels, this.length);
    this.shown = Array.from({ length: count }, (_, i): Level => {
      const at = this.length - 1 - i;
      return [(this.keys[at] as number) * this.sign, this.qtys[at] as number];
    });
    return this.shown;
  }

  private remove(at: number): void {
    const { keys, qtys } = this;
    const last = --this.length;
    for (let i = at; i < last; i++) {
      keys[i] = keys[i + 1] as number;
      qtys[i] = qtys[i + 1] as number;
    }
  }

  private insert(at: number, key: number, qty: number): void {
    if (this.length === this.levelsMax) {
      // Full: the worst level goes, or the new one where that is the worst.
      if (at === 0) return;
      this.keys.copyWithin(0, 1, at);
      this.qtys.copyWithin(0, 1, at);
      this.keys[at - 1] = key;
      this.qtys[at - 1] = qty;
      this.at = at - 1;
      return;
    }
    if (this.length === this.keys.length) this.grow();
    const { keys, qtys } = this;
    for (let i = this.length; i > at; i--) {
      keys[i] = keys[i - 1] as number;
      qtys[i] = qtys[i - 1] as number;
    }
    keys[at] = key;
    qtys[at] = qty;
    this.length++;
  }

  private grow(): void {
    const room = Math.min(this.levelsMax, 2 * this.keys.length);
    const [keys, qtys] = [new Float64Array(room), new Float64Array(room)];
    keys.set(this.keys);
    qtys.set(this.qtys);
    this.keys = keys;
    this.qtys = qtys;
  }
}
