// A venue of ccxt behind the same interface as a native one: REST and ccxt.pro streams in, the
// driver's events out. It reports and decides nothing; ccxt is imported when it starts.

import { unreachable } from '../../base/assert.ts';
import { UserError } from '../../base/errors.ts';
import type { DriverEvent, VenueEffect } from '../../domain/event.ts';
import { isPerp } from '../../domain/instrument.ts';
import { slot } from '../../domain/market-table.ts';
import type { DriverStats, StreamStats, VenueDriver } from '../driver-types.ts';
import { redactCredentials } from '../keys.ts';
import { AccountStreams } from './account-streams.ts';
import { type CcxtExchange, loadCcxt } from './api.ts';
import { Books } from './books.ts';
import { type Capability, can, capabilitiesOf, tradingRefusal } from './capabilities.ts';
import { textOf } from './errors.ts';
import { ccxtLimits } from './limits.ts';
import { Listings } from './listings.ts';
import { notStarted } from './not-started.ts';
import { OrderIds } from './order-ids.ts';
import { Orders } from './orders.ts';
import { profileOf } from './profiles.ts';
import { Rates } from './rates.ts';
import { type CcxtContext, type CcxtDriverOptions, call, makeExchange } from './session.ts';
import {
  classOf,
  type FeeRates,
  listInstruments,
  readFeeRates,
  refusal,
  reloadInstruments,
  setUpAccount,
} from './setup.ts';
import { Snapshots } from './snapshots.ts';

export interface CcxtDriver extends VenueDriver {
  /** What the venue can do through ccxt; empty before `start` has loaded it. */
  capabilities(): readonly Capability[];
}

export function createCcxtDriver(options: CcxtDriverOptions): CcxtDriver {
  return new Driver(options);
}

interface Parts {
  readonly context: CcxtContext;
  readonly books: Books;
  readonly rates: Rates;
  readonly orders: Orders;
  readonly snapshots: Snapshots;
  readonly account: AccountStreams;
}

/**
 * idle -> starting -> running -> stopped. Effects are taken once the venue's markets are loaded;
 * before and after they are answered as not sent.
 */
class Driver implements CcxtDriver {
  readonly venue: string;
  private readonly options: CcxtDriverOptions;
  private readonly offers: Capability[] = [];
  private readonly opened: CcxtExchange[] = [];
  private parts: Parts | null = null;
  private state: 'idle' | 'starting' | 'running' | 'stopped' = 'idle';
  private silent = false;
  private ticker: NodeJS.Timeout | null = null;
  private restFailures = 0;
  private restIsUp = false;
  private publicIsUp = false;
  private privateIsUp = false;
  private refused: unknown = null;
  private clockAt = { wallMs: 0, offsetMs: 0, roundTripMs: 0 };
  private reloadWallMs = 0;
  private fees: FeeRates = {};
  private upWaiters: (() => void)[] = [];
  private stopping: Promise<void> | null = null;

  constructor(options: CcxtDriverOptions) {
    this.venue = options.venue;
    const { credentials } = options;
    const redacted = credentials === null ? null : redactCredentials(credentials);
    this.options = { ...options, credentials: redacted };
  }

  capabilities(): readonly Capability[] {
    return this.offers;
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

  actAll(effects: readonly VenueEffect[]): void {
    for (const effect of effects) this.act(effect);
  }

  act(effect: VenueEffect): void {
    const { parts } = this;
    if (parts === null) {
      if (!this.silent) this.options.emit(notStarted(this.venue, effect));
      return;
    }
    switch (effect.kind) {
      case 'place-order':
        parts.orders.place(effect);
        return;
      case 'cancel-order':
        parts.orders.cancel(effect);
        return;
      case 'query-order':
        parts.orders.query(effect);
        return;
      case 'request-snapshot':
        parts.snapshots.request(effect);
        return;
      default:
        unreachable(effect);
    }
  }

  stop(): Promise<void> {
    this.stopping ??= this.shutDown();
    return this.stopping;
  }

  private async shutDown(): Promise<void> {
    this.state = 'stopped';
    if (this.ticker !== null) clearInterval(this.ticker);
    this.wake();
    const { parts } = this;
    if (parts !== null) {
      parts.books.stop();
      parts.account.stop();
      parts.snapshots.stop();
      await parts.orders.idle(parts.context.limits.stopMsMax);
      parts.orders.stop();
    }
    this.silent = true;
    await Promise.allSettled(this.opened.map((exchange) => exchange.close()));
  }

  stats(): DriverStats {
    const { parts, venue } = this;
    const streams: readonly StreamStats[] = [
      ...(parts?.books.stats() ?? []),
      ...(parts?.account.stats() ?? []),
    ];
    const total = (name: 'frames' | 'errors' | 'reconnects'): number =>
      streams.reduce((sum, stream) => sum + stream[name], 0);
    return {
      venue,
      instruments: parts?.context.bySymbol.size ?? 0,
      frames: total('frames'),
      unrecognized: 0,
      errors: total('errors'),
      reconnects: total('reconnects'),
      clock: { offsetMs: this.clockAt.offsetMs, roundTripMs: this.clockAt.roundTripMs },
      rest: { requestsOpen: 0, waiting: 0, pausedMs: 0, orderHeadroom: null },
      streams,
      orderSockets: [],
      ages: {
        quote: this.greatestAge(slot.quoteWallMs),
        mark: this.greatestAge(slot.markWallMs),
        funding: this.greatestAge(slot.fundingWallMs),
        book: this.greatestAge(slot.quoteWallMs),
      },
      books: {
        live: streams.filter(({ access, state }) => access === 'public' && state === 'up').length,
        resyncs: 0,
      },
      fundingPaymentsSeen: parts?.rates.paymentsSeen ?? 0,
    };
  }

  private async startUp(): Promise<void> {
    const context = await this.connect();
    const { limits, credentials, exchanges } = context;
    const refused = tradingRefusal(this.offers);
    if (credentials !== null && refused !== null) {
      throw new UserError(
        `${this.venue}: ccxt cannot trade on ${context.exchangeId}: ${refused}. ` +
          'Leave its key empty to use its market data alone.',
      );
    }
    await this.readClock(context);
    await listInstruments(context);
    this.mustRun();
    if (credentials !== null) await setUpAccount(context);
    this.fees = await readFeeRates(context);
    const listings = new Listings(context);
    const rates = new Rates(context, listings);
    try {
      await rates.readFirst();
    } catch (thrown) {
      throw refusal(context, 'funding rates', thrown);
    }
    this.mustRun();
    this.adoptIntervals(context);
    const books = new Books(context, (isUp, detail) => this.publicChanged(isUp, detail));
    const orders = new Orders(context, listings);
    const snapshots = new Snapshots(context, listings);
    const account = new AccountStreams(
      context,
      { orders, listings },
      {
        changed: (isUp, detail) => this.privateChanged(isUp, detail),
        refused: (thrown) => {
          this.refused ??= thrown;
          this.privateChanged(false, 'the key is refused');
        },
      },
    );
    this.parts = { context, books, rates, orders, snapshots, account };
    this.reloadWallMs = context.clock.wallMs();
    this.emitInstruments(context);
    this.restIsUp = true;
    this.status('rest', 'up', `${exchanges.account.name} through ccxt`);
    books.start();
    if (credentials !== null) account.start();
    this.ticker = setInterval(() => this.tick(), limits.tickMs);
    await this.streamsUp(limits.streamsUpMsMax);
    if (this.refused !== null) throw refusal(context, 'the private stream', this.refused);
    this.mustRun();
    this.state = 'running';
  }

  private async connect(): Promise<CcxtContext> {
    const { options } = this;
    const module = await (options.load ?? loadCcxt)();
    const type = classOf(module, options.venue, options.exchangeId);
    const profile = profileOf(options.exchangeId);
    const [market, account, orders] = await Promise.all([
      makeExchange(type, { ...options, credentials: null }, { profile, number: Number }),
      makeExchange(type, options, { profile, number: String }),
      makeExchange(type, options, { profile, number: String }),
    ]);
    this.opened.push(market, account, orders);
    this.offers.push(...capabilitiesOf(account.has, profile));
    if (options.credentials !== null && options.credentials.passphrase === '') {
      if (account.requiredCredentials['password'] === true) {
        throw new UserError(`${options.venue}: passphrase: missing in config/exchanges.yaml`);
      }
    }
    const bySymbol: CcxtContext['bySymbol'] = new Map();
    const ids = new OrderIds(profile.clientIdPrefix);
    return {
      ...options,
      profile,
      ids,
      bySymbol,
      symbolOf: new Map(),
      exchanges: { market, account, orders },
      limits: { ...ccxtLimits, ...options.limits },
      metrics: options.metrics ?? { count: () => {}, latency: () => {} },
      emit: (event: DriverEvent) => {
        if (!this.silent) options.emit(event);
      },
      source: {
        profile,
        instrumentOf: (symbol) => bySymbol.get(symbol),
        clientIdOf: (row, venueOrderId) => ids.clientIdOf(row, venueOrderId),
      },
      reached: (answered, detail) => this.reached(answered, detail),
      isStopped: () => this.state === 'stopped',
    };
  }

  private privateChanged(isUp: boolean, detail: string): void {
    this.privateIsUp = isUp;
    this.status('private', isUp ? 'up' : 'down', detail);
    this.wake();
  }

  private publicChanged(isUp: boolean, detail: string): void {
    this.publicIsUp = isUp;
    this.status('public', isUp ? 'up' : 'down', detail);
    this.wake();
  }

  private async streamsUp(withinMs: number): Promise<void> {
    const ready = (): boolean =>
      this.state === 'stopped' ||
      this.refused !== null ||
      (this.publicIsUp && (this.privateIsUp || this.options.credentials === null));
    if (ready()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.upWaiters.push(() => {
        if (!ready()) return;
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private wake(): void {
    for (const waiter of [...this.upWaiters]) waiter();
  }

  private tick(): void {
    const { parts } = this;
    if (parts === null) return;
    const { context } = parts;
    const wallMs = context.clock.wallMs();
    parts.books.tick(wallMs);
    parts.rates.tick(wallMs);
    if (wallMs - this.clockAt.wallMs > context.limits.clockEveryMs) void this.readClock(context);
    if (wallMs - this.reloadWallMs > context.limits.instrumentsReloadEveryMs) {
      this.reloadWallMs = wallMs;
      void reloadInstruments(context).then(
        () => this.emitInstruments(context),
        (thrown) =>
          context.log.warn({ venue: this.venue }, `instruments not reloaded: ${textOf(thrown)}`),
      );
    }
  }

  private async readClock(context: CcxtContext): Promise<void> {
    const { exchanges, clock, limits } = context;
    const startedMs = clock.wallMs();
    this.clockAt = { ...this.clockAt, wallMs: startedMs };
    if (!can(exchanges.market.has, 'fetchTime')) return;
    try {
      const venueMs = Number(await call(exchanges.market, 'fetchTime', [], limits.readTimeoutMs));
      const endedMs = clock.wallMs();
      const offsetMs = venueMs - (startedMs + endedMs) / 2;
      this.clockAt = { wallMs: endedMs, offsetMs, roundTripMs: endedMs - startedMs };
      this.reached(true, '');
    } catch (thrown) {
      if (this.state === 'starting' && this.parts === null) {
        throw refusal(context, 'the server time', thrown);
      }
      this.reached(false, textOf(thrown));
    }
  }

  private adoptIntervals(context: CcxtContext): void {
    const { catalog, table, bySymbol } = context;
    for (const [symbol, instrument] of bySymbol) {
      const intervalMs = table.get(catalog.indexOf(instrument.id), slot.intervalMs);
      if (Number.isNaN(intervalMs)) continue;
      const merged = { ...instrument, fundingIntervalMs: intervalMs };
      catalog.put(merged);
      bySymbol.set(symbol, merged);
    }
  }

  private emitInstruments(context: CcxtContext): void {
    const instruments = [...context.bySymbol.values()];
    context.emit({ kind: 'instruments', venue: this.venue, instruments, feeRates: this.fees });
    const perps = instruments.filter(({ kind }) => isPerp(kind));
    const terms = perps.map(({ id, leverageMax }) => {
      const leverage = Math.max(1, Math.min(context.leverage, leverageMax ?? context.leverage));
      return [id, { leverage, tiers: null }] as const;
    });
    context.emit({ kind: 'margin-terms', venue: this.venue, terms: Object.fromEntries(terms) });
  }

  private reached(answered: boolean, detail: string): void {
    if (this.parts === null) return;
    this.restFailures = answered ? 0 : this.restFailures + 1;
    const { restFailuresMax } = this.parts.context.limits;
    if (this.restIsUp && this.restFailures >= restFailuresMax) {
      this.restIsUp = false;
      this.status('rest', 'down', detail);
    } else if (!this.restIsUp && answered) {
      this.restIsUp = true;
      this.status('rest', 'up', 'answers again');
    }
  }

  private status(channel: 'public' | 'private' | 'rest', status: 'up' | 'down', detail: string) {
    if (this.silent) return;
    this.options.emit({ kind: 'venue-status', venue: this.venue, channel, status, detail });
  }

  private greatestAge(at: number): number | null {
    const { catalog, table, clock } = this.options;
    let greatest: number | null = null;
    for (const { id } of this.parts?.context.bySymbol.values() ?? []) {
      const ageMs = clock.wallMs() - table.get(catalog.indexOf(id), at);
      if (!Number.isNaN(ageMs)) greatest = Math.max(greatest ?? 0, ageMs);
    }
    return greatest;
  }

  private mustRun(): void {
    if (this.state === 'stopped') throw new Error(`${this.venue}: stopped while it started`);
  }
}
