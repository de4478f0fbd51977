// Runs a pure VenueSpec over sockets: the VenuePort of live trading and of the testnet. It reports
// everything as events and decides nothing: no strategy, no risk and no retry of a placement is
// here.

import { unreachable } from '../base/assert.ts';
import { UserError } from '../base/errors.ts';
import type {
  CancelOrder,
  DriverEvent,
  PlaceOrder,
  QueryOrder,
  RequestSnapshot,
  VenueEffect,
} from '../domain/event.ts';
import { slot } from '../domain/market-table.ts';
import type { ApprovedOrder } from '../domain/order.ts';
import type { VenueEvent } from '../domain/venue-event.ts';
import { ConnectTurns } from './connect-turns.ts';
import { Books } from './driver-books.ts';
import { DeadMan } from './driver-dead-man.ts';
import { Funding } from './driver-funding.ts';
import { driverLimits } from './driver-limits.ts';
import { Margin } from './driver-margin.ts';
import { Market } from './driver-market.ts';
import { Orders } from './driver-orders.ts';
import {
  adoptIntervals,
  emitInstruments,
  prepare,
  refusal,
  reloadInstruments,
} from './driver-setup.ts';
import { Snapshots } from './driver-snapshot.ts';
import { type Stream, Streams } from './driver-streams.ts';
import {
  type DriverContext,
  type DriverOptions,
  type DriverStats,
  localError,
  type VenueDriver,
} from './driver-types.ts';
import { Watch } from './driver-watch.ts';
import { HttpClient } from './http.ts';
import { redactCredentials } from './keys.ts';
import { type OrderEntry, orderEntryOf } from './order-entry.ts';
import { RateHealth } from './rate-health.ts';
import { RateLimiter } from './rate-limit.ts';
import { Rest } from './rest.ts';

export function createDriver(options: DriverOptions): VenueDriver {
  return new Driver(options);
}

/**
 * idle -> starting -> running -> stopped. Effects are taken while starting and running; before and
 * after they are answered as not sent. Events leave in the order in which frames and replies
 * arrived.
 */
class Driver implements VenueDriver {
  readonly venue: string;
  private readonly context: DriverContext;
  private readonly http: HttpClient;
  private readonly limiter: RateLimiter;
  private readonly rateHealth: RateHealth;
  private readonly books: Books;
  private readonly market: Market;
  private readonly funding: Funding;
  private readonly margin: Margin;
  private readonly watch: Watch;
  private readonly orders: Orders;
  private readonly deadMan: DeadMan;
  private readonly snapshots: Snapshots;
  private readonly streams: Streams;
  private readonly orderEntry: OrderEntry | null;
  private state: 'idle' | 'starting' | 'running' | 'stopped' = 'idle';
  private ticker: NodeJS.Timeout | null = null;
  private restFailures = 0;
  private restIsUp = true;
  private clockHolds = true;
  private clockSyncWallMs = 0;
  private reloadWallMs = 0;
  private silent = false;
  private stopping: Promise<void> | null = null;

  constructor(options: DriverOptions) {
    const { spec, endpoints, clock, catalog, log } = options;
    const credentials =
      options.credentials === null ? null : redactCredentials(options.credentials);
    const { connectsPerSecondMax = driverLimits.connectsPerSecondMax } = spec.rateLimits;
    const limits = { ...driverLimits, connectsPerSecondMax, ...options.limits };
    this.venue = spec.id;
    this.http = new HttpClient(options.httpLimits);
    this.limiter = new RateLimiter(spec.rateLimits, clock, options.rateLimitLimits);
    this.rateHealth = new RateHealth(spec.id);
    const rest = new Rest({
      spec,
      endpoints,
      credentials,
      clock,
      catalog,
      http: this.http,
      limiter: this.limiter,
      limits,
      log,
      tap: options.tap,
      overSocket: (request, timeoutMs, done) =>
        this.orderEntry?.send(request, timeoutMs, done) ?? false,
      reached: (answered, detail) => this.reached(answered, detail),
      clockMoved: (movedMs) => this.clockMoved(movedMs),
    });
    this.context = {
      venue: spec.id,
      spec,
      endpoints,
      credentials,
      clock,
      catalog,
      table: options.table,
      symbols: options.symbols,
      markets: options.markets ?? ['spot', 'linear'],
      leverage: options.leverage,
      depth: options.depth ?? true,
      // After the stop nothing may reach a mailbox that is being closed.
      emit: (event: DriverEvent) => {
        if (!this.silent) options.emit(event);
      },
      onQuote: options.onQuote,
      log,
      tap: options.tap ?? null,
      metrics: options.metrics ?? { count: () => {}, latency: () => {} },
      limits,
      socketLimits: options.socketLimits ?? {},
      rest,
      connects: new ConnectTurns(limits.connectsPerSecondMax, clock),
      instruments: [],
      feeRates: new Map(),
    };
    this.orderEntry = orderEntryOf(this.context, options.orderEntry ?? 'websocket');
    this.books = new Books(this.context);
    this.market = new Market(this.context, this.books);
    this.funding = new Funding(this.context, this.market);
    this.margin = new Margin(this.context);
    this.watch = new Watch(this.context, this.market);
    this.orders = new Orders(this.context, () => this.reload());
    this.deadMan = new DeadMan(this.context);
    this.snapshots = new Snapshots(this.context);
    this.streams = new Streams(this.context, {
      quote: (index, values, stream) => this.market.quote(index, values, stream),
      depth: (index, frame, stream) => this.books.scanned(index, frame, stream),
      event: (event, wallMs, stream) => this.event(event, wallMs, stream),
      lost: (stream) => this.market.lost(stream),
    });
  }

  async start(): Promise<void> {
    if (this.state !== 'idle') throw new Error(`${this.venue}: started twice`);
    this.state = 'starting';
    try {
      await this.startUp();
    } catch (thrown) {
      await this.stop();
      throw thrown;
    }
  }

  act(effect: VenueEffect): void {
    this.actAll([effect]);
  }

  actAll(effects: readonly VenueEffect[]): void {
    const orders: (PlaceOrder | CancelOrder)[] = [];
    for (const effect of effects) {
      if (effect.kind === 'cancel-order') orders.push(effect);
      else if (effect.kind !== 'place-order') this.ask(effect);
      else if (this.state === 'stopped') this.refuse(effect.order.clientOrderId);
      else orders.push(effect);
    }
    if (orders.length > 0) this.orders.sendAll(orders);
    for (const effect of orders) {
      if (effect.kind !== 'place-order') continue;
      this.deadMan.placed(effect.order);
      this.funding.traded(effect.order.instrument);
    }
  }

  rehearse(order: ApprovedOrder): void {
    const { catalog, spec, credentials, rest } = this.context;
    const instrument = catalog.byId(order.instrument);
    if (instrument === undefined || credentials === null) return;
    const request = spec.requests.place(order, instrument);
    const message = this.orderEntry?.messageOf(request, '0') ?? null;
    if (message === null) spec.sign(request, credentials, rest.signedWallMs());
  }

  private ask(effect: QueryOrder | RequestSnapshot): void {
    switch (effect.kind) {
      case 'query-order':
        this.orders.query(effect);
        return;
      case 'request-snapshot':
        this.snapshots.request(effect);
        return;
      default:
        unreachable(effect);
    }
  }

  /** New work is refused, answers under way are awaited, then sockets and connections close. */
  stop(): Promise<void> {
    this.stopping ??= this.shutDown();
    return this.stopping;
  }

  /** After the stop nothing new leaves, while the dead-man switch is still being put off. */
  private refuse(clientOrderId: string): void {
    const error = localError(this.venue, {
      code: 'TRANSIENT',
      venueCode: 'stopping',
      message: 'the driver is stopping',
      reaction: 'report',
      clientOrderId,
    });
    const { venue } = this;
    this.context.emit({ kind: 'place-result', venue, clientOrderId, outcome: 'rejected', error });
  }

  private async shutDown(): Promise<void> {
    this.state = 'stopped';
    if (this.ticker !== null) clearInterval(this.ticker);
    const { rest, limits } = this.context;
    this.funding.stop();
    this.margin.stop();
    this.watch.stop();
    this.books.stop();
    this.snapshots.stop();
    await this.deadMan.off();
    rest.stop();
    this.limiter.stop();
    await this.orders.idle(limits.stopMsMax);
    await Promise.all([this.streams.stop(), this.orderEntry?.stop()]);
    await this.http.close();
    this.silent = true;
  }

  stats(): DriverStats {
    const { context } = this;
    const wallMs = context.clock.wallMs();
    const streams = this.streams.stats();
    const total = (name: 'frames' | 'unrecognized' | 'errors' | 'reconnects'): number =>
      streams.reduce((sum, stream) => sum + stream[name], 0);
    const books = this.books.stats(wallMs);
    const { waiting, pausedMs, orderHeadroom } = this.limiter.stats();
    return {
      venue: this.venue,
      instruments: context.instruments.length,
      frames: total('frames'),
      unrecognized: total('unrecognized'),
      errors: total('errors'),
      reconnects: total('reconnects'),
      clock: { offsetMs: context.rest.offsetMs, roundTripMs: context.rest.roundTripMs },
      rest: { requestsOpen: this.http.requestsOpen, waiting, pausedMs, orderHeadroom },
      streams,
      orderSockets: this.orderEntry?.stats() ?? [],
      ages: {
        quote: this.greatestAge(slot.quoteWallMs, wallMs),
        mark: this.greatestAge(slot.markWallMs, wallMs),
        funding: this.greatestAge(slot.fundingWallMs, wallMs),
        book: books.ageMsMax,
      },
      books: { live: books.live, resyncs: books.resyncs },
      fundingPaymentsSeen: this.funding.paymentsSeen,
    };
  }

  private async startUp(): Promise<void> {
    const { context } = this;
    const { spec, limits, clock, log } = context;
    if (context.credentials === null)
      log.info({ venue: this.venue }, 'no API key: public data only');
    await prepare(context);
    const reason = await this.funding.readFirst();
    if (reason !== null) {
      throw new UserError(`${this.venue}: funding rates cannot be read (${reason})`, {
        exitCode: 1,
      });
    }
    adoptIntervals(context);
    this.mustRun();
    this.clockSyncWallMs = clock.wallMs();
    this.reloadWallMs = clock.wallMs();
    emitInstruments(context);
    this.margin.tick(clock.wallMs());
    this.status('rest', 'up', 'set up');
    this.streams.open([
      ...spec.publicStreams(context.instruments, { depth: context.depth }),
      ...(context.credentials === null ? [] : spec.privateStreams(context.instruments)),
    ]);
    this.ticker = setInterval(() => this.tick(), limits.tickMs);
    this.orderEntry?.open(context.instruments);
    const [refused] = await Promise.all([
      this.streams.settled(limits.streamsUpMsMax),
      this.orderEntry?.settled(limits.orderSocketUpMsMax),
    ]);
    if (refused !== null) throw refusal(context, 'the private stream', refused);
    this.mustRun();
    this.state = 'running';
  }

  /** A stop in the middle of a start ends the start. */
  private mustRun(): void {
    if (this.state === 'stopped') throw new Error(`${this.venue}: stopped while it started`);
  }

  private event(event: VenueEvent, wallMs: number, stream: Stream): void {
    switch (event.kind) {
      case 'order':
      case 'fill':
      case 'balance':
      case 'position':
        this.context.emit(event);
        return;
      case 'funding-payment':
        this.funding.payment(event);
        return;
      default:
        this.market.event(event, wallMs, stream);
    }
  }

  private tick(): void {
    const { clock, limits, rest } = this.context;
    const wallMs = clock.wallMs();
    this.streams.tick();
    this.books.tick(wallMs);
    this.watch.tick(wallMs);
    this.funding.tick(wallMs);
    this.margin.tick(wallMs);
    this.deadMan.tick(wallMs);
    const room = this.rateHealth.look(this.limiter.orderHeadroom());
    if (room !== null) this.context.emit(room);
    if (wallMs - this.clockSyncWallMs > limits.clockSyncEveryMs) {
      this.clockSyncWallMs = wallMs;
      void rest.syncClock();
    }
    if (wallMs - this.reloadWallMs > limits.instrumentsReloadEveryMs) this.reload();
  }

  private reload(): void {
    const { clock, limits } = this.context;
    const wallMs = clock.wallMs();
    if (this.state !== 'running' || wallMs - this.reloadWallMs < limits.instrumentsReloadGapMs)
      return;
    this.reloadWallMs = wallMs;
    void reloadInstruments(this.context).then(() => this.streams.scannersChanged());
  }

  private reached(answered: boolean, detail: string): void {
    this.restFailures = answered ? 0 : this.restFailures + 1;
    const { restFailuresMax } = this.context.limits;
    if (this.restIsUp && this.restFailures >= restFailuresMax) {
      this.restIsUp = false;
      this.status('rest', 'down', detail);
    } else if (!this.restIsUp && answered) {
      this.restIsUp = true;
      this.status('rest', 'up', 'answers again');
    }
  }

  /** Signatures made since the last measurement may have been refused, and orders with them. */
  private clockMoved(movedMs: number): void {
    const holds = movedMs <= this.context.limits.clockDriftMsMax;
    if (holds === this.clockHolds) return;
    this.clockHolds = holds;
    const moved = `ours and the venue's moved ${Math.round(movedMs)} ms apart`;
    if (holds) this.status('clock', 'up', 'holds again');
    else this.status('clock', 'down', `${moved}: check how this machine keeps its time`);
  }

  private status(channel: 'rest' | 'clock', status: 'up' | 'down', detail: string): void {
    this.context.emit({ kind: 'venue-status', venue: this.venue, channel, status, detail });
  }

  private greatestAge(at: number, wallMs: number): number | null {
    const { catalog, table } = this.context;
    let greatest: number | null = null;
    for (const { id } of this.context.instruments) {
      const ageMs = wallMs - table.get(catalog.indexOf(id), at);
      if (!Number.isNaN(ageMs)) greatest = Math.max(greatest ?? 0, ageMs);
    }
    return greatest;
  }
}
