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
import { buckets, hostOfMarket } from './endpoints.ts';
import {
  futuresMarkets,
  marketsOf,
  ordersBucket,
  pathOf,
  perpMarkets,
  weightBucket,
  weightOf,
} from './market-paths.ts';

/** Rows of one page of a listing; a full page means that there may be more. */
export const pageMax = 1_000;
/** COIN-M lists fewer orders at once. */
const coinmOrdersPageMax = 100;
/** Recent fills that an order query reads beside the order itself. */
const queryFillsMax = 100;
const depthLevels = 100;
/** Spot quotes are asked for by name up to this many symbols, else for all. */
const namedQuotesMax = 100;

/** Assets that one question about interest may name. */
const borrowAssetsMax = 20;
/** By contract; version 1 of COIN-M's lists by pair. */
const bracketsPath = {
  linear: '/fapi/v1/leverageBracket',
  inverse: '/dapi/v2/leverageBracket',
} as const;

function chunksOf(items: readonly string[], size: number): readonly (readonly string[])[] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, k) => items.slice(k * size, (k + 1) * size));
}

type Params = Readonly<Record<string, string | number | null>>;

interface Call {
  readonly purpose: RequestPurpose;
  readonly market: Market;
  readonly method?: HttpRequest['method'];
  readonly path: string;
  readonly params?: Params;
  readonly auth?: HttpRequest['auth'];
  readonly bucket?: string;
  readonly weight: number;
  readonly clientOrderId?: ClientOrderId;
}

export function request(call: Call): HttpRequest {
  return {
    purpose: call.purpose,
    host: hostOfMarket[call.market],
    method: call.method ?? 'GET',
    path: call.path,
    query: queryOf(call.params ?? {}),
    body: null,
    headers: {},
    auth: call.auth ?? 'none',
    bucket: call.bucket ?? weightBucket[call.market],
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

  instruments: (markets = defaultMarkets) =>
    markets.map((market) =>
      request({
        purpose: 'instruments',
        market,
        path: pathOf('exchangeInfo', market),
        weight: market === 'spot' ? 20 : 1,
      }),
    ),

  fundingRates: (instruments) =>
    perpMarkets(instruments).flatMap((market) => [
      request({
        purpose: 'funding-rates',
        market,
        path: pathOf('premiumIndex', market),
        weight: 10,
      }),
      request({
        purpose: 'funding-rates',
        market,
        path: pathOf('fundingInfo', market),
        bucket: fundingBucket(market),
        weight: 1,
      }),
    ]),

  fundingHistory: (instrument, { fromMs, toMs }) => {
    const market = marketOf(instrument.kind);
    return request({
      purpose: 'funding-history',
      market,
      path: pathOf('fundingRate', market),
      params: { symbol: instrument.symbol, startTime: fromMs, endTime: toMs, limit: pageMax },
      bucket: fundingBucket(market),
      weight: 1,
    });
  },

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
    for (const market of futuresMarkets(instruments)) {
      const path = pathOf('ticker/bookTicker', market);
      list.push(request({ purpose: 'quotes', market, path, weight: 5 }));
    }
    return list;
  },

  depth: (instrument) =>
    request({
      purpose: 'depth',
      market: marketOf(instrument.kind),
      path: pathOf('depth', marketOf(instrument.kind)),
      params: { symbol: instrument.symbol, limit: depthLevels },
      weight: 5,
    }),

  feeRates: (instruments) =>
    instruments.map((instrument) =>
      signed({
        purpose: 'fee-rates',
        market: marketOf(instrument.kind),
        path: pathOf('commissionRate', marketOf(instrument.kind)),
        params: { symbol: instrument.symbol },
        weight: 20,
      }),
    ),

  marginTiers: (instruments) =>
    perpMarkets(instruments).map((market) =>
      signed({ purpose: 'margin-tiers', market, path: bracketsPath[market], weight: 1 }),
    ),

  borrowRates: (assets) =>
    chunksOf(assets, borrowAssetsMax).map((some) =>
      signed({
        purpose: 'borrow-rates',
        market: 'spot',
        path: '/sapi/v1/margin/next-hourly-interest-rate',
        params: { assets: some.join(','), isIsolated: 'FALSE' },
        weight: 100,
      }),
    ),

  setup: (instruments, { leverage }) =>
    futuresMarkets(instruments).flatMap((market) => {
      const symbols = symbolsOf(instruments, market);
      const post = (name: SetupPath, params: Params): HttpRequest => {
        const path = pathOf(name, market);
        return signed({ purpose: 'setup', market, method: 'POST', path, params, weight: 1 });
      };
      return [
        post('positionSide/dual', { dualSidePosition: 'false' }),
        ...symbols.map((symbol) => post('marginType', { symbol, marginType: 'CROSSED' })),
        ...symbols.map((symbol) => post('leverage', { symbol, leverage })),
      ];
    }),

  place: placeRequest,

  cancel: (clientOrderId, instrument) =>
    signed({
      purpose: 'cancel',
      market: marketOf(instrument.kind),
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
      market: marketOf(instrument.kind),
      path: orderPath(instrument),
      params: { symbol: instrument.symbol, origClientOrderId: clientOrderId },
      weight: isSpot(instrument) ? 4 : 1,
      clientOrderId,
    }),
    signed({
      purpose: 'fills',
      market: marketOf(instrument.kind),
      path: pathOf('userTrades', marketOf(instrument.kind)),
      params: { symbol: instrument.symbol, limit: queryFillsMax },
      weight: weightOf.fills[marketOf(instrument.kind)],
      clientOrderId,
    }),
  ],

  openOrders: (instruments) =>
    marketsOf(instruments).map((market) =>
      signed({
        purpose: 'open-orders',
        market,
        path: pathOf('openOrders', market),
        weight: weightOf.openOrders[market],
      }),
    ),

  orderHistory: (scope) => listing(scope, 'order-history', 'allOrders'),
  fills: (scope) => listing(scope, 'fills', 'userTrades'),

  balances: (markets = defaultMarkets) =>
    markets.map((market) =>
      signed({
        purpose: 'balances',
        market,
        path: pathOf('balance', market),
        weight: weightOf.balance[market],
      }),
    ),

  positions: (instruments) =>
    futuresMarkets(instruments).map((market) =>
      signed({ purpose: 'positions', market, path: pathOf('positionRisk', market), weight: 5 }),
    ),

  fundingPayments: ({ instruments, sinceMs }) =>
    perpMarkets(instruments).map((market) =>
      signed({
        purpose: 'funding-payments',
        market,
        path: pathOf('income', market),
        params: { incomeType: 'FUNDING_FEE', startTime: sinceMs, limit: pageMax },
        weight: 30,
      }),
    ),

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

  // "Auto-Cancel All Open Orders": per symbol, futures only, the venue looks about every 10 ms.
  deadMan: (instruments, { timeoutMs }) =>
    futuresMarkets(instruments).flatMap((market) =>
      symbolsOf(instruments, market).map((symbol) =>
        signed({
          purpose: 'setup',
          market,
          method: 'POST',
          path: pathOf('countdownCancelAll', market),
          params: { symbol, countdownTime: Math.ceil(timeoutMs) },
          weight: 10,
        }),
      ),
    ),
};

type SetupPath = 'positionSide/dual' | 'marginType' | 'leverage';
const defaultMarkets: readonly Market[] = ['spot', 'linear'];

/** The same POST makes a key and prolongs the one that lives, so it also serves as the refresh. */
export function listenKeyRequest(market: 'linear' | 'inverse'): HttpRequest {
  return request({
    purpose: 'listen-key',
    market,
    method: 'POST',
    path: pathOf('listenKey', market),
    auth: 'key',
    weight: 1,
  });
}

const timeInForceText = { gtc: 'GTC', ioc: 'IOC', fok: 'FOK' } as const;

/**
 * Post-only is a time in force on the futures (GTX) and an order type on spot (LIMIT_MAKER); spot
 * knows no reduce-only, our own risk bounds a sale by the held balance.
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
    market: marketOf(instrument.kind),
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
    bucket: ordersBucket[marketOf(instrument.kind)],
    weight: 1,
    clientOrderId: order.clientOrderId,
  });
}

function listing(
  scope: SnapshotScope,
  purpose: RequestPurpose,
  name: 'allOrders' | 'userTrades',
): readonly HttpRequest[] {
  return scope.instruments.map((instrument) => {
    const market = marketOf(instrument.kind);
    const limit = market === 'inverse' && name === 'allOrders' ? coinmOrdersPageMax : pageMax;
    return signed({
      purpose,
      market,
      path: pathOf(name, market),
      params: { symbol: instrument.symbol, startTime: scope.sinceMs, limit },
      weight: weightOf.fills[market],
    });
  });
}

function orderPath(instrument: Instrument): string {
  return pathOf('order', marketOf(instrument.kind));
}

/** Only USD-M's funding listings have a limit of their own. */
function fundingBucket(market: Market): string {
  return market === 'linear' ? buckets.usdmFunding : weightBucket[market];
}

function isSpot(instrument: Instrument): boolean {
  return instrument.kind === 'spot';
}
function symbolsOf(instruments: readonly Instrument[], market: Market): readonly string[] {
  return instruments
    .filter((instrument) => marketOf(instrument.kind) === market)
    .map((instrument) => instrument.symbol);
}
