// Closes everything of a state directory whose system is down: boots one of its own, halted, that
// closes, compares the books and ends. It takes the directory's lock: never beside another sender.
import type { RunSummary } from '../api/contract.ts';
import type { Config, ConfigToClose } from '../app/config.ts';
import { complaintsOf } from '../app/demo.ts';
import { modeOf } from '../app/mode.ts';
import { isPaperState } from '../app/paper-state.ts';
import { run } from '../app/run.ts';
import type { TestnetFile } from '../app/testnet-file.ts';
import { makeLog } from './io.ts';

/** For closing everything (wall). */
export const flattenMsMax = 60_000;
const windDownMs = 10_000;

export interface CloseOffline {
  readonly config: Config;
  /** Venues that a mistake in the configuration puts out of reach. */
  readonly broken: ConfigToClose['broken'];
  readonly testnet: TestnetFile | null;
  readonly statePath: string;
  readonly stop: AbortSignal;
}

export interface ClosedOffline {
  readonly open: number;
  readonly summary: RunSummary;
  /** Empty = flat, and the books match the venues. */
  readonly complaints: readonly string[];
}

export async function closeOffline(options: CloseOffline): Promise<ClosedOffline> {
  const { config, broken, testnet, statePath, stop } = options;
  // Closing is what the operator asks for: it needs no second consent.
  const mode = modeOf(config, {
    mode: isPaperState(statePath) ? 'paper' : null,
    hasTestnet: testnet !== null,
    yesTradeRealMoney: true,
  });
  const { summary, flat, absent, fromVenuesAlone } = await run({
    config,
    mode,
    testnet,
    statePath,
    apiPort: 0,
    metricsPort: 0,
    stopAtMs: performance.now() + flattenMsMax,
    windDownMs,
    stop,
    broken: new Promise(() => undefined),
    log: makeLog('warn', null),
    command: 'halt-flatten',
    absent: broken,
    env: process.env,
    show: () => () => undefined,
  });
  const { open } = summary.pairs;
  const pnl = { ...summary.pnl, ...(fromVenuesAlone ? { residual: '0' } : {}) };
  const complaints = [...complaintsOf({ ...summary, pnl })];
  for (const { venue, reason } of absent) {
    complaints.push(`${venue} is not configured, so nothing was closed there: ${reason}`);
  }
  if (!flat && complaints.length === 0) complaints.push('a position is still open at a venue');
  return { open, summary, complaints };
}
