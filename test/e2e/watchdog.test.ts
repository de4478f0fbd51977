// The watchdog as a process of its own beside the real system on local venues: it acts when the
// system is killed, keeps its hands off a process that merely hangs, and ends with an orderly stop.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import type { SystemStatus } from '../../src/api/contract.ts';
import { latestEpochOf } from '../../src/store/state-dir.ts';
import { type RunningTestnet, runTestnet } from '../../src/testnet/run.ts';
import { damageJournal } from '../support/damage.ts';
import { farb, makeDirs, type RunningFarb, startFarb } from '../support/farb.ts';

const dirs = makeDirs();
const config = dirs.config([
  ['exchanges.yaml', 'BTC, ETH, SOL, XRP, DOGE, ADA, AVAX', 'BTC, ETH, AVAX'],
]);
let place: readonly string[] = [];
let halted = '';
let state = '';
let testnet: RunningTestnet;
const running: RunningFarb[] = [];

function begin(...args: readonly string[]): RunningFarb {
  const started = startFarb(args);
  running.push(started);
  return started;
}

async function until(
  system: RunningFarb,
  test: (status: SystemStatus) => boolean,
): Promise<SystemStatus> {
  const url = /(http:\S+)\/api\/status/.exec(await system.line(/^API /))?.[1];
  for (;;) {
    const status = (await (await fetch(`${url}/api/status`)).json()) as SystemStatus;
    if (test(status)) return status;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function untilOpen(system: RunningFarb): Promise<void> {
  await until(system, ({ pairs }) => pairs.some(({ phase }) => phase === 'open'));
}

/** What the venues themselves hold of perpetuals. */
function held(): readonly string[] {
  return testnet.testnet.servers.flatMap(({ venue }) =>
    testnet.testnet
      .exchange(venue)
      .positions()
      .filter(({ qty }) => qty !== 0n)
      .map(({ instrument }) => instrument),
  );
}

// Venues, and with them request budgets, of its own for each case: a few boots use them up.
beforeEach(async () => {
  testnet = await runTestnet({ venues: ['binance', 'okx', 'bybit'], speed: 720, seed: 7 });
  state = dirs.fresh('state');
  const testnetFile = join(dirs.fresh('testnet'), 'testnet.json');
  writeFileSync(testnetFile, `${JSON.stringify(testnet.describe())}\n`);
  place = ['--config', config, '--testnet', testnetFile, '--state', state, '--json'];
  halted = join(state, 'halted');
});

afterEach(async () => {
  for (const { child } of running.splice(0)) child.kill('SIGKILL');
  await testnet.stop();
});
afterAll(() => dirs.remove());

it('an orderly stop: it exits 0 and did nothing', async () => {
  const system = begin('start', ...place);
  await untilOpen(system);
  const watchdog = begin('watchdog', ...place, '--after', '5s', '--flatten');
  await watchdog.line(/watching/);
  system.child.kill('SIGINT');
  await system.done;
  const ran = await watchdog.done;
  expect(ran.code, ran.stderr).toBe(0);
  expect(JSON.parse(ran.stdout)).toEqual({ outcome: 'ended', pairsOpen: 0, flatten: null });
  expect(ran.stderr).not.toContain('ALERT');
  expect(existsSync(halted)).toBe(false);
});

it('a process that hangs keeps its lease: an alert, a halt, nothing sent', async () => {
  const system = begin('start', ...place);
  await untilOpen(system);
  system.child.kill('SIGSTOP');
  const before = held();
  const ran = await farb(['watchdog', ...place, '--after', '3s', '--flatten']);
  expect(ran.code, ran.stderr).toBe(1);
  const { pid } = system.child;
  expect(JSON.parse(ran.stdout)).toMatchObject({ outcome: 'hung', pid, flatten: null });
  expect(ran.stderr).toContain(`kill -9 ${pid}`);
  expect(existsSync(halted)).toBe(true);
  expect(before.length).toBeGreaterThan(0);
  expect(held()).toEqual(before);
  system.child.kill('SIGKILL');
  await system.done;
});

it('a system that was killed with a pair open is flattened', async () => {
  const system = begin('start', ...place);
  await untilOpen(system);
  const watchdog = begin('watchdog', ...place, '--after', '3s', '--flatten');
  await watchdog.line(/watching/);
  system.child.kill('SIGKILL');
  await system.done;
  expect(held().length).toBeGreaterThan(0);
  const ran = await watchdog.done;
  expect(ran.code, ran.stderr).toBe(1);
  const result = JSON.parse(ran.stdout) as { cancelled: Record<string, { ok: boolean }> };
  expect(result).toMatchObject({
    outcome: 'acted',
    flatten: { ok: true, open: 0, complaints: [] },
  });
  for (const venue of ['binance', 'okx', 'bybit']) expect(result.cancelled[venue]?.ok).toBe(true);
  expect(ran.stderr).toContain('ALERT no heartbeat');
  expect(held()).toEqual([]);
  expect(JSON.parse(readFileSync(halted, 'utf8'))).toEqual({ by: 'farb watchdog' });
});

it('two halts at once: one closes, the other is refused; the next start is halted', async () => {
  const system = begin('start', ...place);
  await untilOpen(system);
  const watchdog = begin('watchdog', ...place, '--after', '60s');
  await watchdog.line(/watching/);
  system.child.kill('SIGKILL');
  await system.done;
  const epoch = latestEpochOf(state) ?? 0;
  const first = begin('halt', '--flatten', ...place);
  while (latestEpochOf(state) === epoch) await new Promise((resolve) => setTimeout(resolve, 20));
  const second = await farb(['halt', '--flatten', ...place]);
  expect(second).toMatchObject({ code: 2, stdout: '' });
  expect(second.stderr).toContain('another farb runs on this directory');
  const closed = await first.done;
  expect(closed.code, closed.stderr).toBe(0);
  expect(held()).toEqual([]);
  // It ended in order: nothing is left for the watchdog to do.
  expect(JSON.parse((await watchdog.done).stdout)).toMatchObject({ outcome: 'ended' });
  const again = begin('start', ...place);
  const status = await until(again, ({ venues }) => venues.every((venue) => venue.reconciled));
  expect(status.risk.mode).toBe('halted');
});

it('a system that dies with a damaged journal is flattened from the venues alone', async () => {
  const system = begin('start', ...place);
  await untilOpen(system);
  const watchdog = begin('watchdog', ...place, '--after', '3s', '--flatten');
  await watchdog.line(/watching/);
  system.child.kill('SIGKILL');
  await system.done;
  damageJournal(state);
  expect(held().length).toBeGreaterThan(0);
  const ran = await watchdog.done;
  expect(JSON.parse(ran.stdout), ran.stderr).toMatchObject({
    outcome: 'acted',
    flatten: { ok: true, complaints: [] },
  });
  expect(held()).toEqual([]);
});

it('a silence shorter than the heart needs is refused', async () => {
  const ran = await farb(['watchdog', ...place, '--after', '2s']);
  expect(ran).toMatchObject({ code: 2, stdout: '' });
  expect(ran.stderr).toContain('--after');
});
