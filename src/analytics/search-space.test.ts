import { describe, expect, it } from 'vitest';
import { Prng } from '../base/prng.ts';
import {
  type Dimension,
  gridPoints,
  type Point,
  randomPoint,
  suggestPoint,
  type Trial,
} from './search-space.ts';

const square: readonly Dimension[] = [
  { name: 'x', from: -5, to: 10, scale: 'linear', steps: 4 },
  { name: 'y', from: 0, to: 15, scale: 'linear', steps: 4 },
];

/** Three best points of 0.397887, none on a border. */
function branin({ x = 0, y = 0 }: Point): number {
  const bowl = y - (5.1 / (4 * Math.PI ** 2)) * x * x + (5 / Math.PI) * x - 6;
  return bowl ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
}

function best(way: 'random' | 'bayesian', f: (point: Point) => number, seed: number): number {
  const prng = new Prng(seed);
  const trials: Trial[] = [];
  for (let k = 0; k < 120; k++) {
    const point = way === 'random' ? randomPoint(square, prng) : suggestPoint(square, trials, prng);
    trials.push({ point, score: -f(point) });
  }
  return -Math.max(...trials.map(({ score }) => score));
}

it('a grid has every combination', () => {
  const space: readonly Dimension[] = [
    { name: 'a', values: [1, 2] },
    { name: 'b', from: 1, to: 100, scale: 'log', steps: 3 },
  ];
  expect(gridPoints(space)).toEqual([
    { a: 1, b: 1 },
    { a: 1, b: 10 },
    { a: 1, b: 100 },
    { a: 2, b: 1 },
    { a: 2, b: 10 },
    { a: 2, b: 100 },
  ]);
});

it('points lie inside their ranges and lists, and come from the seed alone', () => {
  const space: readonly Dimension[] = [
    { name: 'a', values: [3, 5, 9] },
    { name: 'b', from: 0.001, to: 1, scale: 'log', steps: 2 },
  ];
  const points = (seed: number) => {
    const prng = new Prng(seed);
    return Array.from({ length: 200 }, () => randomPoint(space, prng));
  };
  expect(points(1)).toEqual(points(1));
  for (const { a = 0, b = 0 } of points(2)) {
    expect([3, 5, 9]).toContain(a);
    expect(b).toBeGreaterThanOrEqual(0.001);
    expect(b).toBeLessThanOrEqual(1);
  }
  // On a logarithmic scale half of the points lie below the geometric middle.
  const low = points(3).filter(({ b = 0 }) => b < 0.0316).length;
  expect(Math.abs(low - 100)).toBeLessThan(30);
});

describe('the estimators', () => {
  const sphere = ({ x = 0, y = 0 }: Point): number => (x - 2) ** 2 + (y - 5) ** 2;
  it.each([
    ['a bowl', sphere, 0],
    ['Branin', branin, 0.397887],
  ])('come nearer to the best of %s than random points do', (_, f, optimum) => {
    const seeds = Array.from({ length: 9 }, (_unused, k) => k + 1);
    const median = (way: 'random' | 'bayesian'): number =>
      seeds.map((seed) => best(way, f, seed) - optimum).sort((a, b) => a - b)[4] as number;
    expect(median('bayesian')).toBeLessThan(median('random') / 2);
  });

  it('find the one good value of a list', () => {
    const list: readonly Dimension[] = [{ name: 'v', values: [1, 2, 3, 4, 5, 6, 7, 8] }];
    const prng = new Prng(4);
    const trials: Trial[] = [];
    for (let k = 0; k < 60; k++) {
      const point = suggestPoint(list, trials, prng);
      trials.push({ point, score: point['v'] === 6 ? 1 : 0 });
    }
    const late = trials.slice(-20).filter(({ score }) => score === 1).length;
    expect(late).toBeGreaterThan(6); // of 20; at random 2.5
  });

  it('a run that could not be judged counts as worst', () => {
    const trials = Array.from({ length: 30 }, (_, k) => ({
      point: { x: k % 2 === 0 ? -5 : 9, y: 7 },
      score: k % 2 === 0 ? Number.NaN : 1,
    }));
    const prng = new Prng(2);
    const drawn = Array.from({ length: 20 }, () => suggestPoint(square, trials, prng)['x'] ?? 0);
    expect(drawn.filter((x) => x > 2).length).toBeGreaterThan(14);
  });
});
