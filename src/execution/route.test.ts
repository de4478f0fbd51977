import { describe, expect, it } from 'vitest';
import { instrument, view } from '../../test/support/pair-rig.ts';
import { decimal } from '../base/decimal.ts';
import type { LegView } from '../domain/view.ts';
import { defaultExecutionPolicy as policy } from './policy.ts';
import { type RouteCandidate, reasonsOf, routeLeg, type VenueHealth } from './route.ts';

/** Spot at a venue: 100 / 100.02, taker 10 bp. */
function at(
  venue: string,
  quote: Partial<LegView> = {},
  changes: Partial<VenueHealth> & { readonly carry?: number; readonly marginShare?: number } = {},
): RouteCandidate {
  const spec = instrument(venue, 'spot');
  const { carry = 0, marginShare = 1, ...health } = changes;
  const own = {
    ...view(spec, 100, 100.02),
    bidQty: 100,
    askQty: 100,
    feeRateTaker: 0.001,
    ...quote,
  };
  return {
    instrument: spec,
    view: own,
    carry,
    marginShare,
    health: {
      venue,
      ready: true,
      restrictedBy: [],
      ordersLastSecond: 0,
      latencyMs: null,
      orderHeadroom: null,
      ...health,
    },
  };
}

const buy = { side: 'buy', qty: decimal('1'), purpose: 'entry' } as const;
const sell = { ...buy, side: 'sell' } as const;
const chosen = (...candidates: readonly RouteCandidate[]) =>
  routeLeg(candidates, buy, policy).chosen?.instrument.venue ?? null;

describe('the venue of a leg', () => {
  it('is the one with the best price after fees', () => {
    // 100.02 x 1.001 = 100.12002 against 100.05 x 1.0002 = 100.07001: 5 bp cheaper, fees included
    const other = at('okx', { ask: 100.05, feeRateTaker: 0.0002 });
    expect(chosen(at('binance'), other)).toBe('okx');
    // Sold: 100 x 0.999 = 99.9 against 99.95 x 0.9998 = 99.93001
    const bid = at('okx', { bid: 99.95, feeRateTaker: 0.0002 });
    expect(routeLeg([at('binance'), bid], sell, policy).chosen?.instrument.venue).toBe('okx');
  });

  it('is judged by the walk through the depth, not by the best price', () => {
    // 0.1 at 99.9, the rest at 100.3: 0.1 x 99.9 + 0.9 x 100.3 = 100.26
    const thin = at('okx', {
      bid: 99.8,
      ask: 99.9,
      asks: [
        [99.9, 0.1],
        [100.3, 10],
      ],
    });
    expect(chosen(at('binance'), thin)).toBe('binance');
    const small = routeLeg([at('binance'), thin], { ...buy, qty: decimal('0.1') }, policy);
    expect(small.chosen?.instrument.venue).toBe('okx');
  });

  it('counts what the leg earns there', () => {
    expect(chosen(at('binance'), at('okx', { ask: 100.05 }, { carry: 0.0005 }))).toBe('okx');
  });

  it('counts a slow venue as dearer', () => {
    // 2 bp cheaper and 4 s slower at 1 bp a second
    const slow = at('okx', { ask: 100 }, { latencyMs: 4_000 });
    expect(chosen(at('binance'), slow)).toBe('binance');
    expect(chosen(at('binance'), at('okx', { ask: 100 }, { latencyMs: 100 }))).toBe('okx');
  });

  it('stays where it is for less than the least advantage', () => {
    const slightly = at('okx', { ask: 100.015 });
    const route = routeLeg([at('binance'), slightly], buy, policy);
    expect(route.chosen?.instrument.venue).toBe('binance');
    expect(reasonsOf(route)[1]).toContain('0.5 bp cheaper, not enough to change');
  });

  it.each([
    [
      'restricted',
      at('binance', {}, { restrictedBy: ['cash differs'] }),
      'restricted: cash differs',
    ],
    ['not ready', at('binance', {}, { ready: false }), 'not connected and reconciled'],
    ['out of order rate', at('binance', {}, { ordersLastSecond: 9 }), 'no room'],
    ['short of its own limits', at('binance', {}, { orderHeadroom: 0.2 }), '20% of its order'],
    ['short of margin', at('binance', {}, { marginShare: 0.5 }), 'its wallet carries 50% of it'],
    ['without a fresh quote', at('binance', { quoteAgeMs: 60_000 }), 'ms old'],
    ['without a known fee', at('binance', { feeRateTaker: Number.NaN }), 'fee is not known'],
    ['without a quote', at('binance', { ask: 0 }), 'no quote of both sides'],
    [
      'halted',
      {
        ...at('binance'),
        instrument: { ...instrument('binance', 'spot'), status: 'halted' },
      } as const,
      'not trading',
    ],
    [
      'below its least notional',
      {
        ...at('binance'),
        instrument: { ...instrument('binance', 'spot'), notionalMin: decimal('200') },
      },
      'notional is below the minimum',
    ],
    [
      'too coarse',
      { ...at('binance'), instrument: { ...instrument('binance', 'spot'), lotSize: decimal('3') } },
      'not on its grid',
    ],
  ])('is another one when the first is %s, and says why', (_why, first, reason) => {
    const route = routeLeg([first, at('okx', { ask: 101 })], buy, policy);
    expect(route.chosen?.instrument.venue).toBe('okx');
    expect(reasonsOf(route)[1]).toContain(reason);
    expect(routeLeg([first], buy, policy).chosen).toBeNull();
  });

  it('of a hedge needs no room behind it, and takes as much as the lots allow', () => {
    const hedge = { ...buy, qty: decimal('1.5'), purpose: 'hedge' } as const;
    const spec = { ...instrument('okx', 'spot'), lotSize: decimal('1') };
    const short = {
      ...at('okx', {}, { orderHeadroom: 0.1, ordersLastSecond: 9 }),
      instrument: spec,
    };
    expect(routeLeg([short], hedge, policy).chosen?.instrument.venue).toBe('okx');
    const none = { ...short, health: { ...short.health, orderHeadroom: 0 } };
    expect(routeLeg([none], hedge, policy)).toMatchObject({ chosen: null });
    const full = { ...short, health: { ...short.health, ordersLastSecond: 10 } };
    expect(routeLeg([full], hedge, policy)).toMatchObject({ chosen: null });
    const coarse = { ...short, instrument: { ...spec, lotSize: decimal('2') } };
    expect(routeLeg([coarse], hedge, policy)).toMatchObject({ chosen: null });
  });
});
