// Backtests and sweeps as functions: what `farb backtest` and `farb sweep` do, with options instead
// of flags and files. docs/backtest.md says what the figures mean and what they leave out.
import { gridPoints } from '../analytics/search-space.ts';
import type { BacktestReport } from '../api/backtest-report.ts';
import type { SweepReport } from '../api/sweep-report.ts';
import { backtest, loadTape, type ScenarioEntry } from '../app/backtest.ts';
import { backtestSettings } from '../app/backtest-settings.ts';
import { loadConfig } from '../app/config.ts';
import { shippedConfigDir } from '../app/config-places.ts';
import { dimensionOf } from '../app/sweep-grid.ts';
import { rowOf, type SweepRow, sweepReport } from '../app/sweep-report.ts';
import { columnsOf } from '../backtest/columns.ts';
import { SweepRunner } from '../backtest/sweep-run.ts';
import { present } from '../base/assert.ts';
import { UserError } from '../base/errors.ts';
import { tryTime } from '../base/time.ts';
import { strategyByName } from '../strategy/registry.ts';

export type { ScenarioEntry } from '../app/backtest.ts';
export type { SweepRow } from '../app/sweep-report.ts';

export interface BacktestOptions {
  /** A directory: csv files, or a store of `farb data import`. */
  readonly data: string;
  /** 'perp-perp' or 'cash-carry'; default: what the configuration enables. */
  readonly strategy?: string;
  /** Parameters, `risk.`, `fees.` and `depth.` settings, as with `--set`. */
  readonly set?: Readonly<Record<string, string | number>>;
  /** UTC, like '2024-01-01'; default: all of the data. */
  readonly from?: string;
  readonly to?: string;
  readonly assets?: readonly string[];
  readonly venues?: readonly string[];
  /** Spread equally over the venues; default 100,000. */
  readonly capitalUsd?: number;
  /** Of the bars; default '1h'. */
  readonly interval?: string;
  /** Auto-deleveraging and liquidations to play in. */
  readonly scenarios?: readonly ScenarioEntry[];
  /** Default: the shipped configuration. */
  readonly configDir?: string;
}

/** One run of the exact engine. Throws a UserError that names the option. */
export async function runBacktest(options: BacktestOptions): Promise<BacktestReport> {
  const { strategy = null, scenarios = [] } = options;
  const request = { ...requestOf(options), strategy, scenarioFile: null, scenarios };
  return backtest(request, () => true);
}

export interface SweepOptions extends Omit<BacktestOptions, 'strategy' | 'scenarios'> {
  readonly strategy: string;
  /**
   * Per parameter the values to try: a list, or a range { from, to, steps, scale }; every
   * combination is run. Durations may be text: '12h'.
   */
  readonly params: Readonly<Record<string, unknown>>;
  /** What "best" means; default 'sharpe'. */
  readonly objective?: 'sharpe' | 'pnl';
  /** Days to choose on, and days that follow to be judged on. */
  readonly walkForward?: { readonly trainDays: number; readonly testDays: number };
  /** Days beside judged ones that neither side sees; default 7. */
  readonly purgeDays?: number;
}

export interface SweepAnswer {
  /** As `farb sweep --json`: the best, deflated Sharpe ratio, overfitting, walk-forward. */
  readonly report: SweepReport;
  /** Every run, in the order of the grid, with its daily profit. */
  readonly runs: readonly SweepRow[];
}

/** Parts of time of the cross-validation. */
const folds = 5;

/** A grid through the columnar path, on this thread. Throws a UserError that names the option. */
export async function runSweep(options: SweepOptions): Promise<SweepAnswer> {
  const { objective = 'sharpe', walkForward, purgeDays = 7 } = options;
  const request = { ...requestOf(options), scenarioFile: null, strategy: options.strategy };
  const settings = backtestSettings(request);
  const tape = await loadTape(request, settings);
  const strategy = present(strategyByName(options.strategy), options.strategy);
  const base = present(settings.policy.strategies[0], 'the strategy of the sweep').params;
  const columns = columnsOf({ tape, strategy, dataDelayMs: settings.dataDelayMs });
  const legs = columns.groups.reduce((sum, group) => sum + group.legs.length, 0);
  const { capitalUsd } = request;
  const setup = {
    columns,
    strategy: strategy.name,
    base: { ...base },
    capitalPerLegUsd: Number((capitalUsd / legs).toFixed(8)),
  };
  const space = Object.entries(options.params).map(([name, given]) =>
    dimensionOf(name, given, `params.${name}`),
  );
  const runner = new SweepRunner(setup, strategy);
  const startedMs = performance.now();
  const runs = gridPoints(space).map((point, id) => {
    const parsed = strategy.parseParams({ ...base, ...point });
    if (!parsed.ok) throw new UserError(`params.${parsed.field}: ${parsed.message}`);
    return rowOf(runner.run({ id, point }), capitalUsd);
  });
  const report = sweepReport({
    grid: { strategy: strategy.name, method: 'grid', runs: runs.length, seed: 1, objective, space },
    columns,
    rows: runs,
    capitalUsd,
    resumed: 0,
    missing: 0,
    elapsedMs: performance.now() - startedMs,
    walk: walkForward === undefined ? null : { ...walkForward, purgeDays },
    folds: { folds, purgeDays },
    reconciled: [],
    results: '',
    parquet: null,
    notes: tape.notes,
  });
  return { report, runs };
}

function requestOf(options: Omit<BacktestOptions, 'strategy' | 'scenarios'>) {
  const { data, set = {}, venues = null, assets = null } = options;
  return {
    config: loadConfig(options.configDir ?? shippedConfigDir(), process.env),
    dir: data,
    set: Object.entries(set).map(([name, value]) => `${name}=${value}`),
    fromMs: timeOf('from', options.from),
    toMs: timeOf('to', options.to),
    capitalUsd: options.capitalUsd ?? 100_000,
    interval: options.interval ?? '1h',
    venues,
    assets,
  };
}

function timeOf(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const tsMs = tryTime(text);
  if (tsMs === null) throw new UserError(`${name} ${text}: write a time like 2024-01-01`);
  return tsMs;
}
