// Rows of the account's REST replies: orders, trades, balances, positions, income. Same signs and
// units as the streams: fees negative when paid, quantities in base units, positions + when long.
import { type Decimal, negate, over, plus } from '../../base/decimal.ts';
import type { FillEvent, OrderEvent, VenueEvent } from '../../domain/venue-event.ts';
import {
  accountStamp,
  type Context,
  control,
  eachOf,
  isForcedId,
  orderStatusOf,
  sideIn,
  stamp,
  unitsIn,
} from './events.ts';
import {
  booleanIn,
  decimalIn,
  type Json,
  listOf,
  positiveDecimalIn,
  positiveIn,
  shiftedIn,
  textIn,
  timeIn,
} from './read.ts';
import { ourPrice, ourQty, type SymbolUnits, walletOfMarket } from './symbols.ts';

/**
 * An order in the answer to placing, cancelling, querying and listing. A spot ACK holds only ids; a
 * spot FULL brings its fills, which come first (see frames-account.ts).
 */
export function decodeOrder(row: Json, context: Context): readonly VenueEvent[] | null {
  const units = unitsIn(row, 'symbol', context);
  const venueOrderId = textIn(row['orderId']);
  if (units === null || venueOrderId === null) return null;
  // A cancel answers with a name of its own in clientOrderId on spot; the order's is the original.
  const clientOrderId = textIn(row['origClientOrderId']) ?? textIn(row['clientOrderId']);
  if (row['status'] === undefined) return [control('ack', clientOrderId, orderTime(row))];
  const side = sideIn(row['side']);
  const qty = decimalIn(row['origQty']);
  const filledQty = decimalIn(row['executedQty']);
  if (side === null || qty === null || filledQty === null) return null;
  if (qty < 0n || filledQty < 0n) return null;
  const limit = row['type'] === 'MARKET' ? null : positiveDecimalIn(row['price']);
  const status = orderStatusOf(row['status']);
  const order: OrderEvent = {
    kind: 'order',
    ...stamp(units, orderTime(row)),
    clientOrderId,
    venueOrderId,
    status,
    side,
    qty: ourQty(units, qty),
    filledQty: ourQty(units, filledQty),
    limit: limit === null ? null : ourPrice(units, limit),
    averagePrice: averageOf(row, filledQty, units),
    reduceOnly: booleanIn(row['reduceOnly']),
    reason: ['canceled', 'expired', 'rejected'].includes(status) ? textIn(row['status']) : null,
  };
  return [...fillsOfOrder(row, order, units), order];
}

function orderTime(row: Json): number | null {
  return timeIn(row['updateTime']) ?? timeIn(row['transactTime']) ?? timeIn(row['time']);
}

function averageOf(row: Json, filledQty: Decimal, units: SymbolUnits): Decimal | null {
  const average = positiveDecimalIn(row['avgPrice']);
  if (average !== null) return ourPrice(units, average);
  const filledQuote =
    positiveDecimalIn(row['cummulativeQuoteQty']) ?? positiveDecimalIn(row['cumQuote']);
  if (filledQuote === null || filledQty <= 0n) return null;
  return ourPrice(units, over(filledQuote, filledQty));
}

/**
 * Spot FULL: fills [{price, qty, commission, commissionAsset, tradeId}]; a taker's, all of them.
 */
function fillsOfOrder(row: Json, order: OrderEvent, units: SymbolUnits): readonly VenueEvent[] {
  if (listOf(row['fills']).length === 0) return [];
  return eachOf(row['fills'], 'fills', (entry) => {
    const fillId = textIn(entry['tradeId']);
    const price = positiveDecimalIn(entry['price']);
    const qty = positiveDecimalIn(entry['qty']);
    const commission = decimalIn(entry['commission']);
    if (fillId === null || price === null || qty === null || commission === null) return null;
    return {
      kind: 'fill',
      ...stamp(units, order.venueTsMs),
      fillId,
      clientOrderId: order.clientOrderId,
      venueOrderId: order.venueOrderId,
      side: order.side,
      price: ourPrice(units, price),
      qty: ourQty(units, qty),
      fee: negate(commission),
      feeAsset: textIn(entry['commissionAsset']),
      liquidity: 'taker',
      realizedPnl: null,
      forced: false,
    };
  });
}

/** userTrades (futures: buyer, maker, side, realizedPnl) and myTrades (spot: isBuyer, isMaker). */
export function decodeUserTrade(row: Json, context: Context): FillEvent | null {
  const units = unitsIn(row, 'symbol', context);
  const fillId = textIn(row['id']);
  const price = positiveDecimalIn(row['price']);
  const qty = positiveDecimalIn(row['qty']);
  const commission = decimalIn(row['commission']);
  const isBuyer = booleanIn(row['isBuyer'] ?? row['buyer']);
  const side = sideIn(row['side']) ?? (isBuyer === null ? null : isBuyer ? 'buy' : 'sell');
  if (units === null || fillId === null || price === null || qty === null) return null;
  if (commission === null || side === null) return null;
  const isMaker = booleanIn(row['isMaker'] ?? row['maker']);
  const clientOrderId = textIn(row['clientOrderId']);
  return {
    kind: 'fill',
    ...stamp(units, timeIn(row['time'])),
    fillId,
    clientOrderId,
    venueOrderId: textIn(row['orderId']),
    side,
    price: ourPrice(units, price),
    qty: ourQty(units, qty),
    fee: negate(commission),
    feeAsset: textIn(row['commissionAsset']),
    liquidity: isMaker === null ? null : isMaker ? 'maker' : 'taker',
    realizedPnl: decimalIn(row['realizedPnl']),
    forced: isForcedId(clientOrderId),
  };
}

/**
 * Futures' /balance {asset, balance, availableBalance} and account.assets {asset, walletBalance}.
 */
export function decodeBalance(row: Json, wallet: string): VenueEvent | null {
  const asset = textIn(row['asset']);
  const total = decimalIn(row['balance'] ?? row['walletBalance']);
  if (asset === null || total === null) return null;
  return {
    kind: 'balance',
    ...accountStamp(timeIn(row['updateTime'])),
    asset,
    total,
    available: decimalIn(row['availableBalance']),
    wallet,
  };
}

export function decodeFuturesAccount(json: Json, context: Context): readonly VenueEvent[] {
  return [
    ...eachOf(json['assets'], 'assets', (row) =>
      decodeBalance(row, walletOfMarket[context.market]),
    ),
    ...(json['positions'] === undefined
      ? []
      : eachOf(json['positions'], 'positions', (row) => decodePosition(row, context))),
  ];
}

/**
 * Spot /account {balances: [{asset, free, locked}]}. The venue lists every asset that it trades:
 * zero balances are kept only for assets that the catalog knows, so that "sold out" is said, not
 * implied.
 */
export function decodeSpotAccount(json: Json, context: Context): readonly VenueEvent[] {
  const venueTsMs = timeIn(json['updateTime']);
  const known = new Set(context.catalog.all().flatMap(({ base, quote }) => [base, quote]));
  return eachOf(json['balances'], 'balances', (row) => {
    const asset = textIn(row['asset']);
    const free = decimalIn(row['free']);
    const locked = decimalIn(row['locked']);
    if (asset === null || free === null || locked === null) return null;
    const total = plus(free, locked);
    if (total === 0n && known.size > 0 && !known.has(asset)) return [];
    return {
      kind: 'balance',
      ...accountStamp(venueTsMs),
      asset,
      total,
      available: free,
      wallet: 'spot',
    };
  });
}

/**
 * positionRisk v2/v3 and account.positions; v3 says neither leverage nor (for a flat one)
 * anything.
 */
export function decodePosition(row: Json, context: Context): VenueEvent | null {
  const units = unitsIn(row, 'symbol', context);
  const qty = decimalIn(row['positionAmt']);
  if (units === null || qty === null) return null;
  const entryPrice = positiveDecimalIn(row['entryPrice']);
  return {
    kind: 'position',
    ...stamp(units, timeIn(row['updateTime'])),
    qty: ourQty(units, qty),
    entryPrice: entryPrice === null ? null : ourPrice(units, entryPrice),
    markPrice: shiftedIn(row['markPrice'], units.priceShift),
    liquidationPrice: shiftedIn(row['liquidationPrice'], units.priceShift),
    leverage: positiveIn(row['leverage']),
  };
}

/**
 * income {symbol, incomeType, income, asset, time, tranId}: + = received, as ours. Other types
 * than funding are no payments of it.
 */
export function decodeIncome(
  row: Json,
  context: Context,
): VenueEvent | readonly VenueEvent[] | null {
  const type = textIn(row['incomeType']);
  if (type === null) return null;
  if (type !== 'FUNDING_FEE') return [];
  const units = unitsIn(row, 'symbol', context);
  const amount = decimalIn(row['income']);
  const asset = textIn(row['asset']);
  const id = textIn(row['tranId']);
  if (units === null || amount === null || asset === null || id === null) return null;
  return {
    kind: 'funding-payment',
    ...stamp(units, timeIn(row['time'])),
    id,
    amount,
    asset,
    wallet: walletOfMarket[context.market],
  };
}
