// A ccxt market -> our instrument: sizes are listed in contracts and leave in base units,
// precisions become grids. What ccxt does not say stays null, and an instrument without a grid is
// not traded.
import { type Decimal, decimal, one, times, tryDecimal } from '../../base/decimal.ts';
import {
  type Instrument,
  type InstrumentKind,
  instrumentIdOf,
  splitMultiplier,
} from '../../domain/instrument.ts';
import type { Row } from './api.ts';
import { flagAt, numberAt, positiveAt, rowOf, textAt } from './fields.ts';
import { type CcxtProfile, walletOf } from './profiles.ts';

/** ccxt's `precisionMode`. */
const decimalPlaces = 2;
const tickSize = 4;

export interface MarketSource {
  readonly venue: string;
  readonly profile: CcxtProfile;
  readonly precisionMode: number;
}

/** Null for options, dated futures and what is not understood. */
export function instrumentOf(market: Row, source: MarketSource): Instrument | null {
  const { venue, profile } = source;
  const kind = kindOf(market);
  const symbol = textAt(market, 'id');
  const venueBase = textAt(market, 'base');
  const quote = textAt(market, 'quote');
  if (kind === null || symbol === null || venueBase === null || quote === null) return null;
  const contractSize = kind === 'spot' ? one : positiveAt(market, 'contractSize');
  if (contractSize === null) return null;
  const { base, multiplier } = splitMultiplier(venueBase);
  const priceUnit = decimal(multiplier);
  // Inverse contracts are counted, with a face value in quote.
  const qtyUnit = kind === 'inverse-perp' ? one : times(contractSize, priceUnit);
  const limits = rowOf(market['limits']);
  const amount = rowOf(limits['amount']);
  const precision = rowOf(market['precision']);
  const inOurs = (value: Decimal | null): Decimal | null =>
    value === null ? null : times(value, qtyUnit);
  const tick = gridAt(precision, 'price', source.precisionMode);
  return {
    id: instrumentIdOf({ venue, kind, base, quote }),
    venue,
    symbol,
    kind,
    base,
    quote,
    settle: textAt(market, 'settle') ?? quote,
    wallet: walletOf(profile, kind === 'spot' ? 'spot' : 'swap'),
    contractSize: kind === 'inverse-perp' ? contractSize : qtyUnit,
    qtyUnit,
    priceUnit,
    tickSize: tick === null ? null : dividedExactly(tick, priceUnit),
    lotSize: inOurs(gridAt(precision, 'amount', source.precisionMode)),
    qtyMin: inOurs(positiveAt(amount, 'min')),
    qtyMax: inOurs(positiveAt(amount, 'max')),
    notionalMin: positiveAt(rowOf(limits['cost']), 'min'),
    status: statusOf(market),
    fundingIntervalMs: null,
    leverageMax: numberAt(rowOf(limits['leverage']), 'max'),
  };
}

function kindOf(market: Row): InstrumentKind | null {
  if (flagAt(market, 'spot') === true) return 'spot';
  if (flagAt(market, 'swap') !== true) return null;
  if (flagAt(market, 'linear') === true) return 'linear-perp';
  return flagAt(market, 'inverse') === true ? 'inverse-perp' : null;
}

function statusOf(market: Row): Instrument['status'] {
  const active = flagAt(market, 'active');
  return active === null ? 'unknown' : active ? 'trading' : 'halted';
}

/** Significant digits have no grid. */
function gridAt(precision: Row, key: string, mode: number): Decimal | null {
  if (mode === tickSize) return positiveAt(precision, key);
  if (mode !== decimalPlaces) return null;
  const places = numberAt(precision, key);
  return places === null || !Number.isInteger(places) ? null : tryDecimal(`1e${-places}`);
}

function dividedExactly(value: Decimal, unit: Decimal): Decimal | null {
  const scaled = value * one;
  return scaled % unit === 0n ? ((scaled / unit) as Decimal) : null; // brand: an exact quotient
}
