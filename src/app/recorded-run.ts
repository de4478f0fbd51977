// The system over a recording: the frames as they came through the venues' own decoders, the same
// engine, strategies, risk and execution, and an account of our own at the simulated exchange,
// filled in the recorded books. Virtual time stands at each frame's receive time; nothing is
// random, so a recording and a configuration give one result.

import type { BacktestRun, Sample } from '../backtest/run.ts';
import { TradeBook } from '../backtest/trade-book.ts';
import { toNumber } from '../base/decimal.ts';
import { Heap } from '../base/heap.ts';
import { dayMs } from '../base/time.ts';
import type { DriverEvent, EngineInput, JournalRecord, SetTimer } from '../domain/event.ts';
import { Catalog } from '../domain/instrument.ts';
import { MarketTable } from '../domain/market-table.ts';
import { isSettled } from '../domain/order-state.ts';
import type { Clock, VenuePort } from '../domain/ports.ts';
import type { RawFrame, RecordedClock } from '../domain/raw-frame.ts';
import { reconcileTimer } from '../engine/decide-adoption.ts';
import { EngineHost } from '../engine/host.ts';
import type { MarketReader } from '../engine/legs.ts';
import type { Policy } from '../engine/policy.ts';
import { type EngineState, emptyState, livePairs } from '../engine/state.ts';
import { PairWatch } from '../engine/watch.ts';
import type { DriverLog } from '../io/driver-types.ts';
import { RecordedVenue } from '../io/recorded-venue.ts';
import type { SimExchange, SimInstrument } from '../sim/api.ts';
import { createSimPort } from '../sim/port.ts';
import { marginTermsOf } from '../sim/venue-answers.ts';
import { defaultScanOptions } from '../strategy/scan.ts';
import type { NativeSetup } from './compose.ts';
import { marksEveryMs, marksOf, scanEveryMs } from './marks.ts';
import { advanceEveryMs, feeRatesOf, listingOf, paperAccount } from './paper-account.ts';
import { instrumentsMax } from './system.ts';

export interface RecordedRunOptions {
  /** In the order of receipt. */
  readonly frames: AsyncIterable<RawFrame>;
  /** Of the recorded venues; null = venue time is wall time. */
  readonly clock: RecordedClock | null;
  readonly setups: readonly NativeSetup[];
  readonly policy: Policy;
  readonly usdtPerVenue: number;
  /** One way, wall ms. */
  readonly latencyMs: number;
  /** The venue's own where it is not another tier. */
  readonly feesOf: (listing: SimInstrument) => SimInstrument;
  /** Venue time from which on it trades, and at which it begins to close; null = all of it. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly onRecord?: (record: JournalRecord, state: EngineState) => void;
  /** Now and then, with the frames done; false = stop here, in order. */
  readonly onProgress?: (frames: number) => boolean;
  readonly log: DriverLog;
}

export interface RecordedRun extends BacktestRun {
  readonly frames: number;
  readonly unrecognized: number;
  readonly venues: readonly string[];
}

/** Wall time for closing after the end, with the last books standing still where frames end. */
const windDownMsMax = 30_000;
/** The last snapshots come within. */
const reconcileMs = 2_000;
/** Books that have gone silent are looked for so often (wall), as a driver does. */
const tickMs = 250;
const progressFrames = 4_096;

export async function runRecording(options: RecordedRunOptions): Promise<RecordedRun> {
  const run = new Run(options);
  let frames = 0;
  let interrupted = false;
  for await (const frame of options.frames) {
    if (!run.put(frame)) break;
    frames++;
    if (frames % progressFrames !== 0) continue;
    interrupted = options.onProgress?.(frames) === false;
    if (interrupted) break;
  }
  return run.end(interrupted);
}

class Run {
  private readonly options: RecordedRunOptions;
  private readonly state = emptyState();
  private readonly catalog = new Catalog();
  private readonly table = new MarketTable(instrumentsMax);
  private readonly queue = new Heap<() => void>();
  private readonly timers = new Map<string, number>();
  private readonly venues = new Map<string, RecordedVenue>();
  private readonly ports = new Map<string, VenuePort>();
  private readonly trades = new TradeBook(this.state);
  private readonly samples: Sample[] = [];
  private readonly clock: Clock;
  private readonly host: EngineHost;
  private readonly watch: PairWatch;
  private wallMs = Number.NaN;
  private phase: 'before' | 'trading' | 'closing' = 'before';
  private closingSinceMs = 0;
  private startMs = 0;
  private frames = 0;
  private inputs = 0;
  private dayEndMs = Number.POSITIVE_INFINITY;

  constructor(options: RecordedRunOptions) {
    this.options = options;
    const { policy } = options;
    this.clock = { wallMs: () => this.wallMs, venueMs: () => this.venueMs(this.wallMs) };
    const market: MarketReader = {
      catalog: this.catalog,
      table: this.table,
      takerFeeRate: (id) => this.state.feeRates.get(id)?.taker ?? Number.NaN,
    };
    const put = (input: EngineInput): void => this.host.put(input);
    this.host = new EngineHost({
      ...{ state: this.state, policy, market, clock: this.clock },
      ports: {
        append: (record) => {
          if ('input' in record) this.inputs++;
        },
        commit: () => undefined,
        act: (effect) => {
          const venue = effect.kind === 'place-order' ? effect.order.venue : effect.venue;
          this.ports.get(venue)?.act(effect);
        },
        timer: (effect) => {
          if (effect.kind === 'set-timer') this.arm(effect);
          else this.timers.delete(effect.timer);
        },
        alert: () => undefined,
        observe: (record) => {
          this.watch.observe(record);
          this.trades.observe(record);
          options.onRecord?.(record, this.state);
        },
      },
    });
    this.watch = new PairWatch({
      ...{ market, strategies: policy.strategies, state: this.state, clock: this.clock },
      ...{ scan: defaultScanOptions, put },
    });
    for (const { spec, wants } of options.setups) {
      const venue = new RecordedVenue({
        ...{ spec, clock: this.clock, catalog: this.catalog, table: this.table },
        symbols: wants,
        emit: (event) => this.emit(event),
        onQuote: (index) => {
          if (this.phase !== 'before') this.watch.onQuote(index);
        },
        onListed: (listed) => this.list(listed),
        log: options.log,
      });
      this.venues.set(spec.id, venue);
    }
  }

  /** False = nothing is left to do. */
  put(frame: RawFrame): boolean {
    this.runUntil(frame.receivedWallMs);
    const { fromMs } = this.options;
    const isTime = fromMs === null || this.clock.venueMs() >= fromMs;
    if (this.phase === 'before' && isTime) this.begin();
    if (this.phase === 'closing') {
      if (this.isClosed() || this.wallMs - this.closingSinceMs > windDownMsMax) return false;
    }
    this.frames++;
    this.venues.get(frame.venue)?.put(frame);
    return true;
  }

  end(interrupted: boolean): RecordedRun {
    if (this.phase === 'before') this.begin();
    this.windDown();
    while (!this.isClosed() && this.wallMs - this.closingSinceMs < windDownMsMax) {
      this.runUntil(this.wallMs + advanceEveryMs);
    }
    const toMs = this.clock.venueMs();
    for (const venue of this.ports.keys()) {
      this.host.put({ kind: 'timer', timer: reconcileTimer(venue) });
    }
    this.runUntil(this.wallMs + reconcileMs);
    this.host.put(marksOf(this.state, this.catalog, this.table, this.clock));
    this.sample(toMs);
    this.host.stop();
    const venues = [...this.venues.values()];
    return {
      ...{ state: this.state, fromMs: this.startMs, toMs },
      events: this.frames + this.inputs,
      samples: [this.firstSample(), ...this.samples],
      trips: this.trades.roundTrips(),
      fills: this.trades.fills,
      denied: this.state.counters.denied,
      differences: [...this.state.venues].flatMap(([venue, { differences }]) =>
        differences.map((text) => `${venue}: ${text}`),
      ),
      scenariosWithoutEffect: 0,
      tierChanges: [],
      interrupted,
      frames: this.frames,
      unrecognized: venues.reduce((sum, { unrecognized }) => sum + unrecognized, 0),
      venues: [...this.ports.keys()],
    };
  }

  /** The system boots: what was listed before is there, and the market is warm. */
  private begin(): void {
    this.phase = 'trading';
    this.startMs = this.clock.venueMs();
    this.dayEndMs = Math.ceil((this.startMs + 1) / dayMs) * dayMs;
    this.host.put({
      kind: 'booted',
      runId: 'recording',
      installation: 'simsim',
      epoch: 1,
      seed: null,
      venues: [...this.venues.keys()],
      configDigest: '',
    });
    for (const venue of this.venues.values()) if (venue.isListed) this.list(venue);
    const { toMs } = this.options;
    if (toMs !== null) this.queue.push(this.wallOf(toMs), () => this.windDown());
    this.every(marksEveryMs, () => {
      this.host.put(marksOf(this.state, this.catalog, this.table, this.clock));
      const tsMs = this.clock.venueMs();
      if (tsMs < this.dayEndMs) return;
      this.sample(this.dayEndMs);
      this.dayEndMs = Math.ceil((tsMs + 1) / dayMs) * dayMs;
    });
    this.every(scanEveryMs, () => void this.watch.onTimer());
    this.every(tickMs, () => {
      for (const venue of this.venues.values()) venue.tick(this.wallMs);
    });
  }

  private list(venue: RecordedVenue): void {
    const { instruments } = venue;
    for (const instrument of instruments) this.catalog.put(instrument);
    if (this.phase === 'before') return;
    const { id } = venue.spec;
    const listings = instruments.map((instrument) => this.options.feesOf(listingOf(instrument)));
    const account = this.ports.has(id) ? null : this.openAccount(id, listings);
    const feeRates = feeRatesOf(listings);
    this.host.put({ kind: 'instruments', venue: id, instruments, feeRates });
    if (account === null) return;
    this.host.put(marginTermsOf(account));
    for (const channel of ['rest', 'public', 'private'] as const) {
      this.emit({ kind: 'venue-status', venue: id, channel, status: 'up', detail: 'recorded' });
    }
  }

  private openAccount(venue: string, listings: readonly SimInstrument[]): SimExchange {
    const { usdtPerVenue: usdt, latencyMs, setups } = this.options;
    const leverage = setups.find(({ id }) => id === venue)?.leverage ?? 1;
    const { catalog, table, clock, state } = this;
    const { exchange, market } = paperAccount({
      ...{ venue, leverage, catalog, table, clock, state, usdt, listings },
    });
    const port = createSimPort({
      exchange,
      now: () => ({ tsMs: clock.venueMs(), wallMs: clock.wallMs() }),
      after: (delayMs, action) => this.queue.push(this.wallMs + delayMs, action),
      latencyMs: () => latencyMs,
      emit: (event) => this.host.put(event),
    });
    this.ports.set(venue, port);
    this.every(advanceEveryMs, () => {
      market.note();
      exchange.advance({ tsMs: clock.venueMs(), wallMs: clock.wallMs() });
    });
    return exchange;
  }

  private emit(event: DriverEvent): void {
    if (this.phase !== 'before') this.host.put(event);
  }

  private windDown(): void {
    if (this.phase !== 'trading') return;
    this.phase = 'closing';
    this.closingSinceMs = this.wallMs;
    this.host.put({ kind: 'operator', command: 'wind-down', by: 'end of the recording' });
  }

  private isClosed(): boolean {
    if (livePairs(this.state).length > 0) return false;
    for (const order of this.state.orders.values()) if (!isSettled(order)) return false;
    return true;
  }

  private firstSample(): Sample {
    const equityUsd = this.state.equity.startUsd ?? Number.NaN;
    return { tsMs: this.startMs, equityUsd, fundingUsd: 0, feesUsd: 0, grossUsd: 0, pairs: 0 };
  }

  private sample(tsMs: number): void {
    const { equity, attribution, positions, marks } = this.state;
    let grossUsd = 0;
    for (const [id, { qty }] of positions) {
      grossUsd += Math.abs(toNumber(qty)) * (marks.get(id)?.price ?? 0);
    }
    this.samples.push({
      tsMs,
      equityUsd: equity.lastUsd ?? Number.NaN,
      fundingUsd: attribution.fundingUsd,
      feesUsd: attribution.feesUsd,
      grossUsd,
      pairs: this.trades.openPairs,
    });
  }

  private every(periodMs: number, action: () => void): void {
    const again = (): void => {
      action();
      this.queue.push(this.wallMs + periodMs, again);
    };
    this.queue.push(this.wallMs + periodMs, again);
  }

  private arm({ timer, clock, dueMs }: SetTimer): void {
    this.timers.set(timer, dueMs);
    const dueWallMs = clock === 'wall' ? dueMs : this.wallOf(dueMs);
    this.queue.push(Math.max(this.wallMs, dueWallMs), () => {
      if (this.timers.get(timer) !== dueMs) return;
      this.timers.delete(timer);
      this.host.put({ kind: 'timer', timer });
    });
  }

  private runUntil(endMs: number): void {
    if (Number.isNaN(this.wallMs)) this.wallMs = endMs;
    const { queue } = this;
    for (let next = queue.peekKey(); next !== null && next <= endMs; next = queue.peekKey()) {
      this.wallMs = Math.max(this.wallMs, next);
      queue.pop()?.();
    }
    this.wallMs = Math.max(this.wallMs, endMs);
  }

  private venueMs(wallMs: number): number {
    const { clock } = this.options;
    if (clock === null) return wallMs;
    return clock.venueStartMs + (wallMs - clock.wallStartMs) * clock.speed;
  }

  private wallOf(venueMs: number): number {
    const { clock } = this.options;
    if (clock === null) return venueMs;
    return clock.wallStartMs + (venueMs - clock.venueStartMs) / clock.speed;
  }
}
