// A binary min-heap: what is due next. Ties keep the order of insertion, so a run is deterministic.

interface Item<T> {
  readonly key: number;
  readonly order: number;
  readonly value: T;
}

export class Heap<T> {
  private readonly items: Item<T>[] = [];
  private inserted = 0;

  get size(): number {
    return this.items.length;
  }

  push(key: number, value: T): void {
    const { items } = this;
    const item = { key, order: this.inserted++, value };
    let at = items.length;
    items.push(item);
    // The newest is after every item of its key: only a larger key makes way.
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = items[parent] as Item<T>;
      if (above.key <= key) break;
      items[at] = above;
      at = parent;
    }
    items[at] = item;
  }

  /** The smallest key, or null when empty. */
  peekKey(): number | null {
    return this.items[0]?.key ?? null;
  }

  pop(): T | null {
    const { items } = this;
    const first = items[0];
    const last = items.pop();
    if (first === undefined || last === undefined) return null;
    if (items.length > 0) this.sink(last);
    return first.value;
  }

  /** From the root down, to where nothing below is before it. */
  private sink(item: Item<T>): void {
    const { items } = this;
    const { length } = items;
    let at = 0;
    for (let child = 1; child < length; child = 2 * at + 1) {
      let below = items[child] as Item<T>;
      const right = items[child + 1];
      if (right !== undefined && isBefore(right, below)) {
        below = right;
        child++;
      }
      if (isBefore(item, below)) break;
      items[at] = below;
      at = child;
    }
    items[at] = item;
  }
}

function isBefore<T>(a: Item<T>, b: Item<T>): boolean {
  return a.key < b.key || (a.key === b.key && a.order < b.order);
}
