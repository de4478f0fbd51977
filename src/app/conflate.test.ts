import { describe, expect, it } from 'vitest';
import { Conflater } from './conflate.ts';

const readIsThrough = (): Promise<void> => Promise.resolve();

describe('quotes on their way to the scan', () => {
  it('are looked at on the spot, one read after another', () => {
    const seen: number[] = [];
    const conflater = new Conflater((index) => seen.push(index), 8);
    for (const receivedMs of [1, 2, 3]) conflater.changed(5, receivedMs);
    expect(seen).toEqual([5, 5, 5]);
    expect(conflater.conflated).toBe(0);
  });

  it('of one read are looked at once per instrument, at the latest of each', async () => {
    const prices = new Float64Array(8);
    const seen: (readonly [index: number, price: number])[] = [];
    const conflater = new Conflater((index) => seen.push([index, prices[index] as number]), 8);
    for (let frame = 0; frame < 3_000; frame++) {
      const index = frame % 3;
      prices[index] = frame;
      conflater.changed(index, 7);
    }
    expect(seen).toEqual([[0, 0]]);
    await readIsThrough();
    expect(seen).toEqual([
      ...[[0, 0]],
      ...[
        [1, 2_998],
        [2, 2_999],
        [0, 2_997],
      ],
    ]);
    expect(conflater.conflated).toBe(3_000 - 4);
  });

  it('wait no longer than their read: the next one begins anew', async () => {
    const seen: number[] = [];
    const conflater = new Conflater((index) => seen.push(index), 8);
    conflater.changed(1, 1);
    conflater.changed(2, 1);
    await readIsThrough();
    conflater.changed(2, 2);
    conflater.changed(2, 2);
    await readIsThrough();
    expect(seen).toEqual([1, 2, 2, 2]);
    expect(conflater.conflated).toBe(0);
  });
});
