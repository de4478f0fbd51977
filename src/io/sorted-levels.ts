// Levels of one side of a book in any prices, sorted in typed arrays.

/** Room for this many levels at first; it doubles. How many are kept is the caller's. */
const roomAtFirst = 64;

/**
 * Worst level first and best last, so that what changes most is moved least. Keys are prices times
 * the side's sign, and ascend. The place of the last level is remembered: updates come sorted, and
 * then each is found beside the one before.
 */
export class SortedLevels {
  length = 0;
  private readonly sign: 1 | -1;
  private keys = new Float64Array(roomAtFirst);
  private qtys = new Float64Array(roomAtFirst);
  private at = 0;

  /** Sign 1 = a higher price is better. */
  constructor(sign: 1 | -1) {
    this.sign = sign;
  }

  /** Rank 0 is the best; NaN behind the last one. */
  price(rank: number): number {
    return rank < this.length ? this.sign * (this.keys[this.length - 1 - rank] as number) : NaN;
  }

  qty(rank: number): number {
    return rank < this.length ? (this.qtys[this.length - 1 - rank] as number) : NaN;
  }

  clear(): void {
    this.length = 0;
  }

  /** Quantity 0 deletes. */
  put(price: number, qty: number): void {
    const { keys, length } = this;
    const key = price * this.sign;
    let at = this.at > length ? length : this.at;
    while (at < length && (keys[at] as number) < key) at++;
    while (at > 0 && (keys[at - 1] as number) >= key) at--;
    this.at = at;
    const isKnown = at < length && keys[at] === key;
    if (qty === 0) {
      if (isKnown) this.remove(at);
    } else if (isKnown) {
      this.qtys[at] = qty;
    } else {
      this.insert(at, key, qty);
    }
  }

  dropWorst(): void {
    if (this.length > 0) this.remove(0);
  }

  private remove(at: number): void {
    this.keys.copyWithin(at, at + 1, this.length);
    this.qtys.copyWithin(at, at + 1, this.length);
    this.length--;
  }

  private insert(at: number, key: number, qty: number): void {
    if (this.length === this.keys.length) this.grow();
    this.keys.copyWithin(at + 1, at, this.length);
    this.qtys.copyWithin(at + 1, at, this.length);
    this.keys[at] = key;
    this.qtys[at] = qty;
    this.length++;
  }

  private grow(): void {
    const [keys, qtys] = [this.keys, this.qtys];
    this.keys = new Float64Array(2 * keys.length);
    this.qtys = new Float64Array(2 * keys.length);
    this.keys.set(keys);
    this.qtys.set(qtys);
  }
}
