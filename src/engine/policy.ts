// Everything that `decide` may consult besides the state and the event: configuration, fixed for a
// boot. Another policy over the same journal gives the decision diff.

import type { VenueId } from '../domain/instrument.ts';
import type { RiskLimits } from '../domain/verdict.ts';
import type { ExecutionPolicy } from '../execution/policy.ts';
import type { StrategyParams } from '../strategy/params.ts';
import type { Strategy } from '../strategy/registry.ts';

export interface ActiveStrategy {
  readonly strategy: Strategy;
  readonly params: StrategyParams;
}

export interface ReconcilePolicy {
  /** Between the regular snapshots of a venue (wall). */
  readonly everyMs: number;
  /** History is read again from this long before the newest booked item (venue time). */
  readonly overlapMs: number;
  /** Differing snapshots in a row before a difference counts as unexplained. */
  readonly confirmations: number;
  /** Wait before the next snapshot when one differed or failed. */
  readonly againMs: number;
  readonly timeoutMs: number;
}

export const defaultReconcilePolicy: ReconcilePolicy = {
  everyMs: 30_000,
  overlapMs: 3_600_000,
  confirmations: 4,
  againMs: 400,
  timeoutMs: 20_000,
};

export interface Policy {
  readonly strategies: readonly ActiveStrategy[];
  readonly limits: RiskLimits;
  readonly execution: ExecutionPolicy;
  readonly reconcile: ReconcilePolicy;
  /** How long a signed order can still be accepted after it was sent, by venue (wall). */
  readonly orderValidityMs: Readonly<Record<VenueId, number>>;
  /** After a denied or failed entry the same pair waits this long (wall). */
  readonly entryCooldownMs: number;
}
