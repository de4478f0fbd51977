// A simulated exchange behind the engine's `VenuePort`, in virtual time: what a driver and a venue do
// over sockets, without either. Answers come back as events after a latency; nothing is ever returned.
import { type Decimal, negate } from '../base/decimal.ts';
import type { DriverEvent, VenueEffect, VenueSnapshot } from '../domain/event.ts';
import { type Instrument, type InstrumentId, isPerp } from '../domain/instrument.ts';
import type { OrderStatus } from '../domain/order.ts';
import type { VenuePort } from '../domain/ports.ts';
import {
  type BalanceEvent,
  type ErrorEvent,
  type FillEvent,
  type FundingPaymentEvent,
  type OrderEvent,
  type PositionEvent,
  stampOf,
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

export interface SimPortOptions {
  readonly exchange: SimExchange;
  readonly now: () => SimNow;
  /** Runs the action after a wall delay in virtual time. */
  readonly after: (delayMs: number, action: () => void) => void;
  /** One way, wall ms. */
  readonly latencyMs: () => number;
  readonly emit: (event: DriverEvent) => void;
  /** What goes wrong with this effect; null = nothing. Absent = nothing ever does. */
  readonly disturb?: (effect: VenueEffect) => Disturbance | null;
}

/**
 * request-lost: it never arrives. answer-lost: it arrives and its answer does not, the stream tells.
 * silent: neither the answer nor the stream tells. rejected: the venue refuses. The driver's report of a
 * lost answer is `unknown`, after its timeout.
 */
export type Disturbance = 'request-lost' | 'answer-lost' | 'silent' | 'rejected';

/** How long the driver waits for an answer that does not come. */
const timeoutMs = 1_000;

/** Entries of history in a snapshot. */
const historyMax = 1_000;

export function createSimPort(options: SimPortOptions): VenuePort {
  const { exchange, after, latencyMs, now, emit } = options;
  const instrumentOf = (id: InstrumentId): Instrument | null =>
    exchange.instrument(id)?.instrument ?? null;
  let silent = false;
  exchange.onEvent((event) => {
    if (silent) return;
    const said = eventOf(exchange, event);
    if (said !== null) after(latencyMs(), () => emit(said));
  });

  const arrive = (effect: VenueEffect): DriverEvent | null => {
    switch (effect.kind) {
      case 'place-order':
        return placed(options, effect.order);
      case 'cancel-order': {
        const { clientOrderId, instrument } = effect;
        const result = exchange.cancel({ instrument, clientOrderId }, now());
        return {
          kind: 'cancel-result',
          venue: exchange.venue,
          clientOrderId,
          outcome: result.ok ? 'acked' : 'gone',
          error: null,
        };
      }
      case 'query-order': {
        const { clientOrderId, instrument } = effect;
        const order = exchange.order({ instrument, clientOrderId });
        const listed = instrumentOf(instrument);
        const found = order !== null && listed !== null;
        const fills = found
          ? exchange.fills({ instrument }).filter((fill) => fill.clientOrderId === clientOrderId)
          : [];
        return {
          kind: 'query-result',
          venue: exchange.venue,
          clientOrderId,
          outcome: found ? 'found' : 'not-found',
          order: found ? orderOf(listed, order) : null,
          fills: found ? fills.map((fill) => fillOf(listed, fill)) : [],
        };
      }
      case 'request-snapshot':
        return snapshotOf(exchange, effect.requestId, effect.sinceMs);
    }
  };
  const answer = (event: DriverEvent | null, delayMs: number): void => {
    if (event !== null) after(delayMs, () => emit(event));
  };
  return {
    venue: exchange.venue,
    act(effect) {
      const wrong = options.disturb?.(effect) ?? null;
      if (wrong === 'rejected' || wrong === 'request-lost') {
        const failed = failedAnswer(exchange, effect, wrong);
        answer(failed, wrong === 'rejected' ? 2 * latencyMs() : timeoutMs);
        return;
      }
      after(latencyMs(), () => {
        silent = wrong === 'silent';
        const said = arrive(effect);
        silent = false;
        if (wrong === null) answer(said, latencyMs());
        else answer(failedAnswer(exchange, effect, wrong), timeoutMs);
      });
    },
  };
}

/** What the driver reports when the answer says no or does not come. */
function failedAnswer(
  exchange: SimExchange,
  effect: VenueEffect,
  wrong: Disturbance,
): DriverEvent | null {
  const { venue } = exchange;
  switch (effect.kind) {
    case 'place-order': {
      const { clientOrderId, instrument } = effect.order;
      const code = 'insufficient-funds';
      const error = errorOf(exchange, instrument, clientOrderId, { code, message: 'disturbed' });
      return wrong === 'rejected'
        ? { kind: 'place-result', venue, clientOrderId, outcome: 'rejected', error }
        : { kind: 'place-result', venue, clientOrderId, outcome: 'unknown', error: null };
    }
    case 'cancel-order': {
      const { clientOrderId } = effect;
      return { kind: 'cancel-result', venue, clientOrderId, outcome: 'unknown', error: null };
    }
    case 'query-order': {
      const { clientOrderId } = effect;
      return {
        kind: 'query-result',
        venue,
        clientOrderId,
        outcome: 'unknown',
        order: null,
        fills: [],
      };
    }
    case 'request-snapshot':
      return { ...snapshotOf(exchange, effect.requestId, effect.sinceMs), ok: false, error: wrong };
  }
}

function placed(
  { exchange, now }: SimPortOptions,
  order: Extract<VenueEffect, { kind: 'place-order' }>['order'],
): DriverEvent {
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
    now(),
  );
  const error = result.ok ? null : errorOf(exchange, order.instrument, clientOrderId, result);
  return {
    kind: 'place-result',
    venue,
    clientOrderId,
    outcome: result.ok ? 'acked' : 'rejected',
    error,
  };
}

function errorOf(
  exchange: SimExchange,
  instrument: InstrumentId,
  clientOrderId: string,
  rejection: { readonly code: SimRejection; readonly message: string },
): ErrorEvent {
  return {
    kind: 'error',
    venue: exchange.venue,
    symbol: exchange.instrument(instrument)?.instrument.symbol ?? null,
    instrument,
    venueTsMs: null,
    code: 'REJECTED',
    venueCode: rejection.code,
    message: rejection.message,
    reaction: rejection.code === 'insufficient-funds' ? 'funds' : 'report',
    clientOrderId,
  };
}

function eventOf(exchange: SimExchange, event: SimEvent): DriverEvent | null {
  const instrument = (id: InstrumentId) => exchange.instrument(id)?.instrument ?? null;
  switch (event.kind) {
    case 'order': {
      const listed = instrument(event.order.instrument);
      return listed === null ? null : orderOf(listed, event.order);
    }
    case 'fill': {
      const listed = instrument(event.fill.instrument);
      return listed === null ? null : fillOf(listed, event.fill);
    }
    case 'balance':
      return balanceOf(exchange, event.balance, event.tsMs);
    case 'position': {
      const listed = instrument(event.position.instrument);
      return listed === null ? null : positionOf(listed, event.position);
    }
    case 'funding-payment': {
      const listed = instrument(event.payment.instrument);
      return listed === null ? null : paymentOf(listed, event.payment);
    }
    case 'leverage':
    case 'interval-change':
      return null;
  }
}

function snapshotOf(exchange: SimExchange, requestId: string, sinceMs: number): VenueSnapshot {
  const filter = { fromMs: sinceMs, limit: historyMax };
  const known = (id: InstrumentId): Instrument[] => {
    const listed = exchange.instrument(id)?.instrument;
    return listed === undefined ? [] : [listed];
  };
  const tsMs = sinceMs;
  return {
    kind: 'venue-snapshot',
    venue: exchange.venue,
    requestId,
    ok: true,
    sinceMs,
    openOrders: exchange
      .openOrders(null)
      .flatMap((o) => known(o.instrument).map((i) => orderOf(i, o))),
    orders: exchange.orders(filter).flatMap((o) => known(o.instrument).map((i) => orderOf(i, o))),
    fills: exchange.fills(filter).flatMap((f) => known(f.instrument).map((i) => fillOf(i, f))),
    fundingPayments: exchange
      .fundingPayments(filter)
      .flatMap((p) => known(p.instrument).map((i) => paymentOf(i, p))),
    balances: exchange.balances().map((balance) => balanceOf(exchange, balance, tsMs)),
    positions: exchange.positions().flatMap((p) =>
      known(p.instrument)
        .filter((i) => isPerp(i.kind))
        .map((i) => positionOf(i, p)),
    ),
    error: null,
  };
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
    ...stampOf(instrument, order.updatedTsMs),
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
    ...stampOf(instrument, fill.tsMs),
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

function balanceOf(exchange: SimExchange, balance: SimBalance, tsMs: number): BalanceEvent {
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
    ...stampOf(instrument, position.updatedTsMs),
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
    ...stampOf(instrument, payment.settledAtMs),
    kind: 'funding-payment',
    id: payment.id,
    amount: payment.amount,
    asset: payment.asset,
    wallet: payment.wallet,
  };
}
