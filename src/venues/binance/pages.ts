// The next page of a listing. A page that is not full was the last. Pages overlap or advance by id,
// never by a count of rows, so that rows which arrive meanwhile are not skipped.
import type { HttpRequest } from '../../domain/venue-spec.ts';
import { paramsOf } from './errors.ts';
import { lastTimeOf } from './funding.ts';
import { isJson, parseJson, textIn } from './read.ts';
import { queryOf } from './requests.ts';

export function nextPage(request: HttpRequest, body: string): HttpRequest | null {
  const rows = parseJson(body);
  const params = new Map(paramsOf(request.query));
  // A request that was signed already is signed anew.
  for (const name of ['recvWindow', 'timestamp', 'signature']) params.delete(name);
  const limit = Number(params.get('limit') ?? Number.NaN);
  if (!Array.isArray(rows) || !(limit > 0) || rows.length < limit) return null;
  switch (request.purpose) {
    // The newest page is all that was asked for where no start was given (a query of one order).
    case 'fills':
      return params.has('startTime') || params.has('fromId')
        ? byId(request, params, 'fromId', idOf(rows, 'id'))
        : null;
    case 'order-history':
      return byId(request, params, 'orderId', idOf(rows, 'orderId'));
    case 'funding-payments': {
      const page = Number(params.get('page') ?? '1') + 1;
      return page > pagesMax ? null : withParams(request, params.set('page', String(page)));
    }
    case 'funding-history': {
      const lastMs = lastTimeOf(rows, 'fundingTime');
      if (lastMs === null || lastMs < Number(params.get('startTime') ?? 0)) return null;
      return withParams(request, params.set('startTime', String(lastMs + 1)));
    }
    default:
      return null;
  }
}

/** A listing of a million rows is not ours. */
const pagesMax = 1_000;

/** By id the venue takes no time: it answers from that id on, inclusive. */
function byId(
  request: HttpRequest,
  params: Map<string, string>,
  key: string,
  lastId: bigint | null,
): HttpRequest | null {
  if (lastId === null) return null;
  const from = params.get(key);
  if (from !== undefined && /^\d+$/.test(from) && BigInt(from) > lastId) return null;
  params.delete('startTime');
  params.delete('endTime');
  return withParams(request, params.set(key, String(lastId + 1n)));
}

function idOf(rows: readonly unknown[], key: string): bigint | null {
  const last = rows.at(-1);
  const text = isJson(last) ? textIn(last[key]) : null;
  return text !== null && /^\d{1,20}$/.test(text) ? BigInt(text) : null;
}

function withParams(request: HttpRequest, params: ReadonlyMap<string, string>): HttpRequest {
  return { ...request, query: queryOf(Object.fromEntries(params)) };
}
