// Runs a benchmark in a process group and a directory for temporary files of its own, within a
// time limit: what it started and what it wrote is gone when it has ended, however it ended.
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustBe } from './benches.ts';
import type { Run } from './figures.ts';

/** A busy machine may take so many times as long as a quiet one. */
const slowerMax = 5;
const limitMsMin = 120_000;

export interface Ran {
  readonly title: string;
  readonly run: Run;
}

/** Rejects when the benchmark failed or did not end in time. */
export async function runOnce(name: string): Promise<Ran> {
  const limitMs = Math.max(limitMsMin, mustBe(name).aboutS * 1_000 * slowerMax);
  const dir = mkdtempSync(join(tmpdir(), `farb-bench-${name}-`));
  const child = fork(fileURLToPath(new URL('run-one.ts', import.meta.url)), [name], {
    execArgv: process.execArgv,
    detached: true,
    env: { ...process.env, TMPDIR: dir },
  });
  const end = (): void => killGroup(child);
  const interrupt = (): void => {
    end();
    rmSync(dir, { recursive: true, force: true });
    process.exit(130);
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    return await answerOf(child, limitMs);
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    end();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** `2 min`, of so many runs of these. */
export function aboutText(runs: readonly { readonly name: string; readonly count: number }[]) {
  const seconds = runs.reduce((sum, { name, count }) => sum + count * mustBe(name).aboutS, 0);
  return seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}

function answerOf(child: ChildProcess, limitMs: number): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`did not end within ${Math.round(limitMs / 60_000)} min`));
    }, limitMs);
    child.once('message', (ran: Ran) => {
      clearTimeout(timer);
      resolve(ran);
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`ended with ${code ?? signal}`));
    });
  });
}

/** It and all that it started: each is a group of its own. */
function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left of it.
  }
}
