// Klines of spot, USD-M and COIN-M; mark and index klines of futures. Documented as "Kline
// candlestick data" of each market: rows [open time, open, high, low, close, volume, ...].
import { dayMs, hourMs, minuteMs } from '../../base/time.ts';
import { type BarsSpec, barRows } from '../../domain/bars-spec.ts';
import { marketOf } from '../../domain/instrument.ts';
import { pathOf } from './market-paths.ts';
import { request } from './requests.ts';

const names: ReadonlyMap<number, string> = new Map([
  ...[1, 3, 5, 15, 30].map((n) => [n * minuteMs, `${n}m`] as const),
  ...[1, 2, 4, 6, 8, 12].map((n) => [n * hourMs, `${n}h`] as const),
  [dayMs, '1d'],
]);
const rowsMax = 1_000;
const weights = { spot: 2, linear: 5, inverse: 5 } as const;

export const bars: BarsSpec = {
  rowsMax,
  intervals: [...names.keys()],
  request(instrument, { price, intervalMs, fromMs, toMs }) {
    const market = marketOf(instrument.kind);
    const interval = names.get(intervalMs);
    if (interval === undefined || (market === 'spot' && price !== 'traded')) return null;
    const path = { traded: 'klines', mark: 'markPriceKlines', index: 'indexPriceKlines' }[price];
    // An index belongs to a pair: BTCUSD of BTCUSD_PERP.
    const pair = instrument.symbol.replace(/_PERP$/, '');
    const named = price === 'index' ? { pair } : { symbol: instrument.symbol };
    return request({
      purpose: 'bars',
      market,
      path: pathOf(path, market),
      params: { ...named, interval, startTime: fromMs, endTime: toMs - 1, limit: rowsMax },
      weight: weights[market],
    });
  },
  read(body, _instrument, wish) {
    const rows = listOf(body);
    // The volume of mark and index rows is always 0.
    const volume = wish.price === 'traded' ? 5 : -1;
    return rows === null ? null : barRows(rows, [0, 1, 2, 3, 4, volume], wish);
  },
};

function listOf(body: string): readonly unknown[] | null {
  try {
    const json: unknown = JSON.parse(body);
    return Array.isArray(json) ? json : null;
  } catch {
    return null;
  }
}
