// A rehearsal goes the way of an entry and leaves no trace of it.
import { describe, expect, it } from 'vitest';
import { binancePerp, binanceSpot, okxPerp } from '../../test/support/engine-rig.ts';
import { testPolicy } from '../../test/support/in-process-run.ts';
import { decimal } from '../base/decimal.ts';
import { Catalog, type Instrument } from '../domain/instrument.ts';
import { MarketTable, slot } from '../domain/market-table.ts';
import type { ApprovedOrder } from '../domain/order.ts';
import type { PairKey } from '../domain/view.ts';
import { Rehearsal } from './rehearsal.ts';

const wallMs = 1_767_571_200_000;
const perps: PairKey = { strategy: 'perp-perp', long: binancePerp.id, short: okxPerp.id };
const carry: PairKey = { strategy: 'cash-carry', long: binanceSpot.id, short: okxPerp.id };

function rehearsalOn(pairs: readonly PairKey[], quoted: readonly Instrument[]) {
  const catalog = new Catalog();
  const table = new MarketTable(8);
  for (const instrument of [binancePerp, okxPerp, binanceSpot]) {
    const index = catalog.put(instrument);
    if (!quoted.includes(instrument)) continue;
    table.set(index, slot.bid, 50_000);
    table.set(index, slot.ask, 50_001);
    table.set(index, slot.bidQty, 10);
    table.set(index, slot.askQty, 10);
    table.set(index, slot.quoteWallMs, wallMs - 60_000); // long ago: no matter
  }
  const orders: ApprovedOrder[] = [];
  const rehearsal = new Rehearsal({
    policy: testPolicy,
    market: { catalog, table, takerFeeRate: () => Number.NaN },
    clock: { wallMs: () => wallMs, venueMs: () => wallMs },
    pairs: () => pairs,
    message: (order) => orders.push(order),
  });
  return { rehearsal, orders, table };
}

const all = [binancePerp, okxPerp, binanceSpot];

describe('a rehearsed entry', () => {
  it.each([
    ['two perpetuals', perps],
    ['spot and a perpetual', carry],
  ] as const)('of %s makes both orders, again and again', (_, pair) => {
    const { rehearsal, orders } = rehearsalOn([pair], all);
    const times = 450; // more than one stage lasts
    for (let i = 0; i < times; i++) expect(rehearsal.once()).toBe(2);
    expect(orders).toHaveLength(2 * times);
    expect(orders.at(-2)).toMatchObject({ instrument: pair.long, side: 'buy', purpose: 'entry' });
    expect(orders.at(-1)).toMatchObject({ instrument: pair.short, side: 'sell', purpose: 'entry' });
    expect(orders.at(-1)?.qty).toBeGreaterThan(decimal('0'));
  });

  it('takes the first pair that is quoted on both legs', () => {
    const { rehearsal, orders } = rehearsalOn([carry, perps], [binancePerp, okxPerp]);
    expect(rehearsal.once()).toBe(2);
    expect(orders.map(({ instrument }) => instrument)).toEqual([perps.long, perps.short]);
  });

  it('is not made where nothing is quoted', () => {
    expect(rehearsalOn([perps], [okxPerp]).rehearsal.once()).toBe(0);
    expect(rehearsalOn([], all).rehearsal.once()).toBe(0);
  });

  it('changes nothing of the market that it reads', () => {
    const { rehearsal, table } = rehearsalOn([perps], all);
    const before = table.rows.slice();
    rehearsal.once();
    expect(table.rows).toEqual(before);
  });
});
