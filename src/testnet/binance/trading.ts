// Placing, cancelling and reading orders over the simulated exchange, for REST and the WebSocket
// API.
import type { InstrumentId } from '../../domain/instrument.ts';
import type { SimFill, SimOrder, SimOrderTarget } from '../../sim/api.ts';
import type { TestnetContext } from '../protocol.ts';
import { type Answer, answer, missing, refused, rejection } from './answer.ts';
import type { BinanceMarket, FuturesMarket, Listed, Listings } from './listed.ts';
import {
  futuresOrder,
  futuresPlaced,
  spotCanceled,
  spotOrder,
  spotPlaced,
  tradeRow,
} from './order-payload.ts';
import { type Params, parseOrder } from './order-request.ts';

const rowsDefault = 500;
const rowsMax = 1_000;
const batchMax = 5;

/** What trading tells the user-data stream before it reports the events that it caused. */
export interface ReportNotes {
  /** A cancel's own client id, which its report carries. */
  canceling(orderId: string, cancelId: string): void;
  /** The order leaves no trace (a refused FOK on the futures). */
  hide(orderId: string): void;
  isHidden(orderId: string): boolean;
  report(): void;
}

export class Trading {
  private readonly context: TestnetContext;
  private readonly listings: Listings;
  private readonly notes: ReportNotes;
  private cancels = 0;
  /** Wall times at which the dead-man switch of a symbol fires. */
  private readonly countdowns = new Map<InstrumentId, number>();

  constructor(context: TestnetContext, listings: Listings, notes: ReportNotes) {
    this.context = context;
    this.listings = listings;
    this.notes = notes;
  }

  place(params: Params, market: BinanceMarket): Answer {
    const { exchange } = this.context;
    const parsed = parseOrder(params, market, {
      listings: this.listings,
      bestAsk: (listed) => exchange.quote(listed.id).ask,
    });
    if (!parsed.ok) return parsed;
    const { listed, request, responseType } = parsed;
    const result = exchange.place(request, this.context.now());
    if (!result.ok) return bandWords(market, request.side, rejection(market, result.code));
    const order = result.value;
    if (market !== 'spot' && order.endReason === 'fok') {
      this.notes.hide(order.orderId);
      return refused(
        -5021,
        'Due to the order could not be filled immediately, the FOK order has been rejected. ' +
          'The order will not be recorded in the order history',
      );
    }
    if (order.endReason === 'post-only-would-cross') {
      this.notes.hide(order.orderId);
      return rejection(market, 'post-only-would-cross');
    }
    this.notes.report();
    if (this.context.fault('unknown-outcome')) return outcomeUnknown;
    if (market !== 'spot') return answer(futuresPlaced(order, listed, responseType));
    const fills = responseType === 'FULL' ? this.fillsOf(order, listed) : [];
    return answer(spotPlaced(order, listed, { type: responseType, fills }));
  }

  /** Checked as an order, matched with nothing. */
  test(params: Params, market: BinanceMarket): Answer {
    const parsed = parseOrder(params, market, {
      listings: this.listings,
      bestAsk: (listed) => this.context.exchange.quote(listed.id).ask,
    });
    return parsed.ok ? answer({}) : parsed;
  }

  placeBatch(params: Params, market: FuturesMarket): Answer {
    const list = listParam(params.get('batchOrders'));
    if (list === null || list.length === 0) return missing('batchOrders');
    if (list.length > batchMax) return refused(-4082, 'Invalid number of batch place orders.');
    return answer(
      list.map((entry) => {
        const placed = this.place(new Map(Object.entries(textsOf(entry))), market);
        return placed.ok ? placed.value : { code: placed.code, msg: placed.msg };
      }),
    );
  }

  cancel(params: Params, market: BinanceMarket): Answer {
    const found = this.find(params, market);
    if (!found.ok) return found.code === -2013 ? refused(-2011, 'Unknown order sent.') : found;
    const { listed, order } = found;
    const cancelId = params.get('newClientOrderId') ?? `web_${++this.cancels}_${order.orderId}`;
    this.notes.canceling(order.orderId, cancelId);
    const result = this.context.exchange.cancel(targetOf(order), this.context.now());
    if (!result.ok) return refused(-2011, 'Unknown order sent.');
    return answer(
      market !== 'spot'
        ? futuresOrder(result.value, listed)
        : spotCanceled(result.value, listed, cancelId),
    );
  }

  cancelBatch(params: Params, market: FuturesMarket): Answer {
    const ids = listParam(params.get('orderIdList') ?? params.get('orderidlist')) ?? [];
    const names =
      listParam(params.get('origClientOrderIdList') ?? params.get('origclientorderidlist')) ?? [];
    const symbol = params.get('symbol') ?? '';
    const targets = [
      ...ids.map(
        (id) =>
          new Map([
            ['symbol', symbol],
            ['orderId', String(id)],
          ]),
      ),
      ...names.map(
        (name) =>
          new Map([
            ['symbol', symbol],
            ['origClientOrderId', String(name)],
          ]),
      ),
    ];
    if (targets.length === 0) return missing('orderIdList');
    if (targets.length > batchMax * 2) return refused(-4083, 'Invalid number of batch orders.');
    return answer(
      targets.map((target) => {
        const canceled = this.cancel(target, market);
        return canceled.ok ? canceled.value : { code: canceled.code, msg: canceled.msg };
      }),
    );
  }

  cancelAll(params: Params, market: BinanceMarket): Answer {
    const listed = this.listedOf(params, market);
    if (!('symbol' in listed)) return listed;
    const canceled = this.context.exchange.cancelAll(listed.id, this.context.now());
    if (market !== 'spot') {
      return answer({ code: 200, msg: 'The operation of cancel all open order is done.' });
    }
    if (canceled.length === 0) return refused(-2011, 'Unknown order sent.');
    return answer(
      canceled.map((order) =>
        spotCanceled(order, listed, `web_${++this.cancels}_${order.orderId}`),
      ),
    );
  }

  /** countdownTime ms of wall time from now; 0 switches it off. Each call starts it anew. */
  countdown(params: Params, market: FuturesMarket): Answer {
    const listed = this.listedOf(params, market);
    if (!('symbol' in listed)) return listed;
    const text = params.get('countdownTime');
    if (text === undefined || !/^\d{1,12}$/.test(text)) return missing('countdownTime');
    const countdownMs = Number(text);
    if (countdownMs === 0) this.countdowns.delete(listed.id);
    else this.countdowns.set(listed.id, this.context.now().wallMs + countdownMs);
    return answer({ symbol: listed.symbol, countdownTime: text });
  }

  /** Fires the dead-man switches that are due. */
  second(): void {
    const now = this.context.now();
    for (const [id, dueMs] of this.countdowns) {
      if (now.wallMs < dueMs) continue;
      this.countdowns.delete(id);
      this.context.exchange.cancelAll(id, now, 'dead-man');
    }
  }

  query(params: Params, market: BinanceMarket): Answer {
    const found = this.find(params, market);
    return found.ok ? answer(row(found.order, found.listed)) : found;
  }

  openOrders(params: Params, market: BinanceMarket): Answer {
    const symbol = params.get('symbol');
    const listed = symbol === undefined ? null : this.listings.find(market, symbol);
    if (symbol !== undefined && listed === null) return rejection(market, 'unknown-instrument');
    const orders = this.context.exchange.openOrders(listed?.id ?? null);
    return answer(this.rows(orders, market));
  }

  allOrders(params: Params, market: BinanceMarket): Answer {
    const listed = this.listedOf(params, market);
    if (!('symbol' in listed)) return listed;
    const from = params.get('orderId');
    const orders = this.context.exchange
      .orders({ instrument: listed.id, ...range(params) })
      .filter(({ orderId }) => from === undefined || BigInt(orderId) >= integer(from));
    return answer(this.rows(page(orders, params, 'orderId'), market));
  }

  trades(params: Params, market: BinanceMarket): Answer {
    const listed = this.listedOf(params, market);
    if (!('symbol' in listed)) return listed;
    const from = params.get('fromId');
    const orderId = params.get('orderId');
    const fills = this.context.exchange
      .fills({ instrument: listed.id, ...range(params) })
      .filter((fill) => from === undefined || BigInt(fill.tradeId) >= integer(from))
      .filter((fill) => orderId === undefined || fill.orderId === orderId);
    return answer(page(fills, params, 'fromId').map((fill) => tradeRow(fill, listed)));
  }

  /** Conditional orders are taken by no strategy here: the path exists and says so. */
  algoOrder(): Answer {
    return refused(-4120, 'Conditional orders are not simulated by this testnet.');
  }

  modify(): Answer {
    return refused(-1020, 'Modifying an order is not simulated by this testnet: cancel and place.');
  }

  listedOf(params: Params, market: BinanceMarket): Listed | (Answer & { readonly ok: false }) {
    const symbol = params.get('symbol');
    if (symbol === undefined || symbol === '') return missing('symbol');
    return this.listings.find(market, symbol) ?? rejection(market, 'unknown-instrument');
  }

  private find(
    params: Params,
    market: BinanceMarket,
  ):
    | { readonly ok: true; readonly listed: Listed; readonly order: SimOrder }
    | (Answer & { readonly ok: false }) {
    const listed = this.listedOf(params, market);
    if (!('symbol' in listed)) return listed;
    const orderId = params.get('orderId');
    const clientOrderId = params.get('origClientOrderId');
    if (orderId === undefined && clientOrderId === undefined) {
      return refused(
        -1102,
        "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
      );
    }
    const target: SimOrderTarget =
      orderId !== undefined
        ? { instrument: listed.id, orderId }
        : { instrument: listed.id, clientOrderId: clientOrderId ?? '' };
    const order = this.context.exchange.order(target);
    if (order === null || this.notes.isHidden(order.orderId)) {
      return rejection(market, 'order-not-found');
    }
    return { ok: true, listed, order };
  }

  private fillsOf(order: SimOrder, listed: Listed): readonly SimFill[] {
    if (order.filledQty === 0n) return [];
    return this.context.exchange
      .fills({ instrument: listed.id, fromMs: order.createdTsMs })
      .filter(({ orderId }) => orderId === order.orderId);
  }

  private rows(orders: readonly SimOrder[], market: BinanceMarket): readonly unknown[] {
    return orders
      .filter(({ instrument, orderId }) => {
        if (!this.listings.knows(instrument) || this.notes.isHidden(orderId)) return false;
        return this.listings.of(instrument).market === market;
      })
      .map((order) => row(order, this.listings.of(order.instrument)));
  }
}

export const outcomeUnknown = refused(
  -1007,
  'Timeout waiting for response from backend server. ' +
    'Send status unknown; execution status unknown.',
  503,
);

function row(order: SimOrder, listed: Listed): Record<string, unknown> {
  return listed.market === 'spot' ? spotOrder(order, listed) : futuresOrder(order, listed);
}

function targetOf(order: SimOrder): SimOrderTarget {
  return { instrument: order.instrument, orderId: order.orderId };
}

/** A sale below the band has other words than a purchase above it. */
function bandWords(market: BinanceMarket, side: 'buy' | 'sell', given: Answer): Answer {
  if (market === 'spot' || side === 'buy' || given.ok || given.code !== -4016) return given;
  return refused(-4024, "Limit price can't be lower than the price band.");
}

function range(params: Params): { readonly fromMs?: number; readonly toMs?: number } {
  const fromMs = Number(params.get('startTime') ?? Number.NaN);
  const toMs = Number(params.get('endTime') ?? Number.NaN);
  return {
    ...(Number.isFinite(fromMs) ? { fromMs } : {}),
    ...(Number.isFinite(toMs) ? { toMs } : {}),
  };
}

/** From a start or an id on the oldest rows, else the newest. */
function page<T>(rows: readonly T[], params: Params, idKey: string): readonly T[] {
  const limit = limitOf(params);
  const forward = params.has('startTime') || params.has(idKey);
  return forward ? rows.slice(0, limit) : rows.slice(-limit);
}

export function limitOf(params: Params): number {
  const limit = Number(params.get('limit') ?? rowsDefault);
  return Number.isInteger(limit) && limit > 0 ? Math.min(limit, rowsMax) : rowsDefault;
}

function integer(text: string): bigint {
  return /^\d{1,20}$/.test(text) ? BigInt(text) : 0n;
}

function listParam(text: string | undefined): readonly unknown[] | null {
  if (text === undefined) return null;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

function textsOf(entry: unknown): Readonly<Record<string, string>> {
  if (typeof entry !== 'object' || entry === null) return {};
  return Object.fromEntries(Object.entries(entry).map(([key, value]) => [key, String(value)]));
}
