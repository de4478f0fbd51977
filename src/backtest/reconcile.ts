// The columnar path against the exact engine, asset by asset: what each says the same parameters
// earned, and how far apart they are. The columnar path has one pair at a time per asset and an
// account of its own per asset and venue, so the exact engine is run over each asset alone.
import { fromNumber } from '../base/decimal.ts';
import type { Policy } from '../engine/policy.ts';
import { columnsOf } from './columns.ts';
import { total } from './columns-book.ts';
import { planOf } from './columns-plan.ts';
import { GroupRun } from './columns-run.ts';
import { runBacktest } from './run.ts';
import type { Tape } from './tape.ts';

export interface ReconcileRequest {
  readonly tape: Tape;
  /** One strategy. */
  readonly policy: Policy;
  /** Of each contract; an asset's run has as many times that. */
  readonly capitalPerLegUsd: number;
  readonly leverage: number;
  readonly latencyMs: number;
  readonly dataDelayMs: number;
}

export interface Figures {
  readonly pnlUsd: number;
  readonly fundingUsd: number;
  readonly feesUsd: number;
  readonly trips: number;
}

export interface Reconciled {
  readonly asset: string;
  readonly exact: Figures;
  readonly columnar: Figures;
  readonly tradedUsd: number;
  /** |difference of profit| over the notional that the exact engine traded; null = none traded. */
  readonly difference: number | null;
}

export function reconcile(request: ReconcileRequest): readonly Reconciled[] {
  const { tape, policy } = request;
  const assets = [...new Set(tape.contracts.map(({ listing }) => listing.underlying))];
  return assets.map((asset) => {
    const contracts = tape.contracts.filter(({ listing }) => listing.underlying === asset);
    const own = { ...tape, contracts };
    const exact = exactFigures(own, request);
    const columnar = columnarFigures(own, request);
    const traded = exact.tradedUsd;
    return {
      asset,
      exact: exact.figures,
      columnar,
      tradedUsd: traded,
      difference: traded > 0 ? Math.abs(columnar.pnlUsd - exact.figures.pnlUsd) / traded : null,
    };
  });

  function exactFigures(own: Tape, settings: ReconcileRequest) {
    const capitalUsd = fromNumber(settings.capitalPerLegUsd * own.contracts.length);
    const { state, samples, trips } = runBacktest({ ...settings, capitalUsd, tape: own, policy });
    const start = samples[0]?.equityUsd ?? Number.NaN;
    const end = samples.at(-1)?.equityUsd ?? Number.NaN;
    return {
      tradedUsd: state.counters.turnoverUsd,
      figures: {
        pnlUsd: end - start,
        fundingUsd: state.attribution.fundingUsd,
        feesUsd: state.attribution.feesUsd,
        trips: trips.length,
      },
    };
  }
}

function columnarFigures(tape: Tape, request: ReconcileRequest): Figures {
  const { policy, dataDelayMs, capitalPerLegUsd } = request;
  const [active] = policy.strategies;
  const totals = new Float64Array(total.size);
  if (active !== undefined) {
    const columns = columnsOf({ tape, strategy: active.strategy, dataDelayMs });
    const daily = new Float64Array(columns.dayRows.length);
    const plan = planOf({ columns, params: active.params, capitalPerLegUsd });
    for (const group of columns.groups) new GroupRun(columns, group).run(plan, totals, daily);
  }
  return {
    pnlUsd: totals[total.pnl] as number,
    fundingUsd: totals[total.funding] as number,
    feesUsd: totals[total.fees] as number,
    trips: totals[total.trips] as number,
  };
}
