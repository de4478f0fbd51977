import { describe, expect, it } from 'vitest';
import { hourMs, minuteMs } from '../base/time.ts';
import { marketHash } from './market-hash.ts';
import { type RecordedData, type RecordedRate, recordedMarket } from './recorded-market.ts';
import type { RecordedBars } from './recorded-path.ts';

const startMs = 1_709_078_400_000; // 2024-02-28T00:00:00Z
const hours = 48;
const beforeH = 24;

/** Bars from a day before the start on; `price(h)` is the open of hour h after the start. */
function bars(price: (hour: number) => number): RecordedBars {
  const open = Float64Array.from({ length: beforeH + hours }, (_, k) => price(k - beforeH));
  const close = Float64Array.from(open, (_, k) => price(k + 1 - beforeH));
  return {
    intervalMs: hourMs,
    fromMs: startMs - beforeH * hourMs,
    open,
    high: open.map((o, k) => Math.max(o, close[k] as number) * 1.002),
    low: open.map((o, k) => Math.min(o, close[k] as number) * 0.998),
    close,
  };
}

const spotPrice = (hour: number) => 60_000 + 10 * hour;
const every8h: readonly RecordedRate[] = [-16, -8, 0, 8, 16, 24, 32, 40, 48].map((h, k) => ({
  settlesAtMs: startMs + h * hourMs,
  rate: 0.0001 * (k + 1),
}));

function recorded(change: Partial<RecordedData> = {}): RecordedData {
  return {
    spot: [{ underlying: 'BTC', venue: 'binance', bars: bars(spotPrice) }],
    perps: [
      { id: 'binance:BTC-USDT-PERP', bars: bars((h) => spotPrice(h) * 1.001), funding: every8h },
      { id: 'okx:BTC-USDT-PERP', bars: bars((h) => spotPrice(h) * 1.0004), funding: every8h },
    ],
    notes: ['spot of binance serves okx'],
    ...change,
  };
}

const market = recordedMarket({ data: recorded(), seed: 1, startMs });
const binance = 'binance:BTC-USDT-PERP';
const okx = 'okx:BTC-USDT-PERP';

describe('the recorded market', () => {
  it('lists the recorded perpetuals and the spot pairs of assets with an index', () => {
    expect(market.venues).toEqual(['binance', 'okx']);
    const ids = market.venues.flatMap((v) => market.instruments(v).map((i) => i.instrument.id));
    expect(ids).toEqual([binance, 'binance:BTC-USDT-SPOT', okx, 'okx:BTC-USDT-SPOT']);
    expect(market.labels()).toContainEqual({ kind: 'note', text: 'spot of binance serves okx' });
  });

  it('stands each perpetual its own basis above the one index that all venues share', () => {
    for (const minute of [0, 7, 100, 777]) {
      const tsMs = startMs + minute * minuteMs;
      const index = market.index('BTC', tsMs);
      expect(market.mid('okx:BTC-USDT-SPOT', tsMs)).toBe(index);
      expect(market.mid('binance:BTC-USDT-SPOT', tsMs)).toBe(index);
      expect(market.mid(binance, tsMs) / index - 1).toBeCloseTo(0.001, 6);
      expect(market.mid(okx, tsMs) / index - 1).toBeCloseTo(0.0004, 6);
    }
  });

  it('settles the recorded rate at the recorded time and nothing at others', () => {
    expect(market.fundingSettled(binance, startMs + 8 * hourMs)).toBe(0.0004);
    expect(market.fundingSettled(binance, startMs + 9 * hourMs)).toBeNull();
    expect(market.settlesAtMs(binance, startMs)).toBe(startMs + 8 * hourMs);
    expect(market.settlesAtMs(binance, startMs + 48 * hourMs)).toBeNull();
    const range = { fromMs: startMs, toMs: startMs + 16 * hourMs };
    expect(market.settlements(binance, range)).toEqual([
      startMs + 8 * hourMs,
      startMs + 16 * hourMs,
    ]);
  });

  it('estimates by the formula over the premium so far: 10 bp less the spread, less 5 bp', () => {
    const estimate = market.fundingEstimate(binance, startMs + 5 * hourMs);
    expect(estimate).toBeGreaterThan(0.0004);
    expect(estimate).toBeLessThan(0.0005);
  });

  it('estimates at OKX before 2025 the mean premium of the interval before', () => {
    const estimate = market.fundingEstimate(okx, startMs + hourMs);
    expect(estimate).toBeGreaterThan(0.0003);
    expect(estimate).toBeLessThan(0.0004);
    expect(market.fundingEstimate(okx, startMs + 7 * hourMs)).toBe(estimate);
  });

  it('estimates without a look ahead: nothing recorded later changes it', () => {
    const tsMs = startMs + 10 * hourMs + 20 * minuteMs;
    const later = (h: number) => (h > 11 ? 3 : 1);
    const other = recordedMarket({
      data: recorded({
        spot: [{ underlying: 'BTC', venue: 'binance', bars: bars((h) => spotPrice(h) * later(h)) }],
        perps: [binance, okx].map((id) => ({
          id,
          bars: bars((h) => spotPrice(h) * later(h) * (id === okx ? 1.0004 : 1.001 * later(h))),
          funding: every8h.map((r) => (r.settlesAtMs > tsMs ? { ...r, rate: -0.01 } : r)),
        })),
      }),
      seed: 1,
      startMs,
    });
    for (const id of [binance, okx]) {
      expect(other.fundingEstimate(id, tsMs)).toBe(market.fundingEstimate(id, tsMs));
      expect(other.mid(id, tsMs)).toBe(market.mid(id, tsMs));
    }
  });

  it('infers the interval from the settlement times, through a change and through a hole', () => {
    const at = [0, 8, 12, 16, 100].map((h) => startMs + h * hourMs);
    const funding = at.map((settlesAtMs) => ({ settlesAtMs, rate: 0.0001 }));
    const data = recorded();
    const perps = data.perps.map((perp) => ({ ...perp, funding }));
    const changed = recordedMarket({ data: { ...data, perps }, seed: 1, startMs });
    expect(changed.intervalMs(binance, startMs + hourMs)).toBe(8 * hourMs);
    expect(changed.intervalMs(binance, startMs + 8 * hourMs)).toBe(4 * hourMs);
    expect(changed.intervalMs(binance, startMs + 16 * hourMs)).toBe(4 * hourMs);
    expect(changed.intervalMs('binance:BTC-USDT-SPOT', startMs)).toBeNull();
  });

  it('stops its grid where the record ends', () => {
    expect(market.endMs).toBe(startMs + hours * hourMs);
    expect(market.gridTime(startMs + 100 * hourMs)).toBe(startMs + hours * hourMs);
  });

  it('says which bars are missing', () => {
    const holed = bars(spotPrice);
    for (const column of [holed.open, holed.high, holed.low, holed.close]) column[30] = Number.NaN;
    const spot = [{ underlying: 'BTC', venue: 'binance', bars: holed }];
    const texts = recordedMarket({ data: recorded({ spot }), seed: 1, startMs })
      .labels()
      .map(({ text }) => text);
    expect(texts).toContain('BTC: 1 spot bars are missing: flat');
  });

  it('is the same market for the same data and seed', () => {
    const range = { fromMs: startMs, toMs: startMs + 3 * hourMs, stepMs: 10 * minuteMs };
    const again = recordedMarket({ data: recorded(), seed: 1, startMs });
    again.fundingEstimate(okx, startMs + 20 * hourMs);
    expect(marketHash(again, range)).toBe(marketHash(market, range));
    const other = recordedMarket({ data: recorded(), seed: 2, startMs });
    expect(marketHash(other, range)).not.toBe(marketHash(market, range));
  });
});
