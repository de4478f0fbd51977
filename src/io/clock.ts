// The two clocks of a process. Wall time is monotonic: the epoch is read once and then only the
// monotonic counter moves it, so that an adjusted system clock never makes an age negative.
import { assert } from '../base/assert.ts';
import type { Clock } from '../domain/ports.ts';

/** Live: venue time is wall time. */
export function systemClock(): Clock {
  const wallMs = monotonicWall();
  return { wallMs, venueMs: wallMs };
}

export interface TestnetTime {
  /** A wall moment and the venue time at that moment: both as the testnet announced them. */
  readonly wallStartMs: number;
  readonly venueStartMs: number;
  /** Venue milliseconds per wall millisecond. */
  readonly speed: number;
}

/** Against a testnet: venue time runs `speed` times as fast as wall time, from a common moment. */
export function testnetClock({ wallStartMs, venueStartMs, speed }: TestnetTime): Clock {
  assert(speed > 0 && Number.isFinite(speed), `speed ${speed} is not a positive number`);
  const wallMs = monotonicWall();
  return { wallMs, venueMs: () => venueStartMs + (wallMs() - wallStartMs) * speed };
}

function monotonicWall(): () => number {
  const epochMs = Date.now() - performance.now();
  return () => epochMs + performance.now();
}
