// Paper trading on the local exchanges as the public venues: no key of theirs, no order at them,
// and an account of our own that survives a kill.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunSummary, SystemStatus } from '../../src/api/contract.ts';
import { type RunningTestnet, runTestnet } from '../../src/testnet/run.ts';
import { farb, makeDirs, type RunningFarb, startFarb } from '../support/farb.ts';

const venues = ['binance', 'okx', 'bybit'];
const dirs = makeDirs();
const symbols = [
  'exchanges.yaml',
  'BTC, ETH, SOL, XRP, DOGE, ADA, AVAX',
  'BTC, ETH, AVAX',
] as const;
const config = dirs.config([symbols]);
const state = dirs.fresh('state');
const testnetFile = join(dirs.fresh('testnet'), 'testnet.json');
const place = ['--config', config, '--testnet', testnetFile, '--state', state, '--json'];
let testnet: RunningTestnet;
let running: RunningFarb | null = null;

beforeAll(async () => {
  testnet = await runTestnet({ venues, speed: 720, seed: 7 });
  // Not the keys that the exchanges would take.
  const file = { ...testnet.describe(), key: 'none', secret: 'none', passphrase: 'none' };
  writeFileSync(testnetFile, `${JSON.stringify(file)}\n`);
});
afterAll(async () => {
  running?.child.kill('SIGKILL');
  await running?.done;
  await testnet.stop();
  dirs.remove();
});

function start(): RunningFarb {
  running = startFarb(['start', '--mode', 'paper', ...place]);
  return running;
}

async function until(system: RunningFarb, test: (status: SystemStatus) => boolean) {
  const url = /(http:\S+)\/api\/status/.exec(await system.line(/^API /))?.[1];
  for (;;) {
    const status = (await (await fetch(`${url}/api/status`)).json()) as SystemStatus;
    if (test(status)) return status;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Orders and funding payments of anybody at the exchanges. */
function touched(): readonly string[] {
  return venues.flatMap((venue) => {
    const exchange = testnet.testnet.exchange(venue);
    return [
      ...exchange.orders({}).map(({ orderId }) => `${venue} order ${orderId}`),
      ...exchange.fundingPayments({}).map(({ id }) => `${venue} payment ${id}`),
    ];
  });
}

it('earns funding, survives a kill and ends matched; the venues know nothing of it', async () => {
  const first = start();
  const before = await until(first, ({ pairs, fundingPayments }) => {
    return fundingPayments > 0 && pairs.some(({ phase }) => phase === 'open');
  });
  expect(before.mode).toBe('paper');
  first.child.kill('SIGKILL');
  await first.done;

  const second = start();
  const after = await until(second, ({ venues: all, pairs }) => {
    return all.every(({ reconciled }) => reconciled) && pairs.length > 0;
  });
  expect(after.pairs.map(({ id }) => id)).toEqual(
    expect.arrayContaining(before.pairs.filter((p) => p.phase === 'open').map(({ id }) => id)),
  );
  await until(second, ({ fundingPayments }) => fundingPayments > after.fundingPayments);
  second.child.kill('SIGINT');
  const ran = await second.done;
  expect(ran.code, ran.stderr).toBe(130);
  const summary = JSON.parse(ran.stdout) as RunSummary;
  expect(summary.reconcile).toEqual({ positions: 'match', balances: 'match', orders: 'match' });
  expect([summary.ledgerResidual, summary.pairs.open]).toEqual(['0', 0]);
  expect(summary.bills).toMatchObject({ feesDiffering: 0 });
  expect(summary.bills.feesChecked).toBeGreaterThan(3);
  expect(touched()).toEqual([]);
});

it('its books are never taken for real ones, nor the other way round', async () => {
  const real = await farb(['start', '--mode', 'testnet', ...place]);
  expect(real).toMatchObject({ code: 2, stdout: '' });
  expect(real.stderr).toContain('its books are of a paper account');
  const watchdog = await farb(['watchdog', ...place]);
  expect(watchdog.code).toBe(2);
  const halted = await farb(['halt', '--flatten', ...place]);
  expect(halted.code, halted.stderr).toBe(0);
  expect(touched()).toEqual([]);
});
