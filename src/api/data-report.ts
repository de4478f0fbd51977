// The answers of `farb data import|list|verify --json`: one schema each, published in docs/schemas.
// Counts are numbers, times epoch ms.
import { z } from 'zod';

const count = z.number().int().nonnegative();
const tsMs = z.number();

/** What identifies a series, and its name: "okx/bars/mark/1h/BTC-USDT-SWAP". */
const series = {
  name: z.string(),
  kind: z.enum(['funding', 'bars', 'quotes', 'trades']),
  venue: z.string(),
  market: z.enum(['spot', 'perp', 'mark', 'index', 'unknown']),
  symbol: z.string(),
  /** Of bars, else null. */
  interval: z.string().nullable(),
};

export const dataListSchema = z.strictObject({
  dir: z.string(),
  rows: count,
  series: z.array(
    z.strictObject({
      ...series,
      rows: count,
      firstMs: tsMs,
      lastMs: tsMs,
      /** Bars or settlements that ought to be there: none of quotes and trades. */
      missing: count,
      gapCount: count,
      /** The longest first, at most 100. */
      gaps: z.array(z.strictObject({ afterMs: tsMs, untilMs: tsMs, missing: count })),
      intervals: z.array(z.strictObject({ intervalMs: z.number(), rows: count })),
      intervalChanges: count,
    }),
  ),
});

export const dataVerifySchema = z.strictObject({
  dir: z.string(),
  /** No error among the findings. */
  ok: z.boolean(),
  series: count,
  rows: count,
  /** Files whose sha256 was known and compared. */
  filesCompared: count,
  findings: z.array(
    z.strictObject({
      /** Series, or file. */
      where: z.string(),
      check: z.enum([
        ...(['sha256', 'order', 'duplicates', 'conflicts', 'prices', 'ohlc', 'crossed'] as const),
        ...(['outliers', 'gaps', 'interval-changes'] as const),
      ]),
      severity: z.enum(['error', 'warning', 'note']),
      count,
      firstMs: tsMs.nullable(),
      message: z.string(),
    }),
  ),
});

const rowCounts = {
  rowsAdded: count,
  /** Rows that the store had, with the same values. */
  duplicates: count,
  /** Rows that contradict one of the store, which stays. */
  conflicts: count,
  /** The first of them; values in the order of the columns, null = not known. */
  conflictsShown: z.array(
    z.strictObject({
      series: z.string(),
      tsMs,
      kept: z.array(z.number().nullable()),
      dropped: z.array(z.number().nullable()),
    }),
  ),
};

export const dataImportSchema = z.strictObject({
  dir: z.string(),
  files: z.array(
    z.strictObject({
      file: z.string(),
      /** How it was read; null unless imported. */
      format: z.string().nullable(),
      /** known = imported before, by its sha256; unrecognized = left alone. */
      outcome: z.enum(['imported', 'known', 'unrecognized', 'failed']),
      rows: count,
      message: z.string().nullable(),
    }),
  ),
  ...rowCounts,
  /** In the store now. */
  series: count,
  elapsedMs: z.number(),
  interrupted: z.boolean(),
});

export const dataPullSchema = z.strictObject({
  dir: z.string(),
  series: z.array(
    z.strictObject({
      name: z.string(),
      venue: z.string(),
      /** Rows that came, whether or not the store had them. */
      rows: count,
      /** What is pulled now without a hole, [fromMs, toMs). */
      pulled: z.strictObject({ fromMs: tsMs, toMs: tsMs }).nullable(),
      /** Null = everything asked for came. */
      error: z.string().nullable(),
    }),
  ),
  /** Venues that could not be asked. */
  errors: z.array(z.strictObject({ venue: z.string(), message: z.string() })),
  ...rowCounts,
  elapsedMs: z.number(),
  interrupted: z.boolean(),
});

export type DataPull = z.infer<typeof dataPullSchema>;
export type DataList = z.infer<typeof dataListSchema>;
export type DataVerify = z.infer<typeof dataVerifySchema>;
export type DataImport = z.infer<typeof dataImportSchema>;
