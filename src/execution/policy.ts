// The named limits of execution. Wall-clock times: they judge our own process and the sockets, so
// they do not speed up with a testnet's venue clock; the one exception names venue time.
import type { ExecutionMode } from '../domain/plan.ts';

export interface ExecutionPolicy {
  /** No final word on an order after this long: cancel it by client id, then query. */
  readonly answerMsMax: number;
  /** Between the steps of chasing an unanswered order. */
  readonly chaseMs: number;
  /** Queries of one order before it is given to an operator (they go on, slowly). */
  readonly queriesMax: number;
  readonly slowRetryMs: number;
  /** A delta outside the band may live this long while a venue that can cut it accepts orders. */
  readonly nakedDeltaMsMax: number;
  /** With an order still unknown after this long, act on the worst case of both outcomes. */
  readonly hedgeDeadlineMs: number;
  /** Orders per leg and phase before the other way (unwind) is taken, then the slow cadence. */
  readonly legAttemptsMax: number;
  /** Wait after a rejected or unfilled order, doubled each time up to `retryMsMax`. */
  readonly retryMs: number;
  readonly retryMsMax: number;
  /** How far through the touch a hedge, exit or unwind may go, as a fraction; grows per attempt. */
  readonly crossSlack: number;
  readonly crossSlackMax: number;
  /** Completing the lagging leg may cost this fraction more than the plan; beyond it, unwind. */
  readonly completeSlackMax: number;
  /** Quotes older than this are not used to price an order. */
  readonly quoteAgeMsMax: number;
  /** How often every pair that is not at rest is looked at again. */
  readonly pairTickMs: number;
  /** No entry, exit, slice or roll nearer than this to a settlement of a leg (venue time). */
  readonly settlementGuardMs: number;

  // ---- which way to work an entry or exit (plan.ts) ----
  /** The ways that may be chosen; the one with the lowest expected cost is. */
  readonly modes: readonly ExecutionMode[];
  /** Another way than both legs at once must be cheaper by this fraction of notional. */
  readonly modeAdvantageMin: number;
  /** Half of the part of an edge that a price difference makes is gone after this long. */
  readonly edgeHalfLifeMs: number;
  /** Depth farther behind the best price than this is not counted on. */
  readonly depthSlackMax: number;

  // ---- a leg that rests (pair-maker.ts) ----
  /** How long a leg may rest before the rest is taken. */
  readonly makerPatienceMs: number;
  /** Expected share of resting orders that fill within the patience. */
  readonly makerFillShare: number;
  /** What being filled first is expected to cost: fills come when the price moves against us. */
  readonly makerAdverse: number;
  /** A resting order is not replaced before this long, nor unless this far behind the touch. */
  readonly makerRestMsMin: number;
  readonly makerRepegSlack: number;
  /** Posts of one leg in one phase; then what rests stays until the patience ends. */
  readonly makerPostsMax: number;
  /** How often a resting order is looked at, and its venue asked about it. */
  readonly makerTickMs: number;
  readonly restQueryMs: number;
  /** What rests is cancelled when the other leg has not followed a fill for so long. */
  readonly followMsMax: number;

  // ---- a part at a time (pair-sliced.ts) ----
  /** Largest slice per leg, in USD and as a share of the depth that both books show. */
  readonly sliceUsdMax: number;
  readonly sliceDepthShare: number;
  readonly sliceEveryMs: number;
  readonly slicesMax: number;

  // ---- one leg to another venue, small corrections (pair-roll.ts, pair-rebalance.ts) ----
  /** Largest part of the leg that is swapped at once: never more than this beyond the leg. */
  readonly rollShareMax: number;
  readonly rollMsMax: number;
  /** A delta inside the band is corrected from this size on, and not more often than this. */
  readonly rebalanceUsdMin: number;
  readonly rebalanceEveryMs: number;

  // ---- which venue for a leg (route.ts) ----
  readonly venueOrdersPerSecondMax: number;
  /** An entry goes to no venue whose own limits leave this share or less; a hedge needs some. */
  readonly orderHeadroomMin: number;
  /** What a second of a venue's answer time counts as, as a fraction of notional. */
  readonly latencyCostPerSecond: number;
  /** Another venue than the one that was looked at must be better by this fraction. */
  readonly routeAdvantageMin: number;
}

export const defaultExecutionPolicy: ExecutionPolicy = {
  answerMsMax: 1_500,
  chaseMs: 700,
  queriesMax: 12,
  slowRetryMs: 5_000,
  nakedDeltaMsMax: 8_000,
  hedgeDeadlineMs: 4_000,
  legAttemptsMax: 4,
  retryMs: 150,
  retryMsMax: 2_000,
  crossSlack: 0.0015,
  crossSlackMax: 0.02,
  completeSlackMax: 0.002,
  quoteAgeMsMax: 3_000,
  pairTickMs: 250,
  settlementGuardMs: 60_000,
  modes: ['taker-taker', 'maker-taker', 'sliced'],
  modeAdvantageMin: 0.0001,
  edgeHalfLifeMs: 30_000,
  depthSlackMax: 0.001,
  makerPatienceMs: 20_000,
  makerFillShare: 0.6,
  makerAdverse: 0.0001,
  makerRestMsMin: 2_000,
  makerRepegSlack: 0.0001,
  makerPostsMax: 8,
  makerTickMs: 500,
  restQueryMs: 5_000,
  followMsMax: 2_000,
  sliceUsdMax: 5_000,
  sliceDepthShare: 0.5,
  sliceEveryMs: 3_000,
  slicesMax: 20,
  rollShareMax: 0.5,
  rollMsMax: 60_000,
  rebalanceUsdMin: 20,
  rebalanceEveryMs: 60_000,
  venueOrdersPerSecondMax: 10,
  orderHeadroomMin: 0.2,
  latencyCostPerSecond: 0.0001,
  routeAdvantageMin: 0.0001,
};
