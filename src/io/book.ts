// An order book as two sorted lists of levels, best first. It holds what it is told and knows
// nothing of sequence numbers; who feeds it must never show it after a gap.
import type { Level } from '../domain/venue-event.ts';

export class OrderBook {
  private readonly levelsMax: number;
  private bids: Level[] = [];
  private asks: Level[] = [];

  constructor(levelsMax: number) {
    this.levelsMax = levelsMax;
  }

  replace(bids: readonly Level[], asks: readonly Level[]): void {
    this.bids = [];
    this.asks = [];
    this.apply(bids, asks);
  }

  /** Quantity 0 deletes; a price that is not known and deleted is nothing. */
  apply(bids: readonly Level[], asks: readonly Level[]): void {
    for (const level of bids) put(this.bids, level, -1);
    for (const level of asks) put(this.asks, level, 1);
    if (this.bids.length > this.levelsMax) this.bids.length = this.levelsMax;
    if (this.asks.length > this.levelsMax) this.asks.length = this.levelsMax;
  }

  /** A bid at or above an ask: the venue or we are wrong. */
  get crossed(): boolean {
    const [bid] = this.bids;
    const [ask] = this.asks;
    return bid !== undefined && ask !== undefined && bid[0] >= ask[0];
  }

  top(levels: number): { readonly bids: readonly Level[]; readonly asks: readonly Level[] } {
    return { bids: this.bids.slice(0, levels), asks: this.asks.slice(0, levels) };
  }
}

/** `direction` +1: ascending prices (asks), -1: descending (bids). */
function put(levels: Level[], level: Level, direction: 1 | -1): void {
  const price = level[0] * direction;
  let low = 0;
  let high = levels.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((levels[middle] as Level)[0] * direction < price) low = middle + 1;
    else high = middle;
  }
  const found = low < levels.length && (levels[low] as Level)[0] === level[0];
  if (level[1] === 0) {
    if (found) levels.splice(low, 1);
  } else if (found) {
    levels[low] = level;
  } else {
    levels.splice(low, 0, level);
  }
}
