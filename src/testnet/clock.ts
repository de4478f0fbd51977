// The testnet's two clocks. Wall time is monotonic and starts at the system's time, because
// signatures of clients are checked against it. Venue time runs from it at a speed, and the venues
// show it only at published grid points: about ten a wall second, all venues at once.
import { performance } from 'node:perf_hooks';
import type { SimNow } from '../sim/api.ts';

/** Wall time between two published ticks, at least. */
export const publishEveryWallMs = 100;

export interface TestnetClockOptions {
  /** Venue time at the start; `wall` = the wall time of that moment. */
  readonly startMs: number | 'wall';
  readonly gridMs: number;
  readonly speed: number;
  /** For tests: another wall clock, epoch ms, never going back. */
  readonly wallNow?: () => number;
}

export interface TestnetClock {
  readonly wallStartMs: number;
  readonly venueStartMs: number;
  readonly speed: number;
  /** Venue time between two published ticks. */
  readonly publishStepMs: number;
  wallMs(): number;
  /** The tick that is due at this wall time. */
  dueTick(wallMs: number): number;
  /** Wall time at which the tick after this one is due. */
  nextTickWallMs(tickMs: number): number;
  now(tickMs: number): SimNow;
}

export function makeTestnetClock(options: TestnetClockOptions): TestnetClock {
  const { gridMs, speed } = options;
  const wallMs = options.wallNow ?? monotonicWallClock();
  const wallStartMs = wallMs();
  const startMs = options.startMs === 'wall' ? wallStartMs : options.startMs;
  const firstTickMs = Math.floor(startMs / gridMs) * gridMs;
  // Every k-th grid point, so that the step covers at least publishEveryWallMs of wall time.
  const publishStepMs = Math.max(1, Math.ceil((speed * publishEveryWallMs) / gridMs)) * gridMs;
  const dueTick = (atWallMs: number): number => {
    const venueMs = startMs + (atWallMs - wallStartMs) * speed;
    return Math.max(firstTickMs, Math.floor(venueMs / publishStepMs) * publishStepMs);
  };
  return {
    wallStartMs,
    venueStartMs: startMs,
    speed,
    publishStepMs,
    wallMs,
    dueTick,
    nextTickWallMs: (tickMs) => {
      const nextMs = (Math.floor(tickMs / publishStepMs) + 1) * publishStepMs;
      return wallStartMs + (nextMs - startMs) / speed;
    },
    now: (tickMs) => ({ tsMs: tickMs, wallMs: wallMs() }),
  };
}

/** Whole milliseconds: venues never send fractions. */
function monotonicWallClock(): () => number {
  const epochMs = Date.now();
  const startedAt = performance.now();
  return () => epochMs + Math.floor(performance.now() - startedAt);
}
