import { describe, expect, it } from 'vitest';
import { apartFaults, drawFaultPlan, faultKinds, parseFaultKinds } from './faults.ts';

const venues = ['binance', 'okx', 'bybit'];
const all = new Set(faultKinds);

describe('a fault plan', () => {
  it('is drawn from the seed alone', () => {
    expect(drawFaultPlan({ seed: 9, venues, kinds: all })).toEqual(
      drawFaultPlan({ seed: 9, venues, kinds: all }),
    );
  });

  it('is the same with and without what is drawn apart, but for that', () => {
    const isApart = (kind: string) => apartFaults.some((item) => item === kind);
    const kinds = new Set(faultKinds.filter((kind) => !isApart(kind)));
    for (let seed = 1; seed <= 50; seed++) {
      const plan = drawFaultPlan({ seed, venues, kinds: all });
      expect({
        ...plan,
        kinds,
        sporadic: new Map([...plan.sporadic].filter(([kind]) => !isApart(kind))),
        moments: plan.moments.filter(({ kind }) => !isApart(kind)),
      }).toEqual(drawFaultPlan({ seed, venues, kinds }));
    }
  });

  it('leaves a calm start, and heals everything', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const plan = drawFaultPlan({ seed, venues, kinds: all });
      for (const { fromMs, toMs } of plan.windows) {
        expect(fromMs).toBeGreaterThanOrEqual(plan.faultyFromMs);
        expect(toMs).toBeGreaterThan(fromMs);
        expect(toMs).toBeLessThanOrEqual(plan.healsAtMs);
      }
      for (const { atMs } of plan.moments) {
        expect(atMs).toBeGreaterThanOrEqual(plan.faultyFromMs);
        expect(atMs).toBeLessThanOrEqual(plan.healsAtMs);
      }
    }
  });

  it('holds only the kinds that were asked for', () => {
    const kinds = new Set(['adl', 'rest-down'] as const);
    for (let seed = 1; seed <= 50; seed++) {
      const { windows, moments, sporadic } = drawFaultPlan({ seed, venues, kinds });
      expect(sporadic.size).toBe(0);
      for (const { kind } of [...windows, ...moments]) expect(kinds.has(kind as 'adl')).toBe(true);
    }
  });
});

describe('a list of faults', () => {
  it('is all, none, or names', () => {
    expect(parseFaultKinds('all')).toEqual({ ok: true, kinds: all });
    expect(parseFaultKinds('none')).toEqual({ ok: true, kinds: new Set() });
    expect(parseFaultKinds('adl, stream-lost')).toEqual({
      ok: true,
      kinds: new Set(['adl', 'stream-lost']),
    });
    expect(parseFaultKinds('adl,gremlin')).toEqual({ ok: false, bad: 'gremlin' });
  });
});
