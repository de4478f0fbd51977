// One life of our process in virtual time: recovers from the journal, runs the same engine host as
// the live system, and ends by a crash or at the end of the run. What it knows is the journal's.

import type { EngineInput, JournalRecord, SetTimer, VenueEffect } from '../domain/event.ts';
import { Catalog, type InstrumentId } from '../domain/instrument.ts';
import { MarketTable } from '../domain/market-table.ts';
import { evolve } from '../engine/evolve.ts';
import { EngineHost } from '../engine/host.ts';
import { checkInvariants } from '../engine/invariants.ts';
import type { MarketReader } from '../engine/legs.ts';
import type { Policy } from '../engine/policy.ts';
import { type EngineState, emptyState } from '../engine/state.ts';
import { PairWatch, type WatchOptions } from '../engine/watch.ts';
import { nakedLegsOf } from './checkers-delta.ts';
import { marksOf, showMarket } from './market-view.ts';
import type { Sabotage } from './sabotage.ts';
import type { MemoryJournal } from './simulator-journal.ts';
import type { Receiver, VenueLink } from './simulator-link.ts';
import type { World } from './simulator-world.ts';

/**
 * Where a process dies: at its nth append, or at its nth send, counted from when it was armed, or
 * from the next time that it decides something about a pair.
 */
export interface CrashPoint {
  readonly at: 'append' | 'send';
  countdown: number;
  waitsForPair: boolean;
}

/** Thrown through the host to end a life; caught by the simulator alone. */
export class Crashed extends Error {
  override readonly name = 'Crashed';
}

const decidesPair: ReadonlySet<string> = new Set(['pair-created', 'pair-moved', 'place-order']);

export const installation = 'simsim';

export interface ProcessOptions {
  readonly world: World;
  readonly journal: MemoryJournal;
  /** What survived of the journal, decoded. */
  readonly recovered: readonly JournalRecord[];
  readonly links: readonly VenueLink[];
  readonly policy: Policy;
  readonly scan: WatchOptions['scan'];
  readonly epoch: number;
  readonly seed: number;
  readonly sabotage: Sabotage;
  /** Every record, when it enters the journal's buffer. */
  readonly onAppend: (record: JournalRecord) => void;
  /** Every record, after it was folded. */
  readonly onFolded: (record: JournalRecord) => void;
  /** What was appended is in the journal. */
  readonly onCommit: () => void;
  /** Right before an effect leaves for a venue. */
  readonly onAct: (effect: VenueEffect) => void;
  /** Anything thrown out of the host: a crash point, a failed journal, an assertion. */
  readonly onThrown: (thrown: unknown) => void;
}

export class SimProcess implements Receiver {
  readonly state: EngineState;
  readonly catalog = new Catalog();
  private readonly options: ProcessOptions;
  private readonly host: EngineHost;
  private readonly watch: PairWatch;
  private readonly table: MarketTable;
  private readonly timers = new Map<string, number>();
  private readonly links: ReadonlyMap<string, VenueLink>;
  private crashPoint: CrashPoint | null = null;
  private alive = true;
  private spaceLow = false;
  private listingsChanged = false;

  constructor(options: ProcessOptions) {
    const { world, links, policy, scan } = options;
    this.options = options;
    this.links = new Map(links.map((link) => [link.exchange.venue, link]));
    this.state = emptyState();
    for (const record of options.recovered) evolve(this.state, record);
    checkInvariants(this.state);
    const listed = links.flatMap((link) => link.exchange.instruments());
    for (const { instrument } of listed) this.catalog.put(instrument);
    this.table = new MarketTable(this.catalog.size);
    const market: MarketReader = {
      catalog: this.catalog,
      table: this.table,
      takerFeeRate: (id) => this.state.feeRates.get(id)?.taker ?? Number.NaN,
    };
    const clock = { wallMs: () => world.wallMs, venueMs: () => world.tsMs };
    this.host = new EngineHost({
      state: this.state,
      policy,
      market,
      clock,
      ports: {
        append: (record) => this.append(record),
        commit: () => this.commit(),
        act: (effect) => this.act(effect),
        timer: (effect) => {
          if (effect.kind === 'set-timer') this.arm(effect);
          else this.timers.delete(effect.timer);
        },
        alert: () => undefined,
        observe: (record) => {
          this.follow(record);
          options.onFolded(record);
        },
      },
    });
    this.watch = new PairWatch({
      market,
      strategies: policy.strategies,
      state: this.state,
      clock,
      scan,
      put: (input) => this.put(input),
    });
  }

  /** The first record of this life, then the venues. */
  boot(): void {
    const { epoch, seed, links } = this.options;
    this.put({
      kind: 'booted',
      runId: `sim-${seed}`,
      installation,
      epoch,
      seed,
      venues: links.map((link) => link.exchange.venue),
      configDigest: '',
    });
    for (const link of links) if (this.alive) link.connect(this);
  }

  put(input: EngineInput): void {
    if (!this.alive) return;
    const { sabotage } = this.options;
    const wanted = sabotage.beforeInput?.(this.state, input) ?? input;
    if (wanted === 'dropped') return;
    try {
      this.host.put(wanted);
      sabotage.afterInput?.(this.state, input);
    } catch (thrown) {
      this.die();
      this.options.onThrown(thrown);
    }
  }

  /** Dies at the point, some appends or sends from now. */
  armCrash(point: CrashPoint): void {
    this.crashPoint = point;
  }

  disarm(): void {
    this.crashPoint = null;
  }

  die(): void {
    this.alive = false;
    this.host.stop();
    for (const link of this.links.values()) link.disconnect();
  }

  get isAlive(): boolean {
    return this.alive;
  }

  /** What the public streams bring, then a look at every pair; how many quotes came. */
  look(): number {
    const { catalog, table } = this;
    const { wallMs } = this.options.world;
    let quotes = 0;
    for (const link of this.links.values()) {
      const { exchange, marketShown } = link;
      if (marketShown === 'stale') continue;
      for (const { instrument } of exchange.instruments()) {
        if (marketShown === 'gapped') {
          table.invalidateQuote(catalog.indexOf(instrument.id));
          continue;
        }
        showMarket({ catalog, table, exchange, instrument, wallMs });
        quotes++;
      }
    }
    if (this.listingsChanged) this.watch.rebuild();
    this.listingsChanged = false;
    this.watch.onTimer();
    return quotes;
  }

  /**
   * The longer legs of the pairs that know to be naked, and whether reducing them is called for:
   * with an order that nobody can say anything about, half of it covered is the best that can be.
   * `leftOfPairs`: what may still fill of the orders of each pair; asked for when one is naked.
   */
  nakedLegs(leftOfPairs: () => ReadonlyMap<string, bigint>): ReadonlyMap<InstrumentId, boolean> {
    return nakedLegsOf(this.state, leftOfPairs);
  }

  marks(): void {
    this.put(marksOf(this.state, this.catalog, this.table));
  }

  /** The store says whether it has room: once when it runs out, once when there is some again. */
  tellSpace(isLow: boolean): void {
    if (isLow === this.spaceLow) return;
    this.spaceLow = isLow;
    this.put({ kind: 'store-status', store: 'journal', up: !isLow });
  }

  /** New listings are laid out once per look, not once per message: that is slow. */
  private follow(record: JournalRecord): void {
    if ('input' in record && record.input.kind === 'instruments') this.listingsChanged = true;
    else this.watch.observe(record);
  }

  private append(record: JournalRecord): void {
    if ('effect' in record && decidesPair.has(record.effect.kind)) this.stopWaiting();
    this.reach('append');
    this.options.journal.append(record);
    this.options.onAppend(record);
  }

  private commit(): void {
    if (this.options.sabotage.commitsLate === true) return;
    const isLow = this.options.journal.commit();
    this.options.onCommit();
    if (isLow && !this.spaceLow) this.options.world.after(0, () => this.tellSpace(true));
  }

  private act(effect: VenueEffect): void {
    this.reach('send');
    this.options.onAct(effect);
    const venue = effect.kind === 'place-order' ? effect.order.venue : effect.venue;
    this.links.get(venue)?.act(effect);
    if (this.options.sabotage.commitsLate === true) this.options.journal.commit();
  }

  private stopWaiting(): void {
    if (this.crashPoint !== null) this.crashPoint.waitsForPair = false;
  }

  private reach(at: CrashPoint['at']): void {
    const point = this.crashPoint;
    if (point === null || point.at !== at || point.waitsForPair) return;
    if (point.countdown-- > 0) return;
    throw new Crashed(at);
  }

  private arm(effect: SetTimer): void {
    const { world } = this.options;
    this.timers.set(effect.timer, effect.dueMs);
    const dueWallMs = effect.clock === 'wall' ? effect.dueMs : world.wallOfTs(effect.dueMs);
    world.at(dueWallMs, () => {
      if (!this.alive || this.timers.get(effect.timer) !== effect.dueMs) return;
      this.timers.delete(effect.timer);
      this.put({ kind: 'timer', timer: effect.timer });
    });
  }
}
