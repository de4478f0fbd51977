// Rows of the private channels and of the REST listings with the same fields: orders, fills,
// balances, positions and bills. Money is exact; contracts become base units by the listing and by
// nothing else.
import { type Decimal, negate, times, zero } from '../../base/decimal.ts';
import type { Catalog } from '../../domain/instrument.ts';
import type { Liquidity, OrderStatus, Side } from '../../domain/order.ts';
import type { VenueEvent } from '../../domain/venue-event.ts';
import { wallet } from './instruments.ts';
import { missingListing } from './market.ts';
import { qtyUnitOf, type Stamped, stampOfName } from './names.ts';
import {
  flagField,
  listOf,
  moneyField,
  numberField,
  type Row,
  rowOf,
  textField,
  timeField,
} from './wire.ts';

function stampOfRow(row: Row, catalog: Catalog, timeKey: string): Stamped {
  return stampOfName(catalog, textField(row, 'instId'), timeField(row, timeKey));
}

function refusal(stamp: Stamped, what: string, reason: string): VenueEvent {
  return { kind: 'unrecognized', ...stamp, reason: `${what} ${stamp.symbol ?? '?'}: ${reason}` };
}

const statuses: Readonly<Record<string, OrderStatus>> = {
  live: 'open',
  partially_filled: 'open',
  filled: 'filled',
  canceled: 'canceled',
  mmp_canceled: 'canceled',
  order_failed: 'rejected',
};

/** A state that is not known is not guessed: the order must be asked for again. */
function statusOf(state: string): OrderStatus {
  return Object.hasOwn(statuses, state) ? (statuses[state] ?? 'unknown') : 'unknown';
}

/** An order of /trade/order and its listings, or of the `orders` channel without its last fill. */
export function decodeOrder(row: Row, catalog: Catalog): VenueEvent {
  const stamp = stampOfRow(row, catalog, 'uTime');
  const refused = (reason: string): VenueEvent => refusal(stamp, 'order', reason);
  if (stamp.symbol === null) return refused('no instId');
  const unit = qtyUnitOf(catalog, stamp.symbol);
  if (unit === null) return refused(missingListing);
  const side = sideOf(row);
  const state = textField(row, 'state');
  const status = state === null ? null : statusOf(state);
  const filled = filledOf(row);
  if (side === null || status === null) return refused('no side or state');
  if (filled === null || filled < 0n) return refused('accFillSz is not a quantity');
  const size = sizeOf(row, filled, status);
  if (size === null || size <= 0n) return refused('sz is not a quantity of the base asset');
  const limit = moneyField(row, 'px');
  const average = moneyField(row, 'avgPx');
  return {
    kind: 'order',
    ...stamp,
    clientOrderId: textField(row, 'clOrdId'),
    venueOrderId: textField(row, 'ordId'),
    status,
    side,
    qty: times(size, unit),
    filledQty: times(filled, unit),
    limit: limit !== null && limit > 0n && textField(row, 'ordType') !== 'market' ? limit : null,
    averagePrice: average !== null && average > 0n && filled > 0n ? average : null,
    reduceOnly: flagField(row, 'reduceOnly'),
    reason: reasonOf(row),
  };
}

/** The `orders` channel: the order, and the fill that the push is about, where there is one. */
export function decodeOrderPush(row: Row, catalog: Catalog): readonly VenueEvent[] {
  const order = decodeOrder(row, catalog);
  const size = moneyField(row, 'fillSz');
  if (textField(row, 'tradeId') === null || size === null || size <= 0n) return [order];
  return [order, decodeFill(row, catalog, pushKeys)];
}

/** Nothing is filled without a word only where no price and no fill is told either. */
function filledOf(row: Row): Decimal | null {
  const told = ['accFillSz', 'avgPx', 'fillSz', 'tradeId'].some(
    (key) => !['0', null].includes(textField(row, key)),
  );
  return moneyField(row, 'accFillSz') ?? (told ? null : zero);
}

function sideOf(row: Row): Side | null {
  const side = textField(row, 'side');
  return side === 'buy' || side === 'sell' ? side : null;
}

/** `sz`, except of a spot market buy in quote currency, whose base size only its end tells. */
function sizeOf(row: Row, filled: Decimal, status: OrderStatus): Decimal | null {
  const inQuote =
    textField(row, 'tgtCcy') === 'quote_ccy' &&
    textField(row, 'ordType') === 'market' &&
    sideOf(row) === 'buy';
  if (!inQuote) return moneyField(row, 'sz');
  return status === 'filled' || status === 'canceled' ? filled : null;
}

/** `cancelSource=31: <text>` of a cancelled order, a failed amend's message, or null. */
function reasonOf(row: Row): string | null {
  const source = textField(row, 'cancelSource');
  const text = textField(row, 'cancelSourceReason');
  if (source !== null)
    return text === null ? `cancelSource=${source}` : `cancelSource=${source}: ${text}`;
  return text ?? textField(row, 'msg');
}

/** The field names of a fill differ between the channel, where the order's come first, and REST. */
interface FillKeys {
  readonly fee: string;
  readonly feeAsset: string;
  readonly time: string;
}
const pushKeys: FillKeys = { fee: 'fillFee', feeAsset: 'fillFeeCcy', time: 'fillTime' };
const listKeys: FillKeys = { fee: 'fee', feeAsset: 'feeCcy', time: 'fillTime' };

/** Trades that the venue made: liquidation, its transfers, delivery, auto-deleveraging. */
const forcedCategories: readonly string[] = [
  'adl',
  'full_liquidation',
  'partial_liquidation',
  'delivery',
];
const forcedSubTypes: ReadonlySet<string> = new Set(
  '100 101 102 103 104 105 106 107 110 111 112 113 125 126 127 128'.split(' '),
);

/** A fill of /trade/fills and its history. OKX's fee is cash as ours: negative when paid. */
export function decodeFill(row: Row, catalog: Catalog, keys: FillKeys = listKeys): VenueEvent {
  const at = timeField(row, keys.time) ?? timeField(row, 'ts');
  const stamp: Stamped = { ...stampOfRow(row, catalog, 'uTime'), venueTsMs: at };
  const refused = (reason: string): VenueEvent => refusal(stamp, 'fill', reason);
  if (stamp.symbol === null) return refused('no instId');
  const unit = qtyUnitOf(catalog, stamp.symbol);
  if (unit === null) return refused(missingListing);
  const fillId = textField(row, 'tradeId');
  const side = sideOf(row);
  const price = moneyField(row, 'fillPx');
  const size = moneyField(row, 'fillSz');
  const fee = moneyField(row, keys.fee);
  if (fillId === null || side === null) return refused('no tradeId or side');
  if (price === null || price <= 0n) return refused('fillPx is not a price');
  if (size === null || size <= 0n) return refused('fillSz is not a quantity');
  if (fee === null) return refused(`${keys.fee} is not an amount`);
  const subType = textField(row, 'subType');
  return {
    kind: 'fill',
    ...stamp,
    fillId,
    clientOrderId: textField(row, 'clOrdId'),
    venueOrderId: textField(row, 'ordId'),
    side,
    price,
    qty: times(size, unit),
    fee,
    feeAsset: textField(row, keys.feeAsset),
    liquidity: liquidityOf(row),
    realizedPnl: moneyField(row, 'fillPnl'),
    forced:
      forcedCategories.includes(textField(row, 'category') ?? '') ||
      (subType !== null && forcedSubTypes.has(subType)),
  };
}

function liquidityOf(row: Row): Liquidity | null {
  const type = textField(row, 'execType');
  return type === 'M' ? 'maker' : type === 'T' ? 'taker' : null;
}

/** An account row: one balance per currency of `details`. */
export function decodeAccount(row: Row): readonly VenueEvent[] {
  const details = listOf(row['details']);
  if (details === null) return [refusal(noStamp(row), 'account', 'no details')];
  return details.map((entry) => {
    const detail = rowOf(entry);
    if (detail === null) return refusal(noStamp(row), 'account', 'a detail is not an object');
    return decodeCash(detail, timeField(detail, 'uTime') ?? timeField(row, 'uTime'));
  });
}

/**
 * `cashBal` is the balance without unrealized profit (`eq` has it); also of balance_and_position.
 */
export function decodeCash(detail: Row, venueTsMs: number | null): VenueEvent {
  const stamp: Stamped = { venue: 'okx', symbol: null, instrument: null, venueTsMs };
  const asset = textField(detail, 'ccy');
  const total = moneyField(detail, 'cashBal');
  if (asset === null || total === null) return refusal(stamp, 'balance', 'no ccy or cashBal');
  const available = moneyField(detail, 'availEq') ?? moneyField(detail, 'availBal');
  return { kind: 'balance', ...stamp, asset, total, available, wallet };
}

function noStamp(row: Row): Stamped {
  return { venue: 'okx', symbol: null, instrument: null, venueTsMs: timeField(row, 'uTime') };
}

/** `pos` counts contracts, signed in net mode; in long/short mode `posSide` has the sign. */
export function decodePosition(row: Row, catalog: Catalog): VenueEvent {
  const stamp = stampOfRow(row, catalog, 'uTime');
  const refused = (reason: string): VenueEvent => refusal(stamp, 'position', reason);
  if (stamp.symbol === null) return refused('no instId');
  const type = textField(row, 'instType');
  if (type === 'MARGIN' || type === 'OPTION') return refused(`type ${type} is not traded`);
  const unit = qtyUnitOf(catalog, stamp.symbol);
  if (unit === null) return refused(missingListing);
  const contracts = moneyField(row, 'pos');
  if (contracts === null) return refused('pos is not a quantity');
  const side = textField(row, 'posSide') ?? 'net';
  if (side !== 'net' && side !== 'long' && side !== 'short') return refused(`posSide ${side}`);
  const size = times(contracts, unit);
  const entry = moneyField(row, 'avgPx');
  return {
    kind: 'position',
    ...stamp,
    qty: side === 'short' && size > 0n ? negate(size) : size,
    entryPrice: entry !== null && entry > 0n && size !== 0n ? entry : null,
    markPrice: positiveNumber(row, 'markPx'),
    liquidationPrice: positiveNumber(row, 'liqPx'),
    leverage: positiveNumber(row, 'lever'),
  };
}

function positiveNumber(row: Row, key: string): number | null {
  const value = numberField(row, key);
  return value !== null && value > 0 ? value : null;
}

/** Type 8 is funding; the sign of `balChg` is the cash's, whatever the sub-type says. */
const fundingType = '8';

/** A bill: a funding payment, or null for the other kinds. */
export function decodeBill(row: Row, catalog: Catalog): VenueEvent | null {
  const type = textField(row, 'type');
  if (type !== null && type !== fundingType) return null;
  const stamp = stampOfRow(row, catalog, 'ts');
  const id = textField(row, 'billId');
  const amount = moneyField(row, 'balChg') ?? moneyField(row, 'pnl');
  const asset = textField(row, 'ccy');
  if (type === null || id === null || amount === null || asset === null) {
    return refusal(stamp, 'bill', 'no type, billId, balChg or ccy');
  }
  const price = moneyField(row, 'px');
  const mark = price !== null && price > 0n ? price : null;
  return { kind: 'funding-payment', ...stamp, id, amount, asset, wallet, mark };
}
