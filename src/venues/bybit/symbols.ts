// From Bybit's symbol to our instrument and units. The catalog decides; where it does not know the
// symbol, the venue's own naming rules do (`BTCUSDT`, `BTCPERP`, `BTC-27NOV26`, `BTCUSD`,
// `BTCUSDZ26`), and a name that they do not settle gives no instrument.
import { assert } from '../../base/assert.ts';
import { type Decimal, decimal, formatDecimal, over, times } from '../../base/decimal.ts';
import {
  type Catalog,
  type InstrumentId,
  type InstrumentKind,
  instrumentIdOf,
  type Market,
  marketOf,
  splitMultiplier,
} from '../../domain/instrument.ts';

export const venueId = 'bybit';
export const unifiedWallet = 'unified';

/** What a payload's symbol means. Null = cannot be known from what was given. */
export interface SymbolFacts {
  readonly symbol: string;
  readonly instrument: InstrumentId | null;
  readonly kind: InstrumentKind | null;
  readonly base: string | null;
  readonly quote: string | null;
  readonly settle: string | null;
  readonly qtyUnit: Decimal;
  readonly priceUnit: Decimal;
  /**
   * Market data: our quantity = the venue's x 10^unitShift, our price = the venue's / 10^unitShift.
   */
  readonly unitShift: number;
}

export function factsOf(symbol: string, market: Market | null, catalog: Catalog): SymbolFacts {
  const where = market ?? marketOfName(symbol);
  const instrument = where === null ? undefined : catalog.bySymbol(venueId, where, symbol);
  if (instrument === undefined) return factsOfName(symbol, where);
  const { id, kind, base, quote, settle, qtyUnit, priceUnit } = instrument;
  return {
    symbol,
    instrument: id,
    kind,
    base,
    quote,
    settle,
    qtyUnit,
    priceUnit,
    unitShift: powerOf10(qtyUnit),
  };
}

export function ourQty(facts: SymbolFacts, venueQty: Decimal): Decimal {
  return times(venueQty, facts.qtyUnit);
}

export function ourPrice(facts: SymbolFacts, venuePrice: Decimal): Decimal {
  return over(venuePrice, facts.priceUnit);
}

/** Bybit's multipliers are 1, 1000, 10000, ... 1000000. */
export function powerOf10(unit: Decimal): number {
  const text = formatDecimal(unit);
  assert(/^10*$/.test(text), `a unit of Bybit is not a power of ten: ${text}`);
  return text.length - 1;
}

/**
 * The double next to value x 10^shift, through its shortest text: dividing 10.528 by 1000 would
 * round twice and leave the tick.
 */
export function shifted(value: number, shift: number): number {
  if (shift === 0) return value;
  const [mantissa, exponent = '0'] = String(value).split('e');
  return Number(`${mantissa}e${Number(exponent) + shift}`);
}

export function quotedPrice(facts: SymbolFacts, venuePrice: number): number {
  return shifted(venuePrice, -facts.unitShift);
}

export function quotedQty(facts: SymbolFacts, venueQty: number): number {
  return shifted(venueQty, facts.unitShift);
}

/**
 * `1000PEPE` -> PEPE x 1000, `SHIB1000` -> SHIB x 1000. Contracts only: on spot the name is the
 * asset itself, in whose units the wallet counts.
 */
export function splitContractBase(venueBase: string): {
  readonly base: string;
  readonly multiplier: string;
} {
  const suffixed = /^([A-Z]{2,})(1000000|100000|10000|1000)$/.exec(venueBase);
  if (suffixed !== null) return { base: suffixed[1] as string, multiplier: suffixed[2] as string };
  return splitMultiplier(venueBase);
}

/** The expiry in a dated contract's name: `27NOV26` of `BTC-27NOV26`, `Z26` of `BTCUSDZ26`. */
export function expiryOf(symbol: string): string | null {
  return (
    (/-(\d{1,2}[A-Z]{3}\d{2})$/.exec(symbol) ?? /USD([FGHJKMNQUVXZ]\d{2})$/.exec(symbol))?.[1] ??
    null
  );
}

export function marketOfCategory(category: string | null): Market | null {
  return category === 'spot' || category === 'linear' || category === 'inverse' ? category : null;
}

/** The market where the name alone settles it: `BTCUSDT` is both spot and linear. */
export function marketOfName(symbol: string): Market | null {
  if (/USD(?:[FGHJKMNQUVXZ]\d{2})?$/.test(symbol)) return 'inverse';
  if (/PERP$/.test(symbol) || /-\d{1,2}[A-Z]{3}\d{2}$/.test(symbol)) return 'linear';
  const base = /^(.+)USDT$/.exec(symbol)?.[1];
  if (base !== undefined && splitContractBase(base).multiplier !== '1') return 'linear';
  return null;
}

interface Named {
  readonly kind: InstrumentKind;
  readonly venueBase: string;
  readonly quote: string;
}

function factsOfName(symbol: string, market: Market | null): SymbolFacts {
  const named = market === null ? null : namedIn(symbol, market);
  if (named === null) return { ...unknownFacts, symbol };
  const { kind, venueBase, quote } = named;
  const isSpot = marketOf(kind) === 'spot';
  const { base, multiplier } = isSpot
    ? { base: venueBase, multiplier: '1' }
    : splitContractBase(venueBase);
  const expiry = expiryOf(symbol);
  const unit = decimal(multiplier);
  const isInverse = marketOf(kind) === 'inverse';
  return {
    symbol,
    instrument: instrumentIdOf({
      venue: venueId,
      kind,
      base,
      quote,
      ...(expiry === null ? {} : { expiry }),
    }),
    kind,
    base,
    quote,
    settle: isInverse ? base : quote,
    qtyUnit: unit,
    priceUnit: unit,
    unitShift: powerOf10(unit),
  };
}

const unknownFacts: Omit<SymbolFacts, 'symbol'> = {
  instrument: null,
  kind: null,
  base: null,
  quote: null,
  settle: null,
  qtyUnit: decimal('1'),
  priceUnit: decimal('1'),
  unitShift: 0,
};

const asset = '([A-Z0-9]+)';
const patterns: readonly (readonly [Market, RegExp, InstrumentKind, quote: string | null])[] = [
  ['spot', new RegExp(`^${asset}(USDT|USDC|USDE|DAI|EUR|BRL|TRY|BTC|ETH|MNT)$`), 'spot', null],
  ['linear', new RegExp(`^${asset}USDT$`), 'linear-perp', 'USDT'],
  ['linear', new RegExp(`^${asset}PERP$`), 'linear-perp', 'USDC'],
  ['linear', new RegExp(`^${asset}USDT-\\d{1,2}[A-Z]{3}\\d{2}$`), 'linear-dated', 'USDT'],
  ['linear', new RegExp(`^${asset}-\\d{1,2}[A-Z]{3}\\d{2}$`), 'linear-dated', 'USDC'],
  ['inverse', new RegExp(`^${asset}USD$`), 'inverse-perp', 'USD'],
  ['inverse', new RegExp(`^${asset}USD[FGHJKMNQUVXZ]\\d{2}$`), 'inverse-dated', 'USD'],
];

function namedIn(symbol: string, market: Market): Named | null {
  for (const [where, pattern, kind, quote] of patterns) {
    const match = where === market ? pattern.exec(symbol) : null;
    if (match === null) continue;
    return { kind, venueBase: match[1] as string, quote: quote ?? (match[2] as string) };
  }
  return null;
}
