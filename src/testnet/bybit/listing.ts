// What the simulated Bybit lists, by category and the venue's own symbol, and the way between our
// units and the text that the venue writes: the only place of this folder that converts.
import { present } from '../../base/assert.ts';
import {
  type Decimal,
  decimalsOf,
  formatDecimal,
  over,
  times,
  toNumber,
  tryDecimal,
} from '../../base/decimal.ts';
import { type Instrument, type InstrumentId, isPerp, marketOf } from '../../domain/instrument.ts';
import type { SimExchange, SimInstrument } from '../../sim/api.ts';

/** Categories that clients ask for; `option` is always empty. */
export const categories = ['spot', 'linear', 'inverse', 'option'] as const;
export type Category = (typeof categories)[number];

export interface Listed {
  readonly id: InstrumentId;
  readonly category: Category;
  readonly symbol: string;
  /** With its multiplier: `1000PEPE`. */
  readonly baseCoin: string;
  readonly quoteCoin: string;
  readonly settleCoin: string;
  readonly instrument: Instrument;
  readonly tickSize: Decimal;
  readonly lotSize: Decimal;
  /** Market data in our units -> text on the venue's tick and lot. */
  priceText(price: number): string;
  qtyText(qty: number): string;
  /** Exact money -> shortest text in the venue's units. */
  exactPrice(price: Decimal): string;
  exactQty(qty: Decimal): string;
  /** The venue's text -> ours; null when it is no number. */
  readPrice(text: string): Decimal | null;
  readQty(text: string): Decimal | null;
}

export class Listings {
  private readonly exchange: SimExchange;
  private readonly bySymbol = new Map<string, Listed>();
  private readonly byId = new Map<InstrumentId, Listed>();

  constructor(exchange: SimExchange) {
    this.exchange = exchange;
    for (const { instrument } of exchange.instruments()) {
      const listed = listedOf(instrument);
      this.byId.set(listed.id, listed);
      this.bySymbol.set(`${listed.category} ${listed.symbol}`, listed);
    }
  }

  find(category: string, symbol: string): Listed | null {
    return this.bySymbol.get(`${category} ${symbol}`) ?? null;
  }

  of(id: InstrumentId): Listed {
    return present(this.byId.get(id), `listing of ${id}`);
  }

  in(category: string): readonly Listed[] {
    return [...this.byId.values()].filter((listed) => listed.category === category);
  }

  /** With what changes while the exchange runs: the current funding interval. */
  current(listed: Listed): SimInstrument {
    return present(this.exchange.instrument(listed.id), listed.id);
  }
}

function listedOf(instrument: Instrument): Listed {
  const { id, symbol, quote, settle, qtyUnit, priceUnit } = instrument;
  const tickSize = times(present(instrument.tickSize, `tick of ${id}`), priceUnit);
  const lotSize = over(present(instrument.lotSize, `lot of ${id}`), qtyUnit);
  const priceDecimals = decimalsOf(tickSize);
  const qtyDecimals = decimalsOf(lotSize);
  const priceFactor = toNumber(priceUnit);
  const qtyDivisor = toNumber(qtyUnit);
  const suffix = symbol.lastIndexOf(quote);
  return {
    id,
    category: marketOf(instrument.kind),
    symbol,
    baseCoin: isPerp(instrument.kind) && suffix > 0 ? symbol.slice(0, suffix) : instrument.base,
    quoteCoin: quote,
    settleCoin: settle,
    instrument,
    tickSize,
    lotSize,
    priceText: (price) => (price * priceFactor).toFixed(priceDecimals),
    qtyText: (qty) => (qty / qtyDivisor).toFixed(qtyDecimals),
    exactPrice: (price) => formatDecimal(times(price, priceUnit)),
    exactQty: (qty) => formatDecimal(over(qty, qtyUnit)),
    readPrice: (text) => {
      const price = tryDecimal(text);
      return price === null ? null : over(price, priceUnit);
    },
    readQty: (text) => {
      const qty = tryDecimal(text);
      return qty === null ? null : times(qty, qtyUnit);
    },
  };
}

/** Without an exponent, which clients of strings do not expect. */
export function plainText(value: number): string {
  if (!Number.isFinite(value)) return '';
  const text = String(value);
  if (!text.includes('e')) return text;
  return value.toFixed(12).replace(/\.?0+$/, '');
}
