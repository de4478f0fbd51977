// Several orders in one request: futures only, 5 to place, 10 to cancel of one symbol. The answer
// is a list in the order of the request, with `{ code, msg }` in place of an entry that failed.
import type { HttpRequest, OrderBatchSpec } from '../../domain/venue-spec.ts';
import { paramsOf } from './errors.ts';
import { isJson, parseJson } from './read.ts';
import { queryOf } from './requests.ts';

const paths: Readonly<Record<string, string>> = {
  '/fapi/v1/order': '/fapi/v1/batchOrders',
  '/dapi/v1/order': '/dapi/v1/batchOrders',
};
const placeMax = 5;
const cancelMax = 10;
/** A batch of any size counts five in the orders of 10 s. */
const placeWeight = 5;

export const batches: OrderBatchSpec = {
  groupOf(request) {
    const path = paths[request.path];
    if (path === undefined) return null;
    if (request.purpose === 'place') return { key: `place ${path}`, max: placeMax };
    if (request.purpose !== 'cancel') return null;
    return { key: `cancel ${path} ${paramOf(request, 'symbol')}`, max: cancelMax };
  },

  join(requests) {
    const [first] = requests as readonly [HttpRequest];
    const common = { ...first, path: paths[first.path] ?? first.path, clientOrderId: null };
    if (first.purpose === 'place') {
      const orders = requests.map(({ query }) => Object.fromEntries(paramsOf(query)));
      const query = queryOf({ batchOrders: JSON.stringify(orders) });
      return { ...common, query, weight: placeWeight };
    }
    const ids = requests.map((request) => paramOf(request, 'origClientOrderId'));
    const symbol = paramOf(first, 'symbol');
    return { ...common, query: queryOf({ symbol, origClientOrderIdList: JSON.stringify(ids) }) };
  },

  split(requests, { body }) {
    const list = parseJson(body);
    if (!Array.isArray(list)) return null;
    return requests.map((_request, i) => {
      const entry: unknown = list[i];
      if (!isJson(entry)) return null;
      const refused = entry['orderId'] === undefined && entry['code'] !== undefined;
      return { status: refused ? 400 : 200, body: JSON.stringify(entry) };
    });
  },
};

function paramOf(request: HttpRequest, name: string): string {
  return new Map(paramsOf(request.query)).get(name) ?? '';
}
