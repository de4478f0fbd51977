// The person at the desk: sometimes halts or flattens, and after a while acknowledges what waits
// for one (a restricted venue, a stop). Only what nobody but a person may decide.
import type { EngineState } from '../engine/state.ts';
import type { Coverage } from './coverage.ts';
import type { FaultMoment } from './faults.ts';
import type { SimProcess } from './simulator-process.ts';
import type { World } from './simulator-world.ts';

/** Something waits for this long before the operator sees to it. */
const answersAfterMs = 6_000;

export class SimOperator {
  private readonly world: World;
  private waitingSinceMs: number | null = null;

  constructor(world: World) {
    this.world = world;
  }

  /** False = not one of an operator's. */
  happen(moment: FaultMoment, system: SimProcess | null, coverage: Coverage): boolean {
    if (moment.kind !== 'operator-halt' && moment.kind !== 'operator-flatten') return false;
    if (system === null) return true;
    coverage.count(`fault ${moment.kind}`);
    const halt = moment.value < 0.5 ? 'halt' : 'halt-flatten';
    const command = moment.kind === 'operator-halt' ? halt : 'flatten';
    system.put({ kind: 'operator', command, by: 'desk' });
    return true;
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

function waits(state: EngineState): boolean {
  return isRestricted(state) || state.mode !== 'running' || state.flattening;
}

function isRestricted(state: EngineState): boolean {
  return [...state.venues.values()].some(({ restrictedBy }) => restrictedBy.length > 0);
}
