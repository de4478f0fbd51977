// Every REST request of the adapter as data, unsigned. Quantities leave in the venue's contracts
// here and nowhere else. order-entry.ts makes WebSocket messages of the orders.
import { formatDecimal } from '../../base/decimal.ts';
import { secondMs } from '../../base/time.ts';
import {
  type Instrument,
  isPerp,
  marketOf,
  priceToVenue,
  qtyToVenue,
} from '../../domain/instrument.ts';
import type { ApprovedOrder, ClientOrderId } from '../../domain/order.ts';
import type { HttpRequest, SnapshotScope, VenueSpec } from '../../domain/venue-spec.ts';
import { type EndpointName, endpoint } from './paths.ts';

export interface RequestOptions {
  /** `cash` never borrows and works in every account mode that OKX has for spot. */
  readonly spotTradeMode: 'cash' | 'cross';
}

/** The most that one page of a listing holds. */
const pageLimit = '100';
const fundingHistoryLimit = '400';
/** Families that one question about tiers may name. */
const familiesMax = 5;
const deadManSeconds = { min: 10, max: 120 } as const;

export function makeRequests(options: RequestOptions): VenueSpec['requests'] {
  return {
    serverTime: () => get('time', {}),
    instruments: () => [
      get('instruments', { instType: 'SPOT' }),
      get('instruments', { instType: 'SWAP' }),
    ],
    fundingRates: (instruments) => fundingRates(instruments),
    fundingHistory: (instrument, { fromMs, toMs }) =>
      get('fundingHistory', {
        instId: instrument.symbol,
        // Both bounds are exclusive: `before` is newer than, `after` older than.
        before: String(fromMs - 1),
        after: String(toMs + 1),
        limit: fundingHistoryLimit,
      }),
    quotes: (instruments) => typesOf(instruments).map((instType) => get('tickers', { instType })),
    depth: () => null,
    feeRates: (instruments) =>
      typesOf(instruments).map((instType) => get('tradeFee', { instType })),
    marginTiers: (instruments) => positionTiers(instruments),
    // One answer lists every coin that may be borrowed.
    borrowRates: (assets) => (assets.length === 0 ? [] : [get('interestRate', {})]),
    setup: (instruments, { leverage }) => [
      post('setPositionMode', { posMode: 'net_mode' }),
      ...instruments
        .filter((instrument) => isPerp(instrument.kind))
        .map((instrument) => setLeverage(instrument, leverage)),
    ],
    place: (order, instrument) => place(order, instrument, options),
    cancel: (clientOrderId, instrument) =>
      ofOrder(
        post('cancel', { instId: instrument.symbol, clOrdId: clientOrderId }),
        clientOrderId,
        instrument,
      ),
    queryOrder: (clientOrderId, instrument) => [
      ofOrder(
        get('order', { instId: instrument.symbol, clOrdId: clientOrderId }),
        clientOrderId,
        instrument,
      ),
      // The order's fills stand in a listing of their own, which knows no client id as a filter.
      get('fills', { instType: typeOf(instrument), instId: instrument.symbol, limit: pageLimit }),
    ],
    openOrders: () => [get('pending', { limit: pageLimit })],
    orderHistory: (scope) => [
      ...typesOf(scope.instruments).map((instType) => history('history', instType, scope)),
      ...typesOf(scope.instruments).map((instType) => history('historyArchive', instType, scope)),
    ],
    // The last 3 days, then the last 3 months: the same fill may come twice and is known by its id.
    fills: (scope) => [
      get('fills', { begin: String(scope.sinceMs), limit: pageLimit }),
      ...typesOf(scope.instruments).map((instType) => history('fillsHistory', instType, scope)),
    ],
    balances: () => [get('balance', {})],
    positions: () => [get('positions', {})],
    // The last 7 days, then the last 3 months.
    fundingPayments: (scope) => [bills('bills', scope), bills('billsArchive', scope)],
    accountConfig: () => [get('config', {})],
    deadMan: (instruments, { timeoutMs }) =>
      instruments.length === 0 ? [] : [post('deadMan', { timeOut: deadManText(timeoutMs) })],
  };
}

/** "Cancel All After" is account-wide, in whole seconds. */
function deadManText(timeoutMs: number): string {
  if (timeoutMs === 0) return '0';
  const seconds = Math.ceil(timeoutMs / secondMs);
  return String(Math.min(Math.max(seconds, deadManSeconds.min), deadManSeconds.max));
}

/** One request for all of them, as OKX has a name for it. */
function fundingRates(instruments: readonly Instrument[]): readonly HttpRequest[] {
  const perps = instruments.filter((instrument) => isPerp(instrument.kind));
  const [first] = perps;
  if (first === undefined) return [];
  return [get('fundingRate', { instId: perps.length === 1 ? first.symbol : 'ANY' })];
}

/** By family (`BTC-USDT`), a few in one request; the same table for long and short. */
function positionTiers(instruments: readonly Instrument[]): readonly HttpRequest[] {
  const families = instruments
    .filter((instrument) => isPerp(instrument.kind))
    .map(({ symbol }) => symbol.replace(/-SWAP$/, ''));
  const count = Math.ceil(families.length / familiesMax);
  return Array.from({ length: count }, (_, k) => {
    const some = families.slice(k * familiesMax, (k + 1) * familiesMax);
    return get('positionTiers', {
      instType: 'SWAP',
      tdMode: 'cross',
      instFamily: some.join(','),
    });
  });
}

function setLeverage(instrument: Instrument, leverage: number): HttpRequest {
  const lever = String(Math.min(leverage, instrument.leverageMax ?? leverage));
  return post('setLeverage', { instId: instrument.symbol, lever, mgnMode: 'cross' });
}

function place(order: ApprovedOrder, instrument: Instrument, options: RequestOptions): HttpRequest {
  const spot = instrument.kind === 'spot';
  const body: Record<string, string | boolean> = {
    instId: instrument.symbol,
    tdMode: spot ? options.spotTradeMode : 'cross',
    clOrdId: order.clientOrderId,
    side: order.side,
    ordType: ordTypeOf(order),
    sz: formatDecimal(qtyToVenue(instrument, order.qty)),
  };
  if (order.limit !== null) body['px'] = formatDecimal(priceToVenue(instrument, order.limit));
  // A spot market buy would count `sz` in quote currency.
  if (spot) body['tgtCcy'] = 'base_ccy';
  // Spot has no such flag: there our own risk guards it.
  if (order.reduceOnly && !spot) body['reduceOnly'] = true;
  return ofOrder(post('place', body), order.clientOrderId, instrument);
}

function ordTypeOf(order: ApprovedOrder): string {
  if (order.limit === null) return 'market';
  switch (order.timeInForce) {
    case 'gtc':
      return 'limit';
    case 'ioc':
      return 'ioc';
    case 'fok':
      return 'fok';
    case 'post-only':
      return 'post_only';
  }
}

function history(name: EndpointName, instType: string, scope: SnapshotScope): HttpRequest {
  return get(name, { instType, begin: String(scope.sinceMs), limit: pageLimit });
}

function bills(name: EndpointName, scope: SnapshotScope): HttpRequest {
  return get(name, { type: '8', begin: String(scope.sinceMs), limit: pageLimit });
}

function typeOf(instrument: Instrument): string {
  if (instrument.kind === 'spot') return 'SPOT';
  return isPerp(instrument.kind) ? 'SWAP' : 'FUTURES';
}

function typesOf(instruments: readonly Instrument[]): readonly string[] {
  return [...new Set(instruments.map(typeOf))];
}

function ofOrder(
  request: HttpRequest,
  clientOrderId: ClientOrderId,
  instrument: Instrument,
): HttpRequest {
  return { ...request, clientOrderId, market: marketOf(instrument.kind) };
}

export function get(name: EndpointName, query: Readonly<Record<string, string>>): HttpRequest {
  const pairs = Object.entries(query).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  return { ...blank(name), query: pairs.join('&') };
}

function post(name: EndpointName, body: Readonly<Record<string, string | boolean>>): HttpRequest {
  const headers = { 'Content-Type': 'application/json' };
  return { ...blank(name), headers, body: JSON.stringify(body) };
}

function blank(name: EndpointName): HttpRequest {
  const { purpose, method, path, bucket, signed } = endpoint(name);
  return {
    purpose,
    host: 'rest',
    method,
    path,
    query: '',
    body: null,
    headers: {},
    auth: signed ? 'signed' : 'none',
    bucket,
    weight: 1,
    market: null,
    clientOrderId: null,
  };
}
