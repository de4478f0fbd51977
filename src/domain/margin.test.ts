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
} from '../base/decimal.ts';
import { type ContractTerms, linearTerms } from './contract-value.ts';
import {
  continuousTiers,
  exposureQty,
  fitsTiers,
  initialMarginOf,
  liquidationPriceOf,
  type MarginTiers,
  maintenanceMarginOf,
  positionSize,
  sizeMaxAt,
  tierOf,
} from './margin.ts';
import { afterFill, flat, type Position, unrealizedAt } from './position.ts';

const tier = (sizeMax: string, leverageMax: number, rate: string, amount = '0') => ({
  sizeMax: decimal(sizeMax),
  leverageMax,
  maintenanceRate: decimal(rate),
  maintenanceAmount: decimal(amount),
});

/** 1% to 10,000; 2.5% to 100,000 less 150; 5% beyond less 2,650: continuous at both caps. */
const brackets: MarginTiers = {
  unit: 'notional',
  tiers: [
    tier('10000', 50, '0.01'),
    tier('100000', 20, '0.025', '150'),
    tier('1000000', 5, '0.05', '2650'),
  ],
};
const dollars = (notional: string) => ({ qty: decimal(notional), notional: decimal(notional) });

describe('tiers', () => {
  it('maintenance margin is continuous over their caps', () => {
    const margin = (notional: string) =>
      formatDecimal(maintenanceMarginOf(brackets, dollars(notional)));
    // 9,999 x 1%, and 10,000 x 1% = 10,000 x 2.5% - 150 = 100
    expect(margin('9999')).toBe('99.99');
    expect(margin('10000')).toBe('100');
    // 100,000 x 5% - 2,650 = 2,350 = 100,000 x 2.5% - 150
    expect(margin('100000')).toBe('2350');
    expect(margin('100001')).toBe('2350.05');
    expect(margin('0')).toBe('0');
  });

  it('a size beyond the last one is in the last one', () => {
    expect(tierOf(brackets, dollars('5000000'))).toBe(brackets.tiers[2]);
  });

  it('that count contracts ask for the quantity, with the rate of the whole position', () => {
    const contracts: MarginTiers = {
      unit: 'quantity',
      tiers: [tier('10', 50, '0.01'), tier('100', 20, '0.02')],
    };
    const margin = (qty: string, price: string) =>
      formatDecimal(
        maintenanceMarginOf(contracts, positionSize(linearTerms, decimal(qty), decimal(price))),
      );
    // 10 at 5,000: 50,000 x 1%; 11 at 5,000: 55,000 x 2%; 11 at 1: 11 x 2%
    expect([margin('-10', '5000'), margin('11', '5000'), margin('11', '1')]).toEqual([
      ...['500', '1100', '0.22'],
    ]);
    const fits = (qty: string, leverage: number) =>
      fitsTiers(contracts, leverage, positionSize(linearTerms, decimal(qty), decimal('5000')));
    expect([fits('10', 50), fits('11', 50), fits('100', 20), fits('101', 1)]).toEqual([
      ...[true, false, true, false],
    ]);
  });

  it('leverage bounds what may be held', () => {
    const caps = [1, 5, 6, 20, 21, 50, 51].map((each) => formatDecimal(sizeMaxAt(brackets, each)));
    expect(caps).toEqual(['1000000', '1000000', '100000', '100000', '10000', '10000', '0']);
  });

  it('are made continuous: the second subtracts 50,000 x (0.5% - 0.4%) = 50 USD', () => {
    const { tiers } = continuousTiers([
      { sizeMax: decimal('50000'), leverageMax: 125, maintenanceRate: decimal('0.004') },
      { sizeMax: decimal('600000'), leverageMax: 100, maintenanceRate: decimal('0.005') },
    ]);
    expect(tiers.map(({ maintenanceAmount }) => formatDecimal(maintenanceAmount))).toEqual([
      ...['0', '50'],
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

function heldOf(terms: ContractTerms, qty: string, price: string): Position {
  const side = qty.startsWith('-') ? 'sell' : 'buy';
  const fill = { side, qty: abs(decimal(qty)), price: decimal(price) } as const;
  return afterFill(flat, fill, terms).position;
}

describe('liquidation price', () => {
  const held = (qty: string, price: string): Position => heldOf(linearTerms, qty, price);

  it('of a long: 10 at 100 with 200 of equity elsewhere', () => {
    // 200 + 10 P - 1000 = 1% x 10 P: 9.9 P = 800, P = 80.8080...
    expect(
      liquidationPriceOf(held('10', '100'), brackets, decimal('200'), linearTerms),
    ).toBeCloseTo(800 / 9.9);
  });

  it('uses the tier of the notional at that price', () => {
    // Short 90 at 100 with 2,500: the notional of 9,000 grows past 10,000, so the second bracket
    // counts: 2500 + 9000 - 90 P = 2.5% x 90 P - 150: 92.25 P = 11650, P = 126.287..., notional
    // 11,365.
    const price = liquidationPriceOf(held('-90', '100'), brackets, decimal('2500'), linearTerms);
    expect(price).toBeCloseTo(11_650 / 92.25);
  });

  it('is null where no positive price does it', () => {
    expect(liquidationPriceOf(flat, brackets, decimal('1'), linearTerms)).toBeNull();
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
        const margin = toNumber(
          maintenanceMarginOf(brackets, positionSize(linearTerms, state.qty, mark)),
        );
        expect(left - margin).toBeCloseTo(0, 4);
      }),
    );
  });
});

describe('of an inverse contract, in coin', () => {
  const terms: ContractTerms = { kind: 'inverse-perp', contractSize: decimal('100') };
  // In coin: 0.4% up to 5, then 0.5%.
  const coinBrackets = continuousTiers([
    { sizeMax: decimal('5'), leverageMax: 125, maintenanceRate: decimal('0.004') },
    { sizeMax: decimal('10'), leverageMax: 100, maintenanceRate: decimal('0.005') },
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
        const left = plus(unrealizedAt(state, mark, terms), equity);
        const margin = maintenanceMarginOf(coinBrackets, positionSize(terms, state.qty, mark));
        expect(toNumber(minus(left, margin))).toBeCloseTo(0, 6);
      }),
    );
  });
});
