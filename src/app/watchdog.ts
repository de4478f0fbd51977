// The watchdog's work: waits until the heartbeat of a state directory falls silent, takes the
// lease, marks the directory halted and cancels what rests under the installation's ids. It must
// never send anything while another process holds the lock: one sender per directory.
import { messageOf } from '../base/errors.ts';
import { parseOrderId } from '../execution/order-id.ts';
import { type CancelReport, cancelOwn } from '../io/cancel-own.ts';
import { systemClock } from '../io/clock.ts';
import type { DriverLog } from '../io/driver-types.ts';
import { openStateDir, type StateDir, StateDirHeld } from '../store/state-dir.ts';
import { type VenueSetup, venueSetups } from './compose.ts';
import type { Config } from './config.ts';
import { markHalted } from './control.ts';
import { readBeat } from './heartbeat.ts';
import type { TestnetFile } from './testnet-file.ts';
import { ageMsOf, judge, look, type Watched } from './watchdog-judge.ts';

const pollMs = 250;
/** A holder that only passes by (a resume, a boot that fails) is gone by then. */
const lockWaitMsMax = 5_000;
/** One venue that does not answer must not hold up the closing at the others. */
const cancelMsMax = 20_000;

export interface WatchdogOptions {
  readonly config: Config;
  readonly testnet: TestnetFile | null;
  readonly statePath: string;
  readonly afterMs: number;
  readonly stop: AbortSignal;
  readonly log: DriverLog;
  /** Told once the watch began, and of every alert. */
  readonly tell: (text: string) => void;
}

export type WatchdogResult =
  | { readonly outcome: 'ended'; readonly pairsOpen: number | null }
  | { readonly outcome: 'interrupted' }
  /** Silent, but its process lives and holds the lock: nothing was sent. */
  | { readonly outcome: 'hung'; readonly ageMs: number; readonly pid: number | null }
  | {
      readonly outcome: 'acted';
      readonly ageMs: number;
      readonly pid: number | null;
      readonly cancelled: Readonly<Record<string, CancelReport>>;
    };

export async function watch(options: WatchdogOptions): Promise<WatchdogResult> {
  const { statePath, afterMs, stop, tell } = options;
  const setups = venueSetups(options.config, options.testnet); // fails now, not in the crisis
  tell(`watching ${statePath}: acts after ${afterMs} ms without a heartbeat`);
  let watched: Watched | null = null;
  while (!stop.aborted) {
    watched = look(watched, readBeat(statePath), moment());
    const verdict = judge(watched, performance.now(), afterMs);
    if (verdict === 'ended') {
      const { beat } = watched;
      return { outcome: 'ended', pairsOpen: typeof beat === 'object' ? beat.pairsOpen : null };
    }
    if (verdict === 'act') {
      const result = await act(watched, setups, options);
      if (result !== null) return result;
      watched = null; // it lives again
    }
    await sleep(pollMs);
  }
  return { outcome: 'interrupted' };
}

/** Null: the system, or another one, came back while the lock was waited for. */
async function act(
  watched: Watched,
  setups: readonly VenueSetup[],
  { statePath, log, tell }: WatchdogOptions,
): Promise<WatchdogResult | null> {
  const ageMs = Math.round(ageMsOf(watched, performance.now()));
  const pid = typeof watched.beat === 'object' ? watched.beat.pid : null;
  const lease = await leaseOf(watched, statePath);
  if (lease === 'alive') return null;
  markHalted(statePath, 'farb watchdog');
  if (lease === 'held') {
    tell(
      `ALERT no heartbeat for ${ageMs} ms, but process ${pid ?? '?'} lives and holds ` +
        `${statePath}: nothing was sent, because two may not trade for one directory. What rests ` +
        "is cancelled by the venues' dead-man switches where there are any (Binance USD-M, OKX). " +
        `To take over: kill -9 ${pid ?? 'PID'}, then farb halt --flatten`,
    );
    return { outcome: 'hung', ageMs, pid };
  }
  try {
    tell(`ALERT no heartbeat for ${ageMs} ms, process ${pid ?? '?'} is gone: halted, cancelling`);
    const cancelled = await cancelEverywhere(lease, setups, log);
    for (const [venue, { ok, found, left, error }] of Object.entries(cancelled)) {
      if (ok) tell(`${venue}: ${found.length} open orders of ours cancelled, none left`);
      else tell(`ALERT ${venue}: orders may still rest (${left.join(', ') || error})`);
    }
    return { outcome: 'acted', ageMs, pid, cancelled };
  } finally {
    await lease.release();
  }
}

async function leaseOf(watched: Watched, statePath: string): Promise<StateDir | 'held' | 'alive'> {
  const untilMs = performance.now() + lockWaitMsMax;
  for (;;) {
    if (look(watched, readBeat(statePath), moment()) !== watched) return 'alive';
    try {
      return await openStateDir(statePath);
    } catch (thrown) {
      if (!(thrown instanceof StateDirHeld)) throw thrown;
      if (performance.now() > untilMs) return 'held';
    }
    await sleep(pollMs);
  }
}

async function cancelEverywhere(
  { installation }: StateDir,
  setups: readonly VenueSetup[],
  log: DriverLog,
): Promise<Readonly<Record<string, CancelReport>>> {
  const isOurs = (id: string): boolean => parseOrderId(id)?.installation === installation;
  const reports = await Promise.all(
    setups.map(async (setup): Promise<readonly [string, CancelReport]> => {
      const { id, credentials, endpoints } = setup;
      if (setup.driver === 'ccxt') return [id, unsent('a venue behind ccxt: not covered')];
      if (credentials === null) return [id, unsent('no API key')];
      const { spec, markets } = setup;
      const clock = systemClock();
      const work = cancelOwn({ spec, endpoints, credentials, markets, clock, isOurs, log });
      const late = sleep(cancelMsMax).then(() => unsent(`not done within ${cancelMsMax} ms`));
      try {
        return [id, await Promise.race([work, late])];
      } catch (thrown) {
        return [id, unsent(messageOf(thrown))];
      }
    }),
  );
  return Object.fromEntries(reports);
}

function unsent(error: string): CancelReport {
  return { ok: false, found: [], left: [], foreign: 0, error };
}

function moment(): { readonly wallMs: number; readonly monotonicMs: number } {
  return { wallMs: Date.now(), monotonicMs: performance.now() };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
