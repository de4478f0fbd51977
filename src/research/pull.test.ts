// Pulling from the local testnet over its sockets, on every venue: what comes is what the simulated
// market says, and an interruption costs nothing.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { localEndpoints } from '../../test/conformance/local-driver.ts';
import { type LocalVenue, startLocalVenue } from '../../test/conformance/local-testnet.ts';
import { dayMs, hourMs } from '../base/time.ts';
import { isPerp } from '../domain/instrument.ts';
import { seriesName } from '../history/series.ts';
import { systemClock } from '../io/clock.ts';
import { venues } from '../venues/registry.ts';
import { openData } from './data-source.ts';
import { lastCloseMs, type PullRequest, pullData } from './pull.ts';

const quiet = (): void => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'farb-pull-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe.each(venues.map((spec) => [spec.id, spec] as const))('%s', (id, spec) => {
  let local: LocalVenue;
  let toMs = 0;
  beforeAll(async () => {
    local = await startLocalVenue(id);
    toMs = lastCloseMs(Date.now(), hourMs);
  });
  afterAll(() => local.testnet.stop());

  const pull = (change: Partial<PullRequest> = {}) =>
    pullData({
      ...{ venues: [{ spec, endpoints: localEndpoints(spec, local) }], dir, log },
      ...{ symbols: ['BTC'], kinds: ['funding', 'perp', 'spot', 'mark', 'index'] },
      ...{ interval: '1h', intervalMs: hourMs, fromMs: toMs - 8 * dayMs, toMs },
      ...{ clock: systemClock(), stop: new AbortController().signal, onProgress: quiet },
      ...change,
    });

  it('funding and bars of every kind, without a hole, as the market has them', async () => {
    const report = await pull();
    expect(report.errors).toEqual([]);
    expect(report.series.filter(({ error }) => error !== null)).toEqual([]);
    const data = await (await openData(dir)).load();
    const listed = local.exchange
      .instruments()
      .filter(({ instrument }) => instrument.base === 'BTC');
    const perps = listed.filter(({ instrument }) => isPerp(instrument.kind));
    const kindsOfPerp = id === 'hyperliquid' ? 2 : 4;
    expect(data.series).toHaveLength(perps.length * kindsOfPerp + (listed.length - perps.length));
    for (const series of data.series.filter(({ id: { kind } }) => kind === 'bars')) {
      expect(series.tsMs.length, seriesName(series.id)).toBe(8 * 24);
      expect(series.tsMs[0]).toBe(toMs - 8 * dayMs);
      expect(series.tsMs.at(-1)).toBe(toMs - hourMs);
    }
    for (const { instrument } of perps) {
      const range = { fromMs: toMs - 8 * dayMs, toMs: toMs - 1 };
      const settled = local.exchange.fundingHistory(instrument.id, range);
      const funding = data.funding(id, instrument.symbol);
      expect([...(funding?.tsMs ?? [])]).toEqual(settled.map(({ settledAtMs }) => settledAtMs));
      settled.forEach(({ rate }, k) => {
        expect(Math.abs((funding?.rate[k] ?? 1) - rate)).toBeLessThan(1e-8);
      });
      const wanted = { venue: id, market: 'perp', symbol: instrument.symbol } as const;
      const bars = data.bars({ ...wanted, interval: '1h' });
      const [first] = local.exchange.bars(instrument.id, {
        ...{ price: 'traded', intervalMs: hourMs, rowsMax: 1 },
        ...{ fromMs: toMs - 8 * dayMs, toMs },
      });
      expect((bars?.open[0] ?? 0) / (first?.open ?? 1)).toBeCloseTo(1, 4);
    }
  });

  it('goes on where it was interrupted, and asks for nothing twice', async () => {
    const wish = { kinds: ['perp'] as const, symbols: ['BTC'] };
    const stop = new AbortController();
    // A few windows of every venue.
    const isNarrow = (spec.bars?.rowsMax ?? 0) <= 100;
    const minutes = isNarrow
      ? { interval: '30m', intervalMs: 1_800_000 }
      : { interval: '5m', intervalMs: 300_000 };
    const count = (8 * dayMs) / minutes.intervalMs;
    const half = await pull({
      ...{ ...wish, ...minutes, stop: stop.signal },
      onProgress: (done) => (done === 2 ? stop.abort() : undefined),
    });
    expect(half.rowsAdded).toBeGreaterThan(0);
    let windows = 0;
    const rest = await pull({ ...wish, ...minutes, onProgress: (done) => (windows = done) });
    const again = await pull({ ...wish, ...minutes });
    expect(again.series.every(({ rows }) => rows === 0)).toBe(true);
    const data = await (await openData(dir)).load();
    for (const series of data.series) {
      expect(series.tsMs.length, seriesName(series.id)).toBe(count);
    }
    expect(half.rowsAdded + rest.rowsAdded).toBe(data.series.length * count);
    const windowRows = spec.bars?.rowsMax ?? 0;
    const total = data.series.length * Math.ceil(count / windowRows);
    expect(windows).toBe(total - 2);
  });
});

it('a venue that does not answer is said, and the others are pulled', async () => {
  const [binance, okx] = venues;
  if (binance === undefined || okx === undefined) throw new Error('no venues');
  const local = await startLocalVenue('okx');
  try {
    const nowhere = { http: 'http://127.0.0.1:9', ws: 'ws://127.0.0.1:9' };
    const toMs = lastCloseMs(Date.now(), hourMs);
    const report = await pullData({
      venues: [
        { spec: binance, endpoints: localEndpoints(binance, nowhere) },
        { spec: okx, endpoints: localEndpoints(okx, local) },
      ],
      ...{ dir, log, symbols: ['BTC-USDT-SWAP'], kinds: ['perp'], interval: '1h' },
      ...{ intervalMs: hourMs, fromMs: toMs - dayMs, toMs, clock: systemClock() },
      ...{ stop: new AbortController().signal, onProgress: quiet },
    });
    expect(report.errors.map(({ venue }) => venue)).toEqual(['binance']);
    expect(report.series.map(({ name, rows }) => [name, rows])).toEqual([
      ['okx/bars/perp/1h/BTC-USDT-SWAP', 24],
    ]);
  } finally {
    await local.testnet.stop();
  }
});
