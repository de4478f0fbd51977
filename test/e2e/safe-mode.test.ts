// A boot that fails must not keep anybody from getting flat: with a journal that is damaged in the
// middle, a venue that does not answer or a configuration with a mistake, a start opens nothing and
// says what is wrong, and `farb halt --flatten` closes what the venues themselves hold.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import type { RunSummary, SystemStatus } from '../../src/api/contract.ts';
import { type RunningTestnet, runTestnet } from '../../src/testnet/run.ts';
import { damageJournal } from '../support/damage.ts';
import { farb, makeDirs, type RunningFarb, startFarb } from '../support/farb.ts';

const venues = ['binance', 'okx', 'bybit'];
const dirs = makeDirs();
/** Thresholds at which a pair of each strategy opens at once. */
const params = { horizonMs: 90 * 86_400_000, netEdgeMin: 0, notionalUsd: 1_000 };
let config = '';
let testnetFile = '';
let state = '';
let testnet: RunningTestnet;
let running: RunningFarb | null = null;

function writeConfig(name: string, value: unknown): void {
  writeFileSync(join(config, name), JSON.stringify(value));
}

const placeOf = (): readonly string[] => [
  ...['--config', config, '--testnet', testnetFile, '--state', state, '--json'],
];

/** A pair of perpetuals and one with coins are open when the process is killed. */
async function killedWithPairs(): Promise<void> {
  running = startFarb(['start', ...placeOf()]);
  const url = /(http:\S+)\/api\/status/.exec(await running.line(/^API /))?.[1];
  for (;;) {
    const { pairs } = (await (await fetch(`${url}/api/status`)).json()) as SystemStatus;
    const open = pairs.filter(({ phase }) => phase === 'open').map(({ strategy }) => strategy);
    if (open.length === 2) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  running.child.kill('SIGKILL');
  await running.done;
}

/** Perpetuals, and coins that were not there at the start, at a venue. */
function heldAt(venue: string): readonly string[] {
  const exchange = testnet.testnet.exchange(venue);
  const held = exchange.positions().filter(({ qty }) => qty !== 0n);
  const coins = exchange
    .balances()
    .filter(({ asset, total }) => asset !== 'USDT' && total > 10n ** 17n);
  return [
    ...held.map(({ instrument }) => instrument),
    ...coins.map(({ asset }) => `${venue} ${asset}`),
  ];
}

const held = (): readonly string[] => venues.flatMap(heldAt);

beforeEach(async () => {
  testnet = await runTestnet({ venues, speed: 60, seed: 7 });
  config = dirs.fresh('config');
  state = dirs.fresh('state');
  testnetFile = join(dirs.fresh('testnet'), 'testnet.json');
  writeFileSync(testnetFile, `${JSON.stringify(testnet.describe())}\n`);
  writeConfig('main.yaml', { api: { port: 0, metricsPort: 0 }, log: { level: 'error' } });
  writeConfig('exchanges.yaml', {
    symbols: ['AVAX', 'SOL'],
    venues: Object.fromEntries(venues.map((id) => [id, {}])),
  });
  writeConfig('risk.yaml', { pairsOpenMax: 2 });
  const strategies = ['perp-perp', 'cash-carry'].map((name) => ({ name, params }));
  writeConfig('strategies.yaml', { strategies });
});

afterEach(async () => {
  running?.child.kill('SIGKILL');
  await running?.done;
  await testnet.stop();
});
afterAll(() => dirs.remove());

it('a journal damaged in its middle: no start, the place named, flat from the venues', async () => {
  await killedWithPairs();
  const { segment, bytes } = damageJournal(state);
  const before = held();
  expect(before.length).toBeGreaterThan(2);

  const started = await farb(['start', ...placeOf(), '--for', '20s']);
  expect(started).toMatchObject({ code: 1, stdout: '' });
  expect(started.stderr).toContain(`${segment}: the journal is corrupted at byte `);
  expect(started.stderr).toContain('farb halt --flatten');
  expect(held()).toEqual(before);

  const ran = await farb(['halt', '--flatten', ...placeOf()]);
  expect(ran.code, ran.stderr).toBe(0);
  const { open, summary } = JSON.parse(ran.stdout) as { open: number; summary: RunSummary };
  expect([open, summary.pairs.opened]).toEqual([0, 0]);
  expect(summary.reconcile).toEqual({ positions: 'match', balances: 'match', orders: 'match' });
  expect(held()).toEqual([]);
  // The damaged journal is as it was, and still nothing starts on it.
  expect(readFileSync(segment).equals(bytes)).toBe(true);
  expect((await farb(['start', ...placeOf(), '--for', '20s'])).code).toBe(1);
});

it('a venue that does not answer: the others are flat, and it is named', async () => {
  await killedWithPairs();
  expect(held().length).toBeGreaterThan(2);
  await testnet.testnet.servers.find(({ venue }) => venue === 'bybit')?.stop();
  const ran = await farb(['halt', '--flatten', ...placeOf()]);
  expect(ran.code, ran.stderr).toBe(1);
  expect(ran.stderr).toMatch(/farb: .*bybit/);
  expect([...heldAt('binance'), ...heldAt('okx')]).toEqual([]);
});

it('a mistake in the configuration of a venue: no start, the others are flat', async () => {
  await killedWithPairs();
  const broken = { ...Object.fromEntries(venues.map((id) => [id, {}])), bybit: { leverage: 0 } };
  writeConfig('exchanges.yaml', { symbols: ['AVAX', 'SOL'], venues: broken });
  writeFileSync(join(config, 'strategies.yaml'), 'strategies: [{ name: gone }]');
  const before = held();
  const started = await farb(['start', ...placeOf()]);
  expect(started).toMatchObject({ code: 2, stdout: '' });
  expect(started.stderr).toContain('exchanges.yaml: venues.bybit.leverage: ');
  expect(held()).toEqual(before);
  const ran = await farb(['halt', '--flatten', ...placeOf()]);
  expect(ran.code, ran.stderr).toBe(1);
  expect(ran.stderr).toContain('bybit is not configured, so nothing was closed there: ');
  expect(ran.stderr).toContain('venues.bybit.leverage');
  expect([...heldAt('binance'), ...heldAt('okx')]).toEqual([]);
});
