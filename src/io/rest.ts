// Requests of one venue: each waits its turn, is signed when it leaves (over the order socket where
// the venue has one that takes it, else over HTTP) and comes back as events. Reads are tried again
// within limits; a placement goes through `once` and is never repeated here.
import { present } from '../base/assert.ts';
import type { Catalog } from '../domain/instrument.ts';
import type { Clock } from '../domain/ports.ts';
import type { ErrorEvent, VenueEvent } from '../domain/venue-event.ts';
import type { Credentials, Endpoints, HttpRequest, VenueSpec } from '../domain/venue-spec.ts';
import type { DriverLimits } from './driver-limits.ts';
import { type DriverLog, type FrameTap, localError } from './driver-types.ts';
import type { HttpClient, HttpLane } from './http.ts';
import { redactText } from './keys.ts';
import type { SendOverSocket } from './order-entry.ts';
import type { Priority, RateLimiter, RefusalCode } from './rate-limit.ts';

export interface Turn {
  readonly priority: Priority;
  readonly lane: HttpLane;
  readonly timeoutMs: number;
  readonly queueMsMax: number;
}

export type RestReply =
  /** The venue answered, with whatever status. */
  | {
      readonly kind: 'reply';
      readonly status: number;
      readonly body: string;
      readonly events: readonly VenueEvent[];
      readonly sentWallMs: number;
      readonly receivedWallMs: number;
    }
  /** It never left. */
  | {
      readonly kind: 'unsent';
      readonly code: RefusalCode | 'connect' | 'no-key';
      readonly message: string;
    }
  /** It left, or may have, and no answer came. */
  | { readonly kind: 'unanswered'; readonly code: 'timeout' | 'reset'; readonly message: string };

export type ReadResult =
  | { readonly ok: true; readonly events: readonly VenueEvent[] }
  | { readonly ok: false; readonly error: ErrorEvent };

export type BodyResult =
  | { readonly ok: true; readonly body: string }
  | { readonly ok: false; readonly error: ErrorEvent };

export interface RestOptions {
  readonly spec: VenueSpec;
  readonly endpoints: Endpoints;
  readonly credentials: Credentials | null;
  readonly clock: Clock;
  readonly catalog: Catalog;
  readonly http: HttpClient;
  readonly limiter: RateLimiter;
  readonly limits: DriverLimits;
  readonly log: DriverLog;
  /** Told of every public answer; absent = nobody wants them. */
  readonly tap?: FrameTap | undefined;
  /** Tried before HTTP; absent = HTTP alone. */
  readonly overSocket?: SendOverSocket;
  /** Told of every answer (true) and every transport failure (false). */
  readonly reached: (answered: boolean, detail: string) => void;
  /** Told after every measurement but the first: how far the offset moved for certain, ms. */
  readonly clockMoved?: (movedMs: number) => void;
}

export class Rest {
  private readonly options: RestOptions;
  private offset = 0;
  private roundTrip = 0;
  private measured = false;
  private readsOpen = 0;
  private readonly readsWaiting: (() => void)[] = [];
  private syncing: Promise<boolean> | null = null;
  private stopped = false;

  constructor(options: RestOptions) {
    this.options = options;
  }

  /** Venue's wall clock minus ours. */
  get offsetMs(): number {
    return this.offset;
  }

  get roundTripMs(): number {
    return this.roundTrip;
  }

  /** Wall time as the venue has it: what signatures carry. */
  signedWallMs(): number {
    return Math.round(this.options.clock.wallMs() + this.offset);
  }

  /** One attempt. Sends inside this call when it is its turn; `done` is called exactly once. */
  once(request: HttpRequest, turn: Turn, done: (reply: RestReply) => void): void {
    if (request.auth !== 'none' && this.options.credentials === null) {
      done({ kind: 'unsent', code: 'no-key', message: 'no API key is configured' });
      return;
    }
    this.options.limiter.submit({
      bucket: request.bucket,
      weight: request.weight,
      priority: turn.priority,
      deadlineWallMs: this.options.clock.wallMs() + turn.queueMsMax,
      run: () => this.send(request, turn, done),
      refuse: (code, message) => done({ kind: 'unsent', code, message }),
    });
  }

  /** One attempt as a promise. */
  ask(request: HttpRequest, turn: Turn): Promise<RestReply> {
    return new Promise((resolve) => this.once(request, turn, resolve));
  }

  /** All pages of a read, tried again on what may pass. */
  async read(
    request: HttpRequest,
    deadlineWallMs = Number.POSITIVE_INFINITY,
    priority: Priority = request.purpose === 'query-order' ? 'exit' : 'read',
  ): Promise<ReadResult> {
    const events: VenueEvent[] = [];
    let page: HttpRequest | null = request;
    for (let pages = 1; page !== null; pages++) {
      if (pages > this.options.limits.pagesMax) {
        return this.failed('REJECTED', 'pages', `${request.path}: over ${pages - 1} pages`);
      }
      const reply: PageResult = await this.readPage(page, deadlineWallMs, priority);
      if (!reply.ok) return reply;
      for (const event of reply.events) events.push(event);
      page = this.options.spec.nextPage(page, reply.body);
    }
    return { ok: true, events };
  }

  /** One page as the venue sent it, tried again on what may pass. */
  async readBody(request: HttpRequest): Promise<BodyResult> {
    const page = await this.readPage(request, Number.POSITIVE_INFINITY, 'read');
    return page.ok ? { ok: true, body: page.body } : page;
  }

  /** All of them, some at a time, in the order of the requests; the first failure ends it. */
  async readAll(
    requests: readonly HttpRequest[],
    priority: Priority = 'read',
  ): Promise<ReadResult> {
    const results = new Array<readonly VenueEvent[]>(requests.length).fill([]);
    let failure: ReadResult | null = null;
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < requests.length && failure === null) {
        const at = next++;
        const request = present(requests[at], 'request');
        const result = await this.read(request, Number.POSITIVE_INFINITY, priority);
        if (result.ok) results[at] = result.events;
        else failure ??= result;
      }
    };
    const workers = Math.min(this.options.limits.readParallelMax, requests.length);
    await Promise.all(Array.from({ length: workers }, worker));
    return failure ?? { ok: true, events: results.flat() };
  }

  /** Measures the clock offset: the sample with the shortest round trip counts. */
  syncClock(): Promise<boolean> {
    this.syncing ??= this.measureClock().finally(() => {
      this.syncing = null;
    });
    return this.syncing;
  }

  stop(): void {
    this.stopped = true;
    for (const resolve of this.readsWaiting.splice(0)) resolve();
  }

  private async measureClock(): Promise<boolean> {
    const { limits, spec } = this.options;
    let best: { readonly offsetMs: number; readonly roundTripMs: number } | null = null;
    for (let sample = 0; sample < limits.clockSamples && !this.stopped; sample++) {
      // Over the orders' sockets: that keeps them warm.
      const turn: Turn = { ...this.readTurn(Number.POSITIVE_INFINITY, 'exit'), lane: 'order' };
      const reply = await this.ask(spec.requests.serverTime(), turn);
      if (reply.kind !== 'reply') continue;
      const venueMs = serverTimeOf(reply.events);
      if (venueMs === null) continue;
      const roundTripMs = reply.receivedWallMs - reply.sentWallMs;
      const offsetMs = venueMs - (reply.sentWallMs + reply.receivedWallMs) / 2;
      if (best === null || roundTripMs < best.roundTripMs) best = { offsetMs, roundTripMs };
    }
    if (best === null) return false;
    if (this.measured) {
      // Each offset is right within half of its round trip.
      const doubtMs = (this.roundTrip + best.roundTripMs) / 2;
      const movedMs = Math.abs(best.offsetMs - this.offset) - doubtMs;
      this.options.clockMoved?.(Math.max(0, movedMs));
    }
    this.measured = true;
    this.offset = best.offsetMs;
    this.roundTrip = best.roundTripMs;
    return true;
  }

  private async readPage(
    request: HttpRequest,
    deadlineWallMs: number,
    priority: Priority,
  ): Promise<PageResult> {
    const { limits, clock } = this.options;
    let last: { readonly ok: false; readonly error: ErrorEvent } | null = null;
    for (let attempt = 1; attempt <= limits.readAttemptsMax && !this.stopped; attempt++) {
      const leftMs = deadlineWallMs - clock.wallMs();
      if (leftMs <= 0) break;
      const turn = this.readTurn(leftMs, priority);
      const outcome = this.judge(request, await this.askInTurn(request, turn));
      if (outcome.ok || !outcome.again) return outcome;
      last = outcome;
      if (attempt === limits.readAttemptsMax) break;
      if (outcome.error.reaction === 'resync-clock') await this.syncClock();
      else await delay(limits.readRetryMs * 2 ** (attempt - 1) * (0.5 + Math.random()));
    }
    return last ?? this.failed('TRANSIENT', 'deadline', `${request.path}: out of time`);
  }

  /** Reads of the last rank wait here for each other: hundreds of books may be lost at once. */
  private async askInTurn(request: HttpRequest, turn: Turn): Promise<RestReply> {
    if (turn.priority !== 'read') return this.ask(request, turn);
    if (this.readsOpen >= this.options.limits.readsOpenMax) {
      await new Promise<void>((resolve) => this.readsWaiting.push(resolve));
    }
    this.readsOpen++;
    try {
      return await this.ask(request, turn);
    } finally {
      this.readsOpen--;
      this.readsWaiting.shift()?.();
    }
  }

  private judge(request: HttpRequest, reply: RestReply): PageResult & { readonly again: boolean } {
    if (reply.kind !== 'reply') {
      const { ok, error } = this.failed(
        'TRANSIENT',
        reply.code,
        `${request.path}: ${reply.message}`,
      );
      return { ok, error, again: reply.kind === 'unanswered' || reply.code === 'connect' };
    }
    const error = errorIn(reply.events);
    if (error !== null) {
      return { ok: false, error, again: mayPass(error) };
    }
    const unchanged = reply.events.some(
      (event) => event.kind === 'error' || (event.kind === 'control' && event.name === 'unchanged'),
    );
    if (reply.status >= 400 && !unchanged) {
      const message = `${request.path}: ${reply.body.slice(0, 120)}`;
      return { ...this.failed('TRANSIENT', `http-${reply.status}`, message), again: true };
    }
    return { ok: true, events: reply.events, body: reply.body, again: false };
  }

  private send(request: HttpRequest, turn: Turn, done: (reply: RestReply) => void): void {
    const { clock, overSocket, credentials } = this.options;
    const sentWallMs = clock.wallMs();
    const left = overSocket?.(request, turn.timeoutMs, (outcome) => {
      if (outcome.kind === 'reply') done(this.replied(request, outcome, sentWallMs));
      else done({ ...outcome, message: redactText(outcome.message, credentials) });
    });
    if (left !== true) this.sendOverHttp(request, turn, done);
  }

  private sendOverHttp(request: HttpRequest, turn: Turn, done: (reply: RestReply) => void): void {
    const { spec, endpoints, credentials, clock, http, reached } = this.options;
    const base = endpoints.http[request.host];
    if (base === undefined) {
      done({ kind: 'unsent', code: 'connect', message: `no URL is named http.${request.host}` });
      return;
    }
    const signed =
      request.auth === 'none' || credentials === null
        ? request
        : spec.sign(request, credentials, this.signedWallMs());
    const { method, path, query, body } = signed;
    const headers = { ...endpoints.headers, ...signed.headers };
    const { timeoutMs, lane } = turn;
    const sentWallMs = clock.wallMs();
    void http
      .send({ base, method, path, query, body, headers, timeoutMs, lane })
      .then((outcome) => {
        if (outcome.ok) {
          reached(true, '');
          done(this.replied(request, outcome, sentWallMs));
          return;
        }
        const message = redactText(outcome.message, credentials);
        reached(false, message);
        if (!outcome.sent) done({ kind: 'unsent', code: 'connect', message });
        else {
          const code = outcome.kind === 'timeout' ? 'timeout' : 'reset';
          done({ kind: 'unanswered', code, message });
        }
      });
  }

  /** One way for both transports: decoded, and the limiter learns from it. */
  private replied(
    request: HttpRequest,
    answer: {
      readonly status: number;
      readonly body: string;
      readonly headers: Readonly<Record<string, string>>;
    },
    sentWallMs: number,
  ): RestReply {
    const { spec, catalog, clock, limiter, tap } = this.options;
    const receivedWallMs = clock.wallMs();
    const { status, body, headers } = answer;
    if (request.auth === 'none' && request.purpose !== 'server-time') {
      tap?.answer(request, answer, receivedWallMs);
    }
    const events = spec.decodeReply(request, { status, body }, catalog);
    const rateLimited = errorIn(events)?.code === 'RATE_LIMITED';
    limiter.observe({ bucket: request.bucket, status, headers, rateLimited });
    return { kind: 'reply', status, body, events, sentWallMs, receivedWallMs };
  }

  private readTurn(leftMs = Number.POSITIVE_INFINITY, priority: Priority = 'read'): Turn {
    const { readTimeoutMs, readQueueMsMax } = this.options.limits;
    return {
      priority,
      lane: 'read',
      timeoutMs: Math.min(readTimeoutMs, leftMs),
      queueMsMax: Math.min(readQueueMsMax, leftMs),
    };
  }

  private failed(
    code: ErrorEvent['code'],
    venueCode: string,
    message: string,
  ): { readonly ok: false; readonly error: ErrorEvent } {
    const { id } = this.options.spec;
    return { ok: false, error: localError(id, { code, venueCode, message, reaction: 'retry' }) };
  }
}

type PageResult =
  | { readonly ok: true; readonly events: readonly VenueEvent[]; readonly body: string }
  | { readonly ok: false; readonly error: ErrorEvent };

/** The first error that is one: "no change" is success. */
export function errorIn(events: readonly VenueEvent[]): ErrorEvent | null {
  for (const event of events) {
    if (event.kind === 'error' && event.reaction !== 'unchanged') return event;
  }
  return null;
}

function mayPass(error: ErrorEvent): boolean {
  const { code, reaction } = error;
  return reaction === 'resync-clock' || reaction === 'retry' || retryable.includes(code);
}

/** A read has no outcome to be unknown: it is simply asked again. */
const retryable: readonly ErrorEvent['code'][] = [
  'TRANSIENT',
  'RATE_LIMITED',
  'MAINTENANCE',
  'UNKNOWN_OUTCOME',
];

function serverTimeOf(events: readonly VenueEvent[]): number | null {
  for (const event of events) {
    if (event.kind !== 'control' || event.name !== 'server-time') continue;
    const ms = event.venueTsMs ?? Number(event.value);
    return Number.isFinite(ms) ? ms : null;
  }
  return null;
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
