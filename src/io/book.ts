// An order book as two sides, each a ladder of ticks. It holds what it is told and knows nothing of
// sequence numbers; who feeds it must never show it after a gap. Levels become objects only when
// somebody reads them.
import type { DepthFrame } from '../domain/depth-frame.ts';
import type { BookTop } from '../domain/market-table.ts';
import type { Level } from '../domain/venue-event.ts';
import { Ladder } from './ladder.ts';

export class OrderBook implements BookTop {
  /** Our receive time of the last change (wall). */
  wallMs = Number.NaN;
  private readonly topLevels: number;
  private readonly bidSide: Ladder;
  private readonly askSide: Ladder;
  private shownBids: readonly Level[] | null = null;
  private shownAsks: readonly Level[] | null = null;

  /**
   * Keeps the best `levelsMax` of each side and shows the best `topLevels`. `tickSize` is the price
   * grid and only makes it fast; null = not known.
   */
  constructor(levelsMax: number, topLevels = levelsMax, tickSize: number | null = null) {
    this.topLevels = topLevels;
    this.bidSide = new Ladder(1, levelsMax, tickSize);
    this.askSide = new Ladder(-1, levelsMax, tickSize);
  }

  /** Best first. */
  get bids(): readonly Level[] {
    this.shownBids ??= this.bidSide.levels(this.topLevels);
    return this.shownBids;
  }

  get asks(): readonly Level[] {
    this.shownAsks ??= this.askSide.levels(this.topLevels);
    return this.shownAsks;
  }

  replace(bids: readonly Level[], asks: readonly Level[]): void {
    this.bidSide.clear();
    this.askSide.clear();
    this.apply(bids, asks);
  }

  /** Quantity 0 deletes; a price that is not known and deleted is nothing. */
  apply(bids: readonly Level[], asks: readonly Level[]): void {
    for (const [price, qty] of bids) this.bidSide.put(price, qty);
    for (const [price, qty] of asks) this.askSide.put(price, qty);
    this.bidSide.settle();
    this.askSide.settle();
    this.shownBids = null;
    this.shownAsks = null;
  }

  /** The same from a scanned frame, without objects. */
  applyFrame({ bids, asks }: DepthFrame): void {
    this.bidSide.putAll(bids);
    this.askSide.putAll(asks);
    this.shownBids = null;
    this.shownAsks = null;
  }

  /** A bid at or above an ask: the venue or we are wrong. */
  get crossed(): boolean {
    return this.bidSide.best >= this.askSide.best;
  }
}
