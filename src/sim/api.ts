// The simulated exchange as its users see it: the testnet's protocol files (over sockets) and the
// simulator (in virtual time). Synchronous, no I/O, no clock: the caller passes the times. All
// quantities and prices are in our units (base units, price per base unit); the protocol files
// convert to the venue's contracts at their edge.
import type { Decimal } from '../base/decimal.ts';
import type { Instrument, InstrumentId, VenueId } from '../domain/instrument.ts';
import type { MarginTiers } from '../domain/margin.ts';
import type { Liquidity, Side, TimeInForce } from '../domain/order.ts';
import type { Level } from '../domain/venue-event.ts';
import type { SimBar, SimBarWish } from './bars.ts';

/**
 * Venue time and wall time of a call: events carry venue time, windows and timers run on wall time.
 */
export interface SimNow {
  readonly tsMs: number;
  readonly wallMs: number;
}

/** An instrument with everything a venue publishes about it. */
export interface SimInstrument {
  readonly instrument: Instrument;
  readonly underlying: string;
  readonly marginTiers: MarginTiers;
  /** Bounds of the funding rate per interval. */
  readonly fundingCap: number;
  readonly fundingFloor: number;
  /**
   * The interval that the contract was listed with; `Instrument.fundingIntervalMs` is the current.
   */
  readonly fundingIntervalDefaultMs: number | null;
  readonly feeRateMaker: Decimal;
  readonly feeRateTaker: Decimal;
  /** Fraction around the mark in which limit prices are accepted. */
  readonly priceBand: number;
}

export interface SimOrderRequest {
  readonly instrument: InstrumentId;
  /** Null = the venue makes one up. */
  readonly clientOrderId: string | null;
  readonly side: Side;
  readonly type: 'limit' | 'market';
  readonly timeInForce: TimeInForce;
  readonly qty: Decimal;
  readonly limit: Decimal | null;
  readonly reduceOnly: boolean;
}

export type SimOrderStatus = 'open' | 'partially-filled' | 'filled' | 'canceled' | 'expired';

export interface SimOrder {
  /** Integer text, unique per venue. */
  readonly orderId: string;
  readonly clientOrderId: string;
  readonly instrument: InstrumentId;
  readonly side: Side;
  readonly type: 'limit' | 'market';
  readonly timeInForce: TimeInForce;
  readonly qty: Decimal;
  readonly limit: Decimal | null;
  readonly reduceOnly: boolean;
  readonly status: SimOrderStatus;
  readonly filledQty: Decimal;
  /** Notional of the fills, exact: quote, of inverse contracts coin. */
  readonly filledCost: Decimal;
  /** Null until filled in part. */
  readonly averagePrice: Decimal | null;
  /** Cumulative fee, as cost (positive = paid), in `feeAsset`. */
  readonly feePaid: Decimal;
  readonly feeAsset: string;
  readonly createdTsMs: number;
  readonly updatedTsMs: number;
  /** Why it ended, where it did not fill. */
  readonly endReason: SimEndReason | null;
}

export type SimEndReason =
  | 'user'
  | 'ioc-remainder'
  | 'fok'
  | 'post-only-would-cross'
  | 'no-liquidity'
  | 'dead-man'
  | 'liquidation'
  | 'reduce-only'
  | 'margin'
  | 'delisted';

export interface SimFill {
  /** Integer text, unique per (venue, symbol). */
  readonly tradeId: string;
  readonly orderId: string;
  readonly clientOrderId: string;
  readonly instrument: InstrumentId;
  readonly side: Side;
  readonly price: Decimal;
  readonly qty: Decimal;
  readonly liquidity: Liquidity;
  /** Cost: positive = paid. */
  readonly feePaid: Decimal;
  readonly feeAsset: string;
  /** Booked to the wallet by this fill, before the fee; zero for spot and opening fills. */
  readonly realizedPnl: Decimal;
  /** Position after the fill. */
  readonly positionAfter: Decimal;
  readonly tsMs: number;
  readonly forced: 'liquidation' | 'adl' | null;
}

export interface SimBalance {
  /** `spot`, `futures`, `coin-futures` (Binance) or `unified` (OKX, Bybit). */
  readonly wallet: string;
  readonly asset: string;
  /** Wallet balance, without unrealized profit. */
  readonly total: Decimal;
  /** Held by open spot orders. */
  readonly locked: Decimal;
}

export interface SimPosition {
  readonly instrument: InstrumentId;
  /** Signed, + long. */
  readonly qty: Decimal;
  readonly entryPrice: Decimal;
  readonly mark: number;
  readonly unrealizedPnl: Decimal;
  readonly leverage: number;
  readonly marginMode: 'cross' | 'isolated';
  readonly liquidationPrice: number | null;
  readonly initialMargin: Decimal;
  readonly maintenanceMargin: Decimal;
  readonly updatedTsMs: number;
}

/** Cross-margin figures of one pool of a wallet, in USD(T) or in the pool's coin. */
export interface SimMargin {
  readonly wallet: string;
  /** Null = what the linear perpetuals settle in; else the coin of inverse ones. */
  readonly coin: string | null;
  readonly equity: Decimal;
  readonly unrealizedPnl: Decimal;
  readonly initialMargin: Decimal;
  readonly maintenanceMargin: Decimal;
  readonly available: Decimal;
}

export interface SimFundingPayment {
  /** Integer text, unique per venue. */
  readonly id: string;
  readonly instrument: InstrumentId;
  readonly wallet: string;
  readonly asset: string;
  /** Cash, + = received. */
  readonly amount: Decimal;
  readonly rate: number;
  readonly mark: number;
  /** Position at the settlement, signed. */
  readonly qty: Decimal;
  readonly settledAtMs: number;
}

/** One line of the account's ledger: trades, fees, funding. */
export interface SimBill {
  readonly id: string;
  readonly kind: 'trade' | 'fee' | 'realized-pnl' | 'funding' | 'transfer' | 'liquidation-fee';
  readonly wallet: string;
  readonly asset: string;
  readonly amount: Decimal;
  readonly balanceAfter: Decimal;
  readonly instrument: InstrumentId | null;
  readonly tradeId: string | null;
  readonly tsMs: number;
}

export type SimRejection =
  | 'unknown-instrument'
  | 'not-trading'
  | 'price-off-tick'
  | 'qty-off-lot'
  | 'qty-below-min'
  | 'qty-above-max'
  | 'notional-below-min'
  | 'price-outside-band'
  | 'insufficient-funds'
  | 'reduce-only-rejected'
  | 'duplicate-client-id'
  | 'post-only-would-cross'
  | 'leverage-too-high'
  | 'too-many-orders'
  | 'settlement-in-progress'
  | 'order-not-found'
  | 'order-terminal'
  | 'invalid-value';

export type SimResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: SimRejection; readonly message: string };

/** Emitted in the order in which things happened; protocol files turn them into stream frames. */
export type SimEvent =
  | { readonly kind: 'order'; readonly order: SimOrder; readonly tsMs: number }
  | {
      readonly kind: 'fill';
      readonly fill: SimFill;
      readonly order: SimOrder;
      readonly tsMs: number;
    }
  | {
      readonly kind: 'balance';
      readonly balance: SimBalance;
      readonly cause: 'order' | 'funding' | 'transfer' | 'liquidation';
      readonly tsMs: number;
    }
  | {
      readonly kind: 'position';
      readonly position: SimPosition;
      readonly cause: 'order' | 'funding' | 'liquidation';
      readonly tsMs: number;
    }
  | { readonly kind: 'funding-payment'; readonly payment: SimFundingPayment; readonly tsMs: number }
  | {
      readonly kind: 'leverage';
      readonly instrument: InstrumentId;
      readonly leverage: number;
      readonly tsMs: number;
    }
  | {
      readonly kind: 'interval-change';
      readonly instrument: InstrumentId;
      readonly intervalMs: number;
      readonly tsMs: number;
    };

export interface SimQuote {
  readonly bid: number;
  readonly bidQty: number;
  readonly ask: number;
  readonly askQty: number;
  /** Grid time of the book. */
  readonly tsMs: number;
  /** Increases by one with every published change. */
  readonly updateId: number;
}

export interface SimBook {
  /** Best first; displayed quantity after what our own orders took. */
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly tsMs: number;
  readonly updateId: number;
}

export interface SimFunding {
  /** Estimate of the next settlement's rate by the venue's own formula, bounded. */
  readonly ratePerInterval: number;
  readonly intervalMs: number;
  readonly settlesAtMs: number;
  readonly lastSettledRate: number | null;
  readonly lastSettledAtMs: number | null;
  /** Current premium index sample. */
  readonly premium: number;
}

export interface SimExchange {
  readonly venue: VenueId;
  instruments(): readonly SimInstrument[];
  instrument(id: InstrumentId): SimInstrument | null;

  /** Everything up to `now` happens: market ticks, resting fills, settlements, liquidations. */
  advance(now: SimNow): void;
  /** Listeners are called inside `advance`, `place`, `cancel`, in the order of what happened. */
  onEvent(listener: (event: SimEvent) => void): void;

  quote(id: InstrumentId): SimQuote;
  /**
   * Everything public about an instrument into a row of the market table, without an object: quote,
   * mark, index and funding (NaN for spot). Receive times are not the venue's to write.
   */
  show(id: InstrumentId, row: Float64Array): void;
  book(id: InstrumentId, levelsMax: number): SimBook;
  mark(id: InstrumentId): number;
  index(id: InstrumentId): number;
  /** Null for spot. */
  funding(id: InstrumentId): SimFunding | null;
  /** Past settlements in [fromMs, toMs], ascending; `mark` is the mark at the settlement. */
  fundingHistory(
    id: InstrumentId,
    range: { readonly fromMs: number; readonly toMs: number },
  ): readonly { readonly settledAtMs: number; readonly rate: number; readonly mark: number }[];

  /** Up to the bar that is open now. */
  bars(id: InstrumentId, wish: SimBarWish): readonly SimBar[];

  place(request: SimOrderRequest, now: SimNow): SimResult<SimOrder>;
  cancel(target: SimOrderTarget, now: SimNow, reason?: SimEndReason): SimResult<SimOrder>;
  /** Cancels all open orders (of one instrument); returns them. */
  cancelAll(
    instrument: InstrumentId | null,
    now: SimNow,
    reason?: SimEndReason,
  ): readonly SimOrder[];
  order(target: SimOrderTarget): SimOrder | null;
  openOrders(instrument: InstrumentId | null): readonly SimOrder[];
  /** Newest last; terminal ones included. */
  orders(filter: SimHistoryFilter): readonly SimOrder[];
  fills(filter: SimHistoryFilter): readonly SimFill[];
  fundingPayments(filter: SimHistoryFilter): readonly SimFundingPayment[];
  bills(filter: SimHistoryFilter): readonly SimBill[];

  balances(): readonly SimBalance[];
  /** Non-zero positions, and zero ones that were touched. */
  positions(): readonly SimPosition[];
  position(id: InstrumentId): SimPosition;
  /** `coin`: of the inverse perpetuals that settle in it; absent = of the linear ones. */
  margin(wallet: string, coin?: string): SimMargin;
  setLeverage(id: InstrumentId, leverage: number, now: SimNow): SimResult<'changed' | 'unchanged'>;
  leverage(id: InstrumentId): number;
}

/** Client ids are unique per (venue, instrument) among all orders that the simulation remembers. */
export interface SimOrderTarget {
  readonly instrument: InstrumentId;
  readonly orderId?: string;
  readonly clientOrderId?: string;
}

export interface SimHistoryFilter {
  readonly instrument?: InstrumentId;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly limit?: number;
  /** Only ids greater than this (integer order). */
  readonly afterId?: string;
}
