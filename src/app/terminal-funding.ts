// The answers of `farb funding` for people. Pure.
import type {
  FundingForecast,
  FundingHistory,
  FundingLedgerAnswer,
} from '../api/funding-report.ts';
import { formatDuration, isoUtc } from '../base/time.ts';
import { cell, paletteOf, pct, signed, signedUsd } from './terminal-text.ts';

interface Look {
  readonly colors: boolean;
}

/** Rows of a table that are printed; --json has all. */
const rowsShownMax = 40;

type History = FundingHistory['series'][number];

export function fundingHistoryText(history: FundingHistory, look: Look): string {
  const { strong } = paletteOf(look);
  const header = table(['', 'from', 'settled', 'mean', 'a year', 'p5', 'p95', 'positive']);
  const lines = [
    strong(`${header}  longest run, interval`),
    ...history.series.slice(0, rowsShownMax).map((series) => seriesLine(series, look)),
    ...more(history.series),
  ];
  const single = history.series.length === 1 ? history.series[0] : undefined;
  if (single !== undefined) lines.push('', ...detailLines(single, look));
  if (history.spreads.length > 0) lines.push('', ...spreadLines(history, look));
  return lines.join('\n');
}

const widths = [34, 10, 8, 9, 9, 9, 9, 8] as const;

function table(cells: readonly string[]): string {
  return cells.map((text, i) => cell(text, widths[i] ?? 9, i === 0 ? 'left' : 'right')).join(' ');
}

function seriesLine(series: History, look: Look): string {
  const { venue, symbol, apr, daily, persistence, intervals } = series;
  const cells = [
    ...[`${venue} ${symbol}`, isoUtc(series.firstMs).slice(0, 10), `${series.settlements}`],
    ...[pct(series.rateMean, 4), apr === null ? '?' : pct(apr, 2)],
    ...[pct(daily.aprP5, 1), pct(daily.aprP95, 1), pct(series.positiveShare, 1).slice(1)],
  ];
  const hours = persistence.positiveRuns?.longestHours ?? 0;
  const lengths = intervals.map(({ intervalMs }) => formatDuration(intervalMs)).join(', ');
  const paint = signed(apr ?? 0, paletteOf(look));
  return `${paint(table(cells))}  ${formatDuration(hours * 3_600_000)}, ${lengths}`;
}

function detailLines(series: History, look: Look): readonly string[] {
  const { dim } = paletteOf(look);
  const { caps, intervalChanges, persistence, regimes } = series;
  const auto = persistence.autocorrelation;
  const number = (value: number | null) => (value === null ? '?' : value.toFixed(2));
  return [
    ...Object.entries(series.byYear).map(([year, { apr, positiveShare, settlements }]) => {
      const share = pct(positiveShare, 1).slice(1);
      const mean = apr === null ? '?' : pct(apr, 2);
      return `${year}  ${mean} a year, ${share} of ${settlements} positive`;
    }),
    '',
    dim('after a week with a mean of ...'),
    ...regimes.map(({ name, aprFrom, aprTo, share, apr: mean, positiveShare }) => {
      const [from, to] = [aprFrom, aprTo].map((apr) => (apr === null ? '' : pct(apr, 0)));
      const often = cell(pct(share, 1).slice(1), 7, 'right');
      const then = `${pct(mean, 2)} a year, ${pct(positiveShare, 0).slice(1)} positive`;
      return `${cell(name, 9)} ${cell(`${from} to ${to}`, 12)} ${often} of the time: ${then}`;
    }),
    '',
    `the rate against itself: next settlement ${number(auto.next)}, a day later ` +
      `${number(auto.day)}, a week later ${number(auto.week)}`,
    `cap ${caps.cap ?? 'not seen'} reached ${caps.capHits} times, floor ` +
      `${caps.floor ?? 'not seen'} ${caps.floorHits} times; the interval changed ` +
      `${intervalChanges.length} times`,
    ...(series.rates ?? []).map(({ tsMs, rate }) => `${isoUtc(tsMs)} ${rate}`),
  ];
}

function spreadLines(history: FundingHistory, look: Look): readonly string[] {
  const { strong } = paletteOf(look);
  const best = [...history.spreads].sort((a, b) => b.aprMean - a.aprMean);
  const lead = new Map(history.leadLags.map((one) => [`${one.first}>${one.second}`, one]));
  return [
    strong(
      `receive on, pay on: days with more than ${pct(history.spreadAprMin, 0)} a year between`,
    ),
    ...best.slice(0, rowsShownMax).map((spread) => {
      const { high, low, days, aprMean, shareAbove, runMedian, runLongest } = spread;
      const leads = lead.get(`${high}>${low}`);
      const first = (leads?.lagDays ?? 0) > 0 ? `; ${high} leads by ${leads?.lagDays} d` : '';
      return (
        `${cell(high, 28)} ${cell(low, 28)} ${cell(pct(aprMean, 2), 8, 'right')} a year, ` +
        `${pct(shareAbove, 0).slice(1)} of ${days} days, run ${runMedian ?? 0} d median, ` +
        `${runLongest} longest${first}`
      );
    }),
    ...more(best),
  ];
}

function more(rows: readonly unknown[]): readonly string[] {
  const left = rows.length - rowsShownMax;
  return left > 0 ? [`and ${left} more: --json lists all`] : [];
}

export function fundingLedgerText(ledger: FundingLedgerAnswer, look: Look): string {
  const palette = paletteOf(look);
  const sums = (of: Readonly<Record<string, string>>) =>
    Object.entries(of).map(([name, value]) => {
      const text = cell(signedUsd(Number(value)), 18, 'right');
      return `${cell(name, 34)} ${signed(Number(value), palette)(text)}`;
    });
  const { missing, unknown } = ledger;
  return [
    ...sums(ledger.bySymbol),
    ...sums(ledger.byVenue),
    palette.strong(sums({ total: ledger.total }).join('')),
    `${ledger.payments.length} payments, ${missing.length} settlements without a price`,
    ...missing.slice(0, rowsShownMax).map(({ venue, symbol, tsMs, reason }) => {
      return palette.bad(`missing: ${venue} ${symbol} ${isoUtc(tsMs)} (${reason})`);
    }),
    ...more(missing),
    ...unknown.map(({ venue, symbol, fromMs, toMs, reason }) => {
      const stretch = `${isoUtc(fromMs)} to ${isoUtc(toMs)}`;
      return palette.bad(`no settlement recorded: ${venue} ${symbol} ${stretch} (${reason})`);
    }),
  ].join('\n');
}

export function fundingForecastText(report: FundingForecast, look: Look): string {
  const palette = paletteOf(look);
  const widths = [34, 10, 10, 10, 10, 10, 9] as const;
  const row = (cells: readonly string[]) =>
    cells.map((text, i) => cell(text, widths[i] ?? 9, i === 0 ? 'left' : 'right')).join(' ');
  const header = row(['', 'settles in', 'forecast', 'from', 'to', 'venue says', 'a year']);
  return [
    palette.strong(header),
    ...report.forecasts.map((one) => {
      const rates = [one.rate, one.low, one.high].map((rate) => pct(Number(rate), 4));
      const says = one.published === null ? '?' : pct(Number(one.published), 4);
      const left = formatDuration(one.settlesAtMs - report.tsMs);
      const cells = [`${one.venue} ${one.symbol}`, left, ...rates, says, pct(one.apr, 1)];
      return signed(Number(one.rate), palette)(row(cells));
    }),
    ...report.errors.map(({ venue, message }) => palette.bad(`${venue}: ${message}`)),
  ].join('\n');
}
