// How a live run and the backtest over its recording compare: part of `farb backtest --recording
// --compare --json` (docs/schemas/backtest.json). Slippage: + = paid, in USD and in basis points of
// what was filled; null = nothing was.
import { z } from 'zod';

const usd = z.string().regex(/^-?\d+(\.\d+)?$/);
const decision = {
  /** Strategy, long and short leg. */
  pair: z.string(),
  action: z.enum(['open', 'close', 'roll', 'rebalance']),
  at: z.iso.datetime(),
  reason: z.string(),
};
const bps = z.number().nullable();

export const runAgreementSchema = z.strictObject({
  /** Every decision of one has its like in the other. */
  agrees: z.boolean(),
  /** Venue time by which two decisions may be apart. */
  toleranceMs: z.number().int(),
  same: z.array(
    z.strictObject({
      ...decision,
      /** How much later the backtest decided; negative = earlier. */
      laterMs: z.number().int(),
      slippage: z.strictObject({ live: usd, backtest: usd }),
      slippageBps: z.strictObject({ live: bps, backtest: bps }),
    }),
  ),
  /** Of the live run, and not made by the backtest; and the other way round. */
  missing: z.array(z.strictObject(decision)),
  extra: z.array(z.strictObject(decision)),
  slippage: z.strictObject({ live: usd, backtest: usd, difference: usd }),
});

export type RunAgreement = z.infer<typeof runAgreementSchema>;
