// One run of the system from its state directory to its summary: lock, ports, recovery, trading
// until told to stop, winding down. `farb demo` and `farb start` differ only in what they hand
// in.
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import type { Command, RunSummary, SystemStatus } from '../api/contract.ts';
import { startMetrics } from '../api/metrics.ts';
import { type RunningServer, startApi } from '../api/server.ts';
import { UserError } from '../base/errors.ts';
import type { Clock } from '../domain/ports.ts';
import { systemClock, testnetClock } from '../io/clock.ts';
import type { DriverLog } from '../io/driver-types.ts';
import { openStateDir, type StateDir, writeDurably } from '../store/state-dir.ts';
import { type BrokenVenue, type VenueSetup, venueSetups, venueSetupsToClose } from './compose.ts';
import type { Config } from './config.ts';
import { parseFailpoint } from './failpoint.ts';
import { isFlat, outOfReach } from './flat.ts';
import { type Heartbeat, startHeartbeat } from './heartbeat.ts';
import { putOffline } from './offline.ts';
import { requireOwnKind } from './paper-state.ts';
import { publicSetups } from './public-setups.ts';
import { withJournalToClose } from './safe-journal.ts';
import { type RunningSystem, startSystem } from './system.ts';
import type { TestnetFile } from './testnet-file.ts';

export interface RunOptions {
  readonly config: Config;
  readonly mode: 'testnet' | 'paper' | 'live';
  readonly testnet: TestnetFile | null;
  readonly statePath: string;
  /** 0 = any free port. */
  readonly apiPort: number;
  readonly metricsPort: number;
  /** When winding down begins, on the clock of `performance.now()`; null = when told. */
  readonly stopAtMs: number | null;
  /** For closing what is open; the last reconciliation comes on top. */
  readonly windDownMs: number;
  readonly stop: AbortSignal;
  /** Rejects when something that the run needs is gone. */
  readonly broken: Promise<never>;
  readonly log: DriverLog;
  /** Sent before anything else, then the run goes on until everything is closed. */
  readonly command: Command | null;
  /** Venues of the configuration that cannot be reached because of a mistake in it. */
  readonly absent?: readonly BrokenVenue[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Called once it runs; the returned function is called before the summary. */
  readonly show: (run: RunView) => () => void;
}

export interface RunView {
  readonly statePath: string;
  readonly apiUrl: string;
  readonly metricsUrl: string;
  readonly system: RunningSystem;
}

export interface RunResult {
  readonly summary: RunSummary;
  readonly status: SystemStatus;
  readonly interrupted: boolean;
  /** No pair and no position of a perpetual is open, and every venue was compared. */
  readonly flat: boolean;
  /** Enabled venues that had no part in it, because of a mistake in their configuration. */
  readonly absent: readonly BrokenVenue[];
  /** It closed without its journal: what its profit came from cannot be said. */
  readonly fromVenuesAlone: boolean;
}

/** A run that ended by a bug or a full disk: where its journal is, is part of the message. */
export class RunFailed extends Error {
  override readonly name = 'RunFailed';
}

const pollMs = 50;
/** A flatten waits so long for a venue that is out of reach, then ends without it (wall). */
const reachMsMax = 15_000;

export async function run(options: RunOptions): Promise<RunResult> {
  const toClose = options.command === 'halt-flatten';
  const { setups, broken } = setupsOf(options, toClose);
  const opened = await openStateDir(options.statePath);
  try {
    requireOwnKind(opened, options.mode);
  } catch (thrown) {
    await opened.release();
    throw thrown;
  }
  const stateDir = toClose ? withJournalToClose(opened, options.log) : opened;
  const servers: RunningServer[] = [];
  const heartbeat = startHeartbeat(stateDir);
  try {
    const absent = [...broken, ...(options.absent ?? [])];
    const result = await runIn(stateDir, servers, setups, { ...options, absent, heartbeat });
    heartbeat.stopped(result.summary.pairs.open);
    return result;
  } catch (thrown) {
    heartbeat.failed();
    if (thrown instanceof UserError) throw thrown;
    const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    throw new RunFailed(
      `the system stopped: ${text}. Its journal is ${stateDir.journalPath}: ` +
        '"farb replay" reads it, and the next start recovers from it.',
      { cause: thrown },
    );
  } finally {
    await Promise.allSettled(servers.map((server) => server.stop()));
    await stateDir.release();
  }
}

function setupsOf({ config, mode, testnet }: RunOptions, toClose: boolean) {
  // No order leaves: keys that are there are not even handed on.
  if (mode === 'paper') return { setups: publicSetups(config, testnet), broken: [] };
  if (toClose) return venueSetupsToClose(config, testnet);
  return { setups: venueSetups(config, testnet), broken: [] };
}

async function runIn(
  stateDir: StateDir,
  servers: RunningServer[],
  setups: readonly VenueSetup[],
  options: RunOptions & { readonly heartbeat: Heartbeat },
): Promise<RunResult> {
  const { config, testnet, log } = options;
  const clock: Clock = testnet === null ? systemClock() : testnetClock(testnet.clock);
  const token = randomBytes(24).toString('hex');
  let system: RunningSystem | null = null;
  const { api: hosts } = config.main;
  const api = await startApi({
    system: () => system,
    host: hosts.host,
    port: options.apiPort,
    portSetting: `${config.dir}/main.yaml: api.port`,
    token,
  });
  servers.push(api);
  const metrics = await startMetrics({
    system: () => system,
    host: hosts.metricsHost,
    port: options.metricsPort,
    portSetting: `${config.dir}/main.yaml: api.metricsPort`,
  });
  servers.push(metrics);

  if (existsSync(stateDir.haltPath)) {
    putOffline({ stateDir, clock, command: 'halt', by: 'the halted marker' });
    log.warn({ marker: stateDir.haltPath }, 'starts halted: farb resume lifts it');
  }
  system = await startSystem({
    config,
    mode: options.mode,
    setups,
    clock,
    stateDir,
    seed: testnet?.seed ?? null,
    marketHash: testnet?.marketHash ?? null,
    log,
    failpoint: parseFailpoint(options.env['FARB_FAILPOINT']),
    onlyToClose: options.command === 'halt-flatten',
    absent: options.absent ?? [],
  });
  options.heartbeat.started();
  const control = { url: api.url, token, pid: process.pid };
  writeDurably(stateDir.controlPath, `${JSON.stringify(control)}\n`);
  log.info({ api: api.url, metrics: metrics.url, state: stateDir.path }, 'the system runs');
  const hide = options.show({
    statePath: stateDir.path,
    apiUrl: api.url,
    metricsUrl: metrics.url,
    system,
  });
  try {
    if (options.command !== null) system.command(options.command, 'farb');
    await Promise.race([
      ended(system, options),
      system.failed,
      options.broken,
      options.heartbeat.lost,
    ]);
    const interrupted = options.stop.aborted;
    // What is still open after a flatten is at venues that nobody reaches.
    const windDownMs = options.command === 'halt-flatten' ? 0 : options.windDownMs;
    const stopping = system.stop({ windDownMs });
    const summary = await Promise.race([stopping, system.failed]);
    const status = system.status();
    hide();
    const absent = options.absent ?? [];
    const { state } = system;
    const { fromVenuesAlone } = state;
    return { summary, status, interrupted, flat: isFlat(state), absent, fromVenuesAlone };
  } finally {
    hide();
    rmSync(stateDir.controlPath, { force: true });
  }
}

/** Time is up, told to stop, or (with a command) nothing is left that could be closed. */
async function ended(system: RunningSystem, options: RunOptions): Promise<void> {
  const { stop, stopAtMs, command } = options;
  const { state } = system;
  const missing = new Set(options.absent?.map(({ venue }) => venue));
  const reachByMs = performance.now() + reachMsMax;
  while (!stop.aborted) {
    if (stopAtMs !== null && performance.now() >= stopAtMs) return;
    if (command === 'halt-flatten') {
      if (performance.now() > reachByMs) for (const id of outOfReach(state)) missing.add(id);
      if (isFlat(state, missing)) return;
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
