// kline, mark-price-kline and index-price-kline: newest first; volumes 0, since nobody trades but
// the account.
import { dayMs, minuteMs } from '../../base/time.ts';
import type { SimBarWish } from '../../sim/bars.ts';
import { type Answer, badParams, done } from './answer.ts';
import type { Params } from './params.ts';
import type { BybitState } from './state.ts';

const rowsDefault = 200;
const rowsLimit = 1_000;

export function klines(price: SimBarWish['price']) {
  return (state: BybitState, params: Params): Answer => {
    const category = params.get('category') ?? 'linear';
    const listed = state.listings.find(category, params.get('symbol') ?? '');
    const isOf = listed !== null && (price === 'traded' || listed.category !== 'spot');
    if (!isOf) return badParams('Symbol Is Invalid');
    const intervalMs = intervalOf(params.get('interval') ?? '');
    if (intervalMs === null) return badParams('Invalid period!');
    const rowsMax = Math.max(1, Math.min(params.integer('limit') ?? rowsDefault, rowsLimit));
    const toMs = (params.integer('end') ?? state.now().tsMs) + 1;
    // The newest rows of the range, as many as the limit takes.
    const newestMs = toMs - rowsMax * intervalMs;
    const fromMs = Math.max(params.integer('start') ?? newestMs, newestMs);
    const list = state.exchange
      .bars(listed.id, { price, intervalMs, fromMs, toMs, rowsMax })
      .map(({ openMs, open, high, low, close }) => [
        String(openMs),
        ...[open, high, low, close].map((value) => listed.priceText(value)),
        ...(price === 'traded' ? ['0', '0'] : []),
      ])
      .reverse();
    return done({ symbol: listed.symbol, category: listed.category, list });
  };
}

function intervalOf(text: string): number | null {
  if (text === 'D') return dayMs;
  const minutes = Number(text);
  return minutes >= 1 && Number.isInteger(minutes) ? minutes * minuteMs : null;
}
