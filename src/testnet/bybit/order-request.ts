// The parameters of order.create as the exchange takes them, or Bybit's refusal. Quantities of a
// spot market buy are in quote currency unless the request says otherwise.
import { type Decimal, fromNumber, over, roundToStep, zero } from '../../base/decimal.ts';
import type { Side, TimeInForce } from '../../domain/order.ts';
import type { SimOrderRequest } from '../../sim/api.ts';
import { badParams, type Refused, refused } from './answer.ts';
import { categories, type Listed } from './listing.ts';
import { isRefused } from './pages.ts';
import type { Params } from './params.ts';
import { refusalOf } from './rejections.ts';
import type { BybitState } from './state.ts';

const orderLinkIdText = /^[A-Za-z0-9_-]{1,36}$/;

export interface ReadOrder {
  readonly listed: Listed;
  readonly request: SimOrderRequest;
  readonly marketUnit: string;
  /** Text of a quantity in quote currency, else null. */
  readonly quoteQty: string | null;
}

export function listedIn(state: BybitState, params: Params): Listed | Refused {
  const category = categories.find((name) => name === params.get('category'));
  if (category === undefined) return badParams('Illegal category');
  const symbol = params.get('symbol');
  const listed = symbol === undefined ? null : state.listings.find(category, symbol);
  return listed ?? refusalOf(category, 'unknown-instrument', symbol ?? 'no symbol');
}

export function readOrder(state: BybitState, params: Params): ReadOrder | Refused {
  const listed = listedIn(state, params);
  if (isRefused(listed)) return listed;
  const refusal = refusalByFeature(params, listed);
  if (refusal !== null) return refusal;
  const side = sideOf(params.get('side'));
  if (side === null) return badParams('side invalid');
  const type = params.get('orderType');
  if (type !== 'Market' && type !== 'Limit') return badParams('orderType invalid');
  const isMarket = type === 'Market';
  const timeInForce = isMarket ? 'ioc' : timeInForceOf(params.get('timeInForce') ?? 'GTC');
  if (timeInForce === null) return badParams('timeInForce invalid');
  const limit = isMarket ? null : listed.readPrice(params.get('price') ?? '');
  if (!isMarket && (limit === null || limit <= zero)) return badParams('price invalid');
  const orderLinkId = params.get('orderLinkId') ?? null;
  if (orderLinkId !== null && !orderLinkIdText.test(orderLinkId)) {
    return badParams('orderLinkId invalid: at most 36 of letters, digits, _ and -');
  }
  const sized = sizeOf(state, params, { listed, side, isMarket });
  if (isRefused(sized)) return sized;
  return {
    listed,
    request: {
      instrument: listed.id,
      clientOrderId: orderLinkId,
      side,
      type: isMarket ? 'market' : 'limit',
      timeInForce,
      qty: sized.qty,
      limit,
      reduceOnly: listed.category !== 'spot' && params.get('reduceOnly') === 'true',
    },
    marketUnit: sized.marketUnit,
    quoteQty: sized.quoteQty,
  };
}

function refusalByFeature(params: Params, listed: Listed): Refused | null {
  if (params.get('triggerPrice') !== undefined) {
    return badParams('conditional orders are not simulated');
  }
  const positionIdx = params.get('positionIdx') ?? '0';
  if (listed.category !== 'spot' && positionIdx !== '0') {
    return refused(10001, 'position idx not match position mode');
  }
  return null;
}

interface Sized {
  readonly qty: Decimal;
  readonly marketUnit: string;
  readonly quoteQty: string | null;
}

function sizeOf(
  state: BybitState,
  params: Params,
  order: { readonly listed: Listed; readonly side: Side; readonly isMarket: boolean },
): Sized | Refused {
  const { listed, side, isMarket } = order;
  const text = params.get('qty') ?? '';
  const qty = listed.readQty(text);
  if (qty === null || qty <= zero) return badParams('qty invalid');
  if (listed.category !== 'spot' || !isMarket) return { qty, marketUnit: '', quoteQty: null };
  const unit = params.get('marketUnit') ?? (side === 'buy' ? 'quoteCoin' : 'baseCoin');
  if (unit === 'baseCoin') return { qty, marketUnit: unit, quoteQty: null };
  if (unit !== 'quoteCoin') return badParams('marketUnit invalid');
  const { bid, ask } = state.exchange.quote(listed.id);
  const price = fromNumber(side === 'buy' ? ask : bid);
  if (price <= zero) return refusalOf('spot', 'not-trading', 'no price');
  const base = roundToStep(over(qty, price, 'down'), listed.lotSize, 'down');
  if (base <= zero) return refusalOf('spot', 'notional-below-min', `${text} buys nothing`);
  return { qty: base, marketUnit: unit, quoteQty: text };
}

function sideOf(text: string | undefined): Side | null {
  return text === 'Buy' ? 'buy' : text === 'Sell' ? 'sell' : null;
}

function timeInForceOf(text: string): TimeInForce | null {
  switch (text) {
    case 'GTC':
      return 'gtc';
    case 'IOC':
      return 'ioc';
    case 'FOK':
      return 'fok';
    case 'PostOnly':
      return 'post-only';
    default:
      return null;
  }
}
