// The next page of a listing. Cursors go on inside one window of time; when a window of a history
// is exhausted, the next one follows until it reaches the venue's own time in the reply. No clock
// is read.
import type { HttpRequest } from '../../domain/venue-spec.ts';
import { listAt, parseJson, type Row, rowAt, rowOf, textAt, timeAt } from './read.ts';
import { fundingHistoryPage, historyWindowMs } from './requests.ts';

export function nextPage(request: HttpRequest, body: string): HttpRequest | null {
  const frame = rowOf(parseJson(body));
  if (frame === null || textAt(frame, 'retCode') !== '0') return null;
  const params = paramsOf(request.query);
  const result = rowAt(frame, 'result');
  if (request.purpose === 'funding-history') return olderRates(request, params, result);
  return byCursor(request, params, result) ?? nextWindow(request, params, frame);
}

/** The last page may still name a cursor; the page after it is empty. */
function byCursor(
  request: HttpRequest,
  params: ReadonlyMap<string, string>,
  result: Row,
): HttpRequest | null {
  const cursor = textAt(result, 'nextPageCursor');
  if (cursor === null || listAt(result, 'list').length === 0) return null;
  // Cursors come percent-encoded already; encoding them again would ask for another.
  const text = /^[\w.~%*-]+$/.test(cursor) ? cursor : encodeURIComponent(cursor);
  if (params.get('cursor') === text) return null;
  return withParams(request, new Map([...params, ['cursor', text]]));
}

function nextWindow(
  request: HttpRequest,
  params: ReadonlyMap<string, string>,
  frame: Row,
): HttpRequest | null {
  const endTime = timeOf(params.get('endTime'));
  const nowMs = timeAt(frame, 'time');
  if (endTime === null || nowMs === null || nowMs <= endTime) return null;
  const next = new Map(params);
  next.delete('cursor');
  next.set('startTime', String(endTime));
  next.set('endTime', String(endTime + historyWindowMs));
  return withParams(request, next);
}

/** Newest first and without a cursor: a full page goes on before its oldest. */
function olderRates(
  request: HttpRequest,
  params: ReadonlyMap<string, string>,
  result: Row,
): HttpRequest | null {
  const times = listAt(result, 'list').flatMap((entry) => {
    const row = rowOf(entry);
    return (row === null ? null : timeAt(row, 'fundingRateTimestamp')) ?? [];
  });
  if (times.length < fundingHistoryPage) return null;
  const startTime = timeOf(params.get('startTime'));
  const endTime = Math.min(...times) - 1;
  const before = timeOf(params.get('endTime'));
  if (startTime === null || endTime < startTime) return null;
  if (before !== null && endTime >= before) return null;
  return withParams(request, new Map([...params, ['endTime', String(endTime)]]));
}

/** Values stay percent-encoded. */
export function paramsOf(query: string): Map<string, string> {
  const params = new Map<string, string>();
  for (const pair of query.split('&')) {
    const at = pair.indexOf('=');
    if (at > 0) params.set(pair.slice(0, at), pair.slice(at + 1));
  }
  return params;
}

function withParams(request: HttpRequest, params: ReadonlyMap<string, string>): HttpRequest {
  return { ...request, query: [...params].map(([key, value]) => `${key}=${value}`).join('&') };
}

function timeOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
