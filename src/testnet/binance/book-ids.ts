// Update ids of books. The simulated book number k owns the ids ((k - 1) * span, k * span]: a
// stream frame ends at its last id, and a REST snapshot of book k stands inside the range of book k
// + 1, as on the venue, where the snapshot falls between frames. So the frame that follows a
// snapshot has U <= lastUpdateId + 1 <= u (spot) and U <= lastUpdateId <= u (USD-M).

const span = 8;

/** Last id of a frame that brings book `updateId`. */
export function bookId(updateId: number): number {
  return updateId * span;
}

/** First id of a frame that leads on from book `updateId`. */
export function idAfter(updateId: number): number {
  return updateId * span + 1;
}

export function snapshotId(updateId: number): number {
  return updateId * span + 1;
}
