// The rule of `l2Book`: every frame is a snapshot of the whole book, ordered by its time alone. One
// that is older than the book is a repetition.
import type { BookPosition, BookStep, BookVerdict } from '../../domain/venue-spec.ts';

export function bookVerdict(step: BookStep, book: BookPosition): BookVerdict {
  if (!step.snapshot) return 'resync';
  if (step.seq === null || book.lastSeq === null) return 'apply';
  return Number(step.seq) >= Number(book.lastSeq) ? 'apply' : 'drop';
}
