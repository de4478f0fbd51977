// What the HTTP API answers and the terminal view shows. Money is decimal text, counts and
// statistics are numbers, rates are fractions per interval with + = longs pay shorts.

export interface VenueStatusView {
  readonly venue: string;
  readonly publicUp: boolean;
  readonly privateUp: boolean;
  readonly restUp: boolean;
  readonly reconciled: boolean;
  /** Why nothing may be opened here; empty = nothing. */
  readonly restrictedBy: readonly string[];
  readonly differences: readonly string[];
  readonly instruments: number;
  readonly frames: number;
  readonly unrecognized: number;
  readonly reconnects: number;
  readonly quoteAgeMs: number | null;
  /** Share left of the venue's fullest order limit, 0 while it wants quiet; null = not known. */
  readonly orderHeadroom: number | null;
  /** Every order socket is up; null = orders go over REST alone. */
  readonly orderSocketUp: boolean | null;
  /** The venue's wall clock minus ours, and the round trip of that measurement. */
  readonly clockOffsetMs: number;
  readonly clockRoundTripMs: number;
}

export interface PairStatusView {
  readonly id: string;
  readonly strategy: string;
  readonly phase: string;
  /** How the present or last phase is worked, and why; the cost is a fraction of notional. */
  readonly mode: string;
  readonly modeReason: string;
  readonly expectedCost: number;
  readonly long: string;
  readonly short: string;
  readonly longQty: string;
  readonly shortQty: string;
  readonly notionalUsd: number;
  readonly openedAtMs: number | null;
  readonly closedAtMs: number | null;
  readonly closeReason: string | null;
  readonly fundingUsd: number;
  /** At the current rates, per hour and unit of notional; null = a rate is unknown. */
  readonly carryPerHour: number | null;
  readonly legBreaks: number;
}

export interface RateView {
  readonly instrument: string;
  readonly venue: string;
  readonly base: string;
  readonly ratePerInterval: number;
  readonly intervalMs: number;
  readonly settlesAtMs: number;
  /** Simple annualisation. */
  readonly apr: number;
}

export interface AlertView {
  readonly tsMs: number;
  readonly wallMs: number;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly code: string;
  readonly message: string;
}

export interface PnlView {
  readonly funding: string;
  readonly basis: string;
  readonly residualDelta: string;
  readonly fees: string;
  readonly borrow: string;
  readonly collateralFx: string;
  readonly residual: string;
  readonly total: string;
}

export interface LatencyView {
  readonly tickToDecision: { readonly p50: number | null; readonly p99: number | null };
  readonly tickToOrder: { readonly p50: number | null; readonly p99: number | null };
}

export interface SystemStatus {
  readonly runId: string;
  readonly mode: 'testnet' | 'paper' | 'live';
  readonly seed: number | null;
  readonly tsMs: number;
  readonly wallMs: number;
  readonly startedWallMs: number;
  readonly startedTsMs: number;
  readonly risk: { readonly mode: string; readonly reason: string; readonly windingDown: boolean };
  readonly health: Health;
  readonly venues: readonly VenueStatusView[];
  /** Live pairs first, then the last closed ones. */
  readonly pairs: readonly PairStatusView[];
  readonly rates: readonly RateView[];
  readonly equityUsd: {
    readonly start: number | null;
    readonly now: number | null;
    readonly peak: number | null;
    readonly drawdownMax: number;
  };
  readonly pnl: PnlView;
  readonly slippageUsd: number;
  readonly orders: {
    readonly sent: number;
    readonly filled: number;
    readonly rejected: number;
    readonly canceled: number;
    readonly unknown: number;
  };
  readonly pairCounts: {
    readonly opened: number;
    readonly closed: number;
    readonly closedAtEnd: number;
    readonly open: number;
    readonly legBreaks: number;
  };
  readonly fundingPayments: number;
  readonly denied: number;
  readonly nakedDeltaMsMax: number;
  readonly journal: { readonly path: string; readonly records: number };
  readonly latencyUs: LatencyView;
  /** Quotes that a later one of the same read replaced before they were looked at. */
  readonly quotesConflated: number;
  readonly process: ProcessView;
  readonly rssMb: number;
  readonly alerts: readonly AlertView[];
}

/** What the process itself takes from the time of an order. */
export interface ProcessView {
  /** How late the event loop comes to what is due; null = nothing sampled yet. */
  readonly eventLoopDelayMs: {
    readonly p50: number | null;
    readonly p99: number | null;
    readonly max: number | null;
  };
  /** Pauses of garbage collection since the start. */
  readonly gcPauses: {
    readonly count: number;
    readonly totalMs: number;
    readonly maxMs: number;
  };
}

export interface BillsView {
  readonly feesChecked: number;
  readonly feesDiffering: number;
  readonly fundingChecked: number;
  readonly fundingDiffering: number;
  /** A term of the formula was not known. */
  readonly unchecked: number;
}

export interface Health {
  /** The process turns its loop. */
  readonly live: boolean;
  /** It may open pairs. */
  readonly ready: boolean;
  /** Why it is not ready, one line each. */
  readonly reasons: readonly string[];
}

export type Command = 'halt' | 'halt-flatten' | 'flatten' | 'resume' | 'wind-down' | 'acknowledge';

/** The running system as the API sees it: queries and commands are handed in. */
export interface SystemPort {
  status(): SystemStatus;
  command(command: Command, by: string): void;
}

/** See the contract: printed at the end of `farb demo --json` and `farb start --json`. */
export interface RunSummary {
  readonly runId: string;
  readonly seed: number | null;
  readonly wallMs: number;
  readonly venueMs: number;
  readonly venues: readonly string[];
  readonly journal: string;
  readonly stateHash: string;
  readonly marketHash: string | null;
  readonly orders: SystemStatus['orders'];
  readonly pairs: SystemStatus['pairCounts'];
  readonly fundingPayments: number;
  readonly pnl: PnlView;
  readonly attributionTolerance: string;
  readonly slippage: string;
  readonly ledgerResidual: string;
  /** The venues' bills against the formula; see docs/RELIABILITY.md. */
  readonly bills: BillsView;
  readonly equityStart: string | null;
  readonly equityEnd: string | null;
  readonly nakedDeltaMsMax: number;
  /** Exposure while the process was down, told apart from the budget. */
  readonly nakedWhileDownMsMax: number;
  readonly budgets: { readonly nakedDeltaMs: number };
  readonly reconcile: {
    readonly positions: 'match' | readonly string[];
    readonly balances: 'match' | readonly string[];
    readonly orders: 'match' | readonly string[];
  };
  readonly latencyUs: LatencyView;
  readonly rssMbMax: number;
}
