// One place where the system is killed: a testnet that runs on as a process of its own, a
// configuration that opens pairs at once, a state directory, and the system on them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, SystemStatus } from '../../src/api/contract.ts';
import { recover } from '../../src/app/recover.ts';
import { parseTestnet, type TestnetFile } from '../../src/app/testnet-file.ts';
import type { EngineState } from '../../src/engine/state.ts';
import { makeDirs, type RunningFarb, startFarb } from '../support/farb.ts';

/** Assets whose contracts on Bybit settle every hour. */
const symbols = ['AVAX', 'PEPE'];
export const pairsOpenMax = 2;
/** A horizon of a quarter makes the first carry worth its fees: this is about crashes. */
const params = { horizonMs: 90 * 86_400_000, netEdgeMin: 0, notionalUsd: 1_000 };
/** No campaign runs longer. */
const msMax = 1_800_000;

export interface KillSite {
  readonly file: TestnetFile;
  /** Boots the system; it runs until it is killed or stopped. */
  start(): RunningFarb;
  /** The state as the journal alone has it now. */
  fold(): EngineState;
  command(run: RunningFarb, command: Command): Promise<void>;
  status(run: RunningFarb): Promise<SystemStatus>;
  /** Ends both processes. What failed keeps its files. */
  close(outcome: 'passed' | 'failed'): Promise<void>;
  readonly statePath: string;
}

export interface KillSiteOptions {
  readonly venues: readonly string[];
  readonly speed: number;
  readonly seed: number;
  /** How pairs are worked: with `maker-taker` orders rest when the kill comes. */
  readonly modes: readonly string[];
}

export async function openKillSite(options: KillSiteOptions): Promise<KillSite> {
  const { venues, speed, seed } = options;
  const dirs = makeDirs();
  const config = dirs.fresh('kill-config');
  const files = {
    'main.yaml': {
      api: { port: 0, metricsPort: 0 },
      log: { level: 'error' },
      execution: { modes: options.modes, maker: { patience: '3s' } },
    },
    'exchanges.yaml': { symbols, venues: Object.fromEntries(venues.map((id) => [id, {}])) },
    'strategies.yaml': {
      strategies: ['perp-perp', 'cash-carry'].map((name) => ({
        name,
        params: { ...params, settlementGuardMs: 0 },
      })),
    },
    'risk.yaml': { pairsOpenMax },
  };
  for (const [name, value] of Object.entries(files)) {
    writeFileSync(join(config, name), JSON.stringify(value));
  }
  const args = ['testnet', '--json', '--venues', venues.join(','), '--exit-with-parent'];
  const testnet = startFarb([...args, '--speed', `${speed}`, '--seed', `${seed}`], { msMax });
  const line = await testnet.line(/"venues"/);
  const place = dirs.fresh('kill-testnet');
  const testnetFile = join(place, 'testnet.json');
  writeFileSync(testnetFile, `${line}\n`);
  const state = dirs.fresh('kill-state');
  const apis = new Map<RunningFarb, Promise<string>>();
  let last: RunningFarb | null = null;

  const apiOf = (run: RunningFarb): Promise<string> => {
    const known = apis.get(run);
    if (known !== undefined) return known;
    const url = run.line(/^API /).then((text) => /(http:\S+)\/api\/status/.exec(text)?.[1] ?? '');
    apis.set(run, url);
    return url;
  };
  return {
    file: parseTestnet(line, 'the testnet'),
    start() {
      const place = ['--config', config, '--testnet', testnetFile, '--state', state];
      last = startFarb(['start', ...place, '--json'], { msMax });
      return last;
    },
    fold: () => recover(join(state, 'journal')).state,
    async command(run, command) {
      const url = await apiOf(run);
      const control = readFileSync(join(state, 'control.json'), 'utf8');
      const { token } = JSON.parse(control) as { token: string }; // written by the system
      const answer = await fetch(`${url}/api/commands`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ command }),
      });
      if (answer.status !== 202) throw new Error(`${command}: answered ${answer.status}`);
    },
    async status(run) {
      const answer = await fetch(`${await apiOf(run)}/api/status`);
      return (await answer.json()) as SystemStatus; // our own API
    },
    statePath: state,
    async close(outcome) {
      last?.child.kill('SIGKILL');
      await last?.done;
      testnet.child.kill('SIGTERM');
      await testnet.done;
      if (outcome === 'passed') dirs.remove();
    },
  };
}
