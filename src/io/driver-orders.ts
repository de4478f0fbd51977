// Orders of one venue: place, cancel, query. Each effect is answered by exactly one result event. A
// placement is sent at most once, but for the one case in which the venue says that it refused it for
// its timestamp; what cannot be known to have failed is `unknown`, never `rejected`.
import { assert, unreachable } from '../base/assert.ts';
import type { CancelOrder, PlaceOrder, QueryOrder } from '../domain/event.ts';
import type { Instrument } from '../domain/instrument.ts';
import { isTerminal, type OrderPurpose } from '../domain/order.ts';
import type { ErrorEvent, FillEvent, OrderEvent, VenueEvent } from '../domain/venue-event.ts';
import type { HttpRequest } from '../domain/venue-spec.ts';
import { type DriverContext, localError } from './driver-types.ts';
import type { Priority } from './rate-limit.ts';
import { errorIn, type RestReply, type Turn } from './rest.ts';

const priorityOf: Readonly<Record<OrderPurpose, Priority>> = {
  entry: 'entry',
  exit: 'exit',
  hedge: 'urgent',
  unwind: 'urgent',
  flatten: 'urgent',
};

export class Orders {
  private readonly context: DriverContext;
  private readonly reloadInstruments: () => void;
  private underWay = 0;
  private idleWaiters: (() => void)[] = [];

  constructor(context: DriverContext, reloadInstruments: () => void) {
    this.context = context;
    this.reloadInstruments = reloadInstruments;
  }

  place(effect: PlaceOrder): void {
    const { order } = effect;
    const { clientOrderId } = order;
    const { venue, spec, clock, limits, metrics } = this.context;
    const startedMs = clock.wallMs();
    const answer = (outcome: Outcome<'acked' | 'rejected' | 'unknown'>): void => {
      metrics.count('place', outcome.outcome);
      metrics.latency('place', clock.wallMs() - startedMs);
      const { error } = outcome;
      if (error !== null) this.react(error);
      this.context.emit({
        kind: 'place-result',
        venue,
        clientOrderId,
        outcome: outcome.outcome,
        error,
      });
      this.emitAll(outcome.events);
      this.finished();
    };
    this.underWay++;
    const instrument = this.context.catalog.byId(order.instrument);
    if (instrument === undefined) {
      answer({
        outcome: 'rejected',
        error: this.unlisted(order.instrument, clientOrderId),
        events: [],
      });
      return;
    }
    const urgent = priorityOf[order.purpose] === 'urgent';
    const turn: Turn = {
      priority: priorityOf[order.purpose],
      lane: 'order',
      timeoutMs: limits.placeTimeoutMs,
      queueMsMax: urgent ? limits.urgentQueueMsMax : limits.placeQueueMsMax,
    };
    const request = spec.requests.place(order, instrument);
    this.sendAgainAfterClock(request, turn, (reply) => {
      answer(judgePlace(reply, request, { venue, instrument }));
    });
  }

  cancel(effect: CancelOrder): void {
    const { clientOrderId } = effect;
    const { venue, spec, clock, limits, metrics } = this.context;
    const startedMs = clock.wallMs();
    const answer = (outcome: Outcome<'acked' | 'gone' | 'unknown'>): void => {
      metrics.count('cancel', outcome.outcome);
      metrics.latency('cancel', clock.wallMs() - startedMs);
      const { error } = outcome;
      if (error !== null) this.react(error);
      this.context.emit({
        kind: 'cancel-result',
        venue,
        clientOrderId,
        outcome: outcome.outcome,
        error,
      });
      this.emitAll(outcome.events);
      this.finished();
    };
    this.underWay++;
    const instrument = this.context.catalog.byId(effect.instrument);
    if (instrument === undefined) {
      const error = this.unlisted(effect.instrument, clientOrderId);
      answer({ outcome: 'unknown', error, events: [] });
      return;
    }
    const turn: Turn = {
      priority: 'urgent',
      lane: 'order',
      timeoutMs: limits.cancelTimeoutMs,
      queueMsMax: limits.urgentQueueMsMax,
    };
    const request = spec.requests.cancel(clientOrderId, instrument);
    this.sendAgainAfterClock(request, turn, (reply) => {
      answer(judgeCancel(reply, request, { venue, instrument }));
    });
  }

  query(effect: QueryOrder): void {
    this.underWay++;
    void this.answerQuery(effect).then(() => this.finished());
  }

  /** Resolves when every effect is answered, at the latest after `withinMs`. */
  async idle(withinMs: number): Promise<void> {
    if (this.underWay === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.idleWaiters.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private async answerQuery(effect: QueryOrder): Promise<void> {
    const { venue, spec, clock, limits, metrics, rest, catalog } = this.context;
    const { clientOrderId } = effect;
    const startedMs = clock.wallMs();
    const instrument = catalog.byId(effect.instrument);
    const replies: QueryReply[] = [];
    for (const request of instrument === undefined
      ? []
      : spec.requests.queryOrder(clientOrderId, instrument)) {
      const result = await rest.read(request, startedMs + limits.queryTimeoutMs);
      const events = result.ok ? result.events : [];
      replies.push({ purpose: request.purpose, events, error: result.ok ? null : result.error });
    }
    const answer = judgeQuery(replies, clientOrderId);
    metrics.count('query', answer.outcome);
    metrics.latency('query', clock.wallMs() - startedMs);
    this.context.emit({ kind: 'query-result', venue, clientOrderId, ...answer });
  }

  /** One attempt, and a second one only when the first was refused for its timestamp. */
  private sendAgainAfterClock(
    request: HttpRequest,
    turn: Turn,
    done: (reply: RestReply) => void,
  ): void {
    const { rest } = this.context;
    rest.once(request, turn, (first) => {
      if (!refusedForClock(first)) {
        done(first);
        return;
      }
      void rest.syncClock().then((synced) => {
        if (synced) rest.once(request, turn, done);
        else done(first);
      });
    });
  }

  private emitAll(events: readonly VenueEvent[]): void {
    for (const event of events) {
      if (event.kind === 'order' || event.kind === 'fill') this.context.emit(event);
    }
  }

  private react(error: ErrorEvent): void {
    const { venue, log } = this.context;
    const { code, venueCode, message, clientOrderId } = error;
    const fields = { venue, code, venueCode, reaction: error.reaction, clientOrderId };
    if (code === 'AUTH') log.error(fields, message);
    else log.warn(fields, message);
    if (error.reaction === 'reload-instruments') this.reloadInstruments();
  }

  private unlisted(id: string, clientOrderId: string): ErrorEvent {
    return localError(this.context.venue, {
      code: 'REJECTED',
      venueCode: 'not-listed',
      message: `${id} is not among the instruments of this run`,
      reaction: 'report',
      clientOrderId,
    });
  }

  private finished(): void {
    this.underWay--;
    assert(this.underWay >= 0, 'an effect was answered twice');
    if (this.underWay > 0) return;
    for (const waiter of this.idleWaiters.splice(0)) waiter();
  }
}

interface Outcome<Name extends string> {
  readonly outcome: Name;
  readonly error: ErrorEvent | null;
  readonly events: readonly VenueEvent[];
}

interface About {
  readonly venue: string;
  readonly instrument: Instrument;
}

/** The venue read the order and refused it for its timestamp: it cannot live. */
function refusedForClock(reply: RestReply): boolean {
  if (reply.kind !== 'reply') return false;
  const error = errorIn(reply.events);
  return error !== null && error.reaction === 'resync-clock' && error.code !== 'UNKNOWN_OUTCOME';
}

/** Only a clear refusal is `rejected`, only a clear acceptance `acked`; the rest is `unknown`. */
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

/** Sources may show one order at different moments: the later one counts, an ended one above all. */
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
  // A success that cannot be read; with a status or a code of refusal it is our payload that is bad.
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
