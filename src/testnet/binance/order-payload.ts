// Orders and trades in the venue's words: REST rows of both markets and the answers to placing.
import type { Decimal } from '../../base/decimal.ts';
import { notionalAt } from '../../domain/contract-value.ts';
import type { SimFill, SimOrder, SimOrderStatus } from '../../sim/api.ts';
import { cashText, exactPrice, exactQty, type Listed, pairOf } from './listed.ts';

const statuses: Readonly<Record<SimOrderStatus, string>> = {
  open: 'NEW',
  'partially-filled': 'PARTIALLY_FILLED',
  filled: 'FILLED',
  canceled: 'CANCELED',
  expired: 'EXPIRED',
};

/** How a client wants the answer to a placement. */
export type ResponseType = 'ACK' | 'RESULT' | 'FULL';

export function statusText(order: SimOrder): string {
  return statuses[order.status];
}

export function sideText(side: SimOrder['side']): 'BUY' | 'SELL' {
  return side === 'buy' ? 'BUY' : 'SELL';
}

export function typeText(order: SimOrder, listed: Listed): string {
  if (order.type === 'market') return 'MARKET';
  return listed.market === 'spot' && order.timeInForce === 'post-only' ? 'LIMIT_MAKER' : 'LIMIT';
}

export function timeInForceText(order: SimOrder, listed: Listed): string {
  if (order.type === 'market') return 'GTC';
  switch (order.timeInForce) {
    case 'ioc':
      return 'IOC';
    case 'fok':
      return 'FOK';
    case 'post-only':
      return listed.market === 'spot' ? 'GTC' : 'GTX';
    case 'gtc':
      return 'GTC';
  }
}

export function limitText(order: SimOrder, listed: Listed): string {
  return order.limit === null ? '0' : exactPrice(listed, order.limit);
}

export function averageText(order: SimOrder, listed: Listed): string {
  return order.averagePrice === null ? '0.00000' : exactPrice(listed, order.averagePrice);
}

/** GET order, openOrders, allOrders and the cancel's answer on USD-M and COIN-M. */
export function futuresOrder(order: SimOrder, listed: Listed): Record<string, unknown> {
  return {
    orderId: Number(order.orderId),
    symbol: listed.symbol,
    status: statusText(order),
    clientOrderId: order.clientOrderId,
    price: limitText(order, listed),
    avgPrice: averageText(order, listed),
    origQty: exactQty(listed, order.qty),
    executedQty: exactQty(listed, order.filledQty),
    [filledName(listed)]: cashText(order.filledCost),
    ...futuresConstants(order, listed),
    time: order.createdTsMs,
    updateTime: order.updatedTsMs,
  };
}

/** What was filled in the settle asset: quote on USD-M, coin on COIN-M. */
function filledName({ market }: Listed): 'cumQuote' | 'cumBase' {
  return market === 'inverse' ? 'cumBase' : 'cumQuote';
}

function futuresConstants(order: SimOrder, listed: Listed): Record<string, unknown> {
  return {
    ...(listed.market === 'inverse' ? { pair: pairOf(listed) } : {}),
    timeInForce: timeInForceText(order, listed),
    type: typeText(order, listed),
    reduceOnly: order.reduceOnly,
    closePosition: false,
    side: sideText(order.side),
    positionSide: 'BOTH',
    stopPrice: '0',
    workingType: 'CONTRACT_PRICE',
    priceProtect: false,
    origType: typeText(order, listed),
    priceMatch: 'NONE',
    selfTradePreventionMode: 'EXPIRE_MAKER',
    goodTillDate: 0,
  };
}

/**
 * An ACK says that the order was taken and nothing of what became of it: no avgPrice, no cumQuote.
 * A RESULT tells the state after matching.
 */
export function futuresPlaced(
  order: SimOrder,
  listed: Listed,
  type: ResponseType,
): Record<string, unknown> {
  if (type !== 'ACK') {
    const { time: _time, ...row } = futuresOrder(order, listed);
    return { ...row, cumQty: row['executedQty'] };
  }
  return {
    orderId: Number(order.orderId),
    symbol: listed.symbol,
    status: 'NEW',
    clientOrderId: order.clientOrderId,
    price: limitText(order, listed),
    origQty: exactQty(listed, order.qty),
    executedQty: '0',
    cumQty: '0',
    ...futuresConstants(order, listed),
    updateTime: order.createdTsMs,
  };
}

/** GET order, openOrders and allOrders on spot. */
export function spotOrder(order: SimOrder, listed: Listed): Record<string, unknown> {
  return {
    symbol: listed.symbol,
    orderId: Number(order.orderId),
    orderListId: -1,
    clientOrderId: order.clientOrderId,
    ...spotState(order, listed),
    stopPrice: '0.00000000',
    icebergQty: '0.00000000',
    time: order.createdTsMs,
    updateTime: order.updatedTsMs,
    isWorking: true,
    workingTime: order.createdTsMs,
  };
}

function spotState(order: SimOrder, listed: Listed): Record<string, unknown> {
  return {
    price: order.limit === null ? '0.00000000' : exactPrice(listed, order.limit),
    origQty: exactQty(listed, order.qty),
    executedQty: exactQty(listed, order.filledQty),
    origQuoteOrderQty: '0.00000000',
    cummulativeQuoteQty: cashText(order.filledCost),
    status: statusText(order),
    timeInForce: timeInForceText(order, listed),
    type: typeText(order, listed),
    side: sideText(order.side),
    selfTradePreventionMode: 'EXPIRE_MAKER',
  };
}

export function spotPlaced(
  order: SimOrder,
  listed: Listed,
  answer: { readonly type: ResponseType; readonly fills: readonly SimFill[] },
): Record<string, unknown> {
  const ack = {
    symbol: listed.symbol,
    orderId: Number(order.orderId),
    orderListId: -1,
    clientOrderId: order.clientOrderId,
    transactTime: order.updatedTsMs,
  };
  if (answer.type === 'ACK') return ack;
  const result = { ...ack, ...spotState(order, listed), workingTime: order.createdTsMs };
  if (answer.type === 'RESULT') return result;
  const fills = answer.fills.map((fill) => ({
    price: exactPrice(listed, fill.price),
    qty: exactQty(listed, fill.qty),
    commission: cashText(fill.feePaid),
    commissionAsset: fill.feeAsset,
    tradeId: Number(fill.tradeId),
  }));
  return { ...result, fills };
}

/** A cancel gets an id of its own, and names the order's in origClientOrderId. */
export function spotCanceled(
  order: SimOrder,
  listed: Listed,
  cancelId: string,
): Record<string, unknown> {
  return {
    symbol: listed.symbol,
    origClientOrderId: order.clientOrderId,
    orderId: Number(order.orderId),
    orderListId: -1,
    clientOrderId: cancelId,
    transactTime: order.updatedTsMs,
    ...spotState(order, listed),
  };
}

/** A row of userTrades (futures) or myTrades (spot). */
export function tradeRow(fill: SimFill, listed: Listed): Record<string, unknown> {
  const common = {
    symbol: listed.symbol,
    id: Number(fill.tradeId),
    orderId: Number(fill.orderId),
    price: exactPrice(listed, fill.price),
    qty: exactQty(listed, fill.qty),
    commission: cashText(fill.feePaid),
    commissionAsset: fill.feeAsset,
    time: fill.tsMs,
  };
  if (listed.market === 'spot') {
    return {
      ...common,
      quoteQty: cashText(notionalOf(fill, listed)),
      orderListId: -1,
      isBuyer: fill.side === 'buy',
      isMaker: fill.liquidity === 'maker',
      isBestMatch: true,
    };
  }
  const notional = cashText(notionalOf(fill, listed));
  return {
    ...common,
    ...(listed.market === 'inverse'
      ? { pair: pairOf(listed), marginAsset: listed.settle, baseQty: notional }
      : { quoteQty: notional }),
    side: sideText(fill.side),
    positionSide: 'BOTH',
    buyer: fill.side === 'buy',
    maker: fill.liquidity === 'maker',
    realizedPnl: cashText(fill.realizedPnl),
  };
}

function notionalOf(fill: SimFill, { terms }: Listed): Decimal {
  return notionalAt(terms, fill.qty, fill.price);
}
