// The WebSocket streams of one venue: opens what the spec lists, tells frames apart (quotes as
// bytes, everything else decoded), and says per channel when all of it is up. It must never let one
// stream's trouble touch another.

import type { FrameBuffer } from '../base/frame.ts';
import { DepthFrame, type DepthScanner, depthSlots } from '../domain/depth-frame.ts';
import type { ControlEvent, ErrorEvent, VenueEvent } from '../domain/venue-event.ts';
import type { FrameSource, QuoteScanner, StreamSpec } from '../domain/venue-spec.ts';
import { quoteSlots } from '../domain/venue-spec.ts';
import type { DriverContext, FrameTap, StreamStats } from './driver-types.ts';
import { errorIn } from './rest.ts';
import { StreamSocket } from './socket.ts';
import { connectToVenue } from './venue-socket.ts';

/** What a stream's frames turn into; called in the order of the frames. */
export interface StreamSink {
  /**
   * `values` holds `quoteSlots`, the time of receipt among them: a double as an argument may be
   * boxed. Valid during the call only.
   */
  quote(index: number, values: Float64Array, stream: Stream): void;
  /** False = it has to be decoded after all. */
  depth(index: number, frame: DepthFrame, stream: Stream): boolean;
  event(event: VenueEvent, wallMs: number, stream: Stream): void;
  /** Nothing of this stream may be believed from here on. */
  lost(stream: Stream): void;
}

export class Streams {
  private readonly context: DriverContext;
  private readonly sink: StreamSink;
  private readonly list: Stream[] = [];
  private readonly channelUp = { public: false, private: false };
  private authError: ErrorEvent | null = null;
  private stopped = false;
  private waiters: (() => void)[] = [];

  constructor(context: DriverContext, sink: StreamSink) {
    this.context = context;
    this.sink = sink;
  }

  open(specs: readonly StreamSpec[]): void {
    for (const spec of specs) {
      const stream = new Stream(this.context, spec, this.sink, {
        up: () => this.isUp(spec.access),
        down: (reason) => this.isDown(spec, reason),
        refused: (error) => this.isRefused(error),
      });
      this.list.push(stream);
      stream.start();
    }
  }

  /** Null when all are up, the time is over or it stops; else how the venue refused the key. */
  async settled(withinMs: number): Promise<ErrorEvent | null> {
    const ready = (): boolean =>
      this.stopped || this.authError !== null || this.list.every((s) => s.isUp);
    if (!ready()) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, withinMs);
        this.waiters.push(() => {
          if (!ready()) return;
          clearTimeout(timer);
          resolve();
        });
      });
    }
    return this.authError;
  }

  /** Checked by the driver's tick: connected, beating, and yet no data. */
  tick(): void {
    for (const stream of this.list) stream.checkData();
  }

  scannersChanged(): void {
    for (const stream of this.list) stream.rebuildScanner();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    await Promise.all(this.list.map((stream) => stream.stop()));
  }

  stats(): readonly StreamStats[] {
    return this.list.map((stream) => stream.stats());
  }

  private isUp(channel: 'public' | 'private'): void {
    this.wake();
    if (this.list.some((s) => s.spec.access === channel && !s.isUp)) return;
    this.channelUp[channel] = true;
    this.status(channel, 'up', 'every stream is up');
  }

  private isDown(spec: StreamSpec, reason: string): void {
    const { log, venue } = this.context;
    log.warn({ venue, stream: spec.name, reason }, 'stream lost');
    if (!this.channelUp[spec.access]) return;
    this.channelUp[spec.access] = false;
    this.status(spec.access, 'down', `${spec.name}: ${reason}`);
  }

  private isRefused(error: ErrorEvent): void {
    this.authError ??= error;
    this.wake();
  }

  private wake(): void {
    for (const waiter of [...this.waiters]) waiter();
  }

  private status(channel: 'public' | 'private', status: 'up' | 'down', detail: string): void {
    this.context.emit({
      kind: 'venue-status',
      venue: this.context.venue,
      channel,
      status,
      detail,
    });
  }
}

interface StreamOwner {
  up(): void;
  down(reason: string): void;
  refused(error: ErrorEvent): void;
}

/** One stream: its socket, its counters, its listen key. */
export class Stream {
  readonly spec: StreamSpec;
  readonly source: FrameSource;
  private readonly context: DriverContext;
  private readonly sink: StreamSink;
  private readonly owner: StreamOwner;
  private readonly socket: StreamSocket;
  private readonly tap: FrameTap | null;
  private readonly values = new Float64Array(quoteSlots.size);
  private readonly levels: DepthFrame | null;
  private scanner: QuoteScanner | null = null;
  private depthScanner: DepthScanner | null = null;
  private frames = 0;
  private scanned = 0;
  private unrecognized = 0;
  private errors = 0;
  private dataWallMs = Number.NaN;
  private upWallMs = 0;
  private listenKey: string | null = null;
  private refresh: NodeJS.Timeout | null = null;

  constructor(context: DriverContext, spec: StreamSpec, sink: StreamSink, owner: StreamOwner) {
    this.context = context;
    this.spec = spec;
    this.sink = sink;
    this.owner = owner;
    this.source = { stream: spec.name, market: spec.market };
    this.tap = spec.access === 'public' ? context.tap : null;
    const scansDepth = spec.access === 'public' && context.spec.depthScanner !== undefined;
    this.levels = scansDepth ? new DepthFrame() : null;
    this.makeScanners();
    const { login } = spec;
    const { credentials, clock, rest } = context;
    this.socket = new StreamSocket({
      clock,
      connect: connectToVenue,
      limits: context.socketLimits,
      owner: {
        frame: (buffer, from, to) => this.frame(buffer, from, to),
        up: () => this.becameUp(),
        down: (reason) => this.becameDown(reason),
      },
      plan: {
        name: spec.name,
        url: () => this.url(),
        login:
          login === null || credentials === null
            ? null
            : () => login(credentials, rest.signedWallMs()),
        subscribe: spec.subscribe,
        heartbeat: spec.heartbeat,
        silenceMsMax: spec.silenceMsMax,
      },
    });
  }

  get isUp(): boolean {
    return this.socket.state === 'up';
  }

  /** Wall time of the latest connection; 0 before the first. */
  get upSinceWallMs(): number {
    return this.upWallMs;
  }

  start(): void {
    this.socket.start();
  }

  async stop(): Promise<void> {
    if (this.refresh !== null) clearInterval(this.refresh);
    await this.socket.stop();
  }

  reconnect(reason: string): void {
    this.socket.reconnect(reason);
  }

  rebuildScanner(): void {
    this.makeScanners();
  }

  checkData(): void {
    if (!this.isUp || this.spec.access !== 'public') return;
    const sinceMs = Number.isNaN(this.dataWallMs) ? 0 : this.dataWallMs;
    const silentMs = this.context.clock.wallMs() - Math.max(sinceMs, this.upWallMs);
    if (silentMs > this.context.limits.dataSilenceMsMax) {
      this.reconnect(`connected, but no data for ${Math.round(silentMs)} ms`);
    }
  }

  stats(): StreamStats {
    const wallMs = this.context.clock.wallMs();
    const frameMs = this.socket.lastFrameWallMs;
    return {
      name: this.spec.name,
      access: this.spec.access,
      state: this.socket.state,
      frames: this.frames,
      scanned: this.scanned,
      unrecognized: this.unrecognized,
      errors: this.errors,
      reconnects: this.socket.reconnects,
      frameAgeMs: frameMs === 0 ? null : wallMs - frameMs,
      dataAgeMs: Number.isNaN(this.dataWallMs) ? null : wallMs - this.dataWallMs,
    };
  }

  private makeScanners(): void {
    if (this.spec.access !== 'public') return;
    const { spec, catalog } = this.context;
    this.scanner = spec.quoteScanner(this.source, catalog);
    this.depthScanner = spec.depthScanner?.(this.source, catalog) ?? null;
  }

  private frame(buffer: FrameBuffer, from: number, to: number): void {
    this.frames++;
    if (this.tap !== null) {
      this.tap.frame(this.source, buffer.bytes.subarray(from, to), this.socket.lastFrameWallMs);
    }
    if (this.scanner !== null && this.scan(this.scanner, buffer, from, to)) {
      this.scanned++;
      this.dataWallMs = this.socket.lastFrameWallMs;
      this.socket.dataSeen();
      return;
    }
    const { spec, catalog } = this.context;
    const wallMs = this.socket.lastFrameWallMs;
    const bytes = buffer.bytes.subarray(from, to);
    for (const event of spec.decode(bytes, this.source, catalog)) this.route(event, wallMs);
  }

  /** A quote or a delta of a book, as bytes; false = it is to be decoded. */
  private scan(scanner: QuoteScanner, buffer: FrameBuffer, from: number, to: number): boolean {
    const { levels, values } = this;
    const index = scanner(buffer, from, to, values);
    if (index >= 0) {
      values[quoteSlots.receivedWallMs] = this.socket.lastFrameWallMs;
      this.sink.quote(index, values, this);
      return true;
    }
    if (this.depthScanner === null || levels === null) return false;
    const book = this.depthScanner(buffer, from, to, levels);
    if (book < 0) return false;
    levels.head[depthSlots.receivedWallMs] = this.socket.lastFrameWallMs;
    return this.sink.depth(book, levels, this);
  }

  private route(event: VenueEvent, wallMs: number): void {
    switch (event.kind) {
      case 'control':
        this.control(event);
        return;
      case 'error':
        this.errorSeen(event);
        return;
      case 'unrecognized':
        this.unrecognized++;
        if (this.unrecognized <= this.context.limits.unrecognizedLogsMax) {
          const fields = { venue: this.context.venue, stream: this.spec.name };
          this.context.log.warn({ ...fields, reason: event.reason }, 'frame not recognized');
        }
        return;
      default:
        this.dataWallMs = wallMs;
        if (this.spec.access === 'public') this.socket.dataSeen();
        this.sink.event(event, wallMs, this);
    }
  }

  private control(event: ControlEvent): void {
    switch (event.name) {
      case 'login':
        this.socket.loggedIn();
        return;
      case 'subscribed':
      case 'ack':
        // A login whose answer is a plain ack moves on too.
        if (this.socket.state === 'logging-in') this.socket.loggedIn();
        else this.socket.subscribed();
        return;
      case 'reconnect-now':
      case 'listen-key-expired':
        this.reconnect(`${event.name} ${event.value ?? ''}`.trim());
        return;
      default:
    }
  }

  private errorSeen(error: ErrorEvent): void {
    this.errors++;
    const { venue, log } = this.context;
    const { code, venueCode, message } = error;
    log.warn({ venue, stream: this.spec.name, code, venueCode, message }, 'error on a stream');
    if (error.reaction === 'resync-clock') void this.context.rest.syncClock();
    const { state } = this.socket;
    const joining = state === 'logging-in' || state === 'subscribing';
    if (joining && code === 'AUTH' && !mendable.includes(error.reaction)) this.owner.refused(error);
    if (state === 'subscribing' && this.spec.access === 'public' && code !== 'AUTH') {
      // One refused channel must not take the others down: its silence is found by the watch.
      this.socket.subscribed();
    } else if (joining || error.reaction === 'login') {
      this.reconnect(`${venueCode} ${message}`);
    }
  }

  private becameUp(): void {
    this.upWallMs = this.context.clock.wallMs();
    this.owner.up();
  }

  private becameDown(reason: string): void {
    if (this.refresh !== null) clearInterval(this.refresh);
    this.refresh = null;
    this.context.metrics.count('reconnect', this.spec.name);
    this.tap?.lost(this.source, this.context.clock.wallMs());
    this.sink.lost(this);
    this.owner.down(reason);
  }

  private async url(): Promise<string> {
    const { spec, context } = this;
    await context.connects.turn();
    const base = context.endpoints.ws[spec.host];
    if (base === undefined) throw new Error(`no URL is named ws.${spec.host}`);
    const url = `${base}${spec.path}`;
    if (spec.listenKey === null) return url;
    const key = await this.fetchListenKey();
    this.listenKey = key;
    if (this.refresh !== null) clearInterval(this.refresh);
    this.refresh = setInterval(() => void this.refreshListenKey(), spec.listenKeyRefreshMs);
    return url.replaceAll('{listenKey}', encodeURIComponent(key));
  }

  private async fetchListenKey(): Promise<string> {
    const { spec, context } = this;
    if (spec.listenKey === null) throw new Error(`${spec.name} has no listen key`);
    const result = await context.rest.read(spec.listenKey);
    if (!result.ok) {
      if (result.error.code === 'AUTH') this.owner.refused(result.error);
      throw new Error(`listen key: ${result.error.venueCode} ${result.error.message}`);
    }
    for (const event of result.events) {
      if (event.kind === 'control' && event.name === 'listen-key' && event.value !== null) {
        return event.value;
      }
    }
    throw new Error(`listen key: ${errorIn(result.events)?.message ?? 'the reply holds none'}`);
  }

  private async refreshListenKey(): Promise<void> {
    try {
      const key = await this.fetchListenKey();
      if (key !== this.listenKey) this.reconnect('the listen key changed');
    } catch (thrown) {
      const { log, venue } = this.context;
      log.warn({ venue, stream: this.spec.name, reason: String(thrown) }, 'listen key not renewed');
    }
  }
}

/** Refusals of a login that a new attempt may mend. */
const mendable: readonly ErrorEvent['reaction'][] = ['login', 'resync-clock', 'retry', 'back-off'];
