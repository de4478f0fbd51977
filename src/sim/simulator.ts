// One seed, one run: the system in virtual time against the simulated venues, struck by the faults
// of its plan, watched by checkers from outside. Calm start, faulty middle, then everything heals
// and the system must come to rest, close what is open and agree with the venues. The same seed,
// faults and code give the same run.
import { AssertionFailed } from '../base/assert.ts';
import { evolve } from '../engine/evolve.ts';
import type { Policy } from '../engine/policy.ts';
import { type EngineState, emptyState, livePairs } from '../engine/state.ts';
import { stateHashOf } from '../engine/summary.ts';
import type { WatchOptions } from '../engine/watch.ts';
import { Checkers, CheckFailed, type CheckName, check } from './checkers.ts';
import { DeltaChecker } from './checkers-delta.ts';
import { checkAtRest, checkReconciled } from './checkers-liveness.ts';
import { Coverage, type CoverageCounts } from './coverage.ts';
import { marketFaultOf } from './coverage-work.ts';
import type { FaultableExchange } from './exchange.ts';
import { drawFaultPlan, type FaultKind, type FaultMoment, type FaultPlan } from './faults.ts';
import { Mishaps } from './faults-account.ts';
import { FatalArrival } from './faults-placements.ts';
import type { Sabotage } from './sabotage.ts';
import { MemoryJournal } from './simulator-journal.ts';
import { VenueLink } from './simulator-link.ts';
import { SimOperator } from './simulator-operator.ts';
import { Crashed, SimProcess } from './simulator-process.ts';
import { makeUniverse, runStartTsMs, venues } from './simulator-setup.ts';
import { World } from './simulator-world.ts';

/** After healing: time to come to rest, then to close everything, then to reconcile. */
export const restMs = 30_000;
export const closeMs = 40_000;
export const reconcileMs = 10_000;

const tickMs = 400;
/** While nothing but waiting happens in a long outage, ticks are rare. */
const longTickMs = 5_000;
const marksMs = 1_000;
const syncMs = 50;
/** What a stream did not tell must be found within this many regular snapshots. */
const findsOutFactor = 2;
/** Every so many seeds the whole journal is folded again at the end; boots fold theirs anyway. */
const recoveryEvery = 8;
/** How long a dead process stays down. A power cut outlasts every order's validity. */
const downMsMin = 300;
const downMsMax = 3_000;
const powerDownMs = 4_000;

export interface SimulationOptions {
  readonly seed: number;
  readonly kinds: ReadonlySet<FaultKind>;
  readonly policy: Policy;
  readonly scan: WatchOptions['scan'];
  readonly sabotage: Sabotage;
  /** Venue time between two moves of the market; without it, one every 400 ms of wall time. */
  readonly marketEveryMs?: number;
}

export interface SimulationResult {
  readonly seed: number;
  readonly failure: SimulationFailure | null;
  readonly records: number;
  readonly steps: number;
  /** Quotes that the system was shown and scanned. */
  readonly quotes: number;
  readonly wallMs: number;
  readonly venueMs: number;
  readonly orders: number;
  readonly pairsOpened: number;
  readonly reboots: number;
  readonly nakedMsMax: number;
  readonly coverage: CoverageCounts;
  /** What the run left on the disk: the same seed gives the same. */
  readonly journal: MemoryJournal;
}

export interface SimulationFailure {
  readonly check: CheckName;
  readonly message: string;
  readonly sinceMs: number;
  readonly seq: number;
}

export function simulate(options: SimulationOptions): SimulationResult {
  return new Simulation(options).run();
}

class Simulation {
  private readonly options: SimulationOptions;
  private readonly plan: FaultPlan;
  private readonly world: World;
  private readonly exchanges: readonly FaultableExchange[];
  private readonly links: readonly VenueLink[];
  private readonly journal = new MemoryJournal();
  private readonly coverage = new Coverage();
  private readonly checkers: Checkers;
  private readonly delta: DeltaChecker;
  private readonly operator: SimOperator;
  private readonly mishaps: Mishaps;
  private readonly policy: Policy;
  private readonly fatal = new FatalArrival((moment) => {
    this.pending = moment;
    this.thrown = new Crashed(moment.kind);
  });
  private readonly linkTo = (venue: string): VenueLink | undefined =>
    this.links.find((link) => link.exchange.venue === venue);
  private readonly accepts = (venue: string): boolean => this.linkTo(venue)?.accepts ?? false;
  private system: SimProcess | null = null;
  private epoch = 0;
  private steps = 0;
  private quotes = 0;
  private reboots = 0;
  private orders = 0;
  private thrown: unknown = null;
  private pending: FaultMoment | null = null;

  constructor(options: SimulationOptions) {
    const { seed, kinds, sabotage } = options;
    this.options = options;
    this.plan = drawFaultPlan({ seed, venues, kinds });
    this.world = new World({ seed, startTsMs: runStartTsMs, speed: this.plan.speed });
    const { market, exchanges } = makeUniverse(seed, this.plan, options.policy);
    this.exchanges = exchanges;
    const { limits, execution, reconcile, orderValidityMs } = options.policy;
    this.policy = sabotage.policy?.(options.policy) ?? options.policy;
    const { world, plan, coverage } = this;
    const { settlementGuardMs } = execution;
    this.checkers = new Checkers({ exchanges, limits, orderValidityMs, settlementGuardMs });
    this.delta = new DeltaChecker({
      exchanges: this.exchanges,
      nakedMsMax: execution.nakedDeltaMsMax,
      nakedUsdMax: limits.netDeltaUsdMax,
      unknownMsMax: reconcile.everyMs * findsOutFactor,
    });
    this.links = this.exchanges.map(
      (exchange) =>
        new VenueLink({
          world,
          exchange,
          plan,
          coverage,
          orderValidityMs: orderValidityMs[exchange.venue] ?? 0,
          fatal: this.fatal,
          onTruth: (event) => {
            const fault = marketFaultOf(event, market);
            if (fault !== null) coverage.count(`fault ${fault}`);
            this.checkers.onTruth(event);
            this.delta.onTruth(exchange.venue, event);
          },
          onFate: (id) => this.checkers.onFate(id),
        }),
    );
    this.operator = new SimOperator(world);
    this.mishaps = new Mishaps({ world, links: this.links, coverage, delta: this.delta });
  }

  run(): SimulationResult {
    const failure = this.attempt();
    const { world, system } = this;
    return {
      seed: this.options.seed,
      failure,
      records: this.journal.size,
      steps: this.steps,
      quotes: this.quotes,
      wallMs: world.sinceMs,
      venueMs: world.sinceMs * world.speed,
      orders: this.orders,
      pairsOpened: system?.state.counters.pairsOpened ?? 0,
      reboots: this.reboots,
      nakedMsMax: this.delta.nakedMsMax,
      coverage: this.coverage.all(),
      journal: this.journal,
    };
  }

  private attempt(): SimulationFailure | null {
    try {
      this.play();
      return null;
    } catch (thrown) {
      const known = thrown instanceof CheckFailed || thrown instanceof AssertionFailed;
      if (!known) throw thrown;
      return {
        check: thrown instanceof CheckFailed ? thrown.check : 'assertion',
        message: thrown.message,
        sinceMs: this.world.sinceMs,
        seq: this.system?.state.seq ?? 0,
      };
    }
  }

  private play(): void {
    const { options, world, plan } = this;
    this.schedule();
    this.boot();
    this.until(plan.healsAtMs, () => false);
    this.heal();
    this.until(plan.healsAtMs + restMs, () => false);
    checkAtRest(this.alive(), this.exchanges);
    this.alive().put({ kind: 'operator', command: 'wind-down', by: 'simulation' });
    const closeBy = world.sinceMs + closeMs;
    this.until(closeBy, () => livePairs(this.alive().state).length === 0);
    this.until(world.sinceMs + reconcileMs, () => false);
    const { state } = this.alive();
    checkReconciled(state, this.exchanges);
    this.checkers.checkAdjusted(this.mishaps.moved);
    const outside = this.delta.outside();
    check(outside.length === 0, 'live-delta', `at the end: ${outside.join(', ')}`);
    // A state that was tampered with is not what its journal says.
    const isTampered = options.sabotage.beforeInput !== undefined;
    if (options.seed % recoveryEvery === 0 && !isTampered) this.checkRecovery(state);
  }

  private schedule(): void {
    const { world, plan, mishaps, operator } = this;
    const isLong = plan.windows.some(({ kind }) => kind === 'long-outage');
    const shortMs = plan.faultyFromMs + 60_000;
    const { marketEveryMs } = this.options;
    const shortTickMs = marketEveryMs === undefined ? tickMs : marketEveryMs / plan.speed;
    const period = (): number =>
      isLong && world.sinceMs > shortMs && world.sinceMs < plan.healsAtMs - 10_000
        ? longTickMs
        : shortTickMs;
    world.every(period, () => this.tick());
    world.every(
      () => Math.max(marksMs, period()),
      () => this.system?.marks(),
    );
    world.every(
      () => (period() === longTickMs ? marksMs : syncMs),
      () => this.journal.sync(),
    );
    world.every(
      () => marksMs,
      () => operator.look(this.system),
    );
    for (const moment of plan.moments) {
      world.after(moment.atMs, () => {
        if (mishaps.happen(moment)) return;
        if (operator.happen(moment, this.system, this.coverage)) return;
        this.strike(moment);
      });
    }
  }

  private until(sinceMs: number, done: () => boolean): void {
    this.world.runUntil(sinceMs, () => {
      if (this.thrown !== null) this.afterThrown();
      return done();
    });
  }

  private tick(): void {
    const { world, system, checkers, accepts } = this;
    const now = world.now();
    for (const exchange of this.exchanges) exchange.advance(now);
    for (const link of this.links) link.refresh();
    if (system !== null) this.quotes += system.look();
    this.operator.watch(system, this.coverage);
    const alive = system?.isAlive ?? false;
    const { stopped } = checkers;
    checkers.execution.onTick({ wallMs: world.wallMs, alive, stopped, accepts });
    this.delta.onTick({
      wallMs: world.wallMs,
      alive,
      accepts,
      uncertain: checkers.uncertain(),
      booked: checkers.booked,
      pairsOn: (isIt) => checkers.execution.pairsOn(isIt),
      nakedLegs: system?.nakedLegs(() => checkers.leftOfPairs()) ?? new Map(),
    });
  }

  private boot(): void {
    const { options, world, journal, links, checkers, coverage } = this;
    if (options.sabotage.repeatsEpoch !== true || this.epoch === 0) this.epoch++;
    const surviving = journal.recover();
    checkers.reboot(surviving);
    const system = new SimProcess({
      world,
      journal,
      recovered: surviving,
      links,
      policy: this.policy,
      scan: options.scan,
      epoch: this.epoch,
      seed: options.seed,
      sabotage: options.sabotage,
      onAppend: (record) => checkers.onAppend(record),
      onCommit: () => checkers.onCommit(),
      onFolded: (record) => {
        if ('input' in record) this.steps++;
        coverage.observe(system.state, record);
        checkers.onFolded(system.state);
      },
      onAct: (effect) => {
        if (effect.kind === 'place-order') this.orders++;
        checkers.onAct(effect, world.wallMs);
      },
      onThrown: (thrown) => {
        this.thrown = thrown;
      },
    });
    if (this.epoch > 1 || surviving.length > 0) coverage.reboot(system.state);
    this.system = system;
    system.boot();
  }

  /** Arms what happens to our own process or its disk. */
  private strike(moment: FaultMoment): void {
    const { system, world, journal, coverage } = this;
    if (system === null || world.sinceMs >= this.plan.healsAtMs) return;
    // Most records are looks at the market: three of four crashes wait for one that matters.
    const waitsForPair = moment.value < 0.75;
    const countdown = Math.floor((moment.value * 1_009) % (waitsForPair ? 9 : 40));
    const crash = (at: 'append' | 'send', countdown: number): void => {
      this.pending = moment;
      system.armCrash({ at, countdown, waitsForPair });
    };
    switch (moment.kind) {
      case 'sudden-outage':
        return this.linkTo(moment.venue)?.ambush(moment.value);
      case 'crash-append':
        return crash('append', countdown);
      case 'crash-send':
        return crash('send', countdown % 3);
      case 'crash-arrival':
        return this.fatal.arm(moment);
      case 'power-cut':
      case 'torn-tail': {
        // What was sent and then lost is what matters: most of them strike at or soon after a send.
        const atSend = (moment.value * 53) % 1 < 0.5;
        return atSend ? crash('send', countdown % 3) : crash('append', countdown * 2);
      }
      case 'journal-error':
        this.pending = moment;
        journal.broken = true;
        return;
      case 'disk-full':
        journal.full = true;
        coverage.count('fault disk-full');
        world.after(2_000 + moment.value * 10_000, () => {
          journal.heal();
          this.system?.tellSpace(false);
        });
        return;
      default:
    }
  }

  /** The process died, of a crash that was meant, or of a bug. */
  private afterThrown(): void {
    const { thrown, pending, journal, world } = this;
    this.thrown = null;
    const isDisk = thrown instanceof Error && thrown.name === 'JournalFailed';
    if (!(thrown instanceof Crashed) && !isDisk) throw thrown;
    const kind = pending?.kind ?? 'journal-error';
    this.pending = null;
    this.coverage.count(`fault ${kind}`);
    const prng = world.prng(`crash ${this.reboots}`);
    const isPower = kind === 'power-cut' || kind === 'torn-tail';
    // Half of the power cuts lose everything since the last sync.
    const most = prng.chance(0.5) ? 0 : journal.unsynced;
    const unsyncedKept = isPower ? prng.below(most + 1) : journal.unsynced;
    journal.crash({ unsyncedKept, torn: kind === 'torn-tail' || kind === 'journal-error' });
    this.system?.die();
    this.system = null;
    this.reboots++;
    const downMs = isPower ? powerDownMs : downMsMin + prng.float() * (downMsMax - downMsMin);
    world.after(downMs, () => {
      journal.broken = false;
      this.boot();
    });
  }

  private heal(): void {
    this.journal.heal();
    this.system?.tellSpace(false);
    this.pending = null;
    this.system?.disarm();
    this.fatal.disarm();
    this.mishaps.heal();
    this.operator.heal();
  }

  private alive(): SimProcess {
    const { system } = this;
    check(system !== null, 'recovery', 'the process is down long after everything healed');
    return system;
  }

  /** The journal alone rebuilds the state that the process ended with. */
  private checkRecovery(state: EngineState): void {
    const rebuilt = emptyState();
    this.journal.commit();
    for (const record of this.journal.facts()) evolve(rebuilt, record);
    const same = stateHashOf(rebuilt) === stateHashOf(state);
    check(same, 'recovery', 'the journal does not rebuild the state that the process ended with');
  }
}
