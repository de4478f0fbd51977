// The terminal view as lines: what the system does now, funding rates, open pairs, profit by
// cause, what happened. A pure function of a status, so that a test can read it; at most `rows`
// lines of at most `columns` visible characters.
import type { PairStatusView, SystemStatus } from '../api/contract.ts';
import { formatDuration } from '../base/time.ts';
import { ratesTable } from './terminal-rates.ts';
import { lastEvents, nowSentence } from './terminal-story.ts';
import {
  cell,
  clockText,
  instrumentText,
  type Palette,
  paletteOf,
  pct,
  signed,
  signedUsd,
  usd,
  wrap,
} from './terminal-text.ts';

export interface ViewInput {
  readonly status: SystemStatus;
  /** Venue seconds per wall second; 1 = real time. */
  readonly speed: number;
  /** What the testnet announces about its market. */
  readonly labels: readonly ViewLabel[];
  /** Upper bounds of the net edge, best first. */
  readonly best: readonly { readonly name: string; readonly bound: number }[];
  readonly elapsedMs: number;
  readonly forMs: number | null;
  readonly places: string;
}

export interface ViewLabel {
  readonly text: string;
  /** Venue time; null = always. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

export interface ViewSize {
  readonly columns: number;
  readonly rows: number;
  readonly colors: boolean;
}

/** Below this the view is cut, not laid out anew. */
const columnsMin = 40;
const rowsMin = 12;

export function renderView(input: ViewInput, size: ViewSize): readonly string[] {
  const columns = Math.max(columnsMin, size.columns);
  const rows = Math.max(rowsMin, size.rows);
  const palette = paletteOf(size);
  const { status } = input;
  const top = [
    palette.strong(cell(titleLine(input), columns)),
    ...wrap(nowSentence(status), columns, 2),
    ...profitLines(status, columns, palette),
    '',
  ];
  const pairs = pairLines(input, columns, palette);
  const label = labelLines(input, columns, palette);
  const footer = [palette.dim(cell(input.places, columns))];
  // What is left is shared by rates and events; rates get two thirds, and what events leave.
  const left = rows - top.length - pairs.length - label.length - footer.length - 3;
  const eventRows = Math.max(1, Math.min(8, Math.floor(left / 3)));
  const events = lastEvents(status, eventRows).map(({ tsMs, text, tone }) =>
    (tone === 'bad' ? palette.bad : palette.dim)(cell(`${clockText(tsMs)}  ${text}`, columns)),
  );
  const table = ratesTable(status, { columns, rowsMax: left - events.length, palette });
  const lines = [
    ...top,
    palette.dim(table.header),
    ...(table.rows.length > 0 ? table.rows : ['waiting for the first rates']),
    '',
    ...pairs,
    ...label,
    '',
    ...events,
  ];
  const body = lines.slice(0, rows - footer.length);
  while (body.length < rows - footer.length) body.push('');
  return [...body, ...footer].slice(0, size.rows);
}

function titleLine({ status, speed, elapsedMs, forMs }: ViewInput): string {
  const clock = clockText(status.tsMs);
  const pace = speed === 1 ? '' : ` (${speed}x)`;
  const seed = status.seed === null ? '' : ` seed ${status.seed}`;
  const run = formatDuration(elapsedMs) + (forMs === null ? '' : ` of ${formatDuration(forMs)}`);
  return `farb ${status.mode}${seed} | venue time ${clock}${pace} | ${run} | ${stateText(status)}`;
}

function stateText({ risk, health }: SystemStatus): string {
  if (risk.windingDown) return 'winding down';
  if (risk.mode !== 'running') return risk.mode;
  return health.ready ? 'running' : 'not ready';
}

function profitLines(status: SystemStatus, columns: number, palette: Palette): readonly string[] {
  const { pnl, equityUsd, fundingPayments, orders, pairCounts } = status;
  const total = Number(pnl.total);
  const equity = equityUsd.now === null ? 'not known yet' : `${usd(equityUsd.now)} USD`;
  const causes: readonly (readonly [string, string])[] = [
    ['funding', pnl.funding],
    ['basis', pnl.basis],
    ['delta', pnl.residualDelta],
    ['fees', pnl.fees],
    ['borrow', pnl.borrow],
    ['coin', pnl.collateralFx],
  ];
  const shown = causes.filter(([name, value]) => name === 'funding' || Number(value) !== 0);
  const parts = shown.map(([name, value]) => `${name} ${signedUsd(Number(value))}`);
  const counts =
    `${pairCounts.opened} opened, ${pairCounts.closed} closed, ` +
    `${fundingPayments} funding payments, ${orders.filled}/${orders.sent} orders filled`;
  return [
    signed(total, palette)(cell(`profit ${signedUsd(total)} USD = ${parts.join(' ')}`, columns)),
    cell(`equity ${equity}; ${counts}`, columns),
  ];
}

const pairsShownMax = 6;

function pairLines(input: ViewInput, columns: number, palette: Palette): readonly string[] {
  const { status, best } = input;
  const live = status.pairs.filter(({ phase }) => phase !== 'closed');
  if (live.length === 0) {
    const nearest = best[0];
    if (nearest === undefined) return [palette.dim(cell('no pair is open', columns))];
    const edge = pct(nearest.bound, 3);
    const text = `no pair is open; closest: ${nearest.name}, ${edge} after costs`;
    return [palette.dim(cell(text, columns))];
  }
  const header = cell(
    pairRow(['open pairs', 'state', 'USD/leg', 'carry/day', 'funding', 'for']),
    columns,
  );
  const rows = live.slice(0, pairsShownMax).map((pair) => {
    const line = cell(pairRow(pairCells(pair, status.tsMs)), columns);
    return signed(pair.carryPerHour ?? 0, palette)(line);
  });
  return [palette.dim(header), ...rows];
}

function pairRow(cells: readonly string[]): string {
  const [name = '', phase = '', notional = '', carry = '', funding = '', age = ''] = cells;
  return (
    cell(name, 34) +
    cell(phase, 9) +
    cell(notional, 9, 'right') +
    cell(carry, 11, 'right') +
    cell(funding, 9, 'right') +
    cell(age, 8, 'right')
  );
}

function pairCells(pair: PairStatusView, tsMs: number): readonly string[] {
  const long = instrumentText(pair.long);
  const short = instrumentText(pair.short);
  return [
    `${long.base} long ${long.venue} short ${short.venue}`,
    pair.phase,
    usd(pair.notionalUsd).slice(0, -3),
    pair.carryPerHour === null ? '?' : pct(pair.carryPerHour * 24, 3),
    signedUsd(pair.fundingUsd),
    pair.openedAtMs === null ? '-' : formatDuration(tsMs - pair.openedAtMs),
  ];
}

/** What the testnet does to its market now, or next. */
function labelLines(input: ViewInput, columns: number, palette: Palette): readonly string[] {
  const { tsMs } = input.status;
  const now = input.labels.filter(
    ({ fromMs, toMs }) => fromMs !== null && toMs !== null && fromMs <= tsMs && tsMs <= toMs,
  );
  const next = input.labels
    .filter(({ fromMs }) => fromMs !== null && fromMs > tsMs)
    .sort((a, b) => (a.fromMs ?? 0) - (b.fromMs ?? 0))[0];
  const shown = now.length > 0 ? now.slice(-2) : next === undefined ? [] : [next];
  return shown.map(({ text, fromMs }) => {
    const when = fromMs !== null && fromMs > tsMs ? `in ${formatDuration(fromMs - tsMs)}: ` : '';
    return palette.dim(cell(`testnet: ${when}${text}`, columns));
  });
}
