// What a book could become if the pending, open and unknown orders and a basket fill in the worst
// combination: every order fills in full or not at all, and nothing that would help is counted.
import { toNumber } from '../base/decimal.ts';
import type { OrderDraft } from '../domain/order.ts';
import type { InstrumentExposure, RiskBook } from '../domain/verdict.ts';

/** Lowest and highest position that may result; base units, signed, + long. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/**
 * Sums of doubles differ in the last digits; a real order is far above this share of a position.
 */
const roundingShare = 1e-9;

export function rangeOf(exposure: InstrumentExposure, orders: readonly OrderDraft[]): Range {
  let low = exposure.qty - exposure.sellsLeft;
  let high = exposure.qty + exposure.buysLeft;
  for (let i = 0; i < orders.length; i++) {
    const order = orders[i] as OrderDraft;
    if (order.instrument !== exposure.instrument) continue;
    const qty = qtyOf(order) * exposure.baseUnit;
    if (order.side === 'buy') high += qty;
    else low -= qty;
  }
  return { low, high };
}

/** In the instrument's own quantity. A basket is asked about again and again. */
export function qtyOf(order: OrderDraft): number {
  if (order !== first.order) {
    // Two are the usual basket: the one before stays at hand.
    const { order: before, qty } = first;
    if (order === second.order) first.qty = second.qty;
    else first.qty = toNumber(order.qty);
    first.order = order;
    second.order = before;
    second.qty = qty;
  }
  return first.qty;
}

const first: { order: OrderDraft | null; qty: number } = { order: null, qty: 0 };
const second: { order: OrderDraft | null; qty: number } = { order: null, qty: 0 };

export function exposureOf(book: RiskBook, instrument: string): InstrumentExposure | null {
  for (const exposure of book.exposures) if (exposure.instrument === instrument) return exposure;
  return null;
}

/**
 * True when the position shrinks toward zero whatever else fills: all sells of the book and the
 * basket together do not pass what is held, and likewise for buys back. A spot sell is so capped by
 * the held balance, and a spot buy never reduces. Judged by our own book: a venue's reduce-only
 * flag is extra.
 */
export function isReducing(
  order: OrderDraft,
  book: RiskBook,
  orders: readonly OrderDraft[],
): boolean {
  const exposure = exposureOf(book, order.instrument);
  if (exposure === null) return false;
  const { low, high } = rangeOf(exposure, orders);
  const slack = Math.abs(exposure.qty) * roundingShare;
  if (order.side === 'sell') return exposure.qty > 0 && low >= -slack;
  return exposure.qty < 0 && high <= slack;
}

export interface WorstCase {
  /** Largest |position| of each instrument, in USD. */
  readonly positionUsd: ReadonlyMap<string, number>;
  readonly venueUsd: ReadonlyMap<string, number>;
  /** Largest |net delta| of each asset over all instruments: some legs fill, others do not. */
  readonly netDeltaUsd: ReadonlyMap<string, number>;
  readonly grossUsd: number;
  /** Instruments with exposure and no price: their worth is not known. */
  readonly unpriced: readonly string[];
  /** Spot that would be sold without being held: no venue lends it. */
  readonly spotShort: readonly { readonly instrument: string; readonly short: number }[];
}

export function worstCaseOf(book: RiskBook, orders: readonly OrderDraft[]): WorstCase {
  const positionUsd = new Map<string, number>();
  const venueUsd = new Map<string, number>();
  const deltas = new Map<string, { low: number; high: number }>();
  const unpriced: string[] = [];
  const spotShort: { instrument: string; short: number }[] = [];
  let grossUsd = 0;
  for (const exposure of book.exposures) {
    const { low, high } = rangeOf(exposure, orders);
    if (low === 0 && high === 0) continue;
    const { price, instrument } = exposure;
    if (exposure.isSpot && low < -Math.abs(exposure.qty) * roundingShare) {
      spotShort.push({ instrument, short: -low });
    }
    if (price === null || !(price > 0)) {
      unpriced.push(instrument);
      continue;
    }
    const usd = Math.max(Math.abs(low), Math.abs(high)) * price;
    positionUsd.set(instrument, usd);
    venueUsd.set(exposure.venue, (venueUsd.get(exposure.venue) ?? 0) + usd);
    const delta = deltas.get(exposure.base);
    if (delta === undefined) deltas.set(exposure.base, { low: low * price, high: high * price });
    else {
      delta.low += low * price;
      delta.high += high * price;
    }
    grossUsd += usd;
  }
  for (const { base, usd } of book.collateral) {
    const delta = deltas.get(base);
    // Coins alone are the owner's own choice; beside contracts of the asset they are part of it.
    if (delta === undefined) continue;
    delta.low += usd;
    delta.high += usd;
  }
  const netDeltaUsd = new Map<string, number>();
  for (const [base, delta] of deltas) netDeltaUsd.set(base, largestOf(delta));
  return { positionUsd, venueUsd, netDeltaUsd, grossUsd, unpriced, spotShort };
}

export function largestOf({ low, high }: Range): number {
  return Math.max(Math.abs(low), Math.abs(high));
}
