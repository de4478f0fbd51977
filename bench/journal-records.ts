// A journal as long as one likes: the records of a seeded run, and the same run again as the next
// boot of the same installation, with its own epoch, ids and clocks. `evolve` folds all of them.
import { decimal } from '../src/base/decimal.ts';
import type { JournalRecord } from '../src/domain/event.ts';
import { defaultReconcilePolicy } from '../src/engine/policy.ts';
import { defaultExecutionPolicy } from '../src/execution/policy.ts';
import { defaultLimits } from '../src/risk/limits.ts';
import { createSimExchange } from '../src/sim/exchange.ts';
import { runInProcess } from '../src/sim/in-process.ts';
import { seededMarket } from '../src/sim/seeded-market.ts';
import { strategies } from '../src/strategy/registry.ts';
import { defaultScanOptions } from '../src/strategy/scan.ts';

const seed = 7;
const startMs = Date.UTC(2026, 0, 5);
const bases = new Set(['BTC', 'ETH', 'SOL', 'XRP', 'DOGE', 'SUI', 'NEAR', 'AVAX']);
const runMs = 3_600_000;

export function recordsOfRun(): readonly JournalRecord[] {
  const market = seededMarket({ seed, startMs });
  const exchanges = market.venues.map((venue) =>
    createSimExchange({
      venue,
      market,
      startBalances: (venue === 'binance' ? ['spot', 'futures'] : ['unified']).map((wallet) => ({
        wallet,
        asset: 'USDT',
        amount: decimal('40000'),
      })),
    }),
  );
  const records: JournalRecord[] = [];
  runInProcess({
    seed,
    startMs,
    speed: 720,
    exchanges,
    wants: ({ base, quote, kind }) =>
      bases.has(base) && quote === 'USDT' && (kind === 'linear-perp' || kind === 'spot'),
    policy: {
      strategies: strategies.map((strategy) => ({ strategy, params: strategy.defaults })),
      limits: defaultLimits,
      execution: defaultExecutionPolicy,
      reconcile: defaultReconcilePolicy,
      orderValidityMs: { binance: 2_000, okx: 2_000, bybit: 2_000 },
      entryCooldownMs: 3_000,
    },
    scan: defaultScanOptions,
    tradeMs: 60_000,
    windDownMs: 20_000,
    onRecord: (_, record) => records.push(record),
  });
  return records;
}

/** The run as the boot of that epoch (1 = as it was). */
export function asBoot(records: readonly JournalRecord[], epoch: number): readonly JournalRecord[] {
  if (epoch === 1) return records;
  const moved = (epoch - 1) * runMs;
  return records.map((record) => ({
    ...(renamed(record, epoch, '') as JournalRecord), // the same shape with other ids
    seq: record.seq + (epoch - 1) * records.length,
    tsMs: record.tsMs + moved,
    wallMs: record.wallMs + moved,
  }));
}

function renamed(value: unknown, epoch: number, key: string): unknown {
  if (typeof value === 'string') {
    if (key === 'fillId') return `${epoch}.${value}`;
    return value
      .replace(/\bp1-/, `p${epoch}-`)
      .replace('fasimsim0001', `fasimsim${epoch.toString(36).padStart(4, '0')}`);
  }
  if (key === 'epoch') return epoch;
  if (Array.isArray(value)) {
    // Levels hold no names.
    return Array.isArray(value[0]) ? value : value.map((item) => renamed(item, epoch, ''));
  }
  if (typeof value !== 'object' || value === null) return value;
  const item: Record<string, unknown> = {};
  for (const [name, held] of Object.entries(value)) item[name] = renamed(held, epoch, name);
  if (item['kind'] === 'funding-payment') item['id'] = `${epoch}.${String(item['id'])}`;
  return item;
}
