// The sequencing rule of the `books` channel: a snapshot, then every update's prevSeqId is the
// seqId before it. An idle channel repeats the seqId; maintenance may set it back, and then the
// book is asked for again. The checksum is 0 since 2026 and is not read.
import { sequenceNumber } from '../../domain/depth-frame.ts';
import type { BookPosition, BookStep, BookVerdict } from '../../domain/venue-spec.ts';

export function bookVerdict(step: BookStep, book: BookPosition): BookVerdict {
  if (step.snapshot) return 'apply';
  const last = sequenceNumber(book.lastSeq);
  const next = sequenceNumber(step.seq);
  const previous = sequenceNumber(step.prevSeq);
  if (last === null || next === null || previous === null) return 'resync';
  if (previous === last) return next >= last ? 'apply' : 'resync';
  // The frame that brought the book to where it stands, once more.
  return next === last && previous < last ? 'drop' : 'resync';
}
