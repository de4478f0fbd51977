import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hourMs } from '../base/time.ts';
import {
  basisReversion,
  expectedBasisGain,
  expectedRateSum,
  geometricSum,
  nextSettlementMs,
  settlementsUntil,
} from './forecast.ts';
import { perpPerpDefaults, type StrategyParams } from './params.ts';

const params: StrategyParams = {
  ...perpPerpDefaults,
  halfLifeSettlements: 1,
  longRunRatePerHour: 0.0001 / 8,
};
const funding = { ratePerInterval: 0.0009, intervalMs: 8 * hourMs, settlesAtMs: 8 * hourMs };

function sumUntil(untilMs: number, changes: Partial<StrategyParams> = {}): number {
  const used = { ...params, ...changes };
  return expectedRateSum({ instrument: 'a', funding, fromMs: 0, untilMs, params: used });
}

describe('settlements', () => {
  it('are counted in (from, until], the instant of the settlement included', () => {
    expect(settlementsUntil(funding, 0, 8 * hourMs - 1)).toBe(0);
    expect(settlementsUntil(funding, 0, 8 * hourMs)).toBe(1);
    expect(settlementsUntil(funding, 0, 24 * hourMs)).toBe(3);
    expect(settlementsUntil(funding, 8 * hourMs, 24 * hourMs)).toBe(2);
  });

  it('go on by the interval when the announced one has passed', () => {
    expect(nextSettlementMs(funding, 8 * hourMs)).toBe(16 * hourMs);
    expect(nextSettlementMs(funding, 17 * hourMs)).toBe(24 * hourMs);
  });
});

describe('the expected rates', () => {
  it('start at the venue estimate and halve their distance to the long-run mean', () => {
    // Mean 0.01% per 8 h. 0.09%, then 0.01% + 0.08% / 2 = 0.05%, then 0.03%.
    expect(sumUntil(8 * hourMs)).toBeCloseTo(0.0009, 15);
    expect(sumUntil(16 * hourMs)).toBeCloseTo(0.0014, 15);
    expect(sumUntil(24 * hourMs)).toBeCloseTo(0.0017, 15);
  });

  it('take the mean of the instrument where one is given', () => {
    // Mean 0: 0.09% + 0.045%.
    expect(sumUntil(16 * hourMs, { longRunRatePerHourOf: { a: 0 } })).toBeCloseTo(0.00135, 15);
  });

  it('are zero for spot', () => {
    const options = { instrument: 'a', funding: null, fromMs: 0, untilMs: 1e9, params };
    expect(expectedRateSum(options)).toBe(0);
  });

  it('rise with the present rate', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -0.02, max: 0.02, noNaN: true }),
        fc.double({ min: 0, max: 0.01, noNaN: true }),
        fc.double({ min: 0.1, max: 50, noNaN: true }),
        fc.integer({ min: 0, max: 200 }),
        (rate, by, halfLifeSettlements, hours) => {
          const sumOf = (ratePerInterval: number) =>
            expectedRateSum({
              instrument: 'a',
              funding: { ...funding, ratePerInterval },
              fromMs: 0,
              untilMs: hours * hourMs,
              params: { ...params, halfLifeSettlements },
            });
          expect(sumOf(rate + by)).toBeGreaterThanOrEqual(sumOf(rate));
        },
      ),
    );
  });

  it('add up a geometric series', () => {
    expect(geometricSum(0.5, 0)).toBe(0);
    expect(geometricSum(0.5, 3)).toBeCloseTo(1.75, 15);
    expect(geometricSum(1, 3)).toBe(3);
  });
});

describe('the expected basis', () => {
  it('reverts by half in a half-life, of which a share is believed', () => {
    const half = { ...params, basisHalfLifeMs: hourMs, basisReversionShare: 0.5 };
    expect(basisReversion(0, half)).toBe(0);
    expect(basisReversion(hourMs, half)).toBeCloseTo(0.25, 15);
    expect(basisReversion(1_000 * hourMs, half)).toBeCloseTo(0.5, 12);
  });

  it('earns as a positive basis falls, up to the cap, and costs as a negative one rises', () => {
    expect(expectedBasisGain(0.004, 0.5, 0.001)).toBe(0.001);
    expect(expectedBasisGain(0.001, 0.5, 0.001)).toBe(0.0005);
    expect(expectedBasisGain(-0.004, 0.5, 0.001)).toBe(-0.002);
  });
});
