// Parts of SVG charts: scales, ticks, axes, text that is safe to put in. Strings in, strings out;
// colours are CSS variables of the page, so that one drawing serves light and dark.
import { isoUtc } from '../base/time.ts';

/** Units of every chart's view box; the page scales it to its column. */
export const chart = { width: 440, height: 220, left: 58, right: 10, top: 12, bottom: 26 } as const;
/** Most points of a drawn line: more cannot be told apart. */
export const pointsMax = 600;

export interface Scale {
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly number[];
}

export function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

export type Attributes = Readonly<Record<string, string | number>>;

/** One element; attribute values are ours and need no escaping, `body` is SVG already. */
export function element(name: string, attributes: Attributes, body = ''): string {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`);
  return `<${name}${list.join('')}>${body}</${name}>`;
}

export function textAt(
  place: { readonly x: number; readonly y: number; readonly anchor?: string },
  text: string,
  style = 'tick',
): string {
  const { x, y, anchor = 'start' } = place;
  return element('text', { class: style, x, y, 'text-anchor': anchor }, escapeText(text));
}

/** Over the whole width of the drawing. */
export function levelLine(y: number, style: string): string {
  const across = { x1: chart.left, x2: chart.width - chart.right };
  return element('line', { class: style, ...across, y1: y, y2: y });
}

/** A range of round numbers that holds all values; a single value gets room around it. */
export function niceScale(values: readonly number[], wanted = 4): Scale {
  const known = values.filter(Number.isFinite);
  let low = Math.min(...known);
  let high = Math.max(...known);
  if (!(high >= low)) return { min: 0, max: 1, ticks: [0, 1] };
  if (high === low) {
    const room = Math.abs(high) * 0.001 || 1;
    low -= room;
    high += room;
  }
  const raw = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= raw) ?? 10);
  const min = Math.floor(low / step) * step;
  const max = Math.ceil(high / step) * step;
  const count = Math.round((max - min) / step);
  const ticks = Array.from({ length: count + 1 }, (_, k) =>
    Number((min + k * step).toPrecision(12)),
  );
  return { min, max, ticks };
}

export function yOf(scale: Scale, value: number): number {
  const span = chart.height - chart.top - chart.bottom;
  return round(chart.top + span * (1 - (value - scale.min) / (scale.max - scale.min)));
}

export function xOf(range: { readonly from: number; readonly to: number }, at: number): number {
  const span = chart.width - chart.left - chart.right;
  const share = range.to > range.from ? (at - range.from) / (range.to - range.from) : 0.5;
  return round(chart.left + span * share);
}

/** Horizontal lines with their values. */
export function yAxis(scale: Scale, format: (value: number) => string): string {
  return scale.ticks
    .map((tick) => {
      const y = yOf(scale, tick);
      const at = { x: chart.left - 6, y: y + 4, anchor: 'end' };
      return levelLine(y, 'grid') + textAt(at, format(tick));
    })
    .join('');
}

/** First, middle and last day. */
export function timeAxis(range: { readonly from: number; readonly to: number }): string {
  const places = [
    { at: range.from, anchor: 'start' },
    { at: (range.from + range.to) / 2, anchor: 'middle' },
    { at: range.to, anchor: 'end' },
  ];
  const isShort = range.to - range.from < 4 * 86_400_000;
  return places
    .map(({ at, anchor }) => {
      const iso = isoUtc(at);
      const text = isShort ? `${iso.slice(5, 10)} ${iso.slice(11, 16)}` : iso.slice(0, 10);
      return textAt({ x: xOf(range, at), y: chart.height - 8, anchor }, text);
    })
    .join('');
}

/** `above`: room over the drawing, for what stands there with a negative y. */
export function svg(
  body: string,
  label: string,
  { height = chart.height, above = 0 }: { readonly height?: number; readonly above?: number } = {},
): string {
  const title = escapeText(label);
  const viewBox = `0 ${-above} ${chart.width} ${height + above}`;
  const box = { viewBox, role: 'img', 'aria-label': title };
  return element('svg', box, element('title', {}, title) + body);
}

/** Width of a character of a tick, on average. */
const characterWidth = 6.2;

/** As much of a text as there is room for, in units of the drawing. */
export function fitting(text: string, width: number): string {
  const most = Math.max(2, Math.round(width / characterWidth));
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

const legendLine = 16;
const nameWidth = 26 * characterWidth;

/** Names with their colours above the drawing, in as many lines as they need. */
export function legend(names: readonly string[]): {
  readonly drawn: string;
  readonly height: number;
} {
  const right = chart.width - chart.right;
  let x: number = chart.left;
  let line = 0;
  const placed = names.map((name, i) => {
    const shown = fitting(name, nameWidth);
    const width = 28 + shown.length * characterWidth;
    if (x > chart.left && x + width > right) {
      x = chart.left;
      line++;
    }
    const at = { i, shown, x, line };
    x += width;
    return at;
  });
  const lines = names.length > 0 ? line + 1 : 0;
  const drawn = placed.map(({ i, shown, x, line }) => {
    const y = (line - lines) * legendLine + 4;
    const key = { class: `key c${i % 6}`, x, y, width: 10, height: 10, rx: 2 };
    return element('rect', key) + textAt({ x: x + 14, y: y + 9 }, shown);
  });
  return { drawn: drawn.join(''), height: lines * legendLine };
}

export function least(values: readonly number[]): number {
  return values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
}

export function most(values: readonly number[]): number {
  return values.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);
}

export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** 12,345 or 1.2M: at most six characters of a figure in USD. */
export function shortUsd(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${trim(value / 1e6)}M`;
  if (size >= 1e5) return `${trim(value / 1e3)}k`;
  if (size >= 100) return Math.round(value).toLocaleString('en-US');
  return trim(value);
}

export function shortPercent(fraction: number): string {
  return `${trim(fraction * 100)}%`;
}

function trim(value: number): string {
  return String(Number(value.toPrecision(4)));
}
