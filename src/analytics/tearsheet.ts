// A report of one run or of several side by side as one HTML file: no script, no font, no file
// beside it. Light and dark follow the reader's system; on a phone the charts stand below each
// other.
import { dayMs } from '../base/time.ts';
import { escapeText, shortPercent, shortUsd } from './chart-parts.ts';
import { barChart, calendar, type Line, lineChart, waterfall } from './charts.ts';
import { drawdownsOf, returnsOf, rollingSharpe } from './performance.ts';
import { tearsheetStyle } from './tearsheet-style.ts';

export interface SheetSample {
  readonly tsMs: number;
  readonly equityUsd: number;
  /** Since the start. */
  readonly fundingUsd: number;
  readonly grossUsd: number;
}

export interface SheetRun {
  readonly name: string;
  readonly samples: readonly SheetSample[];
  /** Profit by cause, in the order in which it is drawn. */
  readonly pnl: readonly { readonly name: string; readonly value: number }[];
  /** What a larger notional per leg would have earned; empty = not known. */
  readonly capacity: readonly {
    readonly notionalUsd: number;
    readonly netUsd: number;
    /** Of the notional traded. */
    readonly netPerNotional: number;
  }[];
  /** Figures at the top: label and text. */
  readonly figures: readonly { readonly label: string; readonly text: string }[];
  readonly pairs: readonly (readonly string[])[];
  readonly trades: readonly (readonly string[])[];
  readonly notes: readonly string[];
}

export interface Sheet {
  readonly title: string;
  readonly subtitle: string;
  readonly pairColumns: readonly string[];
  readonly tradeColumns: readonly string[];
  readonly runs: readonly SheetRun[];
}

/** Days of the rolling ratio. */
const rollingDays = 30;
/** Rows of a table of trades; the JSON has all. */
export const tradesShown = 200;

export function tearsheet(sheet: Sheet): string {
  const { title, subtitle, runs } = sheet;
  const body = runs.length > 1 ? comparison(sheet) : single(sheet);
  return (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width, initial-scale=1">' +
    `<title>${escapeText(title)}</title><style>${tearsheetStyle}</style></head><body><main>` +
    `<header><h1>${escapeText(title)}</h1><p>${escapeText(subtitle)}</p></header>` +
    `${body}</main></body></html>\n`
  );
}

function single(sheet: Sheet): string {
  const [run] = sheet.runs;
  if (run === undefined) return '';
  return [
    figureList(run),
    chartGrid([run]),
    table('Pairs', sheet.pairColumns, run.pairs),
    table('Trades', sheet.tradeColumns, run.trades.slice(0, tradesShown)),
    notes(run),
  ].join('');
}

function comparison(sheet: Sheet): string {
  const { runs } = sheet;
  const labels = runs[0]?.figures.map(({ label }) => label) ?? [];
  const rows = labels.map((label) => [
    label,
    ...runs.map(({ figures }) => figures.find((one) => one.label === label)?.text ?? ''),
  ]);
  return [
    table('Side by side', ['', ...runs.map(({ name }) => name)], rows),
    chartGrid(runs),
    ...runs.map((run) => table(`Pairs of ${run.name}`, sheet.pairColumns, run.pairs)),
    ...runs.map(notes),
  ].join('');
}

function chartGrid(runs: readonly SheetRun[]): string {
  const over = (pick: (run: SheetRun) => Line['points']): readonly Line[] =>
    runs.map((run) => ({ name: run.name, points: pick(run) }));
  const shared = [
    card('Equity, USD', lineChart({ label: 'equity', lines: over(equity), format: shortUsd })),
    card(
      'Drawdown',
      lineChart({ label: 'drawdown', lines: over(drawdown), format: shortPercent, filled: true }),
    ),
    card(
      `Sharpe ratio over ${rollingDays} days`,
      lineChart({ label: 'rolling sharpe ratio', lines: over(rolling), format: String }),
    ),
    card(
      'Exposure of both legs, USD',
      lineChart({ label: 'exposure', lines: over(exposure), format: shortUsd, filled: true }),
    ),
  ];
  const own = runs.flatMap((run) => {
    const of = runs.length > 1 ? `: ${run.name}` : '';
    return [
      card(`Where the profit is from, USD${of}`, waterfall('attribution', run.pnl, shortUsd)),
      card(
        `Net USD by notional per leg (columnar, own accounts, no risk limits)${of}`,
        capacityChart(run),
      ),
      card(`Funding by day, USD${of}`, calendar('funding', fundingDays(run), shortUsd), 'wide'),
    ];
  });
  return `<section class="charts">${[...shared, ...own].join('')}</section>`;
}

function equity({ samples }: SheetRun): Line['points'] {
  return samples.map(({ tsMs, equityUsd }) => ({ tsMs, value: equityUsd }));
}

function drawdown({ samples }: SheetRun): Line['points'] {
  const depths = drawdownsOf(samples.map(({ equityUsd }) => equityUsd));
  return samples.map(({ tsMs }, k) => ({ tsMs, value: -(depths[k] ?? 0) || 0 }));
}

function exposure({ samples }: SheetRun): Line['points'] {
  return samples.map(({ tsMs, grossUsd }) => ({ tsMs, value: grossUsd }));
}

function rolling({ samples }: SheetRun): Line['points'] {
  const daily = samples.filter(({ tsMs }) => tsMs % dayMs === 0);
  const returns = returnsOf(daily.map(({ equityUsd }) => equityUsd));
  const ratios = rollingSharpe(returns, rollingDays);
  return daily.slice(1).map(({ tsMs }, k) => ({ tsMs, value: ratios[k] ?? null }));
}

/** What was received on each day that a sample ends. */
function fundingDays({ samples }: SheetRun) {
  const days = new Map<number, number>();
  samples.forEach(({ tsMs, fundingUsd }, k) => {
    if (k === 0) return;
    const day = Math.floor((tsMs - 1) / dayMs) * dayMs;
    days.set(day, (days.get(day) ?? 0) + fundingUsd - (samples[k - 1]?.fundingUsd ?? 0));
  });
  return [...days].map(([tsMs, value]) => ({ tsMs, value }));
}

function capacityChart({ capacity }: SheetRun): string {
  const bars = capacity.map(({ notionalUsd, netUsd, netPerNotional }) => ({
    name: shortUsd(notionalUsd),
    value: netUsd,
    note: `${Number((netPerNotional * 10_000).toPrecision(2))} bp`,
  }));
  return barChart('capacity', bars, shortUsd);
}

function figureList({ figures }: SheetRun): string {
  const items = figures.map(
    ({ label, text }) => `<div><dt>${escapeText(label)}</dt><dd>${escapeText(text)}</dd></div>`,
  );
  return `<dl class="figures">${items.join('')}</dl>`;
}

function card(title: string, drawing: string, size: 'wide' | '' = ''): string {
  if (drawing === '') return '';
  return `<figure class="${size}"><figcaption>${escapeText(title)}</figcaption>${drawing}</figure>`;
}

function table(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  if (rows.length === 0) return '';
  const head = columns.map((name) => `<th>${escapeText(name)}</th>`).join('');
  const body = rows
    .map((row) => `<tr>${row.map((text) => `<td>${escapeText(text)}</td>`).join('')}</tr>`)
    .join('');
  return (
    `<section><h2>${escapeText(title)}</h2><div class="table"><table><thead><tr>${head}</tr>` +
    `</thead><tbody>${body}</tbody></table></div></section>`
  );
}

function notes(run: SheetRun): string {
  if (run.notes.length === 0) return '';
  const items = run.notes.map((text) => `<li>${escapeText(text)}</li>`).join('');
  return `<section><h2>Notes</h2><ul class="notes">${items}</ul></section>`;
}
