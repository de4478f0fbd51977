// The summary of a run, from the state that the journal rebuilds.

import type { RunSummary } from '../api/contract.ts';
import { formatDecimal, fromNumber } from '../base/decimal.ts';
import { isSettled } from '../domain/order-state.ts';
import type { Clock } from '../domain/ports.ts';
import { differencesOf } from '../engine/reconcile.ts';
import type { EngineState } from '../engine/state.ts';
import {
  billCountsOf,
  ledgerResidualOf,
  orderCountsOf,
  pairCountsOf,
  pnlOf,
  residualToleranceUsd,
  stateHashOf,
} from '../engine/summary.ts';
import type { Latency } from './latency.ts';

export interface SummaryOptions {
  readonly state: EngineState;
  readonly clock: Clock;
  readonly startedWallMs: number;
  readonly startedTsMs: number;
  readonly journalPath: string;
  readonly marketHash: string | null;
  readonly latency: Latency;
  readonly rssMbMax: number;
  readonly nakedDeltaMs: number;
}

export function summaryOf(options: SummaryOptions): RunSummary {
  const { state } = options;
  const positions: string[] = [];
  const balances: string[] = [];
  for (const [id, venue] of state.venues) {
    if (!venue.opened) balances.push(`${id}: no account snapshot was ever received`);
    else if (!venue.reconciled)
      balances.push(`${id}: not compared since its account was out of reach`);
    const differences = differencesOf(state, id);
    positions.push(...differences.positions);
    balances.push(...differences.balances);
  }
  const orders = [...state.orders]
    .filter(([, known]) => !isSettled(known))
    .map(([id, known]) => `${known.order.venue} order ${id} is ${known.status}`);
  return {
    runId: state.runId,
    seed: state.seed,
    wallMs: Math.round(options.clock.wallMs() - options.startedWallMs),
    venueMs: Math.round(state.tsMs - options.startedTsMs),
    venues: [...state.venues.keys()],
    journal: options.journalPath,
    stateHash: stateHashOf(state),
    marketHash: options.marketHash,
    orders: orderCountsOf(state),
    pairs: pairCountsOf(state),
    fundingPayments: state.counters.fundingPayments,
    pnl: pnlOf(state),
    attributionTolerance: usd(residualToleranceUsd(state)),
    slippage: usd(state.counters.slippageUsd),
    ledgerResidual: ledgerResidualOf(state),
    bills: billCountsOf(state),
    equityStart: state.equity.startUsd === null ? null : usd(state.equity.startUsd),
    equityEnd: state.equity.lastUsd === null ? null : usd(state.equity.lastUsd),
    nakedDeltaMsMax: Math.round(state.counters.nakedDeltaMsMax * 1_000) / 1_000,
    nakedWhileDownMsMax: Math.round(state.counters.nakedWhileDownMsMax),
    budgets: { nakedDeltaMs: options.nakedDeltaMs },
    reconcile: {
      positions: positions.length === 0 ? 'match' : positions,
      balances: balances.length === 0 ? 'match' : balances,
      orders: orders.length === 0 ? 'match' : orders,
    },
    latencyUs: options.latency.view(),
    rssMbMax: Math.round(options.rssMbMax * 10) / 10,
  };
}

function usd(value: number): string {
  return formatDecimal(fromNumber(Number(value.toFixed(8))));
}
