// The sequencing rules of Binance's diff-depth streams (venue documentation, "How to manage a local
// order book correctly"). Neither market has a checksum: the sequence is all there is.
//
// Spot, with L the book's last id: drop u <= L; the first kept delta has U <= L + 1 <= u; then each
// has U = L + 1. USD-M and COIN-M: drop u < L; the first kept has U <= L <= u, then each has pu =
// L. A delta with pu = L is in sequence also as the first. Anything else is a gap: a new snapshot.
import type { Market } from '../../domain/instrument.ts';
import type { DepthEvent } from '../../domain/venue-event.ts';
import type { BookVerdict } from '../../domain/venue-spec.ts';

export function bookVerdict(
  event: DepthEvent,
  book: { readonly lastSeq: string | null; readonly fresh: boolean },
  market: Market,
): BookVerdict {
  if (event.snapshot) return 'apply';
  const last = integer(book.lastSeq);
  const final = integer(event.seq);
  const first = integer(event.firstSeq);
  if (last === null || final === null || first === null) return 'resync';
  return market === 'spot'
    ? spotVerdict(first, final, last, book.fresh)
    : futuresVerdict(first, final, integer(event.prevSeq), last, book.fresh);
}

function spotVerdict(first: bigint, final: bigint, last: bigint, fresh: boolean): BookVerdict {
  if (final <= last) return 'drop';
  if (fresh ? first <= last + 1n : first === last + 1n) return 'apply';
  return 'resync';
}

function futuresVerdict(
  first: bigint,
  final: bigint,
  previous: bigint | null,
  last: bigint,
  fresh: boolean,
): BookVerdict {
  if (previous === last) return 'apply';
  if (final < last) return 'drop';
  if (fresh) return first <= last ? 'apply' : 'resync';
  return final === last ? 'drop' : 'resync';
}

function integer(text: string | null): bigint | null {
  return text !== null && /^\d{1,20}$/.test(text) ? BigInt(text) : null;
}
