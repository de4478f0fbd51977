// Account rows -> events: orders, executions, positions, wallet, transaction log. The WebSocket's
// and the REST API's rows have the same fields. Signs: `execFee` is a cost (positive = paid), our
// `fee` is cash (positive = received).
//
// Funding comes twice from Bybit with opposite signs. The ledger has ONE source: executions of type
// Funding, which the private stream pushes and execution/list repeats with the same `execId`, so
// that the two dedupe. The transaction log (type SETTLEMENT) is decoded for whoever looks, has ids
// of its own and is never requested by this adapter.
import { type Decimal, negate } from '../../base/decimal.ts';
import type { Market } from '../../domain/instrument.ts';
import type { OrderStatus, Side } from '../../domain/order.ts';
import type { FillEvent, VenueEvent } from '../../domain/venue-event.ts';
import { errorEvent } from './errors.ts';
import { blankStamp, stampFor, unrecognized } from './events.ts';
import type { Source } from './market.ts';
import {
  decimalAt,
  flagAt,
  listAt,
  numberAt,
  positiveDecimalAt,
  positiveNumberAt,
  type Row,
  rowOf,
  textAt,
  timeAt,
} from './read.ts';
import {
  factsOf,
  marketOfCategory,
  ourPrice,
  ourQty,
  quotedPrice,
  type SymbolFacts,
  unifiedWallet,
} from './symbols.ts';

const statuses: Readonly<Record<string, OrderStatus>> = {
  Created: 'pending',
  New: 'open',
  PartiallyFilled: 'open',
  Untriggered: 'open',
  Triggered: 'open',
  Active: 'open',
  PendingCancel: 'cancel-pending',
  Filled: 'filled',
  Cancelled: 'canceled',
  // Spot only: ended with a part filled.
  PartiallyFilledCanceled: 'canceled',
  Deactivated: 'canceled',
  Rejected: 'rejected',
};
const endedStatuses: readonly OrderStatus[] = ['filled', 'canceled', 'rejected'];
const noReasons = ['EC_NoError', 'UNKNOWN', ''];

/** A row of `order`, order/realtime and order/history. */
export function decodeOrder(row: Row, source: Source, sentAtMs: number | null): VenueEvent {
  const symbol = textAt(row, 'symbol');
  const side = sideOf(row);
  const text = textAt(row, 'orderStatus');
  if (symbol === null || side === null || text === null) {
    return unrecognized('order: no symbol, side or status', symbol);
  }
  const facts = factsOfRow(row, symbol, source);
  const status = Object.hasOwn(statuses, text) ? (statuses[text] as OrderStatus) : 'unknown';
  const filled = decimalAt(row, 'cumExecQty');
  const isMarket = textAt(row, 'orderType') === 'Market';
  const qty = orderQtyOf(row, { side, isMarket, isEnded: endedStatuses.includes(status), facts });
  if (filled === null || qty === null || filled < 0n || qty < 0n) {
    return unrecognized('order: no qty in base units', symbol);
  }
  const limit = isMarket ? null : positiveDecimalAt(row, 'price');
  const average = positiveDecimalAt(row, 'avgPrice');
  return {
    kind: 'order',
    ...stampFor(facts, timeAt(row, 'updatedTime') ?? sentAtMs),
    clientOrderId: textAt(row, 'orderLinkId'),
    venueOrderId: textAt(row, 'orderId'),
    status,
    side,
    qty: ourQty(facts, qty),
    filledQty: ourQty(facts, filled),
    limit: limit === null ? null : ourPrice(facts, limit),
    averagePrice: average === null ? null : ourPrice(facts, average),
    reduceOnly: flagAt(row, 'reduceOnly'),
    reason: reasonOf(row, status),
  };
}

/**
 * A spot market buy counts `qty` in quote currency unless `marketUnit` is baseCoin (ours always
 * is); once it ended its base quantity is what was filled, before that it is not known.
 */
function orderQtyOf(
  row: Row,
  order: {
    readonly side: Side;
    readonly isMarket: boolean;
    readonly isEnded: boolean;
    readonly facts: SymbolFacts;
  },
): Decimal | null {
  const unit = textAt(row, 'marketUnit');
  const inQuote =
    order.facts.kind === 'spot' &&
    order.isMarket &&
    (unit === 'quoteCoin' || (order.side === 'buy' && unit !== 'baseCoin'));
  if (!inQuote) return decimalAt(row, 'qty');
  return order.isEnded ? decimalAt(row, 'cumExecQty') : null;
}

function reasonOf(row: Row, status: OrderStatus): string | null {
  const reject = textAt(row, 'rejectReason');
  if (reject !== null && !noReasons.includes(reject)) return reject;
  if (!endedStatuses.includes(status) || status === 'filled') return null;
  const cancel = textAt(row, 'cancelType');
  return cancel !== null && !noReasons.includes(cancel) ? cancel : null;
}

const ownTrades = ['Trade', 'BlockTrade', 'MovePosition', 'FutureSpread'];
/** Made by the venue: auto-deleveraging, liquidation, settlement and delivery of a contract. */
const forcedTrades = ['AdlTrade', 'BustTrade', 'Settle', 'Delivery'];

/** A row of `execution` and execution/list. */
export function decodeExecution(row: Row, source: Source): VenueEvent {
  const symbol = textAt(row, 'symbol');
  const fillId = textAt(row, 'execId');
  const fee = decimalAt(row, 'execFee');
  if (symbol === null || fillId === null || fee === null) {
    return unrecognized('execution: no symbol, execId or execFee', symbol);
  }
  const facts = factsOfRow(row, symbol, source);
  const type = textAt(row, 'execType');
  if (type === 'Funding') return fundingOf(row, facts, { id: fillId, fee });
  const side = sideOf(row);
  const price = positiveDecimalAt(row, 'execPrice');
  const qty = positiveDecimalAt(row, 'execQty');
  const forced = type !== null && forcedTrades.includes(type);
  if (type === null || (!forced && !ownTrades.includes(type))) {
    return unrecognized(`execution: execType ${type ?? 'none'}`, symbol);
  }
  if (side === null || price === null || qty === null) {
    return unrecognized('execution: no side, price or qty', symbol);
  }
  const isMaker = flagAt(row, 'isMaker');
  const fill: Omit<FillEvent, 'feeAsset'> = {
    kind: 'fill',
    ...stampFor(facts, timeAt(row, 'execTime')),
    fillId,
    clientOrderId: textAt(row, 'orderLinkId'),
    venueOrderId: textAt(row, 'orderId'),
    side,
    price: ourPrice(facts, price),
    qty: ourQty(facts, qty),
    fee: negate(fee),
    liquidity: isMaker === null ? null : isMaker ? 'maker' : 'taker',
    realizedPnl: decimalAt(row, 'execPnl'),
    forced,
  };
  return { ...fill, feeAsset: textAt(row, 'feeCurrency') ?? feeAssetOf(facts, side, fee) };
}

/** Contracts pay in the settle coin; a spot trade in what it brings, a rebate in what it gives. */
function feeAssetOf(facts: SymbolFacts, side: Side, fee: Decimal): string | null {
  if (facts.kind !== 'spot') return facts.settle;
  return (side === 'buy') === fee >= 0n ? facts.base : facts.quote;
}

function fundingOf(
  row: Row,
  facts: SymbolFacts,
  payment: { readonly id: string; readonly fee: Decimal },
): VenueEvent {
  const asset = textAt(row, 'feeCurrency') ?? facts.settle;
  if (asset === null) return unrecognized('execution: funding in an unknown asset', facts.symbol);
  const price = positiveDecimalAt(row, 'execPrice');
  return {
    kind: 'funding-payment',
    ...stampFor(facts, timeAt(row, 'execTime')),
    id: payment.id,
    amount: negate(payment.fee),
    asset,
    wallet: unifiedWallet,
    mark: price === null ? null : ourPrice(facts, price),
  };
}

/**
 * A row of account/transaction-log: `funding` is cash already. Other types are no funding: null.
 */
export function decodeTransaction(row: Row, source: Source): VenueEvent | null {
  if (textAt(row, 'type') !== 'SETTLEMENT') return null;
  const symbol = textAt(row, 'symbol');
  const amount = decimalAt(row, 'funding');
  const id = textAt(row, 'id') ?? textAt(row, 'tradeId');
  const asset = textAt(row, 'currency');
  if (symbol === null || amount === null || id === null || asset === null) {
    return unrecognized('transaction: no symbol, funding, id or currency', symbol);
  }
  const facts = factsOfRow(row, symbol, source);
  return {
    kind: 'funding-payment',
    ...stampFor(facts, timeAt(row, 'transactionTime')),
    id,
    amount,
    asset,
    wallet: unifiedWallet,
  };
}

/** A row of `position` and position/list. */
export function decodePosition(row: Row, source: Source, sentAtMs: number | null): VenueEvent {
  const symbol = textAt(row, 'symbol');
  const size = decimalAt(row, 'size');
  if (symbol === null || size === null) return unrecognized('position: no symbol or size', symbol);
  const side = sideOf(row);
  if (side === null && size !== 0n) return unrecognized('position: no side', symbol);
  const index = numberAt(row, 'positionIdx');
  if (index === 1 || index === 2) {
    return errorEvent({
      reading: { code: 'REJECTED', reaction: 'fix-position-mode' },
      venueCode: `positionIdx-${index}`,
      message: `${symbol} is in hedge mode: switch it to one-way mode`,
      symbol,
      clientOrderId: null,
    });
  }
  const facts = factsOfRow(row, symbol, source);
  const entry = positiveDecimalAt(row, 'entryPrice') ?? positiveDecimalAt(row, 'avgPrice');
  const mark = positiveNumberAt(row, 'markPrice');
  const liquidation = positiveNumberAt(row, 'liqPrice');
  const qty = ourQty(facts, size);
  return {
    kind: 'position',
    ...stampFor(facts, timeAt(row, 'updatedTime') ?? sentAtMs),
    qty: side === 'sell' ? negate(qty) : qty,
    entryPrice: entry === null ? null : ourPrice(facts, entry),
    markPrice: mark === null ? null : quotedPrice(facts, mark),
    liquidationPrice: liquidation === null ? null : quotedPrice(facts, liquidation),
    leverage: positiveNumberAt(row, 'leverage'),
  };
}

/** An account of `wallet` and account/wallet-balance: one event per coin. */
export function decodeWallet(row: Row, sentAtMs: number | null): readonly VenueEvent[] {
  const type = textAt(row, 'accountType');
  if (type !== null && type !== 'UNIFIED') return [unrecognized(`wallet: account type ${type}`)];
  return listAt(row, 'coin').map((entry) => {
    const coin = rowOf(entry);
    const asset = coin === null ? null : textAt(coin, 'coin');
    const total = coin === null ? null : decimalAt(coin, 'walletBalance');
    if (coin === null || asset === null || total === null) {
      return unrecognized('wallet: no coin or walletBalance');
    }
    return {
      kind: 'balance',
      ...blankStamp(sentAtMs),
      asset,
      total,
      // Empty since 2025: margin is judged over the whole account.
      available: decimalAt(coin, 'availableToWithdraw'),
      wallet: unifiedWallet,
    };
  });
}

function factsOfRow(row: Row, symbol: string, source: Source): SymbolFacts {
  const market: Market | null = marketOfCategory(textAt(row, 'category')) ?? source.market;
  return factsOf(symbol, market, source.catalog);
}

function sideOf(row: Row): Side | null {
  const side = textAt(row, 'side');
  return side === 'Buy' ? 'buy' : side === 'Sell' ? 'sell' : null;
}
