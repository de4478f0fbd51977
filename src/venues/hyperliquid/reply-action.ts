// Replies of the exchange endpoint: `{ status: "ok", response: { type, data: { statuses } } }` with
// one status per item, or `{ status: "err", response: sentence }` for the whole. A reply that says
// neither leaves the outcome open.
import type { VenueEvent } from '../../domain/venue-event.ts';
import { errorEvent, readSentence } from './errors.ts';
import { control } from './events.ts';
import { idAt, listOf, type Row, rowAt, rowOf, textAt, textOf } from './read.ts';

export interface AboutAction {
  readonly symbol: string | null;
  readonly clientOrderId: string | null;
}

export function decodeActionReply(frame: Row, about: AboutAction): readonly VenueEvent[] {
  const status = textAt(frame, 'status');
  if (status === 'err') return [refusal(textAt(frame, 'response') ?? '', about)];
  const response = rowAt(frame, 'response');
  const type = textAt(response, 'type');
  if (status !== 'ok' || type === null) return [open('the reply says neither ok nor err', about)];
  const statuses = listOf(rowAt(response, 'data')['statuses']);
  if (statuses === null) {
    return type === 'order' || type.startsWith('cancel')
      ? [open(`${type}: no statuses`, about)]
      : [control('ack', null)];
  }
  if (statuses.length === 0) return [open(`${type}: no statuses`, about)];
  return statuses.map((item) => decodeStatus(item, about));
}

/** What was filled at once is told by the streams; here it is accepted, like what rests. */
function decodeStatus(item: unknown, about: AboutAction): VenueEvent {
  const text = textOf(item);
  if (text === 'success' || text === 'waitingForFill' || text === 'waitingForTrigger') {
    return control('ack', null);
  }
  const row = rowOf(item) ?? {};
  const error = textAt(row, 'error');
  if (error !== null) return refusal(error, about);
  const order = rowOf(row['resting']) ?? rowOf(row['filled']);
  return order === null
    ? open('a status of no known form', about)
    : control('ack', idAt(order, 'oid'));
}

function refusal(message: string, about: AboutAction): VenueEvent {
  return errorEvent({ reading: readSentence(message), message, ...about });
}

function open(message: string, about: AboutAction): VenueEvent {
  const reading = { name: 'no-status', code: 'UNKNOWN_OUTCOME', reaction: 'query' } as const;
  return errorEvent({ reading, message, ...about });
}
