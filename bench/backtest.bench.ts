// Backtests: the exact engine over a synthetic record (3 venues, 20 assets, hourly bars), and the
// columnar path over the same against the time to add up the arrays that it reads.

import { openPool } from '../src/app/sweep-pool.ts';
import { columnsOf } from '../src/backtest/columns.ts';
import { total } from '../src/backtest/columns-book.ts';
import { planOf } from '../src/backtest/columns-plan.ts';
import { GroupRun } from '../src/backtest/columns-run.ts';
import { Feed } from '../src/backtest/feed.ts';
import { runBacktest } from '../src/backtest/run.ts';
import type { Tape } from '../src/backtest/tape.ts';
import { decimal } from '../src/base/decimal.ts';
import { Catalog } from '../src/domain/instrument.ts';
import { MarketTable } from '../src/domain/market-table.ts';
import { defaultReconcilePolicy, type Policy } from '../src/engine/policy.ts';
import { defaultExecutionPolicy } from '../src/execution/policy.ts';
import { defaultLimits } from '../src/risk/limits.ts';
import { perpPerp } from '../src/strategy/perp-perp.ts';
import { syntheticTape } from '../test/support/synthetic-tape.ts';
import { type Bench, mediansNs, type Row } from './measure.ts';

const venues = ['binance', 'okx', 'bybit'];
const assets = 20;
const threeYears = 3 * 8_760;
const exactBars = 2_190;
const dataDelayMs = 65_000;

const policy: Policy = {
  strategies: [{ strategy: perpPerp, params: perpPerp.defaults }],
  limits: defaultLimits,
  execution: defaultExecutionPolicy,
  reconcile: defaultReconcilePolicy,
  orderValidityMs: {},
  entryCooldownMs: 3_000,
};

export const backtestBench: Bench = {
  title: `backtest: ${venues.length} venues x ${assets} assets, hourly bars`,
  run: async () => [...columnarRows(), await sweepRow(), ...exactRows()],
};

function columnarRows(): readonly Row[] {
  const tape = syntheticTape({ venues, assets, bars: threeYears, seed: 1 });
  const columns = columnsOf({ tape, strategy: perpPerp, dataDelayMs });
  const runs = columns.groups.map((group) => new GroupRun(columns, group));
  const plan = planOf({ columns, params: perpPerp.defaults, capitalPerLegUsd: 10_000 });
  const daily = new Float64Array(columns.dayRows.length);
  const totals = new Float64Array(total.size);
  const arrays = columns.groups.flatMap(({ legs }) =>
    legs.flatMap(({ price }) => [price.open, price.high, price.low, price.close]),
  );
  const all = () => {
    totals.fill(0);
    daily.fill(0);
    for (const run of runs) run.run(plan, totals, daily);
  };
  const sum = () => {
    let added = 0;
    for (const array of arrays) added += sumOf(array);
    return added;
  };
  const [allNs = Number.NaN, sumNs = Number.NaN] = mediansNs([all, sum]);
  const perS = (ns: number): number => columns.venueRows / (ns / 1e9);
  const rows = `${(columns.venueRows / 1e6).toFixed(2)} M venue-rows, ${totals[total.trips]} trips`;
  return [
    {
      name: 'columnar, one parameter set',
      value: perS(allNs),
      unit: 'per s',
      ratio: allNs / sumNs,
      note: rows,
    },
    {
      name: 'the sum of the same arrays',
      value: perS(sumNs),
      unit: 'per s',
      ratio: 1,
      note: 'open, high, low, close',
    },
  ];
}

const sets = 1_000;
const workers = 2;

/** The whole sweep, threads started and data shared: wall time, once. */
async function sweepRow(): Promise<Row> {
  const tape = syntheticTape({ venues, assets, bars: threeYears, seed: 1 });
  const columns = columnsOf({ tape, strategy: perpPerp, dataDelayMs });
  const setup = {
    columns,
    strategy: perpPerp.name,
    base: { ...perpPerp.defaults },
    capitalPerLegUsd: 10_000,
  };
  const jobs = Array.from({ length: sets }, (_, id) => ({
    id,
    point: { netEdgeMin: 0.0002 + 0.000_005 * id, horizonMs: 43_200_000 * (1 + (id % 6)) },
  }));
  const startedMs = performance.now();
  const startedCpu = process.cpuUsage();
  const pool = openPool(setup, workers, new AbortController().signal);
  let done = 0;
  await pool.run(jobs, () => {
    done++;
  });
  const ms = performance.now() - startedMs;
  await pool.close();
  const perS = Math.round((done * columns.venueRows) / ms / 1_000);
  const { user, system } = process.cpuUsage(startedCpu);
  const cpuS = ((user + system) / 1e6).toFixed(1);
  const note = `wall, ${workers} threads, ${cpuS} s of processor; ${perS} M venue-rows a second`;
  return { name: `${done} parameter sets`, value: ms, unit: 'ms', ratio: null, note };
}

function sumOf(array: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < array.length; k++) sum += array[k] as number;
  return sum;
}

/** The exact engine beside its floor: the same bars and rates shown, and nobody who looks. */
function exactRows(): readonly Row[] {
  const tape = syntheticTape({ venues, assets, bars: exactBars, seed: 1 });
  let events = 0;
  const work = () => {
    const run = runBacktest({
      tape,
      policy,
      capitalUsd: decimal('100000'),
      leverage: 3,
      latencyMs: 50,
      dataDelayMs,
    });
    events = run.events;
  };
  let shown = 0;
  const show = () => {
    shown = showAll(tape);
  };
  const [ns = Number.NaN, showNs = Number.NaN] = mediansNs([work, show]);
  const perEvent = ns / events;
  const perShown = showNs / shown;
  return [
    {
      ...{ name: 'exact engine', value: 1e9 / perEvent, unit: 'per s' },
      ...{ ratio: perEvent / perShown, note: `${events} bars, rates and engine inputs` },
    },
    {
      ...{ name: 'the same bars and rates, only shown', value: 1e9 / perShown, unit: 'per s' },
      ...{ ratio: 1, note: `${shown} events` },
    },
  ];
}

function showAll(tape: Tape): number {
  const catalog = new Catalog();
  for (const { listing } of tape.contracts) catalog.put(listing.instrument);
  const feed = new Feed(tape, catalog, new MarketTable(catalog.size));
  for (let k = 0; k < tape.bars; k++) {
    const tsMs = tape.fromMs + (k + 1) * tape.barMs + dataDelayMs;
    feed.show(k, { tsMs, wallMs: tsMs });
  }
  return feed.events;
}
