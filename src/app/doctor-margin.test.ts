import { describe, expect, it } from 'vitest';
import { instrumentOf } from '../../test/support/strategy-fixtures.ts';
import { decimal } from '../base/decimal.ts';
import { continuousTiers, type MarginTiers } from '../domain/margin.ts';
import { type TierQuestion, tierCheck } from './doctor-margin.ts';

const perp = instrumentOf('okx', 'linear-perp');
const tiers = continuousTiers([
  { sizeMax: decimal('5000'), leverageMax: 10, maintenanceRate: decimal('0.01') },
  { sizeMax: decimal('30000'), leverageMax: 3, maintenanceRate: decimal('0.05') },
]);

function ask(changes: Partial<TierQuestion> = {}, table: MarginTiers | null = tiers) {
  return tierCheck({
    venue: 'okx',
    leverage: 3,
    notionalUsd: 4_000,
    positionUsdMax: 20_000,
    instruments: [perp, instrumentOf('okx', 'spot')],
    tables: new Map(table === null ? [] : [[perp.id, table]]),
    priceOf: () => 50_000,
    ...changes,
  });
}

describe('margin tiers', () => {
  it('that carry the configured sizes are told with what they ask for', () => {
    expect(ask()).toEqual({
      name: 'okx margin tiers',
      status: 'ok',
      detail: '1333.33 USD a leg of 4000 at 3x, to be kept 1%; larger ones fit too',
      mend: null,
    });
  });

  it('that do not carry an entry fail, with the contracts', () => {
    expect(ask({ leverage: 10, notionalUsd: 6_000 })).toMatchObject({
      status: 'fail',
      detail: `6000 USD at 10x pass the tiers of ${perp.id}`,
    });
  });

  it('that do not carry the largest position are a warning', () => {
    const check = ask({ leverage: 10 });
    expect(check).toMatchObject({ status: 'warn' });
    expect(check.detail).toBe(`20000 USD at 10x pass the tiers of ${perp.id}`);
    expect(check.mend).toContain('positionUsdMax');
  });

  it('that count a quantity are asked at the price', () => {
    // 4,000 USD are 0.08, 20,000 are 0.4.
    const counting = (sizeMax: string): MarginTiers => ({
      unit: 'quantity',
      tiers: [{ ...(tiers.tiers[0] as MarginTiers['tiers'][0]), sizeMax: decimal(sizeMax) }],
    });
    expect(ask({}, counting('0.4')).status).toBe('ok');
    expect(ask({}, counting('0.39')).status).toBe('warn');
    expect(ask({}, counting('0.07')).status).toBe('fail');
  });

  it('that could not be read are told', () => {
    expect(ask({}, null)).toMatchObject({ status: 'warn', detail: `not read of ${perp.id}` });
  });
});
