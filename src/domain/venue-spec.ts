// A venue is one object of pure functions: it makes requests and subscriptions as data, signs them,
// and decodes what comes back. It does no I/O, holds no state and reads no clock; the driver in
// `io` runs it. One contract suite runs over every venue.
import type { FrameBuffer } from '../base/frame.ts';
import type { BarsSpec } from './bars-spec.ts';
import type { DepthScanner } from './depth-frame.ts';
import type { Catalog, Instrument, Market, VenueId } from './instrument.ts';
import type { ApprovedOrder, ClientOrderId } from './order.ts';
import type { VenueEvent } from './venue-event.ts';

export interface Credentials {
  readonly key: string;
  readonly secret: string;
  /** OKX only. */
  readonly passphrase?: string;
}

/**
 * Base URLs by name (the venue's own set: `spot`, `linear`, `public`, `private`, ...), without a
 * trailing slash. Every one can be overridden in config/exchanges.yaml and by `--testnet FILE`.
 */
export interface Endpoints {
  readonly http: Readonly<Record<string, string>>;
  readonly ws: Readonly<Record<string, string>>;
  /** Sent with every REST request: how OKX tells demo from live. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpRequest {
  /** How `decodeReply` reads the answer and how the driver treats a failure. */
  readonly purpose: RequestPurpose;
  /** Name of the base URL in `Endpoints.http`. */
  readonly host: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Starts with a slash, without the query. */
  readonly path: string;
  /** Percent-encoded, without the question mark; '' for none. */
  readonly query: string;
  readonly body: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly auth: 'none' | 'key' | 'signed';
  /** The rate-limit bucket of `RateLimits` and what the call weighs in it. */
  readonly bucket: string;
  readonly weight: number;
  readonly market: Market | null;
  readonly clientOrderId: ClientOrderId | null;
}

/** A request that an answer is only read by: it is never sent. */
export function requestToReadBy(
  asked: Pick<HttpRequest, 'purpose' | 'host' | 'method' | 'path' | 'query' | 'market'>,
): HttpRequest {
  const unsent = { body: null, headers: {}, auth: 'none', bucket: '', weight: 0 } as const;
  return { ...asked, ...unsent, clientOrderId: null };
}

export type RequestPurpose =
  | 'server-time'
  | 'instruments'
  | 'funding-rates'
  | 'funding-history'
  | 'bars'
  | 'quotes'
  | 'depth'
  | 'fee-rates'
  | 'margin-tiers'
  | 'borrow-rates'
  | 'setup'
  | 'place'
  | 'cancel'
  | 'query-order'
  | 'open-orders'
  | 'order-history'
  | 'fills'
  | 'balances'
  | 'positions'
  | 'funding-payments'
  | 'listen-key'
  | 'account-config';

export interface RateLimits {
  /** New WebSockets a second; absent = the driver's own limit, which suits the strictest venue. */
  readonly connectsPerSecondMax?: number;
  readonly buckets: Readonly<
    Record<string, { readonly capacity: number; readonly intervalMs: number }>
  >;
  /** The buckets that new orders count in: what is left of the fullest is the venue's headroom. */
  readonly orderBuckets?: readonly string[];
  /** The buckets that the venue counts per address, not per account. */
  readonly addressBuckets?: readonly string[];
  /** By HTTP status: the least wait of an address ban, where the answer names none. */
  readonly bansMs?: Readonly<Record<number, number>>;
  /**
   * Reads the venue's own headers: used weight per bucket and how long to wait, where it says.
   * `bucket` is that of the request, where one header serves several hosts.
   */
  readHeaders(
    headers: Readonly<Record<string, string>>,
    bucket?: string,
  ): {
    readonly used: Readonly<Record<string, number>>;
    readonly retryAfterMs: number | null;
  };
}

/** One WebSocket connection to hold open. */
export interface StreamSpec {
  /** Unique in the venue; decode gets it back as `source`. */
  readonly name: string;
  /** Name of the base URL in `Endpoints.ws`, and what is appended (may hold `{listenKey}`). */
  readonly host: string;
  readonly path: string;
  readonly access: 'public' | 'private';
  readonly market: Market | null;
  /** Sent in order after open (and after login, where there is one). */
  readonly subscribe: readonly string[];
  /** Makes the login message; wall clock. Null = no login message. */
  readonly login: ((credentials: Credentials, wallMs: number) => string) | null;
  /** Gets the `{listenKey}`; the driver refreshes it every `listenKeyRefreshMs`. */
  readonly listenKey: HttpRequest | null;
  readonly listenKeyRefreshMs: number;
  /** Client heartbeat: text to send and how often; null where the server pings. */
  readonly heartbeat: { readonly text: string; readonly everyMs: number } | null;
  /** No frame at all for this long (wall) = dead: reconnect. */
  readonly silenceMsMax: number;
}

/** A WebSocket that takes orders; its login, heartbeat and silence are as of a stream. */
export type OrderSocketSpec = Pick<
  StreamSpec,
  'name' | 'host' | 'path' | 'market' | 'login' | 'heartbeat' | 'silenceMsMax'
>;

/** The answer to a message, in the form in which REST would have answered the same call. */
export interface OrderSocketAnswer {
  readonly id: string;
  readonly status: number;
  readonly body: string;
  /** Lower-case names: rate limits, as `RateLimits.readHeaders` knows them. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Orders over WebSockets: the calls of REST in another envelope, so that a reply is decoded and
 * judged in one way. Where a set of endpoints does not name a socket's host, REST is all there is.
 */
export interface OrderEntrySpec {
  /** What a message's id is; absent = up to 32 letters and digits, never used again. */
  readonly requestIds?: 'number';
  /** The connections that orders of these instruments need. */
  sockets(instruments: readonly Instrument[]): readonly OrderSocketSpec[];
  /** The message that asks what the request asks, for a socket by name; null = only over REST. */
  message(
    request: HttpRequest,
    call: {
      /** Of the form of `requestIds`; a number is a whole one below 2^53, in digits. */
      readonly id: string;
      readonly credentials: Credentials;
      /** As in `VenueSpec.sign`. */
      readonly wallMs: number;
      readonly catalog: Catalog;
    },
  ): { readonly socket: string; readonly text: string } | null;
  /** Null = another frame of the socket: see `VenueSpec.decode`. Never throws. */
  answer(bytes: Uint8Array, socket: string): OrderSocketAnswer | null;
}

/** Several orders or cancels in one request. The answer says of each item what became of it. */
export interface OrderBatchSpec {
  /** Requests of one key may go together, at most `max` of them; null = this one goes alone. */
  groupOf(request: HttpRequest): { readonly key: string; readonly max: number } | null;
  /** Two or more of one key as one request, which has no client id of its own. */
  join(requests: readonly HttpRequest[]): HttpRequest;
  /**
   * The reply to each, in their order and in the form of a single one; a null entry = the answer
   * says nothing of it, so its outcome is open. Null = one answer to all of them: a refusal.
   */
  split(
    requests: readonly HttpRequest[],
    reply: { readonly status: number; readonly body: string },
  ): readonly ({ readonly status: number; readonly body: string } | null)[] | null;
}

/** Where a frame came from: enough to decode what the bytes alone do not say. */
export interface FrameSource {
  readonly stream: string;
  readonly market: Market | null;
}

/**
 * Reads the hot best-bid/ask frames as bytes [from, to) of the buffer, without strings. Returns the
 * catalog index of the instrument and fills `out` (`quoteSlots.size` doubles, the last two for
 * scratch; the driver adds when it came) with [bid, bidQty, ask, askQty, venueTsMs (NaN = none)] in
 * our units, or returns -1: not such a frame, use `decode`; what is in `out` then means nothing.
 */
export type QuoteScanner = (
  frame: FrameBuffer,
  from: number,
  to: number,
  out: Float64Array,
) => number;

export const quoteSlots = {
  bid: 0,
  bidQty: 1,
  ask: 2,
  askQty: 3,
  venueTsMs: 4,
  /** Written by the driver: wall time of the read that brought the frame. */
  receivedWallMs: 5,
  size: 8,
} as const;

/** What to do with a depth delta, given the book's last sequence. */
export type BookVerdict = 'apply' | 'drop' | 'resync';

/** An id as the event has it, or as a scanner does: see `sequenceNumber`, which reads both. */
type Sequence = string | number | null;

/** What the sequencing rule looks at: a depth event is one. */
export interface BookStep {
  readonly snapshot: boolean;
  readonly seq: Sequence;
  readonly prevSeq: Sequence;
  readonly firstSeq: Sequence;
}

export interface BookPosition {
  readonly lastSeq: Sequence;
  /** No delta was applied since the snapshot. */
  readonly fresh: boolean;
}

export interface SnapshotScope {
  readonly instruments: readonly Instrument[];
  /** Orders, fills and funding payments since then (venue time, inclusive, with overlap). */
  readonly sinceMs: number;
}

export interface VenueSpec {
  readonly id: VenueId;
  /** Display name. */
  readonly name: string;
  /** `live` always; `testnet` and `demo` where the venue has them. */
  readonly endpoints: Readonly<Record<string, Endpoints>>;
  readonly rateLimits: RateLimits;
  /** How long after its timestamp a signed order request can still be accepted, ms of wall time. */
  readonly orderValidityMs: number;
  readonly needsPassphrase: boolean;

  /** `depth`: also subscribe the order book channels. */
  publicStreams(
    instruments: readonly Instrument[],
    options: { readonly depth: boolean },
  ): readonly StreamSpec[];
  privateStreams(instruments: readonly Instrument[]): readonly StreamSpec[];
  /** Absent where orders go over REST alone. */
  readonly orderEntry?: OrderEntrySpec;
  /** Absent where every order goes alone. */
  readonly batches?: OrderBatchSpec;
  /** Absent where no historic bars can be had. */
  readonly bars?: BarsSpec;

  /** Decodes one frame. Never throws: what it cannot read becomes an `unrecognized` event. */
  decode(bytes: Uint8Array, source: FrameSource, catalog: Catalog): readonly VenueEvent[];
  /** A scanner for the best bid/ask frames of one stream; built again when the catalog grows. */
  quoteScanner(source: FrameSource, catalog: Catalog): QuoteScanner;
  /** A scanner for the depth deltas of one stream, where there is one; built again likewise. */
  depthScanner?(source: FrameSource, catalog: Catalog): DepthScanner;
  /** The sequencing rule of the book: `lastSeq` is null before the first snapshot. */
  bookVerdict(step: BookStep, book: BookPosition, market: Market): BookVerdict;

  readonly requests: {
    serverTime(): HttpRequest;
    /** Of these markets, where the venue lists them apart; absent = spot and linear. */
    instruments(markets?: readonly Market[]): readonly HttpRequest[];
    /** Rates of the next settlement with interval and time. */
    fundingRates(instruments: readonly Instrument[]): readonly HttpRequest[];
    fundingHistory(instrument: Instrument, range: { fromMs: number; toMs: number }): HttpRequest;
    /** Best bid/ask of everything asked for. */
    quotes(instruments: readonly Instrument[]): readonly HttpRequest[];
    /** Book snapshot over REST, for venues whose stream sends only deltas; null = not needed. */
    depth(instrument: Instrument): HttpRequest | null;
    feeRates(instruments: readonly Instrument[]): readonly HttpRequest[];
    /** Margin tiers of these perpetuals; absent where the venue lists none. */
    marginTiers?(instruments: readonly Instrument[]): readonly HttpRequest[];
    /** What borrowing these assets on spot margin costs; absent where the venue lends none. */
    borrowRates?(assets: readonly string[]): readonly HttpRequest[];
    /** Position mode one-way, margin mode cross, leverage. "No change" answers are success. */
    setup(
      instruments: readonly Instrument[],
      options: { readonly leverage: number },
    ): readonly HttpRequest[];
    place(order: ApprovedOrder, instrument: Instrument): HttpRequest;
    cancel(clientOrderId: ClientOrderId, instrument: Instrument): HttpRequest;
    /** Order by client id; several requests where open and closed orders live apart. */
    queryOrder(clientOrderId: ClientOrderId, instrument: Instrument): readonly HttpRequest[];
    openOrders(instruments: readonly Instrument[]): readonly HttpRequest[];
    /** Order history, terminal orders included. */
    orderHistory(scope: SnapshotScope): readonly HttpRequest[];
    fills(scope: SnapshotScope): readonly HttpRequest[];
    /** Of the wallets of these markets; absent = spot and linear. */
    balances(markets?: readonly Market[]): readonly HttpRequest[];
    positions(instruments: readonly Instrument[]): readonly HttpRequest[];
    fundingPayments(scope: SnapshotScope): readonly HttpRequest[];
    accountConfig(): readonly HttpRequest[];
    /**
     * The venue's own dead-man switch, absent where it has none: it cancels what rests on these
     * instruments (where it cannot tell them apart, everything on the account) `timeoutMs` of wall
     * time from now, unless it is set again; 0 switches it off. A time beyond the venue's range is
     * sent as the nearest one that it takes.
     */
    deadMan?(
      instruments: readonly Instrument[],
      options: { readonly timeoutMs: number },
    ): readonly HttpRequest[];
  };
  /** The next page of a listing, or null when the reply was the last. */
  nextPage(request: HttpRequest, body: string): HttpRequest | null;
  /** Adds timestamp and signature. `wallMs` is wall time corrected by the measured clock offset. */
  sign(request: HttpRequest, credentials: Credentials, wallMs: number): HttpRequest;
  /**
   * Decodes a reply of any status. Errors come as `error` events with code and reaction; an empty
   * `query-order` result is `error` REJECTED with reaction `reconcile`. Never throws.
   */
  decodeReply(
    request: HttpRequest,
    reply: { readonly status: number; readonly body: string },
    catalog: Catalog,
  ): readonly VenueEvent[];
}
