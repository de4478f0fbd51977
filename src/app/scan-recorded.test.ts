import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { recordedSnapshot } from './scan-recorded.ts';

const hourMs = 3_600_000;
const startMs = 1_709_078_400_000; // 2024-02-28T00:00Z
const barHeader = 'venue,market,symbol,interval,ts_ms,open,high,low,close,volume';
const fundingHeader = 'venue,symbol,ts_ms,rate,mark_price';
const dirs: string[] = [];

afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

/** Hourly bars whose open is 1000 + the hour, rates of 0.0001 x the number of the settlement. */
function recorded(): string {
  const dir = mkdtempSync(join(tmpdir(), 'farb-scan-'));
  dirs.push(dir);
  const bars = Array.from({ length: 48 }, (_, h) => {
    const open = 1_000 + h;
    return `binance,perp,BTCUSDT,1h,${startMs + h * hourMs},${open},${open},${open},${open + 1},1`;
  });
  const rates = Array.from({ length: 6 }, (_, k) => {
    return `binance,BTCUSDT,${startMs + k * 8 * hourMs},0.000${k + 1},`;
  });
  const slow = `okx,perp,BTC-USDT-SWAP,8h,${startMs + 4 * hourMs},900,900,900,900,1`;
  writeFileSync(join(dir, 'perp.csv'), [barHeader, ...bars, ''].join('\n'));
  writeFileSync(join(dir, 'funding.csv'), [fundingHeader, ...rates, ''].join('\n'));
  writeFileSync(join(dir, 'slow.csv'), [barHeader, slow, ''].join('\n'));
  return dir;
}

function btc(atMs: number) {
  const snapshot = recordedSnapshot({ dir: recorded(), atMs });
  return { snapshot, view: snapshot.legs.get('binance:BTC-USDT-PERP')?.view };
}

describe('the recorded snapshot', () => {
  it('knows the rate that has settled and not the one that will', () => {
    const before = btc(startMs + 16 * hourMs - 1);
    expect(before.view?.funding).toEqual({
      ratePerInterval: 0.0002,
      intervalMs: 8 * hourMs,
      settlesAtMs: startMs + 16 * hourMs,
    });
    const at = btc(startMs + 16 * hourMs);
    expect(at.view?.funding?.ratePerInterval).toBe(0.0003);
    expect(at.view?.funding?.settlesAtMs).toBe(startMs + 24 * hourMs);
  });

  it('prices are opens of the last full hour: never a close that is still to come', () => {
    const { view } = btc(startMs + 10 * hourMs + hourMs / 2);
    expect([view?.bid, view?.ask]).toEqual([1_010, 1_010]);
  });

  it('a bar of eight hours is no price: its open is of another time', () => {
    const { snapshot } = btc(startMs + 10 * hourMs);
    expect(snapshot.legs.has('okx:BTC-USDT-PERP')).toBe(false);
    expect(snapshot.hasBooks).toBe(false);
  });

  it('before the second settlement the interval is not known, and no rate is guessed', () => {
    expect(btc(startMs + hourMs).view?.funding).toBeNull();
  });

  it('a moment without prices is told', () => {
    expect(() => btc(startMs - 24 * hourMs)).toThrow('Choose another --at');
  });
});
