// `farb start` with one leg behind ccxt and one native: a pair opens, closes and is accounted for
// to the last digit on both.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunSummary } from '../../src/api/contract.ts';
import { type RunningTestnet, runTestnet } from '../../src/testnet/run.ts';

const config = {
  'main.yaml': { api: { port: 0, metricsPort: 0 }, log: { level: 'warn' } },
  'exchanges.yaml': {
    symbols: ['BTC', 'ETH', 'SOL', 'XRP'],
    venues: { binance: { spot: false }, okxc: { driver: 'ccxt', id: 'okx', spot: false } },
  },
  'strategies.yaml': {
    strategies: [
      {
        name: 'perp-perp',
        // A horizon of months makes any carry worth its fees: this is about the bridge.
        params: {
          horizonMs: 90 * 86_400_000,
          netEdgeMin: 0,
          notionalUsd: 1000,
          settlementGuardMs: 0,
          halfLifeSettlements: 1000,
          capitalRatePerYear: 0,
        },
      },
    ],
  },
  'risk.yaml': { pairsOpenMax: 2 },
};

let dir = '';
let testnet: RunningTestnet;
beforeAll(async () => {
  execFileSync(process.execPath, ['scripts/run.mjs', 'build'], { stdio: 'ignore' });
  dir = mkdtempSync(join(tmpdir(), 'farb-ccxt-'));
  mkdirSync(join(dir, 'config'));
  for (const [name, value] of Object.entries(config)) {
    writeFileSync(join(dir, 'config', name), JSON.stringify(value));
  }
  testnet = await runTestnet({ venues: ['binance', 'okx'], speed: 60, seed: 7 });
  writeFileSync(join(dir, 'testnet.json'), `${JSON.stringify(testnet.describe())}\n`);
});
afterAll(async () => {
  await testnet?.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function farb(...args: readonly string[]) {
  const all = ['dist/cli/main.js', ...args, '--config', join(dir, 'config')];
  const child = spawn(process.execPath, [...all, '--testnet', join(dir, 'testnet.json')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (bytes: Buffer) => {
    stdout += bytes.toString();
  });
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

it('trades pairs with one leg on a ccxt venue and one on a native venue', async () => {
  const ended = await farb('start', '--state', join(dir, 'state'), '--for', '45s', '--json');
  expect(ended.code, ended.stderr).toBe(0);
  const summary = JSON.parse(ended.stdout) as RunSummary; // the system's own output
  expect([...summary.venues].sort()).toEqual(['binance', 'okxc']);
  expect(summary.pairs.opened, ended.stderr).toBeGreaterThan(0);
  expect(summary.pairs.open).toBe(0);
  expect(summary.reconcile).toEqual({ positions: 'match', balances: 'match', orders: 'match' });
  expect(summary.ledgerResidual).toBe('0');
  expect(summary.orders.unknown).toBe(0);
  expect(summary.nakedDeltaMsMax).toBeLessThanOrEqual(summary.budgets.nakedDeltaMs);
});

it('is told by the doctor what the venue cannot do through ccxt', async () => {
  const { stdout } = await farb('doctor', '--state', join(dir, 'doctor'), '--json');
  const report = JSON.parse(stdout) as {
    checks: readonly { name: string; status: string; detail: string }[];
  }; // the system's own output
  const told = report.checks.filter(({ name }) => name === 'okxc through ccxt');
  expect(told[0]).toMatchObject({ status: 'ok' });
  expect(report.checks).toContainEqual(
    expect.objectContaining({ name: 'okxc account', status: 'ok' }),
  );
});
