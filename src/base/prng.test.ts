import { expect, it } from 'vitest';
import { Heap } from './heap.ts';
import { noiseAt, Prng, uniformAt } from './prng.ts';

it('gives the same stream for the same seed and another for another', () => {
  const draw = (seed: number) =>
    Array.from(
      { length: 5 },
      (
        (p) => () =>
          p.uint32()
      )(new Prng(seed)),
    );
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

it('is uniform enough: mean and spread of a hundred thousand draws', () => {
  const prng = new Prng(1);
  let total = 0;
  let squares = 0;
  for (let i = 0; i < 100_000; i++) {
    const x = prng.float();
    total += x;
    squares += x * x;
  }
  expect(total / 100_000).toBeCloseTo(0.5, 2);
  expect(squares / 100_000).toBeCloseTo(1 / 3, 2);
});

it('answers random access whatever was asked before', () => {
  const forward = [1, 2, 3].map((i) => noiseAt(7, 1, i));
  const backward = [3, 2, 1].map((i) => noiseAt(7, 1, i)).reverse();
  expect(backward).toEqual(forward);
  expect(uniformAt(7, 1, 1)).not.toBe(uniformAt(7, 2, 1));
  expect(uniformAt(7, 1, 2 ** 40)).not.toBe(uniformAt(7, 1, 2 ** 40 + 1));
});

it('pops a heap by key, ties in the order of insertion', () => {
  const heap = new Heap<string>();
  for (const [key, value] of [
    [2, 'c'],
    [1, 'a'],
    [2, 'd'],
    [1, 'b'],
    [0, '!'],
  ] as const) {
    heap.push(key, value);
  }
  expect(heap.peekKey()).toBe(0);
  expect(Array.from({ length: 6 }, () => heap.pop())).toEqual(['!', 'a', 'b', 'c', 'd', null]);
});
