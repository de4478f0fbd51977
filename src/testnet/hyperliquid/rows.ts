// Rows of orders, fills, funding and the account: the same in info replies and in stream frames.
// Money leaves as exact text in the venue's units; `fee` is a cost, + = paid, `usdc` is cash.
import {
  abs,
  type Decimal,
  fromNumber,
  minus,
  negate,
  over,
  plus,
  roundToStep,
  sum,
  times,
  toNumber,
  zero,
} from '../../base/decimal.ts';
import type { SimFill, SimFundingPayment, SimOrder, SimPosition } from '../../sim/api.ts';
import { stepOf } from '../../venues/hyperliquid/tick.ts';
import { type Listed, moneyText, plainText } from './listing.ts';
import type { HyperliquidState, OrderState } from './state.ts';

export type Row = Readonly<Record<string, unknown>>;

const timesInForce = { gtc: 'Gtc', ioc: 'Ioc', fok: 'Ioc', 'post-only': 'Alo' } as const;
const zeroHash = `0x${'0'.repeat(64)}`;
const cloidText = /^0x[0-9a-f]{32}$/;
/** Of cash and of profits: the venue's own units. */
const cashDecimals = 8;

export function isEnded(order: SimOrder): boolean {
  return order.status !== 'open' && order.status !== 'partially-filled';
}

export function cloidOfOrder(order: { readonly clientOrderId: string }): string | null {
  return cloidText.test(order.clientOrderId) ? order.clientOrderId : null;
}

export function statusOf(order: SimOrder): string {
  if (order.status === 'filled') return 'filled';
  if (!isEnded(order)) return 'open';
  const traded = order.filledQty > zero;
  switch (order.endReason) {
    case 'ioc-remainder':
    case 'fok':
    case 'no-liquidity':
      return traded ? 'canceled' : 'iocCancelRejected';
    case 'post-only-would-cross':
      return 'badAloPxRejected';
    case 'dead-man':
      return 'scheduledCancel';
    case 'liquidation':
      return 'liquidatedCanceled';
    case 'reduce-only':
      return 'reduceOnlyCanceled';
    case 'margin':
      return 'marginCanceled';
    case 'delisted':
      return 'delistedCanceled';
    default:
      return 'canceled';
  }
}

export function orderRow(order: SimOrder, listed: Listed): Row {
  return {
    coin: listed.coin,
    side: order.side === 'buy' ? 'B' : 'A',
    limitPx: order.limit === null ? '0.0' : listed.exactPrice(order.limit),
    sz: listed.exactQty(minus(order.qty, order.filledQty)),
    oid: Number(order.orderId),
    timestamp: order.createdTsMs,
    triggerCondition: 'N/A',
    isTrigger: false,
    triggerPx: '0.0',
    children: [],
    isPositionTpsl: false,
    reduceOnly: order.reduceOnly,
    orderType: order.limit === null ? 'Market' : 'Limit',
    origSz: listed.exactQty(order.qty),
    tif: timesInForce[order.timeInForce],
    cloid: cloidOfOrder(order),
  };
}

export function orderState(order: SimOrder, listed: Listed): OrderState {
  const statusTimestamp = order.updatedTsMs;
  return { order: orderRow(order, listed), status: statusOf(order), statusTimestamp };
}

/** Unique over all coins, as the venue's are. */
function tidOf(fill: SimFill, listed: Listed): number {
  return Number(fill.tradeId) * 1_000 + listed.ordinal;
}

export function fillRow(fill: SimFill, listed: Listed): Row {
  const signed = fill.side === 'buy' ? fill.qty : negate(fill.qty);
  const before = listed.isPerp ? minus(fill.positionAfter, signed) : zero;
  return {
    coin: listed.coin,
    px: listed.exactPrice(fill.price),
    sz: listed.exactQty(fill.qty),
    side: fill.side === 'buy' ? 'B' : 'A',
    time: fill.tsMs,
    startPosition: listed.exactQty(before),
    dir: dirOf(fill, listed, before),
    closedPnl: moneyText(fill.realizedPnl),
    hash: zeroHash,
    oid: Number(fill.orderId),
    crossed: fill.liquidity === 'taker',
    fee: moneyText(fill.feePaid),
    tid: tidOf(fill, listed),
    feeToken: tokenOf(fill.feeAsset),
    cloid: cloidOfOrder(fill),
  };
}

function dirOf(fill: SimFill, listed: Listed, before: Decimal): string {
  if (!listed.isPerp) return fill.side === 'buy' ? 'Buy' : 'Sell';
  const held = before > zero ? 'Long' : 'Short';
  if (fill.forced === 'adl') return 'Auto-Deleveraging';
  if (fill.forced === 'liquidation') return `Liquidated Cross ${held}`;
  const after = fill.positionAfter;
  const opens = fill.side === 'buy' ? 'Long' : 'Short';
  if (before === zero || before > zero === (fill.side === 'buy')) return `Open ${opens}`;
  const turned = after !== zero && after > zero !== before > zero;
  return turned ? `${held} > ${opens}` : `Close ${held}`;
}

/** As the streams say it; userFunding puts the figures into `delta`. */
export function fundingRow(payment: SimFundingPayment, listed: Listed): Row {
  return {
    time: payment.settledAtMs,
    coin: listed.coin,
    usdc: moneyText(payment.amount),
    szi: listed.exactQty(payment.qty),
    fundingRate: plainText(payment.rate),
    nSamples: null,
  };
}

export function fundingUpdate(payment: SimFundingPayment, listed: Listed): Row {
  const { time, ...figures } = fundingRow(payment, listed);
  return { time, hash: zeroHash, delta: { type: 'funding', ...figures } };
}

const tokens: Readonly<Record<string, string>> = { BTC: 'UBTC', ETH: 'UETH', SOL: 'USOL' };

/** The venue's name of an asset in the spot wallet. */
export function tokenOf(asset: string): string {
  return tokens[asset] ?? asset;
}

/**
 * The account of the perpetuals. Mark prices have no more decimals than a price may have, so that
 * values and profits are exact, and the account's value without them is the cash to the last digit.
 */
export function clearinghouse(state: HyperliquidState): Row {
  const { exchange, listings } = state;
  const cash = sum(
    exchange
      .balances()
      .filter(({ wallet, asset }) => wallet === 'perp' && asset === 'USDC')
      .map(({ total }) => total),
  );
  const held = exchange
    .positions()
    .filter(({ qty }) => qty !== zero)
    .map((position) => figuresOf(position, listings.of(position.instrument)));
  const value = plus(cash, sum(held.map(({ profit }) => profit)));
  const notional = sum(held.map((figures) => figures.value));
  const used = sum(held.map(({ position }) => position.initialMargin));
  const margin = exchange.margin('perp');
  const summary = {
    accountValue: moneyText(value),
    totalNtlPos: moneyText(notional),
    totalRawUsd: moneyText(minus(value, sum(held.map(({ signedValue }) => signedValue)))),
    totalMarginUsed: moneyText(cashOf(used)),
  };
  return {
    marginSummary: summary,
    crossMarginSummary: summary,
    crossMaintenanceMarginUsed: moneyText(cashOf(margin.maintenanceMargin)),
    withdrawable: moneyText(cashOf(margin.available)),
    assetPositions: held.map(({ row }) => ({ type: 'oneWay', position: row })),
    time: state.now().tsMs,
  };
}

interface PositionFigures {
  readonly position: SimPosition;
  readonly value: Decimal;
  readonly signedValue: Decimal;
  readonly profit: Decimal;
  readonly row: Row;
}

function figuresOf(position: SimPosition, listed: Listed): PositionFigures {
  const { qtyUnit, priceUnit, leverageMax } = listed.instrument;
  const size = over(position.qty, qtyUnit);
  const mark = markOf(position.mark * toNumber(priceUnit), listed);
  const signedValue = times(size, mark);
  const value = abs(signedValue);
  const entry = times(position.entryPrice, priceUnit);
  const profit = cashOf(minus(signedValue, times(size, entry)));
  const margin = cashOf(position.initialMargin);
  return {
    position,
    value,
    signedValue,
    profit,
    row: {
      coin: listed.coin,
      szi: moneyText(size),
      leverage: { type: 'cross', value: position.leverage },
      entryPx: moneyText(entry),
      positionValue: moneyText(value),
      unrealizedPnl: moneyText(profit),
      returnOnEquity: margin === zero ? '0.0' : moneyText(cashOf(over(profit, margin))),
      liquidationPx:
        position.liquidationPrice === null
          ? null
          : plainText(position.liquidationPrice * toNumber(priceUnit)),
      marginUsed: moneyText(margin),
      maxLeverage: leverageMax ?? 1,
      cumFunding: { allTime: '0.0', sinceOpen: '0.0', sinceChange: '0.0' },
    },
  };
}

/** In the venue's units. */
export function markOf(price: number, listed: Listed): Decimal {
  return roundToStep(fromNumber(price), stepOf(6 - listed.szDecimals), 'half-even');
}

export function spotState(state: HyperliquidState): Row {
  const balances = state.exchange
    .balances()
    .filter(({ wallet }) => wallet === 'spot')
    .map(({ asset, total, locked }, token) => ({
      coin: tokenOf(asset),
      token,
      total: moneyText(total),
      hold: moneyText(cashOf(locked)),
      entryNtl: '0.0',
    }));
  return { balances };
}

function cashOf(value: Decimal): Decimal {
  return roundToStep(value, stepOf(cashDecimals), 'half-even');
}
