// Order operations, one item each, the same over REST and WebSocket: place, cancel, amend. An item
// that is refused says why in `sCode`; the operation as a whole never fails for it.
import {
  type Decimal,
  fromNumber,
  over,
  roundToStep,
  tryDecimal,
  zero,
} from '../../base/decimal.ts';
import type { Side, TimeInForce } from '../../domain/order.ts';
import type { SimNow, SimOrder, SimOrderRequest, SimOrderTarget } from '../../sim/api.ts';
import { flagField, type Row, textField } from '../../venues/okx/wire.ts';
import type { Listed } from './listing.ts';
import { type Failure, failure, failureOf, type Item } from './replies.ts';
import { clOrdIdOf } from './rows.ts';
import type { OkxState } from './state.ts';

/** Orders of one batch. */
export const batchMax = 20;

const clOrdIdForm = /^[A-Za-z0-9]{1,32}$/;

export type Operation = (state: OkxState, row: Row, now: SimNow) => Item;

/** By `instId` (REST) or `instIdCode` (WebSocket). */
export function listedOf(state: OkxState, row: Row): Listed | null {
  const code = textField(row, 'instIdCode');
  if (code !== null) return state.listings.byCode(code);
  return state.listings.byInstId(textField(row, 'instId') ?? '');
}

export const placeItem: Operation = (state, row, now) => {
  const clOrdId = textField(row, 'clOrdId');
  const refused = (why: Failure): Item => refusedItem(row, why);
  if (clOrdId !== null && !clOrdIdForm.test(clOrdId)) return refused(parameter('clOrdId'));
  const listed = listedOf(state, row);
  if (listed === null) return refused(missingInstrument);
  const request = requestOf(state, row, listed);
  if ('code' in request) return refused(request);
  const result = state.exchange.place(request, now);
  if (!result.ok) return refused(failureOf(result));
  const { value } = result;
  return { clOrdId: clOrdIdOf(value.clientOrderId), ordId: value.orderId, ...done('Order placed') };
};

export const cancelItem: Operation = (state, row, now) => {
  const target = targetOf(state, row);
  if ('code' in target) return refusedItem(row, target);
  const before = state.exchange.order(target);
  const result = state.exchange.cancel(target, now);
  if (result.ok) {
    const { orderId, clientOrderId } = result.value;
    return { clOrdId: clOrdIdOf(clientOrderId), ordId: orderId, ...done('') };
  }
  if (before !== null && before.status === 'filled') {
    const msg = 'Cancellation failed as the order is already completed.';
    return refusedItem(row, failure('51402', msg));
  }
  return refusedItem(row, failureOf(result));
};

/**
 * The simulated exchange changes no order in place: OKX's answer for a type that cannot be amended.
 */
export const amendItem: Operation = (state, row) => {
  const target = targetOf(state, row);
  if ('code' in target) return refusedItem(row, target);
  const order = state.exchange.order(target);
  return refusedItem(row, amendFailure(order));
};

function amendFailure(order: SimOrder | null): Failure {
  if (order === null) {
    return failure('51503', 'Order modification failed as the order does not exist.');
  }
  if (order.status === 'filled') {
    return failure('51510', 'Modification failed as the order has been completed.');
  }
  if (order.status === 'open' || order.status === 'partially-filled') {
    return failure('51506', 'Order modification unavailable for the order type.');
  }
  return failure('51509', 'Modification failed as the order has been canceled.');
}

export function targetOf(state: OkxState, row: Row): SimOrderTarget | Failure {
  const listed = listedOf(state, row);
  if (listed === null) return missingInstrument;
  const orderId = textField(row, 'ordId');
  const clientOrderId = textField(row, 'clOrdId');
  if (orderId !== null) return { instrument: listed.id, orderId };
  if (clientOrderId !== null) return { instrument: listed.id, clientOrderId };
  return failure('51003', 'Either order ID or client order ID is required');
}

export const missingInstrument = failure(
  '51001',
  "Instrument ID, Instrument ID code, or Spread ID doesn't exist.",
);

function parameter(name: string): Failure {
  return failure('51000', `Parameter ${name} error`);
}

function done(sMsg: string): { readonly sCode: string; readonly sMsg: string } {
  return { sCode: '0', sMsg };
}

function refusedItem(row: Row, why: Failure): Item {
  return {
    clOrdId: textField(row, 'clOrdId') ?? '',
    ordId: textField(row, 'ordId') ?? '',
    sCode: why.code,
    sMsg: why.msg,
  };
}

const timesInForce: Readonly<Record<string, TimeInForce>> = {
  limit: 'gtc',
  post_only: 'post-only',
  ioc: 'ioc',
  fok: 'fok',
  market: 'ioc',
  optimal_limit_ioc: 'ioc',
};

function requestOf(state: OkxState, row: Row, listed: Listed): SimOrderRequest | Failure {
  const spot = listed.instType === 'SPOT';
  const side = textField(row, 'side');
  if (side !== 'buy' && side !== 'sell') return parameter('side');
  const ordType = textField(row, 'ordType') ?? '';
  const timeInForce = Object.hasOwn(timesInForce, ordType) ? timesInForce[ordType] : undefined;
  if (timeInForce === undefined) return parameter('ordType');
  const tdMode = textField(row, 'tdMode') ?? '';
  if (tdMode !== 'cross' && !(spot && tdMode === 'cash')) return parameter('tdMode');
  if ((textField(row, 'posSide') ?? 'net') !== 'net') return parameter('posSide');
  const market = ordType === 'market' || ordType === 'optimal_limit_ioc';
  const limit = market ? null : tryDecimal(textField(row, 'px') ?? '');
  if (!market && limit === null) return parameter('px');
  const sized = sizeOf(state, row, { listed, side, market });
  if (sized === null) return parameter('sz');
  return {
    instrument: listed.id,
    clientOrderId: textField(row, 'clOrdId'),
    side,
    type: market ? 'market' : 'limit',
    timeInForce,
    qty: sized,
    limit,
    // Spot knows no such flag and ignores it.
    reduceOnly: !spot && flagField(row, 'reduceOnly') === true,
  };
}

/** A spot market buy counts `sz` in quote currency unless `tgtCcy` says base. */
function sizeOf(
  state: OkxState,
  row: Row,
  order: { readonly listed: Listed; readonly side: Side; readonly market: boolean },
): Decimal | null {
  const { listed, side, market } = order;
  const text = textField(row, 'sz') ?? '';
  const inQuote = listed.instType === 'SPOT' && market && side === 'buy';
  if (!inQuote || textField(row, 'tgtCcy') === 'base_ccy') return listed.fromContracts(text);
  const cost = tryDecimal(text);
  const { ask } = state.exchange.quote(listed.id);
  const lot = listed.sim.instrument.lotSize;
  if (cost === null || lot === null || !(ask > 0)) return null;
  const qty = roundToStep(over(cost, fromNumber(ask)), lot, 'down');
  return qty > zero ? qty : null;
}
