// OKX's instrument names and our ids, and the unit of a quantity field: contracts of a linear swap
// become base units by its listing's contract size. Without the listing that unit is unknown.
import { type Decimal, decimal, one, over, times, toNumber } from '../../base/decimal.ts';
import {
  type Catalog,
  type Instrument,
  type InstrumentId,
  type InstrumentKind,
  instrumentIdOf,
  type Market,
} from '../../domain/instrument.ts';

export const venue = 'okx';

export interface Name {
  readonly kind: InstrumentKind;
  readonly base: string;
  readonly quote: string;
  /** Dated contracts: the third part of the name, `260327`. */
  readonly expiry: string | null;
}

const nameForm = /^([A-Z0-9]{1,20})-([A-Z0-9_]{1,20})(?:-(SWAP|\d{6}))?$/;

/** `BTC-USDT`, `BTC-USDT-SWAP`, `BTC-USD-260327`; null for options and what we do not know. */
export function nameOf(instId: string): Name | null {
  const match = nameForm.exec(instId);
  if (match === null) return null;
  const [, base = '', quote = '', tail] = match;
  if (tail === undefined) return { kind: 'spot', base, quote, expiry: null };
  // Coin-margined contracts are quoted in plain USD; USDT, USDC and USD_UM ones are linear.
  const inverse = quote === 'USD';
  if (tail === 'SWAP') {
    return { kind: inverse ? 'inverse-perp' : 'linear-perp', base, quote, expiry: null };
  }
  return { kind: inverse ? 'inverse-dated' : 'linear-dated', base, quote, expiry: tail };
}

export function idOf(name: Name): InstrumentId {
  const { kind, base, quote, expiry } = name;
  return instrumentIdOf({ venue, kind, base, quote, ...(expiry === null ? {} : { expiry }) });
}

const markets: readonly Market[] = ['linear', 'spot', 'inverse'];

/** The listing by OKX's name, which is unique over its markets. */
export function listingOf(catalog: Catalog, instId: string): Instrument | null {
  for (const market of markets) {
    const found = catalog.bySymbol(venue, market, instId);
    if (found !== undefined) return found;
  }
  return null;
}

export interface Stamped {
  readonly venue: string;
  readonly symbol: string | null;
  readonly instrument: InstrumentId | null;
  readonly venueTsMs: number | null;
}

export function stampOfName(
  catalog: Catalog,
  instId: string | null,
  venueTsMs: number | null,
): Stamped {
  if (instId === null) return { venue, symbol: null, instrument: null, venueTsMs };
  const listing = listingOf(catalog, instId);
  const name = listing === null ? nameOf(instId) : null;
  const instrument = listing?.id ?? (name === null ? null : idOf(name));
  return { venue, symbol: instId, instrument, venueTsMs };
}

/**
 * Our quantity per one unit of a quantity field; null while the listing that says it is missing.
 * Spot counts in base units and inverse contracts stay contracts, so those need no listing.
 */
export function qtyUnitOf(catalog: Catalog, instId: string): Decimal | null {
  const listing = listingOf(catalog, instId);
  if (listing !== null) return listing.qtyUnit;
  const kind = nameOf(instId)?.kind;
  return kind === 'spot' || kind === 'inverse-perp' || kind === 'inverse-dated' ? one : null;
}

/** A quantity as a double is `field x multiply / divide`: one of them is 1, so it rounds once. */
export interface Scale {
  readonly multiply: number;
  readonly divide: number;
}

export function scaleOf(unit: Decimal): Scale {
  if (unit > 0n && unit < one) {
    const inverse = over(one, unit);
    if (inverse % decimal('1') === 0n && times(inverse, unit) === one) {
      return { multiply: 1, divide: toNumber(inverse) };
    }
  }
  return { multiply: toNumber(unit), divide: 1 };
}
