// What a venue's protocol file gives to the testnet's server: HTTP answers and socket behaviour of
// the real venue over the simulated exchange. Handlers are synchronous; the server owns the
// sockets, the clock and the rate windows.

import type { VenueId } from '../domain/instrument.ts';
import type { SimEvent, SimExchange, SimNow } from '../sim/api.ts';

export interface TestnetCredentials {
  readonly key: string;
  readonly secret: string;
  readonly passphrase: string;
}

export type OrderFault = 'timeout' | 'http-503' | 'ack-lost';

export interface TestnetContext {
  readonly exchange: SimExchange;
  readonly credentials: TestnetCredentials;
  /** Venue and wall time now. Signatures, windows and `time` endpoints use the wall clock. */
  now(): SimNow;
  /** Faults switched on at this moment, by name; see docs/testnet.md. */
  fault(name: string): boolean;
  /**
   * What the server's faults do to an order message of a socket, by the REST call that it stands
   * for: `timeout` drops it, `http-503` cuts the connection before it is read, `ack-lost` lets the
   * venue act and then cuts it. Null = nothing.
   */
  orderFault(call: { readonly method: string; readonly path: string }): OrderFault | null;
  /** Structured log line. */
  log(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface RawHttpRequest {
  readonly method: string;
  readonly path: string;
  /** Exactly as received, without the question mark. */
  readonly query: string;
  /** Exactly as received. */
  readonly body: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface RawHttpReply {
  readonly status: number;
  /** Already serialised JSON (or whatever the venue sends). */
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One accepted WebSocket. `send` queues text; the server closes what stays behind. */
export interface TestnetSocket {
  readonly id: number;
  readonly path: string;
  readonly query: string;
  readonly openedWallMs: number;
  send(text: string): void;
  close(code: number, reason: string): void;
}

export interface TestnetProtocol {
  readonly venue: VenueId;
  http(request: RawHttpRequest): RawHttpReply;
  /** Null = no such path: the upgrade is refused with 404. */
  open(socket: TestnetSocket): SocketHandler | null;
  /** After every market tick: push market data to subscribed sockets. */
  tick(now: SimNow): void;
  /** Every wall second: dead-man timers, listen keys, idle sockets. */
  second(now: SimNow): void;
  /** Every event of the exchange, in order: push to private sockets. */
  event(event: SimEvent): void;
}

export interface SocketHandler {
  message(text: string): void;
  closed(): void;
}

export type MakeProtocol = (context: TestnetContext) => TestnetProtocol;
