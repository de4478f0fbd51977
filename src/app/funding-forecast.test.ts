// The forecast of the next settlement from the local exchanges over their sockets.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localEndpoints } from '../../test/conformance/local-driver.ts';
import { type LocalVenue, startLocalVenue } from '../../test/conformance/local-testnet.ts';
import { fundingForecastSchema } from '../api/funding-report.ts';
import { systemClock } from '../io/clock.ts';
import { readForecastFacts } from '../research/forecast-read.ts';
import { type RunningTestnet, runTestnet } from '../testnet/run.ts';
import { venues } from '../venues/registry.ts';
import { loadConfig } from './config.ts';
import { defaultConfigDir } from './config-places.ts';
import { fundingForecast } from './funding-forecast.ts';
import { fundingForecastText } from './terminal-funding.ts';
import { parseTestnet } from './testnet-file.ts';

const quiet = (): void => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

describe.each(venues.map((spec) => [spec.id, spec] as const))('%s', (id, spec) => {
  let local: LocalVenue;
  beforeAll(async () => {
    local = await startLocalVenue(id);
  });
  afterAll(() => local.testnet.stop());

  it('says estimate, interval, time and the rates that settled', async () => {
    const { facts, errors } = await readForecastFacts(
      { spec, endpoints: localEndpoints(spec, local) },
      { clock: systemClock(), log, wants: ({ base }) => base === 'ETH' },
    );
    expect(errors).toEqual([]);
    expect(facts.length).toBeGreaterThan(0);
    for (const { instrument, terms, settlesAtMs, published, premiumNow, settled } of facts) {
      const known = local.exchange.funding(instrument.id);
      expect(settlesAtMs, instrument.symbol).toBe(known?.settlesAtMs);
      expect(terms.intervalMs).toBe(known?.intervalMs);
      expect(terms.cap).toBeGreaterThan(terms.floor);
      expect(Math.abs(published ?? 1)).toBeLessThan(0.05);
      // OKX lists indices apart, and its adapter reads them from the stream alone.
      if (id === 'okx') expect(premiumNow).toBeNull();
      else expect(Math.abs(premiumNow ?? 1)).toBeLessThan(0.05);
      expect(settled.length).toBeGreaterThan(10);
    }
  });
});

describe('farb funding forecast', () => {
  let testnet: RunningTestnet;
  beforeAll(async () => {
    testnet = await runTestnet({ speed: 1, seed: 7 });
  });
  afterAll(() => testnet.stop());

  it('answers what its schema says, one row a perpetual', async () => {
    const report = await fundingForecast({
      config: loadConfig(defaultConfigDir(), process.env),
      testnet: parseTestnet(JSON.stringify(testnet.describe()), 'test'),
      ...{ venues: ['okx', 'bybit'], symbols: ['BTC', '1000PEPEUSDT'], log },
    });
    const { forecasts, errors } = fundingForecastSchema.parse(JSON.parse(JSON.stringify(report)));
    expect(errors).toEqual([]);
    expect(forecasts.map(({ venue, symbol }) => `${venue} ${symbol}`)).toEqual(
      expect.arrayContaining(['bybit 1000PEPEUSDT', 'bybit BTCUSDT', 'okx BTC-USDT-SWAP']),
    );
    for (const { rate, low, high, settlesAtMs } of forecasts) {
      expect(Number(low)).toBeLessThanOrEqual(Number(rate));
      expect(Number(high)).toBeGreaterThanOrEqual(Number(rate));
      expect(settlesAtMs).toBeGreaterThan(report.tsMs);
    }
    expect(fundingForecastText(report, { colors: false })).toContain('okx BTC-USDT-SWAP');
  });
});
