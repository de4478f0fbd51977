import { describe, expect, it } from 'vitest';
import { impactNotionalUsd, impactPrice, premiumIndex } from './premium.ts';

describe('the impact price', () => {
  it('averages the levels that the impact notional reaches', () => {
    // 100 x 10 = 1,000 USD, then 500 USD at 101 = 4.9505 units: 1,500 / 14.9505 = 100.3311...
    const levels = [
      [100, 10],
      [101, 10],
    ] as const;
    expect(impactPrice(levels, 1_500)).toBeCloseTo(1_500 / (10 + 500 / 101), 10);
  });

  it('is the best price while the best level is deep enough', () => {
    expect(impactPrice([[100, 10]], 1_000)).toBe(100);
  });

  it('uses all of a thin book and is unknown for an empty one', () => {
    expect(impactPrice([[100, 1]], 1_000)).toBe(100);
    expect(impactPrice([], 1_000)).toBeNaN();
  });

  it('has 25,000 USD at 125x and 10,000 USD at 50x', () => {
    expect(impactNotionalUsd(125)).toBe(25_000);
    expect(impactNotionalUsd(50)).toBe(10_000);
  });
});

describe('the premium index', () => {
  it.each([
    // A book above the index: (101 - 100) / 100.
    { impactBid: 101, impactAsk: 102, index: 100, premium: 0.01 },
    // A book below the index: -(100 - 99) / 100.
    { impactBid: 98, impactAsk: 99, index: 100, premium: -0.01 },
    { impactBid: 99.9, impactAsk: 100.1, index: 100, premium: 0 },
  ])('is $premium for $impactBid / $impactAsk around $index', ({ premium, ...sample }) => {
    expect(premiumIndex(sample)).toBeCloseTo(premium, 12);
  });
});
