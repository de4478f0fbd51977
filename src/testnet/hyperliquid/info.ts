// POST /info: reads by `type`. Accounts are asked for by address; one that is not the testnet's has
// nothing, as an API wallet that is asked for instead of its account.
import { formatDecimal } from '../../base/decimal.ts';
import { tryDuration } from '../../base/time.ts';
import type { SimOrder } from '../../sim/api.ts';
import { simBarsMax } from '../../sim/bars.ts';
import type { Listed } from './listing.ts';
import { plainText } from './listing.ts';
import { bookRow, contextOf, meta, midsOf, predictions, spotMeta } from './market-rows.ts';
import {
  clearinghouse,
  cloidOfOrder,
  fillRow,
  fundingUpdate,
  isEnded,
  orderRow,
  orderState,
  type Row,
  spotState,
} from './rows.ts';
import type { HyperliquidState, OrderState } from './state.ts';

export interface InfoAnswer {
  readonly value: unknown;
  readonly weight: number;
}

const fillsMax = 2_000;
const ordersMax = 2_000;
const rangeMax = 500;
const candlesMax = 5_000;
/** One more of weight per so many rows. */
const rowsPerWeight = 20;

type Answer = (state: HyperliquidState, body: Row) => unknown;

const light: Readonly<Record<string, Answer>> = {
  exchangeStatus: (state) => ({ time: Math.floor(state.clockMs()), specialStatuses: null }),
  allMids: (state) => midsOf(state),
  l2Book: (state, body) => {
    const listed = coinOf(state, body);
    return listed === null ? null : bookRow(state, listed);
  },
  clearinghouseState: (state, body) =>
    owns(state, body) ? clearinghouse(state) : emptyClearinghouse(state),
  spotClearinghouseState: (state, body) =>
    owns(state, body) ? spotState(state) : { balances: [] },
  orderStatus,
};

const heavy: Readonly<Record<string, Answer>> = {
  meta: (state, body) => (ofMain(body) ? meta(state) : null),
  metaAndAssetCtxs: (state, body) => {
    if (!ofMain(body)) return null;
    return [meta(state), state.listings.perps().map((listed) => contextOf(state, listed))];
  },
  spotMeta: (state) => spotMeta(state),
  spotMetaAndAssetCtxs: (state) => [
    spotMeta(state),
    state.listings.spots().map((listed) => contextOf(state, listed)),
  ],
  // The first is the main exchange; no others are simulated.
  perpDexs: () => [null],
  predictedFundings: (state) => predictions(state),
  fundingHistory,
  openOrders: (state, body) => openOrders(state, body),
  frontendOpenOrders: (state, body) => openOrders(state, body),
  historicalOrders,
  userFills: (state, body) => fillsOf(state, body, {}).reverse().slice(0, fillsMax),
  userFillsByTime: (state, body) => fillsOf(state, body, rangeOf(body)).slice(0, fillsMax),
  userFunding,
  userFees,
  userAbstraction: () => 'disabled',
  extraAgents: () => [],
  userRateLimit: () => ({ cumVlm: '0.0', nRequestsUsed: 0, nRequestsCap: 10_000 }),
  // Of others' trades the simulated market has none.
  recentTrades: () => [],
  candleSnapshot,
};

/** Null = no such request: the venue answers 422. */
export function answerInfo(state: HyperliquidState, body: Row): InfoAnswer | null {
  const type = String(body['type']);
  if (Object.hasOwn(light, type)) return { value: light[type]?.(state, body), weight: 2 };
  if (type === 'userRole') return { value: { role: 'user' }, weight: 60 };
  if (!Object.hasOwn(heavy, type)) return null;
  const value = heavy[type]?.(state, body);
  const rows = Array.isArray(value) && 'user' in body ? value.length : 0;
  return { value, weight: 20 + Math.floor(rows / rowsPerWeight) };
}

function owns(state: HyperliquidState, body: Row): boolean {
  return String(body['user']).toLowerCase() === state.account.key;
}

function ofMain(body: Row): boolean {
  return body['dex'] === undefined || body['dex'] === '';
}

function coinOf(state: HyperliquidState, body: Row): Listed | null {
  return state.listings.coin(String(body['coin']));
}

function rangeOf(body: Row): { readonly fromMs: number; readonly toMs: number } {
  const time = (key: string, otherwise: number): number => {
    const value = body[key];
    return typeof value === 'number' ? value : otherwise;
  };
  return { fromMs: time('startTime', 0), toMs: time('endTime', Number.MAX_SAFE_INTEGER) };
}

function emptyClearinghouse(state: HyperliquidState): Row {
  const nothing = {
    accountValue: '0.0',
    totalNtlPos: '0.0',
    totalRawUsd: '0.0',
    totalMarginUsed: '0.0',
  };
  return {
    marginSummary: nothing,
    crossMarginSummary: nothing,
    crossMaintenanceMarginUsed: '0.0',
    withdrawable: '0.0',
    assetPositions: [],
    time: state.now().tsMs,
  };
}

/** Oldest first, at most 500 from the start on. */
function fundingHistory(state: HyperliquidState, body: Row): unknown {
  const listed = coinOf(state, body);
  if (listed === null || !listed.isPerp) return [];
  const { fromMs, toMs } = rangeOf(body);
  const range = { fromMs, toMs: Math.min(toMs, state.now().tsMs) };
  return state.exchange
    .fundingHistory(listed.id, range)
    .slice(0, rangeMax)
    .map(({ rate, settledAtMs }) => ({
      coin: listed.coin,
      fundingRate: plainText(rate),
      premium: plainText(rate),
      time: settledAtMs,
    }));
}

/** The latest 5,000 of an interval; without volume, since nobody trades but the account. */
function candleSnapshot(state: HyperliquidState, body: Row): unknown {
  const { req } = body;
  if (typeof req !== 'object' || req === null) return [];
  const wish = req as Row; // an object of JSON
  const listed = coinOf(state, wish);
  const intervalMs = tryDuration(String(wish['interval']));
  if (listed === null || intervalMs === null) return [];
  const { tsMs } = state.now();
  const { fromMs, toMs } = rangeOf(wish);
  const range = {
    fromMs: Math.max(fromMs, tsMs - candlesMax * intervalMs),
    toMs: Math.min(toMs, tsMs) + 1,
  };
  return state.exchange
    .bars(listed.id, { price: 'traded', intervalMs, ...range, rowsMax: simBarsMax })
    .map(({ openMs, open, high, low, close }) => ({
      ...{ t: openMs, T: openMs + intervalMs - 1, s: listed.coin, i: String(wish['interval']) },
      ...{ o: listed.priceText(open), c: listed.priceText(close) },
      ...{ h: listed.priceText(high), l: listed.priceText(low), v: '0.0', n: 0 },
    }));
}

function openOrders(state: HyperliquidState, body: Row): unknown {
  if (!owns(state, body)) return [];
  return state.exchange
    .openOrders(null)
    .map((order) => orderRow(order, state.listings.of(order.instrument)));
}

/** Every state that an order had, newest first: its beginning, and its end where it has one. */
function historicalOrders(state: HyperliquidState, body: Row): unknown {
  if (!owns(state, body)) return [];
  const states = state.exchange.orders({}).flatMap((order) => statesOf(state, order));
  return [...states, ...state.ghosts.values()]
    .sort((a, b) => b.statusTimestamp - a.statusTimestamp)
    .slice(0, ordersMax);
}

function statesOf(state: HyperliquidState, order: SimOrder): readonly OrderState[] {
  const listed = state.listings.of(order.instrument);
  const last = orderState(order, listed);
  if (!isEnded(order)) return [last];
  const sz = listed.exactQty(order.qty);
  const first = { ...last.order, sz };
  return [last, { order: first, status: 'open', statusTimestamp: order.createdTsMs }];
}

function orderStatus(state: HyperliquidState, body: Row): unknown {
  const oid = body['oid'];
  const isCloid = typeof oid === 'string';
  const order = owns(state, body)
    ? state.exchange
        .orders({})
        .find((each) =>
          isCloid ? cloidOfOrder(each) === oid.toLowerCase() : each.orderId === String(oid),
        )
    : undefined;
  if (order !== undefined) {
    return { status: 'order', order: orderState(order, state.listings.of(order.instrument)) };
  }
  const ghost = owns(state, body) ? state.ghosts.get(String(oid)) : undefined;
  return ghost === undefined ? { status: 'unknownOid' } : { status: 'order', order: ghost };
}

/** Oldest first. */
function fillsOf(
  state: HyperliquidState,
  body: Row,
  range: { readonly fromMs?: number; readonly toMs?: number },
): Row[] {
  if (!owns(state, body)) return [];
  return state.exchange
    .fills(range)
    .map((fill) => fillRow(fill, state.listings.of(fill.instrument)));
}

function userFunding(state: HyperliquidState, body: Row): unknown {
  if (!owns(state, body)) return [];
  return state.exchange
    .fundingPayments(rangeOf(body))
    .slice(0, rangeMax)
    .map((payment) => fundingUpdate(payment, state.listings.of(payment.instrument)));
}

function userFees(state: HyperliquidState): unknown {
  const [perp] = state.listings.perps();
  const [spot] = state.listings.spots();
  const rates = (listed: Listed | undefined): readonly [taker: string, maker: string] => {
    if (listed === undefined) return ['0.0', '0.0'];
    const { feeRateTaker, feeRateMaker } = state.listings.current(listed);
    return [formatDecimal(feeRateTaker), formatDecimal(feeRateMaker)];
  };
  const [userCrossRate, userAddRate] = rates(perp);
  const [userSpotCrossRate, userSpotAddRate] = rates(spot);
  return {
    dailyUserVlm: [],
    userCrossRate,
    userAddRate,
    userSpotCrossRate,
    userSpotAddRate,
    activeReferralDiscount: '0.0',
  };
}
