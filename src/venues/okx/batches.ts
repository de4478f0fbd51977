// Up to 20 orders or cancels in one request, of any instruments. The top code may be 0, 1 or 2;
// every item of `data` says its own `sCode`.
import type { HttpRequest, OrderBatchSpec } from '../../domain/venue-spec.ts';
import { type EndpointName, endpoint } from './paths.ts';
import { listOf, parseJson, rowOf, textField } from './wire.ts';

const itemsMax = 20;

const batchOf: ReadonlyMap<string, EndpointName> = new Map([
  [endpoint('place').path, 'batchPlace'],
  [endpoint('cancel').path, 'batchCancel'],
]);

export const batches: OrderBatchSpec = {
  groupOf({ path, method }) {
    const name = method === 'POST' ? batchOf.get(path) : undefined;
    return name === undefined ? null : { key: name, max: itemsMax };
  },

  join(requests) {
    const [first] = requests as readonly [HttpRequest];
    const { path, bucket } = endpoint(batchOf.get(first.path) ?? 'batchPlace');
    const body = `[${requests.map((request) => request.body ?? '{}').join(',')}]`;
    const weight = requests.length;
    return { ...first, path, bucket, body, weight, market: null, clientOrderId: null };
  },

  split(requests, { body }) {
    const frame = rowOf(parseJson(body));
    const items = (frame === null ? null : listOf(frame['data'])) ?? [];
    if (items.length === 0) return null;
    return requests.map((request, i) => {
      const item = rowOf(items[i]);
      if (item === null) return null;
      const id = textField(item, 'clOrdId');
      if (id !== null && id !== request.clientOrderId) return null;
      const code = textField(item, 'sCode') === '0' ? '0' : '1';
      return { status: 200, body: JSON.stringify({ code, msg: '', data: [item] }) };
    });
  },
};
