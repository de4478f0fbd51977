import { describe, expect, it } from 'vitest';
import { alertsIn, binancePerp, EngineRig, okxPerp, quote } from '../../test/support/engine-rig.ts';
import { decimal } from '../base/decimal.ts';
import type { Effect } from '../domain/event.ts';
import { continuousTiers } from '../domain/margin.ts';
import type { PairView } from '../domain/view.ts';
import { perpPerp } from '../strategy/perp-perp.ts';
import { liquidationDistance } from './liquidation.ts';

const hourMs = 3_600_000;
const tiers = continuousTiers([
  { sizeMax: decimal('1000000'), leverageMax: 20, maintenanceRate: decimal('0.02') },
]);

/** Long 0.1 at binance, short 0.1 at okx, both at 50,000; okx has so much USDT. */
function held(okxUsdt: string): EngineRig {
  const rig = new EngineRig({ strategies: [{ strategy: perpPerp, params: perpPerp.defaults }] });
  rig.boot();
  rig.connect({ okxUsdt });
  for (const { venue, id } of [binancePerp, okxPerp]) {
    rig.put({ kind: 'margin-terms', venue, terms: { [id]: { leverage: 3, tiers } } });
  }
  rig.marks(50_000);
  rig.opened('0.1');
  return rig;
}

/** The held pair is looked at; its carry is good. */
function look(rig: EngineRig, price: number): readonly Effect[] {
  const settlesAtMs = rig.wallMs + hourMs / 2;
  const quotes = { bid: price - 1, ask: price + 1, mark: price, index: price };
  const leg = (instrument: typeof okxPerp, ratePerInterval: number) =>
    quote(instrument, { ...quotes, funding: { ratePerInterval, intervalMs: hourMs, settlesAtMs } });
  const view: PairView = {
    ...{ strategy: 'perp-perp', long: binancePerp.id, short: okxPerp.id },
    ...{ tsMs: rig.wallMs, wallMs: rig.wallMs },
    longLeg: leg(binancePerp, 0),
    shortLeg: leg(okxPerp, 0.002),
  };
  return rig.put({ kind: 'pair-seen', passes: true, view }, [view.longLeg, view.shortLeg]);
}

const movesOf = (effects: readonly Effect[]) =>
  effects.flatMap((effect) =>
    effect.kind === 'pair-moved' ? [`${effect.phase} ${effect.reason}`] : [],
  );

describe('distance to liquidation', () => {
  it('is that of the tiers and of what the wallet has', () => {
    // Short 0.1 at 50,000 with 1,000: 1,000 + 5,000 - 0.1 P = 2% x 0.1 P: P = 58,823.53.
    const rig = held('1000');
    expect(liquidationDistance(rig.state, okxPerp.id)).toBeCloseTo(0.1764706, 6);
    rig.marks(58_000);
    expect(liquidationDistance(rig.state, okxPerp.id)).toBeCloseTo(823.53 / 58_000, 6);
    rig.marks(60_000);
    expect(liquidationDistance(rig.state, okxPerp.id)).toBe(0);
  });

  it('is not known without tiers', () => {
    const rig = held('1000');
    rig.put({
      kind: 'margin-terms',
      venue: 'okx',
      terms: { [okxPerp.id]: { leverage: 3, tiers: null } },
    });
    expect(liquidationDistance(rig.state, okxPerp.id)).toBeNull();
  });
});

describe('a leg nearer than the limit', () => {
  it('is told once a minute, and its pair is closed', () => {
    const rig = held('1000');
    expect(alertsIn(rig.marks(50_000))).toEqual([]);
    expect(movesOf(look(rig, 50_000))).toEqual([]);
    expect(alertsIn(rig.marks(57_000))).toContain('liquidation-near');
    expect(alertsIn(rig.marks(57_100))).not.toContain('liquidation-near');
    expect(movesOf(look(rig, 57_000))).toEqual(['closing risk']);
  });

  it('of another pair does not close one that is far from it', () => {
    const rig = held('100000');
    expect(alertsIn(rig.marks(57_000))).not.toContain('liquidation-near');
    expect(movesOf(look(rig, 57_000))).toEqual([]);
  });
});
