import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { decimal } from '../base/decimal.ts';
import { UserError } from '../base/errors.ts';
import { isInverse } from '../domain/contract-value.ts';
import { parseFaults, planFaults } from './faults.ts';
import type { MakeProtocol } from './protocol.ts';
import { type TestnetVenueEntry, testnetVenues, usdt } from './registry.ts';
import { type RunningTestnet, type RunTestnetOptions, runTestnet } from './run.ts';

const running: RunningTestnet[] = [];
afterEach(async () => {
  for (const testnet of running.splice(0)) await testnet.stop();
});
const dir = mkdtempSync(join(tmpdir(), 'farb-testnet-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A venue that answers with its times. */
const plain: MakeProtocol = ({ exchange, now }) => ({
  venue: exchange.venue,
  http: () => ({ status: 200, body: JSON.stringify(now()) }),
  open: () => null,
  tick: () => undefined,
  second: () => undefined,
  event: () => undefined,
});

function entry(...wallets: readonly string[]): TestnetVenueEntry {
  return {
    load: () => Promise.resolve(plain),
    startBalances: wallets.map((wallet) => usdt(wallet, '1000')),
  };
}

const registry = {
  binance: entry('spot', 'futures'),
  okx: entry('unified'),
  bybit: entry('unified'),
};

async function run(options: RunTestnetOptions = {}): Promise<RunningTestnet> {
  const testnet = await runTestnet({ registry, ...options });
  running.push(testnet);
  return testnet;
}

async function refusal(options: RunTestnetOptions): Promise<string> {
  const error: unknown = await run(options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  expect(error).toMatchObject({ exitCode: 2 });
  return (error as UserError).message;
}

describe('further accounts', () => {
  it('have keys and a door of their own to the same market', async () => {
    const testnet = await run({ venues: ['binance'], accounts: { 'binance-b': 'binance' } });
    const { venues, key } = testnet.describe();
    expect(Object.keys(venues)).toEqual(['binance', 'binance-b']);
    expect(venues['binance']).not.toHaveProperty('key');
    expect(venues['binance-b']).toMatchObject({ key: `${key}-binance-b`, secret: 's-binance-b' });
    expect(venues['binance-b']?.http).not.toBe(venues['binance']?.http);
    const [a, b] = ['binance', 'binance-b'].map((name) => testnet.testnet.exchange(name));
    expect(a).not.toBe(b);
    const [first] = a?.instruments() ?? [];
    expect(b?.quote(first?.instrument.id ?? '')).toEqual(a?.quote(first?.instrument.id ?? ''));
  });

  it.each([
    ['of a venue that is not served', { accounts: { b: 'okx' } }, 'okx is not among'],
    ['under the name of a venue', { accounts: { binance: 'binance' } }, 'use another name'],
    ['with a name of other characters', { accounts: { 'B b': 'binance' } }, 'use another name'],
  ])('%s is refused', async (_name, options, message) => {
    expect(await refusal({ venues: ['binance'], ...options })).toContain(message);
  });
});

describe('the testnet as a process has it', () => {
  it('says in one JSON line where everything is', async () => {
    const testnet = await run({ seed: 3, speed: 720 });
    const said = JSON.parse(JSON.stringify(testnet.describe()));
    expect(Object.keys(said.venues)).toEqual(['binance', 'okx', 'bybit']);
    expect(said.venues.okx.http).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(said.venues.okx.ws).toBe(said.venues.okx.http.replace('http', 'ws'));
    expect(said).toMatchObject({ key: 'k', secret: 's', passphrase: 'p', seed: 3, speed: 720 });
    expect(said.clock.speed).toBe(720);
    expect(said.marketHash).toMatch(/^[0-9a-f]{64}$/);
    expect(said.labels.length).toBeGreaterThan(0);
    const now = JSON.parse(await (await fetch(said.venues.bybit.http)).text());
    expect(now.tsMs).toBeGreaterThanOrEqual(said.clock.venueStartMs);
    expect(now.wallMs).toBeGreaterThanOrEqual(said.clock.wallStartMs);
  });

  it('one seed is one market, whatever the speed; another seed is another', async () => {
    const hashes: string[] = [];
    for (const [seed, speed] of [
      [7, 720],
      [7, 100],
      [8, 720],
    ] as const) {
      hashes.push((await run({ seed, speed })).describe().marketHash);
    }
    expect(hashes[1]).toBe(hashes[0]);
    expect(hashes[2]).not.toBe(hashes[0]);
  });

  it('at speed 1 venue time is the present', async () => {
    const testnet = await run({ speed: 1, venues: ['okx'] });
    const { tsMs, wallMs } = testnet.testnet.now();
    expect(wallMs - tsMs).toBeGreaterThanOrEqual(0);
    expect(wallMs - tsMs).toBeLessThan(60_000);
    const { clock } = testnet.describe();
    expect(clock.venueStartMs).toBe(clock.wallStartMs);
    expect(Number.isInteger(wallMs) && Number.isInteger(tsMs)).toBe(true);
    expect(Math.abs(clock.wallStartMs - Date.now())).toBeLessThan(60_000);
  });

  it('takes the ports in the order of the venues', async () => {
    const probe = await run({ venues: ['okx'] });
    const { port } = probe.testnet.server('okx');
    const taken = await refusal({ port, venues: ['bybit', 'okx'] });
    expect(taken).toContain(`port ${port} (bybit)`);
    await probe.stop();
    const again = await run({ port, venues: ['bybit'] });
    expect(again.testnet.server('bybit').port).toBe(port);
  });

  it('refuses what it cannot do, naming the option', async () => {
    expect(await refusal({ venues: ['kraken'] })).toContain('binance, okx, bybit');
    expect(await refusal({ venues: ['okx', 'okx'] })).toContain('twice');
    expect(await refusal({ venues: [] })).toContain('--venues');
    expect(await refusal({ speed: 0 })).toContain('--speed');
    expect(await refusal({ seed: 1.5 })).toContain('--seed');
    expect(await refusal({ port: 65_534 })).toContain('--port');
    expect(await refusal({ faultsFile: join(dir, 'none') })).toContain('--faults');
  });

  it('refuses a data directory without data', async () => {
    expect(await refusal({ dataDir: join(dir, 'nothing'), venues: ['okx'] })).toContain('nothing');
  });

  it('plays the venues of the registry with money to trade', async () => {
    const known = Object.keys(testnetVenues);
    const testnet = await run({ registry: testnetVenues, venues: known, speed: 720 });
    expect(Object.keys(testnet.describe().venues)).toEqual(known);
    for (const venue of known) {
      const exchange = testnet.testnet.exchange(venue);
      const dollars = exchange.instruments().filter((each) => !isInverse(each.instrument));
      const wallets = new Set(dollars.map((each) => each.instrument.wallet));
      for (const wallet of wallets) expect(exchange.margin(wallet).available > 0n).toBe(true);
    }
  });

  it('gives the coins asked for to the wallets that margin inverse contracts', async () => {
    const coins = { BTC: decimal('1.5') };
    const testnet = await run({ registry: testnetVenues, venues: ['binance', 'okx'], coins });
    const totals = (venue: string) =>
      testnet.testnet
        .exchange(venue)
        .balances()
        .filter(({ asset }) => asset === 'BTC')
        .map(({ wallet, total }) => [wallet, total]);
    expect(totals('binance')).toEqual([['coin-futures', coins.BTC]]);
    expect(totals('okx')).toEqual([['unified', coins.BTC]]);
    const margin = testnet.testnet.exchange('binance').margin('coin-futures', 'BTC');
    expect(margin).toMatchObject({ coin: 'BTC', available: coins.BTC });
  });

  it('stops once, and says when it has', async () => {
    const testnet = await run({ venues: ['okx'] });
    const { http } = testnet.testnet.server('okx');
    await Promise.all([testnet.stop(), testnet.stop(), testnet.stopped]);
    await expect(fetch(http)).rejects.toThrow();
  });

  it('ends with its parent: a closed stdin stops it', async () => {
    const script = `
      const { runTestnet } = await import('./src/testnet/run.ts');
      const load = () => Promise.resolve(({ exchange }) => ({ venue: exchange.venue,
        http: () => ({ status: 200, body: '{}' }), open: () => null,
        tick() {}, second() {}, event() {} }));
      const registry = { okx: { load, startBalances: [] } };
      const testnet = await runTestnet({ registry, exitWithParent: true });
      process.stdout.write(JSON.stringify(testnet.describe()) + '\\n');
      await testnet.stopped;
    `;
    const cwd = fileURLToPath(new URL('../..', import.meta.url));
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
    const child = spawn(process.execPath, args, { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = await once(child.stdout, 'data');
    const { venues } = JSON.parse(String(line));
    expect((await fetch(venues.okx.http)).status).toBe(200);
    const exit = once(child, 'exit');
    child.stdin.end();
    expect((await exit)[0]).toBe(0);
  });
});

describe('faults file', () => {
  it('is a list of named windows, in YAML or JSON', () => {
    const yaml = '- name: stale-stream\n  venue: okx\n  fromWallMs: 1000\n  toWallMs: 2000\n';
    const plan = planFaults(parseFaults(yaml, 'f.yaml'));
    expect(plan.active('stale-stream', 'okx', 999)).toBe(false);
    expect(plan.active('stale-stream', 'okx', 1_000)).toBe(true);
    expect(plan.active('stale-stream', 'okx', 2_000)).toBe(false);
    expect(plan.active('stale-stream', 'bybit', 1_500)).toBe(false);
    expect(plan.active('http-503', 'okx', 1_500)).toBe(false);
    expect(parseFaults('[]', 'f.json')).toEqual([]);
    expect(parseFaults('', 'f.json')).toEqual([]);
  });

  it.each([
    ['{', 'not YAML'],
    ['name: x', 'the list'],
    ['[{"name":"x","fromWallMs":0}]', 'toWallMs'],
    ['[{"name":"x","fromWallMs":5,"toWallMs":5}]', 'after'],
    ['[{"name":"x","fromWallMs":0,"toWallMs":5,"colour":1}]', 'colour'],
  ])('refuses %s with the place', async (text, place) => {
    const faultsFile = join(dir, 'faults.yaml');
    writeFileSync(faultsFile, text);
    const message = await refusal({ faultsFile });
    expect(message).toContain(faultsFile);
    expect(message).toContain(place);
  });
});
