import { describe, expect, it } from 'vitest';
import { hourMs, minuteMs } from '../base/time.ts';
import { marketHash } from './market-hash.ts';
import { seededMarket } from './seeded-market.ts';

const startMs = 1_709_251_200_000; // 2024-03-01T00:00:00Z
const range = { fromMs: startMs, toMs: startMs + 2 * hourMs, stepMs: 20 * minuteMs };

describe('the market hash', () => {
  it('is the same for two markets with one seed, whatever was asked of one of them before', () => {
    const asked = seededMarket({ seed: 7, startMs });
    for (const minutes of [700, 3, 90, 12]) {
      asked.fundingEstimate('okx:WIF-USDT-PERP', startMs + minutes * minuteMs);
      asked.baseBook('bybit:BTC-USDT-PERP', startMs + minutes * minuteMs, 3);
    }
    expect(marketHash(asked, range)).toBe(marketHash(seededMarket({ seed: 7, startMs }), range));
  });

  it('differs between seeds, starts and ranges', () => {
    const hash = marketHash(seededMarket({ seed: 7, startMs }), range);
    const others = [
      marketHash(seededMarket({ seed: 8, startMs }), range),
      marketHash(seededMarket({ seed: 7, startMs: startMs - hourMs }), range),
      marketHash(seededMarket({ seed: 7, startMs }), { ...range, stepMs: 10 * minuteMs }),
    ];
    for (const other of others) expect(other).not.toBe(hash);
  });
});
