import { describe, expect, it } from 'vitest';
import { dayMs } from '../base/time.ts';
import { niceScale, shortUsd } from './chart-parts.ts';
import { barChart, calendar, lineChart, waterfall } from './charts.ts';
import { type SheetRun, tearsheet } from './tearsheet.ts';

const startMs = Date.UTC(2023, 11, 20);
const run: SheetRun = {
  name: 'a <b> & "c"',
  samples: Array.from({ length: 60 }, (_, k) => ({
    tsMs: startMs + k * dayMs,
    equityUsd: 100 + Math.sin(k) * 5 + k,
    fundingUsd: k * 2,
    grossUsd: k % 3 === 0 ? 0 : 50,
  })),
  pnl: [
    { name: 'funding', value: 120 },
    { name: 'fees', value: -30 },
  ],
  capacity: [{ notionalUsd: 4_000, netUsd: 90, netPerNotional: 0.0012 }],
  figures: [{ label: 'profit', text: '90.00' }],
  pairs: [['x>y', '1']],
  trades: [['2024', '2025']],
  notes: ['a note'],
};

function sheetOf(runs: readonly SheetRun[]): string {
  const columns = { pairColumns: ['pair', 'trips'], tradeColumns: ['opened', 'closed'] };
  return tearsheet({ title: 'T <1>', subtitle: 's', ...columns, runs });
}

/** Every tag that is opened is closed, in order. */
function unclosed(html: string): readonly string[] {
  const open: string[] = [];
  for (const [, slash, name = ''] of html.matchAll(/<(\/?)([a-z0-9]+)[^>]*>/g)) {
    if (name === 'meta') continue;
    if (slash === '') open.push(name);
    else if (open.pop() !== name) return [`</${name}>`];
  }
  return open;
}

describe('the page', () => {
  it('is one file: nothing is loaded, nothing runs', () => {
    const html = sheetOf([run]);
    expect(html).not.toMatch(/<script|<link|<img|url\(|https?:|@import/);
    expect(unclosed(html.replace('<!doctype html>', ''))).toEqual([]);
    expect(html).toContain('prefers-color-scheme:dark');
    expect(html).toContain('width=device-width');
  });

  it('has every chart', () => {
    const html = sheetOf([run]);
    for (const label of [
      ...['equity', 'drawdown', 'rolling sharpe ratio', 'exposure', 'attribution', 'capacity'],
      'funding',
    ]) {
      expect(html).toContain(`aria-label="${label}"`);
    }
  });

  it('leaves out what there is no data for', () => {
    const html = sheetOf([{ ...run, capacity: [], pairs: [], notes: [] }]);
    expect(html).not.toContain('aria-label="capacity"');
    expect(html).not.toContain('<h2>Pairs');
    expect(html).not.toContain('<h2>Notes');
  });

  it('shows names and never lets them be markup', () => {
    const html = sheetOf([run, { ...run, name: 'other' }]);
    expect(html).toContain('a &lt;b&gt; &amp; &quot;c&quot;');
    expect(html).not.toContain('a <b>');
    expect(html).toContain('T &lt;1&gt;');
  });

  it('puts runs side by side', () => {
    const html = sheetOf([
      run,
      { ...run, name: 'other', figures: [{ label: 'profit', text: '7' }] },
    ]);
    expect(html).toContain('<td>profit</td><td>90.00</td><td>7</td>');
    expect(html.match(/class="line c1"/g)?.length).toBeGreaterThanOrEqual(3);
  });
});

describe('charts', () => {
  it('scales are round numbers around the values', () => {
    expect(niceScale([3, 97]).ticks).toEqual([0, 25, 50, 75, 100]);
    expect(niceScale([-0.012, 0.004]).ticks).toEqual([-0.015, -0.01, -0.005, 0, 0.005]);
    const { min, max } = niceScale([5, 5]);
    expect(min).toBeLessThan(5);
    expect(max).toBeGreaterThan(5);
    expect(niceScale([]).ticks).toEqual([0, 1]);
    expect([1_234, 101_500, 2_340_000, -55.5].map(shortUsd)).toEqual([
      '1,234',
      '101.5k',
      '2.34M',
      '-55.5',
    ]);
  });

  it('a line has a gap where a value is not known', () => {
    const points = [1, null, 3, 4].map((value, k) => ({ tsMs: startMs + k * dayMs, value }));
    const drawing = lineChart({ label: 'x', lines: [{ name: '', points }], format: String });
    expect(drawing.match(/d="(M[^"]*)"/)?.[1]?.match(/M/g)).toHaveLength(2);
  });

  it('the last step of a waterfall ends where its total stands', () => {
    const drawing = waterfall('w', run.pnl, String);
    expect(drawing).toContain('>90<');
    const tops = [
      ...drawing.matchAll(/class="bar (\w+)" x="[^"]*" y="([^"]*)"[^>]*height="([^"]*)"/g),
    ];
    const [, fees, sum] = tops.map(([, , y, height]) => Number(y) + Number(height));
    expect(tops.map(([, kind]) => kind)).toEqual(['gain', 'loss', 'sum']);
    expect(fees).toBeCloseTo(Number(tops[2]?.[2]), 1);
    expect(sum).toBeGreaterThan(fees ?? Number.NaN);
  });

  it('a calendar has a cell a day, in the year that it lies in', () => {
    const days = run.samples.map(({ tsMs }) => ({ tsMs, value: 1 }));
    const drawing = calendar('c', days, String);
    expect(drawing.match(/class="day gain"/g)).toHaveLength(60);
    expect(drawing).toContain('>2023<');
    expect(drawing).toContain('<title>2024-01-01: 1</title>');
  });

  it('nothing to draw is no drawing', () => {
    expect(lineChart({ label: 'x', lines: [], format: String })).toBe('');
    expect(barChart('x', [], String)).toBe('');
    expect(waterfall('x', [], String)).toBe('');
    expect(calendar('x', [], String)).toBe('');
  });
});
