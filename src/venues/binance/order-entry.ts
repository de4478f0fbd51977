// Orders over the WebSocket APIs: /ws-api/v3 for spot, /ws-fapi/v1 for USD-M, /ws-dapi/v1 for
// COIN-M. The parameters are those of REST, each message is signed by itself (`session.logon` takes
// Ed25519 keys only), and the answer carries the same objects and codes.
import { minuteMs, secondMs } from '../../base/time.ts';
import { marketOf } from '../../domain/instrument.ts';
import type { OrderEntrySpec, OrderSocketSpec } from '../../domain/venue-spec.ts';
import { hosts } from './endpoints.ts';
import { paramsOf } from './errors.ts';
import { pingId } from './frames.ts';
import { isJson, type Json, listOf, numberIn, parseJson, textIn, textOfBytes } from './read.ts';
import { signedMessage } from './sign.ts';

const spotSocket: OrderSocketSpec = {
  name: 'spot-orders',
  host: hosts.spotApi,
  path: '/ws-api/v3',
  market: 'spot',
  login: null,
  heartbeat: { text: JSON.stringify({ id: pingId, method: 'ping' }), everyMs: 20 * secondMs },
  silenceMsMax: 70 * secondMs,
};

/** Its server pings every 3 minutes, and it lists no method `ping`. */
const usdmSocket: OrderSocketSpec = {
  name: 'usdm-orders',
  host: hosts.usdmApi,
  path: '/ws-fapi/v1',
  market: 'linear',
  login: null,
  heartbeat: null,
  silenceMsMax: 10 * minuteMs,
};

const coinmSocket: OrderSocketSpec = {
  ...usdmSocket,
  name: 'coinm-orders',
  host: hosts.coinmApi,
  path: '/ws-dapi/v1',
  market: 'inverse',
};
const all = [spotSocket, usdmSocket, coinmSocket];

const methods: Readonly<Record<string, readonly [socket: string, method: string]>> = {
  'POST /api/v3/order': [spotSocket.name, 'order.place'],
  'DELETE /api/v3/order': [spotSocket.name, 'order.cancel'],
  'GET /api/v3/order': [spotSocket.name, 'order.status'],
  'POST /fapi/v1/order': [usdmSocket.name, 'order.place'],
  'DELETE /fapi/v1/order': [usdmSocket.name, 'order.cancel'],
  'GET /fapi/v1/order': [usdmSocket.name, 'order.status'],
  'POST /dapi/v1/order': [coinmSocket.name, 'order.place'],
  'DELETE /dapi/v1/order': [coinmSocket.name, 'order.cancel'],
  'GET /dapi/v1/order': [coinmSocket.name, 'order.status'],
};

export const orderEntry: OrderEntrySpec = {
  sockets: (instruments) =>
    all.filter(({ market }) => instruments.some(({ kind }) => marketOf(kind) === market)),

  message(request, { id, credentials, wallMs }) {
    const call = methods[`${request.method} ${request.path}`];
    if (call === undefined) return null;
    const [socket, method] = call;
    const params = Object.fromEntries(paramsOf(request.query));
    return { socket, text: signedMessage({ id, method, params }, credentials, wallMs) };
  },

  /** `{ id, status, result | error: { code, msg, data }, rateLimits }`. */
  answer(bytes, socket) {
    const frame = parseJson(textOfBytes(bytes));
    if (!isJson(frame)) return null;
    const id = textIn(frame['id']);
    const status = numberIn(frame['status']);
    if (id === null || id === pingId || status === null) return null;
    const error = isJson(frame['error']) ? frame['error'] : null;
    const body = error ?? frame['result'] ?? {};
    return { id, status, body: JSON.stringify(body), headers: headersOf(frame, error, socket) };
  },
};

/** The limits as REST tells them in headers. */
function headersOf(
  frame: Json,
  error: Json | null,
  socket: string,
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const entry of listOf(frame['rateLimits'])) {
    if (!isJson(entry)) continue;
    const count = textIn(entry['count']);
    const unit = textIn(entry['interval'])?.[0]?.toLowerCase();
    const span = `${textIn(entry['intervalNum'])}${unit}`;
    if (count === null) continue;
    if (entry['rateLimitType'] === 'ORDERS') headers[`x-mbx-order-count-${span}`] = count;
    if (entry['rateLimitType'] === 'REQUEST_WEIGHT') headers[`x-mbx-used-weight-${span}`] = count;
  }
  // Only spot's REST sends the header without a span: it tells the two markets apart.
  if (socket === spotSocket.name) {
    headers['x-mbx-used-weight'] = headers['x-mbx-used-weight-1m'] ?? '';
  }
  const told = error !== null && isJson(error['data']) ? error['data'] : {};
  const serverMs = numberIn(told['serverTime']);
  const retryMs = numberIn(told['retryAfter']);
  if (serverMs !== null && retryMs !== null) {
    headers['retry-after'] = String(Math.max(0, Math.ceil((retryMs - serverMs) / secondMs)));
  }
  return headers;
}
