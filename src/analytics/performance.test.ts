import { expect, it } from 'vitest';
import { dayMs } from '../base/time.ts';
import {
  aprOf,
  drawdownsOf,
  maxDrawdownOf,
  returnsOf,
  rollingSharpe,
  sharpeOf,
  sortinoOf,
} from './performance.ts';

it('returns are simple and end where there is no equity left', () => {
  expect(returnsOf([100, 110, 99])).toEqual([0.10000000000000009, -0.09999999999999998]);
  expect(returnsOf([100, -5, 50])).toEqual([-1.05]);
  expect(returnsOf([100])).toEqual([]);
});

it('a year of one percent is one percent', () => {
  expect(aprOf(100, 101, 365 * dayMs)).toBeCloseTo(0.01, 12);
  expect(aprOf(100, 101, 36.5 * dayMs)).toBeCloseTo(0.1, 12);
  expect(aprOf(0, 1, dayMs)).toBeNull();
});

it('sharpe: 0.01, 0.03 have a mean of 0.02 and a deviation of 0.0141421', () => {
  // 0.02 / 0.014142136 x sqrt(365) = 1.41421356 x 19.1049732 = 27.0185
  expect(sharpeOf([0.01, 0.03])).toBeCloseTo(27.0185, 4);
  expect(sharpeOf([0.01, 0.01])).toBeNull();
  expect(sharpeOf([0.01])).toBeNull();
});

it('sortino counts what fell alone', () => {
  // mean 0.01; negative squares 0.0001 over 2: root 0.00707107; 1.41421356 x 19.1049732
  expect(sortinoOf([0.03, -0.01])).toBeCloseTo(27.0185, 4);
  expect(sortinoOf([0.03, 0.01])).toBeNull();
});

it('a drawdown is measured from the highest point before it', () => {
  expect(drawdownsOf([100, 120, 90, 150])).toEqual([0, 0, 0.25, 0]);
  expect(maxDrawdownOf([100, 120, 90, 150, 120])).toBeCloseTo(0.25, 12);
  expect(maxDrawdownOf([1, 2, 3])).toBe(0);
});

it('a rolling ratio is unknown until its window is full', () => {
  const rolling = rollingSharpe([0.01, 0.03, 0.01], 2);
  expect(rolling[0]).toBeNull();
  expect(rolling[1]).toBeCloseTo(27.0185, 4);
  expect(rolling).toHaveLength(3);
});
