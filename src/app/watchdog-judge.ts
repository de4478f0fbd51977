// What the watchdog concludes from the heartbeats that it saw. Pure: the caller reads the file and
// the clocks.
import type { Beat } from './heartbeat.ts';

export interface Watched {
  readonly beat: Beat | 'none' | 'unreadable';
  /** Monotonic: when this beat was seen first. */
  readonly seenMs: number;
  /** How old it was by the wall clock when the watch began; 0 for beats that came later. */
  readonly ageAtSightMs: number;
}

export interface Moment {
  readonly wallMs: number;
  /** Does not jump with the system clock and stands still while the machine sleeps. */
  readonly monotonicMs: number;
}

export type WatchVerdict = 'wait' | 'ended' | 'act';

/** The beat as it is seen now. A new beat is fresh whatever its own clock says. */
export function look(before: Watched | null, beat: Watched['beat'], now: Moment): Watched {
  if (before !== null && sameBeat(before.beat, beat)) return before;
  const isFirst = before === null && typeof beat === 'object';
  return {
    beat,
    seenMs: now.monotonicMs,
    // Once, of a beat from before the watch; a clock that ran ahead makes no age.
    ageAtSightMs: isFirst ? Math.max(0, now.wallMs - beat.wallMs) : 0,
  };
}

/**
 * wait: it beats, or no system ever ran here. ended: its last word was an orderly stop. act: silent
 * for more than `afterMs`; a heartbeat that cannot be read counts from when it was first seen so.
 */
export function judge(watched: Watched, nowMonotonicMs: number, afterMs: number): WatchVerdict {
  const { beat } = watched;
  if (beat === 'none') return 'wait';
  if (beat !== 'unreadable' && beat.status === 'stopped') return 'ended';
  return ageMsOf(watched, nowMonotonicMs) > afterMs ? 'act' : 'wait';
}

export function ageMsOf(watched: Watched, nowMonotonicMs: number): number {
  return nowMonotonicMs - watched.seenMs + watched.ageAtSightMs;
}

function sameBeat(a: Watched['beat'], b: Watched['beat']): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return a.wallMs === b.wallMs && a.pid === b.pid && a.epoch === b.epoch && a.status === b.status;
}
