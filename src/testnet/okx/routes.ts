// Every REST path of the testnet with its handler, rate window and access, and how a request goes
// through them: path, rate window, signature, body, handler.
import { endpoints } from '../../venues/okx/paths.ts';
import { parseJson, rowOf, textField } from '../../venues/okx/wire.ts';
import type { RawHttpReply, RawHttpRequest } from '../protocol.ts';
import * as account from './account-rest.ts';
import { refuseRequest } from './auth.ts';
import { candles } from './bars-rest.ts';
import * as market from './public-rest.ts';
import { parseQuery } from './query.ts';
import { fail, failure } from './replies.ts';
import type { OkxState } from './state.ts';
import * as trade from './trade-rest.ts';

interface Route {
  readonly signed: boolean;
  readonly limit: { readonly callsMax: number; readonly windowMs: number };
  /** Order operations are counted per instrument. */
  readonly perInstrument: boolean;
  readonly handle: (state: OkxState, request: RawHttpRequest) => RawHttpReply;
}

/** Order operations of one account, all instruments together. */
const ordersLimit = { callsMax: 1_000, windowMs: 2_000 } as const;
const readLimit = { callsMax: 20, windowMs: 2_000 } as const;

const routes: ReadonlyMap<string, Route> = new Map([
  get('public/time', market.time),
  get('public/instruments', market.instruments),
  get('public/funding-rate', market.fundingRate),
  get('market/history-candles', candles('traded')),
  get('market/candles', candles('traded')),
  get('market/history-mark-price-candles', candles('mark')),
  get('market/history-index-candles', candles('index')),
  get('public/funding-rate-history', market.fundingRateHistory),
  get('public/mark-price', market.markPrice),
  get('public/position-tiers', market.positionTiers),
  get('market/tickers', market.tickers),
  get('market/ticker', market.ticker),
  get('market/index-tickers', market.indexTickers),
  get('market/books', market.books),
  getSigned('asset/currencies', account.currencies),
  getSigned('asset/balances', account.assetBalances),
  getSigned('account/config', account.config),
  getSigned('account/instruments', market.instruments),
  getSigned('account/balance', account.balance),
  getSigned('account/positions', account.positions),
  getSigned('account/bills', account.bills),
  getSigned('account/bills-archive', account.billsArchive),
  getSigned('account/trade-fee', account.tradeFee),
  getSigned('account/interest-rate', account.interestRate),
  getSigned('account/leverage-info', account.leverageInfo),
  post('account/set-position-mode', objectBody(account.setPositionMode)),
  post('account/set-leverage', objectBody(account.setLeverage)),
  getSigned('trade/order', trade.order),
  getSigned('trade/orders-pending', trade.pending),
  getSigned('trade/orders-history', trade.history),
  getSigned('trade/orders-history-archive', trade.historyArchive),
  getSigned('trade/fills', trade.fills),
  getSigned('trade/fills-history', trade.fillsHistory),
  post('trade/order', trade.place, { perInstrument: true }),
  post('trade/cancel-order', trade.cancel, { perInstrument: true }),
  post('trade/amend-order', trade.amend, { perInstrument: true }),
  post('trade/batch-orders', trade.placeBatch),
  post('trade/cancel-batch-orders', trade.cancelBatch),
  post('trade/amend-batch-orders', trade.amendBatch),
  post('trade/cancel-all-after', objectBody(trade.cancelAllAfter)),
]);

export function answerHttp(state: OkxState, request: RawHttpRequest): RawHttpReply {
  const route = routes.get(`${request.method.toUpperCase()} ${request.path}`);
  if (route === undefined) return notFound(request);
  if (state.rateLimited() || !withinWindows(state, route, request)) {
    return fail(failure('50011', 'Too Many Requests'));
  }
  if (route.signed) {
    const { credentials } = state.context;
    const refused = refuseRequest(request, credentials, state.clockMs());
    if (refused !== null) return fail(refused);
  }
  const reply = route.handle(state, request);
  const changesOrders = request.method === 'POST' && request.path.includes('/trade/');
  if (changesOrders && state.context.fault('unknown-outcome')) {
    return fail(failure('50004', 'API endpoint request timeout'));
  }
  return reply;
}

function withinWindows(state: OkxState, route: Route, request: RawHttpRequest): boolean {
  const { wallMs } = state.now();
  const key = `${request.method} ${request.path}`;
  if (!route.perInstrument) return state.windows.take(key, route.limit, wallMs);
  const body = rowOf(parseJson(request.body));
  const instId = body === null ? '' : (textField(body, 'instId') ?? '');
  return (
    state.windows.take('orders', ordersLimit, wallMs) &&
    state.windows.take(`${key} ${instId}`, route.limit, wallMs)
  );
}

function notFound(request: RawHttpRequest): RawHttpReply {
  const known = [...routes.keys()].some((key) => key.endsWith(` ${request.path}`));
  if (known) {
    const body = JSON.stringify({ code: '50115', data: [], msg: 'Invalid request method.' });
    return { status: 405, body };
  }
  const body = JSON.stringify({ code: '404', data: [], msg: 'Not Found' });
  return { status: 404, body };
}

function get(path: string, handler: market.Handler): readonly [string, Route] {
  return entry('GET', path, {
    signed: false,
    handle: (state, request) => handler(state, parseQuery(request.query)),
  });
}

function getSigned(path: string, handler: market.Handler): readonly [string, Route] {
  return entry('GET', path, {
    signed: true,
    handle: (state, request) => handler(state, parseQuery(request.query)),
  });
}

function post(
  path: string,
  handler: trade.BodyHandler,
  options?: { readonly perInstrument: true },
): readonly [string, Route] {
  return entry('POST', path, {
    signed: true,
    ...options,
    handle: (state, request) => {
      const body = parseJson(request.body);
      if (body === undefined) return fail(failure('50002', 'JSON syntax error'));
      return handler(state, body);
    },
  });
}

function objectBody(handler: account.PostHandler): trade.BodyHandler {
  return (state, body) => {
    const row = rowOf(body);
    return row === null ? fail(failure('50002', 'JSON syntax error')) : handler(state, row);
  };
}

/** The window is the one that our adapter keeps to, where it uses the path. */
function entry(
  method: 'GET' | 'POST',
  path: string,
  route: Pick<Route, 'signed' | 'handle'> & { readonly perInstrument?: true },
): readonly [string, Route] {
  const full = `/api/v5/${path}`;
  const known = endpoints.find((each) => each.method === method && each.path === full);
  const limit = known === undefined ? readLimit : known;
  return [`${method} ${full}`, { ...route, perInstrument: route.perInstrument ?? false, limit }];
}
