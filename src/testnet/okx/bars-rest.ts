// history-candles of trades, mark and index: newest first; volumes 0, since nobody trades but the
// account. The bar that is open has confirm 0.
import { tryDuration } from '../../base/time.ts';
import type { SimBarWish } from '../../sim/bars.ts';
import type { Handler } from './public-rest.ts';
import { fail, failure, ok } from './replies.ts';
import { missingInstrument } from './trade.ts';

const rowsLimit = 100;

export function candles(price: SimBarWish['price']): Handler {
  return (state, query) => {
    const instId = query.get('instId') ?? '';
    const listed =
      price === 'index'
        ? state.listings.all.find(({ pair, instType }) => pair === instId && instType === 'SWAP')
        : state.listings.byInstId(instId);
    if (listed === undefined || listed === null) return fail(missingInstrument);
    const intervalMs = intervalOf(query.get('bar') ?? '1m');
    if (intervalMs === null) return fail(failure('51000', 'Parameter bar error'));
    const rowsMax = Math.max(1, Math.min(Number(query.get('limit') ?? rowsLimit), rowsLimit));
    const { tsMs } = state.now();
    // Both bounds are exclusive: `after` is older than, `before` newer than.
    const toMs = Number(query.get('after') ?? tsMs + 1);
    const newestMs = Math.ceil(toMs / intervalMs) * intervalMs - rowsMax * intervalMs;
    const fromMs = Math.max(Number(query.get('before') ?? newestMs - 1) + 1, newestMs);
    const rows = state.exchange.bars(listed.id, { price, intervalMs, fromMs, toMs, rowsMax });
    return ok(
      rows
        .map(({ openMs, open, high, low, close }) => [
          String(openMs),
          ...[open, high, low, close].map((value) => listed.priceText(value)),
          ...(price === 'traded' ? ['0', '0', '0'] : []),
          openMs + intervalMs <= tsMs ? '1' : '0',
        ])
        .reverse(),
    );
  };
}

/** "1m", "1H", "1Dutc": from an hour on the unit is a capital. */
function intervalOf(bar: string): number | null {
  return /^\d+(?:m|H|Hutc|Dutc)$/.test(bar)
    ? tryDuration(bar.replace('utc', '').toLowerCase())
    : null;
}
