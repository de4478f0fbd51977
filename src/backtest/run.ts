// The exact backtest: the engine, strategies, risk and execution as they are, over recorded history
// behind the two ports. Virtual time, one thread, no randomness: the same tape and policy give the
// same journal.
//
// One step per bar. While the bar runs, its venue does what it did: settlements at their times,
// liquidation at the bar's extremes, answers to orders after the latency. Some time after its close
// (`dataDelayMs`, beyond the strategies' settlement guard) the system sees the closed bar and the
// published rates, and decides; what it orders arrives inside the next bar and trades at its open.
// Near the end everything is wound down, so that the result has the costs of closing in it.
import { assert, present } from '../base/assert.ts';
import { type Decimal, zero } from '../base/decimal.ts';
import { Heap } from '../base/heap.ts';
import { dayMs, secondMs } from '../base/time.ts';
import type { EngineInput, JournalRecord, SetTimer } from '../domain/event.ts';
import { Catalog } from '../domain/instrument.ts';
import { MarketTable } from '../domain/market-table.ts';
import { EngineHost } from '../engine/host.ts';
import type { MarketReader } from '../engine/legs.ts';
import type { Policy } from '../engine/policy.ts';
import { type EngineState, emptyState } from '../engine/state.ts';
import { PairWatch } from '../engine/watch.ts';
import type { SimNow } from '../sim/api.ts';
import { marksOf } from '../sim/market-view.ts';
import type { FeeTiers, TierChange } from './fee-tiers.ts';
import { Feed } from './feed.ts';
import { type Contract, rangeOf, type Tape } from './tape.ts';
import { type RoundTrip, TradeBook } from './trade-book.ts';
import { type Scenario, TapeVenues } from './venues.ts';

export interface BacktestOptions {
  readonly tape: Tape;
  readonly policy: Policy;
  readonly capitalUsd: Decimal;
  /** Set at the venue for every perpetual; capped by what the contract allows. */
  readonly leverage: number;
  /** One way, from us to the venue and back. */
  readonly latencyMs: number;
  /** After a bar's close until it is seen and acted upon. */
  readonly dataDelayMs: number;
  readonly scenarios?: readonly Scenario[];
  /** Fees that follow the volume traded; absent = those of the tape, throughout. */
  readonly feeTiers?: FeeTiers;
  /** Trading starts and ends here; default: the whole tape. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Called with every record, as a journal would hold it. */
  readonly onRecord?: (record: JournalRecord) => void;
  /** Now and then, with the bars done and in all; false = stop here, in order. */
  readonly onProgress?: (done: number, total: number) => boolean;
}

/** The state of the books at one moment, usually the end of a UTC day. */
export interface Sample {
  readonly tsMs: number;
  readonly equityUsd: number;
  readonly fundingUsd: number;
  readonly feesUsd: number;
  /** Of both legs of all pairs, at entry prices. */
  readonly grossUsd: number;
  readonly pairs: number;
}

export interface BacktestRun {
  readonly state: EngineState;
  readonly fromMs: number;
  readonly toMs: number;
  /** Bars and rates shown, and inputs that the engine processed. */
  readonly events: number;
  readonly samples: readonly Sample[];
  readonly trips: readonly RoundTrip[];
  readonly fills: number;
  readonly denied: number;
  /** Where the books and the venues' own disagree at the end; empty = nowhere. */
  readonly differences: readonly string[];
  /** Scenarios that found nothing to close. */
  readonly scenariosWithoutEffect: number;
  readonly tierChanges: readonly TierChange[];
  readonly interrupted: boolean;
}

const wallStartMs = 1_000_000;
/** Bars between two reports of progress. */
const progressBars = 512;
/** Between two comparisons of the books with the simulated venues; the last one is at the end. */
const reconcileMs = 30 * dayMs;
/** Snapshots of all venues are booked by then. */
const bootMs = 5 * secondMs;

export function runBacktest(options: BacktestOptions): BacktestRun {
  return new Run(options).run();
}

class Run {
  private readonly options: BacktestOptions;
  private readonly tape: Tape;
  private readonly state = emptyState();
  private readonly catalog = new Catalog();
  private readonly queue = new Heap<() => void>();
  private readonly timers = new Map<string, number>();
  private readonly venues: TapeVenues;
  private readonly trades = new TradeBook(this.state);
  private readonly samples: Sample[] = [];
  private readonly tierChanges: TierChange[] = [];
  private readonly feed: Feed;
  private readonly table: MarketTable;
  private readonly host: EngineHost;
  private readonly watch: PairWatch;
  private readonly originMs: number;
  private readonly bars: { readonly from: number; readonly to: number };
  private readonly settlementTimes: Float64Array;
  private nowMs: number;
  private inputs = 0;
  private scenariosWithoutEffect = 0;

  constructor(options: BacktestOptions) {
    const { tape } = options;
    this.options = options;
    this.tape = tape;
    this.bars = barRange(options);
    this.originMs = this.timeOf(this.bars.from);
    this.nowMs = this.originMs;
    this.settlementTimes = settlementTimesOf(tape, this.originMs);
    for (const { listing } of tape.contracts) this.catalog.put(listing.instrument);
    this.table = new MarketTable(this.catalog.size);
    this.feed = new Feed(tape, this.catalog, this.table);
    this.venues = new TapeVenues({
      ...options,
      startMs: this.originMs,
      now: () => this.now(),
      at: (tsMs, action) => this.at(tsMs, action),
      emit: (event) => this.host.put(event),
    });
    const policy: Policy = {
      ...options.policy,
      // Books and simulated venues cannot part unseen: once a month shows it as well.
      reconcile: { ...options.policy.reconcile, everyMs: reconcileMs },
      // Bars hold no queue: a resting order would be filled by every touch of its price.
      execution: { ...options.policy.execution, modes: ['taker-taker'] },
    };
    const clock = { wallMs: () => this.wallMs(), venueMs: () => this.nowMs };
    const market: MarketReader = {
      catalog: this.catalog,
      table: this.table,
      takerFeeRate: (id) => this.state.feeRates.get(id)?.taker ?? Number.NaN,
    };
    const put = (input: EngineInput): void => this.host.put(input);
    this.host = new EngineHost({
      state: this.state,
      policy,
      market,
      clock,
      ports: {
        append: (record) => {
          if ('input' in record) this.inputs++;
          options.onRecord?.(record);
        },
        commit: () => undefined,
        act: (effect) => this.venues.act(effect),
        timer: (effect) => {
          if (effect.kind === 'set-timer') this.arm(effect);
          else this.timers.delete(effect.timer);
        },
        alert: () => undefined,
        observe: (record) => {
          this.watch.observe(record);
          this.trades.observe(record);
        },
      },
    });
    this.watch = new PairWatch({
      market,
      strategies: policy.strategies,
      state: this.state,
      clock,
      // Every pair at every bar; near misses are only of use to a journal.
      scan: { nearMissBand: 0, pairCooldownMs: 1, improvementStep: 1 },
      put,
    });
  }

  run(): BacktestRun {
    const { from, to } = this.bars;
    const { tape, options } = this;
    this.boot();
    let settled = 0;
    let interrupted = false;
    const scenarios = [...(options.scenarios ?? [])].sort((a, b) => a.atMs - b.atMs);
    const endings = endingsOf(tape, to);
    let done = from;
    for (let k = from; k < to; k++) {
      const closeMs = this.timeOf(k + 1);
      const isLast = k === to - 1;
      if (this.isActive()) this.at(this.timeOf(k) + tape.barMs / 4, () => this.venues.insideBar(k));
      for (; (this.settlementTimes[settled] as number) <= closeMs; settled++) {
        const atMs = this.settlementTimes[settled] as number;
        if (this.isActive()) this.at(atMs, () => this.venues.settle());
      }
      while ((scenarios[0]?.atMs ?? Number.POSITIVE_INFINITY) <= closeMs) {
        const scenario = present(scenarios.shift(), 'a scenario');
        this.at(scenario.atMs, () => {
          if (!this.venues.play(scenario)) this.scenariosWithoutEffect++;
        });
      }
      for (const contract of endings.get(k) ?? []) {
        // A perpetual after its last settlement; coins while their last book stands.
        const isSpot = contract.listing.instrument.kind === 'spot';
        this.at(closeMs - (isSpot ? 1 : 0), () => this.venues.delist(contract));
      }
      this.runUntil(closeMs + (isLast ? 0 : options.dataDelayMs));
      this.show(k, isLast);
      if (k === to - 2 || interrupted) this.windDown();
      else if (!isLast) this.watch.onTimer();
      done = k + 1;
      if (interrupted) break;
      if ((k - from) % progressBars === 0 && options.onProgress !== undefined) {
        interrupted = !options.onProgress(k - from, to - from);
      }
    }
    this.runUntil(this.timeOf(done) + bootMs);
    for (const venue of this.venues.ids) {
      this.host.put({ kind: 'timer', timer: `reconcile:${venue}` });
    }
    this.runUntil(this.nowMs + bootMs);
    this.host.put(marksOf(this.state, this.catalog, this.table));
    this.sample(this.timeOf(done));
    this.host.stop();
    options.onProgress?.(done - from, to - from);
    return {
      state: this.state,
      fromMs: this.originMs,
      toMs: this.timeOf(done),
      events: this.feed.events + this.inputs,
      samples: this.samples,
      trips: this.trades.roundTrips(),
      fills: this.trades.fills,
      denied: this.state.counters.denied,
      scenariosWithoutEffect: this.scenariosWithoutEffect,
      tierChanges: this.tierChanges,
      differences: [...this.state.venues].flatMap(([venue, { differences }]) =>
        differences.map((text) => `${venue}: ${text}`),
      ),
      interrupted,
    };
  }

  private boot(): void {
    const { venues } = this;
    this.host.put({
      kind: 'booted',
      runId: 'backtest',
      installation: 'simsim',
      epoch: 1,
      seed: null,
      venues: venues.ids,
      configDigest: '',
    });
    for (const venue of venues.ids) {
      this.host.put(venues.listed(venue));
      this.host.put(venues.margins(venue));
      for (const channel of ['rest', 'public', 'private'] as const) {
        this.host.put({ kind: 'venue-status', venue, channel, status: 'up', detail: '' });
      }
    }
    this.runUntil(this.originMs + bootMs);
    this.host.put(marksOf(this.state, this.catalog, this.table));
    this.sample(this.originMs);
  }

  private show(k: number, isLast: boolean): void {
    this.feed.show(k, this.now());
    const closeMs = this.timeOf(k + 1);
    const isDayEnd = closeMs % dayMs < this.tape.barMs && !isLast;
    if (isDayEnd) this.changeTiers(closeMs);
    if (this.isActive() || isDayEnd) {
      this.host.put(marksOf(this.state, this.catalog, this.table));
    }
    if (isDayEnd) this.sample(closeMs);
  }

  private changeTiers(tsMs: number): void {
    const changes = this.venues.newDay(tsMs);
    this.tierChanges.push(...changes);
    for (const venue of new Set(changes.map((change) => change.venue))) {
      this.host.put(this.venues.listed(venue));
    }
  }

  private windDown(): void {
    this.host.put({ kind: 'operator', command: 'wind-down', by: 'end of the backtest' });
  }

  private sample(tsMs: number): void {
    const { equity, attribution } = this.state;
    this.samples.push({
      tsMs,
      equityUsd: equity.lastUsd ?? Number.NaN,
      fundingUsd: attribution.fundingUsd,
      feesUsd: attribution.feesUsd,
      grossUsd: this.venues.grossUsd,
      pairs: this.trades.openPairs,
    });
  }

  /** Something may be held or on its way. */
  private isActive(): boolean {
    return this.trades.openPairs > 0 || this.venues.holds;
  }

  private arm(effect: SetTimer): void {
    this.timers.set(effect.timer, effect.dueMs);
    const dueMs =
      effect.clock === 'wall' ? effect.dueMs - wallStartMs + this.originMs : effect.dueMs;
    this.at(Math.max(dueMs, this.marketFromMs(effect.timer)), () => {
      if (this.timers.get(effect.timer) !== effect.dueMs) return;
      this.timers.delete(effect.timer);
      this.host.put({ kind: 'timer', timer: effect.timer });
    });
  }

  /** A pair that waits for a market that is missing is looked at again with the next bar. */
  private marketFromMs(timer: string): number {
    if (!timer.startsWith('pair:')) return 0;
    const pair = this.state.pairs.get(timer.slice('pair:'.length));
    const waits =
      pair !== undefined &&
      [pair.long, pair.short].some(
        ({ instrument, qty }) => qty !== zero && !this.venues.isTraded(instrument),
      );
    if (!waits) return 0;
    const { fromMs, barMs } = this.tape;
    const bar = Math.floor((this.nowMs - fromMs) / barMs);
    return this.timeOf(bar + 1) + this.options.dataDelayMs;
  }

  private at(tsMs: number, action: () => void): void {
    this.queue.push(Math.max(this.nowMs, tsMs), action);
  }

  private runUntil(endMs: number): void {
    const { queue } = this;
    for (let next = queue.peekKey(); next !== null && next <= endMs; next = queue.peekKey()) {
      this.nowMs = Math.max(this.nowMs, next);
      queue.pop()?.();
    }
    this.nowMs = Math.max(this.nowMs, endMs);
  }

  private now(): SimNow {
    return { tsMs: this.nowMs, wallMs: this.wallMs() };
  }

  private wallMs(): number {
    return this.nowMs - this.originMs + wallStartMs;
  }

  private timeOf(bar: number): number {
    return this.tape.fromMs + bar * this.tape.barMs;
  }
}

/** Bars [from, to) that lie wholly inside the wanted times; at least three. */
function barRange({ tape, fromMs, toMs, dataDelayMs }: BacktestOptions) {
  const { barMs } = tape;
  assert(dataDelayMs < barMs / 4, 'orders must arrive in the first quarter of a bar');
  const from = fromMs === undefined ? 0 : Math.ceil((fromMs - tape.fromMs) / barMs);
  const to = toMs === undefined ? tape.bars : Math.floor((toMs - tape.fromMs) / barMs);
  const range = { from: Math.max(0, from), to: Math.min(tape.bars, to) };
  assert(range.to - range.from >= 3, 'a backtest needs three bars at least');
  return range;
}

/** Distinct times after the start, ascending, closed by infinity. */
function settlementTimesOf(tape: Tape, afterMs: number): Float64Array {
  const times = new Set<number>();
  for (const { funding } of tape.contracts) {
    for (const at of funding?.settlesAtMs ?? []) if (at > afterMs) times.add(at);
  }
  return Float64Array.from([...times, Number.POSITIVE_INFINITY]).sort();
}

/** Contracts by their last bar, of those that end before the run does. */
function endingsOf(tape: Tape, to: number): ReadonlyMap<number, readonly Contract[]> {
  const endings = new Map<number, Contract[]>();
  for (const contract of tape.contracts) {
    const last = rangeOf(contract)?.last;
    if (last === undefined || last >= to - 1) continue;
    endings.set(last, [...(endings.get(last) ?? []), contract]);
  }
  return endings;
}
