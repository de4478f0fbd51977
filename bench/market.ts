// Instruments and tables for the benchmarks: as many assets and venues as asked for.
import { decimal } from '../src/base/decimal.ts';
import { hourMs } from '../src/base/time.ts';
import { Catalog, type Instrument, instrumentIdOf } from '../src/domain/instrument.ts';
import { MarketTable, slot } from '../src/domain/market-table.ts';
import { perpPerp } from '../src/strategy/perp-perp.ts';
import { defaultScanOptions, nowSlot, PairScan } from '../src/strategy/scan.ts';

export const benchTsMs = 1_709_136_000_000;
const wallMs = 1_000_000;

export function perpOf(venue: string, symbol: string, base: string): Instrument {
  return {
    id: instrumentIdOf({ venue, kind: 'linear-perp', base, quote: 'USDT' }),
    venue,
    symbol,
    kind: 'linear-perp',
    base,
    quote: 'USDT',
    settle: 'USDT',
    wallet: 'unified',
    contractSize: decimal('1'),
    qtyUnit: decimal(venue === 'okx' ? '0.01' : '1'),
    priceUnit: decimal('1'),
    tickSize: decimal('0.1'),
    lotSize: decimal('0.001'),
    qtyMin: decimal('0.001'),
    qtyMax: null,
    notionalMin: null,
    status: 'trading',
    fundingIntervalMs: 8 * hourMs,
    leverageMax: null,
  };
}

export interface BenchMarket {
  readonly catalog: Catalog;
  readonly table: MarketTable;
  readonly scan: PairScan;
}

/** Every row quoted at 65,000 with a rate at which nothing passes. */
export function benchMarket(instruments: readonly Instrument[]): BenchMarket {
  const catalog = new Catalog();
  for (const instrument of instruments) catalog.put(instrument);
  const table = new MarketTable(catalog.size);
  for (let index = 0; index < catalog.size; index++) {
    table.set(index, slot.bid, 65_000);
    table.set(index, slot.ask, 65_001);
    table.set(index, slot.ratePerInterval, 0.0001 + (index % 7) * 1e-6);
    table.set(index, slot.intervalMs, 8 * hourMs);
    table.set(index, slot.settlesAtMs, benchTsMs + 3 * hourMs);
  }
  const scan = new PairScan({
    table,
    catalog,
    strategies: [{ strategy: perpPerp, params: perpPerp.defaults }],
    feeRateTaker: () => 0.0005,
    options: defaultScanOptions,
  });
  scan.now[nowSlot.tsMs] = benchTsMs;
  scan.now[nowSlot.wallMs] = wallMs;
  return { catalog, table, scan };
}
