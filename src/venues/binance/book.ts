// The sequencing rules of Binance's diff-depth streams (venue documentation, "How to manage a local
// order book correctly"). Neither market has a checksum: the sequence is all there is.
//
// Spot, with L the book's last id: drop u <= L; the first kept delta has U <= L + 1 <= u; then each
// has U = L + 1. USD-M and COIN-M: drop u < L; the first kept has U <= L <= u, then each has pu =
// L. A delta with pu = L is in sequence also as the first. Anything else is a gap: a new snapshot.
import { sequenceNumber } from '../../domain/depth-frame.ts';
import type { Market } from '../../domain/instrument.ts';
import type { BookPosition, BookStep, BookVerdict } from '../../domain/venue-spec.ts';

export function bookVerdict(step: BookStep, book: BookPosition, market: Market): BookVerdict {
  if (step.snapshot) return 'apply';
  const last = sequenceNumber(book.lastSeq);
  const final = sequenceNumber(step.seq);
  const first = sequenceNumber(step.firstSeq);
  if (last === null || final === null || first === null) return 'resync';
  return market === 'spot'
    ? spotVerdict(first, final, last, book.fresh)
    : futuresVerdict(first, final, sequenceNumber(step.prevSeq), last, book.fresh);
}

function spotVerdict(first: number, final: number, last: number, fresh: boolean): BookVerdict {
  if (final <= last) return 'drop';
  if (fresh ? first <= last + 1 : first === last + 1) return 'apply';
  return 'resync';
}

function futuresVerdict(
  first: number,
  final: number,
  previous: number | null,
  last: number,
  fresh: boolean,
): BookVerdict {
  if (previous === last) return 'apply';
  if (final < last) return 'drop';
  if (fresh) return first <= last ? 'apply' : 'resync';
  return final === last ? 'drop' : 'resync';
}
