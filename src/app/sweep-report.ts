// What the runs of a sweep say together: the best of them, and how much of that is luck.

import {
  type Fold,
  purgedFolds,
  validate,
  type WalkForward,
  walkForward,
} from '../analytics/cross-validation.ts';
import {
  deflatedSharpe,
  expectedMaxSharpe,
  momentsOf,
  overfittingOf,
} from '../analytics/overfitting.ts';
import { daysPerYear, maxDrawdownOf, sharpeOf } from '../analytics/performance.ts';
import type { SweepReport } from '../api/sweep-report.ts';
import type { Columns } from '../backtest/columns.ts';
import type { Reconciled } from '../backtest/reconcile.ts';
import type { SweepResult } from '../backtest/sweep-run.ts';
import { formatDecimal, fromNumber } from '../base/decimal.ts';
import { mean, standardDeviation } from '../base/stats.ts';
import { isoUtc } from '../base/time.ts';
import type { SweepGrid } from './sweep-grid.ts';

export interface SweepRow extends SweepResult {
  readonly apr: number | null;
  readonly sharpe: number | null;
  readonly maxDrawdown: number;
}

const bestShown = 10;
/** More trials than this are split into fewer blocks: the work is trials x splits. */
const trialsOfManySplits = 300;
const blocksOf = (trials: number): number => (trials > trialsOfManySplits ? 10 : 16);

export function rowOf(result: SweepResult, capitalUsd: number): SweepRow {
  const returns = returnsOf(result, capitalUsd);
  let equity = 1;
  const curve = [1, ...returns.map((value) => (equity += value))];
  return {
    ...result,
    apr: returns.length === 0 ? null : mean(returns) * daysPerYear,
    sharpe: sharpeOf(returns),
    maxDrawdown: maxDrawdownOf(curve),
  };
}

/** Of the capital, which is not compounded. */
function returnsOf({ daily }: SweepResult, capitalUsd: number): readonly number[] {
  return [...daily].map((pnl) => pnl / capitalUsd);
}

/** Higher is better; a run that never traded is no result. */
export function scoreOf(row: SweepRow, objective: SweepGrid['objective']): number {
  if (row.figures.trips === 0) return Number.NaN;
  return objective === 'pnl' ? row.figures.pnlUsd : (row.sharpe ?? Number.NaN);
}

export function bestFirst(
  rows: readonly SweepRow[],
  objective: SweepGrid['objective'],
): readonly SweepRow[] {
  const rank = (row: SweepRow): number => {
    const score = scoreOf(row, objective);
    return Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score;
  };
  return [...rows].sort((a, b) => rank(b) - rank(a) || a.id - b.id);
}

export interface SweepReportOptions {
  readonly grid: SweepGrid;
  readonly columns: Columns;
  readonly rows: readonly SweepRow[];
  readonly capitalUsd: number;
  readonly resumed: number;
  readonly missing: number;
  readonly elapsedMs: number;
  readonly walk: WalkForward | null;
  readonly folds: { readonly folds: number; readonly purgeDays: number };
  readonly reconciled: readonly Reconciled[];
  readonly results: string;
  readonly parquet: string | null;
  readonly notes: readonly string[];
}

export function sweepReport(options: SweepReportOptions): SweepReport {
  const { grid, columns, rows, capitalUsd, elapsedMs } = options;
  const { barMs, fromMs, dayRows, venueRows } = columns;
  const best = bestFirst(rows, grid.objective);
  const fresh = rows.length - options.resumed;
  const seconds = Math.max(0.001, elapsedMs / 1_000);
  const endMs = (day: number): number => fromMs + ((dayRows[day] ?? 0) + 1) * barMs;
  const trials = rows.map((row) => row.daily.map((pnl) => pnl / capitalUsd));
  const judged = (folds: readonly Fold[]) => validationOf(folds, { trials, rows, endMs, fromMs });
  const days = dayRows.length;
  return {
    strategy: grid.strategy,
    method: grid.method,
    objective: grid.objective,
    from: isoUtc(fromMs),
    to: isoUtc(fromMs + columns.rows * barMs),
    days,
    assets: columns.groups.length,
    venueRows,
    capital: usd(capitalUsd),
    runs: rows.length,
    resumed: options.resumed,
    missing: options.missing,
    elapsedMs: Math.round(elapsedMs),
    runsPerSecond: Math.round((fresh / seconds) * 10) / 10,
    venueRowsPerSecond: Math.round((fresh * venueRows) / seconds),
    best: best.slice(0, bestShown).map(shownRun),
    overfitting: overfittingFigures(best, trials, capitalUsd),
    walkForward: options.walk === null ? null : judged(walkForward(days, options.walk)),
    crossValidation: judged(purgedFolds(days, options.folds)),
    reconciled: options.reconciled.map(({ asset, exact, columnar, difference }) => ({
      asset,
      exactPnl: usd(exact.pnlUsd),
      columnarPnl: usd(columnar.pnlUsd),
      exactTrips: exact.trips,
      columnarTrips: columnar.trips,
      difference,
    })),
    results: options.results,
    parquet: options.parquet,
    notes: [...options.notes],
  };
}

function shownRun(row: SweepRow): SweepReport['best'][number] {
  const { id, point, figures, apr, sharpe, maxDrawdown } = row;
  return {
    id,
    params: { ...point },
    pnl: usd(figures.pnlUsd),
    funding: usd(figures.fundingUsd),
    fees: usd(figures.feesUsd),
    apr,
    sharpe,
    maxDrawdown,
    trips: figures.trips,
    liquidations: figures.liquidations,
    missed: figures.missed,
  };
}

/** Trials that never traded are trials all the same: they have a ratio of zero. */
function overfittingFigures(
  best: readonly SweepRow[],
  trials: readonly Float64Array[],
  capitalUsd: number,
): SweepReport['overfitting'] {
  const ratios = trials.map((returns) => perDay([...returns]));
  const [first] = best;
  const moments = first === undefined ? null : momentsOf(returnsOf(first, capitalUsd));
  const found = overfittingOf(trials, blocksOf(trials.length));
  const spread = standardDeviation(ratios);
  const lucky = trials.length < 2 ? null : expectedMaxSharpe(trials.length, spread ** 2);
  return {
    trials: trials.length,
    deflatedSharpe: moments === null ? null : deflatedSharpe(moments, ratios),
    luckySharpe: lucky === null ? null : lucky * Math.sqrt(daysPerYear),
    probability: found?.probability ?? null,
    splits: found?.splits ?? 0,
    lossProbability: found?.lossProbability ?? null,
  };
}

function perDay(returns: readonly number[]): number {
  return sharpeOf(returns, 1) ?? 0;
}

interface Judged {
  readonly trials: readonly Float64Array[];
  readonly rows: readonly SweepRow[];
  readonly endMs: (day: number) => number;
  readonly fromMs: number;
}

function validationOf(
  folds: readonly Fold[],
  { trials, rows, endMs, fromMs }: Judged,
): SweepReport['walkForward'] {
  const results = validate(trials, folds);
  if (results.length === 0) return null;
  const year = Math.sqrt(daysPerYear);
  const outside = results.flatMap(({ chosen, test }) => [
    ...(trials[chosen] as Float64Array).subarray(test.from, test.to), // chosen among them
  ]);
  return {
    folds: results.map((fold) => ({
      testFrom: isoUtc(fold.test.from === 0 ? fromMs : endMs(fold.test.from - 1)),
      testTo: isoUtc(endMs(fold.test.to - 1)),
      chosen: rows[fold.chosen]?.id ?? -1,
      sharpeInSample: fold.inSample * year,
      sharpeOutOfSample: Number.isNaN(fold.outOfSample) ? 0 : fold.outOfSample * year,
      returnOutOfSample: fold.testReturn,
    })),
    sharpeInSample: mean(results.map(({ inSample }) => inSample)) * year,
    sharpeOutOfSample: sharpeOf(outside),
    returnOutOfSample: outside.reduce((sum, value) => sum + value, 0),
  };
}

function usd(value: number): string {
  return formatDecimal(fromNumber(Number(value.toFixed(8))));
}
