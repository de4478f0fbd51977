// Fees by volume: by the day, and in a run whose sums a person can check.
import { describe, expect, it } from 'vitest';
import {
  contractOf,
  everyHours,
  policyOf,
  startMs,
  tapeOf,
} from '../../test/support/backtest-tape.ts';
import { decimal } from '../base/decimal.ts';
import { dayMs } from '../base/time.ts';
import { billCountsOf } from '../engine/summary.ts';
import { type FeeTiers, TierBook } from './fee-tiers.ts';
import { runBacktest } from './run.ts';

const entry = { volumeUsd: 0, maker: decimal('0.0002'), taker: decimal('0.0005') };
const second = { volumeUsd: 4_000, maker: decimal('0'), taker: decimal('0.0001') };
const tiers: FeeTiers = { bybit: { perp: [entry, second] } };

describe('the tier of an account', () => {
  it('is that of thirty whole days before, and falls when they are over', () => {
    const book = new TierBook(tiers);
    book.traded('bybit', 'perp', { tsMs: 100.5 * dayMs, usd: 3_999 });
    expect(book.changesAt(101 * dayMs)).toEqual([]);
    book.traded('bybit', 'perp', { tsMs: 101.5 * dayMs, usd: 1 });
    const up = { tsMs: 102 * dayMs, venue: 'bybit', market: 'perp', tier: second };
    expect(book.changesAt(102 * dayMs)).toEqual([{ ...up, volumeUsd: 4_000 }]);
    expect(book.changesAt(103 * dayMs)).toEqual([]); // told once
    expect(book.changesAt(130 * dayMs)).toEqual([]); // day 100 is the thirtieth before
    const down = { ...up, tsMs: 131 * dayMs, tier: entry, volumeUsd: 1 };
    expect(book.changesAt(131 * dayMs)).toEqual([down]);
  });

  it('does not move by what is traded elsewhere, or today', () => {
    const book = new TierBook(tiers);
    book.traded('okx', 'perp', { tsMs: 100 * dayMs, usd: 1e9 });
    book.traded('bybit', 'spot', { tsMs: 100 * dayMs, usd: 1e9 });
    book.traded('bybit', 'perp', { tsMs: 101 * dayMs, usd: 1e9 });
    expect(book.changesAt(101 * dayMs)).toEqual([]);
  });
});

it('a backtest pays the better fee from the midnight after it was earned', () => {
  const bars = 72;
  const common = { bars, price: () => 100, settlesAtHours: everyHours(8, bars) };
  const tape = tapeOf([
    contractOf({ ...common, venue: 'binance' }),
    contractOf({ ...common, venue: 'bybit', rate: () => 0.002, fee: '0.0005' }),
  ]);
  const run = (feeTiers: FeeTiers) =>
    runBacktest({
      ...{ tape, policy: policyOf({}), capitalUsd: decimal('20000'), leverage: 3 },
      ...{ latencyMs: 50, dataDelayMs: 65_000, feeTiers },
    });
  // 4,000 USD a leg, opened on the first day at 0.0005 = 2 USD and closed on the third: at 0.0001
  // = 0.40 USD. Seven payments of 8 USD. Binance takes nothing.
  const { state, samples, trips, tierChanges, differences } = run(tiers);
  expect(tierChanges).toEqual([
    { tsMs: startMs + dayMs, venue: 'bybit', market: 'perp', tier: second, volumeUsd: 4_000 },
  ]);
  expect(trips).toMatchObject([{ fundingUsd: 56, priceUsd: 0 }]);
  expect(trips[0]?.feesUsd).toBeCloseTo(-2.4, 9);
  expect(samples.at(-1)?.equityUsd).toBeCloseTo(20_053.6, 9);
  // Books and venue agree to the last digit, and no bill differs from the formula.
  expect(differences).toEqual([]);
  expect(billCountsOf(state)).toMatchObject({ feesChecked: 4, feesDiffering: 0 });
  expect(run({}).trips[0]?.feesUsd).toBeCloseTo(-4, 9);
});
