// The exact backtest: the engine, strategies, risk and execution as they are, over recorded history
// behind the two ports. Virtual time, one thread, no randomness: the same history and policy give
// the same journal.
//
// One step per bar. While the bar runs, its venue does what it did: settlements at their times,
// liquidation at the bar's extremes, answers to orders after the latency. Some time after its close
// (`dataDelayMs`, beyond the strategies' settlement guard) the system sees the closed bar and the
// published rates, and decides; what it orders arrives inside the next bar and trades at its open.
// Near the end everything is wound down, so that the result has the costs of closing in it.
import { assert, present } from '../base/assert.ts';
import { abs, type Decimal, times, toNumber, zero } from '../base/decimal.ts';
import { Heap } from '../base/heap.ts';
import { dayMs, secondMs } from '../base/time.ts';
import type { EngineInput, JournalRecord, SetTimer } from '../domain/event.ts';
import { Catalog, type InstrumentId, type VenueId } from '../domain/instrument.ts';
import { MarketTable } from '../domain/market-table.ts';
import type { VenuePort } from '../domain/ports.ts';
import { EngineHost } from '../engine/host.ts';
import type { MarketReader } from '../engine/legs.ts';
import type { Policy } from '../engine/policy.ts';
import { type EngineState, emptyState } from '../engine/state.ts';
import { PairWatch } from '../engine/watch.ts';
import type { SimNow } from '../sim/api.ts';
import { createSimExchange, type FaultableExchange } from '../sim/exchange.ts';
import { marksOf } from '../sim/market-view.ts';
import { createSimPort } from '../sim/port.ts';
import { startBalances } from './accounts.ts';
import { Feed } from './feed.ts';
import { type Contract, type History, rangeOf } from './history.ts';
import { MarginWatch } from './margin-watch.ts';
import { HistoryMarket } from './market.ts';
import { type RoundTrip, TradeBook } from './trade-book.ts';

/** Auto-deleveraging as a scenario: the venue closes a share of a position at the mark. */
export interface Scenario {
  readonly kind: 'adl' | 'liquidation';
  readonly atMs: number;
  readonly instrument: InstrumentId;
  /** Of what is held then, in (0, 1]. */
  readonly share: Decimal;
}

export interface BacktestOptions {
  readonly history: History;
  readonly policy: Policy;
  readonly capitalUsd: Decimal;
  /** Set at the venue for every perpetual; capped by what the contract allows. */
  readonly leverage: number;
  /** One way, from us to the venue and back. */
  readonly latencyMs: number;
  /** After a bar's close until it is seen and acted upon. */
  readonly dataDelayMs: number;
  readonly scenarios?: readonly Scenario[];
  /** Trading starts and ends here; default: the whole history. */
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
  /** Scenarios that found nothing to close. */
  readonly scenariosWithoutEffect: number;
  readonly interrupted: boolean;
}

const wallStartMs = 1_000_000;
/** Bars between two reports of progress. */
const progressBars = 512;
/** Snapshots of all venues are booked by then. */
const bootMs = 5 * secondMs;

export function runBacktest(options: BacktestOptions): BacktestRun {
  return new Run(options).run();
}

class Run {
  private readonly options: BacktestOptions;
  private readonly history: History;
  private readonly state = emptyState();
  private readonly catalog = new Catalog();
  private readonly queue = new Heap<() => void>();
  private readonly timers = new Map<string, number>();
  private readonly exchanges = new Map<VenueId, FaultableExchange>();
  private readonly ports = new Map<VenueId, VenuePort>();
  private readonly margins = new Map<VenueId, MarginWatch>();
  private readonly trades = new TradeBook(this.state);
  private readonly samples: Sample[] = [];
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
    const { history } = options;
    this.options = options;
    this.history = history;
    this.bars = barRange(options);
    this.originMs = this.timeOf(this.bars.from);
    this.nowMs = this.originMs;
    this.settlementTimes = settlementTimesOf(history, this.originMs);
    for (const { listing } of history.contracts) this.catalog.put(listing.instrument);
    this.table = new MarketTable(this.catalog.size);
    this.feed = new Feed(history, this.catalog, this.table);
    this.addExchanges();
    const policy: Policy = {
      ...options.policy,
      // Books and simulated venues cannot part: once a day shows it as well as every half minute.
      reconcile: { ...options.policy.reconcile, everyMs: dayMs },
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
    const { history, options } = this;
    this.boot();
    let settled = 0;
    let interrupted = false;
    const scenarios = [...(options.scenarios ?? [])].sort((a, b) => a.atMs - b.atMs);
    const endings = endingsOf(history, to);
    let done = from;
    for (let k = from; k < to; k++) {
      const closeMs = this.timeOf(k + 1);
      const isLast = k === to - 1;
      if (this.isActive()) this.at(this.timeOf(k) + history.barMs / 4, () => this.inside(k));
      for (; (this.settlementTimes[settled] as number) <= closeMs; settled++) {
        if (this.isActive()) {
          this.at(this.settlementTimes[settled] as number, () => this.advanceHeld());
        }
      }
      while ((scenarios[0]?.atMs ?? Number.POSITIVE_INFINITY) <= closeMs) {
        const scenario = present(scenarios.shift(), 'a scenario');
        this.at(scenario.atMs, () => this.play(scenario));
      }
      for (const contract of endings.get(k) ?? []) this.at(closeMs, () => this.delist(contract));
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
      interrupted,
    };
  }

  private boot(): void {
    const { exchanges } = this;
    this.host.put({
      kind: 'booted',
      runId: 'backtest',
      installation: 'simsim',
      epoch: 1,
      seed: null,
      venues: [...exchanges.keys()],
      configDigest: '',
    });
    for (const [venue, exchange] of exchanges) {
      const listed = exchange.instruments();
      this.host.put({
        kind: 'instruments',
        venue,
        instruments: listed.map(({ instrument }) => instrument),
        feeRates: Object.fromEntries(
          listed.map(({ instrument, feeRateTaker, feeRateMaker }) => [
            instrument.id,
            { taker: toNumber(feeRateTaker), maker: toNumber(feeRateMaker) },
          ]),
        ),
      });
      for (const channel of ['rest', 'public', 'private'] as const) {
        this.host.put({ kind: 'venue-status', venue, channel, status: 'up', detail: '' });
      }
    }
    this.runUntil(this.originMs + bootMs);
    this.host.put(marksOf(this.state, this.catalog, this.table));
    this.sample(this.originMs);
  }

  private addExchanges(): void {
    const { history, options } = this;
    const market = new HistoryMarket(history);
    const now = (): SimNow => ({ tsMs: this.nowMs, wallMs: this.wallMs() });
    for (const [venue, balances] of startBalances(history.contracts, options.capitalUsd)) {
      const exchange = createSimExchange({
        venue,
        market,
        startBalances: balances,
        startMs: this.originMs,
        rules: { fundingPrice: 'mark' }, // an index is not recorded
      });
      for (const { instrument } of exchange.instruments()) {
        if (instrument.kind === 'spot') continue;
        const most = instrument.leverageMax ?? options.leverage;
        exchange.setLeverage(instrument.id, Math.min(options.leverage, most), now());
      }
      this.exchanges.set(venue, exchange);
      this.margins.set(venue, new MarginWatch(exchange, contractsOf(history, venue)));
      const port = createSimPort({
        exchange,
        now,
        after: (delayMs, action) => this.at(this.nowMs + delayMs, action),
        latencyMs: () => options.latencyMs,
        emit: (event) => this.host.put(event),
      });
      this.ports.set(venue, port);
    }
  }

  /** A quarter into the bar: every order of the last decision has had its answer. */
  private inside(k: number): void {
    const { barMs } = this.history;
    for (const [venue, margin] of this.margins) {
      if (!margin.holds || !margin.mayBreach(k)) continue;
      const exchange = present(this.exchanges.get(venue), venue);
      const advance = (): void => exchange.advance(this.now());
      advance();
      for (const quarter of [2, 3]) this.at(this.timeOf(k) + (quarter * barMs) / 4, advance);
    }
  }

  private advanceHeld(): void {
    for (const [venue, margin] of this.margins) {
      if (margin.holds) this.exchanges.get(venue)?.advance(this.now());
    }
  }

  private play({ kind, instrument, share }: Scenario): void {
    const exchange = this.exchanges.get(instrument.split(':')[0] ?? '');
    const listing = exchange?.instrument(instrument) ?? null;
    if (exchange === undefined || listing === null) {
      this.scenariosWithoutEffect++;
      return;
    }
    const held = abs(exchange.position(instrument).qty);
    const lot = present(listing.instrument.lotSize, `lot of ${instrument}`);
    const qty = ((times(held, share) / lot) * lot) as Decimal; // brand: a multiple of the lot
    if (qty === zero) this.scenariosWithoutEffect++;
    else exchange.deleverage({ instrument, qty, forced: kind }, this.now());
  }

  /** The record of a contract ends: the venue settles what is held at its last price. */
  private delist({ listing }: Contract): void {
    const { id, venue, kind } = listing.instrument;
    const exchange = this.exchanges.get(venue);
    if (exchange === undefined || kind === 'spot') return;
    const qty = abs(exchange.position(id).qty);
    if (qty !== zero) exchange.deleverage({ instrument: id, qty }, this.now());
    exchange.relist(id, { status: 'halted' });
  }

  private show(k: number, isLast: boolean): void {
    this.feed.show(k, this.now());
    const closeMs = this.timeOf(k + 1);
    const isDayEnd = closeMs % dayMs < this.history.barMs && !isLast;
    if (this.isActive() || isDayEnd) {
      this.host.put(marksOf(this.state, this.catalog, this.table));
    }
    if (isDayEnd) this.sample(closeMs);
  }

  private windDown(): void {
    this.host.put({ kind: 'operator', command: 'wind-down', by: 'end of the backtest' });
  }

  private sample(tsMs: number): void {
    const { equity, attribution } = this.state;
    let grossUsd = 0;
    for (const margin of this.margins.values()) grossUsd += margin.grossUsd;
    this.samples.push({
      tsMs,
      equityUsd: equity.lastUsd ?? Number.NaN,
      fundingUsd: attribution.fundingUsd,
      feesUsd: attribution.feesUsd,
      grossUsd,
      pairs: this.trades.openPairs,
    });
  }

  /** Something may be held or on its way. */
  private isActive(): boolean {
    if (this.trades.openPairs > 0) return true;
    for (const margin of this.margins.values()) if (margin.holds) return true;
    return false;
  }

  private arm(effect: SetTimer): void {
    this.timers.set(effect.timer, effect.dueMs);
    const dueMs =
      effect.clock === 'wall' ? effect.dueMs - wallStartMs + this.originMs : effect.dueMs;
    this.at(dueMs, () => {
      if (this.timers.get(effect.timer) !== effect.dueMs) return;
      this.timers.delete(effect.timer);
      this.host.put({ kind: 'timer', timer: effect.timer });
    });
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
    return this.history.fromMs + bar * this.history.barMs;
  }
}

/** Bars [from, to) that lie wholly inside the wanted times; at least three. */
function barRange({ history, fromMs, toMs, dataDelayMs }: BacktestOptions) {
  const { barMs } = history;
  assert(dataDelayMs < barMs / 4, 'orders must arrive in the first quarter of a bar');
  const from = fromMs === undefined ? 0 : Math.ceil((fromMs - history.fromMs) / barMs);
  const to = toMs === undefined ? history.bars : Math.floor((toMs - history.fromMs) / barMs);
  const range = { from: Math.max(0, from), to: Math.min(history.bars, to) };
  assert(range.to - range.from >= 3, 'a backtest needs three bars at least');
  return range;
}

function contractsOf(history: History, venue: VenueId): readonly Contract[] {
  return history.contracts.filter(({ listing }) => listing.instrument.venue === venue);
}

/** Distinct times after the start, ascending, closed by infinity. */
function settlementTimesOf(history: History, afterMs: number): Float64Array {
  const times = new Set<number>();
  for (const { funding } of history.contracts) {
    for (const at of funding?.settlesAtMs ?? []) if (at > afterMs) times.add(at);
  }
  return Float64Array.from([...times, Number.POSITIVE_INFINITY]).sort();
}

/** Contracts by their last bar, of those that end before the run does. */
function endingsOf(history: History, to: number): ReadonlyMap<number, readonly Contract[]> {
  const endings = new Map<number, Contract[]>();
  for (const contract of history.contracts) {
    const last = rangeOf(contract)?.last;
    if (last === undefined || last >= to - 1) continue;
    endings.set(last, [...(endings.get(last) ?? []), contract]);
  }
  return endings;
}
