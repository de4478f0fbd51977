import { describe, expect, it } from 'vitest';
import { figure } from './chart-figure.ts';
import { lineChart } from './charts.ts';
import { heatmap, histogram, scatter } from './charts-xy.ts';

const count = (drawing: string, what: RegExp): number => drawing.match(what)?.length ?? 0;

describe('a histogram', () => {
  it('counts every value once, what lies beyond the cut in the outer bars', () => {
    const values = [-1, ...Array.from({ length: 98 }, (_, k) => k / 98), 50];
    const drawing = histogram({ label: 'h', values, format: String, bins: 4, clip: 0.02 });
    const heights = [...drawing.matchAll(/class="bar \w+"[^>]*height="([^"]+)"/g)];
    expect(heights).toHaveLength(4);
    // The height of a share is that of the axis: all of them together are 100%.
    const ticks = [...drawing.matchAll(/>([\d.]+)%</g)].map(([, text]) => Number(text) / 100);
    const total = heights.reduce((sum, [, height]) => sum + Number(height), 0);
    expect((total / (220 - 12 - 26)) * Math.max(...ticks)).toBeCloseTo(1, 2);
  });

  it('shows what is left of zero in another colour, and marks with their names', () => {
    const marks = [{ name: 'VaR <95%>', value: -0.5 }];
    const drawing = histogram({ label: 'h', values: [-1, -0.9, 2, 3], format: String, marks });
    expect(count(drawing, /class="bar loss"/g)).toBeGreaterThan(5);
    expect(count(drawing, /class="mark"/g)).toBe(1);
    expect(drawing).toContain('VaR &lt;95%&gt;');
  });

  it('of one value, or of none', () => {
    expect(histogram({ label: 'h', values: [3, 3], format: String })).toContain('<rect');
    expect(histogram({ label: 'h', values: [Number.NaN], format: String })).toBe('');
  });
});

describe('points and tables', () => {
  it('a point right and above another is drawn there', () => {
    const points = [
      { x: 1, y: 1 },
      { x: 2, y: 3 },
    ];
    const drawing = scatter({
      ...{ label: 's', clouds: [{ name: 'a', points }], xFormat: String, yFormat: String },
      diagonal: true,
    });
    const [first, second] = [...drawing.matchAll(/cx="([^"]+)" cy="([^"]+)"/g)];
    expect(Number(second?.[1])).toBeGreaterThan(Number(first?.[1]));
    expect(Number(second?.[2])).toBeLessThan(Number(first?.[2]));
    expect(count(drawing, /class="mark"/g)).toBe(1);
    expect(scatter({ label: 's', clouds: [], xFormat: String, yFormat: String })).toBe('');
  });

  it('a cell that is not known stays empty, the largest has the strongest colour', () => {
    const drawing = heatmap({
      ...{ label: 'm', rows: ['a', 'b'], columns: ['x', 'y'], format: (v: number) => `${v}!` },
      values: [
        [1, null],
        [-4, 0],
      ],
    });
    expect(count(drawing, /class="day /g)).toBe(3);
    expect(drawing).toMatch(/class="day loss" opacity="0.66"/);
    expect(drawing).toContain('>-4!<');
    expect(
      heatmap({ label: 'm', rows: ['a'], columns: ['x'], values: [[null]], format: String }),
    ).toBe('');
  });
});

describe('a figure', () => {
  const lines = Array.from({ length: 9 }, (_, k) => ({
    name: `a long name of a line, number ${k}`,
    points: [
      { tsMs: 0, value: k },
      { tsMs: 1e9, value: 2 * k },
    ],
  }));
  const drawing = lineChart({ label: 'l', lines, format: String });

  it('stands alone: its style inside, under a scope of its own', () => {
    const svg = figure({ title: 'A & B', note: 'USD' }, drawing);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" class="farb-chart"/);
    expect(svg).toContain('A &amp; B');
    const style = /<style>([\s\S]*)<\/style>/.exec(svg)?.[1] ?? '';
    const selectors = [...style.matchAll(/(?:^|\n|\})([^{}@\n]+)\{/g)].map(([, text]) => text);
    expect(selectors.length).toBeGreaterThan(15);
    for (const selector of selectors.flatMap((text) => (text ?? '').split(','))) {
      expect(selector).toMatch(/^\.farb-chart( |$)/);
    }
    expect(figure({ title: 'x' }, '')).toBe('');
  });

  it('nine names above the drawing stay inside the picture, on both sides and on top', () => {
    const svg = figure({ title: 'x' }, drawing);
    const [x = 0, y = 0, width = 0] = (/viewBox="([^"]+)"/.exec(svg)?.[1] ?? '')
      .split(' ')
      .map(Number);
    const keys = [...svg.matchAll(/class="key c\d" x="([^"]+)" y="([^"]+)"/g)];
    expect(keys).toHaveLength(9);
    const title = Number(/class="head" x="0" y="([^"]+)"/.exec(svg)?.[1]);
    for (const [, left, top] of keys) {
      expect(Number(left) + 28 + 26 * 6.2).toBeLessThan(x + width);
      expect(Number(top)).toBeGreaterThan(title);
    }
    expect(y).toBeLessThan(title);
  });
});
