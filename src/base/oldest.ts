// Memories of bounded size: what came first goes first.

/** Where a set's oldest entry is: found again from its beginning, it would be behind many gaps. */
const cursors = new WeakMap<ReadonlySet<unknown>, Iterator<unknown>>();

/** Forgets the entry that was added first; entries must not be removed in another way but all. */
export function dropOldest<T>(entries: Set<T>): void {
  let cursor = cursors.get(entries);
  let oldest = cursor?.next();
  if (cursor === undefined || oldest === undefined || oldest.done === true) {
    cursor = entries.values();
    cursors.set(entries, cursor);
    oldest = cursor.next();
  }
  if (oldest.done !== true) entries.delete(oldest.value as T); // of this set
}
