// A binary min-heap: what is due next. Ties keep the order of insertion, so a run is deterministic.

export class Heap<T> {
  private readonly items: { readonly key: number; readonly order: number; readonly value: T }[] =
    [];
  private inserted = 0;

  get size(): number {
    return this.items.length;
  }

  push(key: number, value: T): void {
    const { items } = this;
    items.push({ key, order: this.inserted++, value });
    let child = items.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.isBefore(child, parent)) return;
      this.swap(child, parent);
      child = parent;
    }
  }

  /** The smallest key, or null when empty. */
  peekKey(): number | null {
    return this.items[0]?.key ?? null;
  }

  pop(): T | null {
    const { items } = this;
    const first = items[0];
    if (first === undefined) return null;
    const last = items.pop();
    if (items.length > 0 && last !== undefined) {
      items[0] = last;
      this.sink();
    }
    return first.value;
  }

  private sink(): void {
    let parent = 0;
    for (;;) {
      let smallest = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2]) {
        if (child < this.items.length && this.isBefore(child, smallest)) smallest = child;
      }
      if (smallest === parent) return;
      this.swap(parent, smallest);
      parent = smallest;
    }
  }

  private isBefore(a: number, b: number): boolean {
    const x = this.items[a];
    const y = this.items[b];
    if (x === undefined || y === undefined) return false;
    return x.key < y.key || (x.key === y.key && x.order < y.order);
  }

  private swap(a: number, b: number): void {
    const { items } = this;
    const item = items[a];
    const other = items[b];
    if (item === undefined || other === undefined) return;
    items[a] = other;
    items[b] = item;
  }
}
