// Rows of orders, executions, positions and the wallet: the same in REST lists and in stream
// frames. Money leaves as exact text in the venue's units; `execFee` and fees are costs, + = paid.
import {
  abs,
  type Decimal,
  formatDecimal,
  fromNumber,
  minOf,
  minus,
  negate,
  over,
  sign,
  times,
  toNumber,
  zero,
} from '../../base/decimal.ts';
import { type ContractTerms, isInverse, notionalAt, priceAt } from '../../domain/contract-value.ts';
import type {
  SimExchange,
  SimFill,
  SimFundingPayment,
  SimOrder,
  SimPosition,
} from '../../sim/api.ts';
import type { Listed } from './listing.ts';
import { type OrderNote, wholeOf } from './order-names.ts';
import { endTexts } from './rejections.ts';

export type Row = Readonly<Record<string, unknown>>;

const timesInForce = { gtc: 'GTC', ioc: 'IOC', fok: 'FOK', 'post-only': 'PostOnly' } as const;

export function isEnded(order: SimOrder): boolean {
  return order.status !== 'open' && order.status !== 'partially-filled';
}

/** `orderStatus`; spot names an order that ended partly filled. */
export function orderStatusOf(order: SimOrder, listed: Listed, filledQty: Decimal): string {
  switch (order.status) {
    case 'open':
      return filledQty > zero ? 'PartiallyFilled' : 'New';
    case 'partially-filled':
      return 'PartiallyFilled';
    case 'filled':
      return 'Filled';
    case 'canceled':
    case 'expired':
      return listed.category === 'spot' && filledQty > zero
        ? 'PartiallyFilledCanceled'
        : 'Cancelled';
  }
}

export function orderRow(order: SimOrder, listed: Listed, note: OrderNote): Row {
  const whole = wholeOf(order, note);
  const left = isEnded(order) ? zero : minus(whole.qty, whole.filledQty);
  const ended = order.endReason === null ? null : endTexts[order.endReason];
  const average =
    whole.filledQty > zero ? listed.exactPrice(averageOf(whole, listed.instrument)) : '';
  const isSpot = listed.category === 'spot';
  return {
    category: listed.category,
    symbol: listed.symbol,
    orderId: note.orderId,
    orderLinkId: note.orderLinkId,
    blockTradeId: '',
    side: order.side === 'buy' ? 'Buy' : 'Sell',
    positionIdx: 0,
    orderStatus: orderStatusOf(order, listed, whole.filledQty),
    createType: 'CreateByUser',
    cancelType: ended?.cancelType ?? 'UNKNOWN',
    rejectReason: ended?.rejectReason ?? 'EC_NoError',
    timeInForce: order.type === 'market' ? 'IOC' : timesInForce[order.timeInForce],
    orderType: order.type === 'market' ? 'Market' : 'Limit',
    price: order.limit === null ? '0' : listed.exactPrice(order.limit),
    qty: note.quoteQty ?? listed.exactQty(whole.qty),
    leavesQty: listed.exactQty(left),
    leavesValue:
      order.limit === null ? '0' : formatDecimal(notionalAt(listed.instrument, left, order.limit)),
    cumExecQty: listed.exactQty(whole.filledQty),
    cumExecValue: formatDecimal(whole.filledCost),
    cumExecFee: formatDecimal(whole.feePaid),
    cumFeeDetail: whole.feePaid === zero ? {} : { [order.feeAsset]: formatDecimal(whole.feePaid) },
    avgPrice: average,
    reduceOnly: order.reduceOnly,
    closeOnTrigger: false,
    isLeverage: isSpot ? '0' : '',
    marketUnit: note.marketUnit,
    triggerPrice: '',
    triggerDirection: 0,
    stopOrderType: '',
    takeProfit: '',
    stopLoss: '',
    // Contracts only: clients tell the two by it.
    ...(isSpot ? {} : { tpslMode: '', lastPriceOnCreated: '', closedPnl: '0' }),
    smpType: 'None',
    feeCurrency: isSpot ? order.feeAsset : '',
    createdTime: String(note.createdTsMs),
    updatedTime: String(order.updatedTsMs),
  };
}

/** `filledCost` is a notional: quote, or coin of inverse contracts. */
function averageOf(
  { filledQty, filledCost }: { readonly filledQty: Decimal; readonly filledCost: Decimal },
  terms: ContractTerms,
): Decimal {
  return priceAt(terms, filledQty, isInverse(terms) ? negate(filledCost) : filledCost);
}

export function executionRow(
  fill: SimFill,
  listed: Listed,
  order: SimOrder | null,
  note: OrderNote | null,
): Row {
  const value = notionalAt(listed.instrument, fill.qty, fill.price);
  const isSpot = listed.category === 'spot';
  const left = order === null || isEnded(order) ? zero : minus(order.qty, order.filledQty);
  return {
    category: listed.category,
    symbol: listed.symbol,
    orderId: note?.orderId ?? fill.orderId,
    orderLinkId: note?.orderLinkId ?? '',
    side: fill.side === 'buy' ? 'Buy' : 'Sell',
    orderPrice: order?.limit == null ? '0' : listed.exactPrice(order.limit),
    orderQty: order === null ? listed.exactQty(fill.qty) : listed.exactQty(order.qty),
    leavesQty: listed.exactQty(left),
    createType: 'CreateByUser',
    orderType: order?.type === 'limit' ? 'Limit' : 'Market',
    stopOrderType: 'UNKNOWN',
    execFee: formatDecimal(fill.feePaid),
    feeCurrency: fill.feeAsset,
    feeRate:
      value === zero ? '0' : formatDecimal(over(isSpot ? feeInQuote(fill) : fill.feePaid, value)),
    execId: fill.tradeId,
    execPrice: listed.exactPrice(fill.price),
    execQty: listed.exactQty(fill.qty),
    execType: execTypes[fill.forced ?? 'none'],
    execValue: formatDecimal(value),
    execTime: String(fill.tsMs),
    isMaker: fill.liquidity === 'maker',
    isLeverage: '0',
    tradeIv: '',
    markIv: '',
    markPrice: '',
    indexPrice: '',
    underlyingPrice: '',
    blockTradeId: '',
    closedSize: isSpot ? '' : listed.exactQty(closedBy(fill)),
    execPnl: isSpot ? '' : formatDecimal(fill.realizedPnl),
    marketUnit: note?.marketUnit ?? '',
    seq: Number(fill.tradeId),
  };
}

const execTypes = { none: 'Trade', liquidation: 'BustTrade', adl: 'AdlTrade' } as const;

/** A spot buy pays in the coin it brings. */
function feeInQuote(fill: SimFill): Decimal {
  const cost = times(fill.price, fill.qty);
  const inBase = fill.feeAsset !== 'USDT' && fill.feeAsset !== 'USDC' && fill.qty > zero;
  return inBase ? times(over(fill.feePaid, fill.qty), cost) : fill.feePaid;
}

/** How much of the position before the fill it closed. */
function closedBy(fill: SimFill): Decimal {
  const signed = fill.side === 'buy' ? fill.qty : negate(fill.qty);
  const before = minus(fill.positionAfter, signed);
  if (before === zero || sign(before) === sign(signed)) return zero;
  return minOf(abs(before), fill.qty);
}

/** An execution of type Funding: `execFee` has the sign of a cost, opposite to the ledger's. */
export function fundingRow(payment: SimFundingPayment, listed: Listed): Row {
  const qty = abs(payment.qty);
  const paid = negate(payment.amount);
  const isLong = payment.qty > zero;
  return {
    category: listed.category,
    symbol: listed.symbol,
    orderId: `${Math.floor(payment.settledAtMs / 1_000)}-${payment.id}`,
    orderLinkId: '',
    side: isLong ? 'Buy' : 'Sell',
    orderPrice: '0',
    orderQty: '0',
    leavesQty: '0',
    orderType: 'UNKNOWN',
    stopOrderType: 'UNKNOWN',
    execFee: formatDecimal(paid),
    feeCurrency: payment.asset,
    feeRate: formatDecimal(fromNumber(isLong ? payment.rate : -payment.rate)),
    execId: fundingIdOf(payment),
    execPrice: listed.exactPrice(fromNumber(payment.mark)),
    execQty: listed.exactQty(qty),
    execType: 'Funding',
    execValue: formatDecimal(notionalAt(listed.instrument, qty, fromNumber(payment.mark))),
    execTime: String(payment.settledAtMs),
    isMaker: false,
    isLeverage: '0',
    markPrice: listed.exactPrice(fromNumber(payment.mark)),
    closedSize: '0',
    execPnl: '',
    seq: Number(payment.id),
  };
}

/** Not a trade's id: the two are numbered apart. */
export function fundingIdOf(payment: SimFundingPayment): string {
  return `funding-${payment.id}`;
}

/** A line of the transaction log; `funding` is cash, + = received. */
export function settlementRow(payment: SimFundingPayment, listed: Listed): Row {
  return {
    ...transactionBase(listed, payment.settledAtMs),
    id: `settlement_${listed.symbol}_${payment.id}`,
    side: payment.qty > zero ? 'Buy' : 'Sell',
    type: 'SETTLEMENT',
    qty: listed.exactQty(abs(payment.qty)),
    size: listed.exactQty(payment.qty),
    currency: payment.asset,
    tradePrice: listed.exactPrice(fromNumber(payment.mark)),
    funding: formatDecimal(payment.amount),
    fee: '0',
    cashFlow: '0',
    change: formatDecimal(payment.amount),
    feeRate: formatDecimal(fromNumber(payment.rate)),
    tradeId: fundingIdOf(payment),
    orderId: '',
    orderLinkId: '',
  };
}

export function tradeTransactionRow(fill: SimFill, listed: Listed, note: OrderNote | null): Row {
  return {
    ...transactionBase(listed, fill.tsMs),
    id: `trade_${listed.symbol}_${fill.tradeId}`,
    side: fill.side === 'buy' ? 'Buy' : 'Sell',
    type: 'TRADE',
    qty: listed.exactQty(fill.qty),
    size: listed.exactQty(fill.positionAfter),
    currency: fill.feeAsset,
    tradePrice: listed.exactPrice(fill.price),
    funding: '',
    fee: formatDecimal(fill.feePaid),
    cashFlow: formatDecimal(fill.realizedPnl),
    change: formatDecimal(minus(fill.realizedPnl, fill.feePaid)),
    feeRate: '',
    tradeId: fill.tradeId,
    orderId: note?.orderId ?? fill.orderId,
    orderLinkId: note?.orderLinkId ?? '',
  };
}

function transactionBase(listed: Listed, tsMs: number): Row {
  return {
    symbol: listed.symbol,
    category: listed.category,
    transactionTime: String(tsMs),
    transSubType: '',
    cashBalance: '',
    bonusChange: '',
  };
}

/** `entryPrice` is the stream's name, `avgPrice` the list's: both are there. */
export function positionRow(position: SimPosition, listed: Listed): Row {
  const size = abs(position.qty);
  const isFlat = size === zero;
  const entry = isFlat ? '0' : listed.exactPrice(position.entryPrice);
  const mark = fromNumber(position.mark);
  const liquidation = position.liquidationPrice;
  return {
    category: listed.category,
    positionIdx: 0,
    tradeMode: 0,
    riskId: 1,
    riskLimitValue: '',
    symbol: listed.symbol,
    side: isFlat ? '' : position.qty > zero ? 'Buy' : 'Sell',
    size: listed.exactQty(size),
    avgPrice: entry,
    entryPrice: entry,
    positionValue: isFlat
      ? ''
      : formatDecimal(notionalAt(listed.instrument, size, position.entryPrice)),
    leverage: String(position.leverage),
    markPrice: listed.exactPrice(mark),
    liqPrice: isFlat || liquidation === null ? '' : listed.priceText(liquidation),
    bustPrice: '',
    positionIM: formatDecimal(position.initialMargin),
    positionMM: formatDecimal(position.maintenanceMargin),
    positionBalance: '0',
    unrealisedPnl: isFlat ? '' : formatDecimal(position.unrealizedPnl),
    curRealisedPnl: '0',
    cumRealisedPnl: '0',
    takeProfit: '',
    stopLoss: '',
    trailingStop: '0',
    tpslMode: 'Full',
    positionStatus: 'Normal',
    adlRankIndicator: isFlat ? 0 : 2,
    autoAddMargin: 0,
    isReduceOnly: false,
    createdTime: String(position.updatedTsMs),
    updatedTime: String(position.updatedTsMs),
    seq: Math.floor(position.updatedTsMs / 1_000),
  };
}

const wallet = 'unified';

/** The account with its coins; `only` limits them, as the stream does. */
export function walletRow(exchange: SimExchange, only: ReadonlySet<string> | null): Row {
  const margin = exchange.margin(wallet);
  const coins = exchange
    .balances()
    .filter((balance) => balance.wallet === wallet)
    .filter(({ asset }) => only === null || only.has(asset));
  const rate = (part: Decimal): string =>
    margin.equity > zero ? toNumber(over(part, margin.equity)).toFixed(4) : '0';
  return {
    accountType: 'UNIFIED',
    accountLTV: '0',
    accountIMRate: rate(margin.initialMargin),
    accountMMRate: rate(margin.maintenanceMargin),
    totalEquity: formatDecimal(margin.equity),
    totalWalletBalance: formatDecimal(minus(margin.equity, margin.unrealizedPnl)),
    totalMarginBalance: formatDecimal(margin.equity),
    totalAvailableBalance: formatDecimal(margin.available),
    totalPerpUPL: formatDecimal(margin.unrealizedPnl),
    totalInitialMargin: formatDecimal(margin.initialMargin),
    totalMaintenanceMargin: formatDecimal(margin.maintenanceMargin),
    coin: coins.map(({ asset, total, locked }) => {
      // Each coin is the margin of its own inverse contracts.
      const pool = asset === 'USDT' ? margin : exchange.margin(wallet, asset);
      const unrealized = pool.unrealizedPnl;
      return {
        coin: asset,
        equity: formatDecimal(minus(total, negate(unrealized))),
        usdValue: '',
        walletBalance: formatDecimal(total),
        free: '',
        locked: formatDecimal(locked),
        availableToWithdraw: '',
        availableToBorrow: '',
        borrowAmount: '0',
        accruedInterest: '0',
        totalOrderIM: '0',
        totalPositionIM: formatDecimal(pool.initialMargin),
        totalPositionMM: formatDecimal(pool.maintenanceMargin),
        unrealisedPnl: formatDecimal(unrealized),
        cumRealisedPnl: '0',
        bonus: '0',
        spotHedgingQty: '0',
        collateralSwitch: true,
        marginCollateral: true,
      };
    }),
  };
}
