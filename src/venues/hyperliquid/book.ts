// The rule of `l2Book`: every frame is a snapshot of the whole book, ordered by its time alone. One
// that is older than the book is a repetition.
import type { DepthEvent } from '../../domain/venue-event.ts';
import type { BookVerdict } from '../../domain/venue-spec.ts';

export function bookVerdict(
  event: DepthEvent,
  book: { readonly lastSeq: string | null },
): BookVerdict {
  if (!event.snapshot) return 'resync';
  if (event.seq === null || book.lastSeq === null) return 'apply';
  return Number(event.seq) >= Number(book.lastSeq) ? 'apply' : 'drop';
}
