// Checks a data directory: every series row by row, and every file against the sha256 that the
// store's manifest, or a SOURCES.json beside csv files, has for it.
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { messageOf, UserError } from '../base/errors.ts';
import { checkColumns, type Finding } from '../history/check.ts';
import type { Selection } from '../history/data-set.ts';
import { openData } from './data-source.ts';
import { filesBelow, isCsvName } from './files.ts';
import { readManifest } from './manifest.ts';
import { sha256Of } from './store.ts';

export interface VerifyReport {
  readonly dir: string;
  readonly series: number;
  readonly rows: number;
  /** Files whose sha256 was known and compared. */
  readonly filesCompared: number;
  /** Errors first. */
  readonly findings: readonly Finding[];
  /** No error among the findings. */
  readonly ok: boolean;
}

export async function verifyData(dir: string, selection: Selection = {}): Promise<VerifyReport> {
  const known = knownSums(dir);
  const broken: Finding[] = [];
  for (const [file, sha256] of known) {
    const message = await compare(join(dir, file), sha256);
    if (message === null) continue;
    const about = { check: 'sha256', severity: 'error', count: 1, firstMs: null } as const;
    broken.push({ where: file, ...about, message });
  }
  // A file that is not what it was may not even be readable.
  const all = broken.length > 0 ? [] : await (await openData(dir)).raw(selection);
  const findings = [...broken, ...all.flatMap(checkColumns)];
  const rank = { error: 0, warning: 1, note: 2 };
  return {
    dir,
    series: all.length,
    rows: all.reduce((sum, { values }) => sum + (values[0]?.length ?? 0), 0),
    filesCompared: known.size,
    findings: findings.sort((a, b) => rank[a.severity] - rank[b.severity]),
    ok: findings.every(({ severity }) => severity !== 'error'),
  };
}

async function compare(path: string, sha256: string): Promise<string | null> {
  if (!existsSync(path)) return 'the file is gone; import its source again';
  const found = await sha256Of(path);
  return found === sha256 ? null : `sha256 is ${found}, not ${sha256}; import its source again`;
}

/** sha256 by file below the directory. */
function knownSums(dir: string): ReadonlyMap<string, string> {
  const manifest = readManifest(dir);
  if (manifest !== null) {
    const parts = Object.values(manifest.series).flatMap((series) => series.parts);
    return new Map(parts.map(({ file, sha256 }) => [file, sha256]));
  }
  const path = join(dir, 'SOURCES.json');
  if (!existsSync(path)) return new Map();
  try {
    const { files } = sourcesSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    const here = new Set(filesBelow(dir, isCsvName).map((file) => basename(file)));
    return new Map(files.filter(({ file }) => here.has(file)).map((f) => [f.file, f.sha256]));
  } catch (thrown) {
    throw new UserError(`${path} does not read: ${messageOf(thrown)}; mend or remove it`);
  }
}

const sourcesSchema = z.object({
  files: z.array(z.object({ file: z.string(), sha256: z.string() })),
});
