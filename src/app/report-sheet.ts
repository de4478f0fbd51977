// From the documents of runs to the page that shows them: one, or several side by side.
import { type Sheet, type SheetRun, tearsheet } from '../analytics/tearsheet.ts';
import type { BacktestReport } from '../api/backtest-report.ts';
import { tryTime } from '../base/time.ts';

export interface NamedReport {
  readonly name: string;
  readonly report: BacktestReport;
}

const pairColumns = [
  'pair',
  'trips',
  'won',
  'hours',
  'notional',
  'funding',
  'price',
  'fees',
  'net',
];
const tradeColumns = [
  ...['opened', 'closed', 'long', 'short', 'hours', 'notional', 'funding', 'price', 'fees', 'net'],
  ...['closed because'],
];

export function reportHtml(title: string, runs: readonly NamedReport[]): string {
  const [first] = runs;
  const span =
    first === undefined
      ? ''
      : `${first.report.from.slice(0, 10)} to ${first.report.to.slice(0, 10)}`;
  const settings = runs.length === 1 && first !== undefined ? settingsText(first.report) : '';
  const sheet: Sheet = {
    title,
    subtitle: [span, settings].filter((text) => text !== '').join(' · '),
    pairColumns,
    tradeColumns,
    runs: runs.map(runOf),
  };
  return tearsheet(sheet);
}

function settingsText({ settings }: BacktestReport): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

function runOf({ name, report }: NamedReport): SheetRun {
  const { pnl } = report;
  const causes = [
    { name: 'funding', value: Number(pnl.funding) },
    { name: 'basis', value: Number(pnl.basis) },
    { name: 'delta', value: Number(pnl.residualDelta) },
    { name: 'fees', value: Number(pnl.fees) },
    { name: 'borrow', value: Number(pnl.borrow) },
    { name: 'fx', value: Number(pnl.collateralFx) },
    { name: 'rest', value: Number(pnl.residual) },
  ];
  return {
    name,
    samples: report.dailyEquity.map(({ at, equity, funding, grossExposure }) => ({
      tsMs: tryTime(at) ?? Number.NaN,
      equityUsd: Number(equity),
      fundingUsd: Number(funding),
      grossUsd: Number(grossExposure),
    })),
    pnl: causes.filter(({ value }, k) => k < 4 || Math.abs(value) >= 0.005),
    capacity: report.capacity.flatMap(({ notionalUsd, net, netPerNotional }) =>
      netPerNotional === null
        ? []
        : [{ notionalUsd: Number(notionalUsd), netUsd: Number(net), netPerNotional }],
    ),
    figures: figuresOf(report),
    pairs: report.byPair.map((row) => [
      row.pair,
      String(row.trades),
      String(row.winning),
      row.hours.toFixed(0),
      ...[row.notionalUsd, row.funding, row.price, row.fees, row.net].map(money),
    ]),
    trades: report.trades.map((trade) => [
      minute(trade.openedAt),
      trade.closedAt === null ? 'open' : minute(trade.closedAt),
      trade.long,
      trade.short,
      trade.hours.toFixed(1),
      ...[trade.notionalUsd, trade.funding, trade.price, trade.fees, trade.net].map(money),
      trade.closeReason ?? '',
    ]),
    notes: report.notes,
  };
}

function figuresOf(report: BacktestReport): SheetRun['figures'] {
  const { pnl, orders } = report;
  return [
    { label: 'profit, USD', text: money(pnl.total) },
    { label: 'a year, net', text: percent(report.aprNet) },
    { label: 'sharpe', text: ratio(report.sharpe) },
    { label: 'sortino', text: ratio(report.sortino) },
    { label: 'max drawdown', text: percent(report.maxDrawdown) },
    { label: 'turnover', text: `${report.turnover.toFixed(1)}x` },
    { label: 'equity at the end', text: money(report.equityEnd) },
    { label: 'funding, USD', text: money(pnl.funding) },
    { label: 'fees, USD', text: money(pnl.fees) },
    { label: 'round trips', text: String(report.trades.length) },
    { label: 'funding payments', text: String(report.fundingPayments) },
    { label: 'orders rejected', text: String(orders.rejected) },
  ];
}

function money(text: string): string {
  const digits = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return Number(text).toLocaleString('en-US', digits);
}

function minute(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}

function percent(value: number | null): string {
  return value === null ? 'unknown' : `${(value * 100).toFixed(2)}%`;
}

function ratio(value: number | null): string {
  return value === null ? 'unknown' : value.toFixed(2);
}
