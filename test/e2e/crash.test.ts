// kill -9 at every named state of a pair, before and after the journal append and after the send,
// while the testnet runs on: the next start resolves what is open and ends matched with the venues.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunSummary } from '../../src/api/contract.ts';
import { type RunningTestnet, runTestnet } from '../../src/testnet/run.ts';

const speed = 20;
const config = {
  'main.yaml': { api: { port: 0, metricsPort: 0 }, log: { level: 'warn' } },
  'exchanges.yaml': {
    symbols: ['BTC', 'ETH', 'SOL'],
    venues: {},
  },
  'strategies.yaml': {
    strategies: [
      // A horizon of a month makes the first carry worth its fees at once: this is about crashes.
      {
        name: 'cash-carry',
        params: {
          horizonMs: 90 * 86_400_000,
          netEdgeMin: 0,
          notionalUsd: 1000,
          settlementGuardMs: 0,
        },
      },
      {
        name: 'perp-perp',
        params: {
          horizonMs: 90 * 86_400_000,
          netEdgeMin: 0,
          notionalUsd: 1000,
          settlementGuardMs: 0,
        },
      },
    ],
  },
  'risk.yaml': { pairsOpenMax: 2 },
};

let dir = '';
beforeAll(() => {
  execFileSync(process.execPath, ['scripts/run.mjs', 'build'], { stdio: 'ignore' });
  dir = mkdtempSync(join(tmpdir(), 'farb-crash-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** One case's own testnet, configuration and state, so that cases may run side by side. */
interface Site {
  readonly path: string;
  readonly testnet: RunningTestnet;
}

async function openSite(
  name: string,
  options: { readonly venues: readonly string[]; readonly faults: readonly object[] },
): Promise<Site> {
  const path = join(dir, name);
  mkdirSync(join(path, 'config'), { recursive: true });
  // What a fault is to refuse goes over the path that the fault names.
  const venueConfig = options.faults.length > 0 ? { orderEntry: 'rest' } : {};
  const venues = Object.fromEntries(options.venues.map((venue) => [venue, venueConfig]));
  const exchanges = { ...config['exchanges.yaml'], venues };
  // A leg breaks when both are taken at once and one of them is refused.
  const modes = options.faults.length > 0 ? { execution: { modes: ['taker-taker'] } } : {};
  const main = { ...config['main.yaml'], ...modes };
  const files = { ...config, 'main.yaml': main, 'exchanges.yaml': exchanges };
  for (const [file, value] of Object.entries(files)) {
    writeFileSync(join(path, 'config', file), JSON.stringify(value));
  }
  const faultsFile = join(path, 'faults.json');
  writeFileSync(faultsFile, JSON.stringify(options.faults));
  const testnet = await runTestnet({ venues: options.venues, speed, seed: 7, faultsFile });
  writeFileSync(join(path, 'testnet.json'), `${JSON.stringify(testnet.describe())}\n`);
  return { path, testnet };
}

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** The API's address, once it says it. */
  readonly api: Promise<string>;
}

function start({ path }: Site, options: { forS: number; failpoint?: string }): Started {
  const args = ['dist/cli/main.js', 'start', '--config', join(path, 'config')];
  args.push('--testnet', join(path, 'testnet.json'), '--state', join(path, 'state'), '--json');
  args.push('--for', `${options.forS}s`);
  const env = { ...process.env, FARB_FAILPOINT: options.failpoint ?? '' };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  let tellApi: (url: string) => void = () => {};
  const api = new Promise<string>((resolve) => {
    tellApi = resolve;
  });
  child.stdout.on('data', (bytes: Buffer) => {
    stdout += bytes.toString();
  });
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes.toString();
    const url = /API (http:\/\/[^/\s]+)/.exec(stderr)?.[1];
    if (url !== undefined) tellApi(url);
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, ended, api };
}

async function expectResolved(site: Site): Promise<RunSummary> {
  const after = await start(site, { forS: 14 }).ended;
  expect(after.stderr.split('\n').filter((line) => /^farb: (?!compil)/.test(line))).toEqual([]);
  expect(after.code, after.stderr + after.stdout).toBe(0);
  const summary = JSON.parse(after.stdout) as RunSummary; // the system's own output
  expect(summary.reconcile).toEqual({ positions: 'match', balances: 'match', orders: 'match' });
  expect(summary.ledgerResidual).toBe('0');
  expect(summary.pairs.open).toBe(0);
  expect(summary.orders.unknown).toBe(0);
  expect(Math.abs(Number(summary.pnl.residual))).toBeLessThanOrEqual(
    Number(summary.attributionTolerance),
  );
  return summary;
}

const moments = ['before-append', 'after-append', 'after-send'] as const;

describe('a crash while the venues answer', () => {
  const phases = ['opening', 'open', 'closing', 'unwinding', 'closed'];
  const cases = phases.flatMap((phase) => moments.map((moment) => [phase, moment] as const));
  it.concurrent.each(cases)('at %s, %s, is resolved by the next start', async (phase, moment) => {
    const venues = ['binance', 'okx'];
    const site = await openSite(`${phase}-${moment}`, { venues, faults: [] });
    try {
      const run = start(site, { forS: 60, failpoint: `${phase}/${moment}` });
      if (phase === 'unwinding') await commandWhenOpen(run, site, 'flatten');
      if (phase.startsWith('clos')) await commandWhenOpen(run, site, 'wind-down');
      const crashed = await run.ended;
      expect(crashed.signal, crashed.stderr + crashed.stdout).toBe('SIGKILL');
      const summary = await expectResolved(site);
      if (phase !== 'opening' || moment !== 'before-append') {
        expect(summary.orders.sent).toBeGreaterThan(1);
      }
    } finally {
      await site.testnet.stop();
    }
  });
});

describe('a crash while one market refuses orders', () => {
  const faultMs = 20_000;
  it.concurrent.each(moments)('at mending, %s, is resolved by the next start', async (moment) => {
    // Spot fills and the perpetual does not: every pair on this one venue breaks.
    const refuse = { name: 'http-503', venue: 'binance', path: '/fapi/v1/order', method: 'POST' };
    const faults = [{ ...refuse, fromWallMs: 0, toWallMs: faultMs }];
    const site = await openSite(`mending-${moment}`, { venues: ['binance'], faults });
    const startedMs = performance.now();
    try {
      const crashed = await start(site, { forS: 60, failpoint: `mending/${moment}` }).ended;
      expect(crashed.signal, crashed.stderr + crashed.stdout).toBe('SIGKILL');
      const leftMs = faultMs + 500 - (performance.now() - startedMs);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, leftMs)));
      const summary = await expectResolved(site);
      expect(summary.orders.sent).toBeGreaterThan(1);
    } finally {
      await site.testnet.stop();
    }
  });
});

async function commandWhenOpen(run: Started, site: Site, command: string): Promise<void> {
  const api = await run.api;
  for (let i = 0; i < 400; i++) {
    const status = (await (await fetch(`${api}/api/status`)).json()) as {
      pairCounts: { opened: number };
    }; // our own API
    if (status.pairCounts.opened > 0) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const control = JSON.parse(readFileSync(join(site.path, 'state', 'control.json'), 'utf8')) as {
    token: string;
  }; // written by the system
  await fetch(`${api}/api/commands`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${control.token}` },
    body: JSON.stringify({ command }),
  }).catch(() => undefined); // the crash may cut the answer off
}
