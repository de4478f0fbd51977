// metaAndAssetCtxs and spotMetaAndAssetCtxs -> instruments in our units. Orders name an asset by a
// number: the place in the universe for perpetuals, 10000 + index for spot. The tick is that of the
// mark price in the same answer; without a price it is unknown, and so not tradable.
import { type Decimal, decimal, one, over, times } from '../../base/decimal.ts';
import { hourMs } from '../../base/time.ts';
import { type Instrument, instrumentIdOf } from '../../domain/instrument.ts';
import { stampOf, type VenueEvent } from '../../domain/venue-event.ts';
import { unrecognized } from './events.ts';
import { assetOfToken, perpWallet, settleAsset, splitCoin, spotWallet, venueId } from './names.ts';
import { listAt, listOf, positiveNumberAt, type Row, rowOf, textAt, wholeAt } from './read.ts';
import { decimalsMaxOf, stepOf, tickAt } from './tick.ts';

const spotAssetIdFrom = 10_000;
/** More decimals than any size has. */
const szDecimalsMax = 8;
const notionalMin = decimal('10');

/** `[meta, contexts]`, or `meta` alone. */
export function decodePerps(reply: unknown): readonly VenueEvent[] {
  const [meta, contexts] = metaAndContexts(reply);
  if (meta === null) return [unrecognized('meta: no universe')];
  return listAt(meta, 'universe').map((entry, assetId) => {
    const row = rowOf(entry);
    const spec = row === null ? null : perpOf(row, assetId, rowOf(contexts[assetId]) ?? {});
    if (spec === null) return unrecognized('meta: an asset without name or szDecimals');
    return { kind: 'instrument', ...stampOf(spec, null), spec };
  });
}

export function decodeSpots(reply: unknown): readonly VenueEvent[] {
  const [meta, contexts] = metaAndContexts(reply);
  if (meta === null) return [unrecognized('spotMeta: no universe')];
  const tokens = new Map<number, Row>();
  for (const entry of listAt(meta, 'tokens')) {
    const row = rowOf(entry);
    const index = row === null ? null : wholeAt(row, 'index');
    if (row !== null && index !== null) tokens.set(index, row);
  }
  const byCoin = new Map<string, Row>();
  for (const entry of contexts) {
    const row = rowOf(entry);
    const coin = row === null ? null : textAt(row, 'coin');
    if (row !== null && coin !== null) byCoin.set(coin, row);
  }
  return listAt(meta, 'universe').map((entry) => {
    const row = rowOf(entry);
    const spec = row === null ? null : spotOf(row, tokens, byCoin);
    if (spec === null) return unrecognized('spotMeta: a pair without name, index or tokens');
    return { kind: 'instrument', ...stampOf(spec, null), spec };
  });
}

function metaAndContexts(reply: unknown): readonly [Row | null, readonly unknown[]] {
  const pair = listOf(reply);
  const meta = pair === null ? rowOf(reply) : rowOf(pair[0]);
  const contexts = pair === null ? [] : (listOf(pair[1]) ?? []);
  return [meta !== null && Array.isArray(meta['universe']) ? meta : null, contexts];
}

function perpOf(row: Row, assetId: number, context: Row): Instrument | null {
  const coin = textAt(row, 'name');
  const szDecimals = wholeAt(row, 'szDecimals');
  if (coin === null || szDecimals === null || szDecimals > szDecimalsMax) return null;
  const { base, multiplier } = splitCoin(coin);
  const unit = multiplier === '1' ? one : decimal(multiplier);
  const lotSize = times(stepOf(szDecimals), unit);
  // Margin is cross at ours: an asset that allows only isolated margin is not tradable.
  const onlyIsolated =
    row['onlyIsolated'] === true ||
    ['strictIsolated', 'noCross'].includes(String(row['marginMode']));
  return {
    id: instrumentIdOf({ venue: venueId, kind: 'linear-perp', base, quote: settleAsset }),
    venue: venueId,
    symbol: coin,
    kind: 'linear-perp',
    base,
    quote: settleAsset,
    settle: settleAsset,
    wallet: perpWallet,
    contractSize: unit,
    qtyUnit: unit,
    priceUnit: unit,
    tickSize: tickOf(context, decimalsMaxOf.perp - szDecimals, unit),
    lotSize,
    qtyMin: lotSize,
    qtyMax: null,
    notionalMin,
    status: row['isDelisted'] === true || onlyIsolated ? 'halted' : 'trading',
    // Every perpetual of the venue settles hourly.
    fundingIntervalMs: hourMs,
    leverageMax: wholeAt(row, 'maxLeverage'),
    assetId,
  };
}

function spotOf(
  row: Row,
  tokens: ReadonlyMap<number, Row>,
  contexts: ReadonlyMap<string, Row>,
): Instrument | null {
  const symbol = textAt(row, 'name');
  const index = wholeAt(row, 'index');
  const [baseIndex, quoteIndex] = listAt(row, 'tokens');
  const base = typeof baseIndex === 'number' ? tokens.get(baseIndex) : undefined;
  const quote = typeof quoteIndex === 'number' ? tokens.get(quoteIndex) : undefined;
  const baseName = base === undefined ? null : textAt(base, 'name');
  const quoteName = quote === undefined ? null : textAt(quote, 'name');
  const szDecimals = base === undefined ? null : wholeAt(base, 'szDecimals');
  if (symbol === null || index === null || baseName === null || quoteName === null) return null;
  if (szDecimals === null || szDecimals > szDecimalsMax) return null;
  const names = { base: assetOfToken(baseName), quote: assetOfToken(quoteName) };
  const lotSize = stepOf(szDecimals);
  return {
    id: instrumentIdOf({ venue: venueId, kind: 'spot', ...names }),
    venue: venueId,
    symbol,
    kind: 'spot',
    ...names,
    settle: names.quote,
    wallet: spotWallet,
    contractSize: one,
    qtyUnit: one,
    priceUnit: one,
    tickSize: tickOf(contexts.get(symbol) ?? {}, decimalsMaxOf.spot - szDecimals, one),
    lotSize,
    qtyMin: lotSize,
    qtyMax: null,
    notionalMin,
    status: 'trading',
    fundingIntervalMs: null,
    leverageMax: null,
    assetId: spotAssetIdFrom + index,
  };
}

function tickOf(context: Row, decimalsMax: number, unit: Decimal): Decimal | null {
  const price = positiveNumberAt(context, 'markPx') ?? positiveNumberAt(context, 'midPx');
  return price === null ? null : over(tickAt(price, Math.max(0, decimalsMax)), unit);
}
