// The answer of `farb backtest --json`: one schema for what is printed, what the report draws and
// what the documentation shows (docs/schemas/backtest.json). Money is decimal text, ratios and
// counts are numbers, null = it cannot be computed from this run.
import { z } from 'zod';
import { runAgreementSchema } from './run-agreement.ts';

const usd = z.string().regex(/^-?\d+(\.\d+)?$/);
const ratio = z.number().nullable();
const iso = z.iso.datetime();

const pnl = z.strictObject({
  funding: usd,
  basis: usd,
  residualDelta: usd,
  fees: usd,
  borrow: usd,
  collateralFx: usd,
  residual: usd,
  total: usd,
});

const trade = z.strictObject({
  pairId: z.string(),
  strategy: z.string(),
  long: z.string(),
  short: z.string(),
  openedAt: iso,
  /** Null = still open at the end. */
  closedAt: iso.nullable(),
  hours: z.number(),
  qty: z.string(),
  notionalUsd: usd,
  /** Net edge per notional that the entry expected. */
  edgeExpected: z.number(),
  funding: usd,
  /** Both legs' prices together, spread and impact inside. */
  price: usd,
  fees: usd,
  net: usd,
  closeReason: z.string().nullable(),
  legBreaks: z.number().int(),
  /** Liquidations, auto-deleveraging and delistings. */
  forcedFills: z.number().int(),
});

const pairSum = z.strictObject({
  pair: z.string(),
  trades: z.number().int(),
  winning: z.number().int(),
  hours: z.number(),
  notionalUsd: usd,
  funding: usd,
  price: usd,
  fees: usd,
  net: usd,
});

export const backtestReportSchema = z.strictObject({
  from: iso,
  to: iso,
  /** Closed bars and published rates shown, and inputs that the engine processed. */
  events: z.number().int(),
  eventsPerSecond: z.number(),
  equityStart: usd,
  equityEnd: usd,
  pnl,
  /** Simple, a year, after all costs. */
  aprNet: ratio,
  /** Of daily returns, a year. */
  sharpe: ratio,
  sortino: ratio,
  /** Of the daily equity. */
  maxDrawdown: z.number(),
  /** Notional traded over the mean equity. */
  turnover: z.number(),
  /** Round trips. */
  trades: z.array(trade),
  byPair: z.array(pairSum),
  dailyEquity: z.array(
    z.strictObject({
      at: iso,
      equity: usd,
      /** Since the start. */
      funding: usd,
      fees: usd,
      /** Of perpetuals, both legs, at entry prices. */
      grossExposure: usd,
      pairs: z.number().int(),
    }),
  ),
  /** What other notionals per leg would have earned, by the columnar path; empty = not asked. */
  capacity: z.array(
    z.strictObject({
      notionalUsd: usd,
      net: usd,
      /** Net over the notional traded; null = nothing was traded. */
      netPerNotional: ratio,
    }),
  ),
  orders: z.strictObject({
    sent: z.number().int(),
    filled: z.number().int(),
    rejected: z.number().int(),
    canceled: z.number().int(),
    unknown: z.number().int(),
  }),
  fills: z.number().int(),
  denied: z.number().int(),
  pairsOpenAtEnd: z.number().int(),
  fundingPayments: z.number().int(),
  slippage: usd,
  ledgerResidual: usd,
  stateHash: z.string(),
  settings: z.record(z.string(), z.union([z.string(), z.number()])),
  interrupted: z.boolean(),
  notes: z.array(z.string()),
  /** Of a recording beside the journal of the run that was recorded. */
  agreement: runAgreementSchema.optional(),
});

export type BacktestReport = z.infer<typeof backtestReportSchema>;
