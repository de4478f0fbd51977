// From Binance's symbol to our instrument and units. A catalog that does not know the symbol leaves
// the instrument null, but the multiplier stands in the name (`1000PEPEUSDT`), so units stay right.
import { type Decimal, decimal, over, times, toNumber } from '../../base/decimal.ts';
import {
  type Catalog,
  type InstrumentId,
  type Market,
  splitMultiplier,
} from '../../domain/instrument.ts';

export const venueId = 'binance';

/** What a payload's symbol means: its stamp and the conversion of its quantities and prices. */
export interface SymbolUnits {
  readonly symbol: string;
  readonly instrument: InstrumentId | null;
  readonly qtyUnit: Decimal;
  readonly priceUnit: Decimal;
  /** The same as numbers, for market data. */
  readonly qtyFactor: number;
  readonly priceDivisor: number;
}

export function unitsOf(symbol: string, market: Market, catalog: Catalog): SymbolUnits {
  const instrument = catalog.bySymbol(venueId, market, symbol);
  if (instrument === undefined) {
    const { multiplier } = splitMultiplier(symbol);
    const unit = decimal(multiplier);
    const factor = Number(multiplier);
    return {
      symbol,
      instrument: null,
      qtyUnit: unit,
      priceUnit: unit,
      qtyFactor: factor,
      priceDivisor: factor,
    };
  }
  return {
    symbol,
    instrument: instrument.id,
    qtyUnit: instrument.qtyUnit,
    priceUnit: instrument.priceUnit,
    qtyFactor: toNumber(instrument.qtyUnit),
    priceDivisor: toNumber(instrument.priceUnit),
  };
}

export function ourQty(units: SymbolUnits, venueQty: Decimal): Decimal {
  return times(venueQty, units.qtyUnit);
}

export function ourPrice(units: SymbolUnits, venuePrice: Decimal): Decimal {
  return over(venuePrice, units.priceUnit);
}
