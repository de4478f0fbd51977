// The named limits of execution. Wall-clock times: they judge our own process and the sockets, so
// they do not speed up with a testnet's venue clock.

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
};
