// Steps of the engine per second: the journal of a seeded run in virtual time, stepped again from
// the empty state, strategies, risk and execution included. `evolve` alone is what a recovery does.
// Beside both stands their floor: a walk over the same objects in memory that only adds up what a
// decision would read of them (quotes, levels, rates), or what a fold would (the stamps).
import { decimal } from '../src/base/decimal.ts';
import type { EngineEvent, JournalRecord } from '../src/domain/event.ts';
import type { LegView } from '../src/domain/view.ts';
import { evolve } from '../src/engine/evolve.ts';
import { defaultReconcilePolicy, type Policy } from '../src/engine/policy.ts';
import { emptyState } from '../src/engine/state.ts';
import { step } from '../src/engine/step.ts';
import { defaultExecutionPolicy } from '../src/execution/policy.ts';
import { defaultLimits } from '../src/risk/limits.ts';
import { createSimExchange } from '../src/sim/exchange.ts';
import { runInProcess } from '../src/sim/in-process.ts';
import { seededMarket } from '../src/sim/seeded-market.ts';
import { strategies } from '../src/strategy/registry.ts';
import { defaultScanOptions } from '../src/strategy/scan.ts';
import { type Bench, mediansNs, type Row } from './measure.ts';

const seed = 7;
const startMs = Date.UTC(2026, 0, 5);
const warmUps = 25;
const bases = new Set(['BTC', 'ETH', 'SOL', 'AVAX', 'NEAR', 'SUI', 'PEPE', 'ARB']);

const policy: Policy = {
  strategies: strategies.map((strategy) => ({ strategy, params: strategy.defaults })),
  limits: defaultLimits,
  execution: defaultExecutionPolicy,
  reconcile: defaultReconcilePolicy,
  orderValidityMs: { binance: 2_000, okx: 2_000, bybit: 2_000 },
  entryCooldownMs: 3_000,
};

export const engineBench: Bench = {
  title: 'engine',
  run() {
    const records = recordedRun();
    const events = records.filter((record): record is EngineEvent => 'input' in record);
    const steps = () => {
      const state = emptyState();
      // A decision makes the effects anew: the records' own sequence numbers do not apply.
      for (const event of events) step(state, { ...event, seq: state.seq + 1 }, policy);
    };
    const folds = () => {
      const state = emptyState();
      for (const record of records) evolve(state, record);
    };
    const sums = () => {
      for (const event of events) sumOf(event);
    };
    const stamps = () => {
      for (const record of records) sink.total += record.seq + record.tsMs + record.wallMs;
    };
    // A process that trades has stepped its code warm within a minute; these are seconds of it.
    for (let i = 0; i < warmUps; i++) {
      steps();
      folds();
    }
    const works = [steps, sums, folds, stamps];
    const [stepsNs = Number.NaN, sumsNs = Number.NaN, foldsNs = Number.NaN, stampsNs = Number.NaN] =
      mediansNs(works);
    const rowOf = (name: string, count: number, ns: number, floorNs: number): Row => ({
      name,
      value: count / (ns / 1e9),
      unit: 'per s',
      ratio: ns / floorNs,
      note: `${count} of a seeded run`,
    });
    return [
      rowOf('events stepped (evolve, decide, evolve)', events.length, stepsNs, sumsNs),
      rowOf('the same events, their quotes added up', events.length, sumsNs, sumsNs),
      rowOf('records folded (recovery)', records.length, foldsNs, stampsNs),
      rowOf('the same records, their stamps added up', records.length, stampsNs, stampsNs),
    ];
  },
};

/** Keeps the floors from being compiled away. */
const sink = { total: 0 };

function sumOf({ input, legs }: EngineEvent): void {
  if (input.kind === 'pair-seen') {
    addLeg(input.view.longLeg);
    addLeg(input.view.shortLeg);
  }
  for (const leg of legs) addLeg(leg);
}

function addLeg({ bid, ask, bids, asks, funding, quoteAgeMs }: LegView): void {
  sink.total += bid + ask + quoteAgeMs + (funding?.ratePerInterval ?? 0);
  for (const [price, qty] of bids) sink.total += price * qty;
  for (const [price, qty] of asks) sink.total += price * qty;
}

function recordedRun(): readonly JournalRecord[] {
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
    policy,
    scan: defaultScanOptions,
    tradeMs: 240_000,
    windDownMs: 10_000,
    onRecord: (_, record) => records.push(record),
  });
  return records;
}
