// What goes into a driver, what comes out, and what its parts share.

import type { VenueEffect } from '../domain/event.ts';
import type { Catalog, Instrument, InstrumentId, Market, VenueId } from '../domain/instrument.ts';
import type { MarketTable } from '../domain/market-table.ts';
import type { ApprovedOrder, ClientOrderId } from '../domain/order.ts';
import type { Clock, EmitDriverEvent, VenuePort } from '../domain/ports.ts';
import type { ErrorEvent } from '../domain/venue-event.ts';
import type {
  Credentials,
  Endpoints,
  FrameSource,
  HttpRequest,
  VenueSpec,
} from '../domain/venue-spec.ts';
import type { ConnectTurns } from './connect-turns.ts';
import type { DriverLimits } from './driver-limits.ts';
import type { HttpLimits } from './http.ts';
import type { OrderSocketStats } from './order-entry.ts';
import type { RateLimitLimits } from './rate-limit.ts';
import type { Rest } from './rest.ts';
import type { SocketLimits, SocketState } from './socket.ts';

/** Structured log lines; fits a pino logger. */
export interface DriverLog {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** Latencies and counts for whoever exports metrics; both must return at once. */
export interface DriverMetrics {
  count(name: 'place' | 'cancel' | 'query' | 'read' | 'reconnect', outcome: string): void;
  /** From the call of `act` to the answer. */
  latency(name: 'place' | 'cancel' | 'query', ms: number): void;
}

/** Sees what comes in public, as it came; must return at once and keep no bytes. */
export interface FrameTap {
  /** Every frame of the public streams. */
  frame(source: FrameSource, bytes: Uint8Array, wallMs: number): void;
  /** Every answer to a request that carried no key, but for the time. */
  answer(
    request: HttpRequest,
    reply: { readonly status: number; readonly body: string },
    wallMs: number,
  ): void;
  /** A public stream was lost: what it told before counts no longer. */
  lost(source: FrameSource, wallMs: number): void;
}

export type OrderEntryMode = 'websocket' | 'rest';

export interface DriverOptions {
  readonly spec: VenueSpec;
  readonly endpoints: Endpoints;
  /** Null: public data only; every order is refused. */
  readonly credentials: Credentials | null;
  readonly clock: Clock;
  /** Shared by all venues; the driver adds the wanted instruments of its own. */
  readonly catalog: Catalog;
  readonly table: MarketTable;
  /** Which of the venue's instruments are wanted. */
  readonly symbols: (instrument: Instrument) => boolean;
  /** Markets that the wanted instruments are of; absent = spot and linear. */
  readonly markets?: readonly Market[];
  /** Set on every wanted perpetual. */
  readonly leverage: number;
  /** Subscribe the order books too; default true. */
  readonly depth?: boolean;
  /** Orders over the venue's WebSocket where it has one (default), or over REST alone. */
  readonly orderEntry?: OrderEntryMode;
  readonly emit: EmitDriverEvent;
  /** Called inside the frame's own stack after a row changed. */
  readonly onQuote: (instrumentIndex: number) => void;
  readonly log: DriverLog;
  /** For the recorder; absent = off. */
  readonly tap?: FrameTap;
  readonly metrics?: DriverMetrics;
  readonly limits?: Partial<DriverLimits>;
  readonly httpLimits?: Partial<HttpLimits>;
  readonly socketLimits?: Partial<SocketLimits>;
  readonly rateLimitLimits?: Partial<RateLimitLimits>;
}

export interface VenueDriver extends VenuePort {
  /** Effects that leave at one moment: orders together where the venue takes them so. */
  actAll(effects: readonly VenueEffect[]): void;
  /** Makes the message of an order as it would leave, and sends nothing. Absent = it cannot. */
  rehearse?(order: ApprovedOrder): void;
  /**
   * Rejects with a UserError when the venue refuses the key, the set-up or the symbols, or cannot
   * be reached. Resolves when every stream is up, or after `streamsUpMsMax`: `venue-status` events
   * tell.
   */
  start(): Promise<void>;
  /** Bounded by `stopMsMax` plus the sockets' own close. No event comes after it resolved. */
  stop(): Promise<void>;
  stats(): DriverStats;
}

export interface StreamStats {
  readonly name: string;
  readonly access: 'public' | 'private';
  readonly state: SocketState;
  readonly frames: number;
  /** Frames that the byte scanner read. */
  readonly scanned: number;
  readonly unrecognized: number;
  readonly errors: number;
  readonly reconnects: number;
  /** Wall ms since the last frame, and since the last one with data; null = none yet. */
  readonly frameAgeMs: number | null;
  readonly dataAgeMs: number | null;
}

export interface DriverStats {
  readonly venue: VenueId;
  readonly instruments: number;
  readonly frames: number;
  readonly unrecognized: number;
  readonly errors: number;
  readonly reconnects: number;
  readonly clock: { readonly offsetMs: number; readonly roundTripMs: number };
  readonly rest: {
    readonly requestsOpen: number;
    readonly waiting: number;
    readonly pausedMs: number;
    /** Share left of the fullest bucket of orders, 0 while paused; null = not known. */
    readonly orderHeadroom: number | null;
  };
  readonly streams: readonly StreamStats[];
  /** Empty: orders go over REST alone. */
  readonly orderSockets: readonly OrderSocketStats[];
  /** Greatest age over the instruments, wall ms; null where an instrument has none yet. */
  readonly ages: Readonly<Record<'quote' | 'mark' | 'funding' | 'book', number | null>>;
  readonly books: { readonly live: number; readonly resyncs: number };
  readonly fundingPaymentsSeen: number;
}

/** Where quotes and books come from: a stream, or its recording. */
export interface Feeder {
  readonly isUp: boolean;
  /** Wall time of the latest connection; 0 before the first. */
  readonly upSinceWallMs: number;
  reconnect(reason: string): void;
}

/** What the parts of one driver share. */
export interface DriverContext {
  readonly venue: VenueId;
  readonly spec: VenueSpec;
  readonly endpoints: Endpoints;
  readonly credentials: Credentials | null;
  readonly clock: Clock;
  readonly catalog: Catalog;
  readonly table: MarketTable;
  readonly symbols: (instrument: Instrument) => boolean;
  readonly markets: readonly Market[];
  readonly leverage: number;
  readonly depth: boolean;
  readonly emit: EmitDriverEvent;
  readonly onQuote: (instrumentIndex: number) => void;
  readonly log: DriverLog;
  readonly tap: FrameTap | null;
  readonly metrics: DriverMetrics;
  readonly limits: DriverLimits;
  readonly socketLimits: Partial<SocketLimits>;
  readonly rest: Rest;
  readonly connects: ConnectTurns;
  /** Wanted instruments of the venue, filled by the set-up. */
  instruments: readonly Instrument[];
  readonly feeRates: Map<InstrumentId, { readonly taker: number; readonly maker: number }>;
}

/** What market data needs of it: of a driver, or of a recording that is read back. */
export type MarketContext = Pick<
  DriverContext,
  'venue' | 'spec' | 'clock' | 'catalog' | 'table' | 'emit' | 'onQuote' | 'log' | 'limits'
> & {
  /** Null: what REST answered is handed in. */
  readonly rest: Pick<Rest, 'read'> | null;
};

/** An error that the driver itself states, in the venues' form. */
export function localError(
  venue: VenueId,
  what: {
    readonly code: ErrorEvent['code'];
    readonly venueCode: string;
    readonly message: string;
    readonly reaction: ErrorEvent['reaction'];
    readonly clientOrderId?: ClientOrderId | null;
    readonly instrument?: Instrument | null;
  },
): ErrorEvent {
  return {
    kind: 'error',
    venue,
    symbol: what.instrument?.symbol ?? null,
    instrument: what.instrument?.id ?? null,
    venueTsMs: null,
    code: what.code,
    venueCode: what.venueCode,
    message: what.message,
    reaction: what.reaction,
    clientOrderId: what.clientOrderId ?? null,
  };
}
