// Where the recorded market data is, which is not shipped: ../shared/data from the repository's
// root, or FARB_DATA. Tests that need it say so and are skipped.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const realDataDir =
  process.env['FARB_DATA'] ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));

export const hasRealData = existsSync(realDataDir);

/** For `ctx.skip(!hasRealData, noRealData)`. */
export const noRealData = `no recorded data at ${realDataDir}: set FARB_DATA`;
