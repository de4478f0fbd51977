// Orders and cancels that leave at once, in as few requests as the venue takes them in; and its
// answer taken apart again, so that each item is judged by itself: success of the whole says
// nothing of an item.
import type { Catalog } from '../domain/instrument.ts';
import type { HttpRequest, OrderBatchSpec, VenueSpec } from '../domain/venue-spec.ts';
import type { Priority } from './rate-limit.ts';
import type { RestReply } from './rest.ts';

export interface Batchable {
  readonly request: HttpRequest;
  readonly priority: Priority;
}

/** Those that may go together, in the order of their first; one of a kind stays alone. */
export function groupsOf<T extends Batchable>(
  items: readonly T[],
  batches: OrderBatchSpec | undefined,
): readonly (readonly T[])[] {
  const groups: T[][] = [];
  const open = new Map<string, T[]>();
  for (const item of items) {
    const group = batches?.groupOf(item.request) ?? null;
    if (group === null) {
      groups.push([item]);
      continue;
    }
    // A cancel never waits behind an entry for having been put into one request with it.
    const key = `${item.priority} ${group.key}`;
    const list = open.get(key);
    if (list !== undefined && list.length < group.max) {
      list.push(item);
      continue;
    }
    const started = [item];
    groups.push(started);
    open.set(key, started);
  }
  return groups;
}

export function joined(
  requests: readonly HttpRequest[],
  batches: OrderBatchSpec | undefined,
): HttpRequest {
  const [first] = requests as readonly [HttpRequest];
  return batches === undefined || requests.length === 1 ? first : batches.join(requests);
}

/** The reply to each request of a joined one, in their order. */
export function repliesOf(
  reply: RestReply,
  requests: readonly HttpRequest[],
  { spec, catalog }: { readonly spec: VenueSpec; readonly catalog: Catalog },
): readonly RestReply[] {
  if (reply.kind !== 'reply' || requests.length === 1) return requests.map(() => reply);
  const { status, body } = reply;
  // One refusal of the whole is the refusal of each.
  const parts = spec.batches?.split(requests, { status, body }) ?? requests.map(() => reply);
  return requests.map((request, i): RestReply => {
    const part = parts[i] ?? null;
    if (part === null) {
      const message = 'the answer to the batch says nothing of this order';
      return { kind: 'unanswered', code: 'reset', message };
    }
    const own = { status: part.status, body: part.body };
    return { ...reply, ...own, events: spec.decodeReply(request, own, catalog) };
  });
}
