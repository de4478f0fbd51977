// Looks at pairs: at once for a quote, in parts for all that pass on the timer.
import { expect, it } from 'vitest';
import { binancePerp, okxPerp } from '../../test/support/engine-rig.ts';
import type { PairSeen } from '../domain/event.ts';
import { Catalog } from '../domain/instrument.ts';
import { MarketTable, slot } from '../domain/market-table.ts';
import { perpPerp } from '../strategy/perp-perp.ts';
import { emptyState } from './state.ts';
import { PairWatch } from './watch.ts';

const assets = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J'];
const hourMs = 3_600_000;

/** Ten assets at two venues, each worth a pair; the clock is moved by hand. */
function watched() {
  const clock = { ms: 1_767_571_200_000 };
  const catalog = new Catalog();
  const table = new MarketTable(32);
  for (const base of assets) {
    for (const perp of [binancePerp, okxPerp]) {
      const index = catalog.put({ ...perp, id: `${perp.venue}:${base}`, base });
      table.set(index, slot.bid, 100);
      table.set(index, slot.ask, 100.01);
      table.set(index, slot.bidQty, 1_000);
      table.set(index, slot.askQty, 1_000);
      table.set(index, slot.quoteWallMs, clock.ms);
      table.set(index, slot.ratePerInterval, perp === okxPerp ? 0.01 : 0);
      table.set(index, slot.intervalMs, 8 * hourMs);
      table.set(index, slot.settlesAtMs, clock.ms + 4 * hourMs);
      table.set(index, slot.fundingWallMs, clock.ms);
    }
  }
  const seen: PairSeen[] = [];
  const watch = new PairWatch({
    market: { catalog, table, takerFeeRate: () => 0.0005 },
    strategies: [{ strategy: perpPerp, params: perpPerp.defaults }],
    state: emptyState(),
    clock: { wallMs: () => clock.ms, venueMs: () => clock.ms },
    scan: { nearMissBand: 0, pairCooldownMs: 1_000, improvementStep: 0.0005 },
    put: (input) => seen.push(input),
  });
  return { watch, seen, clock, table, catalog };
}

const namesOf = (seen: readonly PairSeen[]) => seen.map(({ view }) => view.long);
const all = assets.map((base) => `binance:${base}`);

it('all that pass on the timer are looked at, at once unless it is bounded', () => {
  const { watch, seen } = watched();
  expect(watch.onTimer()).toBe(0);
  expect(namesOf(seen)).toEqual(all);
});

it('more than a turn takes waits for the next ones, in the same order', () => {
  const { watch, seen } = watched();
  expect(watch.onTimer(4)).toBe(6);
  expect(namesOf(seen)).toEqual(all.slice(0, 4));
  expect(watch.more(4)).toBe(2);
  expect(watch.more(4)).toBe(0);
  expect(watch.more(4)).toBe(0);
  expect(namesOf(seen)).toEqual(all);
});

it('a pair that waits is looked at once, at the quotes of its turn', () => {
  const { watch, seen, clock, table, catalog } = watched();
  watch.onTimer(4);
  clock.ms += 2_000; // the cooldown is over: every pair passes again
  table.set(catalog.indexOf('binance:F'), slot.ask, 100.02);
  expect(watch.onTimer(4)).toBe(6);
  expect(watch.more(100)).toBe(0);
  expect(namesOf(seen)).toHaveLength(14); // the first four twice
  expect(new Set(namesOf(seen))).toEqual(new Set(all));
  const late = seen.find(({ view }) => view.long === 'binance:F');
  expect(late?.view).toMatchObject({ wallMs: clock.ms, longLeg: { ask: 100.02 } });
});

it('nothing of a scan that is laid out anew is waited for', () => {
  const { watch, seen } = watched();
  watch.onTimer(4);
  watch.rebuild();
  expect(watch.more(100)).toBe(0);
  expect(seen).toHaveLength(4);
});
