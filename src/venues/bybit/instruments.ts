// instruments-info of spot, linear and inverse -> instruments in our units. Dated futures stand
// beside perpetuals: `contractType` tells them apart. A status or type that is not known is never
// `trading`, a missing filter is null.
import { type Decimal, decimal, minOf, over, times, toNumber } from '../../base/decimal.ts';
import { minuteMs } from '../../base/time.ts';
import {
  type Instrument,
  type InstrumentKind,
  type InstrumentStatus,
  instrumentIdOf,
  type Market,
} from '../../domain/instrument.ts';
import { stampOf, type VenueEvent } from '../../domain/venue-event.ts';
import { unrecognized } from './events.ts';
import { decimalAt, numberAt, positiveDecimalAt, type Row, rowAt, textAt } from './read.ts';
import { expiryOf, splitContractBase, unifiedWallet, venueId } from './symbols.ts';

/** One entry of `result.list`. */
export function decodeInstrument(
  row: Row,
  market: Market | null,
  venueTsMs: number | null,
): VenueEvent {
  const symbol = textAt(row, 'symbol');
  const venueBase = textAt(row, 'baseCoin');
  const quote = textAt(row, 'quoteCoin');
  if (symbol === null || venueBase === null || quote === null) {
    return unrecognized('instrument: no symbol, baseCoin or quoteCoin', symbol);
  }
  const kind = kindOf(row, market);
  if (kind === null) {
    const type = textAt(row, 'contractType') ?? 'none';
    return unrecognized(`instrument: contractType ${type} in category ${market ?? '?'}`, symbol);
  }
  const names = { symbol, venueBase, quote, kind };
  const spec = kind === 'spot' ? spotOf(row, names) : contractOf(row, names);
  return { kind: 'instrument', ...stampOf(spec, venueTsMs), spec };
}

interface Names {
  readonly symbol: string;
  readonly venueBase: string;
  readonly quote: string;
  readonly kind: InstrumentKind;
}

const kinds: Readonly<Record<string, InstrumentKind>> = {
  LinearPerpetual: 'linear-perp',
  LinearFutures: 'linear-dated',
  InversePerpetual: 'inverse-perp',
  InverseFutures: 'inverse-dated',
};

/** Spot entries have no contract type; without a category their own fields tell. */
function kindOf(row: Row, market: Market | null): InstrumentKind | null {
  const type = textAt(row, 'contractType');
  if (type !== null) return Object.hasOwn(kinds, type) ? (kinds[type] as InstrumentKind) : null;
  if (market === 'spot') return 'spot';
  const isSpot = market === null && textAt(rowAt(row, 'lotSizeFilter'), 'basePrecision') !== null;
  return isSpot ? 'spot' : null;
}

function spotOf(row: Row, { symbol, venueBase, quote }: Names): Instrument {
  const lot = rowAt(row, 'lotSizeFilter');
  const unit = decimal('1');
  return {
    id: instrumentIdOf({ venue: venueId, kind: 'spot', base: venueBase, quote }),
    venue: venueId,
    symbol,
    kind: 'spot',
    base: venueBase,
    quote,
    settle: quote,
    wallet: unifiedWallet,
    contractSize: unit,
    qtyUnit: unit,
    priceUnit: unit,
    tickSize: positiveDecimalAt(rowAt(row, 'priceFilter'), 'tickSize'),
    lotSize: positiveDecimalAt(lot, 'basePrecision'),
    qtyMin: decimalAt(lot, 'minOrderQty'),
    qtyMax: smallest(lot, ['maxLimitOrderQty', 'maxMarketOrderQty', 'maxOrderQty']),
    notionalMin: decimalAt(lot, 'minOrderAmt'),
    status: statusOf(row),
    fundingIntervalMs: null,
    leverageMax: null,
  };
}

function contractOf(row: Row, { symbol, venueBase, quote, kind }: Names): Instrument {
  const lot = rowAt(row, 'lotSizeFilter');
  const isInverse = kind === 'inverse-perp' || kind === 'inverse-dated';
  const isPerp = kind === 'linear-perp' || kind === 'inverse-perp';
  const { base, multiplier } = splitContractBase(venueBase);
  const unit = decimal(multiplier);
  const expiry = isPerp ? null : expiryOf(symbol);
  const leverageMax = decimalAt(rowAt(row, 'leverageFilter'), 'maxLeverage');
  return {
    id: instrumentIdOf({
      venue: venueId,
      kind,
      base,
      quote,
      // A dated contract whose name has no expiry is kept apart by its name.
      ...(isPerp ? {} : { expiry: expiry ?? symbol }),
    }),
    venue: venueId,
    symbol,
    kind,
    base,
    quote,
    settle: textAt(row, 'settleCoin') ?? (isInverse ? base : quote),
    wallet: unifiedWallet,
    // Inverse: a contract is 1 USD of face.
    contractSize: unit,
    qtyUnit: unit,
    priceUnit: unit,
    tickSize: scaled(positiveDecimalAt(rowAt(row, 'priceFilter'), 'tickSize'), unit, over),
    lotSize: scaled(positiveDecimalAt(lot, 'qtyStep'), unit, times),
    qtyMin: scaled(decimalAt(lot, 'minOrderQty'), unit, times),
    qtyMax: scaled(smallest(lot, ['maxOrderQty', 'maxMktOrderQty']), unit, times),
    notionalMin: decimalAt(lot, 'minNotionalValue'),
    status: statusOf(row),
    fundingIntervalMs: isPerp ? fundingIntervalOf(row) : null,
    leverageMax: leverageMax === null ? null : toNumber(leverageMax),
  };
}

/** Minutes; 0 on contracts without funding. */
function fundingIntervalOf(row: Row): number | null {
  const minutes = numberAt(row, 'fundingInterval');
  return minutes !== null && minutes > 0 ? minutes * minuteMs : null;
}

const haltedStatuses = ['PreLaunch', 'Settling', 'Delivering', 'Closed'];

/** A pre-market contract has its own rules (auction, no funding at times): not tradable for us. */
function statusOf(row: Row): InstrumentStatus {
  const status = textAt(row, 'status');
  if (status === 'Trading') return row['isPreListing'] === true ? 'halted' : 'trading';
  return status !== null && haltedStatuses.includes(status) ? 'halted' : 'unknown';
}

/** Limit and market orders have maxima of their own: both kinds must fit. */
function smallest(row: Row, keys: readonly string[]): Decimal | null {
  let least: Decimal | null = null;
  for (const key of keys) {
    const value = positiveDecimalAt(row, key);
    if (value !== null) least = least === null ? value : minOf(least, value);
  }
  return least;
}

function scaled(
  value: Decimal | null,
  unit: Decimal,
  convert: (value: Decimal, unit: Decimal) => Decimal,
): Decimal | null {
  return value === null ? null : convert(value, unit);
}
