// Two accounts of one venue have the limit per venue each: what one holds leaves the other's free.
import { describe, expect, it } from 'vitest';
import {
  balance,
  binancePerp,
  EngineRig,
  okxPerp,
  ordersIn,
  quote,
} from '../../test/support/engine-rig.ts';
import { decimal } from '../base/decimal.ts';
import type { Effect } from '../domain/event.ts';
import type { Instrument } from '../domain/instrument.ts';
import { defaultLimits } from '../risk/limits.ts';
import { worstCaseOf } from '../risk/worst-case.ts';
import { perpPerp } from '../strategy/perp-perp.ts';
import { riskBookOf } from './risk-book.ts';

const other = 'binance-b';
const otherPerp: Instrument = { ...binancePerp, id: `${other}:BTC-USDT-PERP`, venue: other };
const otherEth: Instrument = { ...otherPerp, id: `${other}:ETH-USDT-PERP`, base: 'ETH' };
const limits = { ...defaultLimits, venueExposureUsdMax: 6_000, netDeltaUsdMax: 1e6 };

/** The second account holds ETH of 4,500 USD; the first one and OKX hold nothing. */
function running(): EngineRig {
  const rig = new EngineRig({
    strategies: [{ strategy: perpPerp, params: perpPerp.defaults }],
    limits,
  });
  rig.boot({ venues: ['binance', other, 'okx'] });
  rig.connect();
  rig.put({ kind: 'instruments', venue: other, instruments: [otherPerp, otherEth], feeRates: {} });
  for (const channel of ['rest', 'public', 'private'] as const) rig.status(other, channel, 'up');
  rig.snapshot(other, { balances: [balance(other, 'futures', decimal('100000'))] });
  rig.marks(50_000);
  const of = { venue: other, instrument: otherEth.id, symbol: otherEth.symbol };
  const figures = { qty: decimal('1.5'), price: decimal('3000') };
  rig.put({ kind: 'marks', marks: [{ instrument: otherEth.id, price: 3_000, ageMs: 0 }] });
  rig.put({ kind: 'marks', marks: [{ instrument: otherPerp.id, price: 50_000, ageMs: 0 }] });
  rig.put(rig.fillOf('by-hand', { ...of, ...figures }));
  return rig;
}

function seen(rig: EngineRig, long: Instrument): readonly Effect[] {
  const settlesAtMs = rig.wallMs + 1_800_000;
  const leg = (of: Instrument, ratePerInterval: number) =>
    quote(of, { funding: { ratePerInterval, intervalMs: 3_600_000, settlesAtMs } });
  return rig.put({
    kind: 'pair-seen',
    passes: true,
    view: {
      ...{ strategy: 'perp-perp', long: long.id, short: okxPerp.id },
      ...{ tsMs: rig.wallMs, wallMs: rig.wallMs },
      longLeg: leg(long, 0),
      shortLeg: leg(okxPerp, 0.002),
    },
  });
}

describe('venueExposureUsdMax', () => {
  it('is counted per account: 4,500 USD at one are nothing at the other', () => {
    const { venueUsd } = worstCaseOf(riskBookOf(running().state, [], limits), []);
    expect(Object.fromEntries(venueUsd)).toEqual({ [other]: 4_500 });
  });

  it('lets an entry of 4,000 USD go to the account that is free, and not to the other', () => {
    const free = ordersIn(seen(running(), binancePerp)).map(({ venue }) => venue);
    expect(free).toEqual(['binance', 'okx']);
    const effects = seen(running(), otherPerp);
    expect(ordersIn(effects)).toEqual([]);
    const denials = effects.flatMap((e) => (e.kind === 'intent-denied' ? e.denials : []));
    expect(denials.map(({ code, limit }) => [code, limit])).toEqual([
      ['venue-exposure-limit', limits.venueExposureUsdMax],
    ]);
    expect(denials[0]?.message).toContain(`exposure on ${other} `);
  });
});
