// One parameter set of a sweep through the columnar path: the work of every worker, on a thread, in
// another process or here. Pure.
import { assert } from '../base/assert.ts';
import type { Strategy } from '../strategy/registry.ts';
import type { Columns } from './columns.ts';
import { total } from './columns-book.ts';
import { planOf } from './columns-plan.ts';
import { GroupRun } from './columns-run.ts';

export interface SweepJob {
  readonly id: number;
  readonly point: Readonly<Record<string, number>>;
}

export interface SweepFigures {
  readonly pnlUsd: number;
  readonly fundingUsd: number;
  readonly feesUsd: number;
  readonly tradedUsd: number;
  readonly trips: number;
  readonly liquidations: number;
  /** Entries that did not come about: the price ran away, or the wallet was too small. */
  readonly missed: number;
}

export interface SweepResult extends SweepJob {
  readonly figures: SweepFigures;
  /** Profit of each day, USD. */
  readonly daily: Float64Array;
}

/** What a worker needs to know, once. */
export interface SweepSetup {
  readonly columns: Columns;
  /** By name: a strategy is code and does not travel. */
  readonly strategy: string;
  /** Parameters under those of a point. */
  readonly base: Readonly<Record<string, unknown>>;
  readonly capitalPerLegUsd: number;
}

export class SweepRunner {
  private readonly setup: SweepSetup;
  private readonly strategy: Strategy;
  private readonly runs: readonly GroupRun[];
  private readonly equity: Float64Array;
  private readonly totals = new Float64Array(total.size);

  constructor(setup: SweepSetup, strategy: Strategy) {
    const { columns } = setup;
    this.setup = setup;
    this.strategy = strategy;
    this.runs = columns.groups.map((group) => new GroupRun(columns, group));
    this.equity = new Float64Array(columns.dayRows.length);
  }

  /** The point's parameters must have been checked. */
  run({ id, point }: SweepJob): SweepResult {
    const { columns, base, capitalPerLegUsd } = this.setup;
    const parsed = this.strategy.parseParams({ ...base, ...point });
    assert(parsed.ok, `the parameters of run ${id} were checked`);
    const plan = planOf({ columns, params: parsed.params, capitalPerLegUsd });
    const { equity, totals } = this;
    equity.fill(0);
    totals.fill(0);
    for (const run of this.runs) run.run(plan, totals, equity);
    const figure = (slot: number): number => totals[slot] as number;
    return {
      id,
      point,
      figures: {
        pnlUsd: figure(total.pnl),
        fundingUsd: figure(total.funding),
        feesUsd: figure(total.fees),
        tradedUsd: figure(total.traded),
        trips: figure(total.trips),
        liquidations: figure(total.liquidations),
        missed: figure(total.missed),
      },
      daily: equity.map((value, day) => value - (equity[day - 1] ?? 0)),
    };
  }
}
