// Every deadline, retry, queue and age of a driver, by name. All run on the wall clock unless the
// name says venue.
export interface DriverLimits {
  // Orders.
  readonly placeTimeoutMs: number;
  readonly cancelTimeoutMs: number;
  /** Longest wait for a turn before an entry is given up unsent; hedges and cancels wait longer. */
  readonly placeQueueMsMax: number;
  readonly urgentQueueMsMax: number;
  /** Over all attempts of one query. */
  readonly queryTimeoutMs: number;
  /** Messages without an answer on one order socket; beyond it orders go over REST. */
  readonly orderSocketInFlightMax: number;
  /** How long `start` waits for the order sockets; REST takes orders until they are up. */
  readonly orderSocketUpMsMax: number;
  // Reads.
  readonly readTimeoutMs: number;
  readonly readQueueMsMax: number;
  readonly readAttemptsMax: number;
  readonly readRetryMs: number;
  readonly readParallelMax: number;
  /** Reads of the last rank under way or waiting for their rate limit; the others wait before. */
  readonly readsOpenMax: number;
  readonly pagesMax: number;
  /** Transport failures in a row before the venue's REST is reported down. */
  readonly restFailuresMax: number;
  // Clock.
  readonly clockSamples: number;
  /** Shorter than `keepAliveMs`, because it also keeps the orders' sockets warm. */
  readonly clockSyncEveryMs: number;
  /** How far the offset may move from one measurement to the next, round trips aside. */
  readonly clockDriftMsMax: number;
  // Streams.
  readonly connectsPerSecondMax: number;
  /** How long `start` waits for every stream before it leaves the rest to the status events. */
  readonly streamsUpMsMax: number;
  /** A connected public stream without one quote, depth, mark or funding event for this long. */
  readonly dataSilenceMsMax: number;
  /** Lines logged about unreadable frames of one stream; counted always. */
  readonly unrecognizedLogsMax: number;
  // Books.
  readonly bookTopLevels: number;
  readonly bookLevelsMax: number;
  readonly bookBufferMax: number;
  readonly bookJitterMs: number;
  readonly bookRetryMsMax: number;
  readonly bookReconnectGapMs: number;
  readonly bookSilenceMsMax: number;
  // Watches and audits.
  readonly tickMs: number;
  /** A quote older than this is compared with the venue's REST quote. */
  readonly quoteAuditAgeMs: number;
  readonly quoteAuditEveryMs: number;
  readonly fundingAuditEveryMs: number;
  /** Least wall time between two reads after settlements: bounds them at a testnet's speed. */
  readonly fundingReadGapMs: number;
  readonly paymentsReadGapMs: number;
  /** Venue time after a settlement at which rates and intervals are read again. */
  readonly fundingRereadVenueMs: readonly number[];
  /** Venue time after a settlement at which the funding ledger is read. */
  readonly paymentsReadVenueMs: readonly number[];
  readonly paymentsOverlapVenueMs: number;
  /** Least wall time from a settlement to the last of those reads. */
  readonly settlementLagWallMs: number;
  /** Least wall time between two readings of what the venue settled at. */
  readonly fundingCheckGapMs: number;
  readonly settlementsPendingMax: number;
  readonly paymentIdsMax: number;
  readonly instrumentsReloadEveryMs: number;
  readonly instrumentsReloadGapMs: number;
  // Margin tiers and borrow rates.
  readonly marginReadEveryMs: number;
  /** After a reading that failed. */
  readonly marginRetryMs: number;
  // Snapshots.
  readonly snapshotAttemptsMax: number;
  readonly snapshotQueueMax: number;
  /** Farthest back in venue time that a snapshot lists history. */
  readonly historyVenueMsMax: number;
  // The venue's dead-man switch (wall).
  /** From the last refresh until the venue cancels what rests; 0 = never armed. */
  readonly deadManTimeoutMs: number;
  readonly deadManRefreshMs: number;
  /** After a refresh that failed. */
  readonly deadManRetryMs: number;
  // End.
  readonly stopMsMax: number;
}

export const driverLimits: DriverLimits = {
  placeTimeoutMs: 3_000,
  cancelTimeoutMs: 3_000,
  placeQueueMsMax: 500,
  urgentQueueMsMax: 5_000,
  queryTimeoutMs: 8_000,
  // Hyperliquid takes 100 over all connections of an address.
  orderSocketInFlightMax: 96,
  orderSocketUpMsMax: 3_000,
  readTimeoutMs: 10_000,
  // A whole minute's window: a boot that finds the venue's budget used up waits for the next one.
  readQueueMsMax: 65_000,
  readAttemptsMax: 3,
  readRetryMs: 250,
  readParallelMax: 4,
  readsOpenMax: 32,
  pagesMax: 100,
  restFailuresMax: 3,
  clockSamples: 3,
  clockSyncEveryMs: 25_000,
  clockDriftMsMax: 250,
  connectsPerSecondMax: 3,
  streamsUpMsMax: 15_000,
  dataSilenceMsMax: 30_000,
  unrecognizedLogsMax: 5,
  bookTopLevels: 20,
  bookLevelsMax: 1_000,
  bookBufferMax: 2_000,
  bookJitterMs: 200,
  bookRetryMsMax: 30_000,
  bookReconnectGapMs: 5_000,
  bookSilenceMsMax: 60_000,
  tickMs: 250,
  quoteAuditAgeMs: 15_000,
  quoteAuditEveryMs: 15_000,
  fundingAuditEveryMs: 60_000,
  fundingReadGapMs: 2_500,
  // A ledger page weighs 30 on Binance: more often, a fast testnet's settlements eat the minute.
  paymentsReadGapMs: 4_000,
  fundingRereadVenueMs: [60_000, 300_000],
  paymentsReadVenueMs: [10_000, 60_000, 300_000],
  paymentsOverlapVenueMs: 3_600_000,
  settlementLagWallMs: 1_000,
  // Binance allows 500 of these requests in five minutes, and one is needed per contract.
  fundingCheckGapMs: 15_000,
  settlementsPendingMax: 1_000,
  paymentIdsMax: 20_000,
  instrumentsReloadEveryMs: 3_600_000,
  instrumentsReloadGapMs: 60_000,
  // Venues change tiers a few times a month, rates every hour.
  marginReadEveryMs: 3_600_000,
  marginRetryMs: 30_000,
  snapshotAttemptsMax: 5,
  snapshotQueueMax: 4,
  historyVenueMsMax: 30 * 86_400_000,
  deadManTimeoutMs: 60_000,
  deadManRefreshMs: 20_000,
  deadManRetryMs: 3_000,
  stopMsMax: 5_000,
};
