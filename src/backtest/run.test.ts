// The exact backtest against sums that a person can check. In all of them one asset stands on two
// venues; binance pays nothing, bybit's shorts receive. Settlements every 8 hours from hour 0; the
// interval is known with the second one (hour 8), so the pair opens at 08:01:05 and is wound down
// at hour 71 of 72. Payments fall at hours 16, 24, 32, 40, 48, 56, 64: seven.
import { describe, expect, it } from 'vitest';
import {
  type Bar,
  type ContractSpec,
  contractOf,
  everyHours,
  noSpread,
  policyOf,
  startMs,
  tapeOf,
} from '../../test/support/backtest-tape.ts';
import { decimal, toNumber } from '../base/decimal.ts';
import { Prng } from '../base/prng.ts';
import { hourMs } from '../base/time.ts';
import type { JournalRecord } from '../domain/event.ts';
import { stateHashOf } from '../engine/summary.ts';
import { cashCarry } from '../strategy/cash-carry.ts';
import { type BacktestOptions, type BacktestRun, runBacktest } from './run.ts';
import type { Tape } from './tape.ts';

const bars = 72;
const longId = 'binance:BTC-USDT-PERP';
const shortId = 'bybit:BTC-USDT-PERP';

function pairTape(both: Partial<ContractSpec> = {}, short: Partial<ContractSpec> = {}): Tape {
  const common = { bars, price: () => 100, settlesAtHours: everyHours(8, bars), ...both };
  return tapeOf([
    contractOf({ ...common, venue: 'binance' }),
    contractOf({ ...common, rate: () => 0.002, ...short, venue: 'bybit' }),
  ]);
}

function run(tape: Tape, more: Partial<BacktestOptions> = {}): BacktestRun {
  return runBacktest({
    tape,
    policy: policyOf({}),
    capitalUsd: decimal('20000'),
    leverage: 3,
    latencyMs: 50,
    dataDelayMs: 65_000,
    ...more,
  });
}

function equityEnd({ samples }: BacktestRun): number {
  return samples.at(-1)?.equityUsd ?? Number.NaN;
}

describe('truth', () => {
  it('constant rates and prices earn the sum of their payments', () => {
    // 4,000 USD at 100: 40 BTC a leg. A payment: 40 x 100 x 0.002 = 8. Seven: 56.
    const result = run(pairTape());
    expect(equityEnd(result)).toBe(20_056);
    expect(result.trips).toMatchObject([{ qty: 40, fundingUsd: 56, priceUsd: 0, feesUsd: 0 }]);
    expect(result.state.counters.nakedDeltaMsMax).toBe(0);
    expect(result.differences).toEqual([]);
  });

  it('fees are those of four fills', () => {
    // 4 fills x 4,000 x 0.0005 = 8. 56 - 8 = 48.
    const result = run(pairTape({ fee: '0.0005' }));
    expect(equityEnd(result)).toBe(20_048);
    expect(result.trips[0]?.feesUsd).toBe(-8);
  });

  it('entries and exits trade at the executable side, never at the price of the bar', () => {
    // Half a spread of 2 bp: bought at 100.02, sold at 99.98. 4,000 / 100.02 = 39.99 BTC.
    // Long: 39.99 x (99.98 - 100.02), short the same: together -3.1992.
    // Payments: 7 x 39.99 x 100 x 0.002 = 55.986. Sum: 52.7868.
    const depth = { ...noSpread, halfSpread: 0.0002 };
    const result = run(pairTape({ depth }));
    expect(equityEnd(result)).toBeCloseTo(20_052.7868, 9);
    const fills = result.trips[0];
    expect(fills?.priceUsd).toBeCloseTo(-3.1992, 9);
  });

  it('depth behind the best price costs what the levels say', () => {
    // 1,000 USD on the best price (10 BTC at 100), then 1 bp away 3,000 (30 BTC at 100.01).
    // Each of the four fills is 40 BTC: 10 at 100, at most 29.997 at 1 bp, the rest 1 bp further.
    const depth = { halfSpread: 0, touchUsd: 1_000, levelUsd: 3_000, step: 0.0001, levels: 3 };
    const result = run(pairTape({ depth }));
    const [trip] = result.trips;
    expect(trip?.qty).toBe(40);
    // Buy: levels hold 10, floor(3,000/100.01 = 29.997) = 29.99 on the lot, then 0.01 at 100.02.
    //   0 + 29.99 x 0.01 + 0.01 x 0.02 = 0.3001 above 100 a fill.
    // Sell: 10 at 100, 30 at 99.99 (3,000/99.99 = 30.003): 30 x 0.01 = 0.3 a fill.
    // Two buys and two sells: -(0.6002 + 0.6) = -1.2002.
    expect(trip?.priceUsd).toBeCloseTo(-1.2002, 9);
  });

  it('a change of the interval pays at the new times', () => {
    // Every 8 hours until hour 24, then every 4: 16, 24, 28, 32, ..., 68: 2 + 11 = 13 payments.
    const hours = [0, 8, 16, 24, ...Array.from({ length: 12 }, (_, k) => 28 + 4 * k)];
    const result = run(pairTape({}, { settlesAtHours: hours }));
    expect(equityEnd(result)).toBe(20_000 + 13 * 8);
  });

  it('a leg is liquidated alone, at the bar that reaches it, and the other leg is closed', () => {
    // 2,000 USD a venue. In bar 40 the price goes 100 -> 150. Before it four payments of 8: 32.
    // bybit's wallet: 2,032 - 40 x (150 - 100) = 32, below 1% x 6,000 = 60: closed at 150, with
    // 0.5% x 6,000 = 30 of fee: 2 are left. binance's long is sold at 150: +2,000.
    // 4,000 + 32 - 2,000 - 30 + 2,000 = 4,002. After it bybit's record ends: nothing more trades.
    const jump: Bar = { open: 100, high: 150, low: 100, close: 150 };
    const price = (k: number) => (k < 40 ? 100 : k === 40 ? jump : 150);
    const tape = pairTape({ price }, { price: (k) => (k > 40 ? null : price(k)) });
    const result = run(tape, { capitalUsd: decimal('4000') });
    expect(equityEnd(result)).toBe(4_002);
    expect(result.trips[0]).toMatchObject({ forcedFills: 1, fundingUsd: 32, feesUsd: -30 });
    expect(result.state.positions.size).toBe(0);
  });

  it('a bar whose extremes miss the liquidation price by a hair liquidates nothing', () => {
    // 2,032 + 4,000 = 40.4 P: P = 149.307. A high of 149.3 is survived: 2,032 - 1,972 = 60 against
    // a maintenance margin of 59.72.
    const near: Bar = { open: 100, high: 149.3, low: 100, close: 100 };
    const tape = pairTape({ price: (k) => (k === 40 ? near : 100) });
    const result = run(tape, { capitalUsd: decimal('4000') });
    expect(result.trips[0]?.forcedFills).toBe(0);
    expect(equityEnd(result)).toBe(4_056);
  });

  it('auto-deleveraging as a scenario halves both legs', () => {
    // At hour 30.5 half of bybit's 40 BTC is closed at 100; binance follows. Payments: two of 8,
    // then five of 4: 36.
    const atMs = startMs + 30.5 * hourMs;
    const half = { kind: 'adl', atMs, instrument: shortId, share: decimal('0.5') } as const;
    const result = run(pairTape(), { scenarios: [half] });
    expect(equityEnd(result)).toBe(20_036);
    expect(result.trips[0]).toMatchObject({ forcedFills: 1, fundingUsd: 36 });
  });

  it('a scenario without a position says that it had no effect', () => {
    const early = { kind: 'adl', atMs: startMs + hourMs, instrument: shortId } as const;
    const result = run(pairTape(), { scenarios: [{ ...early, share: decimal('1') }] });
    expect(result.scenariosWithoutEffect).toBe(1);
  });
});

describe('what is not known does not trade', () => {
  it('a bar that is missing trades nothing and settles all the same', () => {
    const missing = (k: number) => k >= 6 && k < 20;
    const records: JournalRecord[] = [];
    const tape = pairTape({ price: (k) => (missing(k) ? null : 100) });
    const result = run(tape, { onRecord: (record) => records.push(record) });
    for (const record of records) {
      if (!('input' in record) || record.input.kind !== 'fill') continue;
      expect(missing(Math.floor((record.tsMs - startMs) / hourMs))).toBe(false);
    }
    // Opened with the close of bar 20, at hour 21; payments from 24 on: six of 8.
    expect(equityEnd(result)).toBe(20_048);
  });

  it('an order that arrives in a missing bar is not filled', () => {
    const tape = pairTape({ price: (k) => (k === 8 ? null : 100) });
    const result = run(tape);
    const opened = result.trips[0]?.openedAtMs ?? Number.NaN;
    expect(Math.floor((opened - startMs) / hourMs)).toBe(10);
  });

  it('rates that stop coming stop the entries: the record is not continued', () => {
    const some = [0, 8, 16];
    const price = (k: number) => (k < 30 ? null : 100);
    const result = run(pairTape({ price }, { settlesAtHours: some }));
    expect(result.trips).toEqual([]);
    expect(equityEnd(result)).toBe(20_000);
  });

  it('a contract whose record ends is settled at its last price, not forgotten', () => {
    // bybit ends with bar 39 at 90: the short is closed there (+400), binance sold at 90 (-400).
    const price = (k: number) => (k < 39 ? 100 : 90);
    const tape = pairTape({ price }, { price: (k) => (k > 39 ? null : price(k)) });
    const result = run(tape);
    expect(result.trips[0]).toMatchObject({ forcedFills: 1, closeReason: 'unwound' });
    // Payments 16, 24, 32 at 100 of 8; at hour 40 at 90: 40 x 90 x 0.002 = 7.2.
    expect(equityEnd(result)).toBeCloseTo(20_031.2, 9);
  });
});

describe('a spot market', () => {
  const count = 400;
  const spec = { bars: count, settlesAtHours: everyHours(8, count) };
  const carry = { policy: policyOf({ strategy: cashCarry }) };

  it('that ends is sold into its last book, and the short is closed', () => {
    const tape = tapeOf([
      contractOf({ ...spec, venue: 'binance', kind: 'spot', price: (k) => (k < 40 ? 100 : null) }),
      contractOf({ ...spec, venue: 'bybit', price: () => 100, rate: () => 0.002 }),
    ]);
    const result = run(tape, carry);
    // Opened at hour 8, the spot's last bar ends at 40: payments at 16, 24, 32, 40 of 8; the short
    // is closed seconds after the last.
    expect(equityEnd(result)).toBe(20_032);
    expect(result.trips[0]).toMatchObject({ fundingUsd: 32, closeReason: 'unwound' });
  });

  it('that is gone while its pair closes does not keep the engine busy', () => {
    // The perpetual ends at hour 40 while the spot has a hole of 300 bars: coins wait, then sell.
    const tape = tapeOf([
      contractOf({
        ...spec,
        venue: 'binance',
        kind: 'spot',
        price: (k) => (k < 38 || k > 340 ? 100 : null),
      }),
      contractOf({
        ...spec,
        venue: 'bybit',
        price: (k) => (k < 40 ? 100 : null),
        rate: () => 0.002,
      }),
    ]);
    const result = run(tape, carry);
    const hours = ((result.trips[0]?.closedAtMs ?? Number.NaN) - startMs) / hourMs;
    expect(Math.floor(hours)).toBe(341);
    expect(result.events).toBeLessThan(6_000);
  });
});

describe('nothing is known before its time', () => {
  it('decisions before a bar are the same whatever comes after it', () => {
    const from = 200;
    const cut = 140;
    const cutMs = startMs + cut * hourMs;
    const before = recordsOf(noisy(from, 1, 1), cutMs);
    const other = recordsOf(noisy(from, 1, 1, cut), cutMs);
    expect(before.length).toBeGreaterThan(300);
    expect(before.some((text) => text.includes('place-order'))).toBe(true);
    expect(other).toEqual(before);
  });

  it('rates that are moved one settlement ahead change the result', () => {
    const fair = run(noisy(400, 3, 3));
    const peeking = run(shiftRates(noisy(400, 3, 3)));
    expect(fair.trips.length).toBeGreaterThan(0);
    expect(equityEnd(peeking)).not.toBe(equityEnd(fair));
  });

  it('prices that are moved one bar ahead change the result', () => {
    const fair = run(noisy(400, 3, 3));
    const peeking = run(shiftPrices(noisy(400, 3, 3)));
    expect(equityEnd(peeking)).not.toBe(equityEnd(fair));
  });

  it('the same tape gives the same state', () => {
    const hash = () => stateHashOf(run(noisy(300, 5, 5)).state);
    expect(hash()).toBe(hash());
  });
});

/** Random prices and rates; from bar `changed` on, others. */
function noisy(count: number, priceSeed: number, rateSeed: number, changed = count): Tape {
  const level = (seed: number): number[] => {
    const first = new Prng(seed);
    const second = new Prng(seed + 1_000);
    let value = 100;
    return Array.from({ length: count }, (_, k) => {
      const prng = k < changed ? first : second;
      value *= 1 + (prng.float() - 0.5) * 0.01;
      return Math.round(value * 100) / 100;
    });
  };
  const prices = level(priceSeed);
  const ratesOf = (seed: number) => {
    const values = level(seed).map((value) => Math.round((value - 99) * 4) / 10_000);
    return (hour: number) => values[Math.min(hour, count - 1)] as number; // hours are bars here
  };
  const price = (k: number): Bar => {
    const close = prices[k] as number;
    const open = prices[Math.max(0, k - 1)] as number;
    return { open, close, high: Math.max(open, close) + 0.05, low: Math.min(open, close) - 0.05 };
  };
  const spec = { bars: count, price, settlesAtHours: everyHours(8, count), fee: '0.0001' };
  return tapeOf([
    contractOf({ ...spec, venue: 'binance', rate: ratesOf(rateSeed + 10) }),
    contractOf({ ...spec, venue: 'bybit', rate: ratesOf(rateSeed + 20) }),
  ]);
}

function recordsOf(tape: Tape, untilMs: number): readonly string[] {
  const texts: string[] = [];
  const text = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value);
  run(tape, {
    onRecord: (record) => {
      if (record.tsMs < untilMs) texts.push(JSON.stringify(record, text));
    },
  });
  return texts;
}

function shiftRates(tape: Tape): Tape {
  return {
    ...tape,
    contracts: tape.contracts.map((contract) => {
      const { funding } = contract;
      if (funding === null) return contract;
      const rate = Float64Array.from(funding.rate, (own, k) => funding.rate[k + 1] ?? own);
      return { ...contract, funding: { ...funding, rate } };
    }),
  };
}

function shiftPrices(tape: Tape): Tape {
  const ahead = (column: Float64Array) =>
    Float64Array.from(column, (own, k) => column[k + 1] ?? own);
  return {
    ...tape,
    contracts: tape.contracts.map((contract) => {
      const { open, high, low, close } = contract.price;
      const price = { open: ahead(open), high: ahead(high), low: ahead(low), close: ahead(close) };
      return { ...contract, price };
    }),
  };
}

it('capital is spread to the last unit', () => {
  const result = run(pairTape(), { capitalUsd: decimal('10000.00000001') });
  const total = [...result.state.ledger.balances]
    .filter(([key]) => key.startsWith('cash/'))
    .reduce((sum, [, amount]) => sum + amount, 0n);
  expect(toNumber(total as never)).toBeCloseTo(10_056.00000001, 8);
  expect(result.state.instruments.has(longId)).toBe(true);
});
