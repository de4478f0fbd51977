// Orders over the private WebSocket, after a login: `{ id, op, args }` with the bodies of REST, but
// for the instrument, which they name by the listing's `instIdCode` instead of `instId` (since
// 2026-03). An instrument without that code goes over REST. The answer is REST's, with the id.
import type { Catalog } from '../../domain/instrument.ts';
import type { OrderEntrySpec, OrderSocketSpec } from '../../domain/venue-spec.ts';
import { listingOf } from './names.ts';
import { endpoint } from './paths.ts';
import { loginMessage, orderValidityMs } from './sign.ts';
import { listOf, parseJson, type Row, rowOf, textField, textOfBytes } from './wire.ts';

const socket: OrderSocketSpec = {
  name: 'orders',
  host: 'trade',
  path: '/ws/v5/private',
  market: null,
  login: loginMessage,
  heartbeat: { text: 'ping', everyMs: 15_000 },
  silenceMsMax: 30_000,
};

const operations: ReadonlyMap<string, string> = new Map([
  [endpoint('place').path, 'order'],
  [endpoint('cancel').path, 'cancel-order'],
  [endpoint('batchPlace').path, 'batch-orders'],
  [endpoint('batchCancel').path, 'batch-cancel-orders'],
]);

export const orderEntry: OrderEntrySpec = {
  sockets: (instruments) => (instruments.length === 0 ? [] : [socket]),

  message(request, { id, wallMs, catalog }) {
    const op = request.method === 'POST' ? operations.get(request.path) : undefined;
    if (op === undefined || request.body === null) return null;
    const plain = orderText(request.body, catalog);
    if (plain !== null) {
      const validTo = Math.round(wallMs) + orderValidityMs;
      const until = request.purpose === 'place' ? `"expTime":"${validTo}",` : '';
      return { socket: socket.name, text: `{"id":"${id}","op":"${op}",${until}"args":[${plain}]}` };
    }
    const parsed: unknown = JSON.parse(request.body);
    const args: Row[] = [];
    for (const entry of listOf(parsed) ?? [parsed]) {
      const arg = withCode(rowOf(entry) ?? {}, catalog);
      if (arg === null) return null;
      args.push(arg);
    }
    const expires =
      request.purpose === 'place' ? { expTime: String(Math.round(wallMs) + orderValidityMs) } : {};
    return { socket: socket.name, text: JSON.stringify({ id, op, ...expires, args }) };
  },

  /** `{ id, op, code, msg, data }`, or `{ id, event: "error", code, msg }`. */
  answer(bytes) {
    const frame = rowOf(parseJson(textOfBytes(bytes)));
    const id = frame === null ? null : textField(frame, 'id');
    if (frame === null || id === null) return null;
    if (textField(frame, 'op') === null && textField(frame, 'event') !== 'error') return null;
    const { code, msg = '', data = [] } = frame;
    return { id, status: 200, body: JSON.stringify({ code, msg, data }), headers: {} };
  },
};

const head = '{"instId":"';

/**
 * One order that begins with a name without escapes, with the code put in its place: the bytes that
 * reading and writing it anew would give. Null: it has to be read.
 */
function orderText(body: string, catalog: Catalog): string | null {
  if (!body.startsWith(head)) return null;
  const end = body.indexOf('"', head.length);
  const name = body.slice(head.length, end);
  if (body[end + 1] !== ',' || name.includes('\\')) return null;
  const code = listingOf(catalog, name)?.assetId;
  return code === undefined ? null : `{"instIdCode":${code}${body.slice(end + 1)}`;
}

/** Null: the listing gave no code that a JSON number carries exactly. */
function withCode(order: Row, catalog: Catalog): Row | null {
  const { instId, ...rest } = order;
  const code = typeof instId === 'string' ? listingOf(catalog, instId)?.assetId : undefined;
  return code === undefined ? null : { instIdCode: code, ...rest };
}
