import { expect, it } from 'vitest';
import { purgedFolds, validate, walkForward } from './cross-validation.ts';

it('walk-forward never trains on what it judges, nor on the days before it', () => {
  expect(walkForward(20, { trainDays: 8, testDays: 4, purgeDays: 2 })).toEqual([
    { train: [{ from: 0, to: 8 }], test: { from: 10, to: 14 } },
    { train: [{ from: 4, to: 12 }], test: { from: 14, to: 18 } },
  ]);
  expect(walkForward(5, { trainDays: 8, testDays: 4, purgeDays: 0 })).toEqual([]);
});

it('purged folds judge every day once and leave out both borders', () => {
  const folds = purgedFolds(12, { folds: 3, purgeDays: 1 });
  expect(folds).toEqual([
    { train: [{ from: 5, to: 12 }], test: { from: 0, to: 4 } },
    {
      train: [
        { from: 0, to: 3 },
        { from: 9, to: 12 },
      ],
      test: { from: 4, to: 8 },
    },
    { train: [{ from: 0, to: 7 }], test: { from: 8, to: 12 } },
  ]);
});

it('the choice is made on the training days alone', () => {
  // a is best early (1, 2: mean 1.5 over 0.7071), b later. Judged on days 2 and 3: a has -1, -2.
  const a = Float64Array.of(1, 2, -1, -2);
  const b = Float64Array.of(-1, -2, 1, 2);
  const [fold] = validate([a, b], walkForward(4, { trainDays: 2, testDays: 2, purgeDays: 0 }));
  expect(fold?.chosen).toBe(0);
  expect(fold?.inSample).toBeCloseTo(2.1213, 4);
  expect(fold?.outOfSample).toBeCloseTo(-2.1213, 4);
  expect(fold?.testReturn).toBe(-3);
});

it('a future that is changed changes no choice', () => {
  const past = [3, 1, 2, 2, 1, 3];
  const make = (future: readonly number[]) => Float64Array.from([...past, ...future]);
  const folds = walkForward(9, { trainDays: 6, testDays: 3, purgeDays: 0 });
  const other = Float64Array.from([1, 1, 0, 1, 0, 1, 9, 9, 9]);
  expect(validate([make([1, 2, 3]), other], folds)[0]?.chosen).toBe(
    validate([make([-9, 0, -9]), other], folds)[0]?.chosen,
  );
});
