// The engine's timers on the process's own clock. They are part of the engine's state: this only
// wakes it up, and a boot arms them again from the state.
import type { ClearTimer, SetTimer, TimerId } from '../domain/event.ts';
import type { Clock } from '../domain/ports.ts';

/** Longest sleep before the clock is looked at again: a venue clock may outrun the wall. */
const sleepMsMax = 250;

export interface Timers {
  apply(effect: SetTimer | ClearTimer): void;
  /** Arms everything that the recovered state waits for. */
  restore(timers: ReadonlyMap<TimerId, { clock: 'wall' | 'venue'; dueMs: number }>): void;
  stop(): void;
}

export function createTimers(clock: Clock, onDue: (timer: TimerId) => void): Timers {
  const armed = new Map<TimerId, NodeJS.Timeout>();

  const arm = (timer: TimerId, due: { clock: 'wall' | 'venue'; dueMs: number }): void => {
    clear(timer);
    const now = due.clock === 'wall' ? clock.wallMs() : clock.venueMs();
    const leftMs = Math.max(0, due.dueMs - now);
    const sleepMs = due.clock === 'wall' ? leftMs : Math.min(leftMs, sleepMsMax);
    const handle = setTimeout(() => {
      armed.delete(timer);
      const later = due.clock === 'wall' ? clock.wallMs() : clock.venueMs();
      if (later < due.dueMs) arm(timer, due);
      else onDue(timer);
    }, Math.ceil(sleepMs));
    armed.set(timer, handle);
  };
  const clear = (timer: TimerId): void => {
    const handle = armed.get(timer);
    if (handle !== undefined) clearTimeout(handle);
    armed.delete(timer);
  };
  return {
    apply(effect) {
      if (effect.kind === 'set-timer') arm(effect.timer, effect);
      else clear(effect.timer);
    },
    restore(timers) {
      for (const [timer, due] of timers) arm(timer, due);
    },
    stop() {
      for (const handle of armed.values()) clearTimeout(handle);
      armed.clear();
    },
  };
}
