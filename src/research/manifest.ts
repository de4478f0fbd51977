// What a Parquet store holds, in one file that is replaced whole: `farb-data.json`. Data files are
// never changed: a new one is written beside the old, the manifest is switched, then the old one
// goes. So a store that was killed at any moment is what it was before or after.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, UserError } from '../base/errors.ts';
import { marketNames, seriesKinds } from '../history/series.ts';
import { writeDurably } from '../store/state-dir.ts';

const partSchema = z.object({
  /** Below the store's directory, with slashes. */
  file: z.string(),
  rows: z.number().int().positive(),
  firstMs: z.number(),
  lastMs: z.number(),
  sha256: z.string(),
});

const seriesSchema = z.object({
  id: z.object({
    kind: z.enum(seriesKinds),
    venue: z.string().min(1),
    market: z.enum(marketNames),
    symbol: z.string().min(1),
    interval: z.string().nullable(),
  }),
  /** Funding and bars have one; quotes and trades as many as imports brought. */
  parts: z.array(partSchema).min(1),
  /** Names of the files that its rows came from, or "pulled". */
  sources: z.array(z.string()),
});

const manifestSchema = z.object({
  format: z.literal(1),
  /** By name. */
  series: z.record(z.string(), seriesSchema),
  /** Files that were imported, by sha256 and what their path says. */
  imported: z.record(z.string(), z.object({ file: z.string(), rows: z.number().int() })),
  /** What was pulled without a hole, [fromMs, toMs), by series. */
  pulled: z.record(z.string(), z.object({ fromMs: z.number(), toMs: z.number() })).default({}),
});

export type StoredPart = z.infer<typeof partSchema>;
export type StoredSeries = z.infer<typeof seriesSchema>;
export type Manifest = z.infer<typeof manifestSchema>;

const fileName = 'farb-data.json';

/** Null where there is no store; throws on one that cannot be read. */
export function readManifest(dir: string): Manifest | null {
  const path = join(dir, fileName);
  if (!existsSync(path)) return null;
  try {
    return manifestSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (thrown) {
    const why = thrown instanceof z.ZodError ? z.prettifyError(thrown) : messageOf(thrown);
    throw new UserError(
      `${path} is not the manifest of a store (${why}); restore it, or import into a new directory`,
    );
  }
}

export function writeManifest(dir: string, manifest: Manifest): void {
  writeDurably(join(dir, fileName), `${JSON.stringify(manifest, null, 1)}\n`);
}
