// The next page of a listing with times: the answer holds at most a number of rows from the start
// on, oldest first, so a full one goes on at its last row. Rows that come twice have the same id.
import type { HttpRequest } from '../../domain/venue-spec.ts';
import { infoTypeOf } from './info.ts';
import { listOf, parseJson, rowOf, timeAt } from './read.ts';

/** Fewest rows of a full page, by type. */
const fullPage: Readonly<Record<string, number>> = {
  fundingHistory: 500,
  userFunding: 500,
  userFillsByTime: 2_000,
};

export function nextPage(request: HttpRequest, reply: string): HttpRequest | null {
  const type = infoTypeOf(request);
  const full = type === null ? undefined : fullPage[type];
  const body = request.body === null ? null : rowOf(parseJson(request.body));
  const rows = full === undefined ? null : listOf(parseJson(reply));
  if (full === undefined || body === null || rows === null || rows.length < full) return null;
  const times = rows.flatMap((row) => timeAt(rowOf(row) ?? {}, 'time') ?? []);
  const lastMs = times.reduce((last, ms) => Math.max(last, ms), 0);
  const startMs = Number(body['startTime']);
  // A page within one millisecond does not go on: the same would be asked for for ever.
  if (!(lastMs > startMs)) return null;
  return { ...request, body: JSON.stringify({ ...body, startTime: lastMs }) };
}
