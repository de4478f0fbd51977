// Several orders, or several cancels, in one action: one signature, one nonce, and a status for
// each in the order of the items. Source: the documentation's pages "Exchange endpoint" and "Error
// responses": what fails before any item is looked at has a single error for all.
import type { HttpRequest, OrderBatchSpec } from '../../domain/venue-spec.ts';
import { listOf, parseJson, type Row, rowAt, rowOf, textAt } from './read.ts';

/** Up to here an action weighs 1, like a single order: 1 + items / 40. */
const itemsMax = 39;

const lists: Readonly<Record<string, string>> = { order: 'orders', cancelByCloid: 'cancels' };

export const batches: OrderBatchSpec = {
  groupOf(request) {
    const type = textAt(actionOf(request), 'type') ?? '';
    return Object.hasOwn(lists, type) ? { key: type, max: itemsMax } : null;
  },

  /** The keys keep their places: their order is signed. */
  join(requests) {
    const [first] = requests as readonly [HttpRequest];
    const action = actionOf(first);
    const list = lists[textAt(action, 'type') ?? ''] ?? '';
    const items = requests.flatMap((request) => listOf(actionOf(request)[list]) ?? []);
    const body = JSON.stringify({ action: { ...action, [list]: items } });
    return { ...first, body, clientOrderId: null };
  },

  split(requests, { status, body }) {
    const frame = rowOf(parseJson(body));
    if (status >= 400 || frame === null || textAt(frame, 'status') !== 'ok') return null;
    const response = rowAt(frame, 'response');
    const statuses = listOf(rowAt(response, 'data')['statuses']) ?? [];
    if (statuses.length !== requests.length) {
      const [only] = statuses;
      const isOfAll = statuses.length === 1 && rowOf(only)?.['error'] !== undefined;
      return isOfAll ? null : requests.map(() => null);
    }
    return statuses.map((item) => {
      const single = { ...response, data: { statuses: [item] } };
      return { status, body: JSON.stringify({ status: 'ok', response: single }) };
    });
  },
};

function actionOf({ path, body }: HttpRequest): Row {
  const frame = path === '/exchange' && body !== null ? rowOf(parseJson(body)) : null;
  return frame === null ? {} : rowAt(frame, 'action');
}
