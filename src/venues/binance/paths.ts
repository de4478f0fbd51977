// What a path is for. The path alone decides how a reply is decoded, so that a recorded payload
// with "GET /path" is enough.
import type { HttpRequest, RequestPurpose } from '../../domain/venue-spec.ts';

export type Path = `${HttpRequest['method']} ${string}`;

const purposes: Readonly<Record<string, RequestPurpose>> = {
  'GET /api/v3/time': 'server-time',
  'GET /fapi/v1/time': 'server-time',
  'GET /api/v3/exchangeInfo': 'instruments',
  'GET /fapi/v1/exchangeInfo': 'instruments',
  'GET /fapi/v1/premiumIndex': 'funding-rates',
  'GET /fapi/v1/fundingInfo': 'funding-rates',
  'GET /fapi/v1/fundingRate': 'funding-history',
  'GET /api/v3/ticker/bookTicker': 'quotes',
  'GET /fapi/v1/ticker/bookTicker': 'quotes',
  'GET /fapi/v2/ticker/bookTicker': 'quotes',
  'GET /api/v3/depth': 'depth',
  'GET /fapi/v1/depth': 'depth',
  'GET /api/v3/account/commission': 'fee-rates',
  'GET /fapi/v1/commissionRate': 'fee-rates',
  'POST /fapi/v1/positionSide/dual': 'setup',
  'POST /fapi/v1/marginType': 'setup',
  'POST /fapi/v1/leverage': 'setup',
  'POST /fapi/v1/countdownCancelAll': 'setup',
  'POST /api/v3/order': 'place',
  'POST /fapi/v1/order': 'place',
  'POST /fapi/v1/batchOrders': 'place',
  'DELETE /api/v3/order': 'cancel',
  'DELETE /fapi/v1/order': 'cancel',
  'DELETE /api/v3/openOrders': 'cancel',
  'DELETE /fapi/v1/allOpenOrders': 'cancel',
  'DELETE /fapi/v1/batchOrders': 'cancel',
  'GET /api/v3/order': 'query-order',
  'GET /fapi/v1/order': 'query-order',
  'GET /fapi/v1/openOrder': 'query-order',
  'GET /api/v3/openOrders': 'open-orders',
  'GET /fapi/v1/openOrders': 'open-orders',
  'GET /api/v3/allOrders': 'order-history',
  'GET /fapi/v1/allOrders': 'order-history',
  'GET /api/v3/myTrades': 'fills',
  'GET /fapi/v1/userTrades': 'fills',
  'GET /api/v3/account': 'balances',
  'GET /fapi/v2/balance': 'balances',
  'GET /fapi/v3/balance': 'balances',
  'GET /fapi/v2/account': 'balances',
  'GET /fapi/v3/account': 'balances',
  'GET /fapi/v2/positionRisk': 'positions',
  'GET /fapi/v3/positionRisk': 'positions',
  'GET /fapi/v1/income': 'funding-payments',
  'POST /fapi/v1/listenKey': 'listen-key',
  'PUT /fapi/v1/listenKey': 'listen-key',
  'DELETE /fapi/v1/listenKey': 'listen-key',
  'GET /fapi/v1/accountConfig': 'account-config',
  'GET /fapi/v1/positionSide/dual': 'account-config',
  'GET /fapi/v1/symbolConfig': 'account-config',
  'GET /sapi/v1/account/apiRestrictions': 'account-config',
};

export const knownPaths: readonly string[] = Object.keys(purposes);

/** What the request is for, or null for a path that this adapter does not read. */
export function purposeOfPath(method: string, path: string): RequestPurpose | null {
  const bare = path.split('?')[0] as string;
  return purposes[`${method.toUpperCase()} ${bare}`] ?? null;
}
