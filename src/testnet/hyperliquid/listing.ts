// What the simulated Hyperliquid lists, by coin and by the number that orders use, and the way
// between our units and the text that the venue writes: the only place of this folder that
// converts.
import { present } from '../../base/assert.ts';
import {
  type Decimal,
  decimalsOf,
  formatDecimal,
  isMultipleOf,
  over,
  roundToStep,
  times,
  toNumber,
  tryDecimal,
} from '../../base/decimal.ts';
import { type Instrument, type InstrumentId, isPerp } from '../../domain/instrument.ts';
import type { Side } from '../../domain/order.ts';
import type { SimExchange, SimInstrument } from '../../sim/api.ts';
import { decimalsMaxOf, wirePrice } from '../../venues/hyperliquid/tick.ts';

const spotAssetIdFrom = 10_000;

export interface Listed {
  readonly id: InstrumentId;
  readonly coin: string;
  readonly isPerp: boolean;
  readonly assetId: number;
  /** Place in the listing: makes trade ids unique over all coins. */
  readonly ordinal: number;
  readonly szDecimals: number;
  readonly instrument: Instrument;
  /** Market data in our units -> text on the venue's grid. */
  priceText(price: number): string;
  qtyText(qty: number): string;
  /** Exact money -> text in the venue's units. */
  exactPrice(price: Decimal): string;
  exactQty(qty: Decimal): string;
  readQty(text: string): Decimal | null;
  /** Null = no price; `off-grid` = more digits than the venue takes. */
  readPrice(text: string, side: Side): Decimal | 'off-grid' | null;
}

export class Listings {
  private readonly exchange: SimExchange;
  private readonly list: readonly Listed[];
  private readonly byCoin: ReadonlyMap<string, Listed>;
  private readonly byAsset: ReadonlyMap<number, Listed>;
  private readonly byId: ReadonlyMap<InstrumentId, Listed>;

  constructor(exchange: SimExchange) {
    this.exchange = exchange;
    let perps = 0;
    this.list = exchange.instruments().map(({ instrument }, ordinal) => {
      const perp = isPerp(instrument.kind);
      const spotIndex = Number(instrument.symbol.replace(/^@/, ''));
      const assetId = perp ? perps++ : spotAssetIdFrom + spotIndex;
      return listedOf(instrument, { assetId, ordinal });
    });
    this.byCoin = new Map(this.list.map((listed) => [listed.coin, listed]));
    this.byAsset = new Map(this.list.map((listed) => [listed.assetId, listed]));
    this.byId = new Map(this.list.map((listed) => [listed.id, listed]));
  }

  perps(): readonly Listed[] {
    return this.list.filter((listed) => listed.isPerp);
  }

  spots(): readonly Listed[] {
    return this.list.filter((listed) => !listed.isPerp);
  }

  coin(coin: string): Listed | null {
    return this.byCoin.get(coin) ?? null;
  }

  asset(assetId: number): Listed | null {
    return this.byAsset.get(assetId) ?? null;
  }

  of(id: InstrumentId): Listed {
    return present(this.byId.get(id), `listing of ${id}`);
  }

  current(listed: Listed): SimInstrument {
    return present(this.exchange.instrument(listed.id), listed.id);
  }
}

function listedOf(
  instrument: Instrument,
  place: { readonly assetId: number; readonly ordinal: number },
): Listed {
  const { id, symbol, qtyUnit, priceUnit } = instrument;
  const tickSize = present(instrument.tickSize, `tick of ${id}`);
  const lot = over(present(instrument.lotSize, `lot of ${id}`), qtyUnit);
  const szDecimals = decimalsOf(lot);
  const priceDecimals = decimalsOf(times(tickSize, priceUnit));
  const perp = isPerp(instrument.kind);
  const decimalsMax = (perp ? decimalsMaxOf.perp : decimalsMaxOf.spot) - szDecimals;
  const priceFactor = toNumber(priceUnit);
  const qtyDivisor = toNumber(qtyUnit);
  return {
    id,
    coin: symbol,
    isPerp: perp,
    ...place,
    szDecimals,
    instrument,
    priceText: (price) => withPoint((price * priceFactor).toFixed(priceDecimals)),
    qtyText: (qty) => withPoint((qty / qtyDivisor).toFixed(szDecimals)),
    exactPrice: (price) => withPoint(formatDecimal(times(price, priceUnit))),
    exactQty: (qty) => withPoint(formatDecimal(over(qty, qtyUnit))),
    readQty: (text) => {
      const qty = tryDecimal(text);
      return qty === null ? null : times(qty, qtyUnit);
    },
    readPrice: (text, side) => {
      const price = tryDecimal(text);
      if (price === null || price <= 0n) return null;
      const fits = wirePrice(price, side) === price && decimalsOf(price) <= decimalsMax;
      if (!fits && !isMultipleOf(price, times(tickSize, priceUnit))) return 'off-grid';
      if (!fits && decimalsOf(price) > 0) return 'off-grid';
      // The exchange's own grid is that of its first prices; a finer price pays no more than it
      // says.
      return roundToStep(over(price, priceUnit), tickSize, side === 'buy' ? 'floor' : 'ceil');
    },
  };
}

/** The venue always writes a decimal point. */
export function withPoint(text: string): string {
  return text.includes('.') ? text : `${text}.0`;
}

export function moneyText(value: Decimal): string {
  return withPoint(formatDecimal(value));
}

/** Without an exponent. */
export function plainText(value: number): string {
  if (!Number.isFinite(value)) return '0.0';
  const text = String(value);
  return withPoint(text.includes('e') ? value.toFixed(12).replace(/0+$/, '0') : text);
}
