// The simulated instruments as Binance lists them: by market and symbol, and every number printed
// with the decimals of the real venue. Nothing is rounded here except market data to its own grid.
import { assert } from '../../base/assert.ts';
import {
  type Decimal,
  decimalsOf,
  formatDecimal,
  over,
  times,
  toNumber,
} from '../../base/decimal.ts';
import type { ContractTerms } from '../../domain/contract-value.ts';
import { type InstrumentId, isPerp, type Market, marketOf } from '../../domain/instrument.ts';
import type { SimExchange, SimInstrument } from '../../sim/api.ts';

export type BinanceMarket = Market;
/** Markets with margin, leverage and funding. */
export type FuturesMarket = Exclude<BinanceMarket, 'spot'>;

/** What is needed to name an instrument and to print its prices and quantities. */
export interface Listed {
  readonly market: BinanceMarket;
  readonly id: InstrumentId;
  readonly symbol: string;
  readonly lower: string;
  readonly base: string;
  readonly quote: string;
  readonly settle: string;
  readonly terms: ContractTerms;
  readonly qtyUnit: Decimal;
  readonly priceUnit: Decimal;
  readonly qtyFactor: number;
  readonly priceFactor: number;
  /** Decimals of the venue's own tick and step. */
  readonly tickDecimals: number;
  readonly stepDecimals: number;
  /** Decimals that prices and quantities are printed with: spot always 8. */
  readonly priceDecimals: number;
  readonly qtyDecimals: number;
}

const spotDecimals = 8;

export class Listings {
  private readonly bySymbol = new Map<string, Listed>();
  private readonly byId = new Map<InstrumentId, Listed>();
  private readonly exchange: SimExchange;

  constructor(exchange: SimExchange) {
    this.exchange = exchange;
    for (const entry of exchange.instruments()) {
      const listed = listedOf(entry);
      if (listed === null) continue;
      this.bySymbol.set(`${listed.market} ${listed.symbol}`, listed);
      this.byId.set(listed.id, listed);
    }
  }

  find(market: BinanceMarket, symbol: string): Listed | null {
    return this.bySymbol.get(`${market} ${symbol}`) ?? null;
  }

  of(id: InstrumentId): Listed {
    const listed = this.byId.get(id);
    assert(listed !== undefined, `not listed on Binance: ${id}`);
    return listed;
  }

  knows(id: InstrumentId): boolean {
    return this.byId.has(id);
  }

  all(market: BinanceMarket): readonly Listed[] {
    return [...this.byId.values()].filter((listed) => listed.market === market);
  }

  /** The listing as it is now: intervals change. */
  sim(listed: Listed): SimInstrument {
    const sim = this.exchange.instrument(listed.id);
    assert(sim !== null, `gone: ${listed.id}`);
    return sim;
  }
}

function listedOf({ instrument }: SimInstrument): Listed | null {
  const { kind, tickSize, lotSize, qtyUnit, priceUnit } = instrument;
  if (tickSize === null || lotSize === null) return null;
  if (kind !== 'spot' && !isPerp(kind)) return null;
  const market = marketOf(kind);
  const tickDecimals = decimalsOf(times(tickSize, priceUnit));
  const stepDecimals = decimalsOf(over(lotSize, qtyUnit));
  const unitText = formatDecimal(qtyUnit);
  return {
    market,
    id: instrument.id,
    symbol: instrument.symbol,
    lower: instrument.symbol.toLowerCase(),
    base: unitText === '1' ? instrument.base : `${unitText}${instrument.base}`,
    quote: instrument.quote,
    settle: instrument.settle,
    terms: instrument,
    qtyUnit,
    priceUnit,
    qtyFactor: toNumber(qtyUnit),
    priceFactor: toNumber(priceUnit),
    tickDecimals,
    stepDecimals,
    priceDecimals: market === 'spot' ? spotDecimals : tickDecimals,
    qtyDecimals: market === 'spot' ? spotDecimals : stepDecimals,
  };
}

/** COIN-M names the pair beside the contract: `BTCUSD` of `BTCUSD_PERP`. */
export function pairOf({ base, quote }: Listed): string {
  return `${base}${quote}`;
}

/** Market data: our price per base unit -> the venue's text. */
export function priceText(listed: Listed, price: number): string {
  return (price * listed.priceFactor).toFixed(listed.priceDecimals);
}

export function qtyText(listed: Listed, qty: number): string {
  return (qty / listed.qtyFactor).toFixed(listed.qtyDecimals);
}

/** Marks and indices have 8 decimals. */
export function markText(listed: Listed, price: number): string {
  return (price * listed.priceFactor).toFixed(8);
}

/** The account's own figures are exact: padded, never cut. */
export function exactPrice(listed: Listed, price: Decimal): string {
  return padded(times(price, listed.priceUnit), listed.priceDecimals);
}

export function exactQty(listed: Listed, qty: Decimal): string {
  return padded(over(qty, listed.qtyUnit), listed.qtyDecimals);
}

export function cashText(amount: Decimal): string {
  return padded(amount, 8);
}

function padded(value: Decimal, decimalsMin: number): string {
  const text = formatDecimal(value);
  const dot = text.indexOf('.');
  if (decimalsMin === 0) return text;
  if (dot < 0) return `${text}.${'0'.repeat(decimalsMin)}`;
  return text.padEnd(dot + 1 + decimalsMin, '0');
}
