// Importing the whole recorded data into a fresh store, in a process of its own, so that its memory
// is what the operating system counted for it. The floor unpacks the same files and does nothing.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { openData } from '../src/research/data-source.ts';
import { importData } from '../src/research/import.ts';
import { hasRealData, noRealData, realDataDir } from '../test/support/real-data.ts';
import type { Bench, Row } from './measure.ts';

const here = fileURLToPath(import.meta.url);

export const dataBench: Bench = {
  title: 'research data',
  run() {
    if (!hasRealData) return [row('import of the recorded data', null, 'ms', null, noRealData)];
    const floorMs = unpackMs();
    const { importMs, readMs, rows, rssMb } = measured();
    return [
      row('unpacking the files, nothing else', floorMs, 'ms', 1, ''),
      row('farb data import', importMs, 'ms', importMs / floorMs, `${rows} rows to Parquet`),
      row('reading the store into memory', readMs, 'ms', readMs / floorMs, 'all series, all rows'),
      row('largest resident set of both', rssMb * 1_048_576, 'bytes', null, `${rssMb} MB`),
    ];
  },
};

interface Measured {
  readonly importMs: number;
  readonly readMs: number;
  readonly rows: number;
  readonly rssMb: number;
}

function measured(): Measured {
  const { stdout, stderr } = spawnSync(process.execPath, [...process.execArgv, here, 'child'], {
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(`the import failed: ${stderr}`);
  return JSON.parse(stdout) as Measured; // printed below
}

async function measure(): Promise<Measured> {
  const dir = mkdtempSync(join(tmpdir(), 'farb-bench-data-'));
  try {
    const { elapsedMs: importMs, rowsAdded: rows } = await importData({
      ...{ paths: [realDataDir], dir, market: null },
      ...{ stop: new AbortController().signal, onProgress: () => undefined },
    });
    const startedMs = performance.now();
    await (await openData(dir)).load();
    const readMs = performance.now() - startedMs;
    const rssMb = Math.round(process.resourceUsage().maxRSS / 1_024);
    return { importMs, readMs, rows, rssMb };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function unpackMs(): number {
  const startedMs = performance.now();
  for (const name of readdirSync(realDataDir)) {
    if (name.endsWith('.gz')) gunzipSync(readFileSync(join(realDataDir, name)));
  }
  return performance.now() - startedMs;
}

function row(
  name: string,
  value: number | null,
  unit: Row['unit'],
  ratio: number | null,
  note: string,
): Row {
  return { name, value, unit, ratio, note };
}

if (process.argv[2] === 'child') process.stdout.write(JSON.stringify(await measure()));
