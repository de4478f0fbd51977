// `farb demo`: the local exchanges as a process of their own and the system trading on them, in a
// state directory and on ports that nobody has to choose.
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunSummary } from '../api/contract.ts';
import { UserError } from '../base/errors.ts';
import type { DriverLog } from '../io/driver-types.ts';
import { journalPathOf } from '../store/state-dir.ts';
import type { Config } from './config.ts';
import type { RunOptions, RunResult, RunView } from './run.ts';
import { startedMs } from './started.ts';
import { startTestnetChild, type TestnetChild } from './testnet-child.ts';
import type { TestnetFile } from './testnet-file.ts';

/** 1 venue hour in 5 s. */
export const demoSpeed = 720;
/** Kept at the end of `--for` for closing the pairs and the last reconciliation (wall). */
export const demoReserveMs = 12_000;
const windDownMs = 7_000;

export interface DemoOptions {
  readonly config: Config;
  readonly speed: number | null;
  readonly seed: number;
  readonly dataDir: string | null;
  readonly from: string | null;
  readonly statePath: string | null;
  /** Wall time of the whole command after installation; null = until interrupted. */
  readonly forMs: number | null;
  readonly stop: AbortSignal;
  readonly log: (statePath: string) => DriverLog;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly show: (demo: DemoView) => () => void;
}

export interface DemoView extends RunView {
  readonly testnet: TestnetFile;
}

/** A UserError when the directory holds books already. */
export async function demo(options: DemoOptions): Promise<RunResult> {
  if (options.statePath !== null) requireNew(options.statePath);
  const statePath = options.statePath ?? mkdtempSync(join(tmpdir(), 'farb-demo-'));
  // The system is loaded while the exchanges start.
  const [child, { run }] = await Promise.all([
    startTestnetChild(testnetArgs(options)),
    import('./run.ts'),
  ]);
  try {
    return await run(runOptions(child, statePath, options));
  } finally {
    await child.stop();
  }
}

/** The exchanges of an earlier demo ended with it: new ones know nothing of what it traded. */
function requireNew(statePath: string): void {
  const journal = journalPathOf(statePath);
  if (!existsSync(journal) || readdirSync(journal).length === 0) return;
  throw new UserError(
    `--state ${statePath}: it holds the books of an earlier run, and a demo starts new exchanges ` +
      'that know nothing of them. Name a new directory, or none for a temporary one; ' +
      `"farb replay ${statePath}" still reads this one.`,
  );
}

function runOptions(child: TestnetChild, statePath: string, options: DemoOptions): RunOptions {
  const { forMs } = options;
  return {
    config: options.config,
    mode: 'testnet',
    testnet: child.file,
    statePath,
    apiPort: 0,
    metricsPort: 0,
    stopAtMs: forMs === null ? null : startedMs() + Math.max(forMs - demoReserveMs, forMs / 2),
    windDownMs,
    stop: options.stop,
    broken: child.failed,
    log: options.log(statePath),
    command: null,
    env: options.env,
    show: (view) => {
      // So that `farb start --testnet FILE` and the reader can use the same exchanges.
      writeFileSync(join(statePath, 'testnet.json'), `${child.line}\n`);
      return options.show({ ...view, testnet: child.file });
    },
  };
}

function testnetArgs({ speed, seed, dataDir, from }: DemoOptions): readonly string[] {
  const args = ['--seed', String(seed)];
  if (dataDir !== null) args.push('--data', dataDir);
  if (from !== null) args.push('--from', from);
  if (speed !== null) args.push('--speed', String(speed));
  // Recorded history has a speed of its own: ten venue days and more within the usual 90 s.
  else if (dataDir === null) args.push('--speed', String(demoSpeed));
  return args;
}

/** What a run must not end with; empty = it ended well. */
export function complaintsOf(summary: RunSummary): readonly string[] {
  const complaints: string[] = [];
  for (const [what, result] of Object.entries(summary.reconcile)) {
    if (result !== 'match') complaints.push(`${what} differ: ${result.join('; ')}`);
  }
  if (summary.pairs.open > 0) complaints.push(`pairs still open: ${summary.pairs.open}`);
  if (summary.ledgerResidual !== '0') {
    complaints.push(`the ledger does not sum to zero: ${summary.ledgerResidual}`);
  }
  const residual = Math.abs(Number(summary.pnl.residual));
  if (!(residual <= Number(summary.attributionTolerance))) {
    complaints.push(
      `profit without a cause: ${summary.pnl.residual} USD, ` +
        `tolerance ${summary.attributionTolerance}`,
    );
  }
  if (summary.nakedDeltaMsMax > summary.budgets.nakedDeltaMs) {
    complaints.push(
      `a pair was unbalanced for ${summary.nakedDeltaMsMax} ms, ` +
        `the budget is ${summary.budgets.nakedDeltaMs} ms`,
    );
  }
  return complaints;
}
