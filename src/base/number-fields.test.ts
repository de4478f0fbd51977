import { describe, expect, it } from 'vitest';
import { readNumberFields } from './number-fields.ts';

const ranges = {
  count: { min: 0, max: 10, integer: true },
  share: { min: 0, max: 1 },
  ageMs: { min: 1, max: 3_600_000 },
} as const;
const defaults = { count: 3, share: 0.5, ageMs: 1_000 };
const read = (record: Record<string, unknown>) => readNumberFields({ record, ranges, defaults });

describe('numeric settings', () => {
  it('fall back to the defaults where the record is silent', () => {
    expect(read({ share: 0.25 })).toEqual({ ok: true, values: { ...defaults, share: 0.25 } });
  });

  it('take durations as text where the name ends in Ms', () => {
    expect(read({ ageMs: '90s' })).toMatchObject({ ok: true, values: { ageMs: 90_000 } });
    expect(read({ share: '90s' })).toMatchObject({ ok: false, field: 'share' });
  });

  it.each([
    ['an unknown field', { shar: 1 }, 'shar', 'unknown field; known are count, share, ageMs'],
    ['a text', { share: 'x' }, 'share', '"x" is not a number from 0 to 1'],
    ['nothing', { share: null }, 'share', 'null is not a number from 0 to 1'],
    ['NaN', { share: Number.NaN }, 'share', 'NaN is not a number from 0 to 1'],
    ['a fraction', { count: 1.5 }, 'count', '1.5 is not a whole number from 0 to 10'],
    ['too much', { share: 2 }, 'share', '2 is out of range: a number from 0 to 1'],
    [
      'no duration',
      { ageMs: 'soon' },
      'ageMs',
      '"soon" is not a number of ms or a duration such as 90s from 1 to 3600000',
    ],
    [
      'an inherited name',
      { toString: 1 },
      'toString',
      'unknown field; known are count, share, ageMs',
    ],
  ])('refuse %s and name the field', (_, record, field, message) => {
    expect(read(record)).toEqual({ ok: false, field, message });
  });
});
