// The columnar path says what the exact engine says: to the last digit where nothing is rounded to
// ticks, within a named share of the traded notional where it is.
import { describe, expect, it } from 'vitest';
import {
  type Bar,
  type ContractSpec,
  contractOf,
  everyHours,
  noSpread,
  policyOf,
  tapeOf,
} from '../../test/support/backtest-tape.ts';
import { syntheticTape } from '../../test/support/synthetic-tape.ts';
import { cashCarry } from '../strategy/cash-carry.ts';
import { type Reconciled, type ReconcileRequest, reconcile } from './reconcile.ts';
import type { Tape } from './tape.ts';

const bars = 72;

function pairTape(both: Partial<ContractSpec> = {}, short: Partial<ContractSpec> = {}): Tape {
  const common = { bars, price: () => 100, settlesAtHours: everyHours(8, bars), ...both };
  return tapeOf([
    contractOf({ ...common, venue: 'binance' }),
    contractOf({ ...common, rate: () => 0.002, ...short, venue: 'bybit' }),
  ]);
}

function run(tape: Tape, more: Partial<ReconcileRequest> = {}): readonly Reconciled[] {
  return reconcile({
    tape,
    policy: policyOf({}),
    capitalPerLegUsd: 10_000,
    leverage: 3,
    latencyMs: 50,
    dataDelayMs: 65_000,
    ...more,
  });
}

describe('to the last digit', () => {
  it.each([
    ['constant rates and prices', pairTape()],
    ['with fees', pairTape({ fee: '0.0005' })],
    [
      'an interval that changes',
      pairTape({}, { settlesAtHours: [0, 8, 16, 24, ...everyHours(4, 40).map((h) => h + 28)] }),
    ],
    ['missing bars', pairTape({ price: (k) => (k >= 6 && k < 20 ? null : 100) })],
    ['rates that stop', pairTape({}, { settlesAtHours: [0, 8, 16, 24] })],
    ['a rate that turns', pairTape({}, { rate: (hour) => (hour < 40 ? 0.002 : -0.003) })],
  ])('%s', (_, tape) => {
    const [row] = run(tape);
    expect(row?.exact.trips).toBeGreaterThan(0);
    expect(row?.columnar.trips).toBe(row?.exact.trips);
    expect(row?.columnar.pnlUsd).toBeCloseTo(row?.exact.pnlUsd ?? Number.NaN, 9);
    expect(row?.columnar.fundingUsd).toBeCloseTo(row?.exact.fundingUsd ?? Number.NaN, 9);
    expect(row?.columnar.feesUsd).toBeCloseTo(row?.exact.feesUsd ?? Number.NaN, 9);
  });

  it('a liquidated leg', () => {
    const jump: Bar = { open: 100, high: 150, low: 100, close: 150 };
    const price = (k: number) => (k < 40 ? 100 : k === 40 ? jump : 150);
    const tape = pairTape({ price }, { price: (k) => (k > 40 ? null : price(k)) });
    const [row] = run(tape, { capitalPerLegUsd: 2_000 });
    // 4,002 of 4,000: see run.test.ts.
    expect(row?.exact.pnlUsd).toBe(2);
    expect(row?.columnar.pnlUsd).toBeCloseTo(2, 9);
  });

  it('a contract that ends while it is held', () => {
    // 20,031.2: see run.test.ts.
    const price = (k: number) => (k < 39 ? 100 : 90);
    const tape = pairTape({ price }, { price: (k) => (k > 39 ? null : price(k)) });
    const [row] = run(tape);
    expect(row?.exact.pnlUsd).toBeCloseTo(31.2, 9);
    expect(row?.columnar.pnlUsd).toBeCloseTo(31.2, 9);
  });

  it('spot against a perpetual', () => {
    const spec = { bars: 240, price: () => 100, settlesAtHours: everyHours(8, 240) };
    const tape = tapeOf([
      contractOf({ ...spec, venue: 'binance', kind: 'spot' }),
      contractOf({ ...spec, venue: 'bybit', rate: () => 0.001 }),
    ]);
    const policy = policyOf({ strategy: cashCarry });
    const [row] = run(tape, { policy });
    expect(row?.exact.trips).toBe(1);
    expect(row?.columnar.pnlUsd).toBeCloseTo(row?.exact.pnlUsd ?? Number.NaN, 9);
  });
});

describe('within a share of what was traded', () => {
  it('a spread and levels: the grid of prices and lots is all that differs', () => {
    const depth = { ...noSpread, halfSpread: 0.0002, touchUsd: 1_000, levelUsd: 1_000, levels: 10 };
    const [row] = run(pairTape({ depth, fee: '0.0003' }));
    expect(row?.difference).toBeLessThan(0.00002);
  });

  it('noisy prices and rates of three venues', () => {
    const tape = syntheticTape({
      venues: ['binance', 'okx', 'bybit'],
      assets: 4,
      bars: 4_000,
      seed: 2,
    });
    const rows = run(tape, {
      policy: policyOf({ params: { netEdgeMin: 0.0005 } }),
    });
    const trips = rows.reduce((sum, { exact }) => sum + exact.trips, 0);
    expect(trips).toBeGreaterThan(10);
    for (const { exact, columnar, difference } of rows) {
      expect(Math.abs(columnar.trips - exact.trips)).toBeLessThanOrEqual(1 + exact.trips * 0.1);
      expect(difference ?? 0).toBeLessThan(0.0002);
    }
  });
});
