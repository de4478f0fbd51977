// The synchronous heart of every way to run: live, testnet, simulation. It stamps inputs, writes
// the record before the step and the effects before they act, then hands the effects out. It never
// awaits.
import { assert } from '../base/assert.ts';
import type {
  Alert,
  ClearTimer,
  Effect,
  EffectRecord,
  EngineEvent,
  EngineInput,
  JournalRecord,
  SetTimer,
  VenueEffect,
} from '../domain/event.ts';
import type { Clock } from '../domain/ports.ts';
import type { LegView } from '../domain/view.ts';
import { StepChecks } from './invariants.ts';
import { legsConcerning, legViewOf, type MarketReader } from './legs.ts';
import type { Policy } from './policy.ts';
import type { EngineState } from './state.ts';
import { step } from './step.ts';

/** Inputs that may wait while a batch is drained; more means that the process cannot keep up. */
export const mailboxMax = 100_000;

export interface HostPorts {
  /** Adds a record to the journal's buffer. */
  append(record: JournalRecord): void;
  /** The buffer reaches the operating system; called before any effect leaves. */
  commit(): void;
  act(effect: VenueEffect): void;
  /** Every effect of one event was handed out: what is held to leave together leaves now. */
  flush?(): void;
  timer(effect: SetTimer | ClearTimer): void;
  alert(alert: Alert): void;
  /** Every record, after it was folded: metrics, projections, crash points of the tests. */
  observe(record: JournalRecord): void;
}

export interface HostOptions {
  readonly state: EngineState;
  readonly policy: Policy;
  readonly market: MarketReader;
  readonly clock: Clock;
  readonly ports: HostPorts;
}

export class EngineHost {
  readonly state: EngineState;
  private readonly options: HostOptions;
  private readonly mailbox: EngineInput[] = [];
  private readonly checks = new StepChecks();
  private draining = false;
  private stopped = false;

  constructor(options: HostOptions) {
    this.options = options;
    this.state = options.state;
  }

  /** Takes an input; it is processed before `put` returns unless a batch is being drained. */
  put(input: EngineInput): void {
    if (this.stopped) return;
    assert(this.mailbox.length < mailboxMax, `mailbox is full (${mailboxMax} inputs)`);
    this.mailbox.push(input);
    if (this.draining) return;
    this.draining = true;
    try {
      for (let i = 0; i < this.mailbox.length; i++) this.process(this.mailbox[i] as EngineInput);
    } finally {
      this.mailbox.length = 0;
      this.draining = false;
    }
  }

  /** After this nothing is processed: the state stands still for its last hash. */
  stop(): void {
    this.stopped = true;
  }

  private process(input: EngineInput): void {
    const { state, policy, ports } = this.options;
    const event = this.stamp(input);
    ports.append(event);
    let effects: readonly EffectRecord[];
    try {
      effects = step(state, event, policy);
      this.checks.before(state, event);
    } catch (thrown) {
      ports.commit(); // the event that broke us must be in the journal: it is the reproduction
      throw thrown;
    }
    for (const record of effects) ports.append(record);
    if (effects.length > 0) ports.commit();
    ports.observe(event);
    for (const record of effects) {
      ports.observe(record);
      this.dispatch(record.effect);
    }
    if (effects.length > 0) ports.flush?.();
    this.checks.after(state, event, effects);
  }

  private stamp(input: EngineInput): EngineEvent {
    const { state, clock, market } = this.options;
    const wallMs = Math.max(state.wallMs, clock.wallMs());
    const tsMs = Math.max(state.tsMs, clock.venueMs());
    const legs: LegView[] = [];
    for (const id of legsConcerning(state, input)) {
      const view = legViewOf(market, id, wallMs);
      if (view !== null) legs.push(view);
    }
    return { seq: state.seq + 1, tsMs, wallMs, input, legs };
  }

  private dispatch(effect: Effect): void {
    const { ports } = this.options;
    switch (effect.kind) {
      case 'place-order':
      case 'cancel-order':
      case 'query-order':
      case 'request-snapshot':
        return ports.act(effect);
      case 'set-timer':
      case 'clear-timer':
        return ports.timer(effect);
      case 'alert':
        return ports.alert(effect);
      default:
    }
  }
}
