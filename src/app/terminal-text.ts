// Small texts of the terminal view: padding, signs, thousands, countdowns. Pure.
import { formatDuration, isoUtc } from '../base/time.ts';

export type Paint = (text: string) => string;

export interface Palette {
  readonly good: Paint;
  readonly bad: Paint;
  readonly dim: Paint;
  readonly strong: Paint;
}

const plain: Paint = (text) => text;
const sgr =
  (on: number, off: number): Paint =>
  (text) =>
    `\u001b[${on}m${text}\u001b[${off}m`;

export function paletteOf(options: { readonly colors: boolean }): Palette {
  if (!options.colors) return { good: plain, bad: plain, dim: plain, strong: plain };
  return { good: sgr(32, 39), bad: sgr(31, 39), dim: sgr(2, 22), strong: sgr(1, 22) };
}

/** Left- or right-aligned in exactly `width` columns, cut where longer. */
export function cell(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const cut = text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
  return align === 'left' ? cut.padEnd(width) : cut.padStart(width);
}

/** 12345.678 -> "12,345.68". */
export function usd(value: number): string {
  const [whole = '', cents] = Math.abs(value).toFixed(2).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const zero = Number(whole) === 0 && Number(cents) === 0;
  return `${value < 0 && !zero ? '-' : ''}${grouped}.${cents}`;
}

/** The same with its sign: cash from our side. */
export function signedUsd(value: number): string {
  const text = usd(value);
  return text.startsWith('-') || text === '0.00' ? text : `+${text}`;
}

/** A fraction as percent, with its sign. */
export function pct(fraction: number, decimals: number): string {
  const text = (fraction * 100).toFixed(decimals);
  const zero = Number(text) === 0;
  return `${zero ? text.replace('-', '') : fraction > 0 ? `+${text}` : text}%`;
}

export function signed(value: number, palette: Palette): Paint {
  return value > 0 ? palette.good : value < 0 ? palette.bad : palette.dim;
}

/** Until a settlement; "now" when it is due. */
export function countdown(untilMs: number): string {
  return untilMs <= 0 ? 'now' : formatDuration(untilMs);
}

/** "01-05 08:12" of venue time. */
export function clockText(tsMs: number): string {
  return isoUtc(tsMs).slice(5, 16).replace('T', ' ');
}

/** `okx:ARB-USDT-PERP` -> its parts for people. */
export function instrumentText(id: string): { readonly venue: string; readonly base: string } {
  const [venue = id, name = ''] = id.split(':');
  return { venue, base: name.split('-')[0] ?? name };
}

/** Breaks a text into lines of at most `width`, `linesMax` of them. */
export function wrap(text: string, width: number, linesMax: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  if (line !== '') lines.push(line);
  if (lines.length <= linesMax) return lines;
  return [...lines.slice(0, linesMax - 1), cell(lines.slice(linesMax - 1).join(' '), width)];
}
