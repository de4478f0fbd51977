// Recorded market data as columns: one set of typed arrays per (kind, venue, market, symbol,
// interval), sorted by time. Nothing here is interpolated, filled forward or resampled: a value
// that the source did not have is NaN, a row that it did not have is not there.
//
// Look-ahead. `tsMs` is when a row happened, not always when it was known:
//   funding   settlement time; rate and mark price are known at that instant, not before
//   bars      OPEN time of the bar; open is known at tsMs, the rest at tsMs + intervalMs
//   quotes    the venue's time of the quote: known then (plus latency)
//   trades    the venue's time of the trade: known then (plus latency)

/** `index` and `mark` bars have no volume; `unknown` where the source of quotes does not say. */
export type Market = 'spot' | 'perp' | 'mark' | 'index' | 'unknown';
export const marketNames = ['spot', 'perp', 'mark', 'index', 'unknown'] as const satisfies Market[];

export type SeriesKind = 'funding' | 'bars' | 'quotes' | 'trades';
export const seriesKinds = ['funding', 'bars', 'quotes', 'trades'] as const satisfies SeriesKind[];

/**
 * What identifies a series. Venue and symbol are the words of the data ("binance", "BTCUSDT"),
 * never of a list that we keep: any venue and any symbol will do.
 */
export interface SeriesId {
  readonly kind: SeriesKind;
  readonly venue: string;
  /** Funding belongs to a perpetual: `perp`. */
  readonly market: Market;
  readonly symbol: string;
  /** Of bars: "1h", "15m", ... as the data writes it; null otherwise. */
  readonly interval: string | null;
}

/** Settlements of one perpetual, each time once. */
export interface FundingSeries {
  readonly id: SeriesId & { readonly kind: 'funding' };
  /** Settlement, epoch ms, rounded to the minute (venues stamp it some ms late). */
  readonly tsMs: Float64Array;
  /** Fraction per interval that ends at `tsMs`; positive: longs pay shorts. */
  readonly rate: Float64Array;
  /** The venue's mark price at the settlement; NaN = the source does not say. */
  readonly markPrice: Float64Array;
  /**
   * Length of the interval that ends at `tsMs`: what the source states, else inferred from the
   * times (`intervals.ts`), NaN where neither can say.
   */
  readonly intervalMs: Float64Array;
}

/** Candles, each open time once; NaN volume = the source does not say. */
export interface BarSeries {
  readonly id: SeriesId & { readonly kind: 'bars'; readonly interval: string };
  readonly intervalMs: number;
  /** OPEN time of the bar, epoch ms. It covers [tsMs, tsMs + intervalMs). */
  readonly tsMs: Float64Array;
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

/** Best bid and ask, in the order of the source; several may share a millisecond. */
export interface QuoteSeries {
  readonly id: SeriesId & { readonly kind: 'quotes' };
  readonly tsMs: Float64Array;
  readonly bid: Float64Array;
  readonly bidQty: Float64Array;
  readonly ask: Float64Array;
  readonly askQty: Float64Array;
}

/** Public trades, in the order of the source. */
export interface TradeSeries {
  readonly id: SeriesId & { readonly kind: 'trades' };
  readonly tsMs: Float64Array;
  readonly price: Float64Array;
  readonly qty: Float64Array;
  /** +1 the taker bought, -1 the taker sold, NaN = the source does not say. */
  readonly takerSide: Float64Array;
}

export type Series = FundingSeries | BarSeries | QuoteSeries | TradeSeries;

/** "binance/funding/BTCUSDT", "okx/bars/mark/1h/BTC-USDT-SWAP", "bybit/quotes/spot/BTCUSDT". */
export function seriesName({ kind, venue, market, symbol, interval }: SeriesId): string {
  if (kind === 'funding') return `${venue}/funding/${symbol}`;
  if (kind === 'bars') return `${venue}/bars/${market}/${interval}/${symbol}`;
  return `${venue}/${kind}/${market}/${symbol}`;
}

/** The smallest index whose time is >= `tsMs`, or the length. */
export function firstAtOrAfter(times: Float64Array, tsMs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as number) < tsMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The smallest index whose time is > `tsMs`, or the length. */
export function firstAfter(times: Float64Array, tsMs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as number) <= tsMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The index of the bar that contains the moment (open <= t < open + interval), or -1. */
export function barAt(bars: BarSeries, tsMs: number): number {
  const index = firstAfter(bars.tsMs, tsMs) - 1;
  const openMs = index < 0 ? Number.NaN : (bars.tsMs[index] as number);
  return tsMs < openMs + bars.intervalMs ? index : -1;
}
