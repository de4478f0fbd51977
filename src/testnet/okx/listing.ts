// The simulated instruments under OKX's names and in its units: sizes in contracts, prices as text
// on the tick. Conversions of orders are exact; those of market data print on the grid.
import {
  type Decimal,
  decimalsOf,
  formatDecimal,
  one,
  over,
  times,
  tryDecimal,
} from '../../base/decimal.ts';
import type { InstrumentId } from '../../domain/instrument.ts';
import type { SimExchange, SimInstrument } from '../../sim/api.ts';
import { scaleOf } from '../../venues/okx/names.ts';

export interface Listed {
  readonly id: InstrumentId;
  readonly instId: string;
  readonly instType: 'SPOT' | 'SWAP';
  /** `BTC-USDT`: the index, and the underlying of a swap. */
  readonly pair: string;
  /** What WebSocket orders name the instrument by: an integer of 16 digits. */
  readonly instIdCode: string;
  readonly sim: SimInstrument;
  /** Contracts of a quantity, exact. */
  contracts(qty: Decimal): string;
  /** Our quantity of contracts; null when the text is no decimal. */
  fromContracts(text: string): Decimal | null;
  /** Market data on the grid. */
  sizeText(qty: number): string;
  priceText(price: number): string;
}

export interface Listings {
  readonly all: readonly Listed[];
  byInstId(instId: string): Listed | null;
  byCode(instIdCode: string): Listed | null;
  byId(id: InstrumentId): Listed | null;
}

const firstInstIdCode = 2_000_000_000_000_001;

export function makeListings(exchange: SimExchange): Listings {
  const all = exchange.instruments().map((sim, index) => listed(sim, firstInstIdCode + index));
  const byInstId = new Map(all.map((entry) => [entry.instId, entry]));
  const byCode = new Map(all.map((entry) => [entry.instIdCode, entry]));
  const byId = new Map(all.map((entry) => [entry.id, entry]));
  return {
    all,
    byInstId: (instId) => byInstId.get(instId) ?? null,
    byCode: (code) => byCode.get(code) ?? null,
    byId: (id) => byId.get(id) ?? null,
  };
}

function listed(sim: SimInstrument, code: number): Listed {
  const { instrument } = sim;
  const unit = instrument.qtyUnit;
  const scale = scaleOf(unit);
  const lotDecimals = decimalsOf(over(instrument.lotSize ?? one, unit));
  const tickDecimals = decimalsOf(instrument.tickSize ?? one);
  return {
    id: instrument.id,
    instId: instrument.symbol,
    instType: instrument.kind === 'spot' ? 'SPOT' : 'SWAP',
    pair: `${instrument.base}-${instrument.quote}`,
    instIdCode: String(code),
    sim,
    contracts: (qty) => formatDecimal(over(qty, unit)),
    fromContracts: (text) => {
      const contracts = tryDecimal(text);
      return contracts === null ? null : times(contracts, unit);
    },
    sizeText: (qty) => fixed((qty * scale.divide) / scale.multiply, lotDecimals),
    priceText: (price) => fixed(price, tickDecimals),
  };
}

/** Decimal text without trailing zeros. */
export function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  if (decimals === 0) return text;
  let end = text.length;
  while (text[end - 1] === '0') end--;
  if (text[end - 1] === '.') end--;
  return text.slice(0, end);
}
