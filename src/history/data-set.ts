// Series in memory, looked up by what identifies them. This is what a backtest, a sweep or a
// statistic is handed: it is complete, it does no I/O, and asking for what is not there gives null.
// `src/research/data-source.ts` opens a directory and loads one of these.
import type {
  BarSeries,
  FundingSeries,
  Market,
  QuoteSeries,
  Series,
  TradeSeries,
} from './series.ts';
import { type SeriesId, type SeriesKind, seriesName } from './series.ts';

export interface DataSet {
  /** Sorted by name. */
  readonly series: readonly Series[];
  /** Null = not in this set. */
  funding(venue: string, symbol: string): FundingSeries | null;
  bars(wanted: Wanted & { readonly interval: string }): BarSeries | null;
  quotes(wanted: Wanted): QuoteSeries | null;
  trades(wanted: Wanted): TradeSeries | null;
}

export interface Wanted {
  readonly venue: string;
  readonly market: Market;
  readonly symbol: string;
}

/** Which series, and which rows of them; everything left out means all. */
export interface Selection {
  readonly kinds?: readonly SeriesKind[];
  readonly venues?: readonly string[];
  readonly symbols?: readonly string[];
  readonly markets?: readonly Market[];
  /** Of bars; series without an interval are not affected. */
  readonly intervals?: readonly string[];
  /** Rows with fromMs <= tsMs < toMs. */
  readonly fromMs?: number;
  readonly toMs?: number;
}

export function isSelected(id: SeriesId, selection: Selection): boolean {
  const { kinds, venues, symbols, markets, intervals } = selection;
  return (
    (kinds?.includes(id.kind) ?? true) &&
    (venues?.includes(id.venue) ?? true) &&
    (symbols?.includes(id.symbol) ?? true) &&
    (markets?.includes(id.market) ?? true) &&
    (id.interval === null || (intervals?.includes(id.interval) ?? true))
  );
}

export function dataSet(all: readonly Series[]): DataSet {
  const byName = new Map(all.map((series) => [seriesName(series.id), series]));
  const series = [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  const find = (id: SeriesId) => byName.get(seriesName(id)) ?? null;
  return {
    series,
    // The name says the kind, and the kind of the id that of the series.
    funding: (venue, symbol) =>
      find({ kind: 'funding', venue, market: 'perp', symbol, interval: null }) as FundingSeries,
    bars: (wanted) => find({ kind: 'bars', ...wanted }) as BarSeries,
    quotes: (wanted) => find({ kind: 'quotes', interval: null, ...wanted }) as QuoteSeries,
    trades: (wanted) => find({ kind: 'trades', interval: null, ...wanted }) as TradeSeries,
  };
}
