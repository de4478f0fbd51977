import { describe, expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import {
  deflatedSharpe,
  expectedMaxSharpe,
  momentsOf,
  overfittingOf,
  probabilisticSharpe,
} from './overfitting.ts';

describe('deflated Sharpe ratio', () => {
  // The example of the paper: 5 years of 250 days, a ratio of 2.5 a year, N trials whose yearly
  // ratios have a variance of 1/2, returns with skewness -3 and kurtosis 10.
  const moments = { samples: 1_250, sharpe: 2.5 / Math.sqrt(250), skewness: -3, kurtosis: 10 };
  const variance = 0.5 / 250;

  it('100 trials without skill show 0.1132 a day at best; the chance of skill is 0.9004', () => {
    const threshold = expectedMaxSharpe(100, variance);
    expect(threshold).toBeCloseTo(0.1132, 4);
    expect(probabilisticSharpe(moments, threshold)).toBeCloseTo(0.9004, 4);
  });

  it('46 trials would have left 0.9505', () => {
    expect(probabilisticSharpe(moments, expectedMaxSharpe(46, variance))).toBeCloseTo(0.9505, 3);
  });

  it('with normal returns 88 trials would have left as much', () => {
    const normal = { ...moments, skewness: 0, kurtosis: 3 };
    expect(probabilisticSharpe(normal, expectedMaxSharpe(88, variance))).toBeCloseTo(0.9505, 3);
  });

  it('one trial is not deflated', () => {
    expect(expectedMaxSharpe(1, 1)).toBe(0);
    expect(deflatedSharpe(moments, [0.2])).toBe(probabilisticSharpe(moments, 0));
  });

  it('moments: -1, 0, 0, 1 have no skew and a kurtosis of 2', () => {
    // variance 2/4 = 0.5; fourth moment 2/4 = 0.5; 0.5 / 0.25 = 2
    expect(momentsOf([-1, 0, 0, 1])).toEqual({ samples: 4, sharpe: 0, skewness: 0, kurtosis: 2 });
    expect(momentsOf([1, 1, 1])).toBeNull();
    expect(momentsOf([1, 2])).toBeNull();
  });
});

describe('probability of backtest overfitting', () => {
  it('two trials that take turns: the better half is always the worse one after', () => {
    // Blocks of two. A earns 1, 3 then -3, -1; B the mirror. In sample block 1: A (2 / 1.41), out
    // of sample it has -2 / 1.41 and B +: rank 1 of 2, 1/3 <= 1/2. Block 2 the same with B. PBO =
    // 1.
    const a = Float64Array.of(1, 3, -3, -1);
    const b = Float64Array.of(-3, -1, 1, 3);
    const found = overfittingOf([a, b], 2);
    expect(found).toMatchObject({ probability: 1, splits: 2, lossProbability: 1 });
    expect(found?.inSample).toBeCloseTo(Math.SQRT2, 12);
    expect(found?.outOfSample).toBeCloseTo(-Math.SQRT2, 12);
  });

  it('a trial that is better in every block is never overfitted', () => {
    const prng = new Prng(1);
    const noise = Array.from({ length: 20 }, () =>
      Float64Array.from({ length: 320 }, () => prng.float() - 0.5),
    );
    const good = Float64Array.from({ length: 320 }, () => prng.float() + 1);
    expect(overfittingOf([...noise, good], 8)).toMatchObject({ probability: 0, splits: 70 });
  });

  it('noise is overfitted about half of the time', () => {
    const probabilities = Array.from({ length: 12 }, (_, seed) => {
      const prng = new Prng(seed + 1);
      const trials = Array.from({ length: 30 }, () =>
        Float64Array.from({ length: 400 }, () => prng.float() - 0.5),
      );
      return overfittingOf(trials, 8)?.probability ?? Number.NaN;
    });
    const average = probabilities.reduce((sum, p) => sum + p, 0) / probabilities.length;
    expect(average).toBeGreaterThan(0.3);
    expect(average).toBeLessThan(0.7);
  });

  it('16 blocks are split in 12,870 ways, and too little data in none', () => {
    const flat = Float64Array.from({ length: 64 }, (_, k) => k % 3);
    expect(overfittingOf([flat, flat.map((x) => -x)])?.splits).toBe(12_870);
    expect(overfittingOf([flat])).toBeNull();
    expect(overfittingOf([flat.slice(0, 20), flat.slice(0, 20)])).toBeNull();
  });
});
