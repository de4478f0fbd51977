// Test support: one deterministic run of the whole system over the seeded market.
import { decimal } from '../../src/base/decimal.ts';
import type { JournalRecord } from '../../src/domain/event.ts';
import { defaultReconcilePolicy, type Policy } from '../../src/engine/policy.ts';
import { defaultExecutionPolicy } from '../../src/execution/policy.ts';
import { defaultLimits } from '../../src/risk/limits.ts';
import type { SimExchange } from '../../src/sim/api.ts';
import { createSimExchange } from '../../src/sim/exchange.ts';
import { type InProcessOptions, runInProcess } from '../../src/sim/in-process.ts';
import type { ExogenousMarket } from '../../src/sim/market-api.ts';
import { seededMarket } from '../../src/sim/seeded-market.ts';
import { strategies } from '../../src/strategy/registry.ts';
import { defaultScanOptions } from '../../src/strategy/scan.ts';

export const runStartMs = Date.UTC(2026, 0, 5);

export const testPolicy: Policy = {
  strategies: strategies.map((strategy) => ({ strategy, params: strategy.defaults })),
  limits: defaultLimits,
  execution: defaultExecutionPolicy,
  reconcile: defaultReconcilePolicy,
  orderValidityMs: { binance: 2_000, okx: 2_000, bybit: 2_000 },
  entryCooldownMs: 3_000,
};

export interface TestRun {
  readonly lines: readonly string[];
  readonly records: readonly JournalRecord[];
  readonly state: ReturnType<typeof runInProcess>['state'];
  readonly exchanges: readonly SimExchange[];
}

/** A small universe keeps a run short: the assets that something happens to first. */
const basesMax = 5;

export function testRun(seed: number, changes: Partial<InProcessOptions> = {}): TestRun {
  const market = seededMarket({ seed, startMs: runStartMs });
  const exchanges = market.venues.map((venue) =>
    createSimExchange({
      venue,
      market,
      startBalances:
        venue === 'binance'
          ? [
              { wallet: 'spot', asset: 'USDT', amount: decimal('20000') },
              { wallet: 'futures', asset: 'USDT', amount: decimal('20000') },
            ]
          : [{ wallet: 'unified', asset: 'USDT', amount: decimal('40000') }],
    }),
  );
  const bases = new Set(['BTC', ...dislocatedBases(market).slice(0, basesMax)]);
  const lines: string[] = [];
  const records: JournalRecord[] = [];
  const { state } = runInProcess({
    seed,
    startMs: runStartMs,
    speed: 720,
    exchanges,
    wants: ({ base, quote, kind }) =>
      bases.has(base) && quote === 'USDT' && (kind === 'linear-perp' || kind === 'spot'),
    policy: testPolicy,
    scan: defaultScanOptions,
    tradeMs: 60_000,
    windDownMs: 30_000,
    onRecord(text, record) {
      lines.push(text);
      records.push(record);
    },
    ...changes,
  });
  return { lines, records, state, exchanges };
}

function dislocatedBases(market: ExogenousMarket): readonly string[] {
  return market
    .labels()
    .flatMap((label) => (label.kind === 'dislocation' ? [label] : []))
    .sort((a, b) => a.fromMs - b.fromMs)
    .map(({ instrument }) => instrument.split(':')[1]?.split('-')[0] ?? '');
}
