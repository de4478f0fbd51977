// Recovery of a journal of ten million records: the boot that no snapshot spares anything, and one
// from the newest snapshot, beside the least that any reading of the same files costs. The journal
// is written first (2.9 GB in the directory for temporary files) and removed at the end. By name
// only. `FARB_BENCH_RECORDS=200000` for a shorter one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordsOfRun } from './journal-records.ts';
import { recoveryRows } from './journal-recovery.ts';
import type { Bench } from './measure.ts';

const records = Number(process.env['FARB_BENCH_RECORDS'] ?? 10_000_000);

export const recoveryBench: Bench = {
  title: 'recovery of a long journal',
  run() {
    const dir = mkdtempSync(join(tmpdir(), 'farb-bench-recovery-'));
    try {
      return recoveryRows(recordsOfRun(), dir, records);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
};
