// history-candles, history-mark-price-candles and history-index-candles of v5: newest first,
// `after` and `before` exclusive. Rows [ts, o, h, l, c, vol, volCcy, volCcyQuote, confirm]; of mark
// and index [ts, o, h, l, c, confirm]. Six hours and more are asked for on the UTC grid.
import { dayMs, hourMs, minuteMs } from '../../base/time.ts';
import { type BarsSpec, barRows } from '../../domain/bars-spec.ts';
import { get } from './requests.ts';
import { parseJson, rowOf } from './wire.ts';

const names: ReadonlyMap<number, string> = new Map([
  ...[1, 3, 5, 15, 30].map((n) => [n * minuteMs, `${n}m`] as const),
  ...[1, 2, 4].map((n) => [n * hourMs, `${n}H`] as const),
  ...[6, 12].map((n) => [n * hourMs, `${n}Hutc`] as const),
  [dayMs, '1Dutc'],
]);
const rowsMax = 100;

export const bars: BarsSpec = {
  rowsMax,
  intervals: [...names.keys()],
  request(instrument, { price, intervalMs, fromMs, toMs }) {
    const bar = names.get(intervalMs);
    if (bar === undefined || (instrument.kind === 'spot' && price !== 'traded')) return null;
    const endpoint = { traded: 'candles', mark: 'markCandles', index: 'indexCandles' } as const;
    return get(endpoint[price], {
      instId: price === 'index' ? instrument.symbol.replace(/-SWAP$/, '') : instrument.symbol,
      bar,
      before: String(fromMs - 1),
      after: String(toMs),
      limit: String(rowsMax),
    });
  },
  read(body, instrument, wish) {
    const frame = rowOf(parseJson(body));
    const data = frame?.['data'];
    if (frame?.['code'] !== '0' || !Array.isArray(data)) return null;
    // Of swaps `vol` counts contracts and `volCcy` the coin; of spot `vol` is the coin.
    const traded = instrument.kind === 'spot' ? 5 : 6;
    return barRows(data, [0, 1, 2, 3, 4, wish.price === 'traded' ? traded : -1], wish);
  },
};
