// What a coin of Hyperliquid is: perpetuals are named by their asset (`BTC`, `kPEPE` = a thousand
// PEPE), spot pairs `PURR/USDC` or `@107`. The catalog knows units and ids; for a perpetual the
// name alone says as much.
import { type Decimal, decimal, one, over, times, toNumber } from '../../base/decimal.ts';
import {
  type Catalog,
  type Instrument,
  type InstrumentKind,
  instrumentIdOf,
  type Market,
} from '../../domain/instrument.ts';

export const venueId = 'hyperliquid';
/** Margin of the perpetuals; they settle in USDC. */
export const perpWallet = 'perp';
export const spotWallet = 'spot';
export const settleAsset = 'USDC';

export interface CoinFacts {
  readonly symbol: string;
  readonly instrument: string | null;
  readonly kind: InstrumentKind | null;
  readonly base: string | null;
  readonly qtyUnit: Decimal;
  readonly priceUnit: Decimal;
  readonly qtyFactor: number;
  readonly priceDivisor: number;
}

export function marketOfCoin(coin: string): Market {
  return coin.includes('/') || coin.startsWith('@') ? 'spot' : 'linear';
}

export function factsOf(coin: string, catalog: Catalog): CoinFacts {
  const known = catalog.bySymbol(venueId, marketOfCoin(coin), coin);
  return known === undefined ? factsOfName(coin) : factsOfInstrument(known);
}

/** `kPEPE` -> PEPE, 1000: the only lower-case letter in front of a name. */
export function splitCoin(coin: string): { readonly base: string; readonly multiplier: string } {
  return /^k[A-Z]/.test(coin)
    ? { base: coin.slice(1), multiplier: '1000' }
    : { base: coin, multiplier: '1' };
}

/**
 * Spot tokens that stand for an asset of another chain, bridged by Unit. The table is closed: a
 * token that merely has the ticker of one of those assets is another asset (`HLBTC`).
 */
const bridged: Readonly<Record<string, string>> = { UBTC: 'BTC', UETH: 'ETH', USOL: 'SOL' };

export function assetOfToken(token: string): string {
  if (Object.hasOwn(bridged, token)) return bridged[token] as string; // just checked
  return Object.values(bridged).includes(token) ? `HL${token}` : token;
}

export function ourQty(facts: CoinFacts, qty: Decimal): Decimal {
  return times(qty, facts.qtyUnit);
}

export function ourPrice(facts: CoinFacts, price: Decimal): Decimal {
  return over(price, facts.priceUnit);
}

function factsOfInstrument(instrument: Instrument): CoinFacts {
  const { qtyUnit, priceUnit } = instrument;
  return {
    symbol: instrument.symbol,
    instrument: instrument.id,
    kind: instrument.kind,
    base: instrument.base,
    qtyUnit,
    priceUnit,
    qtyFactor: toNumber(qtyUnit),
    priceDivisor: toNumber(priceUnit),
  };
}

/** Names of other perpetual exchanges on the chain (`xyz:TSLA`) and `@107` say no asset. */
function factsOfName(coin: string): CoinFacts {
  const isPerp = marketOfCoin(coin) === 'linear' && /^[A-Za-z0-9]+$/.test(coin);
  const { base, multiplier } = isPerp ? splitCoin(coin) : { base: null, multiplier: '1' };
  const unit = multiplier === '1' ? one : decimal(multiplier);
  return {
    symbol: coin,
    instrument:
      base === null
        ? null
        : instrumentIdOf({ venue: venueId, kind: 'linear-perp', base, quote: settleAsset }),
    kind: isPerp ? 'linear-perp' : marketOfCoin(coin) === 'spot' ? 'spot' : null,
    base,
    qtyUnit: unit,
    priceUnit: unit,
    qtyFactor: Number(multiplier),
    priceDivisor: Number(multiplier),
  };
}
