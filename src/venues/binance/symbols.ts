// From Binance's symbol to our instrument and units. A catalog that does not know the symbol leaves
// the instrument null, but the multiplier stands in the name (`1000PEPEUSDT`), so units stay right.
import { assert } from '../../base/assert.ts';
import { type Decimal, decimal, formatDecimal, one, over, times } from '../../base/decimal.ts';
import {
  type Catalog,
  type InstrumentId,
  type Market,
  splitMultiplier,
} from '../../domain/instrument.ts';

export const venueId = 'binance';

/**
 * COIN-M contracts are `BTCUSD_PERP` and `BTCUSD_260626`; USD-M names no `USD_` (`BTCUSDT_260626`).
 */
export function isCoinMargined(symbol: string): boolean {
  return /USD_(?:PERP|\d{6,8})$/.test(symbol);
}

/** The wallet that a market's cash moves in. */
export const walletOfMarket = {
  spot: 'spot',
  linear: 'futures',
  inverse: 'coin-futures',
} as const satisfies Readonly<Record<Market, string>>;

/** What a payload's symbol means: its stamp and the conversion of its quantities and prices. */
export interface SymbolUnits {
  readonly symbol: string;
  readonly instrument: InstrumentId | null;
  readonly qtyUnit: Decimal;
  readonly priceUnit: Decimal;
  /** Market data: our quantity or price = the venue's x 10^shift. */
  readonly qtyShift: number;
  readonly priceShift: number;
}

export function unitsOf(symbol: string, market: Market, catalog: Catalog): SymbolUnits {
  const instrument = catalog.bySymbol(venueId, market, symbol);
  const unit = instrument === undefined ? decimal(splitMultiplier(symbol).multiplier) : null;
  const qtyUnit = instrument?.qtyUnit ?? unit ?? one;
  const priceUnit = instrument?.priceUnit ?? unit ?? one;
  return {
    symbol,
    instrument: instrument?.id ?? null,
    qtyUnit,
    priceUnit,
    qtyShift: powerOf10(qtyUnit),
    priceShift: -powerOf10(priceUnit),
  };
}

/** Binance's multipliers are 1, 1000, 10000, ... 1000000. */
export function powerOf10(unit: Decimal): number {
  const text = formatDecimal(unit);
  assert(/^10*$/.test(text), `a unit of Binance is not a power of ten: ${text}`);
  return text.length - 1;
}

export function ourQty(units: SymbolUnits, venueQty: Decimal): Decimal {
  return times(venueQty, units.qtyUnit);
}

export function ourPrice(units: SymbolUnits, venuePrice: Decimal): Decimal {
  return over(venuePrice, units.priceUnit);
}
