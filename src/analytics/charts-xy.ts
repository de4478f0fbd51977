// Charts whose horizontal axis is not time: a histogram, points in a plane, a table of colours. As
// in charts.ts an empty series gives an empty text.
import {
  chart,
  element,
  escapeText,
  legend,
  levelLine,
  most,
  niceScale,
  round,
  type Scale,
  svg,
  textAt,
  xOf,
  yAxis,
  yOf,
} from './chart-parts.ts';

type Format = (value: number) => string;

/** A vertical line at a value that matters. */
export interface Mark {
  readonly name: string;
  readonly value: number;
}

export interface Histogram {
  readonly label: string;
  readonly values: readonly number[];
  readonly format: Format;
  /** How many bars, all of one width; values beyond `clip` are counted in the outer ones. */
  readonly bins?: number;
  /** Quantile from both ends at which the axis is cut: 0.005 shows 99%. */
  readonly clip?: number;
  readonly marks?: readonly Mark[];
}

/** How often a value fell into each part of its range; bars left of zero have another colour. */
export function histogram(options: Histogram): string {
  const { label, values, format, bins = 40, clip = 0, marks = [] } = options;
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return '';
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] as number;
  const shown = marks.map(({ value }) => value);
  const low = Math.min(at(clip), ...shown);
  const high = Math.max(at(1 - clip), ...shown);
  const width = (high - low || Math.abs(high) * 0.01 || 1) / bins;
  const counts = new Array<number>(bins).fill(0);
  for (const value of sorted) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor((value - low) / width)));
    counts[bin] = (counts[bin] as number) + 1;
  }
  const share = (count: number) => count / sorted.length;
  const scale = niceScale([0, ...counts.map(share)]);
  const range = { from: low, to: low + bins * width };
  const bars = counts.map((count, k) => {
    const x = xOf(range, low + k * width);
    const next = xOf(range, low + (k + 1) * width);
    const top = yOf(scale, share(count));
    const kind = low + (k + 0.5) * width < 0 ? 'loss' : 'gain';
    const box = { x, y: top, width: round(Math.max(0.5, next - x - 1)) };
    return element('rect', {
      class: `bar ${kind}`,
      ...box,
      height: round(yOf(scale, 0) - top),
    });
  });
  const percent: Format = (value) => `${Number((value * 100).toPrecision(3))}%`;
  const above = marks.length * markLine;
  const body = yAxis(scale, percent) + bars.join('') + marksOf(marks, range) + xAxis(range, format);
  return svg(body, label, { above });
}

const markLine = 14;

/** Lines through the drawing; their names stand above it, each on a line of its own. */
function marksOf(marks: readonly Mark[], range: { readonly from: number; readonly to: number }) {
  return marks
    .map(({ name, value }, k) => {
      const x = xOf(range, value);
      const isRight = x > chart.width * 0.7;
      const y = chart.top - (marks.length - k) * markLine + 4;
      const across = { x1: x, x2: x, y1: y - 8, y2: chart.height - chart.bottom };
      const place = { x: isRight ? x - 4 : x + 4, y, anchor: isRight ? 'end' : 'start' };
      const text = textAt(place, name, 'figure');
      return element('line', { class: 'mark', ...across }) + text;
    })
    .join('');
}

/** Round values under the drawing. */
function xAxis(range: { readonly from: number; readonly to: number }, format: Format): string {
  const { ticks } = niceScale([range.from, range.to], 5);
  return ticks
    .filter((tick) => tick >= range.from && tick <= range.to)
    .map((tick) => {
      const place = { x: xOf(range, tick), y: chart.height - 8, anchor: 'middle' };
      return textAt(place, format(tick));
    })
    .join('');
}

export interface Cloud {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface Scatter {
  readonly label: string;
  readonly clouds: readonly Cloud[];
  readonly xFormat: Format;
  readonly yFormat: Format;
  /** Draws y = x: what was expected against what came. */
  readonly diagonal?: true;
}

/** Most points of one cloud; more are thinned evenly. */
const dotsMax = 400;

export function scatter({ label, clouds, xFormat, yFormat, diagonal }: Scatter): string {
  const all = clouds.flatMap(({ points }) => points);
  if (all.length === 0) return '';
  const scale = niceScale(all.map(({ y }) => y));
  const xs = niceScale(all.map(({ x }) => x));
  const range = { from: xs.min, to: xs.max };
  const zero = scale.min < 0 && scale.max > 0 ? levelLine(yOf(scale, 0), 'zero') : '';
  const drawn = clouds.map(({ points }, i) => {
    const stride = Math.max(1, Math.ceil(points.length / dotsMax));
    return points
      .filter((_, k) => k % stride === 0)
      .map(({ x, y }) => {
        const at = { cx: xOf(range, x), cy: yOf(scale, y), r: 2.6 };
        return element('circle', { class: `dot c${i % 6}`, ...at });
      })
      .join('');
  });
  const line = diagonal === undefined ? '' : diagonalOf(range, scale);
  const names = legend(clouds.length > 1 ? clouds.map(({ name }) => name) : []);
  const axes = yAxis(scale, yFormat) + zero + xAxis(range, xFormat);
  return svg(axes + line + drawn.join('') + names.drawn, label, { above: names.height });
}

/** y = x where both axes show it. */
function diagonalOf(range: { readonly from: number; readonly to: number }, scale: Scale): string {
  const from = Math.max(range.from, scale.min);
  const to = Math.min(range.to, scale.max);
  if (!(to > from)) return '';
  const ends = { x1: xOf(range, from), y1: yOf(scale, from) };
  return element('line', { class: 'mark', ...ends, x2: xOf(range, to), y2: yOf(scale, to) });
}

export interface Heatmap {
  readonly label: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** `values[row][column]`; null = not known, left empty. */
  readonly values: readonly (readonly (number | null)[])[];
  readonly format: Format;
}

const cellHeight = 24;
const rowNames = 96;

/** A cell per row and column with its figure; the colour grows with the amount, by its sign. */
export function heatmap({ label, rows, columns, values, format }: Heatmap): string {
  const known = values.flat().filter((value) => value !== null && Number.isFinite(value));
  if (known.length === 0 || columns.length === 0) return '';
  const largest = most(known.map((value) => Math.abs(value as number))) || 1;
  const width = (chart.width - rowNames - chart.right) / columns.length;
  const head = columns.map((name, k) =>
    textAt({ x: round(rowNames + (k + 0.5) * width), y: 12, anchor: 'middle' }, name),
  );
  const lines = rows.map((name, r) => {
    const y = 18 + r * cellHeight;
    const cells = columns.map((_, k) => {
      const value = values[r]?.[k] ?? null;
      if (value === null || !Number.isFinite(value)) return '';
      const x = round(rowNames + k * width);
      const opacity = round(0.06 + 0.6 * Math.sqrt(Math.abs(value) / largest));
      const kind = value === 0 ? 'none' : value > 0 ? 'gain' : 'loss';
      const box = { x, y, width: round(width - 2), height: cellHeight - 2, rx: 3 };
      const middle = { x: round(x + width / 2 - 1), y: y + 15, anchor: 'middle' };
      const title = element('title', {}, escapeText(`${name}, ${columns[k]}: ${format(value)}`));
      return (
        element('rect', { class: `day ${kind}`, opacity, ...box }, title) +
        textAt(middle, format(value), 'figure')
      );
    });
    return textAt({ x: rowNames - 8, y: y + 15, anchor: 'end' }, name) + cells.join('');
  });
  return svg(head.join('') + lines.join(''), label, { height: 22 + rows.length * cellHeight });
}
