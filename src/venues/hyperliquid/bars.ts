// candleSnapshot of the info endpoint: traded prices alone, and of each interval only the latest
// 5,000. Rows { t, T, s, i, o, c, h, l, v, n }.
import { dayMs, hourMs, minuteMs } from '../../base/time.ts';
import { type BarsSpec, barRows } from '../../domain/bars-spec.ts';
import { parseJson } from './read.ts';
import { info } from './requests.ts';

const names: ReadonlyMap<number, string> = new Map([
  ...[1, 3, 5, 15, 30].map((n) => [n * minuteMs, `${n}m`] as const),
  ...[1, 2, 4, 8, 12].map((n) => [n * hourMs, `${n}h`] as const),
  [dayMs, '1d'],
]);

export const bars: BarsSpec = {
  // Every 60 rows weigh one more: see the weight in info.ts.
  rowsMax: 500,
  intervals: [...names.keys()],
  request(instrument, { price, intervalMs, fromMs, toMs }) {
    const interval = names.get(intervalMs);
    if (interval === undefined || price !== 'traded') return null;
    const req = { coin: instrument.symbol, interval, startTime: fromMs, endTime: toMs - 1 };
    return info('candleSnapshot', { body: { req } });
  },
  read(body, _instrument, wish) {
    const rows = parseJson(body);
    return Array.isArray(rows) ? barRows(rows, ['t', 'o', 'h', 'l', 'c', 'v'], wish) : null;
  },
};
