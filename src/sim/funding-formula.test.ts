import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hourMs } from '../base/time.ts';
import {
  binanceFormula,
  bybitFormula,
  type FundingFormula,
  formulaOf,
  fundingRate,
  okxFormula,
  okxOriginalFormula,
  weightedPremium,
} from './funding-formula.ts';

const wide = { cap: 1, floor: -1 };
const hours = (h: number) => ({ intervalMs: h * hourMs, ...wide });
const formulas = { binanceFormula, okxFormula, bybitFormula };

describe('the rate of a mean premium', () => {
  const rows: readonly {
    name: keyof typeof formulas;
    p: number;
    h: number;
    rate: number;
    why: string;
  }[] = [
    // finance.md: p = 1%, h = 4: D = 1% - 0.05% = 0.95%; Binance pays half of the 8 h rate.
    { name: 'binanceFormula', p: 0.01, h: 4, rate: 0.00475, why: '0.95% / 2' },
    { name: 'okxFormula', p: 0.01, h: 4, rate: 0.0095, why: '0.95%' },
    { name: 'bybitFormula', p: 0.01, h: 4, rate: 0.0095, why: '0.95%' },
    // Inside the clamp the rate is the interest: 0.01% per 8 h, scaled to the interval.
    { name: 'binanceFormula', p: 0.0003, h: 8, rate: 0.0001, why: 'I' },
    { name: 'binanceFormula', p: 0, h: 1, rate: 0.0000125, why: 'I / 8' },
    { name: 'okxFormula', p: 0, h: 1, rate: 0.0000125, why: '0.03% / 24' },
    { name: 'bybitFormula', p: 0, h: 4, rate: 0.00005, why: '0.03% / 6' },
    // Beyond it, the premium less 0.05%.
    { name: 'bybitFormula', p: 0.002, h: 1, rate: 0.0015, why: '0.2% - 0.05%' },
    { name: 'binanceFormula', p: 0.002, h: 1, rate: 0.0001875, why: '0.15% / 8' },
    { name: 'okxFormula', p: -0.002, h: 8, rate: -0.0015, why: '-0.2% + 0.05%' },
  ];

  it.each(rows)('$name of $p over $h h is $rate ($why)', ({ name, p, h, rate }) => {
    expect(formulas[name].rate(p, hours(h))).toBeCloseTo(rate, 12);
  });

  it('is the mean premium itself in the original formula of OKX', () => {
    expect(fundingRate(okxOriginalFormula, [0.0001, 0.0002, 0.0006], hours(8))).toBeCloseTo(
      0.0003,
      12,
    );
  });

  it('stops at the cap and at the floor, after the scaling to the interval', () => {
    const terms = { intervalMs: 4 * hourMs, cap: 0.003, floor: -0.002 };
    for (const formula of [...Object.values(formulas), okxOriginalFormula]) {
      expect(formula.rate(0.05, terms)).toBe(0.003);
      expect(formula.rate(-0.05, terms)).toBe(-0.002);
    }
    // Binance: D = 0.55%, half of it 0.275% is below the cap of 0.3%, which 0.55% is not.
    expect(binanceFormula.rate(0.006, terms)).toBeCloseTo(0.00275, 12);
  });

  it('knows which formula a venue uses', () => {
    expect(formulaOf('binance')).toBe(binanceFormula);
    expect(formulaOf('okx')).toBe(okxFormula);
    expect(formulaOf('bybit')).toBe(bybitFormula);
  });
});

describe('the mean premium', () => {
  it('weighs the minutes 1..n: (1 x 1% + 2 x 4%) / 3 = 3%', () => {
    expect(weightedPremium(bybitFormula, { samples: [0.01, 0.04], now: 0, n: 2 })).toBeCloseTo(
      0.03,
      12,
    );
  });

  it('counts the present premium for the samples to come', () => {
    // Weights 1..4, two known: (1 x 1% + 2 x 4% + (3 + 4) x 2%) / 10 = 2.3%.
    const known = { samples: [0.01, 0.04], now: 0.02, n: 4 };
    expect(weightedPremium(bybitFormula, known)).toBeCloseTo(0.023, 12);
    // Equal weights: (1% + 4% + 2 x 2%) / 4 = 2.25%.
    expect(weightedPremium(okxOriginalFormula, known)).toBeCloseTo(0.0225, 12);
  });

  it('is the premium itself before the first sample', () => {
    expect(weightedPremium(binanceFormula, { samples: [], now: 0.0007, n: 480 })).toBeCloseTo(
      0.0007,
      15,
    );
  });

  it('lies between the least and the greatest of what it averages', () => {
    const premium = fc.double({ min: -0.05, max: 0.05, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(premium, { maxLength: 60 }),
        premium,
        fc.integer({ min: 1, max: 30 }),
        (samples, now, left) => {
          for (const formula of [bybitFormula, okxOriginalFormula] as readonly FundingFormula[]) {
            const p = weightedPremium(formula, { samples, now, n: samples.length + left });
            const all = [...samples, now];
            expect(p).toBeGreaterThanOrEqual(Math.min(...all) - 1e-12);
            expect(p).toBeLessThanOrEqual(Math.max(...all) + 1e-12);
          }
        },
      ),
    );
  });

  it('never lowers a rate when the premium rises', () => {
    const premium = fc.double({ min: -0.05, max: 0.05, noNaN: true });
    fc.assert(
      fc.property(premium, premium, fc.constantFrom(1, 2, 4, 8), (a, b, h) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        for (const formula of Object.values(formulas)) {
          const difference = formula.rate(high, hours(h)) - formula.rate(low, hours(h));
          expect(difference).toBeGreaterThanOrEqual(-1e-12);
        }
      }),
    );
  });
});
