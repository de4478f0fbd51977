import { expect, it } from 'vitest';
import { policyOf } from '../../test/support/backtest-tape.ts';
import { syntheticTape } from '../../test/support/synthetic-tape.ts';
import { capacityOf } from './capacity.ts';

it('more notional earns more, until the impact takes the edge', () => {
  const tape = syntheticTape({ venues: ['binance', 'bybit'], assets: 2, bars: 2_000, seed: 4 });
  const { strategies } = policyOf({});
  const request = { tape, strategies, dataDelayMs: 65_000, capitalPerLegUsd: 10_000 };
  const points = capacityOf(request);
  expect(points.map(({ notionalUsd }) => notionalUsd)).toEqual([
    2_000, 4_000, 8_000, 20_000, 40_000, 100_000, 200_000,
  ]);
  expect(points[1]?.netUsd).toBeGreaterThan(points[0]?.netUsd ?? Number.NaN);
  // The best level holds 50,000 USD: a fifty times larger leg earns less than fifty times as much.
  expect(points[6]?.netUsd).toBeLessThan(50 * (points[1]?.netUsd ?? Number.NaN));
});
