// The REST API: which path does what, who may call it, how often, and the envelope of the answer.
import type { RawHttpReply, RawHttpRequest } from '../protocol.ts';
import * as account from './account-rest.ts';
import { type Answer, badParams, envelope, refused } from './answer.ts';
import { refusalByAuth } from './auth.ts';
import { klines } from './bars-rest.ts';
import * as market from './market-rest.ts';
import * as orders from './orders-rest.ts';
import { type Params, paramsOfObject, paramsOfQuery, parsedJson } from './params.ts';
import type { BybitState } from './state.ts';
import * as trade from './trade.ts';

interface Call {
  readonly params: Params;
  /** The parsed body of a POST. */
  readonly body: unknown;
}

interface Route {
  readonly access: 'public' | 'signed';
  /** Calls per second and account; orders depend on the category. */
  readonly perSecond: number | 'orders';
  answer(state: BybitState, call: Call): Answer;
}

const free = (answer: (state: BybitState, params: Params) => Answer): Route => ({
  access: 'public',
  perSecond: 50,
  answer: (state, { params }) => answer(state, params),
});
const signed = (
  perSecond: Route['perSecond'],
  answer: (state: BybitState, params: Params) => Answer,
): Route => ({ access: 'signed', perSecond, answer: (state, { params }) => answer(state, params) });
const batched = (operation: (state: BybitState, params: Params) => Answer): Route => ({
  access: 'signed',
  perSecond: 'orders',
  answer: (state, { body }) => trade.batch(state, body, operation),
});

const routes: Readonly<Record<string, Route>> = {
  'GET /v5/market/time': free(market.marketTime),
  'GET /v5/market/instruments-info': free(market.instrumentsInfo),
  'GET /v5/market/tickers': free(market.tickers),
  'GET /v5/market/funding/history': free(market.fundingHistory),
  'GET /v5/market/kline': free(klines('traded')),
  'GET /v5/market/mark-price-kline': free(klines('mark')),
  'GET /v5/market/index-price-kline': free(klines('index')),
  'GET /v5/market/orderbook': free(market.orderBook),
  'GET /v5/spot-margin-trade/data': free(market.marginData),
  'GET /v5/market/risk-limit': free(market.riskLimits),
  'GET /v5/asset/coin/query-info': signed(5, account.coins),
  'GET /v5/user/query-api': signed(10, account.apiKeyInfo),
  'GET /v5/account/info': signed(50, account.accountInfo),
  'GET /v5/account/wallet-balance': signed(50, account.walletBalance),
  'GET /v5/account/fee-rate': signed(10, account.feeRates),
  'GET /v5/account/transaction-log': signed(50, orders.transactionLog),
  'POST /v5/account/set-margin-mode': signed(5, (_state, params) => account.setMarginMode(params)),
  'GET /v5/position/list': signed(50, account.positions),
  'POST /v5/position/set-leverage': signed(10, account.setLeverage),
  'POST /v5/position/switch-mode': signed(10, (_state, params) => account.switchMode(params)),
  'POST /v5/position/switch-isolated': signed(10, (_state, params) =>
    account.switchIsolated(params),
  ),
  'POST /v5/order/create': signed('orders', trade.createOrder),
  'POST /v5/order/amend': signed('orders', trade.amendOrder),
  'POST /v5/order/cancel': signed('orders', trade.cancelOrder),
  'POST /v5/order/cancel-all': signed('orders', trade.cancelAll),
  'POST /v5/order/create-batch': batched(trade.createOrder),
  'POST /v5/order/amend-batch': batched(trade.amendOrder),
  'POST /v5/order/cancel-batch': batched(trade.cancelOrder),
  'GET /v5/order/realtime': signed(50, orders.realtimeOrders),
  'GET /v5/order/history': signed(50, orders.orderHistory),
  'GET /v5/execution/list': signed(50, orders.executions),
};

export function answerHttp(state: BybitState, request: RawHttpRequest): RawHttpReply {
  const { wallMs } = state.now();
  if (!state.limits.takeAddress(wallMs)) {
    return { status: 403, body: '{"retCode":10018,"retMsg":"access too frequent."}' };
  }
  const name = `${request.method} ${request.path}`;
  const route = Object.hasOwn(routes, name) ? routes[name] : undefined;
  if (route === undefined) {
    return { status: 404, body: reply(state, refused(10017, 'Route not found.')) };
  }
  const call = callOf(request);
  if (call === null) return { status: 200, body: reply(state, badParams('no JSON object')) };
  if (route.access === 'public') {
    const answer = route.answer(state, call);
    // The one answer whose time is the clock that clients sign with.
    const timeMs = request.path === '/v5/market/time' ? state.clockMs() : state.now().tsMs;
    return { status: 200, body: envelope(answer, Math.floor(timeMs)) };
  }
  return answerSigned(state, { request, route, call, name });
}

function answerSigned(
  state: BybitState,
  signedCall: {
    readonly request: RawHttpRequest;
    readonly route: Route;
    readonly call: Call;
    readonly name: string;
  },
): RawHttpReply {
  const { request, route, call, name } = signedCall;
  const { context } = state;
  const refusal = refusalByAuth(request, context.credentials, state.clockMs());
  if (refusal !== null) return { status: 200, body: reply(state, refusal) };
  const taken = takeLimit(state, route.perSecond, { name, call });
  const { headers } = taken;
  if (!taken.allowed || context.fault('rate-limit') || context.fault('rate-limited')) {
    const answer = refused(10006, 'Too many visits. Exceeded the API Rate Limit.');
    return { status: 200, body: reply(state, answer), headers };
  }
  const answer = route.answer(state, call);
  const isOrder = route.perSecond === 'orders';
  if (isOrder && context.fault('unknown-outcome')) {
    // It was carried out, and the answer does not say so.
    return { status: 200, body: reply(state, refused(10016, 'Server error.')), headers };
  }
  return { status: 200, body: reply(state, answer), headers };
}

/** A batch counts its items; derivatives and spot count apart. */
export function takeLimit(
  state: BybitState,
  perSecond: number | 'orders',
  asked: { readonly name: string; readonly call: Call },
) {
  const { wallMs } = state.now();
  if (perSecond !== 'orders') {
    return state.limits.take(asked.name, { perSecond, calls: 1 }, wallMs);
  }
  const category = asked.call.params.get('category') ?? '';
  const items = (asked.call.body as { request?: unknown } | null | undefined)?.request; // any JSON
  const orderLimit = category === 'spot' ? 20 : 10;
  // A batch that is larger than the limit takes all of it.
  const calls = Array.isArray(items) ? Math.min(Math.max(1, items.length), orderLimit) : 1;
  const limit = { perSecond: orderLimit, calls };
  return state.limits.take(`${asked.name} ${category}`, limit, wallMs);
}

function callOf(request: RawHttpRequest): Call | null {
  if (request.method === 'GET') return { params: paramsOfQuery(request.query), body: null };
  const body = parsedJson(request.body === '' ? '{}' : request.body);
  const params = paramsOfObject(body);
  return params === null ? null : { params, body };
}

function reply(state: BybitState, answer: Answer): string {
  return envelope(answer, state.now().tsMs);
}
