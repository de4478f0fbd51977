import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  abs,
  decimal,
  formatDecimal,
  fromNumber,
  minus,
  plus,
  times,
  toNumber,
  zero,
} from '../base/decimal.ts';
import { type ContractTerms, linearTerms, notionalAt } from '../domain/contract-value.ts';
import type { LeverageBracket } from './api.ts';
import { brackets as bracketsOf } from './listings/tiers.ts';
import {
  bracketOf,
  exposureQty,
  initialMarginOf,
  liquidationPriceOf,
  maintenanceMarginOf,
  notionalMaxAt,
} from './margin.ts';
import {
  applyFill,
  entryPriceOf,
  flatPosition,
  type PositionState,
  unrealizedPnlOf,
} from './position.ts';

/** 1% to 10,000; 2.5% to 100,000 less 150; 5% beyond less 2,650: continuous at both caps. */
const brackets: readonly LeverageBracket[] = [
  [0, 10_000, 50, 0.01, 0],
  [10_000, 100_000, 20, 0.025, 150],
  [100_000, 1_000_000, 5, 0.05, 2_650],
].map(([notionalFloor, notionalCap, leverageMax, maintenanceMarginRate, maintenanceAmount]) => ({
  notionalFloor: notionalFloor as number,
  notionalCap: notionalCap as number,
  leverageMax: leverageMax as number,
  maintenanceMarginRate: maintenanceMarginRate as number,
  maintenanceAmount: maintenanceAmount as number,
}));

describe('brackets', () => {
  it('maintenance margin is continuous over their caps', () => {
    const margin = (notional: string) =>
      formatDecimal(maintenanceMarginOf(brackets, decimal(notional)));
    // 9,999.99 x 1% and 10,000 x 2.5% - 150 = 100
    expect(margin('9999')).toBe('99.99');
    expect(margin('10000')).toBe('100');
    // 100,000 x 5% - 2,650 = 2,350 = 100,000 x 2.5% - 150
    expect(margin('100000')).toBe('2350');
    expect(margin('0')).toBe('0');
  });

  it('a notional beyond the last one is in the last one', () => {
    expect(bracketOf(brackets, 5e6)).toBe(brackets[2]);
  });

  it('leverage bounds what may be held', () => {
    expect([1, 5, 6, 20, 21, 50, 51].map((each) => notionalMaxAt(brackets, each))).toEqual([
      1_000_000, 1_000_000, 100_000, 100_000, 10_000, 10_000, 0,
    ]);
  });

  it('initial margin is never rounded in our favour', () => {
    expect(formatDecimal(initialMarginOf(decimal('100'), 3))).toBe('33.333333333333333334');
  });
});

it('exposure is the worse side of position and open orders', () => {
  const table = [
    ['5', '2', '1', '7'],
    ['5', '0', '20', '15'],
    ['-5', '2', '1', '6'],
    ['0', '3', '3', '3'],
  ] as const;
  for (const [qty, buyQty, sellQty, expected] of table) {
    const open = { buyQty: decimal(buyQty), sellQty: decimal(sellQty) };
    expect(formatDecimal(exposureQty(decimal(qty), open))).toBe(expected);
  }
});

function heldOf(terms: ContractTerms, qty: string, price: string): PositionState {
  const side = qty.startsWith('-') ? 'sell' : 'buy';
  const fill = { side, qty: abs(decimal(qty)), price: decimal(price), tsMs: 0 } as const;
  return applyFill(flatPosition, fill, terms).position;
}

describe('liquidation price', () => {
  const held = (qty: string, price: string): PositionState => heldOf(linearTerms, qty, price);

  it('of a long: 10 at 100 with 200 of equity elsewhere', () => {
    // 200 + 10 P - 1000 = 1% x 10 P: 9.9 P = 800, P = 80.8080...
    expect(
      liquidationPriceOf(held('10', '100'), brackets, decimal('200'), linearTerms),
    ).toBeCloseTo(800 / 9.9);
  });

  it('uses the bracket of the notional at that price', () => {
    // Short 90 at 100 with 2,500: the notional of 9,000 grows past 10,000, so the second bracket
    // counts: 2500 + 9000 - 90 P = 2.5% x 90 P - 150: 92.25 P = 11650, P = 126.287..., notional
    // 11,365.
    const price = liquidationPriceOf(held('-90', '100'), brackets, decimal('2500'), linearTerms);
    expect(price).toBeCloseTo(11_650 / 92.25);
  });

  it('is null where no positive price does it', () => {
    expect(liquidationPriceOf(flatPosition, brackets, decimal('1'), linearTerms)).toBeNull();
    expect(liquidationPriceOf(held('1', '100'), brackets, decimal('500'), linearTerms)).toBeNull();
  });

  it('there, equity equals the maintenance margin', () => {
    const arbitrary = fc.tuple(
      fc.integer({ min: -9_000, max: 9_000 }).filter((qty) => qty !== 0),
      fc.integer({ min: 1, max: 1_000 }),
      fc.integer({ min: 0, max: 100_000 }),
    );
    fc.assert(
      fc.property(arbitrary, ([qty, price, equity]) => {
        const state = held(String(qty), String(price));
        const at = liquidationPriceOf(state, brackets, decimal(String(equity)), linearTerms);
        if (at === null) return;
        const mark = fromNumber(Number(at.toPrecision(15)));
        const left = toNumber(minus(times(state.qty, mark), state.cost)) + equity;
        const margin = toNumber(maintenanceMarginOf(brackets, abs(times(state.qty, mark))));
        expect(left - margin).toBeCloseTo(0, 4);
      }),
    );
  });
});

describe('of an inverse contract, in coin', () => {
  const terms: ContractTerms = { kind: 'inverse-perp', contractSize: decimal('100') };
  // In coin: 0.4% up to 5, then 0.5%.
  const coinBrackets = bracketsOf([
    [5, 125, 0.004],
    [10, 100, 0.005],
  ]);

  it('a long of 500 contracts of 100 USD at 50,000 with 0.2 BTC', () => {
    // Cost -500 x 100 / 50,000 = -1 BTC. Equity 0.2 - 50,000 / P + 1 = 0.4% x 50,000 / P:
    // P = 50,000 x 1.004 / 1.2 = 41,833.33
    const held = heldOf(terms, '500', '50000');
    expect(held.cost).toBe(decimal('-1'));
    expect(liquidationPriceOf(held, coinBrackets, decimal('0.2'), terms)).toBeCloseTo(
      (50_000 * 1.004) / 1.2,
    );
  });

  it('a short is liquidated above; covered by its coin it never is', () => {
    // Cost +1. Equity 0.2 + 50,000 / P - 1 = 0.4% x 50,000 / P: P = 50,000 x 0.996 / 0.8 = 62,250
    const held = heldOf(terms, '-500', '50000');
    expect(liquidationPriceOf(held, coinBrackets, decimal('0.2'), terms)).toBeCloseTo(62_250);
    // 1 BTC or more of coin: the short is worth what it owes at any price.
    expect(liquidationPriceOf(held, coinBrackets, decimal('1'), terms)).toBeNull();
  });

  it('there, equity equals the maintenance margin', () => {
    const arbitrary = fc.tuple(
      fc.integer({ min: -4_000, max: 4_000 }).filter((qty) => qty !== 0),
      fc.integer({ min: 1_000, max: 100_000 }),
      fc.integer({ min: 0, max: 3_000 }),
    );
    fc.assert(
      fc.property(arbitrary, ([qty, price, milliCoin]) => {
        const state = heldOf(terms, String(qty), String(price));
        const equity = decimal(String(milliCoin / 1_000));
        const at = liquidationPriceOf(state, coinBrackets, equity, terms);
        if (at === null || at > 1e9) return;
        const mark = fromNumber(Number(at.toPrecision(15)));
        const left = plus(unrealizedPnlOf(state, mark, terms), equity);
        const margin = maintenanceMarginOf(coinBrackets, abs(notionalAt(terms, state.qty, mark)));
        expect(toNumber(minus(left, margin))).toBeCloseTo(0, 6);
      }),
    );
  });
});

describe('position', () => {
  const fill = (side: 'buy' | 'sell', qty: string, price: string) => ({
    side,
    qty: decimal(qty),
    price: decimal(price),
    tsMs: 1,
  });

  it('a fill past zero closes all, then opens at its own price', () => {
    const long = applyFill(flatPosition, fill('buy', '2', '100'), linearTerms).position;
    const { position, realizedPnl } = applyFill(long, fill('sell', '5', '103'), linearTerms);
    // 2 x 3 = 6; 3 short at 103
    expect(formatDecimal(realizedPnl)).toBe('6');
    expect([
      formatDecimal(position.qty),
      formatDecimal(entryPriceOf(position, linearTerms)),
    ]).toEqual(['-3', '103']);
  });

  it('the profit of a round trip is off by half a unit per fill at most', () => {
    const step = fc.record({
      buy: fc.boolean(),
      qty: fc.integer({ min: 1, max: 5_000 }),
      price: fc.integer({ min: 1, max: 1_000_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
        let position = flatPosition;
        let realized = zero as bigint;
        let cash = zero as bigint;
        for (const { buy, qty, price } of steps) {
          const made = fill(buy ? 'buy' : 'sell', String(qty / 1_000), String(price / 100));
          const next = applyFill(position, made, linearTerms);
          position = next.position;
          realized += next.realizedPnl;
          const cost = times(made.price, made.qty);
          cash += buy ? -cost : cost;
        }
        // What came in, plus what the open quantity cost, was realized.
        const error = cash + position.cost - realized;
        const bound = BigInt(steps.length) * decimal('0.000000005') + BigInt(steps.length);
        expect(error < 0n ? -error : error).toBeLessThanOrEqual(bound);
      }),
    );
  });
});
