// What is traded. An instrument carries the venue's filters converted to our units once, at the
// venue's edge: quantities in base units (inverse contracts: contracts of their face value), prices
// in quote per one base unit. Unknown is null, never a guess.
import { assert } from '../base/assert.ts';
import { type Decimal, over, times } from '../base/decimal.ts';

/** 'binance', 'okx', 'bybit' or a plugin's own name. */
export type VenueId = string;
/** Ours: `binance:BTC-USDT-PERP`, `okx:BTC-USD-INV`, `bybit:BTC-USDT-SPOT`. */
export type InstrumentId = string;

export type InstrumentKind =
  | 'spot'
  | 'linear-perp'
  | 'inverse-perp'
  | 'linear-dated'
  | 'inverse-dated';

/** Only `trading` may be opened; `unknown` is everything that the venue says and we do not know. */
export type InstrumentStatus = 'trading' | 'halted' | 'unknown';

export interface Instrument {
  readonly id: InstrumentId;
  readonly venue: VenueId;
  /** The venue's own name: `BTCUSDT`, `BTC-USDT-SWAP`, `1000PEPEUSDT`. */
  readonly symbol: string;
  readonly kind: InstrumentKind;
  /** The asset itself, multipliers removed: `PEPE` for `1000PEPEUSDT`. */
  readonly base: string;
  readonly quote: string;
  readonly settle: string;
  /** The wallet of the venue that its cash moves in: `spot`, `futures`, `unified`. */
  readonly wallet: string;
  /** Linear: base units per contract (ctVal x ctMult, else 1). Inverse: quote units. */
  readonly contractSize: Decimal;
  /** Our quantity per one unit of the venue's quantity field (OKX 0.01, 1000PEPE 1000, else 1). */
  readonly qtyUnit: Decimal;
  /** The venue's price divided by this is our price (1000PEPE 1000, else 1). */
  readonly priceUnit: Decimal;
  /** Price grid, in our units; null = the venue does not say, so it is not tradable. */
  readonly tickSize: Decimal | null;
  /** Quantity grid, in our units. */
  readonly lotSize: Decimal | null;
  readonly qtyMin: Decimal | null;
  readonly qtyMax: Decimal | null;
  /** In quote currency. */
  readonly notionalMin: Decimal | null;
  readonly status: InstrumentStatus;
  /** The current interval; null where the instrument listing does not say, and for spot. */
  readonly fundingIntervalMs: number | null;
  readonly leverageMax: number | null;
  /** The number that orders name it by (Hyperliquid, OKX over WebSocket). */
  readonly assetId?: number;
}

/** Venue quantity (contracts, multiples) -> ours. */
export function qtyFromVenue(instrument: Instrument, venueQty: Decimal): Decimal {
  return times(venueQty, instrument.qtyUnit);
}

/** Ours -> the venue's quantity; exact on the lot grid. */
export function qtyToVenue(instrument: Instrument, qty: Decimal): Decimal {
  return over(qty, instrument.qtyUnit, 'down');
}

export function priceFromVenue(instrument: Instrument, venuePrice: Decimal): Decimal {
  return over(venuePrice, instrument.priceUnit);
}

export function priceToVenue(instrument: Instrument, price: Decimal): Decimal {
  return times(price, instrument.priceUnit);
}

const suffixOfKind: Readonly<Record<InstrumentKind, string>> = {
  spot: 'SPOT',
  'linear-perp': 'PERP',
  'inverse-perp': 'INV',
  'linear-dated': 'DATED',
  'inverse-dated': 'INV-DATED',
};

export function instrumentIdOf(spec: {
  readonly venue: VenueId;
  readonly kind: InstrumentKind;
  readonly base: string;
  readonly quote: string;
  /** Dated contracts: the venue's own expiry text, to keep ids apart. */
  readonly expiry?: string;
}): InstrumentId {
  const tail = spec.expiry === undefined ? '' : `-${spec.expiry}`;
  return `${spec.venue}:${spec.base}-${spec.quote}-${suffixOfKind[spec.kind]}${tail}`;
}

/** `1000PEPE` -> { base: 'PEPE', multiplier: '1000' }; `1INCH` and `BTC` stay as they are. */
export function splitMultiplier(venueBase: string): {
  readonly base: string;
  readonly multiplier: string;
} {
  const match = /^(1000000|100000|10000|1000)([A-Z][A-Z0-9]*)$/.exec(venueBase);
  if (match !== null) return { multiplier: match[1] as string, base: match[2] as string };
  if (/^1M[A-Z]{3,}$/.test(venueBase)) return { multiplier: '1000000', base: venueBase.slice(2) };
  return { multiplier: '1', base: venueBase };
}

/** Everything known about the venues' instruments; gives each a dense index for typed arrays. */
export class Catalog {
  private readonly list: Instrument[] = [];
  private readonly indexById = new Map<InstrumentId, number>();
  private readonly indexBySymbol = new Map<string, number>();

  /** Adds or replaces (same id keeps its index). */
  put(instrument: Instrument): number {
    const known = this.indexById.get(instrument.id);
    const index = known ?? this.list.length;
    this.list[index] = instrument;
    this.indexById.set(instrument.id, index);
    this.indexBySymbol.set(symbolKey(instrument), index);
    return index;
  }

  get size(): number {
    return this.list.length;
  }

  all(): readonly Instrument[] {
    return this.list;
  }

  at(index: number): Instrument {
    const instrument = this.list[index];
    assert(instrument !== undefined, `no instrument at index ${index}`);
    return instrument;
  }

  byId(id: InstrumentId): Instrument | undefined {
    const index = this.indexById.get(id);
    return index === undefined ? undefined : this.list[index];
  }

  indexOf(id: InstrumentId): number {
    return this.indexById.get(id) ?? -1;
  }

  /** By the venue's own name; `market` separates Binance's BTCUSDT (spot) from BTCUSDT (linear). */
  bySymbol(venue: VenueId, market: Market, symbol: string): Instrument | undefined {
    const index = this.indexBySymbol.get(`${venue} ${market} ${symbol}`);
    return index === undefined ? undefined : this.list[index];
  }
}

export type Market = 'spot' | 'linear' | 'inverse';

export function marketOf(kind: InstrumentKind): Market {
  if (kind === 'spot') return 'spot';
  return kind === 'linear-perp' || kind === 'linear-dated' ? 'linear' : 'inverse';
}

export function isPerp(kind: InstrumentKind): boolean {
  return kind === 'linear-perp' || kind === 'inverse-perp';
}

function symbolKey(instrument: Instrument): string {
  return `${instrument.venue} ${marketOf(instrument.kind)} ${instrument.symbol}`;
}
