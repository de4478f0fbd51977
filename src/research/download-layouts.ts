// The venues' own download formats and Tardis, as layouts. Columns are found by the names in the
// header, so that a column more does no harm; files without a header are told by name and width.
//
//   Binance  data.binance.vision: fundingRate, klines (also mark and index), bookTicker, aggTrades,
//            trades. Symbol and interval stand in the name; spot or futures only in the directory.
//   OKX      historical data: trades, fundingrates (and the older allswaprate), candlesticks. Sizes
//            are contracts for swaps.
//   Bybit    public.bybit.com: trading, spot, spot_index.
//   Tardis   trades, quotes and book_ticker. derivative_ticker holds estimates between settlements,
//            not settled rates: left alone.
import { UserError } from '../base/errors.ts';
import { formatDuration, minuteMs } from '../base/time.ts';
import { columnNames } from '../history/columns.ts';
import type { Market, SeriesKind } from '../history/series.ts';
import { at, type CsvLayout, ownLayout, type Unit, type ValueCell } from './csv-layout.ts';
import type { Recognize } from './csv-read.ts';

export interface Hints {
  /** For files that do not say: spot, perp, mark or index. */
  readonly market: Market | null;
}

/** Every layout that we know, our own first. */
export function recognizeAny(hints: Hints): Recognize {
  return (file, head) => {
    const [header = ''] = head;
    const columns = header.split(',').map(columnName);
    return (
      ownLayout(file.name, header) ??
      binance(file, head, columns, hints) ??
      okx(head, columns) ??
      bybit(file, head, columns) ??
      tardis(head, columns, hints)
    );
  };
}

type Binance = (...args: [...Parameters<Recognize>, readonly string[], Hints]) => CsvLayout | null;

const binanceName = new RegExp(
  '^([A-Z0-9_]+?)-(fundingRate|bookTicker|aggTrades|trades|\\d+[smhdw])' +
    '-\\d{4}-\\d{2}(?:-\\d{2})?\\.csv$',
);
const datedFuture = /_\d{6}$/;

const binance: Binance = ({ name, path }, head, columns, hints) => {
  const [, symbol = '', what = ''] = binanceName.exec(name) ?? [];
  if (symbol === '' || datedFuture.test(symbol)) return null;
  const hasHeader = !/^[\d.,-]/.test(head[0] ?? '');
  const width = (head[0] ?? '').split(',').length;
  const own = { venue: 'binance', symbol, hasHeader };
  const find = (names: readonly string[], position: number) =>
    hasHeader ? indexOf(columns, ...names) : position;
  const perp = { ...own, market: 'perp' };
  if (what === 'fundingRate') {
    return layout('Binance fundingRate', 'funding', perp, [
      cell(find(['calc_time'], 0), 'minute'),
      cell(find(['last_funding_rate'], 2)),
      null,
      cell(find(['funding_interval_hours'], 1), 'hours'),
    ]);
  }
  if (what === 'bookTicker') {
    return layout('Binance bookTicker', 'quotes', perp, [
      cell(find(['transaction_time'], 5), 'time'),
      cell(find(['best_bid_price'], 1)),
      cell(find(['best_bid_qty'], 2)),
      cell(find(['best_ask_price'], 3)),
      cell(find(['best_ask_qty'], 4)),
    ]);
  }
  if (what === 'aggTrades' || what === 'trades') {
    // Spot files have one column more, isBestMatch.
    const isAggregate = what === 'aggTrades';
    const futuresWidth = isAggregate ? 7 : 6;
    const market = directoryMarket(path) ?? (width > futuresWidth ? 'spot' : 'perp');
    return layout(`Binance ${what}`, 'trades', { ...own, market }, [
      cell(find(['transact_time', 'time'], isAggregate ? 5 : 4), 'time'),
      cell(find(['price'], 1)),
      cell(find(['quantity', 'qty'], 2)),
      cell(find(['is_buyer_maker'], isAggregate ? 6 : 5), 'buyer-is-maker'),
    ]);
  }
  // The premium is a difference, not a price.
  if (/premiumIndex/i.test(path)) return null;
  const market = hints.market ?? directoryMarket(path);
  if (market === null) {
    const why = 'spot, futures, mark and index klines look alike';
    throw new UserError(`${path}: ${why}: keep the directories of the download or give --market`);
  }
  const bars = { ...own, market, interval: what };
  return layout('Binance klines', 'bars', bars, [
    cell(find(['open_time'], 0), 'time'),
    ...['open', 'high', 'low', 'close'].map((price, k) => cell(find([price], k + 1))),
    market === 'mark' || market === 'index' ? null : cell(find(['volume'], 5)),
  ]);
};

/** What the directories of a download say. */
export function directoryMarket(path: string): Market | null {
  if (/markPriceKlines/i.test(path)) return 'mark';
  if (/indexPriceKlines/i.test(path)) return 'index';
  if (/(?:^|[/\\])futures[/\\]/.test(path)) return 'perp';
  return /(?:^|[/\\])spot[/\\]/.test(path) ? 'spot' : null;
}

function okx(head: readonly string[], columns: readonly string[]): CsvLayout | null {
  const symbol = columns.indexOf('instrument_name');
  if (symbol < 0) return null;
  const named = (head[1] ?? '').split(',')[symbol] ?? '';
  const market = /-SWAP$/.test(named) ? 'perp' : /^[^-]+-[^-]+$/.test(named) ? 'spot' : null;
  if (market === null) return null; // dated futures and options
  const own = { venue: 'okx', symbol: { column: symbol }, market, hasHeader: true };
  const find = (...names: readonly string[]) => indexOf(columns, ...names);
  if (columns.includes('funding_rate')) {
    return layout('OKX funding rates', 'funding', own, [
      cell(find('funding_time'), 'minute'),
      cell(find('real_funding_rate', 'funding_rate')),
      ...[null, null],
    ]);
  }
  if (columns.includes('open_time')) {
    const interval = stepOf(head, find('open_time'));
    if (interval === null) return null;
    return layout('OKX candlesticks', 'bars', { ...own, interval }, [
      cell(find('open_time'), 'time'),
      ...['open', 'high', 'low', 'close'].map((price) => cell(find(price))),
      cell(find('vol_ccy', 'vol')),
    ]);
  }
  return layout('OKX trades', 'trades', own, [
    cell(find('created_time'), 'time'),
    ...[cell(find('price')), cell(find('size')), cell(find('side'), 'side')],
  ]);
}

function bybit(
  { name, path }: { readonly name: string; readonly path: string },
  head: readonly string[],
  columns: readonly string[],
): CsvLayout | null {
  const find = (...names: readonly string[]) => indexOf(columns, ...names);
  const own = { venue: 'bybit', hasHeader: true };
  if (columns.join().startsWith('timestamp,symbol,side,size,price')) {
    const perp = { ...own, symbol: { column: find('symbol') }, market: 'perp' };
    return layout('Bybit trading', 'trades', perp, [
      cell(find('timestamp'), 'time'),
      ...[cell(find('price')), cell(find('size')), cell(find('side'), 'side')],
    ]);
  }
  if (columns.join().startsWith('id,timestamp,price,volume,side')) {
    const symbol = /^([A-Z0-9]+)[_-]\d{4}-\d{2}/.exec(name)?.[1];
    if (symbol === undefined) return null;
    return layout('Bybit spot', 'trades', { ...own, symbol, market: 'spot' }, [
      cell(find('timestamp'), 'time'),
      ...[cell(find('price')), cell(find('volume')), cell(find('side'), 'side')],
    ]);
  }
  if (columns.join().startsWith('start_at,symbol,period,open') && !/premium/i.test(path)) {
    const minutes = Number((head[1] ?? '').split(',')[find('period')]);
    if (!(minutes > 0)) return null;
    const interval = intervalText(minutes * minuteMs);
    const index = { ...own, symbol: { column: find('symbol') }, market: 'index', interval };
    return layout('Bybit spot_index', 'bars', index, [
      cell(find('start_at'), 'time'),
      ...['open', 'high', 'low', 'close'].map((price) => cell(find(price))),
      null,
    ]);
  }
  return null;
}

/** Tardis' names of venues that list several markets. */
const tardisVenues: Readonly<Record<string, readonly [venue: string, market: Market]>> = {
  binance: ['binance', 'spot'],
  'binance-futures': ['binance', 'perp'],
  'binance-delivery': ['binance', 'perp'],
  okex: ['okx', 'spot'],
  'okex-swap': ['okx', 'perp'],
  bybit: ['bybit', 'perp'],
  'bybit-spot': ['bybit', 'spot'],
  hyperliquid: ['hyperliquid', 'perp'],
};

function tardis(
  head: readonly string[],
  columns: readonly string[],
  { market: hint }: Hints,
): CsvLayout | null {
  if (!columns.join().startsWith('exchange,symbol,timestamp,local_timestamp')) return null;
  const exchange = (head[1] ?? '').split(',')[0] ?? '';
  const [venue, market] = tardisVenues[exchange] ?? [exchange, hint ?? 'unknown'];
  const own = { venue, market, symbol: { column: 1 }, hasHeader: true };
  const find = (name: string) => columns.indexOf(name);
  if (columns.includes('bid_price') && columns.includes('ask_amount')) {
    return layout('Tardis quotes', 'quotes', own, [
      cell(find('timestamp'), 'time'),
      ...['bid_price', 'bid_amount', 'ask_price', 'ask_amount'].map((name) => cell(find(name))),
    ]);
  }
  if (!columns.includes('price') || !columns.includes('amount')) return null;
  return layout('Tardis trades', 'trades', own, [
    cell(find('timestamp'), 'time'),
    ...[cell(find('price')), cell(find('amount')), cell(find('side'), 'side')],
  ]);
}

/** OKX names a column twice: "side/..."; case and blanks do not count. */
function columnName(text: string): string {
  return (text.split('/')[0] ?? '').trim().toLowerCase();
}

function indexOf(columns: readonly string[], ...names: readonly string[]): number {
  return names.map((name) => columns.indexOf(name)).find((index) => index >= 0) ?? -1;
}

function cell(column: number, unit: Unit = 'number'): ValueCell {
  return column < 0 ? null : at(column, unit);
}

/** Null when a column that every row must have is not there. */
function layout(
  name: string,
  kind: SeriesKind,
  own: Pick<CsvLayout, 'venue' | 'symbol' | 'market' | 'hasHeader'> & {
    readonly interval?: string;
  },
  values: readonly ValueCell[],
): CsvLayout | null {
  const needed = { funding: 2, bars: 5, quotes: 5, trades: 3 }[kind];
  if (values.length !== columnNames[kind].length) return null;
  if (values.slice(0, needed).includes(null)) return null;
  const key = [own.symbol].map((text) => (typeof text === 'string' ? 0 : text.column));
  const width = 1 + Math.max(...key, ...values.map((value) => value?.column ?? 0));
  return { ...own, interval: own.interval ?? null, name, kind, values, width };
}

/** The step from the first row to the second. */
function stepOf(head: readonly string[], column: number): string | null {
  const [first, second] = [head[1], head[2]].map((row) => Number(row?.split(',')[column]));
  const stepMs = Math.abs((second ?? Number.NaN) - (first ?? Number.NaN));
  return stepMs > 0 ? intervalText(stepMs) : null;
}

/** 60,000 -> "1m"; 3,600,000 -> "1h". */
function intervalText(ms: number): string {
  const [whole = ''] = formatDuration(ms)
    .replace(/ 0+[a-z]$/, '')
    .split(' ');
  return whole;
}
