// Orders as one table of states. An order is registered before it is sent, so a fill that overtakes
// its own ack finds it. `unknown` = sent and unanswered: it may or may not live at the venue.
import type { Decimal } from '../base/decimal.ts';
import type { InstrumentId, VenueId } from './instrument.ts';

export type Side = 'buy' | 'sell';
export type TimeInForce = 'gtc' | 'ioc' | 'fok' | 'post-only';
export type Liquidity = 'maker' | 'taker';
/** Alphanumeric, at most 32 characters (OKX is the strictest venue). */
export type ClientOrderId = string;

export type OrderStatus =
  | 'pending'
  | 'open'
  | 'cancel-pending'
  | 'unknown'
  | 'filled'
  | 'canceled'
  | 'rejected'
  | 'expired';

/**
 * pending: registered and handed to the driver. open: the venue said it lives. cancel-pending: we
 * asked to cancel. unknown: no answer within the deadline; only a query or a stream event resolves
 * it. filled, canceled, rejected, expired are terminal; a late fill may still raise a canceled
 * order's filled quantity (the venue's cancel raced the fill), which is booked and reported as a
 * new break.
 */
const next: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  pending: ['open', 'cancel-pending', 'unknown', 'filled', 'canceled', 'rejected', 'expired'],
  open: ['cancel-pending', 'unknown', 'filled', 'canceled', 'rejected', 'expired'],
  'cancel-pending': ['open', 'unknown', 'filled', 'canceled', 'rejected', 'expired'],
  unknown: ['open', 'cancel-pending', 'filled', 'canceled', 'rejected', 'expired'],
  filled: [],
  canceled: ['filled'],
  rejected: [],
  expired: ['filled'],
};

export function mayBecome(from: OrderStatus, to: OrderStatus): boolean {
  return from === to || next[from].includes(to);
}

export function isTerminal(status: OrderStatus): boolean {
  return (
    status === 'filled' || status === 'canceled' || status === 'rejected' || status === 'expired'
  );
}

export function opposite(side: Side): Side {
  return side === 'buy' ? 'sell' : 'buy';
}

/** +1 for buy, -1 for sell: the sign of a fill's effect on the position. */
export function signOf(side: Side): 1n | -1n {
  return side === 'buy' ? 1n : -1n;
}

/**
 * Why an order exists; entries are limited the most, hedges and unwinds the least. `roll` adds at a
 * new venue what is closed at another.
 */
export type OrderPurpose = 'entry' | 'exit' | 'roll' | 'hedge' | 'unwind' | 'flatten';

/** An order that risk has not judged yet. Prices in quote per base unit. */
export interface OrderDraft {
  readonly clientOrderId: ClientOrderId;
  readonly venue: VenueId;
  readonly instrument: InstrumentId;
  readonly side: Side;
  readonly qty: Decimal;
  /** Null = market order. */
  readonly limit: Decimal | null;
  readonly timeInForce: TimeInForce;
  readonly reduceOnly: boolean;
  readonly purpose: OrderPurpose;
  /** The pair that it belongs to; null for an operator's flatten of an unowned position. */
  readonly pairId: string | null;
  /** Mid at the decision, for the slippage memo. */
  readonly arrivalMid: number;
}

declare const approved: unique symbol;
/** Only `risk` makes one; only an approved order can be sent. */
export type ApprovedOrder = OrderDraft & { readonly [approved]: true };

/** It stays in the book until it is filled or cancelled. */
export function rests({ timeInForce, limit }: OrderDraft): boolean {
  return limit !== null && (timeInForce === 'gtc' || timeInForce === 'post-only');
}
