// The space that a sweep searches, and three ways through it: every point of a grid, random points,
// and a tree of Parzen estimators (Bergstra et al., 2011), which looks where good results were
// denser than bad ones. No package of npm that is kept well does the last one, so it is ours, and
// tested on functions whose best point is known. Deterministic: everything random comes from the
// seed.
import { assert } from '../base/assert.ts';
import type { Prng } from '../base/prng.ts';

/** A list of values, or a range; `steps` is how many of it a grid takes. */
export type Dimension =
  | { readonly name: string; readonly values: readonly number[] }
  | {
      readonly name: string;
      readonly from: number;
      readonly to: number;
      readonly scale: 'linear' | 'log';
      readonly steps: number;
    };

export type Point = Readonly<Record<string, number>>;

/** Most points of one grid. */
export const gridMax = 1_000_000;

/** Every combination, the last dimension fastest. */
export function gridPoints(space: readonly Dimension[]): readonly Point[] {
  let points: readonly Point[] = [{}];
  for (const dimension of space) {
    const values = gridValues(dimension);
    assert(points.length * values.length <= gridMax, `a grid has at most ${gridMax} points`);
    points = points.flatMap((point) =>
      values.map((value) => ({ ...point, [dimension.name]: value })),
    );
  }
  return points;
}

function gridValues(dimension: Dimension): readonly number[] {
  if ('values' in dimension) return dimension.values;
  const { steps } = dimension;
  return Array.from({ length: steps }, (_, k) =>
    valueAt(dimension, steps === 1 ? 0 : k / (steps - 1)),
  );
}

export function randomPoint(space: readonly Dimension[], prng: Prng): Point {
  return Object.fromEntries(
    space.map((dimension) => [dimension.name, valueAt(dimension, prng.float())]),
  );
}

export interface Trial {
  readonly point: Point;
  /** Higher is better; NaN = it could not be judged, and counts as worst. */
  readonly score: number;
}

/** Trials that are random before the estimators have anything to say. */
const startTrials = 20;
const goodMax = 25;
const candidates = 24;

/** How many of the trials count as good. */
function goodCount(trials: number): number {
  return Math.min(goodMax, Math.max(2, Math.ceil(Math.sqrt(trials) / 2)));
}

/** The next point to try, after these. */
export function suggestPoint(
  space: readonly Dimension[],
  trials: readonly Trial[],
  prng: Prng,
): Point {
  if (trials.length < startTrials) return randomPoint(space, prng);
  const sorted = [...trials].sort((a, b) => rankOf(b) - rankOf(a));
  const count = goodCount(sorted.length);
  const good = sorted.slice(0, count);
  const bad = sorted.slice(count);
  return Object.fromEntries(
    space.map((dimension) => [dimension.name, suggestValue(dimension, { good, bad, prng })]),
  );
}

function rankOf({ score }: Trial): number {
  return Number.isNaN(score) ? Number.NEGATIVE_INFINITY : score;
}

interface Evidence {
  readonly good: readonly Trial[];
  readonly bad: readonly Trial[];
  readonly prng: Prng;
}

/** Of values drawn where the good ones are, the one that is likeliest good rather than bad. */
function suggestValue(dimension: Dimension, { good, bad, prng }: Evidence): number {
  const at = ({ point }: Trial): number => placeOf(dimension, point[dimension.name] ?? Number.NaN);
  const goodKernels = kernelsOf(good.map(at));
  const badKernels = kernelsOf(bad.map(at));
  let best = 0.5;
  let most = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < candidates; k++) {
    const place = draw(goodKernels, prng);
    const ratio = Math.log(density(goodKernels, place)) - Math.log(density(badKernels, place));
    if (ratio > most) {
      most = ratio;
      best = place;
    }
  }
  return valueAt(dimension, best);
}

interface Kernel {
  readonly center: number;
  readonly width: number;
}

/** A Gaussian on every place, as wide as the farther neighbour is away; the whole range is one. */
function kernelsOf(places: readonly number[]): readonly Kernel[] {
  const sorted = [...places, 0.5].sort((a, b) => a - b);
  const narrowest = 1 / Math.min(100, places.length + 2);
  const kernels = sorted.map((center, k) => {
    const left = center - (sorted[k - 1] ?? 0);
    const right = (sorted[k + 1] ?? 1) - center;
    return { center, width: Math.min(1, Math.max(narrowest, left, right)) };
  });
  return [...kernels, { center: 0.5, width: 1 }];
}

function draw(kernels: readonly Kernel[], prng: Prng): number {
  const { center, width } = kernels[Math.floor(prng.float() * kernels.length)] as Kernel;
  for (let k = 0; k < drawsMax; k++) {
    const drawn = center + width * gaussian(prng);
    if (drawn >= 0 && drawn <= 1) return drawn;
  }
  return prng.float();
}

/** Tries to draw inside the range. */
const drawsMax = 20;

function density(kernels: readonly Kernel[], at: number): number {
  let sum = 0;
  for (const { center, width } of kernels) {
    const away = (at - center) / width;
    sum += Math.exp(-0.5 * away * away) / width;
  }
  return sum / kernels.length;
}

function gaussian(prng: Prng): number {
  const radius = Math.sqrt(-2 * Math.log(1 - prng.float()));
  return radius * Math.cos(2 * Math.PI * prng.float());
}

/** From [0, 1] to a value; lists are cut into equal parts. */
function valueAt(dimension: Dimension, place: number): number {
  if ('values' in dimension) {
    const { values } = dimension;
    const at = Math.min(values.length - 1, Math.floor(place * values.length));
    return values[at] as number;
  }
  const { from, to, scale } = dimension;
  const value = scale === 'log' ? from * (to / from) ** place : from + (to - from) * place;
  return Number(value.toPrecision(6)); // a parameter that a person can write down again
}

function placeOf(dimension: Dimension, value: number): number {
  if ('values' in dimension) {
    return (dimension.values.indexOf(value) + 0.5) / dimension.values.length;
  }
  const { from, to, scale } = dimension;
  if (to === from) return 0.5;
  return scale === 'log'
    ? Math.log(value / from) / Math.log(to / from)
    : (value - from) / (to - from);
}
