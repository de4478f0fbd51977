import { describe, expect, it } from 'vitest';
import { coverageSeedsMin } from '../sim/coverage.ts';
import {
  mergeReports,
  parseFaults,
  parseSafeguard,
  parseSeeds,
  type SimulateRange,
  simulateRange,
} from './simulate.ts';
import { simulateSeeds } from './simulate-workers.ts';

const range: SimulateRange = { from: 1, to: 4, faults: 'none', safeguard: null };

describe('a range of seeds', () => {
  it('adds up to the same report in one part and in two, whatever their order', () => {
    const whole = { ...simulateRange(range), elapsedMs: 0 };
    const first = simulateRange({ ...range, to: 2 });
    const second = simulateRange({ ...range, from: 3 });
    expect(mergeReports(range, [second, first], 0)).toEqual(whole);
    expect(whole).toMatchObject({ ok: true, failed: 0, neverReached: [], seeds: { run: 4 } });
  });

  it('adds up to the same report on several threads', { timeout: 60_000 }, async () => {
    const seeds = { ...range, to: 26 };
    const asked: number[] = [];
    const report = await simulateSeeds({
      ...seeds,
      workers: 2,
      stop: new AbortController().signal,
      onProgress: (done) => asked.push(done),
    });
    expect({ ...report, elapsedMs: 0 }).toEqual({ ...simulateRange(seeds), elapsedMs: 0 });
    expect(asked.at(-1)).toBe(26);
    expect(asked).toHaveLength(2);
  });

  it('is given up when it is interrupted', { timeout: 60_000 }, async () => {
    const stop = new AbortController();
    const seeds = { ...range, to: 100_000, workers: 2, stop: stop.signal };
    const running = simulateSeeds({ ...seeds, onProgress: () => undefined });
    stop.abort();
    await expect(running).rejects.toThrow('aborted');
  });

  it('tells a failing seed with the command that reproduces it', () => {
    const report = simulateRange({ ...range, safeguard: 'journal-order' });
    expect(report.ok).toBe(false);
    expect(report.failures).toHaveLength(1);
    expect(report.failures[0]).toMatchObject({
      seed: 1,
      check: 'no-order-without-verdict',
      command: 'farb simulate --seeds 1..1 --faults none --break journal-order',
    });
  });

  it('must reach every counter from 300 seeds with all faults on, a short one need not', () => {
    const part = simulateRange({ ...range, to: 1 });
    const all: SimulateRange = { ...range, faults: 'all' };
    expect(mergeReports(all, [part], 0)).toMatchObject({ ok: true, neverReached: [] });
    const run = coverageSeedsMin;
    const long = mergeReports(all, [{ ...part, seeds: { ...part.seeds, run } }], 0);
    expect(long.ok).toBe(false);
    expect(long.neverReached).toContain('fault power-cut');
  });
});

describe('the options', () => {
  it('say what is wrong and what would be right', () => {
    expect(parseSeeds('7')).toEqual({ from: 7, to: 7 });
    expect(parseSeeds('1..300')).toEqual({ from: 1, to: 300 });
    expect(() => parseSeeds('5..1')).toThrow('--seeds 5..1: write a range like 1..300');
    expect(() => parseFaults('gremlin')).toThrow('--faults gremlin: no such fault. Write all');
    expect(() => parseSafeguard('luck')).toThrow('--break luck: no such safeguard. Known: fill-');
  });
});
