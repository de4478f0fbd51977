// `farb sweep`: many parameter sets of one strategy over one record, through the columnar path, on
// threads; a results file that a killed sweep goes on from; the best again through the exact
// engine.

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { WalkForward } from '../analytics/cross-validation.ts';
import {
  gridPoints,
  type Point,
  randomPoint,
  suggestPoint,
  type Trial,
} from '../analytics/search-space.ts';
import type { SweepReport } from '../api/sweep-report.ts';
import { type Columns, columnsOf } from '../backtest/columns.ts';
import { type Reconciled, reconcile } from '../backtest/reconcile.ts';
import type { SweepJob, SweepSetup } from '../backtest/sweep-run.ts';
import { endMsOf, type Tape } from '../backtest/tape.ts';
import { present } from '../base/assert.ts';
import { UserError } from '../base/errors.ts';
import { sha256Hex } from '../base/hmac.ts';
import { Prng } from '../base/prng.ts';
import { type Strategy, strategyByName } from '../strategy/registry.ts';
import { type BacktestRequest, loadTape } from './backtest.ts';
import { type BacktestSettings, backtestSettings } from './backtest-settings.ts';
import { readGrid, type SweepGrid } from './sweep-grid.ts';
import { writeRuns } from './sweep-parquet.ts';
import { openPool, type SweepPool } from './sweep-pool.ts';
import { isPostgresUrl, openPostgresResults } from './sweep-postgres.ts';
import { openRedisPool } from './sweep-redis.ts';
import { bestFirst, rowOf, scoreOf, sweepReport } from './sweep-report.ts';
import { openResults, type SweepResults } from './sweep-results.ts';

export interface SweepRequest
  extends Omit<BacktestRequest, 'strategy' | 'scenarioFile' | 'feeTiersFile'> {
  readonly gridFile: string;
  readonly workers: number;
  /** A file, or postgres://... */
  readonly out: string;
  readonly walk: WalkForward | null;
  readonly folds: { readonly folds: number; readonly purgeDays: number };
  /** Run the best one again through the exact engine. */
  readonly check: 'best' | 'none';
  readonly parquet: string | null;
  readonly stop: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
  /** Workers elsewhere run the jobs; null = threads of this machine. */
  readonly redis: string | null;
}

/** Points that the estimators suggest before they see how these did. */
const suggestedAtOnce = 8;

export async function sweep(request: SweepRequest): Promise<SweepReport> {
  const grid = readGrid(request.gridFile);
  const backtestRequest = { ...request, strategy: grid.strategy, scenarioFile: null };
  const settings = backtestSettings(backtestRequest);
  const strategy = present(strategyByName(grid.strategy), grid.strategy);
  const base = present(settings.policy.strategies[0], 'the strategy of the sweep').params;
  const tape = await loadTape(backtestRequest, settings);
  const columns = columnsOf({ tape, strategy, dataDelayMs: settings.dataDelayMs });
  const legs = columns.groups.reduce((sum, group) => sum + group.legs.length, 0);
  const capitalPerLegUsd = Number((request.capitalUsd / legs).toFixed(8));
  const setup: SweepSetup = {
    columns,
    strategy: grid.strategy,
    base: { ...base },
    capitalPerLegUsd,
  };
  const results = await resultsOf(request, { grid, setup, tape });
  const resumed = results.done.size;
  const startedMs = performance.now();
  const { redis, workers, stop } = request;
  const pool =
    redis === null ? openPool(setup, workers, stop) : await openRedisPool(setup, redis, stop);
  let total: number;
  try {
    total = await runAll({ request, grid, setup, strategy, results, pool });
  } finally {
    await pool.close();
    await results.close();
  }
  const elapsedMs = performance.now() - startedMs;
  const rows = [...results.done.values()]
    .sort((a, b) => a.id - b.id)
    .map((result) => rowOf(result, request.capitalUsd));
  if (request.parquet !== null) await writeRuns(rows, request.parquet);
  const [best] = bestFirst(rows, grid.objective);
  const checks = request.check === 'best' && best !== undefined && !request.stop.aborted;
  const reconciled = checks
    ? checkExactly({ tape, settings, strategy, setup, point: best.point })
    : [];
  return sweepReport({
    ...request,
    grid,
    columns,
    rows,
    resumed,
    missing: total - rows.length,
    elapsedMs,
    reconciled,
    results: results.path,
    notes: [...tape.notes, ...notesOf(setup)],
  });
}

/** A database keeps many sweeps, a file one of them. */
async function resultsOf(
  { out, capitalUsd }: SweepRequest,
  of: { readonly grid: SweepGrid; readonly setup: SweepSetup; readonly tape: Tape },
): Promise<SweepResults> {
  const { grid, setup, tape } = of;
  const digest = digestOf(grid, setup, tape);
  if (!isPostgresUrl(out)) {
    mkdirSync(dirname(out), { recursive: true });
    return openResults(out, digest);
  }
  const { strategy, method, objective } = grid;
  const about = {
    ...{ digest, strategy, method, objective, capitalUsd },
    ...{ fromMs: tape.fromMs, toMs: endMsOf(tape) },
    contracts: tape.contracts.map(({ listing }) => listing.instrument.id),
  };
  return openPostgresResults(out, about, (result) => rowOf(result, capitalUsd));
}

interface Work {
  readonly request: SweepRequest;
  readonly grid: SweepGrid;
  readonly setup: SweepSetup;
  readonly strategy: Strategy;
  readonly results: SweepResults;
  readonly pool: SweepPool;
}

/** Returns how many runs the sweep has. */
async function runAll(work: Work): Promise<number> {
  const { grid } = work;
  if (grid.method === 'bayesian') return runSuggested(work);
  const points = grid.method === 'grid' ? gridPoints(grid.space) : randomPoints(grid);
  const jobs = points.map((point, id) => ({ id, point }));
  await runJobs(work, jobs, jobs.length);
  return jobs.length;
}

/** Batch by batch: a batch depends on the seed and on the results before it, on nothing else. */
async function runSuggested(work: Work): Promise<number> {
  const { grid, results, request } = work;
  for (let from = 0; from < grid.runs && !request.stop.aborted; from += suggestedAtOnce) {
    const trials: Trial[] = [];
    for (let id = 0; id < from; id++) {
      const row = rowOf(present(results.done.get(id), `run ${id}`), request.capitalUsd);
      trials.push({ point: row.point, score: scoreOf(row, grid.objective) });
    }
    const prng = new Prng(grid.seed * 1_000_003 + from);
    const count = Math.min(suggestedAtOnce, grid.runs - from);
    const jobs = Array.from({ length: count }, (_, k) => ({
      id: from + k,
      point: suggestPoint(grid.space, trials, prng),
    }));
    await runJobs(work, jobs, grid.runs);
  }
  return grid.runs;
}

async function runJobs(work: Work, jobs: readonly SweepJob[], total: number): Promise<void> {
  const { results, pool, request } = work;
  for (const job of jobs) checkPoint(work, job);
  const left = jobs.filter(({ id }) => !results.done.has(id));
  request.onProgress(results.done.size, total);
  await pool.run(left, (result) => {
    results.add(result);
    request.onProgress(results.done.size, total);
  });
}

function randomPoints({ space, seed, runs }: SweepGrid): readonly Point[] {
  const prng = new Prng(seed);
  return Array.from({ length: runs }, () => randomPoint(space, prng));
}

function checkPoint({ strategy, setup, request }: Work, { point }: SweepJob): void {
  const parsed = strategy.parseParams({ ...setup.base, ...point });
  if (parsed.ok) return;
  throw new UserError(`--grid ${request.gridFile}: params.${parsed.field}: ${parsed.message}`);
}

/** Equal = the same runs would give the same results. */
function digestOf(grid: SweepGrid, { base, capitalPerLegUsd }: SweepSetup, tape: Tape): string {
  const { runs: _, ...search } = grid; // more runs of the same search go on
  const contracts = tape.contracts.map(({ listing, price, funding, depth }) => ({
    id: listing.instrument.id,
    fee: String(listing.feeRateTaker),
    depth,
    closes: sumOf(price.close),
    rates: funding === null ? 0 : sumOf(funding.rate),
  }));
  const { barMs, fromMs, bars } = tape;
  const of = { search, base, capitalPerLegUsd, barMs, fromMs, bars, contracts };
  return sha256Hex(JSON.stringify(of));
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) if (!Number.isNaN(value)) sum += value;
  return sum;
}

function checkExactly(checked: {
  readonly tape: Tape;
  readonly settings: BacktestSettings;
  readonly strategy: Strategy;
  readonly setup: SweepSetup;
  readonly point: Point;
}): readonly Reconciled[] {
  const { tape, settings, strategy, setup, point } = checked;
  const parsed = strategy.parseParams({ ...setup.base, ...point });
  if (!parsed.ok) return [];
  return reconcile({
    tape,
    policy: { ...settings.policy, strategies: [{ strategy, params: parsed.params }] },
    capitalPerLegUsd: setup.capitalPerLegUsd,
    leverage: settings.leverage,
    latencyMs: settings.latencyMs,
    dataDelayMs: settings.dataDelayMs,
  });
}

function notesOf({ capitalPerLegUsd, columns }: SweepSetup): readonly string[] {
  return [
    `columnar: each asset and venue has an account of ${Math.round(capitalPerLegUsd)} USD, ` +
      `one pair per asset, no limits of risk.yaml; ${rowsText(columns)}`,
  ];
}

function rowsText({ venueRows, rows, groups }: Columns): string {
  return `${groups.length} assets x ${rows} bars, ${venueRows} venue-rows a run`;
}
