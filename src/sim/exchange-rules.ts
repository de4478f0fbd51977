// How the simulated venues differ from each other. Everything here is a named limit or a rule of
// the venue; the protocol files must not decide any of it again.
import { type Decimal, decimal, type Rounding } from '../base/decimal.ts';
import { secondMs } from '../base/time.ts';
import type { VenueId } from '../domain/instrument.ts';

export interface ExchangeRules {
  /**
   * A post-only order that would take: refused (Binance, Hyperliquid), or accepted and then
   * cancelled (OKX, Bybit).
   */
  readonly postOnlyCross: 'reject' | 'cancel';
  /** Binance accepts a client id again once its order has ended; OKX and Bybit never do. */
  readonly clientIdsUnique: 'among-open' | 'always';
  /** Of every perpetual until `setLeverage`, capped by the instrument's own maximum. */
  readonly leverageDefault: number;
  readonly ordersOpenMax: number;
  /** What our orders took from the displayed depth is back after this much wall time, linearly. */
  readonly refillWallMs: number;
  /** Fraction of the notional that a liquidation costs, instead of the taker fee. */
  readonly liquidationFeeRate: Decimal;
  /** The price that funding is paid on: the mark, or the index (Hyperliquid's oracle). */
  readonly fundingPrice: 'mark' | 'index';
}

/**
 * Cash is booked in units of 1e-8: fees, realized profit and funding are rounded once, half-even.
 */
export const cashUnit = decimal('0.00000001');
export const cashRounding: Rounding = 'half-even';

/** Named limits on what the simulation remembers; the oldest are forgotten first. */
export const historyMax = {
  orders: 10_000,
  fills: 10_000,
  fundingPayments: 10_000,
  bills: 30_000,
  clientIds: 100_000,
  fundingRates: 2_000,
} as const;

const common: ExchangeRules = {
  postOnlyCross: 'cancel',
  clientIdsUnique: 'always',
  leverageDefault: 10,
  ordersOpenMax: 500,
  refillWallMs: 2 * secondMs,
  liquidationFeeRate: decimal('0.005'),
  fundingPrice: 'mark',
};

const rulesByVenue: Readonly<Record<string, Partial<ExchangeRules>>> = {
  binance: {
    postOnlyCross: 'reject',
    clientIdsUnique: 'among-open',
    leverageDefault: 20,
    ordersOpenMax: 200,
  },
  okx: { leverageDefault: 3 },
  bybit: {},
  hyperliquid: { postOnlyCross: 'reject', leverageDefault: 20, fundingPrice: 'index' },
};

/** The rules of a venue; of an unknown one, the strictest common ones. */
export function rulesOf(venue: VenueId): ExchangeRules {
  return { ...common, ...rulesByVenue[venue] };
}
