import { describe, expect, it } from 'vitest';
import { defaultLimits, parseRiskLimits } from './limits.ts';

describe('the limits', () => {
  it('stand inside their own ranges by default', () => {
    expect(parseRiskLimits({ ...defaultLimits })).toEqual({ ok: true, limits: defaultLimits });
    expect(parseRiskLimits({})).toEqual({ ok: true, limits: defaultLimits });
  });

  it('are read over the defaults, ages as durations', () => {
    expect(parseRiskLimits({ quoteAgeMsMax: '2s', leverageMax: 2 })).toEqual({
      ok: true,
      limits: { ...defaultLimits, quoteAgeMsMax: 2_000, leverageMax: 2 },
    });
  });

  it.each([
    [{ drawdownMax: 5 }, 'drawdownMax', '5 is out of range: a number from 0 to 1'],
    [{ pairsOpenMax: 1.5 }, 'pairsOpenMax', '1.5 is not a whole number from 0 to 10000'],
    [{ leverageMax: '3x' }, 'leverageMax', '"3x" is not a number from 0 to 125'],
    [{ leverage: 3 }, 'leverage', 'unknown field'],
  ])('refuse %o and name the field', (record, field, message) => {
    const parsed = parseRiskLimits(record);
    expect(parsed).toMatchObject({ ok: false, field });
    expect(parsed.ok ? '' : parsed.message).toContain(message);
  });
});
