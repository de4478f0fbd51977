import { describe, expect, it } from 'vitest';
import { benchNames } from '../../bench/benches.ts';
import type { Claim } from '../../bench/claims.ts';
import { claims } from '../../bench/claims.ts';
import { figureOf, isMet, judge, type Run, toleranceFactor } from '../../bench/figures.ts';
import { markdownOf } from '../../bench/markdown.ts';
import type { Row } from '../../bench/measure.ts';

const row = (name: string, value: number | null, unit: Row['unit'] = 'ns'): Row => {
  return { name, value, unit, ratio: null, note: '' };
};
const claim = (over: Partial<Claim>): Claim => ({
  ...{ id: 'x', says: 'ours against theirs', bench: 'b', ours: 'ours', against: 'theirs' },
  ...{ as: 'faster', target: 4 },
  ...over,
});
const run = (ours: number, theirs: number, yardNs = 800): Run => {
  return { yardNs, rows: [row('ours: a', ours), row('theirs: a', theirs)] };
};

describe('the figure of a claim', () => {
  it('is the median of the runs, with the lowest and the highest', () => {
    const figure = figureOf(claim({}), [run(100, 500), run(100, 300), run(100, 900)]);
    expect(figure).toMatchObject({ value: 5, low: 3, high: 9 });
  });

  it('says how many times as long where less is wanted', () => {
    const longer = claim({ as: 'longer', target: 1.5 });
    const figure = figureOf(longer, [run(60, 40)]);
    expect(figure?.value).toBe(1.5);
    expect(isMet(longer, figure as NonNullable<typeof figure>)).toBe(true);
  });

  it.each([
    ['faster', 4, 100, 400, true],
    ['faster', 4, 100, 399, false],
    ['longer', 1.5, 61, 40, false],
    ['figure', 100, 100, 1, true],
    ['figure', 100, 101, 1, false],
  ] as const)('%s, target %d: %d against %d is met: %s', (as, target, ours, theirs, met) => {
    const own = claim({ as, target, against: as === 'figure' ? null : 'theirs' });
    const figure = figureOf(own, [run(ours, theirs)]);
    expect(isMet(own, figure as NonNullable<typeof figure>)).toBe(met);
  });

  it('is unknown where a row is missing or was not measured', () => {
    expect(figureOf(claim({ against: 'nobody' }), [run(1, 2)])).toBeNull();
    const notMeasured = { yardNs: 1, rows: [row('ours', 1), row('theirs', null)] };
    expect(figureOf(claim({}), [notMeasured])).toBeNull();
  });
});

describe('a run against the record', () => {
  const recorded = figureOf(claim({}), [run(100, 800)])?.merit ?? null;

  it('fails when the ratio fell by more than the tolerance', () => {
    const slower = run(100 * toleranceFactor * 1.01, 800);
    expect(judge(recorded, figureOf(claim({}), [slower]))).toBe('worse');
  });

  it('holds within the tolerance, and when it is better', () => {
    expect(judge(recorded, figureOf(claim({}), [run(170, 800)]))).toBe('holds');
    expect(judge(recorded, figureOf(claim({}), [run(10, 800)]))).toBe('holds');
  });

  it('holds on a machine that is five times as slow', () => {
    expect(judge(recorded, figureOf(claim({}), [run(500, 4_000)]))).toBe('holds');
  });

  it('a figure without a peer is compared through the yardstick of its own run', () => {
    for (const [unit, own] of [
      ['ns', [100, 500, 2_000]],
      ['per s', [1_000, 200, 50]],
    ] as const) {
      const alone = claim({ as: 'figure', against: null, target: null });
      const [then, slowMachine, worse] = own;
      const at = (value: number, yardNs: number): Run => {
        return { yardNs, rows: [row('ours', value, unit)] };
      };
      const merit = figureOf(alone, [at(then, 800)])?.merit ?? null;
      expect(judge(merit, figureOf(alone, [at(slowMachine, 4_000)]))).toBe('holds');
      expect(judge(merit, figureOf(alone, [at(worse, 4_000)]))).toBe('worse');
    }
  });

  it('says what was not recorded and what could not be measured', () => {
    expect(judge(null, figureOf(claim({}), [run(1, 2)]))).toBe('not recorded');
    expect(judge(recorded, null)).toBe('not measured');
  });
});

it('every claim is of a benchmark that can be run by name', () => {
  for (const { bench } of claims) expect(benchNames).toContain(bench);
});

it('every claim has a name of its own and is on the page, measured or not', () => {
  expect(new Set(claims.map(({ id }) => id)).size).toBe(claims.length);
  const page = markdownOf({ benches: {}, versions: { ccxt: '1' } });
  for (const { says } of claims) expect(page).toContain(`| ${says} | not measured |`);
});

it('the page says honestly when a target is missed', () => {
  const machine = { node: 'v', v8: '1', platform: 'p', cpu: 'c', cores: 2, memoryGb: 1, load: 1 };
  const names = ['best bid/ask, three venues mixed: bytes to decision'];
  const rows = names.map((name) => row(name, 400));
  const bench = { title: 'frames', date: '2026-01-02', machine, runs: [{ yardNs: 800, rows }] };
  const page = markdownOf({ benches: { decode: bench }, versions: {} });
  expect(page).toContain('| frame to decision, three venues mixed | 400 ns |');
  expect(page).toMatch(/at most 300 ns \| \*\*no\*\*/);
});
