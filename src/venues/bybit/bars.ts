// Kline, mark-price-kline and index-price-kline of v5: newest first, `start` and `end` inclusive.
// Rows [start, open, high, low, close, volume, turnover]; those of mark and index end at close.
import { dayMs, hourMs, minuteMs } from '../../base/time.ts';
import { type BarsSpec, barRows } from '../../domain/bars-spec.ts';
import { marketOf } from '../../domain/instrument.ts';
import { listAt, parseJson, rowAt, rowOf, textAt } from './read.ts';
import { get } from './requests.ts';

const names: ReadonlyMap<number, string> = new Map([
  ...[1, 3, 5, 15, 30].map((n) => [n * minuteMs, `${n}`] as const),
  ...[1, 2, 4, 6, 12].map((n) => [n * hourMs, `${n * 60}`] as const),
  [dayMs, 'D'],
]);
const rowsMax = 1_000;

export const bars: BarsSpec = {
  rowsMax,
  intervals: [...names.keys()],
  request(instrument, { price, intervalMs, fromMs, toMs }) {
    const market = marketOf(instrument.kind);
    const interval = names.get(intervalMs);
    if (interval === undefined || (market === 'spot' && price !== 'traded')) return null;
    const path = { traded: 'kline', mark: 'mark-price-kline', index: 'index-price-kline' }[price];
    const named = { category: market, symbol: instrument.symbol, interval };
    const range = { start: fromMs, end: toMs - 1, limit: rowsMax };
    return get(`/v5/market/${path}`, { ...named, ...range }, { market });
  },
  read(body, _instrument, wish) {
    const frame = rowOf(parseJson(body));
    if (frame === null || textAt(frame, 'retCode') !== '0') return null;
    return barRows(listAt(rowAt(frame, 'result'), 'list'), [0, 1, 2, 3, 4, 5], wish);
  },
};
