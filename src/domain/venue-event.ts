// What a venue says, normalised: the output of every venue's `decode` and of `farb decode`. Units
// are ours (base quantities, price per base unit). Market data is `number`; account data is exact.
// Signs: a positive funding rate means longs pay shorts; an amount of cash is positive when
// received (so `fee` is negative when paid); a position is positive when long.
import type { Decimal } from '../base/decimal.ts';
import type { Instrument, InstrumentId, VenueId } from './instrument.ts';
import type { MarginTiers } from './margin.ts';
import type { Liquidity, OrderStatus, Side } from './order.ts';

interface Stamp {
  readonly venue: VenueId;
  /** The venue's own name, where the payload has one. */
  readonly symbol: string | null;
  /** Ours, where it can be known. */
  readonly instrument: InstrumentId | null;
  /** The venue's event time, epoch ms; null where the payload has none. */
  readonly venueTsMs: number | null;
}

export interface QuoteEvent extends Stamp {
  readonly kind: 'quote';
  /** Null = the side is empty or the venue sent none. */
  readonly bid: number | null;
  readonly bidQty: number | null;
  readonly ask: number | null;
  readonly askQty: number | null;
}

export type Level = readonly [price: number, qty: number];

export interface DepthEvent extends Stamp {
  readonly kind: 'depth';
  /** True: replaces the book. False: a delta; quantity 0 deletes the level. */
  readonly snapshot: boolean;
  /** Best first. */
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  /** Last sequence number covered; strings, because OKX passes 2^53. */
  readonly seq: string | null;
  /** The sequence number that must precede (OKX prevSeqId, Binance USD-M pu). */
  readonly prevSeq: string | null;
  /** First update id covered (Binance U). */
  readonly firstSeq: string | null;
}

export interface MarkPriceEvent extends Stamp {
  readonly kind: 'mark-price';
  readonly mark: number | null;
  readonly index: number | null;
}

export interface FundingRateEvent extends Stamp {
  readonly kind: 'funding-rate';
  /** Fraction per interval that applies at `settlesAtMs`; null where the venue does not say. */
  readonly ratePerInterval: number | null;
  readonly intervalMs: number | null;
  readonly settlesAtMs: number | null;
  readonly nextRate: number | null;
  /** Bounds of a rate per interval, where the venue says them. */
  readonly cap: number | null;
  readonly floor: number | null;
  /** True for a past settlement (history), false for the estimate of the next one. */
  readonly settled: boolean;
  /** The price that a past settlement was computed at; absent where histories name none. */
  readonly mark?: number | null;
}

export interface TradeEvent extends Stamp {
  readonly kind: 'trade';
  readonly tradeId: string | null;
  readonly price: number;
  readonly qty: number;
  /** The taker's side. */
  readonly side: Side;
}

export interface InstrumentEvent extends Stamp {
  readonly kind: 'instrument';
  readonly spec: Instrument;
}

/** The account's own fee rates for an instrument: fractions of the notional, + = cost. */
export interface FeeRateEvent extends Stamp {
  readonly kind: 'fee-rate';
  readonly taker: number;
  readonly maker: number;
}

/** What a position of a contract may be at which leverage, and the margin that it must keep. */
export interface MarginTiersEvent extends Stamp {
  readonly kind: 'margin-tiers';
  readonly table: MarginTiers;
}

/** What borrowing an asset on margin costs: a fraction of the amount per hour, >= 0. */
export interface BorrowRateEvent extends Stamp {
  readonly kind: 'borrow-rate';
  readonly asset: string;
  readonly ratePerHour: number;
}

export interface OrderEvent extends Stamp {
  readonly kind: 'order';
  readonly clientOrderId: string | null;
  readonly venueOrderId: string | null;
  readonly status: OrderStatus;
  readonly side: Side;
  readonly qty: Decimal;
  readonly filledQty: Decimal;
  readonly limit: Decimal | null;
  readonly averagePrice: Decimal | null;
  readonly reduceOnly: boolean | null;
  /** The venue's reason for a cancel or reject, as it says it. */
  readonly reason: string | null;
}

export interface FillEvent extends Stamp {
  readonly kind: 'fill';
  /** The venue's trade id: unique per (venue, symbol). */
  readonly fillId: string;
  readonly clientOrderId: string | null;
  readonly venueOrderId: string | null;
  readonly side: Side;
  readonly price: Decimal;
  readonly qty: Decimal;
  /** Cash, + = received: negative when paid. */
  readonly fee: Decimal;
  readonly feeAsset: string | null;
  readonly liquidity: Liquidity | null;
  /** The venue's own figure for the profit that this fill booked to the wallet, before the fee. */
  readonly realizedPnl: Decimal | null;
  /** True for ADL, liquidation and settlement trades that the venue made, not we. */
  readonly forced: boolean;
}

export interface BalanceEvent extends Stamp {
  readonly kind: 'balance';
  readonly asset: string;
  /** Wallet balance without unrealized profit. */
  readonly total: Decimal;
  readonly available: Decimal | null;
  /** `spot`, `futures`, `unified`. */
  readonly wallet: string;
}

export interface PositionEvent extends Stamp {
  readonly kind: 'position';
  /** Signed, base units. */
  readonly qty: Decimal;
  readonly entryPrice: Decimal | null;
  readonly markPrice: number | null;
  readonly liquidationPrice: number | null;
  readonly leverage: number | null;
}

export interface FundingPaymentEvent extends Stamp {
  readonly kind: 'funding-payment';
  /** The venue's bill id. */
  readonly id: string;
  /** Cash, + = received. */
  readonly amount: Decimal;
  readonly asset: string;
  readonly wallet: string;
  /** The price that the bill names; absent where bills name none. */
  readonly mark?: Decimal | null;
}

export const errorCodes = [
  'TRANSIENT',
  'RATE_LIMITED',
  'MAINTENANCE',
  'AUTH',
  'REJECTED',
  'BAD_PAYLOAD',
  'UNKNOWN_OUTCOME',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** What the system does about an error; see the tables in docs/venues. */
export const reactions = [
  'resync-clock',
  'stop',
  'back-off',
  'query',
  'reload-instruments',
  're-price',
  'not-filled',
  'reconcile',
  'funds',
  'refresh-position',
  'fix-position-mode',
  'below-minimum',
  'retry',
  'settlement-retry',
  'price-band',
  'restricted',
  'unchanged',
  'login',
  'report',
] as const;
export type Reaction = (typeof reactions)[number];

export interface ErrorEvent extends Stamp {
  readonly kind: 'error';
  readonly code: ErrorCode;
  /** The venue's code as text, or `http-503`, `timeout`. */
  readonly venueCode: string;
  readonly message: string;
  readonly reaction: Reaction;
  readonly clientOrderId: string | null;
}

/** Acks, pongs, logins, listen keys, notices. */
export interface ControlEvent extends Stamp {
  readonly kind: 'control';
  readonly name:
    | 'subscribed'
    | 'unsubscribed'
    | 'pong'
    | 'login'
    | 'listen-key'
    | 'listen-key-expired'
    | 'reconnect-now'
    | 'server-time'
    | 'ack'
    | 'unchanged';
  /** Listen key, request id, notice text; null where there is none. */
  readonly value: string | null;
}

export interface UnrecognizedEvent extends Stamp {
  readonly kind: 'unrecognized';
  readonly reason: string;
}

export type MarketEvent = QuoteEvent | DepthEvent | MarkPriceEvent | FundingRateEvent | TradeEvent;
export type AccountEvent =
  | OrderEvent
  | FillEvent
  | BalanceEvent
  | PositionEvent
  | FundingPaymentEvent;
export type VenueEvent =
  | MarketEvent
  | AccountEvent
  | InstrumentEvent
  | FeeRateEvent
  | MarginTiersEvent
  | BorrowRateEvent
  | ErrorEvent
  | ControlEvent
  | UnrecognizedEvent;

/** The stamp of an event about an instrument that the catalog knows. */
export function stampOf(instrument: Instrument, venueTsMs: number | null): Stamp {
  return {
    venue: instrument.venue,
    symbol: instrument.symbol,
    instrument: instrument.id,
    venueTsMs,
  };
}
