// What a pull asks for: series of instruments in windows of time, without those that were pulled
// before. Pure.
import { dayMs } from '../base/time.ts';
import { type Instrument, isPerp } from '../domain/instrument.ts';
import type { VenueSpec } from '../domain/venue-spec.ts';
import { assetOf } from '../history/asset.ts';
import type { SeriesId } from '../history/series.ts';

export type PullKind = 'funding' | 'perp' | 'spot' | 'mark' | 'index';
export const pullKinds = ['funding', 'perp', 'spot', 'mark', 'index'] as const satisfies PullKind[];

/** [fromMs, toMs) */
export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface PullTask {
  readonly id: SeriesId;
  readonly instrument: Instrument;
  readonly kind: PullKind;
  readonly windows: readonly Range[];
}

export interface PullWish extends Range {
  readonly kinds: readonly PullKind[];
  /** Assets ("BTC") or the venue's own symbols. */
  readonly symbols: readonly string[];
  /** Of the bars. */
  readonly interval: string;
  readonly intervalMs: number;
}

/** Settlements of a window are few pages. */
const fundingWindowMs = 30 * dayMs;

/** Tasks of one venue; `pulled` says what of a series has been pulled. */
export function planPull(
  spec: VenueSpec,
  instruments: readonly Instrument[],
  wish: PullWish,
  pulled: (id: SeriesId) => Range | null,
): readonly PullTask[] {
  const wanted = instruments.filter(
    ({ symbol, base }) =>
      wish.symbols.includes(symbol) ||
      wish.symbols.includes(base) ||
      wish.symbols.includes(assetOf(symbol)),
  );
  return wanted.flatMap((instrument) =>
    wish.kinds.flatMap((kind) => {
      const task = taskOf(spec, instrument, kind, wish);
      if (task === null) return [];
      const { id, windowMs } = task;
      const known = pulled(id);
      const windows = missing(wish, known).flatMap((range) => {
        const list = windowsOf(range, windowMs);
        // Backwards from what is known, so that each window touches it.
        return range.toMs === known?.fromMs ? list.reverse() : list;
      });
      return [{ id, instrument, kind, windows }];
    }),
  );
}

function taskOf(spec: VenueSpec, instrument: Instrument, kind: PullKind, wish: PullWish) {
  const { venue, symbol } = instrument;
  const ofPerp = kind !== 'spot';
  if (isPerp(instrument.kind) !== ofPerp) return null;
  if (kind === 'funding') {
    const id = { kind, venue, market: 'perp', symbol, interval: null } as const;
    return { id, windowMs: fundingWindowMs };
  }
  const { bars } = spec;
  const { interval, intervalMs } = wish;
  if (bars === undefined || !bars.intervals.includes(intervalMs)) return null;
  const probe = { price: priceOf(kind), intervalMs, fromMs: 0, toMs: intervalMs };
  if (bars.request(instrument, probe) === null) return null;
  const id = { kind: 'bars', venue, market: kind, symbol, interval } as const;
  return { id, windowMs: bars.rowsMax * intervalMs };
}

export function priceOf(kind: PullKind): 'traded' | 'mark' | 'index' {
  return kind === 'mark' || kind === 'index' ? kind : 'traded';
}

/** What of the wish lies before or behind the range that is known. */
export function missing(wish: Range, known: Range | null): readonly Range[] {
  if (known === null || known.toMs <= wish.fromMs || known.fromMs >= wish.toMs) {
    return [{ fromMs: wish.fromMs, toMs: wish.toMs }];
  }
  return [
    { fromMs: wish.fromMs, toMs: known.fromMs },
    { fromMs: known.toMs, toMs: wish.toMs },
  ].filter(({ fromMs, toMs }) => fromMs < toMs);
}

/**
 * The two as one where they touch; else the later one: a range that is known has no hole. So a
 * window that touches is pulled next to what is known.
 */
export function grown(known: Range | null, done: Range): Range {
  if (known === null || done.fromMs > known.toMs || done.toMs < known.fromMs) return done;
  return {
    fromMs: Math.min(known.fromMs, done.fromMs),
    toMs: Math.max(known.toMs, done.toMs),
  };
}

function windowsOf({ fromMs, toMs }: Range, windowMs: number): Range[] {
  const count = Math.ceil((toMs - fromMs) / windowMs);
  return Array.from({ length: count }, (_, k) => ({
    fromMs: fromMs + k * windowMs,
    toMs: Math.min(toMs, fromMs + (k + 1) * windowMs),
  }));
}
