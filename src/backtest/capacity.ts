// What a larger notional per leg would have earned: the columnar path again at multiples of the
// configured one, with capital that grows alike. Impact takes more of the edge the larger the
// order.
import type { ActiveStrategy } from '../engine/policy.ts';
import { columnsOf } from './columns.ts';
import { total } from './columns-book.ts';
import { planOf } from './columns-plan.ts';
import { GroupRun } from './columns-run.ts';
import type { Tape } from './tape.ts';

export interface CapacityPoint {
  readonly notionalUsd: number;
  readonly netUsd: number;
  readonly tradedUsd: number;
}

const multiples: readonly number[] = [0.5, 1, 2, 5, 10, 25, 50];

/** Of all strategies together; each with accounts of its own. */
export function capacityOf(request: {
  readonly tape: Tape;
  readonly strategies: readonly ActiveStrategy[];
  readonly dataDelayMs: number;
  /** Of each contract at the configured notional. */
  readonly capitalPerLegUsd: number;
}): readonly CapacityPoint[] {
  const { tape, strategies, dataDelayMs, capitalPerLegUsd } = request;
  const prepared = strategies.map(({ strategy, params }) => {
    const columns = columnsOf({ tape, strategy, dataDelayMs });
    return { columns, params, runs: columns.groups.map((group) => new GroupRun(columns, group)) };
  });
  const configured = Math.max(...strategies.map(({ params }) => params.notionalUsd));
  return multiples.map((multiple) => {
    const totals = new Float64Array(total.size);
    for (const { columns, params, runs } of prepared) {
      const larger = { ...params, notionalUsd: params.notionalUsd * multiple };
      const capital = capitalPerLegUsd * multiple;
      const plan = planOf({ columns, params: larger, capitalPerLegUsd: capital });
      const daily = new Float64Array(columns.dayRows.length);
      for (const run of runs) run.run(plan, totals, daily);
    }
    return {
      notionalUsd: configured * multiple,
      netUsd: totals[total.pnl] as number,
      tradedUsd: totals[total.traded] as number,
    };
  });
}
