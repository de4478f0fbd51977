// More quotes than the process can look at, over a real socket: each instrument is looked at less
// often, never with an old quote, nothing piles up, and the metric tells.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Registry } from 'prom-client';
import { afterEach, expect, it } from 'vitest';
import { metricsIn } from '../../src/api/metrics.ts';
import { venueSetups } from '../../src/app/compose.ts';
import { loadConfig } from '../../src/app/config.ts';
import { Conflater } from '../../src/app/conflate.ts';
import { startSystem } from '../../src/app/system.ts';
import { parseTestnet } from '../../src/app/testnet-file.ts';
import { Catalog } from '../../src/domain/instrument.ts';
import { MarketTable, slot } from '../../src/domain/market-table.ts';
import { systemClock, testnetClock } from '../../src/io/clock.ts';
import { createDriver } from '../../src/io/driver.ts';
import { openStateDir } from '../../src/store/state-dir.ts';
import { runTestnet } from '../../src/testnet/run.ts';
import { bybit } from '../../src/venues/bybit/index.ts';
import { Flood } from '../support/flood.ts';
import { localEndpoints } from './local-driver.ts';

const mebibyte = 2 ** 20;
const waitMsMax = 25_000;
const quiet = (): void => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function until(what: string, condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + waitMsMax;
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`${what} did not happen`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void; // what the flag exposes

async function startFlood() {
  const flood = new Flood();
  const testnet = await runTestnet({ venues: ['bybit'], registry: { bybit: flood.entry() } });
  closers.push(() => testnet.stop());
  return { flood, testnet: testnet.describe() };
}

it('looks at the last quote of each instrument, at few of the others, and keeps none', async () => {
  const { flood, testnet } = await startFlood();
  const catalog = new Catalog();
  const table = new MarketTable(16);
  let changes = 0;
  let looks = 0;
  const bidsSeen = new Map<number, number>();
  const conflater = new Conflater((index) => {
    looks++;
    bidsSeen.set(index, table.get(index, slot.bid));
  }, 16);
  const at = testnet.venues['bybit'];
  if (at === undefined) throw new Error('bybit is not served');
  const driver = createDriver({
    spec: bybit,
    endpoints: localEndpoints(bybit, at),
    ...{ credentials: null, clock: systemClock(), catalog, table, leverage: 1, depth: false, log },
    markets: ['linear'],
    symbols: ({ base, quote, kind }) =>
      ['BTC', 'ETH', 'SOL'].includes(base) && quote === 'USDT' && kind === 'linear-perp',
    emit: quiet,
    onQuote: (index) => {
      changes++;
      conflater.changed(index, table.get(index, slot.quoteWallMs));
    },
  });
  closers.push(() => driver.stop());
  await driver.start();
  await until('a quote of each', () => bidsSeen.size === 3);
  flood.holds = true;
  const { symbols } = flood;
  expect(symbols).toEqual(['BTCUSDT', 'ETHUSDT', 'SOLUSDT']);

  const bursts = 100;
  const burst = async (n: number): Promise<void> => {
    for (let i = 0; i < 200; i++) for (const symbol of symbols) flood.quote(symbol, 1_000 + i);
    for (const [k, symbol] of symbols.entries()) flood.quote(symbol, 5_000 + 10 * n + k);
    const last = (k: number): number => 5_000 + 10 * n + k;
    const bidOf = (symbol: string): number | undefined =>
      bidsSeen.get(catalog.all().findIndex((instrument) => instrument.symbol === symbol));
    await until(`the last quotes of burst ${n}`, () => {
      return symbols.every((symbol, k) => bidOf(symbol) === last(k));
    });
  };
  for (let n = 0; n < 10; n++) await burst(n); // code and buffers as they will stay
  collect();
  const before = process.memoryUsage();
  const from = { changes, looks, conflated: conflater.conflated };
  for (let n = 10; n < bursts; n++) await burst(n);
  collect();
  const after = process.memoryUsage();
  const [changed, looked] = [changes - from.changes, looks - from.looks];
  const conflated = conflater.conflated - from.conflated;
  // Marks change an instrument too.
  expect(changed).toBeGreaterThanOrEqual(3 * 201 * 90);
  expect(looked + conflated).toBe(changed);
  expect(conflated).toBeGreaterThan(changed / 2);
  expect(after.heapUsed - before.heapUsed).toBeLessThan(4 * mebibyte);
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(4 * mebibyte);
  expect(driver.stats()).toMatchObject({ unrecognized: 0, reconnects: 0 });
});

it('the running system conflates, and its metric counts it', async () => {
  const { flood, testnet } = await startFlood();
  const dir = mkdtempSync(join(tmpdir(), 'farb-flood-'));
  closers.push(() => rmSync(dir, { recursive: true, force: true }));
  const files = {
    'main.yaml': {},
    'exchanges.yaml': { symbols: ['BTC', 'ETH'], venues: { bybit: {} } },
    'strategies.yaml': { strategies: [{ name: 'cash-carry' }] },
  };
  for (const [name, value] of Object.entries(files)) {
    writeFileSync(join(dir, name), JSON.stringify(value));
  }
  const config = loadConfig(dir, {});
  const file = parseTestnet(JSON.stringify(testnet), 'test');
  const stateDir = await openStateDir(join(dir, 'state'));
  closers.push(() => stateDir.release());
  const system = await startSystem({
    ...{ config, mode: 'testnet', setups: venueSetups(config, file), stateDir, log, seed: 1 },
    ...{ clock: testnetClock(file.clock), marketHash: null, failpoint: null },
    ...{ onlyToClose: false, absent: [] },
  });
  closers.push(() => system.stop({ windDownMs: 0 }));
  await until('a quote of each', () => flood.symbols.length === 2);
  flood.holds = true;
  const sent = flood.sent;
  for (let i = 0; i < 2_000; i++)
    for (const symbol of flood.symbols) flood.quote(symbol, 9_000 + i);
  const { catalog, table } = system;
  await until('the last quotes', () =>
    flood.symbols.every((symbol) =>
      catalog
        .all()
        .some((each, k) => each.symbol === symbol && table.get(k, slot.bid) === 9_000 + 1_999),
    ),
  );
  const registry = new Registry();
  const status = system.status();
  metricsIn(registry)(status);
  const text = await registry.metrics();
  const shown = Number(/^farb_quotes_conflated_total (\d+)$/m.exec(text)?.[1]);
  expect(shown).toBe(status.quotesConflated);
  expect(shown).toBeGreaterThan((flood.sent - sent) / 2);
  expect(shown).toBeLessThan(flood.sent - sent);
});
