// The person at the desk: sometimes halts or flattens, and after a while acknowledges what waits
// for one (a restricted venue, a stop). Only what nobody but a person may decide.
import { rests } from '../domain/order.ts';
import type { EngineState } from '../engine/state.ts';
import type { Coverage } from './coverage.ts';
import type { FaultMoment } from './faults.ts';
import type { SimProcess } from './simulator-process.ts';
import type { World } from './simulator-world.ts';

/** Something waits for this long before the operator sees to it. */
const answersAfterMs = 6_000;

/** Of the commands, this share waits for an order of ours that rests. */
const restingShare = 0.5;

export class SimOperator {
  private readonly world: World;
  private waitingSinceMs: number | null = null;
  private lurking: FaultMoment | null = null;

  constructor(world: World) {
    this.world = world;
  }

  /** False = not one of an operator's. */
  happen(moment: FaultMoment, system: SimProcess | null, coverage: Coverage): boolean {
    if (moment.kind !== 'operator-halt' && moment.kind !== 'operator-flatten') return false;
    if ((moment.value * 37) % 1 < restingShare) this.lurking = moment;
    else this.strike(moment, system, coverage);
    return true;
  }

  /** What waited for an order that rests; called often. */
  watch(system: SimProcess | null, coverage: Coverage): void {
    const { lurking } = this;
    if (lurking === null || system === null || !hasResting(system.state)) return;
    this.lurking = null;
    this.strike(lurking, system, coverage);
  }

  /** Whatever still waits does not happen any more. */
  heal(): void {
    this.lurking = null;
  }

  private strike(moment: FaultMoment, system: SimProcess | null, coverage: Coverage): void {
    if (system === null) return;
    coverage.count(`fault ${moment.kind}`);
    const halt = moment.value < 0.5 ? 'halt' : 'halt-flatten';
    const command = moment.kind === 'operator-halt' ? halt : 'flatten';
    system.put({ kind: 'operator', command, by: 'desk' });
  }

  look(system: SimProcess | null): void {
    if (system === null || !waits(system.state)) {
      this.waitingSinceMs = null;
      return;
    }
    this.waitingSinceMs ??= this.world.wallMs;
    if (this.world.wallMs - this.waitingSinceMs < answersAfterMs) return;
    this.waitingSinceMs = null;
    const { state } = system;
    if (isRestricted(state)) system.put({ kind: 'operator', command: 'acknowledge', by: 'desk' });
    if (state.mode !== 'running' || state.flattening) {
      system.put({ kind: 'operator', command: 'resume', by: 'desk' });
    }
  }
}

function hasResting(state: EngineState): boolean {
  return [...state.orders.values()].some(({ order, status }) => status === 'open' && rests(order));
}

function waits(state: EngineState): boolean {
  return isRestricted(state) || state.mode !== 'running' || state.flattening;
}

function isRestricted(state: EngineState): boolean {
  return [...state.venues.values()].some(({ restrictedBy }) => restrictedBy.length > 0);
}
