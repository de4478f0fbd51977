// Another installation on the account, and resting orders of nobody that we know.
import { describe, expect, it } from 'vitest';
import { alertsIn, EngineRig } from '../../test/support/engine-rig.ts';
import { decimal, zero } from '../base/decimal.ts';
import type { OrderEvent } from '../domain/venue-event.ts';
import { isReady } from './state.ts';

const theirs = 'fazzzzzz00010000001l';

const order = (changes: Partial<OrderEvent>): OrderEvent => ({
  kind: 'order',
  venue: 'binance',
  symbol: 'BTCUSDT',
  instrument: 'binance:BTC-USDT-PERP',
  venueTsMs: null,
  clientOrderId: theirs,
  venueOrderId: '77',
  status: 'open',
  side: 'buy',
  qty: decimal('1'),
  filledQty: zero,
  limit: decimal('40000'),
  averagePrice: null,
  reduceOnly: false,
  reason: null,
  ...changes,
});

const ready = (rig: EngineRig): boolean => {
  const venue = rig.state.venues.get('binance');
  return venue !== undefined && isReady(venue);
};

describe('another installation on the account', () => {
  it.each([
    ['an order on the stream', (rig: EngineRig) => rig.put(order({}))],
    ['a trade', (rig: EngineRig) => rig.fill(theirs)],
    [
      'an order in a history',
      (rig: EngineRig) => {
        return rig.snapshot('binance', { orders: [order({ status: 'canceled' })] });
      },
    ],
    ['a resting order', (rig: EngineRig) => rig.snapshot('binance', { openOrders: [order({})] })],
  ])('%s: nothing is opened there from then on', (_name, see) => {
    const rig = EngineRig.running();
    expect(ready(rig)).toBe(true);
    expect(alertsIn(see(rig))).toContain('other-installation');
    expect(ready(rig)).toBe(false);
    rig.snapshot('binance');
    expect(ready(rig)).toBe(false); // it may come back at any time
    expect(rig.state.venues.get('binance')?.restrictedBy.join()).toContain(theirs);
  });

  it('is over when a person says so', () => {
    const rig = EngineRig.running();
    const before = order({ status: 'filled', venueTsMs: rig.wallMs });
    rig.put(before);
    rig.snapshot('binance');
    rig.put({ kind: 'operator', command: 'acknowledge', by: 'desk' });
    rig.snapshot('binance', { orders: [before] }); // histories overlap
    expect(ready(rig)).toBe(true);
    rig.put(order({ venueTsMs: rig.wallMs + 1 }));
    expect(ready(rig)).toBe(false);
  });

  it('that ended before this one began does not count', () => {
    const rig = new EngineRig();
    rig.boot();
    rig.connect();
    const old = order({ status: 'filled', venueTsMs: 1 });
    rig.snapshot('binance', { orders: [old] });
    expect(ready(rig)).toBe(true);
  });
});

it('an order that somebody else has resting is told once and left alone', () => {
  const rig = EngineRig.running();
  const byHand = { openOrders: [order({ clientOrderId: 'web_1' })] };
  const effects = rig.snapshot('binance', byHand);
  expect(alertsIn(effects)).toEqual(['external-order']);
  expect(effects.filter(({ kind }) => kind === 'cancel-order')).toEqual([]);
  expect(alertsIn(rig.snapshot('binance', byHand))).toEqual([]);
  expect(ready(rig)).toBe(true);
});
