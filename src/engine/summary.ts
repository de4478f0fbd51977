// The run summary's figures that come from the state alone: what `farb demo --json` and `farb start
// --json` print at the end, and what `farb replay` prints again from the journal.

import { abs, type Decimal, formatDecimal, maxOf, zero } from '../base/decimal.ts';
import { canonicalHash } from '../domain/codec.ts';
import { residualsOf } from '../domain/ledger.ts';
import { isTerminal } from '../domain/order.ts';
import { type EngineState, livePairs } from './state.ts';

export interface PnlFigures {
  readonly funding: string;
  readonly basis: string;
  readonly residualDelta: string;
  readonly fees: string;
  readonly borrow: string;
  readonly collateralFx: string;
  readonly residual: string;
  readonly total: string;
}

/** Decimals of USD in reports. */
const usdDecimals = 8;

export function pnlOf(state: EngineState): PnlFigures {
  const { attribution, equity } = state;
  const change = (equity.lastUsd ?? 0) - (equity.startUsd ?? 0);
  const terms = [
    attribution.fundingUsd,
    attribution.basisUsd,
    attribution.residualDeltaUsd,
    attribution.feesUsd,
    attribution.borrowUsd,
    attribution.collateralFxUsd,
  ].map(scaled);
  const [funding, basis, residualDelta, fees, borrow, collateralFx] = terms as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  const total = scaled(change);
  const explained = terms.reduce((sum, term) => sum + term, 0n);
  return {
    funding: text(funding),
    basis: text(basis),
    residualDelta: text(residualDelta),
    fees: text(fees),
    borrow: text(borrow),
    collateralFx: text(collateralFx),
    residual: text(total - explained),
    total: text(total),
  };
}

/**
 * What the residual may be: venues round realized profit and fees to 1e-8 per fill, the marks of
 * equity are doubles. One cent plus a millionth of the turnover.
 */
export function residualToleranceUsd(state: EngineState): number {
  return 0.01 + state.counters.turnoverUsd * 1e-6;
}

/** The largest |sum| over the assets of the ledger: exactly "0" or a bug. */
export function ledgerResidualOf(state: EngineState): string {
  let worst: Decimal = zero;
  for (const residual of residualsOf(state.ledger).values()) worst = maxOf(worst, abs(residual));
  return formatDecimal(worst);
}

export function orderCountsOf(state: EngineState) {
  const { counters } = state;
  let unknown = 0;
  for (const known of state.orders.values()) {
    if (!isTerminal(known.status)) unknown++;
  }
  return {
    sent: counters.ordersSent,
    filled: counters.ordersFilled,
    rejected: counters.ordersRejected,
    canceled: counters.ordersCanceled,
    unknown,
  };
}

export function billCountsOf({ bills }: EngineState) {
  const { feesChecked, feesDiffering, fundingChecked, fundingDiffering, unchecked } = bills;
  return { feesChecked, feesDiffering, fundingChecked, fundingDiffering, unchecked };
}

export function pairCountsOf(state: EngineState) {
  const { counters } = state;
  return {
    opened: counters.pairsOpened,
    closed: counters.pairsClosed,
    closedAtEnd: counters.pairsClosedAtEnd,
    open: livePairs(state).length,
    legBreaks: counters.legBreaks,
  };
}

export function stateHashOf(state: EngineState): string {
  return canonicalHash(state);
}

function scaled(value: number): bigint {
  return BigInt(Math.round(value * 10 ** usdDecimals));
}

function text(value: bigint): string {
  return formatDecimal((value * 10n ** BigInt(18 - usdDecimals)) as Decimal); // brand: a rescale
}
