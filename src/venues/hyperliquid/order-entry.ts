// Orders over /ws as posts: `{ method: "post", id, request: { type: "action", payload } }`, the
// payload signed like a body of POST /exchange; there is no login. The answer has the request's
// id and that endpoint's reply, or its failure as a sentence that begins with the HTTP status.
// Source: the documentation's page "Post requests".
import type { OrderEntrySpec, OrderSocketSpec } from '../../domain/venue-spec.ts';
import { parseJson, rowAt, rowOf, textAt, textOfBytes } from './read.ts';
import { sign } from './sign.ts';
import { heartbeat, privateSilenceMsMax, socketPath } from './streams.ts';

const socket: OrderSocketSpec = {
  name: 'orders',
  host: 'private',
  path: socketPath,
  market: null,
  login: null,
  heartbeat,
  silenceMsMax: privateSilenceMsMax,
};

export const orderEntry: OrderEntrySpec = {
  requestIds: 'number',

  sockets: (instruments) => (instruments.length === 0 ? [] : [socket]),

  message(request, { id, credentials, wallMs }) {
    const { purpose, body } = request;
    if ((purpose !== 'place' && purpose !== 'cancel') || body === null) return null;
    const payload = sign(request, credentials, wallMs).body;
    const action = `{"type":"action","payload":${payload}}`;
    return { socket: socket.name, text: `{"method":"post","id":${id},"request":${action}}` };
  },

  /** `{ channel: "post", data: { id, response: { type: action | error, payload } } }`. */
  answer(bytes) {
    const frame = rowOf(parseJson(textOfBytes(bytes)));
    if (frame === null || textAt(frame, 'channel') !== 'post') return null;
    const data = rowAt(frame, 'data');
    const id = textAt(data, 'id');
    if (id === null || id === '') return null;
    const response = rowAt(data, 'response');
    const type = textAt(response, 'type');
    if (type === 'action') {
      const body = JSON.stringify(rowAt(response, 'payload'));
      return { id, status: 200, body, headers: {} };
    }
    // Without a status, or of another type, nothing is known of the order.
    const body = type === 'error' ? (textAt(response, 'payload') ?? '') : '';
    const status = /^[45]\d\d\b/.exec(body)?.[0];
    return { id, status: status === undefined ? noStatus : Number(status), body, headers: {} };
  },
};

/** Below 400 and without JSON: the outcome of an action is open. */
const noStatus = 200;
