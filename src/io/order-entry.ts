// Orders over the venue's own WebSockets: one warm connection per kind, answers matched by request
// id. It must never send a message twice; whether REST may be asked instead is told by `send`,
// which is false only when nothing left.
import { randomBytes } from 'node:crypto';
import { present } from '../base/assert.ts';
import type { Catalog, Instrument } from '../domain/instrument.ts';
import type { Clock } from '../domain/ports.ts';
import type { VenueEvent } from '../domain/venue-event.ts';
import type {
  Credentials,
  Endpoints,
  HttpRequest,
  OrderEntrySpec,
  OrderSocketSpec,
  VenueSpec,
} from '../domain/venue-spec.ts';
import type { ConnectTurns } from './connect-turns.ts';
import type { DriverLimits } from './driver-limits.ts';
import type { DriverContext, DriverLog, OrderEntryMode } from './driver-types.ts';
import { type SocketLimits, type SocketState, StreamSocket } from './socket.ts';
import { connectToVenue } from './venue-socket.ts';

/** Like an exchange over HTTP that left: an answer, or none that is to be waited for. */
export type SocketOutcome =
  | {
      readonly kind: 'reply';
      readonly status: number;
      readonly body: string;
      readonly headers: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'unanswered'; readonly code: 'timeout' | 'reset'; readonly message: string };

/** False: nothing left, and `done` is never called. */
export type SendOverSocket = (
  request: HttpRequest,
  timeoutMs: number,
  done: (outcome: SocketOutcome) => void,
) => boolean;

export interface OrderEntryOptions {
  readonly spec: VenueSpec;
  readonly entry: OrderEntrySpec;
  readonly endpoints: Endpoints;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly catalog: Catalog;
  readonly limits: DriverLimits;
  readonly socketLimits: Partial<SocketLimits>;
  readonly log: DriverLog;
  readonly connects: ConnectTurns;
  readonly signedWallMs: () => number;
  readonly syncClock: () => void;
}

export interface OrderSocketStats {
  readonly name: string;
  readonly state: SocketState;
  /** The venue closes it soon: new orders go over REST. */
  readonly draining: boolean;
  readonly sent: number;
  readonly answered: number;
  /** Without an answer in time, or in flight when the connection was lost. */
  readonly unanswered: number;
  /** Answers that came after their request was given up. */
  readonly late: number;
  readonly reconnects: number;
}

export class OrderEntry {
  private readonly options: OrderEntryOptions;
  private readonly sockets = new Map<string, OrderSocket>();
  private readonly ids: RequestIds;

  constructor(options: OrderEntryOptions) {
    this.options = options;
    this.ids = new RequestIds(options.entry.requestIds);
  }

  /** Opens what these instruments need and the endpoints name; the rest stays with REST. */
  open(instruments: readonly Instrument[]): void {
    const { entry, endpoints, spec, log } = this.options;
    for (const socket of entry.sockets(instruments)) {
      const base = endpoints.ws[socket.host];
      if (base === undefined) {
        log.info({ venue: spec.id, socket: socket.name }, 'no such host here: orders go over REST');
        continue;
      }
      const opened = new OrderSocket(this.options, socket, `${base}${socket.path}`);
      this.sockets.set(socket.name, opened);
      opened.start();
    }
  }

  /** Resolves when all are up, at the latest after `withinMs`: REST takes orders meanwhile. */
  async settled(withinMs: number): Promise<void> {
    await Promise.all([...this.sockets.values()].map((socket) => socket.settled(withinMs)));
  }

  readonly send: SendOverSocket = (request, timeoutMs, done) => {
    if (this.sockets.size === 0) return false;
    const id = this.ids.next();
    const message = this.messageOf(request, id);
    const socket = message === null ? undefined : this.sockets.get(message.socket);
    if (message === null || socket === undefined) return false;
    return socket.send(message.text, { id, timeoutMs, done });
  };

  /** The message of a request, and nothing sent. */
  messageOf(request: HttpRequest, id: string): ReturnType<OrderEntrySpec['message']> {
    const { entry, credentials, catalog, signedWallMs } = this.options;
    return entry.message(request, { id, credentials, wallMs: signedWallMs(), catalog });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.sockets.values()].map((socket) => socket.stop()));
  }

  stats(): readonly OrderSocketStats[] {
    return [...this.sockets.values()].map((socket) => socket.stats());
  }
}

/** Null: the venue has none, it is switched off, or there is no key to order with. */
export function orderEntryOf(context: DriverContext, mode: OrderEntryMode): OrderEntry | null {
  const { spec, credentials, rest } = context;
  if (mode === 'rest' || spec.orderEntry === undefined || credentials === null) return null;
  return new OrderEntry({
    ...context,
    entry: spec.orderEntry,
    credentials,
    signedWallMs: () => rest.signedWallMs(),
    syncClock: () => void rest.syncClock(),
  });
}

interface Call {
  readonly id: string;
  readonly timeoutMs: number;
  readonly done: (outcome: SocketOutcome) => void;
}

interface InFlight {
  readonly done: (outcome: SocketOutcome) => void;
  readonly sentWallMs: number;
  readonly timer: NodeJS.Timeout;
}

/**
 * Sends while the socket is up and not draining. draining: the venue said that it closes soon;
 * nothing new is sent, and once every answer has come (or is given up) the connection is made anew.
 * An answer that does not come in time, on a connection that said nothing at all since the request,
 * means that the connection is dead: it is made anew, and what else was in flight is open too.
 */
class OrderSocket {
  private readonly options: OrderEntryOptions;
  private readonly spec: OrderSocketSpec;
  private readonly socket: StreamSocket;
  private readonly inFlight = new Map<string, InFlight>();
  private readonly waiters: (() => void)[] = [];
  private draining = false;
  private sent = 0;
  private answered = 0;
  private unanswered = 0;
  private late = 0;

  constructor(options: OrderEntryOptions, spec: OrderSocketSpec, url: string) {
    const { clock, connects, credentials, signedWallMs, socketLimits } = options;
    const { name, login, heartbeat, silenceMsMax } = spec;
    this.options = options;
    this.spec = spec;
    this.socket = new StreamSocket({
      clock,
      connect: connectToVenue,
      limits: socketLimits,
      owner: {
        frame: (buffer, from, to) => this.frame(buffer.bytes.subarray(from, to)),
        up: () => this.isUp(),
        down: (reason) => this.isDown(reason),
      },
      plan: {
        name,
        url: async () => {
          await connects.turn();
          return url;
        },
        login: login === null ? null : () => login(credentials, signedWallMs()),
        subscribe: [],
        heartbeat,
        silenceMsMax,
      },
    });
  }

  start(): void {
    this.socket.start();
  }

  async settled(withinMs: number): Promise<void> {
    if (this.socket.state === 'up') return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.waiters.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  send(text: string, { id, timeoutMs, done }: Call): boolean {
    const { limits, clock } = this.options;
    if (this.socket.state !== 'up' || this.draining) return false;
    if (this.inFlight.size >= limits.orderSocketInFlightMax) return false;
    if (!this.socket.send(text)) return false;
    this.sent++;
    const timer = setTimeout(() => this.giveUp(id, timeoutMs), timeoutMs);
    this.inFlight.set(id, { done, sentWallMs: clock.wallMs(), timer });
    return true;
  }

  async stop(): Promise<void> {
    this.wake();
    this.loseAll('the driver stopped');
    await this.socket.stop();
  }

  stats(): OrderSocketStats {
    const { draining, sent, answered, unanswered, late } = this;
    const { state, reconnects } = this.socket;
    const { name } = this.spec;
    return { name, state, draining, sent, answered, unanswered, late, reconnects };
  }

  private frame(bytes: Uint8Array): void {
    const { spec, entry, catalog } = this.options;
    const { name, market } = this.spec;
    const answer = entry.answer(bytes, name);
    if (answer === null) {
      const source = { stream: name, market };
      for (const event of spec.decode(bytes, source, catalog)) this.event(event);
      return;
    }
    const call = this.inFlight.get(answer.id);
    if (call === undefined) {
      this.late++;
      this.warn(`an answer to ${answer.id} came too late: ${answer.body.slice(0, bodyShownMax)}`);
      return;
    }
    this.settle(answer.id, call);
    this.answered++;
    const { status, body, headers } = answer;
    call.done({ kind: 'reply', status, body, headers });
    this.drained();
  }

  private event(event: VenueEvent): void {
    if (event.kind === 'control') {
      if (event.name === 'login' || event.name === 'ack') this.socket.loggedIn();
      else if (event.name === 'reconnect-now') this.drain();
      return;
    }
    if (event.kind !== 'error') return;
    const { venueCode, message, reaction } = event;
    this.warn(`${venueCode} ${message}`.trim());
    if (reaction === 'resync-clock') this.options.syncClock();
    if (this.socket.state === 'logging-in') this.socket.reconnect(`login: ${venueCode} ${message}`);
  }

  private drain(): void {
    this.draining = true;
    this.drained();
  }

  private drained(): void {
    if (this.draining && this.inFlight.size === 0) this.socket.reconnect('the venue asked for it');
  }

  private giveUp(id: string, timeoutMs: number): void {
    const call = present(this.inFlight.get(id), id);
    this.settle(id, call);
    this.unanswered++;
    const message = `no answer on ${this.spec.name} within ${timeoutMs} ms`;
    call.done({ kind: 'unanswered', code: 'timeout', message });
    if (this.socket.lastFrameWallMs <= call.sentWallMs) this.socket.reconnect(message);
    else this.drained();
  }

  private isUp(): void {
    this.draining = false;
    this.wake();
  }

  private isDown(reason: string): void {
    this.warn(`lost: ${reason}`);
    this.loseAll(reason);
  }

  private loseAll(reason: string): void {
    for (const [id, call] of [...this.inFlight]) {
      this.settle(id, call);
      this.unanswered++;
      call.done({ kind: 'unanswered', code: 'reset', message: `${this.spec.name}: ${reason}` });
    }
  }

  private settle(id: string, call: InFlight): void {
    clearTimeout(call.timer);
    this.inFlight.delete(id);
  }

  private warn(reason: string): void {
    const { log, spec } = this.options;
    log.warn({ venue: spec.id, socket: this.spec.name, reason }, 'order socket');
  }

  private wake(): void {
    for (const waiter of this.waiters.splice(0)) waiter();
  }
}

const bodyShownMax = 160;

/** Letters and digits, another prefix in every run: a venue may refuse an id that it has seen. */
class RequestIds {
  private readonly prefix: string | null;
  private serial = 0;

  constructor(form: OrderEntrySpec['requestIds']) {
    this.prefix = form === 'number' ? null : `f${randomBytes(6).toString('hex')}x`;
  }

  next(): string {
    this.serial++;
    return this.prefix === null ? `${this.serial}` : `${this.prefix}${this.serial.toString(36)}`;
  }
}
