// REST requests as data: what is asked for, never when. Prices and quantities leave in the venue's
// units as exact text.
import { assert } from '../../base/assert.ts';
import { formatDecimal, fromNumber } from '../../base/decimal.ts';
import { dayMs } from '../../base/time.ts';
import {
  type Instrument,
  isPerp,
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
import { factsOfPath } from './paths.ts';

export const restHost = 'rest';
/** Longest range that history listings answer at once. */
export const historyWindowMs = 7 * dayMs;
export const fundingHistoryPage = 200;
/** Contracts whose tiers are asked for one by one. */
const namedLimitsMax = 30;
const clientOrderIdText = /^[A-Za-z0-9_-]{1,36}$/;

type Params = Readonly<Record<string, string | number>>;
type Body = Readonly<Record<string, string | number | boolean>>;

export const requests: VenueSpec['requests'] = {
  serverTime: () => get('/v5/market/time', {}),
  instruments: (markets = ['linear', 'spot']) =>
    (['linear', 'spot', 'inverse'] as const)
      .filter((market) => markets.includes(market))
      .map((market) =>
        get('/v5/market/instruments-info', { category: market, limit: 1_000 }, { market }),
      ),
  fundingRates: (instruments) =>
    tickers(
      instruments.filter(({ kind }) => isPerp(kind)),
      'funding-rates',
    ),
  // A start without an end is refused.
  fundingHistory: (instrument, { fromMs, toMs }) =>
    get(
      '/v5/market/funding/history',
      {
        category: marketOf(instrument.kind),
        symbol: instrument.symbol,
        startTime: Math.floor(fromMs),
        endTime: Math.ceil(toMs),
        limit: fundingHistoryPage,
      },
      { market: marketOf(instrument.kind) },
    ),
  quotes: (instruments) => tickers(instruments, 'quotes'),
  // The stream begins with a snapshot.
  depth: () => null,
  feeRates: (instruments) =>
    marketsOf(instruments).map((market) =>
      signedGet('/v5/account/fee-rate', { category: market }, { market }),
    ),
  marginTiers: (instruments) => riskLimits(instruments.filter(({ kind }) => isPerp(kind))),
  // What accounts without a level pay, of every coin that is lent: never less than ours.
  borrowRates: (assets) =>
    assets.length === 0 ? [] : [get('/v5/spot-margin-trade/data', { vipLevel: 'No VIP' })],
  setup: (instruments, { leverage }) => [
    post('/v5/account/set-margin-mode', { setMarginMode: 'REGULAR_MARGIN' }),
    ...(settleCoinsOf(instruments).includes('USDT') ? [oneWayMode] : []),
    ...instruments
      .filter(({ kind }) => isPerp(kind))
      .map((instrument) => setLeverage(instrument, leverage)),
  ],
  place,
  cancel: (clientOrderId, instrument) =>
    ofOrder(
      post('/v5/order/cancel', {
        category: marketOf(instrument.kind),
        symbol: instrument.symbol,
        orderLinkId: clientOrderId,
      }),
      clientOrderId,
      instrument,
    ),
  queryOrder,
  openOrders: (instruments) =>
    perMarket(instruments, (params, market) =>
      signedGet('/v5/order/realtime', { ...params, openOnly: 0, limit: 50 }, { market }),
    ),
  orderHistory: (scope) =>
    history(scope, (params, market) =>
      signedGet('/v5/order/history', { ...params, limit: 50 }, { market }),
    ),
  fills: (scope) =>
    history(scope, (params, market) =>
      signedGet('/v5/execution/list', { ...params, limit: 100 }, { market }),
    ),
  balances: () => [signedGet('/v5/account/wallet-balance', { accountType: 'UNIFIED' })],
  positions: (instruments) =>
    perMarket(
      instruments.filter(({ kind }) => kind !== 'spot'),
      (params, market) => signedGet('/v5/position/list', { ...params, limit: 200 }, { market }),
    ),
  // Not the transaction log: see account.ts, the ledger has one source.
  fundingPayments: (scope) =>
    history(
      { ...scope, instruments: scope.instruments.filter(({ kind }) => isPerp(kind)) },
      (params, market) => {
        const query = { ...params, execType: 'Funding', limit: 100 };
        return signedGet('/v5/execution/list', query, { market, purpose: 'funding-payments' });
      },
    ),
  accountConfig: () => [signedGet('/v5/account/info', {}), signedGet('/v5/user/query-api', {})],
};

/** By contract while they are few, else the whole market, page by page. */
function riskLimits(perps: readonly Instrument[]): readonly HttpRequest[] {
  return marketsOf(perps).flatMap((market) => {
    const own = perps.filter(({ kind }) => marketOf(kind) === market);
    const each = own.length > namedLimitsMax ? [{}] : own.map(({ symbol }) => ({ symbol }));
    return each.map((of) => get('/v5/market/risk-limit', { category: market, ...of }, { market }));
  });
}

function place(order: ApprovedOrder, instrument: Instrument): HttpRequest {
  assert(clientOrderIdText.test(order.clientOrderId), 'a client id that Bybit does not take');
  const market = marketOf(instrument.kind);
  const isMarket = order.limit === null;
  const body: Record<string, string | number | boolean> = {
    category: market,
    symbol: instrument.symbol,
    side: order.side === 'buy' ? 'Buy' : 'Sell',
    orderType: isMarket ? 'Market' : 'Limit',
    qty: formatDecimal(qtyToVenue(instrument, order.qty)),
  };
  if (order.limit !== null) body['price'] = formatDecimal(priceToVenue(instrument, order.limit));
  body['timeInForce'] = isMarket ? 'IOC' : timesInForce[order.timeInForce];
  body['orderLinkId'] = order.clientOrderId;
  if (market === 'spot') {
    // Without it a market buy would count its quantity in quote currency.
    if (isMarket) body['marketUnit'] = 'baseCoin';
    // Borrowing is not repaid by itself and keeps accruing.
    body['isLeverage'] = 0;
  } else {
    body['positionIdx'] = 0;
    if (order.reduceOnly) body['reduceOnly'] = true;
  }
  return ofOrder(post('/v5/order/create', body), order.clientOrderId, instrument);
}

const timesInForce = { gtc: 'GTC', ioc: 'IOC', fok: 'FOK', 'post-only': 'PostOnly' } as const;

/**
 * Realtime has the open ones and the last 500 that ended, history the rest; then its executions.
 */
function queryOrder(clientOrderId: ClientOrderId, instrument: Instrument): readonly HttpRequest[] {
  const market = marketOf(instrument.kind);
  const params = { category: market, symbol: instrument.symbol, orderLinkId: clientOrderId };
  const ask = (path: string, purpose: RequestPurpose): HttpRequest =>
    ofOrder(signedGet(path, params, { market, purpose }), clientOrderId, instrument);
  return [
    ask('/v5/order/realtime', 'query-order'),
    ask('/v5/order/history', 'query-order'),
    ask('/v5/execution/list', 'fills'),
  ];
}

const oneWayMode = post('/v5/position/switch-mode', { category: 'linear', coin: 'USDT', mode: 0 });

function setLeverage(instrument: Instrument, leverage: number): HttpRequest {
  const allowed = Math.min(leverage, instrument.leverageMax ?? leverage);
  const text = formatDecimal(fromNumber(allowed));
  return {
    ...post('/v5/position/set-leverage', {
      category: marketOf(instrument.kind),
      symbol: instrument.symbol,
      buyLeverage: text,
      sellLeverage: text,
    }),
    market: marketOf(instrument.kind),
  };
}

/** One request per market, for one symbol where only one is asked for. */
function tickers(
  instruments: readonly Instrument[],
  purpose: 'quotes' | 'funding-rates',
): readonly HttpRequest[] {
  return marketsOf(instruments).map((market) => {
    const listed = instruments.filter(({ kind }) => marketOf(kind) === market);
    const symbol = listed.length === 1 ? listed[0]?.symbol : undefined;
    const params = symbol === undefined ? { category: market } : { category: market, symbol };
    return get('/v5/market/tickers', params, { market, purpose });
  });
}

/** Linear listings need a settle coin (or a symbol); the others take the category alone. */
function perMarket(
  instruments: readonly Instrument[],
  make: (params: Params, market: Market) => HttpRequest,
): readonly HttpRequest[] {
  return marketsOf(instruments).flatMap((market) => {
    if (market !== 'linear') return [make({ category: market }, market)];
    return settleCoinsOf(instruments).map((settleCoin) =>
      make({ category: market, settleCoin }, market),
    );
  });
}

/** The first window of the history; `nextPage` goes on to the present. */
function history(
  scope: SnapshotScope,
  make: (params: Params, market: Market) => HttpRequest,
): readonly HttpRequest[] {
  const startTime = Math.max(0, Math.floor(scope.sinceMs));
  return marketsOf(scope.instruments).map((market) =>
    make({ category: market, startTime, endTime: startTime + historyWindowMs }, market),
  );
}

function marketsOf(instruments: readonly Instrument[]): readonly Market[] {
  return [...new Set(instruments.map(({ kind }) => marketOf(kind)))];
}

function settleCoinsOf(instruments: readonly Instrument[]): readonly string[] {
  const linear = instruments.filter(({ kind }) => marketOf(kind) === 'linear');
  return [...new Set(linear.map(({ settle }) => settle))];
}

interface Extras {
  readonly market?: Market;
  /** Where one path serves several purposes. */
  readonly purpose?: RequestPurpose;
}

export function get(path: string, params: Params, extras: Extras = {}): HttpRequest {
  const query = Object.entries(params)
    .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
    .join('&');
  return { ...blank('GET', path, extras), query };
}

function signedGet(path: string, params: Params, extras: Extras = {}): HttpRequest {
  return { ...get(path, params, extras), auth: 'signed' };
}

function post(path: string, body: Body): HttpRequest {
  return {
    ...blank('POST', path, {}),
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
    auth: 'signed',
  };
}

function blank(method: 'GET' | 'POST', path: string, extras: Extras): HttpRequest {
  const facts = factsOfPath(method, path);
  assert(facts !== null, `${method} ${path} is not in the table of paths`);
  return {
    purpose: extras.purpose ?? facts.purpose,
    host: restHost,
    method,
    path,
    query: '',
    body: null,
    headers: {},
    auth: 'none',
    bucket: facts.bucket,
    weight: 1,
    market: extras.market ?? null,
    clientOrderId: null,
  };
}

function ofOrder(
  request: HttpRequest,
  clientOrderId: ClientOrderId,
  instrument: Instrument,
): HttpRequest {
  const market = marketOf(instrument.kind);
  const bucket = request.bucket === 'orders' ? `orders-${market}` : request.bucket;
  return { ...request, clientOrderId, market, bucket };
}
