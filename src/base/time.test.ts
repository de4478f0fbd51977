import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatDuration, isoUtc, tryDuration, tryTime } from './time.ts';

it('writes the same ISO text as the platform for four thousand years', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e13, max: 9e13 }), (tsMs) => {
      expect(isoUtc(tsMs)).toBe(new Date(tsMs).toISOString());
    }),
  );
});

it('reads what it writes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), (tsMs) => {
      expect(tryTime(isoUtc(tsMs))).toBe(tsMs);
    }),
  );
});

it.each([
  ['2024-02-28', Date.UTC(2024, 1, 28)],
  ['2024-02-29T16:00Z', Date.UTC(2024, 1, 29, 16)],
  ['1709136000000', 1_709_136_000_000],
  ['2023-02-29', null],
  ['2024-13-01', null],
  ['yesterday', null],
])('reads the time %s', (text, expected) => {
  expect(tryTime(text)).toBe(expected);
});

it.each([
  ['90s', 90_000],
  ['1h30m', 5_400_000],
  ['250ms', 250],
  ['3d', 259_200_000],
  ['1.5h', 5_400_000],
  ['90', null],
  ['s', null],
  ['', null],
])('reads the duration %s', (text, expected) => {
  expect(tryDuration(text)).toBe(expected);
});

it.each([
  [0, '0s'],
  [59_400, '59s'],
  [125_000, '2m 05s'],
  [3_900_000, '1h 05m'],
  [93_600_000, '1d 02h'],
])('writes %i ms as %s', (durationMs, expected) => {
  expect(formatDuration(durationMs)).toBe(expected);
});
