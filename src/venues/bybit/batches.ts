// Several orders of one category in one request. The answer has two parallel lists: ids in
// `result.list`, each item's code in `retExtInfo.list`, under a top code of success.
import type { HttpRequest, OrderBatchSpec } from '../../domain/venue-spec.ts';
import { listAt, parseJson, rowAt, rowOf, textAt } from './read.ts';

/** The venue takes 20 (spot 10), but every item counts in a limit of 10 a second. */
const itemsMax = 10;

const paths: Readonly<Record<string, string>> = {
  '/v5/order/create': '/v5/order/create-batch',
  '/v5/order/cancel': '/v5/order/cancel-batch',
};

export const batches: OrderBatchSpec = {
  groupOf({ path, market }) {
    const batch = Object.hasOwn(paths, path) ? paths[path] : undefined;
    return batch === undefined ? null : { key: `${batch} ${market}`, max: itemsMax };
  },

  join(requests) {
    const [first] = requests as readonly [HttpRequest];
    const items = requests.map(({ body }) => {
      const { category: _one, ...item } = rowOf(parseJson(body ?? '{}')) ?? {};
      return item;
    });
    return {
      ...first,
      path: paths[first.path] ?? first.path,
      body: JSON.stringify({ category: first.market, request: items }),
      weight: requests.length,
      clientOrderId: null,
    };
  },

  split(requests, { body }) {
    const frame = rowOf(parseJson(body));
    const codes = frame === null ? [] : listAt(rowAt(frame, 'retExtInfo'), 'list');
    const ids = frame === null ? [] : listAt(rowAt(frame, 'result'), 'list');
    if (frame === null || codes.length === 0) return null;
    return requests.map((request, i) => {
      const verdict = rowOf(codes[i]);
      const item = rowOf(ids[i]) ?? {};
      const code = verdict === null ? null : textAt(verdict, 'code');
      const id = textAt(item, 'orderLinkId');
      if (verdict === null || code === null) return null;
      if (id !== null && id !== request.clientOrderId) return null;
      const { msg } = verdict;
      const single = { retCode: Number(code), retMsg: msg, result: item, retExtInfo: {} };
      return { status: 200, body: JSON.stringify(single) };
    });
  },
};
