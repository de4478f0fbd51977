import { describe, expect, it } from 'vitest';
import type { Beat } from './heartbeat.ts';
import { ageMsOf, judge, look, type Watched } from './watchdog-judge.ts';

const afterMs = 15_000;
const beatAt = (wallMs: number, over: Partial<Beat> = {}): Beat => ({
  status: 'running',
  wallMs,
  pid: 7,
  epoch: 3,
  pairsOpen: null,
  ...over,
});
const at = (ms: number, wallAheadMs = 1_000_000) => ({
  monotonicMs: ms,
  wallMs: ms + wallAheadMs,
});

describe('the verdict over one beat', () => {
  const seen = (beat: Watched['beat'], ageAtSightMs = 0): Watched => ({
    beat,
    seenMs: 0,
    ageAtSightMs,
  });
  it.each([
    ['young', seen(beatAt(0)), 15_000, 'wait'],
    ['too old by a millisecond', seen(beatAt(0)), 15_001, 'act'],
    ['old when the watch began', seen(beatAt(0), 60_000), 0, 'act'],
    ['no system ever ran', seen('none'), 3_600_000, 'wait'],
    ['unreadable for a moment', seen('unreadable'), 15_000, 'wait'],
    ['unreadable for too long', seen('unreadable'), 15_001, 'act'],
    ['stopped in order, however long ago', seen(beatAt(0, { status: 'stopped' }), 1e9), 0, 'ended'],
  ] as const)('%s', (_name, watched, nowMs, verdict) => {
    expect(judge(watched, nowMs, afterMs)).toBe(verdict);
  });
});

describe('looking again', () => {
  it('the same beat ages by the monotonic clock, not by the wall', () => {
    const first = look(null, beatAt(1_000_000), at(0));
    // The system clock is set an hour on.
    const second = look(first, beatAt(1_000_000), at(5_000, 4_600_000));
    expect(second).toBe(first);
    expect(ageMsOf(second, 5_000)).toBe(5_000);
  });

  it('a new beat is fresh, even when its own clock went back', () => {
    const first = look(null, beatAt(1_000_000), at(0));
    const second = look(first, beatAt(900_000), at(14_000));
    expect(ageMsOf(second, 14_000)).toBe(0);
    expect(judge(second, 29_000, afterMs)).toBe('wait');
  });

  it('a beat from the future is not younger than now', () => {
    const first = look(null, beatAt(9_000_000), at(0));
    expect(judge(first, 15_001, afterMs)).toBe('act');
  });

  it('a crash before the watch began is found at once', () => {
    const first = look(null, beatAt(1_000_000 - 20_000), at(0));
    expect(judge(first, 0, afterMs)).toBe('act');
  });

  it('a restart under another process or epoch counts as life', () => {
    const first = look(null, beatAt(1_000_000), at(0));
    expect(look(first, beatAt(1_000_000, { epoch: 4 }), at(14_999))).not.toBe(first);
    expect(look(first, beatAt(1_000_000, { pid: 8 }), at(14_999)).seenMs).toBe(14_999);
  });
});
