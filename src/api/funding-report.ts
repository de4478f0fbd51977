// The answers of `farb funding history|ledger --json`: one schema each, published in docs/schemas.
// Statistics are numbers, fractions; rates and money decimal text; positive rate: longs pay shorts.
import { z } from 'zod';

const count = z.number().int().nonnegative();
const tsMs = z.number();
const decimalText = z.string().regex(/^-?\d+(\.\d+)?$/);
/** Null = too few values to compute it. */
const ratio = z.number().nullable();

const rateStats = {
  settlements: count,
  firstMs: tsMs,
  lastMs: tsMs,
  /** Per settlement, whatever its interval. */
  rateMean: z.number(),
  rateStd: ratio,
  rateMin: z.number(),
  rateMax: z.number(),
  /** Simple, by time: sum of the rates / hours covered x 8760. */
  apr: ratio,
  positiveShare: z.number(),
  negativeShare: z.number(),
  /** Over UTC days: the sum of a day's rates x 365. */
  daily: z.strictObject({
    days: count,
    aprMean: z.number(),
    aprMedian: z.number(),
    aprP5: z.number(),
    aprP95: z.number(),
    negativeShare: z.number(),
  }),
};

const runs = z
  .strictObject({
    count,
    medianHours: z.number(),
    meanHours: z.number(),
    longestHours: z.number(),
  })
  .nullable();

export const fundingHistorySchema = z.strictObject({
  dir: z.string(),
  series: z.array(
    z.strictObject({
      venue: z.string(),
      symbol: z.string(),
      asset: z.string(),
      ...rateStats,
      byYear: z.record(z.string(), z.strictObject(rateStats)),
      /** By the mean APR of the seven days before, which was known at the time. */
      regimes: z.array(
        z.strictObject({
          name: z.enum(['negative', 'low', 'usual', 'high']),
          aprFrom: ratio,
          aprTo: ratio,
          settlements: count,
          share: z.number(),
          apr: z.number(),
          positiveShare: z.number(),
        }),
      ),
      persistence: z.strictObject({
        positiveRuns: runs,
        negativeRuns: runs,
        autocorrelation: z.strictObject({ next: ratio, day: ratio, week: ratio }),
      }),
      /** The extremes, where they were reached three times and more. */
      caps: z.strictObject({
        cap: decimalText.nullable(),
        capHits: count,
        floor: decimalText.nullable(),
        floorHits: count,
      }),
      intervals: z.array(z.strictObject({ intervalMs: z.number(), settlements: count })),
      intervalChanges: z.array(z.strictObject({ tsMs, fromMs: z.number(), toMs: z.number() })),
      /** With --rates, else null. */
      rates: z
        .array(
          z.strictObject({
            tsMs,
            rate: decimalText,
            intervalMs: z.number().nullable(),
            markPrice: decimalText.nullable(),
          }),
        )
        .nullable(),
    }),
  ),
  /** Both directions of every two venues of an asset: receive on `high`, pay on `low`. */
  spreads: z.array(
    z.strictObject({
      asset: z.string(),
      high: z.string(),
      low: z.string(),
      days: count,
      aprMean: z.number(),
      shareAbove: z.number(),
      /** Consecutive days above the threshold. */
      runs: z.array(count),
      runMedian: ratio,
      runLongest: count,
    }),
  ),
  /** A spread of so much a year counts. */
  spreadAprMin: z.number(),
  leadLags: z.array(
    z.strictObject({
      asset: z.string(),
      first: z.string(),
      second: z.string(),
      days: count,
      sameDay: ratio,
      /** Days by which `first` leads at the best correlation; negative: `second` leads. */
      lagDays: z.number().int(),
      correlation: ratio,
    }),
  ),
});

export const fundingLedgerSchema = z.strictObject({
  total: decimalText,
  byVenue: z.record(z.string(), decimalText),
  bySymbol: z.record(z.string(), decimalText),
  payments: z.array(
    z.strictObject({
      venue: z.string(),
      symbol: z.string(),
      tsMs,
      qty: decimalText,
      price: decimalText,
      rate: decimalText,
      /** + = received, in quote; of an inverse position its value at `price`, in USD. */
      payment: decimalText,
      /** Of an inverse position, in coin. */
      paymentCoin: decimalText.nullable(),
    }),
  ),
  /** Settlements without a price: in no sum. */
  missing: z.array(
    z.strictObject({
      venue: z.string(),
      symbol: z.string(),
      tsMs,
      reason: z.enum(['no-bars', 'no-bar-at-settlement']),
    }),
  ),
  /** Stretches of a position for which no settlement is recorded. */
  unknown: z.array(
    z.strictObject({
      venue: z.string(),
      symbol: z.string(),
      fromMs: tsMs,
      toMs: tsMs,
      reason: z.enum([
        ...(['no-funding', 'before-first-settlement', 'hole', 'after-last-settlement'] as const),
      ]),
    }),
  ),
});

export const fundingForecastSchema = z.strictObject({
  /** Venue time of the forecast. */
  tsMs,
  /** By venue and symbol. */
  forecasts: z.array(
    z.strictObject({
      venue: z.string(),
      symbol: z.string(),
      settlesAtMs: tsMs,
      intervalMs: z.number(),
      /** Per interval. */
      rate: decimalText,
      /** The band that nine of ten settlements should end in. */
      low: decimalText,
      high: decimalText,
      apr: z.number(),
      /** The venue's own estimate. */
      published: decimalText.nullable(),
      /** Fraction of the index. */
      premiumNow: ratio,
      elapsedShare: z.number(),
      basis: z.enum(['estimate-and-premium', 'estimate', 'premium']),
    }),
  ),
  errors: z.array(z.strictObject({ venue: z.string(), message: z.string() })),
});

export type FundingForecast = z.infer<typeof fundingForecastSchema>;
export type FundingHistory = z.infer<typeof fundingHistorySchema>;
export type FundingLedgerAnswer = z.infer<typeof fundingLedgerSchema>;
