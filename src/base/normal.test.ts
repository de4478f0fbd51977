import fc from 'fast-check';
import { expect, it } from 'vitest';
import { normalCdf, normalQuantile } from './normal.ts';

it.each([
  [0, 0.5],
  [1, 0.8413447460685429],
  [-1.959963984540054, 0.025],
  [3, 0.9986501019683699],
  [-6, 9.865876450376946e-10],
])('the probability below %f is %f', (x, p) => {
  expect(normalCdf(x)).toBeCloseTo(p, 13);
  expect(normalCdf(x) / p).toBeCloseTo(1, 10);
});

it.each([
  [0.95, 1.6448536269514722],
  [0.99, 2.3263478740408408],
  [0.975, 1.959963984540054],
  [1e-10, -6.361340902404056],
])('the quantile of %f is %f', (p, x) => {
  expect(normalQuantile(p)).toBeCloseTo(x, 10);
});

it('quantile and probability are inverse', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true }), (p) => {
      expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 12);
    }),
  );
});

it('nothing lies outside (0, 1)', () => {
  expect(() => normalQuantile(0)).toThrow(/between 0 and 1/);
  expect(normalCdf(Number.NaN)).toBeNaN();
});
