// Requests as data: what is asked for, never when. Reads of an account name it in the body: the
// place is held by `accountMark` until `sign` knows whose account it is. Orders leave in the
// venue's units, without trailing zeros, in the order of keys that the venue hashes.
import { assert } from '../../base/assert.ts';
import { type Decimal, formatDecimal, fromNumber, roundToStep } from '../../base/decimal.ts';
import {
  type Instrument,
  isPerp,
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
import { cloidOf } from './cloid.ts';
import { factsOfInfo } from './info.ts';
import type { Packable } from './msgpack.ts';
import { wirePrice } from './tick.ts';

export const restHost = 'rest';
/** Stands for the account's address until it is signed. */
export const accountMark = '{account}';
/** How far behind the price of the decision a market order may trade: the venue has none. */
export const marketSlippageMax = 0.05;

type Field = string | number | boolean;
type Body = Readonly<Record<string, Field | Readonly<Record<string, Field>>>>;

export const requests: VenueSpec['requests'] = {
  serverTime: () => info('exchangeStatus'),
  instruments: () => [
    info('metaAndAssetCtxs', { purpose: 'instruments' }),
    info('spotMetaAndAssetCtxs', { purpose: 'instruments' }),
  ],
  // The contexts have mark and oracle, the predictions the time of the settlement.
  fundingRates: (instruments) =>
    instruments.some(({ kind }) => isPerp(kind))
      ? [info('metaAndAssetCtxs'), info('predictedFundings')]
      : [],
  fundingHistory: (instrument, { fromMs, toMs }) => ({
    ...info('fundingHistory', {
      body: { coin: instrument.symbol, startTime: Math.floor(fromMs), endTime: Math.ceil(toMs) },
    }),
    market: marketOf(instrument.kind),
  }),
  quotes: (instruments) =>
    instruments.map((instrument) => ({
      ...info('l2Book', { body: { coin: instrument.symbol }, purpose: 'quotes' }),
      market: marketOf(instrument.kind),
    })),
  // Every frame of the stream is the whole book.
  depth: () => null,
  feeRates: () => [account('userFees')],
  marginTiers: (instruments) =>
    instruments.some(({ kind }) => isPerp(kind)) ? [info('meta', { purpose: 'margin-tiers' })] : [],
  setup: (instruments, { leverage }) =>
    instruments
      .filter(({ kind }) => isPerp(kind))
      .map((instrument) => setLeverage(instrument, leverage)),
  place,
  cancel: (clientOrderId, instrument) =>
    ofOrder(
      exchange('cancel', {
        type: 'cancelByCloid',
        cancels: [{ asset: assetIdOf(instrument), cloid: cloidOf(clientOrderId) }],
      }),
      clientOrderId,
      instrument,
    ),
  // The second tells what it traded.
  queryOrder: (clientOrderId, instrument) => [
    ofOrder(account('orderStatus', { oid: cloidOf(clientOrderId) }), clientOrderId, instrument),
    ofOrder(account('userFills'), clientOrderId, instrument),
  ],
  openOrders: () => [account('frontendOpenOrders')],
  // The last 2,000 states; it takes no times.
  orderHistory: () => [account('historicalOrders')],
  fills: (scope) => [since('userFillsByTime', scope)],
  balances: () => [
    { ...account('clearinghouseState'), purpose: 'balances' },
    account('spotClearinghouseState'),
  ],
  positions: () => [account('clearinghouseState')],
  fundingPayments: (scope) => [since('userFunding', scope)],
  accountConfig: () => [account('userAbstraction')],
};

function place(order: ApprovedOrder, instrument: Instrument): HttpRequest {
  assert(order.timeInForce !== 'fok', 'Hyperliquid has no fill-or-kill');
  const isMarket = order.limit === null;
  const wire: { readonly [key: string]: Packable } = {
    a: assetIdOf(instrument),
    b: order.side === 'buy',
    p: formatDecimal(limitOf(order, instrument)),
    s: formatDecimal(qtyToVenue(instrument, order.qty)),
    r: order.reduceOnly && instrument.kind !== 'spot',
    t: { limit: { tif: isMarket ? 'Ioc' : timesInForce[order.timeInForce] } },
    c: cloidOf(order.clientOrderId),
  };
  const action: Packable = { type: 'order', orders: [wire], grouping: 'na' };
  return ofOrder(exchange('place', action), order.clientOrderId, instrument);
}

const timesInForce = { gtc: 'Gtc', ioc: 'Ioc', 'post-only': 'Alo' } as const;

/** In the venue's units, never worse than what was approved. */
function limitOf(order: ApprovedOrder, instrument: Instrument): Decimal {
  const { side } = order;
  if (order.limit !== null) return wirePrice(priceToVenue(instrument, order.limit), side);
  const { tickSize } = instrument;
  assert(tickSize !== null, 'a market order without a known tick');
  const factor = side === 'buy' ? 1 + marketSlippageMax : 1 - marketSlippageMax;
  const onTick = roundToStep(
    fromNumber(order.arrivalMid * factor),
    tickSize,
    side === 'buy' ? 'floor' : 'ceil',
  );
  return wirePrice(priceToVenue(instrument, onTick), side);
}

function setLeverage(instrument: Instrument, leverage: number): HttpRequest {
  const allowed = Math.max(1, Math.floor(Math.min(leverage, instrument.leverageMax ?? leverage)));
  return {
    ...exchange('setup', {
      type: 'updateLeverage',
      asset: assetIdOf(instrument),
      isCross: true,
      leverage: allowed,
    }),
    market: marketOf(instrument.kind),
  };
}

function assetIdOf({ id, assetId }: Instrument): number {
  assert(assetId !== undefined, `the asset number of ${id} is not known`);
  return assetId;
}

function since(type: string, scope: SnapshotScope): HttpRequest {
  return account(type, { startTime: Math.max(0, Math.floor(scope.sinceMs)) });
}

function account(type: string, body: Body = {}): HttpRequest {
  return { ...info(type, { body: { user: accountMark, ...body } }), auth: 'key' };
}

export function info(
  type: string,
  extras: { readonly body?: Body; readonly purpose?: RequestPurpose } = {},
): HttpRequest {
  const facts = factsOfInfo(type);
  assert(facts !== null, `info ${type} is not in the table`);
  return {
    ...blank('/info', extras.purpose ?? facts.purpose),
    body: JSON.stringify({ type, ...extras.body }),
    weight: facts.weight,
  };
}

function exchange(purpose: RequestPurpose, action: Packable): HttpRequest {
  return { ...blank('/exchange', purpose), body: JSON.stringify({ action }), auth: 'signed' };
}

function blank(path: string, purpose: RequestPurpose): HttpRequest {
  return {
    purpose,
    host: restHost,
    method: 'POST',
    path,
    query: '',
    body: null,
    headers: { 'Content-Type': 'application/json' },
    auth: 'none',
    bucket: 'weight',
    weight: 1,
    market: null,
    clientOrderId: null,
  };
}

function ofOrder(
  request: HttpRequest,
  clientOrderId: ClientOrderId,
  instrument: Instrument,
): HttpRequest {
  return { ...request, clientOrderId, market: marketOf(instrument.kind) };
}
