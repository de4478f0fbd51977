// From the words of a data set ("okx", "BTC-USDT-SWAP") to what may be traded in a backtest. Known
// contracts keep the venue's own filters; of others the grid is read off the recorded prices. A
// contract that the simulated exchange cannot carry (inverse, dated) is left out and said so.

import { decimal, fromNumber, over } from '../base/decimal.ts';
import { instrumentIdOf, isPerp, type VenueId } from '../domain/instrument.ts';
import { leverageMaxOf, noTiers } from '../domain/margin.ts';
import type { SimInstrument } from '../sim/api.ts';
import { listingsOf } from '../sim/listings/listings-of.ts';
import { largeAltTiers } from '../sim/listings/tiers.ts';
import type { VenueTerms } from './venue-terms.ts';

export interface SymbolName {
  readonly base: string;
  readonly quote: string;
  /** Units of the asset in one unit of the contract: 1000 for 1000PEPE and kPEPE. */
  readonly multiplier: number;
}

const quotes = 'USDT|USDC|FDUSD|BUSD|USDE|USD';
const joined = new RegExp(`^([A-Z0-9]+?)(${quotes})$`);
/** Venues whose bare or USD-named perpetuals settle in a dollar coin. */
const settlesInUsdc: readonly string[] = ['hyperliquid', 'dydx'];

/** Null = nothing that can be traded here: inverse, dated, or a name that says nothing. */
export function nameOf(venue: VenueId, market: 'spot' | 'perp', symbol: string): SymbolName | null {
  const inUsdc = settlesInUsdc.some((name) => venue.startsWith(name));
  const split = splitSymbol(symbol, inUsdc);
  if (split === null) return null;
  let { base, quote } = split;
  if (market === 'perp' && quote === 'USD') {
    if (inUsdc) quote = 'USDC';
    else if (!symbol.startsWith('PF_')) return null; // margined in the coin
  }
  if (base === 'XBT') base = 'BTC';
  const kilo = /^k([A-Z]{2,})$/.exec(base);
  if (kilo !== null) return { base: kilo[1] as string, quote, multiplier: 1_000 };
  const many = /^(1000000|100000|10000|1000)([A-Z][A-Z0-9]*)$/.exec(base);
  if (many !== null) return { base: many[2] as string, quote, multiplier: Number(many[1]) };
  return { base, quote, multiplier: 1 };
}

function splitSymbol(symbol: string, inUsdc: boolean): { base: string; quote: string } | null {
  const bare = symbol.replace(/^P[FI]_/, '');
  const parts = bare.split(/[-_/]/).filter((part) => !/^(SWAP|PERP|PERPETUAL)$/.test(part));
  if (parts.some((part) => /^\d{6,8}$/.test(part))) return null; // dated
  if (parts.length >= 2) return { base: parts[0] as string, quote: parts[1] as string };
  const [only = ''] = parts;
  const match = joined.exec(only);
  if (match !== null) return { base: match[1] as string, quote: match[2] as string };
  if (/^[A-Z0-9]+PERP$/.test(only)) return { base: only.slice(0, -4), quote: 'USDC' };
  return inUsdc && /^[A-Za-z0-9]+$/.test(only) ? { base: only, quote: 'USDC' } : null;
}

export interface ListingRequest {
  readonly venue: VenueId;
  readonly market: 'spot' | 'perp';
  readonly symbol: string;
  /** Recorded closes as the venue quotes them, for the grid of a contract that is not known. */
  readonly closes: Float64Array;
  readonly terms: VenueTerms;
}

export function listingOf(request: ListingRequest): SimInstrument | null {
  const { venue, market, symbol, terms } = request;
  const feeRateTaker = fromNumber(market === 'spot' ? terms.spotTaker : terms.perpTaker);
  const feeRateMaker = fromNumber(market === 'spot' ? terms.spotMaker : terms.perpMaker);
  const known = listingsOf(venue).find(
    ({ instrument }) =>
      instrument.symbol === symbol && isPerp(instrument.kind) === (market === 'perp'),
  );
  if (known !== undefined) return { ...known, feeRateMaker, feeRateTaker, priceBand: 1 };
  const name = nameOf(venue, market, symbol);
  const grid = gridOf(request.closes);
  if (name === null || grid === null) return null;
  const { base, quote } = name;
  const kind = market === 'spot' ? 'spot' : 'linear-perp';
  const unit = fromNumber(name.multiplier);
  const lot = fromNumber(grid.lot * name.multiplier);
  return {
    instrument: {
      id: instrumentIdOf({ venue, kind, base, quote }),
      venue,
      symbol,
      kind,
      base,
      quote,
      settle: quote,
      wallet: walletOf(venue, market),
      contractSize: decimal('1'),
      qtyUnit: unit,
      priceUnit: unit,
      tickSize: over(fromNumber(grid.tick), unit),
      lotSize: lot,
      qtyMin: lot,
      qtyMax: null,
      notionalMin: decimal('5'),
      status: 'trading',
      fundingIntervalMs: null,
      leverageMax: market === 'spot' ? null : leverageMaxOf(largeAltTiers),
    },
    underlying: base,
    marginTiers: market === 'spot' ? noTiers : largeAltTiers,
    fundingCap: 1,
    fundingFloor: -1,
    fundingIntervalDefaultMs: null,
    feeRateMaker,
    feeRateTaker,
    priceBand: 1, // a recorded price is believed
  };
}

/** Binance keeps spot and futures apart; the others margin from one account. */
function walletOf(venue: VenueId, market: 'spot' | 'perp'): string {
  if (venue !== 'binance') return 'unified';
  return market === 'spot' ? 'spot' : 'futures';
}

/** Prices that are looked at, spread over the record. */
const samplesMax = 500;
const decimalsMax = 8;

/** The finest decimals that the prices show, and a lot of about one dollar. */
function gridOf(closes: Float64Array): { readonly tick: number; readonly lot: number } | null {
  const stride = Math.max(1, Math.floor(closes.length / samplesMax));
  const seen: number[] = [];
  let decimals = 0;
  for (let k = 0; k < closes.length; k += stride) {
    const price = closes[k] as number;
    if (!(price > 0)) continue;
    seen.push(price);
    decimals = Math.max(decimals, decimalsOf(price));
  }
  if (seen.length === 0) return null;
  seen.sort((a, b) => a - b);
  const median = seen[Math.floor(seen.length / 2)] as number;
  return { tick: powerOfTen(-decimals), lot: powerOfTen(Math.floor(Math.log10(1 / median))) };
}

function decimalsOf(price: number): number {
  for (let decimals = 0; decimals < decimalsMax; decimals++) {
    const scaled = price * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6) return decimals;
  }
  return decimalsMax;
}

/** 10 ** -5 is not the double that 1e-5 is. */
function powerOfTen(exponent: number): number {
  return Number(`1e${exponent}`);
}
