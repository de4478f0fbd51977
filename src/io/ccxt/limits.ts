// Every deadline, pace and count of the bridge, by name. Wall time unless the name says venue.
export interface CcxtLimits {
  readonly placeTimeoutMs: number;
  readonly cancelTimeoutMs: number;
  readonly readTimeoutMs: number;
  readonly listingTimeoutMs: number;
  /** After an acknowledgement without a final word: when the order is read over REST. */
  readonly followAfterMs: number;
  readonly followTriesMax: number;
  /** How far before an order's placement its listings are read; without one, before now. */
  readonly queryOverlapVenueMs: number;
  readonly queryReachVenueMs: number;
  /** How far a spot market order may go through the touch: it is sent as a limit, IOC. */
  readonly marketSlack: number;
  /** Rows asked for in one listing; a full page is asked for again with ccxt's paging. */
  readonly listingRows: number;
  readonly streamsUpMsMax: number;
  /** A private stream that has not been refused for so long counts as up. */
  readonly privateSettleMs: number;
  readonly streamRetryMs: number;
  readonly streamRetryMsMax: number;
  /** Between reads of one book where the venue has no stream. */
  readonly bookPollMs: number;
  readonly bookTopLevels: number;
  readonly tickMs: number;
  /** A quote older than this is compared with the venue's REST book. */
  readonly quoteAuditAgeMs: number;
  readonly quoteAuditEveryMs: number;
  readonly ratesEveryMs: number;
  readonly intervalsEveryMs: number;
  readonly paymentsReadVenueMs: readonly number[];
  readonly paymentsOverlapVenueMs: number;
  readonly paymentsReadGapMs: number;
  readonly settlementLagWallMs: number;
  readonly settlementsPendingMax: number;
  readonly paymentIdsMax: number;
  readonly clockEveryMs: number;
  readonly instrumentsReloadEveryMs: number;
  readonly restFailuresMax: number;
  readonly snapshotAttemptsMax: number;
  readonly snapshotQueueMax: number;
  readonly historyVenueMsMax: number;
  readonly logsMax: number;
  readonly stopMsMax: number;
}

export const ccxtLimits: CcxtLimits = {
  placeTimeoutMs: 3_000,
  cancelTimeoutMs: 3_000,
  readTimeoutMs: 10_000,
  listingTimeoutMs: 30_000,
  followAfterMs: 350,
  followTriesMax: 5,
  queryOverlapVenueMs: 60_000,
  queryReachVenueMs: 6 * 3_600_000,
  marketSlack: 0.01,
  listingRows: 100,
  streamsUpMsMax: 20_000,
  privateSettleMs: 1_500,
  streamRetryMs: 500,
  streamRetryMsMax: 30_000,
  bookPollMs: 1_000,
  bookTopLevels: 20,
  tickMs: 250,
  quoteAuditAgeMs: 15_000,
  quoteAuditEveryMs: 15_000,
  ratesEveryMs: 3_000,
  intervalsEveryMs: 60_000,
  paymentsReadVenueMs: [10_000, 60_000, 300_000],
  paymentsOverlapVenueMs: 3_600_000,
  paymentsReadGapMs: 1_000,
  settlementLagWallMs: 1_000,
  settlementsPendingMax: 1_000,
  paymentIdsMax: 20_000,
  clockEveryMs: 30_000,
  instrumentsReloadEveryMs: 3_600_000,
  restFailuresMax: 3,
  snapshotAttemptsMax: 5,
  snapshotQueueMax: 4,
  historyVenueMsMax: 30 * 86_400_000,
  logsMax: 5,
  stopMsMax: 5_000,
};
