// The answers of `farb scan` for people. Pure.
import { formatDuration, hourMs, isoUtc } from '../base/time.ts';
import type { Opportunity, ScanLeg, ScanReport } from './scan.ts';
import { cell, instrumentText, paletteOf, pct, signed, usd } from './terminal-text.ts';

interface Look {
  readonly colors: boolean;
}

const widths = [12, 7, 22, 22, 9, 9, 9, 10, 11] as const;

export function scanText(report: ScanReport, look: Look): string {
  const palette = paletteOf(look);
  const header = [
    ...['strategy', 'asset', 'long', 'short', 'basis', 'net', 'on cap.', 'even in', 'capacity'],
  ];
  const rows = report.opportunities.map((opportunity) =>
    signed(opportunity.passes ? 1 : 0, palette)(rowText(cellsOf(opportunity))),
  );
  const skipped = Object.entries(report.skipped).map(([code, count]) => `${count} ${code}`);
  return [
    `${isoUtc(report.tsMs)} ${report.source}: ${report.pairs} ordered pairs of ` +
      `${report.instruments} instruments` +
      (skipped.length === 0 ? '' : `; left out: ${skipped.join(', ')}`),
    palette.strong(rowText(header)),
    ...(rows.length > 0 ? rows : ['nothing to rank']),
    ...report.notes.map((note) => palette.dim(`note: ${note}`)),
  ].join('\n');
}

function rowText(cells: readonly string[]): string {
  return cells
    .map((text, i) => cell(text, widths[i] ?? 10, i < 4 ? 'left' : 'right'))
    .join(' ')
    .trimEnd();
}

function cellsOf(opportunity: Opportunity): readonly string[] {
  const { long, short, breakEvenHours, capacityUsd } = opportunity;
  return [
    opportunity.strategy,
    opportunity.base,
    legText(long),
    legText(short),
    pct(opportunity.basis, 3),
    pct(opportunity.net, 3),
    pct(opportunity.netOnCapital, 3),
    breakEvenHours === null ? 'never' : formatDuration(breakEvenHours * hourMs),
    capacityUsd === null ? '?' : usd(Number(capacityUsd)).slice(0, -3),
  ];
}

function legText(leg: ScanLeg): string {
  const { venue } = instrumentText(leg.instrument);
  if (leg.ratePerInterval === null || leg.intervalMs === null) return `${venue} spot`;
  const hours = leg.intervalMs / hourMs;
  return `${venue} ${pct(Number(leg.ratePerInterval), 4)}/${hours}h`;
}

export function whyText(pair: Opportunity, change: readonly string[], look: Look): string {
  const palette = paletteOf(look);
  const { terms } = pair;
  const term = (name: string, value: number, why: string): string =>
    `  ${name.padEnd(14)}${signed(value, palette)(cell(pct(value, 4), 10, 'right'))}  ` +
    palette.dim(why);
  return [
    pair.pair,
    `${usd(Number(pair.notionalUsd))} USD a leg over ${formatDuration(pair.horizonMs)}; ` +
      `long ${legText(pair.long)} at ${pair.long.ask}, ` +
      `short ${legText(pair.short)} at ${pair.short.bid}`,
    '',
    term('funding short', terms.fundingShort, 'expected rates of the short leg: received'),
    term('funding long', terms.fundingLong, 'expected rates of the long leg: paid when positive'),
    term('basis', terms.basis, 'price difference at entry, and what of it is believed to revert'),
    term('fees', terms.fees, 'taker fees of four fills'),
    term('slippage', terms.slippage, 'of the two closing fills; that of opening is in the basis'),
    term('borrow', terms.borrow, borrowWhy(pair.short)),
    term('capital', terms.capital, 'what the margins would earn elsewhere'),
    palette.strong(term('net', pair.net, 'sum of the above, per leg notional')),
    term('on capital', pair.netOnCapital, 'per margin and buffer'),
    ...executionLines(pair, palette),
    '',
    ...(change.length === 0 ? ['It passes the threshold: the system would open it.'] : change),
  ].join('\n');
}

function borrowWhy({ ratePerInterval, borrowRatePerHour }: ScanLeg): string {
  if (ratePerInterval !== null) return 'interest on a borrowed coin';
  if (borrowRatePerHour === null) return 'interest on the borrowed coin, as configured';
  return `interest on the borrowed coin: ${pct(Number(borrowRatePerHour), 5)} an hour`;
}

/** How it would be entered: the expected cost of every way, the chosen one named. */
function executionLines(
  { execution }: Opportunity,
  palette: ReturnType<typeof paletteOf>,
): readonly string[] {
  if (execution === null) return [];
  return [
    '',
    `entered by ${execution.reason}`,
    ...execution.costs.map(({ mode, makerLeg, total, ruledOut }) => {
      const name = makerLeg === null ? mode : `${mode}, ${makerLeg} rests`;
      const why = ruledOut === null ? '' : palette.dim(`  not now: ${ruledOut}`);
      return `  ${name.padEnd(26)}${cell(pct(total, 4), 10, 'right')}${why}`;
    }),
  ];
}
