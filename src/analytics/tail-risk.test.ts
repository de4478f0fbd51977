import { describe, expect, it } from 'vitest';
import { drawdownsBelow, liquidationMove, tailRisk } from './tail-risk.ts';

describe('the tail of a sample', () => {
  it('takes the ceil(a n)-th smallest loss and the mean of those not below it', () => {
    // Losses 1..20. 95% of 20 is the 19th: 19; the mean of 19 and 20 is 19.5. 99%: the 20th.
    const changes = Array.from({ length: 20 }, (_, k) => -(k + 1));
    const at95 = tailRisk(changes, 0.95);
    expect(at95).toMatchObject({ valueAtRisk: 19, expectedShortfall: 19.5, tailSamples: 2 });
    expect(tailRisk(changes, 0.99)).toMatchObject({ valueAtRisk: 20, expectedShortfall: 20 });
  });

  it('is negative where even the worst period gained, and null without a period', () => {
    expect(tailRisk([1, 2, 3], 0.95)).toMatchObject({ valueAtRisk: -1, samples: 3 });
    expect(tailRisk([], 0.95)).toBeNull();
    expect(() => tailRisk([1], 1)).toThrow('between 0 and 1');
  });
});

describe('drawdowns', () => {
  it('run from a peak to where it is reached again, the deepest first', () => {
    //  100 -> 90 -> 100: 10%. 110 -> 88 and never again: 20%.
    expect(drawdownsBelow([100, 90, 95, 100, 110, 88, 99])).toEqual([
      { peak: 4, trough: 5, recovered: null, depth: expect.closeTo(0.2, 12) },
      { peak: 0, trough: 1, recovered: 3, depth: expect.closeTo(0.1, 12) },
    ]);
    expect(drawdownsBelow([1, 2, 3])).toEqual([]);
    expect(drawdownsBelow([])).toEqual([]);
  });
});

describe('the distance to liquidation', () => {
  const leg = { collateralShare: 1 / 3, maintenanceRate: 0.005, feeRateTaker: 0.0005 };

  it('is that of the formula: hand-worked at 3x', () => {
    // Long:  (1 - 1/3) / (1 - 0.0055) = 0.666667 / 0.9945 = 0.670354, a fall of 32.9646%.
    expect(liquidationMove({ ...leg, side: 1 })).toBeCloseTo(-0.3296464, 6);
    // Short: (1 + 1/3) / (1 + 0.0055) = 1.333333 / 1.0055 = 1.326040, a rise of 32.6040%.
    expect(liquidationMove({ ...leg, side: -1 })).toBeCloseTo(0.3260401, 6);
  });

  it('there is none for a long leg that is paid in full', () => {
    expect(liquidationMove({ ...leg, side: 1, collateralShare: 1 })).toBeNull();
    expect(liquidationMove({ ...leg, side: 1, collateralShare: 1.2 })).toBeNull();
  });
});
