// Orders of one venue: place, cancel, query. Each effect is answered by exactly one result event. A
// placement is sent at most once, but for the one case in which the venue says that it refused it
// for its timestamp; what cannot be known to have failed is `unknown`, never `rejected`.
import { assert } from '../base/assert.ts';
import type { CancelOrder, PlaceOrder, QueryOrder } from '../domain/event.ts';
import type { OrderPurpose } from '../domain/order.ts';
import type { ErrorEvent, VenueEvent } from '../domain/venue-event.ts';
import type { HttpRequest } from '../domain/venue-spec.ts';
import { type DriverContext, localError } from './driver-types.ts';
import {
  judgeCancel,
  judgePlace,
  judgeQuery,
  type Outcome,
  type QueryReply,
  refusedForClock,
} from './judge.ts';
import { type Batchable, groupsOf, joined, repliesOf } from './order-batches.ts';
import type { Priority } from './rate-limit.ts';
import type { RestReply, Turn } from './rest.ts';

const priorityOf: Readonly<Record<OrderPurpose, Priority>> = {
  entry: 'entry',
  exit: 'exit',
  roll: 'entry',
  hedge: 'urgent',
  unwind: 'urgent',
  flatten: 'urgent',
};

/** An order or a cancel that is ready to leave. */
interface Pending extends Batchable {
  readonly timeoutMs: number;
  readonly queueMsMax: number;
  done(reply: RestReply): void;
}

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
    this.sendAll([effect]);
  }

  cancel(effect: CancelOrder): void {
    this.sendAll([effect]);
  }

  /** What leaves at one moment: together where the venue takes it so, in its order. */
  sendAll(effects: readonly (PlaceOrder | CancelOrder)[]): void {
    const pending: Pending[] = [];
    for (const effect of effects) {
      const one = effect.kind === 'place-order' ? this.placing(effect) : this.cancelling(effect);
      if (one !== null) pending.push(one);
    }
    for (const group of groupsOf(pending, this.context.spec.batches)) this.send(group);
  }

  /** Null: it was answered at once. */
  private placing(effect: PlaceOrder): Pending | null {
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
      return null;
    }
    const priority = priorityOf[order.purpose];
    const request = spec.requests.place(order, instrument);
    return {
      request,
      priority,
      timeoutMs: limits.placeTimeoutMs,
      queueMsMax: priority === 'urgent' ? limits.urgentQueueMsMax : limits.placeQueueMsMax,
      done: (reply) => answer(judgePlace(reply, request, { venue, instrument })),
    };
  }

  private cancelling(effect: CancelOrder): Pending | null {
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
      return null;
    }
    const request = spec.requests.cancel(clientOrderId, instrument);
    return {
      request,
      priority: 'urgent',
      timeoutMs: limits.cancelTimeoutMs,
      queueMsMax: limits.urgentQueueMsMax,
      done: (reply) => answer(judgeCancel(reply, request, { venue, instrument })),
    };
  }

  private send(group: readonly Pending[]): void {
    const { spec } = this.context;
    const [{ priority, timeoutMs, queueMsMax }] = group as readonly [Pending];
    const requests = group.map(({ request }) => request);
    const turn: Turn = { priority, lane: 'order', timeoutMs, queueMsMax };
    this.sendAgainAfterClock(joined(requests, spec.batches), turn, (reply) => {
      const replies = repliesOf(reply, requests, this.context);
      for (const [i, { done }] of group.entries()) done(replies[i] as RestReply); // one for each
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
