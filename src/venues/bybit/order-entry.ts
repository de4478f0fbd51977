// Orders over /v5/trade: the bodies of REST in `args`, time and window in `header`, after a login.
// The answer has REST's codes, the ids in `data` and the rate limit in `header`. Demo has no such
// socket.
import type { OrderEntrySpec, OrderSocketSpec } from '../../domain/venue-spec.ts';
import { parseJson, type Row, rowAt, rowOf, textAt, textOfBytes } from './read.ts';
import { loginMessage, recvWindowMs } from './sign.ts';

const socket: OrderSocketSpec = {
  name: 'orders',
  host: 'trade',
  path: '/v5/trade',
  market: null,
  login: loginMessage,
  heartbeat: { text: '{"op":"ping"}', everyMs: 20_000 },
  silenceMsMax: 45_000,
};

const window = String(recvWindowMs);

const operations: Readonly<Record<string, string>> = {
  'POST /v5/order/create': 'order.create',
  'POST /v5/order/cancel': 'order.cancel',
  'POST /v5/order/create-batch': 'order.create-batch',
  'POST /v5/order/cancel-batch': 'order.cancel-batch',
};

export const orderEntry: OrderEntrySpec = {
  sockets: (instruments) => (instruments.length === 0 ? [] : [socket]),

  message(request, { id, wallMs }) {
    const op = operations[`${request.method} ${request.path}`];
    if (op === undefined || request.body === null) return null;
    const header = `{"X-BAPI-TIMESTAMP":"${Math.floor(wallMs)}","X-BAPI-RECV-WINDOW":"${window}"}`;
    // The body is JSON already: it goes in as it is.
    const text = `{"reqId":"${id}","header":${header},"op":"${op}","args":[${request.body}]}`;
    return { socket: socket.name, text };
  },

  /** `{ reqId, retCode, retMsg, op, data, retExtInfo, header }`. */
  answer(bytes) {
    const frame = rowOf(parseJson(textOfBytes(bytes)));
    const id = frame === null ? null : textAt(frame, 'reqId');
    if (frame === null || id === null || textAt(frame, 'retCode') === null) return null;
    const { retCode, retMsg, data = {}, retExtInfo = {} } = frame;
    const body = JSON.stringify({ retCode, retMsg, result: data, retExtInfo });
    return { id, status: 200, body, headers: headersOf(rowAt(frame, 'header')) };
  },
};

function headersOf(header: Row): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const name of Object.keys(header)) {
    const value = textAt(header, name);
    if (value !== null) headers[name.toLowerCase()] = value;
  }
  return headers;
}
