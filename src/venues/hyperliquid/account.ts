// Account rows -> events: orders, fills, funding, the clearinghouse's state. Signs: `fee` is a cost
// (positive = paid), ours is cash; `usdc` of a funding payment is cash already.
import { type Decimal, minus, negate, sum, zero } from '../../base/decimal.ts';
import { hourMs } from '../../base/time.ts';
import type { Catalog } from '../../domain/instrument.ts';
import type { OrderStatus, Side } from '../../domain/order.ts';
import type { VenueEvent } from '../../domain/venue-event.ts';
import { clientIdOf } from './cloid.ts';
import { blankStamp, stampFor, unrecognized } from './events.ts';
import {
  assetOfToken,
  type CoinFacts,
  factsOf,
  ourPrice,
  ourQty,
  perpWallet,
  settleAsset,
  spotWallet,
} from './names.ts';
import {
  decimalAt,
  flagAt,
  idAt,
  listAt,
  numberAt,
  positiveDecimalAt,
  positiveNumberAt,
  type Row,
  rowAt,
  rowOf,
  textAt,
  timeAt,
} from './read.ts';

/** `{ order, status, statusTimestamp }`: orderUpdates, orderStatus, historicalOrders. */
export function decodeOrderState(row: Row, catalog: Catalog): VenueEvent {
  const order = rowOf(row['order']);
  const status = textAt(row, 'status');
  if (order === null || status === null) return unrecognized('order: no order or status');
  return decodeOrder(order, { status, tsMs: timeAt(row, 'statusTimestamp') }, catalog);
}

/** A row of frontendOpenOrders or openOrders. */
export function decodeOpenOrder(row: Row, catalog: Catalog): VenueEvent {
  return decodeOrder(row, { status: 'open', tsMs: timeAt(row, 'timestamp') }, catalog);
}

function decodeOrder(
  order: Row,
  state: { readonly status: string; readonly tsMs: number | null },
  catalog: Catalog,
): VenueEvent {
  const coin = textAt(order, 'coin');
  const side = sideOf(order);
  const left = decimalAt(order, 'sz');
  const qty = decimalAt(order, 'origSz') ?? left;
  if (coin === null || side === null || left === null || qty === null || left > qty) {
    return unrecognized('order: no coin, side or size', coin);
  }
  const facts = factsOf(coin, catalog);
  const cloid = textAt(order, 'cloid');
  const limit = positiveDecimalAt(order, 'limitPx');
  return {
    kind: 'order',
    ...stampFor(facts, state.tsMs ?? timeAt(order, 'timestamp')),
    clientOrderId: cloid === null ? null : clientIdOf(cloid),
    venueOrderId: idAt(order, 'oid'),
    status: statusOf(state.status, left),
    side,
    qty: ourQty(facts, qty),
    filledQty: ourQty(facts, minus(qty, left)),
    limit: limit === null ? null : ourPrice(facts, limit),
    averagePrice: null,
    reduceOnly: flagAt(order, 'reduceOnly'),
    reason: liveStatuses.includes(state.status) ? null : state.status,
  };
}

const liveStatuses: readonly string[] = ['open', 'triggered', 'filled'];

/** "filled" with a rest: an order that ends at once ended with what there was. */
function statusOf(status: string, left: Decimal): OrderStatus {
  if (status === 'open' || status === 'triggered') return 'open';
  if (status === 'filled') return left === zero ? 'filled' : 'canceled';
  if (status === 'canceled' || status === 'scheduledCancel') return 'canceled';
  if (/^[a-zA-Z]+Canceled$/.test(status)) return 'canceled';
  if (status === 'rejected' || /^[a-zA-Z]+Rejected$/.test(status)) return 'rejected';
  return 'unknown';
}

/**
 * Fills that the venue made: `dir` of an own order says Open, Close, Buy, Sell or "Long > Short".
 */
const forcedDir = /liquidat|auto-deleverag|settlement/i;

/** A row of `userFills`, of `fills` in `user`, and of userFillsByTime. */
export function decodeFill(row: Row, catalog: Catalog): VenueEvent {
  const coin = textAt(row, 'coin');
  const fillId = idAt(row, 'tid');
  const side = sideOf(row);
  const price = positiveDecimalAt(row, 'px');
  const qty = positiveDecimalAt(row, 'sz');
  const fee = decimalAt(row, 'fee');
  if (coin === null || fillId === null || side === null) {
    return unrecognized('fill: no coin, tid or side', coin);
  }
  if (price === null || qty === null || fee === null) {
    return unrecognized('fill: no price, size or fee', coin);
  }
  const facts = factsOf(coin, catalog);
  const crossed = flagAt(row, 'crossed');
  const cloid = textAt(row, 'cloid');
  const feeToken = textAt(row, 'feeToken');
  return {
    kind: 'fill',
    ...stampFor(facts, timeAt(row, 'time')),
    fillId,
    clientOrderId: cloid === null ? null : clientIdOf(cloid),
    venueOrderId: idAt(row, 'oid'),
    side,
    price: ourPrice(facts, price),
    qty: ourQty(facts, qty),
    fee: negate(fee),
    feeAsset: feeToken === null ? feeAssetOf(facts) : assetOfToken(feeToken),
    liquidity: crossed === null ? null : crossed ? 'taker' : 'maker',
    // Of a spot sale it is measured against a cost that no wallet holds.
    realizedPnl: facts.kind === 'linear-perp' ? decimalAt(row, 'closedPnl') : null,
    forced: forcedDir.test(textAt(row, 'dir') ?? ''),
  };
}

function feeAssetOf(facts: CoinFacts): string | null {
  return facts.kind === 'linear-perp' ? settleAsset : null;
}

/**
 * A row of userFunding (`delta` holds the figures) or of the streams (they stand beside `time`).
 * The ledger has no id: one payment per coin and hour, whatever the milliseconds of its booking.
 */
export function decodeFunding(row: Row, catalog: Catalog): VenueEvent {
  const figures = rowOf(row['delta']) ?? row;
  const coin = textAt(figures, 'coin');
  const amount = decimalAt(figures, 'usdc');
  const tsMs = timeAt(row, 'time');
  if (coin === null || amount === null || tsMs === null) {
    return unrecognized('funding: no coin, amount or time', coin);
  }
  return {
    kind: 'funding-payment',
    ...stampFor(factsOf(coin, catalog), tsMs),
    id: String(Math.floor(tsMs / hourMs) * hourMs),
    amount,
    asset: settleAsset,
    wallet: perpWallet,
  };
}

/** clearinghouseState: what stays of the account's value without the profit of its positions. */
export function decodePerpBalance(state: Row): VenueEvent {
  const value = decimalAt(rowAt(state, 'marginSummary'), 'accountValue');
  const profits = listAt(state, 'assetPositions').map((entry) =>
    decimalAt(rowAt(rowOf(entry) ?? {}, 'position'), 'unrealizedPnl'),
  );
  const known = profits.filter((profit) => profit !== null);
  if (value === null || known.length < profits.length) {
    return unrecognized('clearinghouseState: no account value or profit');
  }
  return {
    kind: 'balance',
    ...blankStamp(timeAt(state, 'time')),
    asset: settleAsset,
    total: minus(value, sum(known)),
    available: decimalAt(state, 'withdrawable'),
    wallet: perpWallet,
  };
}

/** One event per position that is held. */
export function decodePositions(state: Row, catalog: Catalog): readonly VenueEvent[] {
  if (!Array.isArray(state['assetPositions'])) return [unrecognized('positions: no list')];
  return listAt(state, 'assetPositions').map((entry) => {
    const row = rowAt(rowOf(entry) ?? {}, 'position');
    const coin = textAt(row, 'coin');
    const qty = decimalAt(row, 'szi');
    if (coin === null || qty === null) return unrecognized('position: no coin or size', coin);
    const facts = factsOf(coin, catalog);
    const entryPrice = positiveDecimalAt(row, 'entryPx');
    const value = positiveNumberAt(row, 'positionValue');
    const size = Math.abs(numberAt(row, 'szi') ?? 0);
    const liquidation = positiveNumberAt(row, 'liquidationPx');
    return {
      kind: 'position',
      ...stampFor(facts, timeAt(state, 'time')),
      qty: ourQty(facts, qty),
      entryPrice: entryPrice === null ? null : ourPrice(facts, entryPrice),
      markPrice: value === null || size === 0 ? null : value / size / facts.priceDivisor,
      liquidationPrice: liquidation === null ? null : liquidation / facts.priceDivisor,
      leverage: positiveNumberAt(rowAt(row, 'leverage'), 'value'),
    };
  });
}

/** spotClearinghouseState. */
export function decodeSpotBalances(state: Row): readonly VenueEvent[] {
  if (!Array.isArray(state['balances'])) return [unrecognized('spot balances: no list')];
  return listAt(state, 'balances').map((entry) => {
    const row = rowOf(entry) ?? {};
    const token = textAt(row, 'coin');
    const total = decimalAt(row, 'total');
    const hold = decimalAt(row, 'hold');
    if (token === null || total === null) return unrecognized('spot balance: no coin or total');
    return {
      kind: 'balance',
      ...blankStamp(null),
      asset: assetOfToken(token),
      total,
      available: hold === null ? null : minus(total, hold),
      wallet: spotWallet,
    };
  });
}

function sideOf(row: Row): Side | null {
  const side = textAt(row, 'side');
  return side === 'B' ? 'buy' : side === 'A' ? 'sell' : null;
}
