import { describe, expect, it } from 'vitest';
import { instrumentOf, legOf, quietMs, viewOf } from '../../test/support/strategy-fixtures.ts';
import { basisMidOf } from './costs.ts';
import { bestLaterExit } from './exit.ts';
import type { StrategyParams } from './params.ts';
import { perpPerpDefaults } from './params.ts';
import { carryRoll } from './roll.ts';

const binance = instrumentOf('binance', 'linear-perp');
const okx = instrumentOf('okx', 'linear-perp');
const bybit = instrumentOf('bybit', 'linear-perp');
/** A half spread of 1 bp. */
const tight = { bid: 99.99, ask: 100.01 };
const long = legOf(binance, { ...tight, ratePerInterval: 0.0001 });
const params: StrategyParams = perpPerpDefaults;

/** Short at okx, which settles hourly at `rate`; offered at bybit. */
function views(here: number, there: number, tsMs = quietMs) {
  const hourly = { ...tight, intervalHours: 1, feeRateTaker: 0.0005 };
  return {
    held: viewOf(long, legOf(okx, { ...hourly, ratePerInterval: here }), tsMs),
    offered: viewOf(long, legOf(bybit, { ...hourly, ratePerInterval: there }), tsMs),
    leg: 'short' as const,
  };
}

describe('a roll', () => {
  it('gains what the offer earns beyond the held pair, less the two fills of the swap', () => {
    const asked = views(0.0001, 0.001);
    const decided = carryRoll(asked, 10, params);
    // 5 bp + 1 bp to close here, 5 bp + 1 bp to open there; closing later costs the same at both.
    expect(decided.swapCost).toBeCloseTo(0.0012, 9);
    const stay = bestLaterExit(asked.held, basisMidOf(asked.held), params).value;
    const move = bestLaterExit(asked.offered, basisMidOf(asked.offered), params).value;
    expect(decided.gain).toBeCloseTo(move - Math.max(0, stay) - 0.0012, 9);
    expect(decided.roll).toBe(true);
  });

  it('is not made for less than its margin, nor between equal venues', () => {
    expect(carryRoll(views(0.0005, 0.0005), 10, params)).toMatchObject({ roll: false });
    const { gain } = carryRoll(views(0.0001, 0.001), 10, params);
    const strict = { ...params, betterUseMargin: gain + 1e-9 };
    expect(carryRoll(views(0.0001, 0.001), 10, strict).roll).toBe(false);
  });

  it('is not decided beside a settlement or on old quotes', () => {
    expect(carryRoll(views(0.0001, 0.001, quietMs), 10, params).roll).toBe(true);
    const asked = views(0.0001, 0.001);
    const stale = { ...asked.held, shortLeg: { ...asked.held.shortLeg, quoteAgeMs: 1e9 } };
    expect(carryRoll({ ...asked, held: stale }, 10, params).roll).toBe(false);
  });
});
