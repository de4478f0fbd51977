import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minuteMs } from '../base/time.ts';
import { brownianOctaves, SmoothNoise } from './seeded-noise.ts';

const times = fc.array(fc.integer({ min: 1_500_000_000_000, max: 1_900_000_000_000 }), {
  minLength: 2,
  maxLength: 30,
});

describe('smooth noise', () => {
  it('is a function of seed, name and time, whatever was asked before', () => {
    fc.assert(
      fc.property(fc.integer(), times, (seed, asked) => {
        const walked = new SmoothNoise(seed, 'a', brownianOctaves(1));
        const values = asked.map((tsMs) => walked.at(tsMs));
        asked.forEach((tsMs, k) => {
          expect(new SmoothNoise(seed, 'a', brownianOctaves(1)).at(tsMs)).toBe(values[k]);
        });
      }),
      { numRuns: 30 },
    );
  });

  it('differs between seeds and between names', () => {
    const at = (seed: number, name: string) =>
      new SmoothNoise(seed, name, brownianOctaves(1)).at(1_700_000_000_000);
    expect(at(1, 'a')).not.toBe(at(2, 'a'));
    expect(at(1, 'a')).not.toBe(at(1, 'b'));
  });

  it('stays inside the sum of its amplitudes x sqrt(3)', () => {
    const noise = new SmoothNoise(3, 'x', [
      { wavelengthMs: 60_000, amplitude: 2 },
      { wavelengthMs: 600_000, amplitude: 5 },
    ]);
    for (let k = 0; k < 5_000; k++) expect(Math.abs(noise.at(k * 7_777))).toBeLessThan(12.13);
  });

  it.each([
    [1, 0.85, 1.15],
    [10, 2.7, 3.7],
    [60, 6.6, 9],
  ])(
    'changes over %d minutes by about sqrt(minutes) times its one-minute figure',
    (minutes, from, to) => {
      let squares = 0;
      let count = 0;
      for (let seed = 0; seed < 20; seed++) {
        const noise = new SmoothNoise(seed, 'x', brownianOctaves(1));
        for (let k = 0; k < 500; k++) {
          const tsMs = 1_700_000_000_000 + k * 7_919_000;
          squares += (noise.at(tsMs + minutes * minuteMs) - noise.at(tsMs)) ** 2;
          count++;
        }
      }
      expect(Math.sqrt(squares / count)).toBeGreaterThan(from);
      expect(Math.sqrt(squares / count)).toBeLessThan(to);
    },
  );
});
