// Reads the parameters of a new order as the venue does, with its own refusals; filters, funds and
// matching are the simulated exchange's.
import {
  type Decimal,
  decimalsOf,
  fromNumber,
  over,
  roundToStep,
  times,
  tryDecimal,
} from '../../base/decimal.ts';
import type { TimeInForce } from '../../domain/order.ts';
import type { SimOrderRequest } from '../../sim/api.ts';
import { type Answer, missing, refused, rejection } from './answer.ts';
import type { BinanceMarket, Listed, Listings } from './listed.ts';
import type { ResponseType } from './order-payload.ts';

export type Params = ReadonlyMap<string, string>;
type Refusal = Answer & { readonly ok: false };

export interface ParsedOrder {
  readonly ok: true;
  readonly listed: Listed;
  readonly request: SimOrderRequest;
  readonly responseType: ResponseType;
}

/** What the parser asks about the market: the best ask and the lot, for a buy of so much quote. */
export interface OrderDesk {
  readonly listings: Listings;
  bestAsk(listed: Listed): number;
}

export const clientIdPattern = /^[.A-Z:/a-z0-9_-]{1,36}$/;
const conditionalTypes = new Set([
  'STOP',
  'STOP_MARKET',
  'TAKE_PROFIT',
  'TAKE_PROFIT_MARKET',
  'TRAILING_STOP_MARKET',
]);
const timesInForce: Readonly<Record<string, TimeInForce>> = {
  GTC: 'gtc',
  IOC: 'ioc',
  FOK: 'fok',
  GTX: 'post-only',
};

export function parseOrder(
  params: Params,
  market: BinanceMarket,
  desk: OrderDesk,
): ParsedOrder | Refusal {
  const symbol = params.get('symbol');
  if (symbol === undefined || symbol === '') return missing('symbol');
  const listed = desk.listings.find(market, symbol);
  if (listed === null) return rejection(market, 'unknown-instrument');
  const side = params.get('side');
  if (side === undefined) return missing('side');
  if (side !== 'BUY' && side !== 'SELL') return refused(-1117, 'Invalid side.');
  const refusal = refusalByMode(params, market) ?? refusalByClientId(params);
  if (refusal !== null) return refusal;
  const type = typeOf(params, market);
  if (!type.ok) return type;
  const limit = type.value === 'market' ? null : amountOf(params, 'price', listed.tickDecimals);
  if (limit !== null && 'ok' in limit) return limit;
  const qty = qtyOf(params, listed, { type: type.value, side, desk });
  if ('ok' in qty) return qty;
  return {
    ok: true,
    listed,
    responseType: responseTypeOf(params, market, type.value),
    request: {
      instrument: listed.id,
      clientOrderId: params.get('newClientOrderId') ?? null,
      side: side === 'BUY' ? 'buy' : 'sell',
      type: type.value,
      timeInForce: type.timeInForce,
      qty: times(qty.amount, listed.qtyUnit),
      limit: limit === null ? null : over(limit.amount, listed.priceUnit),
      reduceOnly: market !== 'spot' && params.get('reduceOnly')?.toLowerCase() === 'true',
    },
  };
}

/** Only one-way mode is simulated: LONG and SHORT are refused as on an account in that mode. */
function refusalByMode(params: Params, market: BinanceMarket): Refusal | null {
  const positionSide = params.get('positionSide');
  if (market === 'spot' || positionSide === undefined || positionSide === 'BOTH') return null;
  return refused(-4061, "Order's position side does not match user's setting.");
}

function refusalByClientId(params: Params): Refusal | null {
  const id = params.get('newClientOrderId');
  if (id === undefined || clientIdPattern.test(id)) return null;
  if (id.length > 36) return refused(-4015, 'Client order id length should be less than 36 chars');
  return refused(
    -1100,
    "Illegal characters found in parameter 'newClientOrderId'; " +
      "legal range is '^[\\.A-Z\\:/a-z0-9_-]{1,36}$'.",
  );
}

interface OrderType {
  readonly ok: true;
  readonly value: 'limit' | 'market';
  readonly timeInForce: TimeInForce;
}

function typeOf(params: Params, market: BinanceMarket): OrderType | Refusal {
  const type = params.get('type');
  if (type === undefined) return missing('type');
  if (type === 'MARKET') return { ok: true, value: 'market', timeInForce: 'ioc' };
  if (market === 'spot' && type === 'LIMIT_MAKER') {
    return { ok: true, value: 'limit', timeInForce: 'post-only' };
  }
  if (market !== 'spot' && conditionalTypes.has(type)) {
    return refused(
      -4120,
      'Order type not supported for this endpoint. ' +
        'Please use the Algo Order API endpoints instead.',
    );
  }
  if (type !== 'LIMIT') return refused(-1116, 'Invalid orderType.');
  const name = params.get('timeInForce');
  if (name === undefined) return missing('timeInForce');
  const timeInForce = timesInForce[name];
  if (timeInForce === undefined || (market === 'spot' && name === 'GTX')) {
    return refused(-1115, 'Invalid timeInForce.');
  }
  return { ok: true, value: 'limit', timeInForce };
}

interface Amount {
  readonly amount: Decimal;
}

function amountOf(params: Params, name: string, decimalsMax: number): Amount | Refusal {
  const text = params.get(name);
  if (text === undefined || text === '') return missing(name);
  const amount = /^\d*\.?\d+$/.test(text) ? tryDecimal(text) : null;
  if (amount === null) {
    return refused(
      -1100,
      `Illegal characters found in parameter '${name}'; ` +
        "legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.",
    );
  }
  if (amount <= 0n && name === 'price') return refused(-4001, 'Price less than 0.');
  if (amount <= 0n) return refused(-4003, 'Quantity less than or equal to zero.');
  // On a grid of whole tens and above, decimals alone do not decide: the filters do.
  if (decimalsOf(amount) > Math.max(decimalsMax, 0)) {
    return refused(-1111, 'Precision is over the maximum defined for this asset.');
  }
  return { amount };
}

/** Spot market orders may say how much quote to spend: that buys whole lots at the best ask. */
function qtyOf(
  params: Params,
  listed: Listed,
  of: {
    readonly type: 'limit' | 'market';
    readonly side: 'BUY' | 'SELL';
    readonly desk: OrderDesk;
  },
): Amount | Refusal {
  const decimalsMax = listed.market === 'spot' ? 8 : listed.stepDecimals;
  const quoteText = params.get('quoteOrderQty');
  const byQuote = listed.market === 'spot' && of.type === 'market' && quoteText !== undefined;
  if (!byQuote) return amountOf(params, 'quantity', decimalsMax);
  const quote = amountOf(params, 'quoteOrderQty', 8);
  if ('ok' in quote) return quote;
  const { lotSize } = of.desk.listings.sim(listed).instrument;
  if (lotSize === null) return rejection(listed.market, 'not-trading');
  const ask = fromNumber(of.desk.bestAsk(listed));
  return { amount: roundToStep(over(quote.amount, ask), lotSize, 'down') };
}

/** Defaults of the venue: futures ACK; spot FULL for LIMIT and MARKET, ACK for LIMIT_MAKER. */
function responseTypeOf(
  params: Params,
  market: BinanceMarket,
  type: 'limit' | 'market',
): ResponseType {
  const given = params.get('newOrderRespType');
  if (given === 'ACK' || given === 'RESULT') return given;
  if (market !== 'spot') return 'ACK';
  if (given === 'FULL') return 'FULL';
  return params.get('type') === 'LIMIT_MAKER' && type === 'limit' ? 'ACK' : 'FULL';
}
