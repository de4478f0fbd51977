// The simulated account as rows of OKX's listings and private channels. Cash keeps OKX's signs: a
// fee that was paid is negative, a bill that was received positive.
import {
  abs,
  type Decimal,
  formatDecimal,
  fromNumber,
  negate,
  over,
  plus,
  times,
  zero,
} from '../../base/decimal.ts';
import { isInverse } from '../../domain/contract-value.ts';
import type {
  SimBalance,
  SimBill,
  SimEndReason,
  SimExchange,
  SimFill,
  SimFundingPayment,
  SimMargin,
  SimOrder,
  SimPosition,
} from '../../sim/api.ts';
import { forcedClientIdPrefix, madeUpClientIdPrefix } from '../../sim/exchange-matching.ts';
import type { Listed } from './listing.ts';

export type Row = Readonly<Record<string, unknown>>;

/** The last fill of an order and what all its fills realized. */
export interface FillMemo {
  readonly fill: SimFill;
  readonly realizedPnl: Decimal;
}

const states = {
  open: 'live',
  'partially-filled': 'partially_filled',
  filled: 'filled',
  canceled: 'canceled',
  expired: 'canceled',
} as const;

/** cancelSource codes; a market order's remainder ends as an IOC's does. */
const cancelSources: Readonly<Record<SimEndReason, readonly [code: string, reason: string]>> = {
  user: ['1', 'Order canceled by user'],
  'ioc-remainder': ['14', 'Order canceled: IOC order was partially canceled'],
  fok: ['13', 'Order canceled: FOK order was canceled due to incompletely filled'],
  'post-only-would-cross': ['31', 'The post-only order will take liquidity in taker orders'],
  'no-liquidity': ['14', 'Order canceled: IOC order was partially canceled'],
  'dead-man': ['20', 'Cancel all after triggered'],
  liquidation: ['3', 'Order canceled: Risk cancellation was triggered'],
  'reduce-only': ['2', 'Order canceled: Pre reduce-only order canceled'],
  margin: ['3', 'Order canceled: Risk cancellation was triggered'],
  delisted: ['0', 'Order canceled by system'],
};

const noCancel = ['', ''] as const;

const ordTypes = { gtc: 'limit', ioc: 'ioc', fok: 'fok', 'post-only': 'post_only' } as const;

const { liquidation, adl } = forcedClientIdPrefix;

function categoryOf(clientOrderId: string): string {
  if (clientOrderId.startsWith(adl)) return 'adl';
  return clientOrderId.startsWith(liquidation) ? 'full_liquidation' : 'normal';
}

/** The client's own id; the ones that the exchange made up are not shown. */
export function clOrdIdOf(clientOrderId: string): string {
  const made = [madeUpClientIdPrefix, liquidation, adl];
  return made.some((prefix) => clientOrderId.startsWith(prefix)) ? '' : clientOrderId;
}

export function orderRow(
  order: SimOrder,
  listed: Listed,
  context: { readonly memo: FillMemo | null; readonly leverage: number | null },
): Row {
  const { memo } = context;
  const [cancelSource, cancelSourceReason] =
    order.endReason === null ? noCancel : cancelSources[order.endReason];
  const spot = listed.instType === 'SPOT';
  return {
    instType: listed.instType,
    instId: listed.instId,
    ordId: order.orderId,
    clOrdId: clOrdIdOf(order.clientOrderId),
    tag: '',
    px: order.limit === null ? '' : formatDecimal(order.limit),
    sz: listed.contracts(order.qty),
    ordType: order.type === 'market' ? 'market' : ordTypes[order.timeInForce],
    side: order.side,
    posSide: 'net',
    tdMode: spot ? 'cash' : 'cross',
    tgtCcy: spot && order.type === 'market' ? 'base_ccy' : '',
    ccy: '',
    state: states[order.status],
    accFillSz: listed.contracts(order.filledQty),
    avgPx: order.averagePrice === null ? '' : formatDecimal(order.averagePrice),
    fillPx: memo === null ? '' : formatDecimal(memo.fill.price),
    fillSz: memo === null ? '0' : listed.contracts(memo.fill.qty),
    fillTime: memo === null ? '' : String(memo.fill.tsMs),
    tradeId: memo === null ? '' : memo.fill.tradeId,
    fee: formatDecimal(negate(order.feePaid)),
    feeCcy: order.feeAsset,
    rebate: '0',
    rebateCcy: order.feeAsset,
    pnl: formatDecimal(memo?.realizedPnl ?? zero),
    lever: context.leverage === null ? '' : String(context.leverage),
    reduceOnly: String(order.reduceOnly),
    category: categoryOf(order.clientOrderId),
    source: '',
    cancelSource,
    cancelSourceReason,
    algoClOrdId: '',
    algoId: '',
    attachAlgoOrds: [],
    quickMgnType: '',
    stpMode: 'cancel_maker',
    cTime: String(order.createdTsMs),
    uTime: String(order.updatedTsMs),
  };
}

/** A push of the `orders` channel: the order, and the fill that it is about or none. */
export function orderPushRow(order: Row, fill: SimFill | null, listed: Listed): Row {
  const notional =
    fill === null ? '' : formatDecimal(dollarsOf(listed, { qty: fill.qty, price: fill.price }));
  return {
    ...order,
    fillPx: fill === null ? '' : formatDecimal(fill.price),
    fillSz: fill === null ? '0' : listed.contracts(fill.qty),
    fillTime: fill === null ? '' : String(fill.tsMs),
    tradeId: fill === null ? '' : fill.tradeId,
    fillFee: fill === null ? '0' : formatDecimal(negate(fill.feePaid)),
    fillFeeCcy: fill === null ? '' : fill.feeAsset,
    fillPnl: fill === null ? '0' : formatDecimal(fill.realizedPnl),
    fillNotionalUsd: notional,
    notionalUsd: notional,
    execType: fill === null ? '' : execTypeOf(fill),
    amendResult: '',
    amendSource: '',
    reqId: '',
    code: '0',
    msg: '',
  };
}

function execTypeOf(fill: SimFill): string {
  return fill.liquidity === 'maker' ? 'M' : 'T';
}

/** Sub-types of bills and fills: 1 buy, 2 sell; 106 and 107 liquidation; 127 and 128 ADL. */
function subTypeOf(fill: SimFill): string {
  const bought = fill.side === 'buy';
  if (fill.forced === 'liquidation') return bought ? '106' : '107';
  if (fill.forced === 'adl') return bought ? '127' : '128';
  return bought ? '1' : '2';
}

export function fillRow(fill: SimFill, listed: Listed): Row {
  return {
    instType: listed.instType,
    instId: listed.instId,
    tradeId: fill.tradeId,
    ordId: fill.orderId,
    clOrdId: clOrdIdOf(fill.clientOrderId),
    billId: fill.tradeId,
    subType: subTypeOf(fill),
    tag: '',
    fillPx: formatDecimal(fill.price),
    fillSz: listed.contracts(fill.qty),
    fillPnl: formatDecimal(fill.realizedPnl),
    side: fill.side,
    posSide: 'net',
    execType: execTypeOf(fill),
    fee: formatDecimal(negate(fill.feePaid)),
    feeCcy: fill.feeAsset,
    ts: String(fill.tsMs),
    fillTime: String(fill.tsMs),
  };
}

export function positionRow(position: SimPosition, listed: Listed): Row {
  const flat = position.qty === zero;
  const mark = fromNumber(position.mark);
  const notional = abs(dollarsOf(listed, { qty: position.qty, price: mark }));
  const margin = position.initialMargin;
  const ratio = margin === zero ? zero : over(position.unrealizedPnl, margin);
  return {
    instType: listed.instType,
    instId: listed.instId,
    mgnMode: position.marginMode,
    posId: String(3_000_000_000 + Number(listed.instIdCode.slice(-4))),
    posSide: 'net',
    pos: listed.contracts(position.qty),
    availPos: '',
    posCcy: '',
    ccy: listed.sim.instrument.settle,
    avgPx: flat ? '' : formatDecimal(position.entryPrice),
    markPx: formatDecimal(mark),
    liqPx: position.liquidationPrice === null ? '' : String(position.liquidationPrice),
    lever: String(position.leverage),
    upl: formatDecimal(position.unrealizedPnl),
    uplRatio: formatDecimal(ratio),
    imr: formatDecimal(margin),
    mmr: formatDecimal(position.maintenanceMargin),
    margin: '',
    mgnRatio: '',
    notionalUsd: formatDecimal(notional),
    interest: '0',
    liab: '',
    adl: '1',
    cTime: String(position.updatedTsMs),
    uTime: String(position.updatedTsMs),
  };
}

/** Dollars of a quantity: an inverse contract's face says them at any price. */
function dollarsOf(
  { sim }: Listed,
  { qty, price }: { readonly qty: Decimal; readonly price: Decimal },
): Decimal {
  const { instrument } = sim;
  return times(qty, isInverse(instrument) ? instrument.contractSize : price);
}

const collateral = 'USDT';
const wallet = 'unified';

/** Totals are those of the dollar pool; each coin is the margin of its own inverse swaps. */
export function accountRow(
  balances: readonly SimBalance[],
  exchange: SimExchange,
  tsMs: number,
): Row {
  const uTime = String(tsMs);
  const margin = exchange.margin(wallet);
  return {
    uTime,
    totalEq: formatDecimal(margin.equity),
    adjEq: '',
    isoEq: '0',
    ordFroz: '',
    imr: formatDecimal(margin.initialMargin),
    mmr: formatDecimal(margin.maintenanceMargin),
    mgnRatio: '',
    notionalUsd: '',
    upl: formatDecimal(margin.unrealizedPnl),
    details: balances.map((balance) => {
      const isCollateral = balance.asset === collateral;
      return balanceRow(
        balance,
        isCollateral ? margin : exchange.margin(wallet, balance.asset),
        uTime,
      );
    }),
  };
}

/** `margin` is the asset's own pool. */
function balanceRow(balance: SimBalance, margin: SimMargin, uTime: string): Row {
  const isCollateral = balance.asset === collateral;
  const upl = margin.unrealizedPnl;
  const { available } = margin;
  const equity = plus(balance.total, upl);
  return {
    ccy: balance.asset,
    cashBal: formatDecimal(balance.total),
    eq: formatDecimal(equity),
    eqUsd: isCollateral ? formatDecimal(equity) : '',
    upl: formatDecimal(upl),
    availBal: formatDecimal(available),
    availEq: formatDecimal(available),
    frozenBal: formatDecimal(plus(equity, negate(available))),
    ordFrozen: formatDecimal(balance.locked),
    isoEq: '0',
    fixedBal: '0',
    crossLiab: '',
    interest: '',
    liab: '',
    uTime,
  };
}

const billTypes: Readonly<Record<SimBill['kind'], readonly [type: string, subType: string]>> = {
  trade: ['2', '1'],
  fee: ['2', '1'],
  'realized-pnl': ['2', '2'],
  funding: ['8', '173'],
  transfer: ['1', '11'],
  'liquidation-fee': ['5', '104'],
};

export function billTypeOf(bill: SimBill): string {
  return billTypes[bill.kind][0];
}

/**
 * Funding: 173 paid, 174 received. Trades, their profit and their fees are lines of their own here.
 */
export function billRow(
  bill: SimBill,
  listed: Listed | null,
  payment: SimFundingPayment | null,
): Row {
  const [type, subType] = billTypes[bill.kind];
  const received = bill.amount >= zero;
  const isProfit = bill.kind === 'funding' || bill.kind === 'realized-pnl';
  return {
    billId: bill.id,
    ccy: bill.asset,
    type,
    subType: bill.kind === 'funding' ? (received ? '174' : '173') : subType,
    balChg: formatDecimal(bill.amount),
    bal: formatDecimal(bill.balanceAfter),
    posBal: '0',
    posBalChg: '0',
    pnl: isProfit ? formatDecimal(bill.amount) : '0',
    fee: bill.kind === 'fee' ? formatDecimal(bill.amount) : '0',
    sz: payment === null || listed === null ? '' : listed.contracts(payment.qty),
    px: payment === null ? '' : formatDecimal(fromNumber(payment.mark)),
    instId: listed?.instId ?? '',
    instType: listed?.instType ?? '',
    mgnMode: listed?.instType === 'SWAP' ? 'cross' : '',
    tradeId: bill.tradeId ?? '',
    ordId: '',
    clOrdId: '',
    execType: '',
    from: '',
    to: '',
    notes: '',
    tag: '',
    interest: '0',
    fillTime: '',
    ts: String(bill.tsMs),
  };
}

export function leverageOf(exchange: SimExchange, listed: Listed): number | null {
  return listed.instType === 'SWAP' ? exchange.leverage(listed.id) : null;
}
