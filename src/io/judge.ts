// What an answer of a venue means for an order. Only a clear refusal is `rejected`, only a clear
// acceptance `acked`; whatever may have been carried out stays `unknown` and must be queried.
import { unreachable } from '../base/assert.ts';
import type { Instrument } from '../domain/instrument.ts';
import { isTerminal } from '../domain/order.ts';
import type { ErrorEvent, FillEvent, OrderEvent, VenueEvent } from '../domain/venue-event.ts';
import type { HttpRequest } from '../domain/venue-spec.ts';
import { localError } from './driver-types.ts';
import { errorIn, type RestReply } from './rest.ts';

export interface Outcome<Name extends string> {
  readonly outcome: Name;
  readonly error: ErrorEvent | null;
  readonly events: readonly VenueEvent[];
}

export interface About {
  readonly venue: string;
  readonly instrument: Instrument;
}

/** The venue read the order and refused it for its timestamp: it cannot live. */
export function refusedForClock(reply: RestReply): boolean {
  if (reply.kind !== 'reply') return false;
  const error = errorIn(reply.events);
  return error !== null && error.reaction === 'resync-clock' && error.code !== 'UNKNOWN_OUTCOME';
}

export function judgePlace(
  reply: RestReply,
  request: HttpRequest,
  about: About,
): Outcome<'acked' | 'rejected' | 'unknown'> {
  switch (reply.kind) {
    case 'unsent':
      return { outcome: 'rejected', error: unsentError(reply, request, about), events: [] };
    case 'unanswered':
      return { outcome: 'unknown', error: unansweredError(reply, request, about), events: [] };
    case 'reply': {
      const { events } = reply;
      const error = errorIn(events);
      if (error === null) {
        if (reply.status < 400 && events.some(isAcceptance)) {
          return { outcome: 'acked', error: null, events };
        }
        return { outcome: 'unknown', error: unreadableError(reply, request, about), events };
      }
      return { outcome: leavesOpen(error, reply.status) ? 'unknown' : 'rejected', error, events };
    }
    default:
      return unreachable(reply);
  }
}

export function judgeCancel(
  reply: RestReply,
  request: HttpRequest,
  about: About,
): Outcome<'acked' | 'gone' | 'unknown'> {
  switch (reply.kind) {
    case 'unsent':
      return { outcome: 'unknown', error: unsentError(reply, request, about), events: [] };
    case 'unanswered':
      return { outcome: 'unknown', error: unansweredError(reply, request, about), events: [] };
    case 'reply': {
      const { events } = reply;
      const error = errorIn(events);
      if (error === null) {
        if (reply.status < 400 && events.some(isAcceptance)) {
          return { outcome: 'acked', error: null, events };
        }
        return { outcome: 'unknown', error: unreadableError(reply, request, about), events };
      }
      const gone = error.reaction === 'reconcile' && !leavesOpen(error, reply.status);
      return { outcome: gone ? 'gone' : 'unknown', error, events };
    }
    default:
      return unreachable(reply);
  }
}

export interface QueryReply {
  readonly purpose: HttpRequest['purpose'];
  readonly events: readonly VenueEvent[];
  readonly error: ErrorEvent | null;
}

/** found: some source shows the order. not-found: every source answered and none does. */
export function judgeQuery(
  replies: readonly QueryReply[],
  clientOrderId: string,
): {
  readonly outcome: 'found' | 'not-found' | 'unknown';
  readonly order: OrderEvent | null;
  readonly fills: readonly FillEvent[];
} {
  let order: OrderEvent | null = null;
  const events = replies.flatMap((reply) => reply.events);
  for (const event of events) {
    if (event.kind !== 'order' || event.clientOrderId !== clientOrderId) continue;
    if (order === null || isNewer(event, order)) order = event;
  }
  const venueOrderId = order?.venueOrderId ?? null;
  const fills = events.filter(
    (event): event is FillEvent =>
      event.kind === 'fill' &&
      (event.clientOrderId === clientOrderId ||
        (venueOrderId !== null && event.venueOrderId === venueOrderId)),
  );
  if (order !== null) return { outcome: 'found', order, fills };
  const conclusive =
    replies.length > 0 &&
    fills.length === 0 &&
    replies.every(({ error }) => error === null || isAbsence(error)) &&
    replies.some(({ purpose }) => purpose !== 'fills');
  return { outcome: conclusive ? 'not-found' : 'unknown', order: null, fills };
}

/** Sources may show an order at different moments: an ended one counts, then the later. */
function isNewer(event: OrderEvent, than: OrderEvent): boolean {
  const [ended, thanEnded] = [isTerminal(event.status), isTerminal(than.status)];
  if (ended !== thanEnded) return ended;
  if (event.filledQty !== than.filledQty) return event.filledQty > than.filledQty;
  return (event.venueTsMs ?? 0) > (than.venueTsMs ?? 0);
}

function isAbsence(error: ErrorEvent): boolean {
  return error.code === 'REJECTED' && error.reaction === 'reconcile';
}

function isAcceptance(event: VenueEvent): boolean {
  return event.kind === 'order' || (event.kind === 'control' && event.name === 'ack');
}

/** True when the request may have been carried out all the same. */
function leavesOpen(error: ErrorEvent, status: number): boolean {
  if (error.code === 'UNKNOWN_OUTCOME' || error.reaction === 'query') return true;
  // A success that cannot be read; with a status or a code of refusal it is our payload that is
  // bad.
  if (error.code === 'BAD_PAYLOAD' && status < 300 && error.venueCode.startsWith('http-'))
    return true;
  return status >= 500 && error.code !== 'RATE_LIMITED';
}

function unsentError(
  reply: Extract<RestReply, { kind: 'unsent' }>,
  request: HttpRequest,
  { venue, instrument }: About,
): ErrorEvent {
  const busy = reply.code === 'queue-full' || reply.code === 'deadline';
  return localError(venue, {
    code: reply.code === 'no-key' ? 'AUTH' : busy ? 'RATE_LIMITED' : 'TRANSIENT',
    venueCode: reply.code,
    message: `not sent: ${reply.message}`,
    reaction: reply.code === 'no-key' ? 'stop' : busy ? 'back-off' : 'retry',
    clientOrderId: request.clientOrderId,
    instrument,
  });
}

function unansweredError(
  reply: Extract<RestReply, { kind: 'unanswered' }>,
  request: HttpRequest,
  { venue, instrument }: About,
): ErrorEvent {
  return localError(venue, {
    code: 'UNKNOWN_OUTCOME',
    venueCode: reply.code,
    message: reply.message,
    reaction: 'query',
    clientOrderId: request.clientOrderId,
    instrument,
  });
}

function unreadableError(
  reply: Extract<RestReply, { kind: 'reply' }>,
  request: HttpRequest,
  { venue, instrument }: About,
): ErrorEvent {
  return localError(venue, {
    code: 'UNKNOWN_OUTCOME',
    venueCode: `http-${reply.status}`,
    message: `the reply says neither yes nor no: ${reply.body.slice(0, 80)}`,
    reaction: 'query',
    clientOrderId: request.clientOrderId,
    instrument,
  });
}
