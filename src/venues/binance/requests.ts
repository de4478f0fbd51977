// Every REST request that the system makes of Binance, as data. Parameters always travel in the
// query (the venue accepts that for POST too), so what is signed is one string.
import { assert } from '../../base/assert.ts';
import { formatDecimal } from '../../base/decimal.ts';
import {
  type Instrument,
  type Market,
  marketOf,
  priceToVenue,
  qtyToVenue,
} from '../../domain/instrument.ts';
import type { ApprovedOrder, ClientOrderId } from '../../domain/order.ts';
import type {
  HttpRequest,
  RequestPurpose,
  SnapshotScope,
  VenueSpec,
} from '../../domain/venue-spec.ts';
import { buckets, hosts } from './endpoints.ts';

/** Rows of one page of a listing; a full page means that there may be more. */
export const pageMax = 1_000;
/** Recent fills that an order query reads beside the order itself. */
const queryFillsMax = 100;
const depthLevels = 100;
/** Spot quotes are asked for by name up to this many symbols, else for all. */
const namedQuotesMax = 100;

type Params = Readonly<Record<string, string | number | null>>;

interface Call {
  readonly purpose: RequestPurpose;
  readonly market: 'spot' | 'linear';
  readonly method?: HttpRequest['method'];
  readonly path: string;
  readonly params?: Params;
  readonly auth?: HttpRequest['auth'];
  readonly bucket?: string;
  readonly weight: number;
  readonly clientOrderId?: ClientOrderId;
}

function request(call: Call): HttpRequest {
  const isSpot = call.market === 'spot';
  return {
    purpose: call.purpose,
    host: isSpot ? hosts.spot : hosts.usdm,
    method: call.method ?? 'GET',
    path: call.path,
    query: queryOf(call.params ?? {}),
    body: null,
    headers: {},
    auth: call.auth ?? 'none',
    bucket: call.bucket ?? (isSpot ? buckets.spotWeight : buckets.usdmWeight),
    weight: call.weight,
    market: call.market,
    clientOrderId: call.clientOrderId ?? null,
  };
}

/** Percent-encoded; parameters that are null are left out. */
export function queryOf(params: Params): string {
  return Object.entries(params)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join('&');
}

function signed(call: Omit<Call, 'auth'>): HttpRequest {
  return request({ ...call, auth: 'signed' });
}

export const requests: VenueSpec['requests'] = {
  serverTime: () =>
    request({ purpose: 'server-time', market: 'linear', path: '/fapi/v1/time', weight: 1 }),

  instruments: () => [
    request({ purpose: 'instruments', market: 'spot', path: '/api/v3/exchangeInfo', weight: 20 }),
    request({ purpose: 'instruments', market: 'linear', path: '/fapi/v1/exchangeInfo', weight: 1 }),
  ],

  fundingRates: (instruments) =>
    has(instruments, 'linear')
      ? [
          request({
            purpose: 'funding-rates',
            market: 'linear',
            path: '/fapi/v1/premiumIndex',
            weight: 10,
          }),
          request({
            purpose: 'funding-rates',
            market: 'linear',
            path: '/fapi/v1/fundingInfo',
            bucket: buckets.usdmFunding,
            weight: 1,
          }),
        ]
      : [],

  fundingHistory: (instrument, { fromMs, toMs }) =>
    request({
      purpose: 'funding-history',
      market: 'linear',
      path: '/fapi/v1/fundingRate',
      params: { symbol: instrument.symbol, startTime: fromMs, endTime: toMs, limit: pageMax },
      bucket: buckets.usdmFunding,
      weight: 1,
    }),

  quotes: (instruments) => {
    const spot = symbolsOf(instruments, 'spot');
    const list: HttpRequest[] = [];
    if (spot.length > 0) {
      const named = spot.length <= namedQuotesMax ? JSON.stringify(spot) : null;
      list.push(
        request({
          purpose: 'quotes',
          market: 'spot',
          path: '/api/v3/ticker/bookTicker',
          params: { symbols: named },
          weight: 4,
        }),
      );
    }
    if (has(instruments, 'linear')) {
      list.push(
        request({
          purpose: 'quotes',
          market: 'linear',
          path: '/fapi/v1/ticker/bookTicker',
          weight: 5,
        }),
      );
    }
    return list;
  },

  depth: (instrument) =>
    request({
      purpose: 'depth',
      market: sideOf(instrument),
      path: isSpot(instrument) ? '/api/v3/depth' : '/fapi/v1/depth',
      params: { symbol: instrument.symbol, limit: depthLevels },
      weight: 5,
    }),

  feeRates: (instruments) =>
    tradable(instruments).map((instrument) =>
      signed({
        purpose: 'fee-rates',
        market: sideOf(instrument),
        path: isSpot(instrument) ? '/api/v3/account/commission' : '/fapi/v1/commissionRate',
        params: { symbol: instrument.symbol },
        weight: 20,
      }),
    ),

  setup: (instruments, { leverage }) => {
    const linear = symbolsOf(instruments, 'linear');
    if (linear.length === 0) return [];
    const post = (path: string, params: Params): HttpRequest =>
      signed({ purpose: 'setup', market: 'linear', method: 'POST', path, params, weight: 1 });
    return [
      post('/fapi/v1/positionSide/dual', { dualSidePosition: 'false' }),
      ...linear.map((symbol) => post('/fapi/v1/marginType', { symbol, marginType: 'CROSSED' })),
      ...linear.map((symbol) => post('/fapi/v1/leverage', { symbol, leverage })),
    ];
  },

  place: placeRequest,

  cancel: (clientOrderId, instrument) =>
    signed({
      purpose: 'cancel',
      market: sideOf(instrument),
      method: 'DELETE',
      path: orderPath(instrument),
      params: { symbol: instrument.symbol, origClientOrderId: clientOrderId },
      weight: 1,
      clientOrderId,
    }),

  // The trades listings carry no client id and take no filter by it: the newest fills of the symbol
  // are read, and belong to the order by its venue id.
  queryOrder: (clientOrderId, instrument) => [
    signed({
      purpose: 'query-order',
      market: sideOf(instrument),
      path: orderPath(instrument),
      params: { symbol: instrument.symbol, origClientOrderId: clientOrderId },
      weight: isSpot(instrument) ? 4 : 1,
      clientOrderId,
    }),
    signed({
      purpose: 'fills',
      market: sideOf(instrument),
      path: fillsPath(instrument),
      params: { symbol: instrument.symbol, limit: queryFillsMax },
      weight: isSpot(instrument) ? 20 : 5,
      clientOrderId,
    }),
  ],

  openOrders: (instruments) =>
    perMarket(instruments, (market) =>
      signed({
        purpose: 'open-orders',
        market,
        path: market === 'spot' ? '/api/v3/openOrders' : '/fapi/v1/openOrders',
        weight: market === 'spot' ? 80 : 40,
      }),
    ),

  orderHistory: (scope) => listing(scope, 'order-history', ordersPath),
  fills: (scope) => listing(scope, 'fills', fillsPath),

  balances: () => [
    signed({ purpose: 'balances', market: 'spot', path: '/api/v3/account', weight: 20 }),
    signed({ purpose: 'balances', market: 'linear', path: '/fapi/v3/balance', weight: 5 }),
  ],

  positions: (instruments) =>
    has(instruments, 'linear')
      ? [
          signed({
            purpose: 'positions',
            market: 'linear',
            path: '/fapi/v3/positionRisk',
            weight: 5,
          }),
        ]
      : [],

  fundingPayments: ({ instruments, sinceMs }) =>
    has(instruments, 'linear')
      ? [
          signed({
            purpose: 'funding-payments',
            market: 'linear',
            path: '/fapi/v1/income',
            params: { incomeType: 'FUNDING_FEE', startTime: sinceMs, limit: pageMax },
            weight: 30,
          }),
        ]
      : [],

  accountConfig: () => [
    signed({
      purpose: 'account-config',
      market: 'linear',
      path: '/fapi/v1/accountConfig',
      weight: 5,
    }),
    signed({
      purpose: 'account-config',
      market: 'spot',
      path: '/sapi/v1/account/apiRestrictions',
      weight: 1,
    }),
  ],

  // "Auto-Cancel All Open Orders": per symbol, USD-M only, the venue looks about every 10 ms.
  deadMan: (instruments, { timeoutMs }) =>
    symbolsOf(instruments, 'linear').map((symbol) =>
      signed({
        purpose: 'setup',
        market: 'linear',
        method: 'POST',
        path: '/fapi/v1/countdownCancelAll',
        params: { symbol, countdownTime: Math.ceil(timeoutMs) },
        weight: 10,
      }),
    ),
};

/** The same POST makes a key and prolongs the one that lives, so it also serves as the refresh. */
export const listenKeyRequest: HttpRequest = request({
  purpose: 'listen-key',
  market: 'linear',
  method: 'POST',
  path: '/fapi/v1/listenKey',
  auth: 'key',
  weight: 1,
});

const timeInForceText = { gtc: 'GTC', ioc: 'IOC', fok: 'FOK' } as const;

/**
 * Post-only is a time in force on USD-M (GTX) and an order type on spot (LIMIT_MAKER); spot knows
 * no reduce-only, our own risk bounds a sale by the held balance.
 */
function placeRequest(order: ApprovedOrder, instrument: Instrument): HttpRequest {
  const spot = isSpot(instrument);
  const postOnly = order.timeInForce === 'post-only';
  assert(!postOnly || order.limit !== null, 'a post-only order needs a limit price');
  const limit = order.limit === null ? null : formatDecimal(priceToVenue(instrument, order.limit));
  const timeInForce =
    order.timeInForce === 'post-only' ? (spot ? null : 'GTX') : timeInForceText[order.timeInForce];
  return signed({
    purpose: 'place',
    market: sideOf(instrument),
    method: 'POST',
    path: orderPath(instrument),
    params: {
      symbol: instrument.symbol,
      side: order.side === 'buy' ? 'BUY' : 'SELL',
      type: limit === null ? 'MARKET' : spot && postOnly ? 'LIMIT_MAKER' : 'LIMIT',
      timeInForce: limit === null ? null : timeInForce,
      quantity: formatDecimal(qtyToVenue(instrument, order.qty)),
      price: limit,
      reduceOnly: !spot && order.reduceOnly ? 'true' : null,
      newClientOrderId: order.clientOrderId,
      // RESULT and FULL answer with the outcome of an IOC order, FULL with its fills as well.
      newOrderRespType: spot ? 'FULL' : 'RESULT',
    },
    bucket: spot ? buckets.spotOrders : buckets.usdmOrders,
    weight: 1,
    clientOrderId: order.clientOrderId,
  });
}

function listing(
  scope: SnapshotScope,
  purpose: RequestPurpose,
  pathOf: (instrument: Instrument) => string,
): readonly HttpRequest[] {
  return tradable(scope.instruments).map((instrument) =>
    signed({
      purpose,
      market: sideOf(instrument),
      path: pathOf(instrument),
      params: { symbol: instrument.symbol, startTime: scope.sinceMs, limit: pageMax },
      weight: isSpot(instrument) ? 20 : 5,
    }),
  );
}

function orderPath(instrument: Instrument): string {
  return isSpot(instrument) ? '/api/v3/order' : '/fapi/v1/order';
}
function ordersPath(instrument: Instrument): string {
  return isSpot(instrument) ? '/api/v3/allOrders' : '/fapi/v1/allOrders';
}
function fillsPath(instrument: Instrument): string {
  return isSpot(instrument) ? '/api/v3/myTrades' : '/fapi/v1/userTrades';
}

function isSpot(instrument: Instrument): boolean {
  return instrument.kind === 'spot';
}
function sideOf(instrument: Instrument): 'spot' | 'linear' {
  const market = marketOf(instrument.kind);
  assert(market !== 'inverse', `${instrument.id}: COIN-M is not served by this adapter`);
  return market;
}
function tradable(instruments: readonly Instrument[]): readonly Instrument[] {
  return instruments.filter((instrument) => marketOf(instrument.kind) !== 'inverse');
}
function symbolsOf(instruments: readonly Instrument[], market: Market): readonly string[] {
  return instruments
    .filter((instrument) => marketOf(instrument.kind) === market)
    .map((instrument) => instrument.symbol);
}
function has(instruments: readonly Instrument[], market: Market): boolean {
  return symbolsOf(instruments, market).length > 0;
}
function perMarket(
  instruments: readonly Instrument[],
  make: (market: 'spot' | 'linear') => HttpRequest,
): readonly HttpRequest[] {
  return (['spot', 'linear'] as const).filter((market) => has(instruments, market)).map(make);
}
