// The answer of `farb sweep --json` (docs/schemas/sweep.json). Ratios are a year unless they say
// so.
import { z } from 'zod';

const ratio = z.number().nullable();
const usd = z.string().regex(/^-?\d+(\.\d+)?$/);
const iso = z.iso.datetime();

const run = z.strictObject({
  id: z.number().int(),
  params: z.record(z.string(), z.number()),
  pnl: usd,
  funding: usd,
  fees: usd,
  apr: ratio,
  sharpe: ratio,
  maxDrawdown: z.number(),
  trips: z.number().int(),
  liquidations: z.number().int(),
  missed: z.number().int(),
});

const validation = z.strictObject({
  folds: z.array(
    z.strictObject({
      testFrom: iso,
      testTo: iso,
      /** Id of the run that was best on the training days. */
      chosen: z.number().int(),
      sharpeInSample: z.number(),
      sharpeOutOfSample: z.number(),
      returnOutOfSample: z.number(),
    }),
  ),
  sharpeInSample: ratio,
  sharpeOutOfSample: ratio,
  /** Of the capital, over all judged days. */
  returnOutOfSample: z.number(),
});

export const sweepReportSchema = z.strictObject({
  strategy: z.string(),
  method: z.enum(['grid', 'random', 'bayesian']),
  objective: z.enum(['sharpe', 'pnl']),
  from: iso,
  to: iso,
  days: z.number().int(),
  assets: z.number().int(),
  venueRows: z.number().int(),
  capital: usd,
  runs: z.number().int(),
  /** Of those, found in the results file. */
  resumed: z.number().int(),
  /** Left to do: the sweep was interrupted. */
  missing: z.number().int(),
  elapsedMs: z.number(),
  runsPerSecond: z.number(),
  venueRowsPerSecond: z.number(),
  /** The best first, at most ten. */
  best: z.array(run),
  overfitting: z.strictObject({
    /** Trials that count: all that were made. */
    trials: z.number().int(),
    /** Probability that the best one's true Sharpe ratio is above what luck alone would show. */
    deflatedSharpe: ratio,
    /** Sharpe ratio a year that the best of as many trials without skill shows on average. */
    luckySharpe: ratio,
    /** Probability of backtest overfitting, and how many splits of time it is from. */
    probability: ratio,
    splits: z.number().int(),
    lossProbability: ratio,
  }),
  walkForward: validation.nullable(),
  crossValidation: validation.nullable(),
  /** The best run again through the exact engine, asset by asset. */
  reconciled: z.array(
    z.strictObject({
      asset: z.string(),
      exactPnl: usd,
      columnarPnl: usd,
      exactTrips: z.number().int(),
      columnarTrips: z.number().int(),
      /** |difference| over the notional traded. */
      difference: ratio,
    }),
  ),
  results: z.string(),
  parquet: z.string().nullable(),
  notes: z.array(z.string()),
});

export type SweepReport = z.infer<typeof sweepReportSchema>;
