// The sequencing rule of `orderbook.{50,200,1000}`: a snapshot, then deltas whose update id `u`
// follows one on the other. Any new snapshot replaces the book; `u` = 1 is a snapshot after a
// restart of the service, so a delta far behind the book means that its snapshot was lost.
import { sequenceNumber } from '../../domain/depth-frame.ts';
import type { BookPosition, BookStep, BookVerdict } from '../../domain/venue-spec.ts';

/** A delta at most this far behind is a repetition; farther, the numbering started again. */
const repeatedMax = 1_000;

export function bookVerdict(step: BookStep, book: BookPosition): BookVerdict {
  if (step.snapshot) return 'apply';
  const next = sequenceNumber(step.seq);
  const last = sequenceNumber(book.lastSeq);
  if (next === null || last === null) return 'resync';
  const ahead = next - last;
  if (ahead === 1) return 'apply';
  return ahead <= 0 && ahead >= -repeatedMax && next !== 1 ? 'drop' : 'resync';
}
