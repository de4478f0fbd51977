// The three markets of Binance answer the same questions on paths of their own: /api/v3 (spot),
// /fapi (USD-M), /dapi/v1 (COIN-M). Names here are USD-M's; what weighs differently stands beside.
import { type Instrument, isPerp, type Market, marketOf } from '../../domain/instrument.ts';
import { buckets } from './endpoints.ts';

const markets: readonly Market[] = ['spot', 'linear', 'inverse'];

const roots: Readonly<Record<Market, string>> = {
  spot: '/api/v3/',
  linear: '/fapi/v1/',
  inverse: '/dapi/v1/',
};

/** Where a path is not the market's root and the name. */
const exceptions: Readonly<Record<string, string>> = {
  'spot commissionRate': '/api/v3/account/commission',
  'spot userTrades': '/api/v3/myTrades',
  'spot balance': '/api/v3/account',
  'linear balance': '/fapi/v3/balance',
  'linear positionRisk': '/fapi/v3/positionRisk',
};

export function pathOf(name: string, market: Market): string {
  return exceptions[`${market} ${name}`] ?? `${roots[market]}${name}`;
}

export function marketOfPath(path: string): Market {
  if (path.startsWith('/dapi/')) return 'inverse';
  return path.startsWith('/fapi/') ? 'linear' : 'spot';
}

export const weightBucket: Readonly<Record<Market, string>> = {
  spot: buckets.spotWeight,
  linear: buckets.usdmWeight,
  inverse: buckets.coinmWeight,
};

export const ordersBucket: Readonly<Record<Market, string>> = {
  spot: buckets.spotOrders,
  linear: buckets.usdmOrders,
  inverse: buckets.coinmOrders,
};

export const weightOf = {
  /** Orders and trades of one symbol. */
  fills: { spot: 20, linear: 5, inverse: 20 },
  openOrders: { spot: 80, linear: 40, inverse: 40 },
  balance: { spot: 20, linear: 5, inverse: 1 },
} as const satisfies Readonly<Record<string, Readonly<Record<Market, number>>>>;

/** Markets of these instruments, in one order. */
export function marketsOf(instruments: readonly Instrument[]): readonly Market[] {
  return markets.filter((market) => instruments.some(({ kind }) => marketOf(kind) === market));
}

export function futuresMarkets(
  instruments: readonly Instrument[],
): readonly ('linear' | 'inverse')[] {
  return marketsOf(instruments).filter((market) => market !== 'spot');
}

export function perpMarkets(instruments: readonly Instrument[]): readonly ('linear' | 'inverse')[] {
  return futuresMarkets(instruments.filter(({ kind }) => isPerp(kind)));
}
