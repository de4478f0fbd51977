// Free margin before an entry: cut to what a wallet carries, refused by the wallet's name where
// that is too little, and where something is not known.
import { describe, expect, it } from 'vitest';
import { binancePerp, EngineRig, okxPerp, ordersIn, quote } from '../../test/support/engine-rig.ts';
import { decimal, formatDecimal, toNumber } from '../base/decimal.ts';
import type { Effect } from '../domain/event.ts';
import type { Instrument } from '../domain/instrument.ts';
import { continuousTiers } from '../domain/margin.ts';
import type { LegView, PairView } from '../domain/view.ts';
import { perpPerp } from '../strategy/perp-perp.ts';

const hourMs = 3_600_000;

/** Both venues up, so much USDT on okx; margin terms as given, or unknown. */
function rigWith(usdt: string, terms: 'known' | 'unknown' = 'known'): EngineRig {
  const rig = new EngineRig({ strategies: [{ strategy: perpPerp, params: perpPerp.defaults }] });
  rig.boot();
  rig.connect({ okxUsdt: usdt });
  if (terms === 'unknown') rig.state.marginTerms.delete(okxPerp.id);
  rig.marks(50_000);
  return rig;
}

function leg(instrument: Instrument, ratePerInterval: number, rig: EngineRig): LegView {
  const settlesAtMs = rig.wallMs + hourMs / 2;
  return quote(instrument, { funding: { ratePerInterval, intervalMs: hourMs, settlesAtMs } });
}

/** Long binance, short okx at 0.2% an hour: worth 4,000 USD a leg, 0.079 BTC. */
function offer(rig: EngineRig): readonly Effect[] {
  const view: PairView = {
    ...{ strategy: 'perp-perp', long: binancePerp.id, short: okxPerp.id },
    ...{ tsMs: rig.wallMs, wallMs: rig.wallMs },
    longLeg: leg(binancePerp, 0, rig),
    shortLeg: leg(okxPerp, 0.002, rig),
  };
  return rig.put({ kind: 'pair-seen', passes: true, view }, [view.longLeg, view.shortLeg]);
}

function denied(effects: readonly Effect[]): readonly string[] {
  return effects.flatMap((effect) =>
    effect.kind === 'intent-denied' ? effect.denials.map(({ message }) => message) : [],
  );
}

describe('an entry', () => {
  it('is as large as intended where both wallets carry it', () => {
    const [long, short] = ordersIn(offer(rigWith('100000')));
    expect([long?.qty, short?.qty]).toEqual([decimal('0.079'), decimal('0.079')]);
  });

  it('is cut to what the poorer wallet carries, both legs alike', () => {
    // 0.079 BTC need 1,316.7 of margin, 2 of fee and a little for the price: 700 carry about half.
    const orders = ordersIn(offer(rigWith('700')));
    expect(orders).toHaveLength(2);
    const [qty] = orders.map((order) => toNumber(order.qty));
    expect(new Set(orders.map((order) => formatDecimal(order.qty))).size).toBe(1);
    expect(qty).toBeGreaterThan(0.038);
    expect((((qty ?? 0) * 50_000) / 3) * 1.01).toBeLessThan(700);
  });

  it('is refused where the rest is not worth four orders, by the name of the wallet', () => {
    const effects = offer(rigWith('50'));
    expect(ordersIn(effects)).toEqual([]);
    expect(denied(effects).join()).toMatch(
      /^wallet unified of okx: 13\d\d\.\d+ USDT of margin needed, free are 50$/,
    );
  });

  it('is refused while how the contract is margined is not known', () => {
    const effects = offer(rigWith('100000', 'unknown'));
    expect(ordersIn(effects)).toEqual([]);
    expect(denied(effects)).toEqual([`leverage and tiers of ${okxPerp.id} are not known`]);
  });

  it('is cut to the tier of the leverage that is set', () => {
    const rig = rigWith('100000');
    const tiers = continuousTiers([
      { sizeMax: decimal('2000'), leverageMax: 50, maintenanceRate: decimal('0.01') },
    ]);
    const terms = { [okxPerp.id]: { leverage: 3, tiers } };
    rig.put({ kind: 'margin-terms', venue: 'okx', terms });
    const orders = ordersIn(offer(rig));
    expect(orders.map((order) => formatDecimal(order.qty))).toEqual(['0.039', '0.039']);
  });
});
