// The charts of a report as SVG text: lines over time, bars, a waterfall, a calendar. Pure
// functions of their data. An empty series gives an empty text: the page leaves the chart out.
import { dayMs, isoUtc } from '../base/time.ts';
import {
  chart,
  element,
  escapeText,
  fitting,
  least,
  legend,
  levelLine,
  most,
  niceScale,
  pointsMax,
  round,
  type Scale,
  svg,
  textAt,
  timeAxis,
  xOf,
  yAxis,
  yOf,
} from './chart-parts.ts';

export interface LinePoint {
  readonly tsMs: number;
  /** Null = not known: the line has a gap. */
  readonly value: number | null;
}

export interface Line {
  readonly name: string;
  readonly points: readonly LinePoint[];
}

export interface LineChart {
  readonly label: string;
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
  /** Filled down to zero: drawdowns, exposure. */
  readonly filled?: true;
}

export function lineChart({ label, lines, format, filled }: LineChart): string {
  const all = lines.flatMap(({ points }) => points);
  const values = all.flatMap(({ value }) => (value === null ? [] : [value]));
  if (values.length === 0) return '';
  const times = all.map(({ tsMs }) => tsMs);
  const range = { from: least(times), to: most(times) };
  const scale = niceScale(
    filled ? [0, least(values), most(values)] : [least(values), most(values)],
  );
  const drawn = lines.map(({ points }, i) => pathOf(thinned(points), { range, scale, i, filled }));
  const zero = scale.min < 0 && scale.max > 0 ? levelLine(yOf(scale, 0), 'zero') : '';
  const names = legend(lines.length > 1 ? lines.map(({ name }) => name) : []);
  const body = `${yAxis(scale, format)}${zero}${drawn.join('')}${timeAxis(range)}${names.drawn}`;
  return svg(body, label, { above: names.height });
}

interface Drawing {
  readonly range: { readonly from: number; readonly to: number };
  readonly scale: Scale;
  readonly i: number;
  readonly filled: true | undefined;
}

function pathOf(points: readonly LinePoint[], { range, scale, i, filled }: Drawing): string {
  let path = '';
  let pen = 'M';
  for (const { tsMs, value } of points) {
    if (value === null || !Number.isFinite(value)) {
      pen = 'M';
      continue;
    }
    path += `${pen}${xOf(range, tsMs)} ${yOf(scale, value)}`;
    pen = 'L';
  }
  const line = element('path', { class: `line c${i % 6}`, d: path });
  const first = points[0];
  const last = points.at(-1);
  if (filled === undefined || first === undefined || last === undefined) return line;
  const base = yOf(scale, 0);
  const close = `L${xOf(range, last.tsMs)} ${base}L${xOf(range, first.tsMs)} ${base}Z`;
  return element('path', { class: `area c${i % 6}`, d: path + close }) + line;
}

/** Evenly fewer points, the last one kept. */
function thinned(points: readonly LinePoint[]): readonly LinePoint[] {
  if (points.length <= pointsMax) return points;
  const stride = Math.ceil(points.length / pointsMax);
  return points.filter((_, k) => k % stride === 0 || k === points.length - 1);
}

export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Under the bar's figure. */
  readonly note?: string;
}

/** Each term moves the total from where the one before left it; the last bar is the total. */
export function waterfall(
  label: string,
  terms: readonly Bar[],
  format: (value: number) => string,
): string {
  if (terms.length === 0) return '';
  let level = 0;
  const steps = terms.map(({ name, value }) => {
    const from = level;
    level += value;
    return { name, from, to: level, value };
  });
  const all = [...steps, { name: 'total', from: 0, to: level, value: level }];
  const scale = niceScale([0, ...all.flatMap(({ from, to }) => [from, to])]);
  const bars = all.map((step, k) => {
    const { x, width } = slotOf(k, all.length);
    const top = Math.min(yOf(scale, step.from), yOf(scale, step.to));
    const height = Math.max(1, Math.abs(yOf(scale, step.from) - yOf(scale, step.to)));
    const kind = k === all.length - 1 ? 'sum' : step.value >= 0 ? 'gain' : 'loss';
    return barText({ x, width, top, height, kind, name: step.name, figure: format(step.value) });
  });
  return svg(`${yAxis(scale, format)}${bars.join('')}`, label);
}

export function barChart(
  label: string,
  bars: readonly Bar[],
  format: (value: number) => string,
): string {
  if (bars.length === 0) return '';
  const scale = niceScale([0, ...bars.map(({ value }) => value)]);
  const zero = yOf(scale, 0);
  const drawn = bars.map(({ name, value, note }, k) => {
    const { x, width } = slotOf(k, bars.length);
    const top = Math.min(zero, yOf(scale, value));
    const height = Math.max(1, Math.abs(zero - yOf(scale, value)));
    const kind = value >= 0 ? 'gain' : 'loss';
    return barText({ x, width, top, height, kind, name, figure: note ?? format(value) });
  });
  return svg(`${yAxis(scale, format)}${drawn.join('')}`, label);
}

export function slotOf(k: number, count: number): { readonly x: number; readonly width: number } {
  const slot = (chart.width - chart.left - chart.right) / count;
  return { x: round(chart.left + k * slot + slot * 0.12), width: round(slot * 0.76) };
}

interface BarDrawing {
  readonly x: number;
  readonly width: number;
  readonly top: number;
  readonly height: number;
  readonly kind: 'gain' | 'loss' | 'sum';
  readonly name: string;
  readonly figure: string;
}

function barText({ x, width, top, height, kind, name, figure }: BarDrawing): string {
  const middle = round(x + width / 2);
  const box = { x, y: round(top), width, height: round(height) };
  const above = { x: middle, y: round(Math.max(10, top - 4)), anchor: 'middle' };
  const below = { x: middle, y: chart.height - 8, anchor: 'middle' };
  // A bar has three quarters of its slot.
  const short = fitting(name, width / 0.76);
  const title = short === name ? '' : element('title', {}, escapeText(name));
  return (
    element('rect', { class: `bar ${kind}`, ...box }, title) +
    textAt(above, figure, 'figure') +
    textAt(below, short)
  );
}

export interface DayValue {
  readonly tsMs: number;
  readonly value: number;
}

const cell = 10;
const weekdays = 7;
const monthNames = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
/** Years that a calendar shows, the newest. */
const yearsMax = 8;

/** A row of weeks per year, a cell per UTC day; the colour grows with the root of the amount. */
export function calendar(
  label: string,
  days: readonly DayValue[],
  format: (value: number) => string,
): string {
  if (days.length === 0) return '';
  const largest = most(days.map(({ value }) => Math.abs(value))) || 1;
  const years = new Map<string, DayValue[]>();
  for (const day of days) {
    const year = isoUtc(day.tsMs).slice(0, 4);
    const list = years.get(year);
    if (list === undefined) years.set(year, [day]);
    else list.push(day);
  }
  const shown = [...years].slice(-yearsMax);
  const blockHeight = weekdays * (cell - 2) + 26;
  const blocks = shown.map(([year, list], k) =>
    yearBlock(year, list, { top: k * blockHeight, largest, format }),
  );
  return svg(blocks.join(''), label, { height: shown.length * blockHeight + 4 });
}

function yearBlock(
  year: string,
  days: readonly DayValue[],
  how: { readonly top: number; readonly largest: number; readonly format: (v: number) => string },
): string {
  const { top, largest, format } = how;
  const left = 30;
  const step = (chart.width - left - 4) / 53.3;
  const first = days[0]?.tsMs ?? 0;
  const newYear = first - dayOfYear(first) * dayMs;
  // 1970-01-01 was a Thursday: Monday is 0.
  const offset = (Math.floor(newYear / dayMs) + 3) % weekdays;
  const cells = days.map(({ tsMs, value }) => {
    const place = dayOfYear(tsMs) + offset;
    const x = round(left + Math.floor(place / weekdays) * step);
    const y = round(top + 16 + (place % weekdays) * (cell - 2));
    const strength = round(0.15 + 0.85 * Math.sqrt(Math.abs(value) / largest));
    const kind = value === 0 ? 'none' : value > 0 ? 'gain' : 'loss';
    const opacity = value === 0 ? 1 : strength;
    const said = `${isoUtc(tsMs).slice(0, 10)}: ${format(value)}`;
    const box = { x, y, width: round(step - 1), height: cell - 3 };
    const title = element('title', {}, escapeText(said));
    return element('rect', { class: `day ${kind}`, opacity, ...box }, title);
  });
  const months = monthNames.map((name, k) => {
    const x = round(left + ((k * 30.44 + offset) / weekdays) * step);
    return textAt({ x, y: top + 11 }, name);
  });
  return textAt({ x: 0, y: top + 44 }, year) + months.join('') + cells.join('');
}

function dayOfYear(tsMs: number): number {
  const iso = isoUtc(tsMs);
  const month = Number(iso.slice(5, 7));
  const day = Number(iso.slice(8, 10));
  const year = Number(iso.slice(0, 4));
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][month - 1] ?? 0;
  return before + (isLeap && month > 2 ? 1 : 0) + day - 1;
}
