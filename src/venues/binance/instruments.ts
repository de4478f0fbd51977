// exchangeInfo of spot, USD-M and COIN-M -> instruments in our units. A status or contract type
// that is not known becomes `unknown`, a missing filter null: neither may be traded.
import { type Decimal, decimal, minOf, over, times } from '../../base/decimal.ts';
import {
  type Instrument,
  type InstrumentKind,
  type InstrumentStatus,
  instrumentIdOf,
  type Market,
  splitMultiplier,
} from '../../domain/instrument.ts';
import { type InstrumentEvent, stampOf } from '../../domain/venue-event.ts';
import { isJson, type Json, listOf, positiveDecimalIn, textIn } from './read.ts';
import { venueId, walletOfMarket } from './symbols.ts';

/** One entry of `symbols`; null when it does not even name itself and its assets. */
export function instrumentEvent(
  entry: unknown,
  market: Market,
  venueTsMs: number | null,
): InstrumentEvent | null {
  if (!isJson(entry)) return null;
  const spec = instrumentOf(entry, market);
  return spec === null ? null : { kind: 'instrument', ...stampOf(spec, venueTsMs), spec };
}

function instrumentOf(entry: Json, market: Market): Instrument | null {
  const symbol = textIn(entry['symbol']);
  const venueBase = textIn(entry['baseAsset']);
  const quote = textIn(entry['quoteAsset']);
  if (symbol === null || venueBase === null || quote === null) return null;
  const { base, multiplier } = splitMultiplier(venueBase);
  const unit = decimal(multiplier);
  const contract = contractOf(entry, market, symbol);
  const face = market === 'inverse' ? positiveDecimalIn(entry['contractSize']) : null;
  if (market === 'inverse' && face === null) return null;
  const lot = filterOf(entry, 'LOT_SIZE');
  const marketLot = filterOf(entry, 'MARKET_LOT_SIZE');
  return {
    id: instrumentIdOf({
      venue: venueId,
      kind: contract.kind,
      base,
      quote,
      ...(contract.expiry === null ? {} : { expiry: contract.expiry }),
    }),
    venue: venueId,
    symbol,
    kind: contract.kind,
    base,
    quote,
    settle: market === 'spot' ? quote : (textIn(entry['marginAsset']) ?? quote),
    wallet: walletOfMarket[market],
    // COIN-M: USD of face per contract (100 for BTC, 10 for the others).
    contractSize: face ?? unit,
    qtyUnit: unit,
    priceUnit: unit,
    tickSize: scaled(positiveDecimalIn(filterOf(entry, 'PRICE_FILTER')['tickSize']), unit, over),
    lotSize: scaled(positiveDecimalIn(lot['stepSize']), unit, times),
    qtyMin: scaled(positiveDecimalIn(lot['minQty']), unit, times),
    qtyMax: scaled(
      smaller(positiveDecimalIn(lot['maxQty']), positiveDecimalIn(marketLot['maxQty'])),
      unit,
      times,
    ),
    notionalMin: notionalMinOf(entry),
    // COIN-M says `contractStatus`.
    status: contract.known
      ? statusOf(textIn(entry['status']) ?? textIn(entry['contractStatus']))
      : 'unknown',
    // exchangeInfo does not carry it: see `decodeFundingInfo`.
    fundingIntervalMs: null,
    leverageMax: null,
  };
}

interface Contract {
  readonly kind: InstrumentKind;
  readonly expiry: string | null;
  /** False: a contract type that this code does not know. */
  readonly known: boolean;
}

const datedTypes = new Set([
  'CURRENT_MONTH',
  'NEXT_MONTH',
  'CURRENT_QUARTER',
  'NEXT_QUARTER',
  'PERPETUAL_DELIVERING',
]);

/** Dated futures stand in the same listing as perpetuals: `contractType` tells them apart. */
function contractOf(entry: Json, market: Market, symbol: string): Contract {
  if (market === 'spot') return { kind: 'spot', expiry: null, known: true };
  const type = textIn(entry['contractType']);
  const expiry = /_(\d{6,8})$/.exec(symbol)?.[1] ?? null;
  const settled = market === 'inverse' ? 'inverse' : 'linear';
  const perp = `${settled}-perp` as const;
  const dated = `${settled}-dated` as const;
  if (type === 'PERPETUAL' && expiry === null) return { kind: perp, expiry, known: true };
  if (type !== null && datedTypes.has(type.split(' ')[0] as string)) {
    return { kind: dated, expiry, known: true };
  }
  return { kind: expiry === null ? perp : dated, expiry, known: false };
}

const haltedStatuses = new Set([
  'PENDING_TRADING',
  'PRE_TRADING',
  'POST_TRADING',
  'END_OF_DAY',
  'HALT',
  'BREAK',
  'AUCTION_MATCH',
  'PRE_DELIVERING',
  'DELIVERING',
  'DELIVERED',
  'PRE_SETTLE',
  'SETTLING',
  'CLOSE',
]);

function statusOf(text: string | null): InstrumentStatus {
  if (text === 'TRADING') return 'trading';
  return text !== null && haltedStatuses.has(text) ? 'halted' : 'unknown';
}

/**
 * USD-M says MIN_NOTIONAL.notional, spot NOTIONAL.minNotional (formerly MIN_NOTIONAL.minNotional),
 * COIN-M counts contracts and has none.
 */
function notionalMinOf(entry: Json): Decimal | null {
  const filter = { ...filterOf(entry, 'MIN_NOTIONAL'), ...filterOf(entry, 'NOTIONAL') };
  return positiveDecimalIn(filter['minNotional'] ?? filter['notional']);
}

function filterOf(entry: Json, type: string): Json {
  for (const filter of listOf(entry['filters'])) {
    if (isJson(filter) && filter['filterType'] === type) return filter;
  }
  return {};
}

function scaled(
  value: Decimal | null,
  unit: Decimal,
  convert: (value: Decimal, unit: Decimal) => Decimal,
): Decimal | null {
  return value === null ? null : convert(value, unit);
}

function smaller(a: Decimal | null, b: Decimal | null): Decimal | null {
  return a === null ? b : b === null ? a : minOf(a, b);
}
