// The sequencing rule of the `books` channel: a snapshot, then every update's prevSeqId is the
// seqId before it. An idle channel repeats the seqId; maintenance may set it back, and then the
// book is asked for again. The checksum is 0 since 2026 and is not read.
import type { DepthEvent } from '../../domain/venue-event.ts';
import type { BookVerdict } from '../../domain/venue-spec.ts';

export function bookVerdict(
  event: DepthEvent,
  book: { readonly lastSeq: string | null; readonly fresh: boolean },
): BookVerdict {
  if (event.snapshot) return 'apply';
  const { seq, prevSeq } = event;
  if (book.lastSeq === null || seq === null || prevSeq === null) return 'resync';
  const [last, next, previous] = [BigInt(book.lastSeq), BigInt(seq), BigInt(prevSeq)];
  if (previous === last) return next >= last ? 'apply' : 'resync';
  // The frame that brought the book to where it stands, once more.
  return next === last && previous < last ? 'drop' : 'resync';
}
