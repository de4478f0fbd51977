// HTTP with keep-alive connections per origin. It sends exactly the bytes that were signed, each
// request once, and says of a failure whether anything can have left: it must never retry by
// itself, because a placement that is sent twice may fill twice.
import { type Dispatcher, Pool } from 'undici';
import { messageOf } from '../base/errors.ts';

export interface HttpLimits {
  /** Sockets per origin: orders have their own, so that none waits behind a long listing. */
  readonly orderSocketsMax: number;
  readonly readSocketsMax: number;
  readonly connectTimeoutMs: number;
  /** Idle sockets are kept this long unless the server says less. */
  readonly keepAliveMs: number;
  readonly bodyBytesMax: number;
  /** Requests under way or waiting for a socket; beyond it a request fails unsent. */
  readonly requestsOpenMax: number;
}

export const httpLimits: HttpLimits = {
  orderSocketsMax: 8,
  readSocketsMax: 12,
  connectTimeoutMs: 4_000,
  keepAliveMs: 60_000,
  bodyBytesMax: 64 * 1024 * 1024,
  requestsOpenMax: 256,
};

export type HttpLane = 'order' | 'read';

export interface HttpSend {
  /** `http://host:port[/prefix]`, no trailing slash. */
  readonly base: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** Without the question mark; '' for none. */
  readonly query: string;
  readonly body: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** From the call to the last byte of the reply, waiting for a socket included. */
  readonly timeoutMs: number;
  readonly lane: HttpLane;
}

export type HttpOutcome =
  | {
      readonly ok: true;
      readonly status: number;
      /** Lower-case names; repeated headers joined by a comma. */
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  | {
      readonly ok: false;
      readonly kind: 'timeout' | 'connect' | 'reset';
      /** False only when it is certain that nothing reached the socket. */
      readonly sent: boolean;
      readonly message: string;
    };

export class HttpClient {
  private readonly limits: HttpLimits;
  private readonly pools = new Map<string, Pool>();
  private readonly prefixes = new Map<string, { readonly origin: string; readonly path: string }>();
  private open = 0;
  private closed = false;

  constructor(limits: Partial<HttpLimits> = {}) {
    this.limits = { ...httpLimits, ...limits };
  }

  get requestsOpen(): number {
    return this.open;
  }

  /** Never rejects. A free socket is written to before this returns. */
  send(request: HttpSend): Promise<HttpOutcome> {
    if (this.closed) return Promise.resolve(unsent('the client is closed'));
    if (this.open >= this.limits.requestsOpenMax) {
      return Promise.resolve(unsent(`${this.open} requests are open already`));
    }
    this.open++;
    return new Promise((resolve) => {
      const exchange = new Exchange(this.limits.bodyBytesMax, request.timeoutMs, (outcome) => {
        this.open--;
        resolve(outcome);
      });
      const { origin, path } = this.baseOf(request.base);
      const query = request.query === '' ? '' : `?${request.query}`;
      try {
        this.pool(origin, request.lane).dispatch(
          {
            path: `${path}${request.path}${query}`,
            method: request.method,
            headers: request.headers,
            body: request.body,
          },
          exchange,
        );
      } catch (thrown) {
        exchange.failUnsent(messageOf(thrown));
      }
    });
  }

  /** Drops what is under way (as failures) and closes every socket. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.pools.values()].map((pool) => pool.destroy()));
    this.pools.clear();
  }

  private baseOf(base: string): { readonly origin: string; readonly path: string } {
    const known = this.prefixes.get(base);
    if (known !== undefined) return known;
    const url = new URL(base);
    const parsed = { origin: url.origin, path: url.pathname === '/' ? '' : url.pathname };
    this.prefixes.set(base, parsed);
    return parsed;
  }

  private pool(origin: string, lane: HttpLane): Pool {
    const key = `${lane} ${origin}`;
    const known = this.pools.get(key);
    if (known !== undefined) return known;
    const pool = new Pool(origin, {
      connections: lane === 'order' ? this.limits.orderSocketsMax : this.limits.readSocketsMax,
      pipelining: 1,
      connect: { timeout: this.limits.connectTimeoutMs },
      keepAliveTimeout: this.limits.keepAliveMs,
      // The deadline of the whole exchange is ours.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.pools.set(key, pool);
    return pool;
  }
}

function unsent(message: string): HttpOutcome {
  return { ok: false, kind: 'connect', sent: false, message };
}

/**
 * One request and its reply. waiting: for a socket; nothing has left. started: handed to a socket;
 * from here a failure leaves the outcome open. done: settled once; whatever comes later is ignored.
 * A deadline that strikes while waiting settles as unsent, and the request is stopped before its
 * first byte should a socket still pick it up.
 */
class Exchange implements Dispatcher.DispatchHandler {
  private readonly bodyBytesMax: number;
  private readonly settle: (outcome: HttpOutcome) => void;
  private readonly deadline: NodeJS.Timeout;
  private controller: Dispatcher.DispatchController | null = null;
  private done = false;
  private status = 0;
  private headers: Record<string, string> = {};
  private readonly chunks: Buffer[] = [];
  private bytes = 0;

  constructor(bodyBytesMax: number, timeoutMs: number, settle: (outcome: HttpOutcome) => void) {
    this.bodyBytesMax = bodyBytesMax;
    this.settle = settle;
    this.deadline = setTimeout(() => {
      this.fail('timeout', `no reply within ${timeoutMs} ms`);
    }, timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.done || this.controller !== null) {
      // Too late, or a second start of the same request: it must not be written.
      controller.abort(new Error('stopped before the first byte'));
      return;
    }
    this.controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    this.status = status;
    this.headers = {};
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) this.headers[name] = Array.isArray(value) ? value.join(', ') : value;
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > this.bodyBytesMax) this.fail('reset', `reply over ${this.bodyBytesMax} bytes`);
    else this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    const body = Buffer.concat(this.chunks).toString('utf8');
    this.finish({ ok: true, status: this.status, headers: this.headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.controller !== null) this.fail('reset', error.message);
    else this.failUnsent(error.message);
  }

  failUnsent(message: string): void {
    this.finish({ ok: false, kind: 'connect', sent: false, message });
  }

  private fail(kind: 'timeout' | 'reset', message: string): void {
    if (this.done) return;
    this.finish({ ok: false, kind, sent: this.controller !== null, message });
    this.controller?.abort(new Error(message));
  }

  private finish(outcome: HttpOutcome): void {
    if (this.done) return;
    this.done = true;
    clearTimeout(this.deadline);
    this.settle(outcome);
  }
}
