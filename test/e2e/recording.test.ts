// Backtest and live agree: a run on the local exchanges, recorded by `farb record` beside it over
// sockets of its own, and the recording played back through the backtest.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backtestRecording } from '../../src/app/backtest-recording.ts';
import { type Config, loadConfig } from '../../src/app/config.ts';
import { shippedConfigDir } from '../../src/app/config-places.ts';
import { record } from '../../src/app/record.ts';
import { type RunResult, run } from '../../src/app/run.ts';
import { parseTestnet } from '../../src/app/testnet-file.ts';
import { runTestnet } from '../../src/testnet/run.ts';

const dir = mkdtempSync(join(tmpdir(), 'farb-recording-'));
afterAll(() => rmSync(dir, { recursive: true }));

const quiet = (): void => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const frames = join(dir, 'frames');
const state = join(dir, 'state');
const speed = 720;
/** A venue hour is five seconds: until a pair is open and has been paid, and at most so long. */
const runMsMax = 60_000;
const paymentsWanted = 2;

function config(): Config {
  const shipped = loadConfig(shippedConfigDir(), {});
  const exchanges = { ...shipped.exchanges, symbols: ['PEPE', 'SOL'] };
  return { ...shipped, exchanges };
}

function playedBack(change: Partial<Parameters<typeof backtestRecording>[0]> = {}) {
  return backtestRecording(
    {
      ...{ config: config(), dir: frames, strategy: null, set: ['latencyMs=2'] },
      ...{ fromMs: null, toMs: null, capitalUsd: null, venues: null, assets: null },
      ...{ compare: state, toleranceMs: 2_000, log, ...change },
    },
    () => true,
  );
}

let live: RunResult;
beforeAll(async () => {
  const testnet = await runTestnet({ speed, seed: 7, venues: ['binance', 'okx', 'bybit'] });
  const file = parseTestnet(JSON.stringify(testnet.describe()), 'test');
  const stop = new AbortController();
  const enough = new AbortController();
  try {
    let recording: ReturnType<typeof record> | null = null;
    await new Promise<void>((resolve, reject) => {
      recording = record({
        ...{ config: config(), testnet: file, dir: frames, forMs: null, stop: stop.signal, log },
        progress: ({ frames: count }) => count > 500 && resolve(),
      });
      recording.catch(reject);
    });
    live = await run({
      ...{ config: config(), mode: 'testnet', testnet: file, statePath: state },
      ...{ apiPort: 0, metricsPort: 0, windDownMs: 7_000, command: null, env: {}, log },
      stopAtMs: performance.now() + runMsMax,
      stop: enough.signal,
      broken: new Promise<never>(() => undefined),
      show({ system }) {
        const timer = setInterval(() => {
          if (system.state.counters.fundingPayments >= paymentsWanted) enough.abort();
        }, 50);
        return () => clearInterval(timer);
      },
    });
    stop.abort();
    await recording;
  } finally {
    await testnet.stop();
  }
});

describe('the recording of a run', () => {
  it('gives the same decisions about the same pairs at the same venue times', async () => {
    const { summary } = live;
    expect(summary.pairs.opened).toBeGreaterThan(0);
    expect(summary.fundingPayments).toBeGreaterThan(0);
    const report = await playedBack();
    const { agreement } = report;
    expect(agreement).toMatchObject({ agrees: true, missing: [], extra: [] });
    const actions = agreement?.same.map(({ action }) => action) ?? [];
    expect(actions.filter((action) => action === 'open')).toHaveLength(summary.pairs.opened);
    expect(actions).toContain('close');
    const { slippage } = agreement ?? {};
    expect(Number(slippage?.live)).toBeCloseTo(Number(summary.slippage), 6);
    expect(Number(slippage?.backtest)).toBeCloseTo(Number(report.slippage), 6);
    // The rates and marks that settled are those that the venues published: within a part in 50.
    expect(report.fundingPayments).toBe(summary.fundingPayments);
    const [paid, paidLive] = [Number(report.pnl.funding), Number(summary.pnl.funding)];
    expect(Math.abs(paid - paidLive)).toBeLessThan(Math.abs(paidLive) / 50);
    expect(report).toMatchObject({ equityStart: summary.equityStart, ledgerResidual: '0' });
    expect(report).toMatchObject({ pairsOpenAtEnd: 0, interrupted: false });
    // Nothing in it is random, and nothing is of this machine's clock.
    expect((await playedBack()).stateHash).toBe(report.stateHash);
  });

  it('tells the decisions that another configuration does not make', async () => {
    const { agreement } = await playedBack({ set: ['netEdgeMin=0.09'] });
    expect(agreement).toMatchObject({ agrees: false, same: [], extra: [] });
    expect(agreement?.missing.map(({ action }) => action)).toContain('open');
  });

  it('is refused where it holds nothing that was asked for', async () => {
    await expect(playedBack({ venues: ['hyperliquid'] })).rejects.toThrow(/holds binance, okx/);
    await expect(playedBack({ assets: ['BTC'] })).rejects.toThrow(/lists an instrument/);
    await expect(playedBack({ dir: state })).rejects.toThrow(/no recording in it/);
  });
});
