// The wording of user-data events: ORDER_TRADE_UPDATE and ACCOUNT_UPDATE of the futures, TRADE_LITE
// of USD-M,
// executionReport and outboundAccountPosition of spot.
import { type Decimal, minus, plus, times, zero } from '../../base/decimal.ts';
import type { SimEvent, SimFill, SimOrder } from '../../sim/api.ts';
import {
  cashText,
  exactPrice,
  exactQty,
  type FuturesMarket,
  type Listed,
  type Listings,
} from './listed.ts';
import {
  averageText,
  limitText,
  sideText,
  statusText,
  timeInForceText,
  typeText,
} from './order-payload.ts';

export interface ReportOf {
  readonly order: SimOrder;
  /** Null: the report is about the order's own state. */
  readonly fill: SimFill | null;
  readonly listed: Listed;
  readonly tsMs: number;
  readonly cancelId: string | null;
}

export function futuresReport({ order, fill, listed, tsMs }: ReportOf): unknown {
  return {
    e: 'ORDER_TRADE_UPDATE',
    E: tsMs,
    T: tsMs,
    o: {
      s: listed.symbol,
      c: order.clientOrderId,
      S: sideText(order.side),
      o: fill?.forced === 'liquidation' ? 'LIQUIDATION' : typeText(order, listed),
      f: timeInForceText(order, listed),
      q: exactQty(listed, order.qty),
      p: limitText(order, listed),
      ap: averageText(order, listed),
      sp: '0',
      x: execution(order, fill),
      X: statusText(order),
      i: Number(order.orderId),
      l: fill === null ? '0' : exactQty(listed, fill.qty),
      z: exactQty(listed, order.filledQty),
      L: fill === null ? '0' : exactPrice(listed, fill.price),
      ...(listed.market === 'inverse' ? { ma: listed.settle } : {}),
      ...(fill === null ? {} : { N: fill.feeAsset, n: cashText(fill.feePaid) }),
      T: tsMs,
      t: fill === null ? 0 : Number(fill.tradeId),
      b: '0',
      a: '0',
      m: fill?.liquidity === 'maker',
      R: order.reduceOnly,
      wt: 'CONTRACT_PRICE',
      ot: typeText(order, listed),
      ps: 'BOTH',
      cp: false,
      rp: cashText(fill?.realizedPnl ?? zero),
      pP: false,
      si: 0,
      ss: 0,
      V: 'EXPIRE_MAKER',
      pm: 'NONE',
      gtd: 0,
    },
  };
}

function execution(order: SimOrder, fill: SimFill | null): string {
  if (fill?.forced === 'liquidation') return 'CALCULATED';
  if (fill !== null) return 'TRADE';
  return order.status === 'open' ? 'NEW' : statusText(order);
}

export function tradeLite({ order, listed, tsMs }: ReportOf, fill: SimFill): unknown {
  return {
    e: 'TRADE_LITE',
    E: tsMs,
    T: tsMs,
    s: listed.symbol,
    q: exactQty(listed, order.qty),
    p: limitText(order, listed),
    m: fill.liquidity === 'maker',
    c: order.clientOrderId,
    S: sideText(order.side),
    L: exactPrice(listed, fill.price),
    l: exactQty(listed, fill.qty),
    t: Number(fill.tradeId),
    i: Number(order.orderId),
  };
}

export function spotReport(
  { order, fill, listed, tsMs, cancelId }: ReportOf,
  executionId: number,
): unknown {
  const restsOnBook = order.status === 'open' || order.status === 'partially-filled';
  return {
    e: 'executionReport',
    E: tsMs,
    s: listed.symbol,
    c: cancelId ?? order.clientOrderId,
    S: sideText(order.side),
    o: typeText(order, listed),
    f: timeInForceText(order, listed),
    q: exactQty(listed, order.qty),
    p: order.limit === null ? '0.00000000' : exactPrice(listed, order.limit),
    P: '0.00000000',
    F: '0.00000000',
    g: -1,
    C: cancelId === null ? '' : order.clientOrderId,
    x: execution(order, fill),
    X: statusText(order),
    r: 'NONE',
    i: Number(order.orderId),
    l: fill === null ? '0.00000000' : exactQty(listed, fill.qty),
    z: exactQty(listed, order.filledQty),
    L: fill === null ? '0.00000000' : exactPrice(listed, fill.price),
    n: fill === null ? '0' : cashText(fill.feePaid),
    N: fill === null ? null : fill.feeAsset,
    T: tsMs,
    t: fill === null ? -1 : Number(fill.tradeId),
    v: 0,
    I: executionId,
    w: restsOnBook,
    m: fill?.liquidity === 'maker',
    M: false,
    O: order.createdTsMs,
    Z: cashText(order.filledCost),
    Y: fill === null ? '0.00000000' : cashText(times(fill.price, fill.qty)),
    Q: '0.00000000',
    W: order.createdTsMs,
    V: 'EXPIRE_MAKER',
  };
}

/** Spot balances among the events, the last of each asset; null when there is none. */
export function spotPosition(events: readonly SimEvent[]): unknown {
  const rows = new Map<string, { a: string; f: string; l: string }>();
  let tsMs = 0;
  for (const event of events) {
    if (event.kind !== 'balance' || event.balance.wallet !== 'spot') continue;
    const { asset, total, locked } = event.balance;
    rows.set(asset, { a: asset, f: cashText(minus(total, locked)), l: cashText(locked) });
    tsMs = event.tsMs;
  }
  if (rows.size === 0) return null;
  return { e: 'outboundAccountPosition', E: tsMs, u: tsMs, B: [...rows.values()] };
}

export const walletOf = { linear: 'futures', inverse: 'coin-futures' } as const;

const reasons: Readonly<Record<string, string>> = {
  order: 'ORDER',
  funding: 'FUNDING_FEE',
  transfer: 'DEPOSIT',
  liquidation: 'ORDER',
};

/**
 * A futures wallet's balances and positions among the events; a funding fee on cross margin says no
 * position.
 */
export function accountUpdate(
  events: readonly SimEvent[],
  listings: Listings,
  market: FuturesMarket,
): unknown {
  const balances = new Map<string, { a: string; wb: string; cw: string; bc: string }>();
  const positions = new Map<string, unknown>();
  const paid = new Map<string, Decimal>();
  let cause = 'order';
  let tsMs = 0;
  for (const event of events) {
    tsMs = event.tsMs;
    if (event.kind === 'funding-payment') {
      const { asset, amount } = event.payment;
      paid.set(asset, plus(paid.get(asset) ?? zero, amount));
    } else if (event.kind === 'balance' && event.balance.wallet === walletOf[market]) {
      const { asset, total } = event.balance;
      const bc = cashText(paid.get(asset) ?? zero);
      balances.set(asset, { a: asset, wb: cashText(total), cw: cashText(total), bc });
      cause = event.cause;
    } else if (event.kind === 'position' && event.cause !== 'funding') {
      if (!listings.knows(event.position.instrument)) continue;
      const listed = listings.of(event.position.instrument);
      if (listed.market !== market) continue;
      const { qty, entryPrice, unrealizedPnl } = event.position;
      positions.set(listed.symbol, {
        s: listed.symbol,
        pa: exactQty(listed, qty),
        ep: exactPrice(listed, entryPrice),
        bep: exactPrice(listed, entryPrice),
        cr: '0',
        up: cashText(unrealizedPnl),
        mt: 'cross',
        iw: '0',
        ps: 'BOTH',
      });
      cause = event.cause;
    }
  }
  if (balances.size === 0 && positions.size === 0) return null;
  return {
    e: 'ACCOUNT_UPDATE',
    E: tsMs,
    T: tsMs,
    a: { m: reasons[cause], B: [...balances.values()], P: [...positions.values()] },
  };
}

export function configUpdate(
  event: Extract<SimEvent, { kind: 'leverage' }>,
  listed: Listed,
): unknown {
  return {
    e: 'ACCOUNT_CONFIG_UPDATE',
    E: event.tsMs,
    T: event.tsMs,
    ac: { s: listed.symbol, l: event.leverage },
  };
}
