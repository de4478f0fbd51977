// Klines: rows as the venue sends them, volumes and counts 0, since nobody trades but the account.
import { tryDuration } from '../../base/time.ts';
import { type SimBarWish, simBarsMax } from '../../sim/bars.ts';
import type { TestnetContext } from '../protocol.ts';
import { type Answer, answer, refused } from './answer.ts';
import { type BinanceMarket, type Listings, markText, pairOf, priceText } from './listed.ts';
import type { Params } from './order-request.ts';

const rowsDefault = 500;
const zero = '0';

export function klines(
  parts: { readonly context: TestnetContext; readonly listings: Listings },
  params: Params,
  of: { readonly market: BinanceMarket; readonly price: SimBarWish['price'] },
): Answer {
  const { context, listings } = parts;
  const { market, price } = of;
  const pair = params.get('pair');
  const named =
    price === 'index'
      ? listings.all(market).find((listed) => pairOf(listed) === pair)
      : listings.find(market, params.get('symbol') ?? '');
  if (named === undefined || named === null) return refused(-1121, 'Invalid symbol.');
  const intervalMs = tryDuration(params.get('interval') ?? '');
  if (intervalMs === null) return refused(-1120, 'Invalid interval.');
  const rowsMax = Math.min(simBarsMax, Math.max(1, Number(params.get('limit') ?? rowsDefault)));
  const { tsMs } = context.now();
  const toMs = Number(params.get('endTime') ?? tsMs) + 1;
  const fromMs = Number(params.get('startTime') ?? toMs - rowsMax * intervalMs);
  const rows = context.exchange.bars(named.id, { price, intervalMs, fromMs, toMs, rowsMax });
  const text = (value: number): string =>
    price === 'traded' ? priceText(named, value) : markText(named, value);
  return answer(
    rows.map(({ openMs, open, high, low, close }) => [
      ...[openMs, text(open), text(high), text(low), text(close), zero],
      ...[openMs + intervalMs - 1, zero, 0, zero, zero, zero],
    ]),
  );
}
