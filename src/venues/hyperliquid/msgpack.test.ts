import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Packable, pack } from './msgpack.ts';

const hex = (value: Packable): string =>
  [...pack(value)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

describe('pack', () => {
  // The format table of the specification, each form at its first and last value.
  it.each<readonly [value: Packable, expected: string]>([
    [null, 'c0'],
    [false, 'c2'],
    [true, 'c3'],
    [0, '00'],
    [127, '7f'],
    [128, 'cc80'],
    [255, 'ccff'],
    [256, 'cd0100'],
    [65_535, 'cdffff'],
    [65_536, 'ce00010000'],
    [4_294_967_295, 'ceffffffff'],
    [4_294_967_296, 'cf0000000100000000'],
    [1_700_000_000_000, 'cf0000018bcfe56800'],
    [-1, 'ff'],
    [-32, 'e0'],
    [-33, 'd0df'],
    [-129, 'd1ff7f'],
    [-32_769, 'd2ffff7fff'],
    [-2_147_483_649, 'd3ffffffff7fffffff'],
    ['', 'a0'],
    ['a', 'a161'],
    ['é', 'a2c3a9'],
    [[], '90'],
    [[1, 'a'], '9201a161'],
    [{}, '80'],
    [{ b: 1, a: 2 }, '82a16201a16102'],
  ])('%j is %s', (value, expected) => {
    expect(hex(value)).toBe(expected);
  });

  it('writes the longer heads of texts, lists and maps', () => {
    expect(hex('x'.repeat(32)).slice(0, 4)).toBe('d920');
    expect(hex('x'.repeat(256)).slice(0, 6)).toBe('da0100');
    expect(hex(Array.from({ length: 16 }, () => 0)).slice(0, 6)).toBe('dc0010');
    const map = Object.fromEntries(Array.from({ length: 16 }, (_, k) => [`k${k}`, 0]));
    expect(hex(map).slice(0, 6)).toBe('de0010');
  });

  it('keeps the order of the keys: another order is another action', () => {
    expect(hex({ a: 1, b: 2 })).not.toBe(hex({ b: 2, a: 1 }));
  });

  it('refuses what an action never holds', () => {
    expect(() => pack(0.5)).toThrow('no whole number');
    expect(() => pack(2 ** 53)).toThrow('no whole number');
    let deep: Packable = 0;
    for (let k = 0; k < 40; k++) deep = [deep];
    expect(() => pack(deep)).toThrow('too deep');
  });

  it('gives different values different bytes', () => {
    const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.constant(null));
    fc.assert(
      fc.property(fc.array(leaf), fc.array(leaf), (a, b) => {
        expect(hex(a) === hex(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });
});
