import { describe, expect, it, vi } from 'vitest';
import { systemClock, testnetClock } from './clock.ts';

describe('the system clock', () => {
  it('starts at the epoch of the machine and has one time for venue and wall', () => {
    const before = Date.now();
    const clock = systemClock();
    expect(clock.wallMs()).toBeGreaterThanOrEqual(before - 1);
    expect(clock.wallMs()).toBeLessThanOrEqual(Date.now() + 1);
    expect(clock.venueMs).toBe(clock.wallMs);
  });

  it('does not follow an adjusted system clock', () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const clock = systemClock();
      const before = clock.wallMs();
      vi.setSystemTime(Date.now() - 3_600_000);
      expect(clock.wallMs()).toBeGreaterThanOrEqual(before);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('a testnet clock', () => {
  it('runs venue time at its speed: 5 s of wall at 720 are 1 h of venue', () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    try {
      const wallStartMs = Date.now();
      const clock = testnetClock({ wallStartMs, venueStartMs: 1_700_000_000_000, speed: 720 });
      expect(clock.venueMs()).toBe(1_700_000_000_000);
      vi.advanceTimersByTime(5_000);
      expect(clock.venueMs()).toBe(1_700_003_600_000);
      expect(clock.wallMs()).toBe(wallStartMs + 5_000);
    } finally {
      vi.useRealTimers();
    }
  });

  it('refuses a speed that is no positive number', () => {
    for (const speed of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => testnetClock({ wallStartMs: 0, venueStartMs: 0, speed })).toThrow('speed');
    }
  });
});
