import { describe, expect, it } from 'vitest';
import { hourMs } from '../base/time.ts';
import { parseParams, perpPerpDefaults } from './params.ts';
import { strategies, strategyByName } from './registry.ts';

const parse = (record: Record<string, unknown>) => parseParams(record, perpPerpDefaults);

describe('the settings of a strategy', () => {
  it('of every registered strategy stand inside their own ranges', () => {
    for (const strategy of strategies) {
      const { longRunRatePerHourOf: _, ...numbers } = strategy.defaults;
      expect(strategy.parseParams(numbers)).toEqual({ ok: true, params: strategy.defaults });
      expect(strategyByName(strategy.name)).toBe(strategy);
    }
    expect(strategyByName('other')).toBeNull();
  });

  it('demand a net edge by default, after all costs', () => {
    for (const { defaults } of strategies) expect(defaults.netEdgeMin).toBeGreaterThan(0);
  });

  it('are read over the defaults, durations as text', () => {
    const parsed = parse({ horizonMs: '12h', longRunRatePerHourOf: { 'okx:A-B-PERP': 0.0001 } });
    expect(parsed).toEqual({
      ok: true,
      params: {
        ...perpPerpDefaults,
        horizonMs: 12 * hourMs,
        longRunRatePerHourOf: { 'okx:A-B-PERP': 0.0001 },
      },
    });
  });

  it.each([
    [{ netEdgeMin: -0.1 }, 'netEdgeMin', '-0.1 is out of range'],
    [{ netEdge: 0.1 }, 'netEdge', 'unknown field'],
    [{ longRunRatePerHourOf: [] }, 'longRunRatePerHourOf', 'must map instruments'],
    [{ longRunRatePerHourOf: { a: 1 } }, 'longRunRatePerHourOf.a', '1 is out of range'],
    [{ notionalUsdMin: 9_000 }, 'notionalUsdMin', '9000 is above notionalUsd 4000'],
  ])('refuse %o and name the field', (record, field, message) => {
    const parsed = parse(record);
    expect(parsed).toMatchObject({ ok: false, field });
    expect(parsed.ok ? '' : parsed.message).toContain(message);
  });
});
