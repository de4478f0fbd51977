import { expect, it } from 'vitest';
import { MarketTable, slot } from './market-table.ts';

it('every way to change a row counts as a change of that row alone', () => {
  const table = new MarketTable(3);
  const quote = Float64Array.of(100, 1, 101, 2, 5, 6);
  const writes: readonly (() => void)[] = [
    () => table.set(1, slot.bid, 99),
    () => table.setQuote(1, quote),
    () => table.set(1, slot.ratePerInterval, 0.1),
    () => table.invalidateQuote(1),
  ];
  for (const write of writes) {
    const before = [...table.changes];
    write();
    expect(table.changes[1]).not.toBe(before[1]);
    expect([table.changes[0], table.changes[2]]).toEqual([before[0], before[2]]);
  }
});

it('a quote is written whole, and is a change when a price or a quantity is another', () => {
  const table = new MarketTable(2);
  const quote = Float64Array.of(100, 1, 101, 2, 5, 6);
  expect(table.setQuote(1, quote)).toBe(true);
  expect(table.get(1, slot.ask)).toBe(101);
  expect(table.get(1, slot.quoteTsMs)).toBe(5);
  expect(table.get(1, slot.quoteWallMs)).toBe(6);
  const { changes } = table;
  const before = changes[1];
  expect(table.setQuote(1, Float64Array.of(100, 1, 101, 2, 7, 8))).toBe(false);
  expect(changes[1]).toBe(before);
  expect([table.get(1, slot.quoteTsMs), table.get(1, slot.quoteWallMs)]).toEqual([7, 8]);
  const nan = Number.NaN;
  for (const [k, value] of [100.5, 3, nan, nan].entries()) {
    quote[k] = value;
    expect(table.setQuote(1, quote), `slot ${k}`).toBe(true);
    expect(table.setQuote(1, quote), `slot ${k} again`).toBe(false);
  }
  expect(table.get(0, slot.bid)).toBeNaN();
});
