// The sequencing rule of `orderbook.{50,200,1000}`: a snapshot, then deltas whose update id `u`
// follows one on the other. Any new snapshot replaces the book; `u` = 1 is a snapshot after a
// restart of the service, so a delta far behind the book means that its snapshot was lost.
import type { DepthEvent } from '../../domain/venue-event.ts';
import type { BookVerdict } from '../../domain/venue-spec.ts';

/** A delta at most this far behind is a repetition; farther, the numbering started again. */
const repeatedMax = 1_000;

export function bookVerdict(
  event: DepthEvent,
  book: { readonly lastSeq: string | null; readonly fresh: boolean },
): BookVerdict {
  if (event.snapshot) return 'apply';
  if (event.seq === null || book.lastSeq === null) return 'resync';
  const ahead = Number(event.seq) - Number(book.lastSeq);
  if (ahead === 1) return 'apply';
  return ahead <= 0 && ahead >= -repeatedMax && event.seq !== '1' ? 'drop' : 'resync';
}
