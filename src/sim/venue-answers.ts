// What a simulated exchange says, in the words that a driver would use: answers to requests, events
// of the private stream, the whole account. Pure translation; whether and when a message arrives is
// the business of the ports.
import { type Decimal, negate, toNumber } from '../base/decimal.ts';
import type { DriverEvent, VenueEffect, VenueSnapshot } from '../domain/event.ts';
import { type Instrument, type InstrumentId, isPerp } from '../domain/instrument.ts';
import type { ApprovedOrder, OrderStatus } from '../domain/order.ts';
import type {
  BalanceEvent,
  ErrorEvent,
  FillEvent,
  FundingPaymentEvent,
  OrderEvent,
  PositionEvent,
} from '../domain/venue-event.ts';
import type {
  SimBalance,
  SimEvent,
  SimExchange,
  SimFill,
  SimFundingPayment,
  SimNow,
  SimOrder,
  SimPosition,
  SimRejection,
} from './api.ts';

/** Entries of history in a snapshot. */
const historyMax = 1_000;

/** The exchange carries out a request that arrived, and this is its answer. */
export function answerTo(exchange: SimExchange, effect: VenueEffect, now: SimNow): DriverEvent {
  const { venue } = exchange;
  switch (effect.kind) {
    case 'place-order':
      return placed(exchange, effect.order, now);
    case 'cancel-order': {
      const { clientOrderId, instrument } = effect;
      const result = exchange.cancel({ instrument, clientOrderId }, now);
      const outcome = result.ok ? 'acked' : 'gone';
      return { kind: 'cancel-result', venue, clientOrderId, outcome, error: null };
    }
    case 'query-order': {
      const { clientOrderId, instrument } = effect;
      const order = exchange.order({ instrument, clientOrderId });
      const listed = exchange.instrument(instrument)?.instrument ?? null;
      if (order === null || listed === null) return notFoundAnswer(venue, clientOrderId);
      const fills = exchange
        .fills({ instrument })
        .filter((fill) => fill.clientOrderId === clientOrderId);
      return {
        kind: 'query-result',
        venue,
        clientOrderId,
        outcome: 'found',
        order: orderOf(listed, order),
        fills: fills.map((fill) => fillOf(listed, fill)),
      };
    }
    case 'request-snapshot':
      return snapshotOf(exchange, effect.requestId, effect.sinceMs);
  }
}

export function notFoundAnswer(venue: string, clientOrderId: string): DriverEvent {
  const outcome = 'not-found';
  return { kind: 'query-result', venue, clientOrderId, outcome, order: null, fills: [] };
}

/** What the driver reports when no answer comes in time. */
export function unansweredOf(exchange: SimExchange, effect: VenueEffect, why: string): DriverEvent {
  const { venue } = exchange;
  switch (effect.kind) {
    case 'place-order': {
      const { clientOrderId } = effect.order;
      return { kind: 'place-result', venue, clientOrderId, outcome: 'unknown', error: null };
    }
    case 'cancel-order': {
      const { clientOrderId } = effect;
      return { kind: 'cancel-result', venue, clientOrderId, outcome: 'unknown', error: null };
    }
    case 'query-order': {
      const { clientOrderId } = effect;
      const outcome = 'unknown';
      return { kind: 'query-result', venue, clientOrderId, outcome, order: null, fills: [] };
    }
    case 'request-snapshot':
      return { ...snapshotOf(exchange, effect.requestId, effect.sinceMs), ok: false, error: why };
  }
}

export interface Refusal {
  readonly venueCode: string;
  readonly code: ErrorEvent['code'];
  readonly reaction: ErrorEvent['reaction'];
  readonly message: string;
}

/** The venue refuses a placement. */
export function refusedPlacement(
  exchange: SimExchange,
  order: ApprovedOrder,
  refusal: Refusal,
): DriverEvent {
  const { clientOrderId, instrument } = order;
  const { venue } = exchange;
  const symbol = exchange.instrument(instrument)?.instrument.symbol ?? null;
  const error: ErrorEvent = {
    kind: 'error',
    venue,
    symbol,
    instrument,
    venueTsMs: null,
    clientOrderId,
    ...refusal,
  };
  return { kind: 'place-result', venue, clientOrderId, outcome: 'rejected', error };
}

function placed(exchange: SimExchange, order: ApprovedOrder, now: SimNow): DriverEvent {
  const { clientOrderId, venue, instrument } = order;
  const result = exchange.place(
    {
      instrument,
      clientOrderId,
      side: order.side,
      type: order.limit === null ? 'market' : 'limit',
      timeInForce: order.timeInForce,
      qty: order.qty,
      limit: order.limit,
      reduceOnly: order.reduceOnly,
    },
    now,
  );
  if (result.ok) {
    return { kind: 'place-result', venue, clientOrderId, outcome: 'acked', error: null };
  }
  const { code, message } = result;
  const reaction = reactionOf[code] ?? 'report';
  return refusedPlacement(exchange, order, {
    venueCode: code,
    code: 'REJECTED',
    reaction,
    message,
  });
}

const reactionOf: Readonly<Partial<Record<SimRejection, ErrorEvent['reaction']>>> = {
  'insufficient-funds': 'funds',
};

/** An event of the private stream; null = the stream does not tell it. */
export function eventOf(exchange: SimExchange, event: SimEvent): DriverEvent | null {
  switch (event.kind) {
    case 'order':
      return told(exchange, event.order, orderOf);
    case 'fill':
      return told(exchange, event.fill, fillOf);
    case 'balance':
      return balanceOf(exchange, event.balance, event.tsMs);
    case 'position':
      return told(exchange, event.position, positionOf);
    case 'funding-payment':
      return told(exchange, event.payment, paymentOf);
    case 'leverage':
    case 'interval-change':
      return null;
  }
}

/** Null = of something that is not listed any more. */
function told<T extends { readonly instrument: InstrumentId }, E>(
  exchange: SimExchange,
  item: T,
  of: (instrument: Instrument, item: T) => E,
): E | null {
  const listing = exchange.instrument(item.instrument);
  return listing === null ? null : of(listing.instrument, item);
}

function allTold<T extends { readonly instrument: InstrumentId }, E>(
  exchange: SimExchange,
  items: readonly T[],
  of: (instrument: Instrument, item: T) => E,
): E[] {
  const events: E[] = [];
  for (const item of items) {
    const event = told(exchange, item, of);
    if (event !== null) events.push(event);
  }
  return events;
}

export function snapshotOf(
  exchange: SimExchange,
  requestId: string,
  sinceMs: number,
): VenueSnapshot {
  const filter = { fromMs: sinceMs, limit: historyMax };
  const perps = exchange.positions().filter(({ instrument: id }) => isPerpAt(exchange, id));
  return {
    kind: 'venue-snapshot',
    venue: exchange.venue,
    requestId,
    ok: true,
    sinceMs,
    openOrders: allTold(exchange, exchange.openOrders(null), orderOf),
    orders: allTold(exchange, exchange.orders(filter), orderOf),
    fills: allTold(exchange, exchange.fills(filter), fillOf),
    fundingPayments: allTold(exchange, exchange.fundingPayments(filter), paymentOf),
    balances: exchange.balances().map((balance) => balanceOf(exchange, balance, null)),
    positions: allTold(exchange, perps, positionOf),
    error: null,
  };
}

function isPerpAt(exchange: SimExchange, id: InstrumentId): boolean {
  const listing = exchange.instrument(id);
  return listing !== null && isPerp(listing.instrument.kind);
}

const statusOf: Readonly<Record<SimOrder['status'], OrderStatus>> = {
  open: 'open',
  'partially-filled': 'open',
  filled: 'filled',
  canceled: 'canceled',
  expired: 'expired',
};

function orderOf(instrument: Instrument, order: SimOrder): OrderEvent {
  return {
    venue: instrument.venue,
    symbol: instrument.symbol,
    instrument: instrument.id,
    venueTsMs: order.updatedTsMs,
    kind: 'order',
    clientOrderId: order.clientOrderId,
    venueOrderId: order.orderId,
    status: statusOf[order.status],
    side: order.side,
    qty: order.qty,
    filledQty: order.filledQty,
    limit: order.limit,
    averagePrice: order.averagePrice,
    reduceOnly: order.reduceOnly,
    reason: order.endReason,
  };
}

function fillOf(instrument: Instrument, fill: SimFill): FillEvent {
  return {
    venue: instrument.venue,
    symbol: instrument.symbol,
    instrument: instrument.id,
    venueTsMs: fill.tsMs,
    kind: 'fill',
    fillId: fill.tradeId,
    clientOrderId: fill.clientOrderId,
    venueOrderId: fill.orderId,
    side: fill.side,
    price: fill.price,
    qty: fill.qty,
    fee: negate(fill.feePaid),
    feeAsset: fill.feeAsset,
    liquidity: fill.liquidity,
    realizedPnl: instrument.kind === 'spot' ? null : fill.realizedPnl,
    forced: fill.forced !== null,
  };
}

function balanceOf(exchange: SimExchange, balance: SimBalance, tsMs: number | null): BalanceEvent {
  return {
    kind: 'balance',
    venue: exchange.venue,
    symbol: null,
    instrument: null,
    venueTsMs: tsMs,
    asset: balance.asset,
    total: balance.total,
    available: (balance.total - balance.locked) as Decimal, // brand: a difference of decimals
    wallet: balance.wallet,
  };
}

function positionOf(instrument: Instrument, position: SimPosition): PositionEvent {
  return {
    venue: instrument.venue,
    symbol: instrument.symbol,
    instrument: instrument.id,
    venueTsMs: position.updatedTsMs,
    kind: 'position',
    qty: position.qty,
    entryPrice: position.qty === 0n ? null : position.entryPrice,
    markPrice: position.mark,
    liquidationPrice: position.liquidationPrice,
    leverage: position.leverage,
  };
}

function paymentOf(instrument: Instrument, payment: SimFundingPayment): FundingPaymentEvent {
  return {
    venue: instrument.venue,
    symbol: instrument.symbol,
    instrument: instrument.id,
    venueTsMs: payment.settledAtMs,
    kind: 'funding-payment',
    id: payment.id,
    amount: payment.amount,
    asset: payment.asset,
    wallet: payment.wallet,
  };
}

/** What is listed, with the account's fees. */
export function listingsOf(exchange: SimExchange): DriverEvent {
  const listed = exchange.instruments();
  return {
    kind: 'instruments',
    venue: exchange.venue,
    instruments: listed.map(({ instrument }) => instrument),
    feeRates: Object.fromEntries(
      listed.map(({ instrument, feeRateTaker, feeRateMaker }) => [
        instrument.id,
        { taker: toNumber(feeRateTaker), maker: toNumber(feeRateMaker) },
      ]),
    ),
  };
}

/** How it margins what it lists. */
export function marginTermsOf(exchange: SimExchange): DriverEvent {
  const perps = exchange.instruments().filter(({ instrument }) => isPerp(instrument.kind));
  return {
    kind: 'margin-terms',
    venue: exchange.venue,
    terms: Object.fromEntries(
      perps.map(({ instrument: { id }, marginTiers }) => [
        id,
        { leverage: exchange.leverage(id), tiers: marginTiers },
      ]),
    ),
  };
}

/** Balances and positions of a later moment than the history. */
export function tornSnapshot(
  exchange: SimExchange,
  effect: VenueEffect,
  first: DriverEvent,
): DriverEvent {
  if (effect.kind !== 'request-snapshot' || first.kind !== 'venue-snapshot') return first;
  const later = snapshotOf(exchange, effect.requestId, effect.sinceMs);
  const { openOrders, orders, fills, fundingPayments } = first;
  return { ...later, openOrders, orders, fills, fundingPayments };
}
