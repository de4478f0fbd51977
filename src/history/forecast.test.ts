import { describe, expect, it } from 'vitest';
import { hourMs } from '../base/time.ts';
import {
  binanceFormula,
  bybitFormula,
  hyperliquidFormula,
  okxFormula,
} from '../sim/funding-formula.ts';
import { seededMarket } from '../sim/seeded-market.ts';
import { type ForecastInput, forecastFunding } from './forecast.ts';

const terms = { intervalMs: 8 * hourMs, cap: 0.03, floor: -0.03 };
const settlesAtMs = 1_704_096_000_000;
const forecast = (change: Partial<ForecastInput>) => {
  const found = forecastFunding({
    ...{ formula: bybitFormula, terms, settlesAtMs, nowMs: settlesAtMs - 4 * hourMs },
    ...{ published: 0.001, premiumNow: 0.0005, settled: [] },
    ...change,
  });
  if (found === null) throw new Error('no forecast');
  return found;
};

describe('the forecast of the next settlement', () => {
  it('half-way with rising weights, by hand', () => {
    // Published 0.1%: beyond the clamp, p_sofar = 0.1% + 0.05% = 0.15%. Half of the interval has a
    // quarter of the weight: p_hat = 0.25 x 0.15% + 0.75 x 0.05% = 0.075%, less 0.05% = 0.025%.
    const { rate, elapsedShare, basis } = forecast({});
    expect(elapsedShare).toBe(0.5);
    expect(rate).toBeCloseTo(0.00025, 8);
    expect(basis).toBe('estimate-and-premium');
    // 4 h at Binance: half of it is paid. p_hat = 0.25 x 0.25% + 0.75 x 0.25% -> (0.2%)/2
    const binance = forecast({
      ...{ formula: binanceFormula, terms: { ...terms, intervalMs: 4 * hourMs } },
      ...{ nowMs: settlesAtMs - 2 * hourMs, published: 0.001, premiumNow: 0.0025 },
    });
    expect(binance.rate).toBeCloseTo(0.001, 8);
    // Equal weights: half of the interval has half of the weight. An eighth of 0.1% - 0.05%.
    const hourly = forecast({
      ...{ formula: hyperliquidFormula, terms: { ...terms, intervalMs: hourMs } },
      ...{ nowMs: settlesAtMs - hourMs / 2, published: 0.001 / 8, premiumNow: 0.0005 },
    });
    expect(hourly.rate).toBeCloseTo(0.0005 / 8, 8);
  });

  it('at the settlement it is what the venue says, at the start what the premium says', () => {
    expect(forecast({ nowMs: settlesAtMs }).rate).toBeCloseTo(0.001, 8);
    const start = forecast({ nowMs: settlesAtMs - 8 * hourMs, premiumNow: 0.003 });
    expect(start.rate).toBeCloseTo(0.0025, 8);
  });

  it('inside the clamp the premium so far is a range, and the band holds it', () => {
    // 0.01% is what every premium from -0.04% to 0.06% gives.
    const { rate, low, high } = forecast({ published: 0.0001, premiumNow: 0.0003 });
    expect(rate).toBeCloseTo(0.0001, 9);
    expect(low).toBeLessThanOrEqual(rate);
    expect(high).toBeGreaterThanOrEqual(rate);
    const jump = forecast({ published: 0.0001, premiumNow: 0.003 });
    // At most 0.25 x 0.06% + 0.75 x 0.3% - 0.05%; the past is taken as near as it can be.
    expect(jump.rate).toBeCloseTo(0.25 * 0.0006 + 0.75 * 0.003 - 0.0005, 8);
  });

  it('the band narrows as the interval goes, and is wider where rates moved more', () => {
    const widthAt = (hoursLeft: number, settled: readonly number[]) => {
      const { low, high } = forecast({
        ...{ nowMs: settlesAtMs - hoursLeft * hourMs, premiumNow: 0.0015, settled },
      });
      return high - low;
    };
    const calm = [0.001, 0.0011, 0.001, 0.0011, 0.001];
    const wild = [0.001, 0.003, -0.001, 0.002, 0.001];
    expect(widthAt(1, wild)).toBeLessThan(widthAt(4, wild));
    expect(widthAt(4, wild)).toBeLessThan(widthAt(7, wild));
    expect(widthAt(4, calm)).toBeLessThan(widthAt(4, wild));
    expect(widthAt(0, wild)).toBeLessThan(1e-8);
  });

  it('holds to the bounds, and says nothing where nothing is known', () => {
    expect(forecast({ formula: okxFormula, premiumNow: 0.1, published: 0.03 }).rate).toBe(0.03);
    const nothing = { published: null, premiumNow: null };
    const input = { formula: okxFormula, terms, settlesAtMs, settled: [], nowMs: settlesAtMs - 1 };
    expect(forecastFunding({ ...input, ...nothing })).toBeNull();
    expect(
      forecastFunding({ ...input, published: 0.1, premiumNow: 0, nowMs: settlesAtMs + 1 }),
    ).toBeNull();
    expect(forecast({ published: null }).basis).toBe('premium');
    expect(forecast({ premiumNow: null }).basis).toBe('estimate');
  });

  it('on a simulated market, half-way, the band holds most settlements and beats the last', () => {
    const market = seededMarket({ seed: 11, startMs: 1_767_571_200_000, venues: ['bybit'] });
    const perps = market
      .instruments('bybit')
      .filter(({ fundingIntervalDefaultMs }) => fundingIntervalDefaultMs);
    let [inside, count, error, naive] = [0, 0, 0, 0];
    for (const { instrument, fundingCap: cap, fundingFloor: floor } of perps.slice(0, 6)) {
      const fromMs = market.startMs;
      const times = market.settlements(instrument.id, { fromMs, toMs: fromMs + 240 * hourMs });
      const rates = times.map((ts) => market.fundingSettled(instrument.id, ts) ?? 0);
      for (let k = 12; k < times.length; k++) {
        const at = times[k] ?? 0;
        const intervalMs = at - (times[k - 1] ?? 0);
        const nowMs = market.gridTime(at - intervalMs / 2);
        const found = forecastFunding({
          ...{ formula: bybitFormula, terms: { intervalMs, cap, floor }, nowMs, settlesAtMs: at },
          published: market.fundingEstimate(instrument.id, nowMs),
          premiumNow: market.premium(instrument.id, nowMs),
          settled: rates.slice(k - 12, k),
        });
        if (found === null) continue;
        const rate = rates[k] ?? 0;
        count++;
        if (rate >= found.low - 1e-9 && rate <= found.high + 1e-9) inside++;
        error += Math.abs(rate - found.rate);
        naive += Math.abs(rate - (rates[k - 1] ?? 0));
      }
    }
    expect(count).toBeGreaterThan(100);
    expect(inside / count).toBeGreaterThan(0.85);
    expect(error).toBeLessThan(naive);
  });
});
