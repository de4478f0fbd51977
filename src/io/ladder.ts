// Levels of one side of a book as a ladder: one slot of quantity per tick, so that a level is
// written where it belongs without a search and nothing has to move. A price that is no tick, or
// lies outside of the ladder, is kept sorted beside it: the two together hold every level once.
import type { LevelList } from '../domain/depth-frame.ts';
import type { Level } from '../domain/venue-event.ts';
import { SortedLevels } from './sorted-levels.ts';

/** Ticks of a ladder at first; it doubles when many levels lie behind its worse end. */
const ticksAtFirst = 256;
const ticksMax = 4_096;
/** So many levels beside the ladder, as a part of its ticks, make it grow. */
const besideShare = 1 / 8;
/** The best level is put here when the ladder is laid out, and laid out again below the other. */
const [bestShare, bestShareMin] = [3 / 4, 1 / 4];

export class Ladder {
  private readonly levelsMax: number;
  /** Ticks per unit of price with the sign of the side; 0 = there are none. */
  private readonly scale: number;
  private readonly sign: 1 | -1;
  private qtys = new Float64Array(0);
  /** The tick of slot 0, signed: slots ascend towards better prices. */
  private base = 0;
  /** The best slot with a level; -1 = none. */
  private top = -1;
  /** No slot below it has a level. */
  private bottom = 0;
  /** Levels on the ladder. */
  private count = 0;
  private readonly beside: SortedLevels;

  /**
   * Keeps the best `levelsMax`; sign 1 = a higher price is better. `tickSize` null = not known: all
   * levels are kept sorted.
   */
  constructor(sign: 1 | -1, levelsMax: number, tickSize: number | null) {
    this.sign = sign;
    this.levelsMax = levelsMax;
    this.scale = sign * ticksPerUnit(tickSize);
    this.beside = new SortedLevels(sign);
  }

  get length(): number {
    return this.count + this.beside.length;
  }

  /** The best price; NaN = there is none. */
  get best(): number {
    const { beside, top } = this;
    const own = top < 0 ? Number.NaN : (this.base + top) / this.scale;
    if (beside.length === 0) return own;
    const other = beside.price(0);
    return own * this.sign > other * this.sign ? own : other;
  }

  clear(): void {
    this.qtys.fill(0);
    this.beside.clear();
    this.top = -1;
    this.bottom = this.qtys.length;
    this.count = 0;
  }

  /** Best first, at most so many. */
  levels(most: number): readonly Level[] {
    const { beside, qtys, sign } = this;
    const levels: Level[] = [];
    let rank = 0;
    let other = beside.price(0);
    for (let at = this.top; at >= 0 && levels.length < most; at--) {
      if (qtys[at] === 0) continue;
      const price = (this.base + at) / this.scale;
      while (other * sign > price * sign && levels.length < most) {
        levels.push([other, beside.qty(rank++)]);
        other = beside.price(rank);
      }
      if (levels.length < most) levels.push([price, qtys[at] as number]);
    }
    while (rank < beside.length && levels.length < most) {
      levels.push([beside.price(rank), beside.qty(rank++)]);
    }
    return levels;
  }

  /** Quantity 0 deletes; a price that is not known and deleted is nothing. `settle` comes last. */
  put(price: number, qty: number): void {
    const at = Math.round(price * this.scale) - this.base;
    if (at >= 0 && at < this.qtys.length) this.place(price, qty);
    else this.putElsewhere(price, qty);
  }

  /** After the last of some levels: the best one is found, and those too many are left out. */
  settle(): void {
    const { qtys } = this;
    while (this.top >= 0 && qtys[this.top] === 0) this.top--;
    if (this.count + this.beside.length > this.levelsMax) this.dropWorst();
    if (this.top < qtys.length * bestShareMin) this.follow();
  }

  /** The same for many, and settled. */
  putAll({ values, count }: LevelList): void {
    const { scale } = this;
    // Locals: nothing is looked up again for every level.
    let { qtys, base, top, bottom, count: held } = this;
    for (let i = 0; i < 2 * count; i += 2) {
      const price = values[i] as number;
      const qty = values[i + 1] as number;
      const at = (price * scale - base + 0.5) | 0;
      if (at >= 0 && at < qtys.length && (base + at) / scale === price) {
        // Added, not asked: which levels come and go is not to be predicted.
        held += Number(qty !== 0) - Number(qtys[at] !== 0);
        qtys[at] = qty;
        if (at > top) top = at;
        if (at < bottom) bottom = at;
        continue;
      }
      this.top = top;
      this.bottom = bottom;
      this.count = held;
      this.putElsewhere(price, qty);
      ({ qtys, base, top, bottom, count: held } = this);
    }
    this.top = top;
    this.bottom = bottom;
    this.count = held;
    this.settle();
  }

  /** A price that has no slot, perhaps only because the ladder stands elsewhere or is short. */
  private putElsewhere(price: number, qty: number): void {
    const tick = Math.round(price * this.scale);
    const size = this.qtys.length;
    if (qty !== 0 && tick / this.scale === price) {
      const isShort = this.beside.length > size * besideShare && size < ticksMax;
      if (isShort) this.lay(this.top < 0 ? tick : this.base + this.top, size * 2);
      else if (tick >= this.base + size) this.lay(tick, size);
    }
    this.place(price, qty);
  }

  private place(price: number, qty: number): void {
    const at = Math.round(price * this.scale) - this.base;
    if (at >= 0 && at < this.qtys.length && (this.base + at) / this.scale === price) {
      this.count += Number(qty !== 0) - Number(this.qtys[at] !== 0);
      this.qtys[at] = qty;
      if (at > this.top) this.top = at;
      if (at < this.bottom) this.bottom = at;
    } else {
      this.beside.put(price, qty);
    }
  }

  /** Lays the ladder out again, with room on both sides of its best tick. */
  private lay(bestTick: number, size: number): void {
    const { qtys, base, beside, scale } = this;
    const prices: number[] = [];
    const held: number[] = [];
    for (let rank = 0; rank < beside.length; rank++) {
      prices.push(beside.price(rank));
      held.push(beside.qty(rank));
    }
    for (let at = this.top; at >= 0; at--) {
      if (qtys[at] === 0) continue;
      prices.push((base + at) / scale);
      held.push(qtys[at] as number);
    }
    this.qtys = new Float64Array(Math.max(size, ticksAtFirst));
    this.base = bestTick - Math.floor(this.qtys.length * bestShare);
    this.clear();
    prices.forEach((price, i) => {
      this.place(price, held[i] as number);
    });
  }

  /** The market went away: the best level lies low on the ladder, or only beside it. */
  private follow(): void {
    const { top, base, beside, scale } = this;
    if (top >= 0) return this.lay(base + top, this.qtys.length);
    const tick = Math.round(beside.price(0) * scale);
    if (tick / scale === beside.price(0)) this.lay(tick, this.qtys.length);
  }

  private dropWorst(): void {
    const { qtys, beside, sign } = this;
    while (this.length > this.levelsMax) {
      while (this.bottom < this.top && qtys[this.bottom] === 0) this.bottom++;
      const own = (this.base + this.bottom) / this.scale;
      const isBesideWorse = !(beside.price(beside.length - 1) * sign > own * sign);
      if (beside.length > 0 && (this.count === 0 || isBesideWorse)) {
        beside.dropWorst();
      } else {
        qtys[this.bottom] = 0;
        this.count--;
        if (this.count === 0) this.top = -1;
      }
    }
  }
}

/** Such that tick / scale is exactly a price on the grid; 0 = the grid is not of that kind. */
function ticksPerUnit(tickSize: number | null): number {
  if (tickSize === null || !(tickSize > 0)) return 0;
  const unit = Math.min(tickSize, 1);
  const perUnit = Math.round(1 / unit);
  return Math.abs(perUnit * unit - 1) < 1e-9 ? perUnit : 0;
}
