import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  evenly,
  instrumentOf,
  midnightMs,
  quietMs,
  wallNowMs,
} from '../../test/support/strategy-fixtures.ts';
import { hourMs } from '../base/time.ts';
import { Catalog, type InstrumentId } from '../domain/instrument.ts';
import { MarketTable, slot } from '../domain/market-table.ts';
import type { LegView } from '../domain/view.ts';
import { legViewOf } from '../engine/legs.ts';
import { cashCarry } from './cash-carry.ts';
import { perpPerp } from './perp-perp.ts';
import { defaultScanOptions, nowSlot, PairScan, type ScanOptions } from './scan.ts';

const venues = ['binance', 'okx', 'bybit'] as const;
const strategies = [perpPerp, cashCarry].map((strategy) => ({
  strategy,
  params: strategy.defaults,
}));
const feeOf = (index: number) => (index % 2 === 0 ? 0.001 : 0.0005);

/** Six instruments: spot (even) and perpetual (odd) of each venue. */
function marketOf(options: Partial<ScanOptions> = {}, horizonMs: number | null = null) {
  const catalog = new Catalog();
  for (const venue of venues) {
    catalog.put(instrumentOf(venue, 'spot'));
    catalog.put(instrumentOf(venue, 'linear-perp'));
  }
  const table = new MarketTable(catalog.size);
  const scan = new PairScan({
    table,
    catalog,
    strategies: strategies.map(({ strategy, params }) => ({
      strategy,
      params: horizonMs === null ? params : { ...params, horizonMs },
    })),
    feeRateTaker: feeOf,
    options: { ...defaultScanOptions, ...options },
  });
  scan.now[nowSlot.tsMs] = quietMs;
  scan.now[nowSlot.wallMs] = wallNowMs;
  return { catalog, table, scan };
}
type Market = ReturnType<typeof marketOf>;

interface Row {
  readonly mid: number;
  readonly spread: number;
  readonly qty: number;
  readonly rate: number;
  readonly hours: number;
}
const flat: Row = { mid: 100, spread: 0.0001, qty: 1_000, rate: 0.0001, hours: 8 };

function write({ table, catalog }: Market, index: number, row: Row): void {
  const isPerp = catalog.at(index).kind !== 'spot';
  const intervalMs = row.hours * hourMs;
  table.set(index, slot.bid, row.mid * (1 - row.spread));
  table.set(index, slot.ask, row.mid * (1 + row.spread));
  table.set(index, slot.bidQty, row.qty);
  table.set(index, slot.askQty, row.qty);
  table.set(index, slot.quoteWallMs, wallNowMs);
  if (!isPerp) return;
  table.set(index, slot.ratePerInterval, row.rate);
  table.set(index, slot.intervalMs, intervalMs);
  const settlesAtMs = midnightMs + Math.ceil((quietMs - midnightMs) / intervalMs) * intervalMs;
  table.set(index, slot.settlesAtMs, settlesAtMs);
  table.set(index, slot.fundingWallMs, wallNowMs);
}

function entryOf({ scan, catalog, table }: Market, pair: number) {
  const key = scan.pairs[pair];
  if (key === undefined) throw new Error(`no pair ${pair}`);
  const strategy = key.strategy === 'perp-perp' ? perpPerp : cashCarry;
  const market = {
    catalog,
    table,
    takerFeeRate: (id: InstrumentId) => feeOf(catalog.indexOf(id)),
  };
  const legAt = (id: InstrumentId): LegView => {
    const leg = legViewOf(market, id, wallNowMs);
    if (leg === null) throw new Error(`no quote of ${id}`);
    return leg;
  };
  const longLeg = legAt(key.long);
  const shortLeg = legAt(key.short);
  const view = { ...key, tsMs: quietMs, wallMs: wallNowMs, longLeg, shortLeg };
  const instrumentAt = (id: InstrumentId) => catalog.at(catalog.indexOf(id));
  const context = {
    long: instrumentAt(key.long),
    short: instrumentAt(key.short),
    params: strategy.defaults,
  };
  return strategy.entry(view, context);
}

const passedOf = ({ scan }: Market, count: number) => [...scan.passed.subarray(0, count)];

describe('the scan', () => {
  it('knows every pair and the pairs of each instrument', () => {
    const market = marketOf({ nearMissBand: 10 });
    expect(market.scan.pairs).toHaveLength(6 + 9);
    for (let index = 0; index < 6; index++) write(market, index, flat);
    // A perpetual stands in 4 of the 6 directed pairs and under 3 spots; a spot over 3 perpetuals.
    expect(market.scan.onQuote(1)).toBe(7);
    expect(passedOf(market, 7).every((pair) => involves(market, pair, 1))).toBe(true);
    const other = marketOf({ nearMissBand: 10 });
    for (let index = 0; index < 6; index++) write(other, index, flat);
    expect(other.scan.onQuote(0)).toBe(3);
    expect(other.scan.onQuote(-1)).toBe(0);
    expect(other.scan.onQuote(99)).toBe(0);
  });

  it('passes a dislocation and nothing else', () => {
    const market = marketOf();
    for (let index = 0; index < 6; index++) write(market, index, flat);
    expect(market.scan.scanAll()).toBe(0);
    write(market, 5, { ...flat, rate: 0.0015, hours: 1 });
    const passed = passedOf(market, market.scan.onQuote(5));
    expect(passed.length).toBeGreaterThan(0);
    for (const pair of passed) expect(market.scan.shortIndex[pair]).toBe(5);
  });

  it('passes nothing while a quote, a rate or an interval is not known', () => {
    for (const column of ['bid', 'ask', 'ratePerInterval', 'intervalMs', 'settlesAtMs'] as const) {
      const market = marketOf();
      for (let index = 0; index < 6; index++) write(market, index, flat);
      write(market, 5, { ...flat, rate: 0.0015, hours: 1 });
      market.table.set(5, slot[column], Number.NaN);
      expect(market.scan.onQuote(5)).toBe(0);
    }
  });

  it('passes nothing on the rate of a settlement that is over', () => {
    const market = marketOf();
    for (let index = 0; index < 6; index++) write(market, index, flat);
    write(market, 5, { ...flat, rate: 0.0015, hours: 1 });
    market.table.set(5, slot.settlesAtMs, quietMs);
    expect(market.scan.onQuote(5)).toBe(0);
  });

  it('sees a change of the other leg that nobody announced', () => {
    const market = marketOf();
    for (let index = 0; index < 6; index++) write(market, index, flat);
    expect(market.scan.scanAll()).toBe(0);
    write(market, 5, { ...flat, rate: 0.0015, hours: 1 });
    expect(passedOf(market, market.scan.onQuote(1))).toHaveLength(1);
    market.table.invalidateQuote(5);
    market.scan.now[nowSlot.wallMs] = wallNowMs + 60_000;
    expect(market.scan.onQuote(1)).toBe(0);
  });

  it('counts a settlement as soon as it enters the horizon, on unchanged rows', () => {
    // 8 h contracts, now 02:30, horizon 20 h: 08:00 and 16:00. At 04:00 the midnight one enters.
    const market = marketOf({}, 20 * hourMs);
    for (let index = 0; index < 6; index++) write(market, index, flat);
    const boundAfter = (ms: number) => {
      market.scan.now[nowSlot.tsMs] = quietMs + ms;
      market.scan.scanAll();
      return market.scan.bounds[0] ?? Number.NaN;
    };
    const keys = market.scan.pairs[0];
    expect([keys?.long, keys?.short]).toEqual(['binance:BTC-USDT-PERP', 'okx:BTC-USDT-PERP']);
    write(market, 3, { ...flat, rate: 0.0011 });
    const before = boundAfter(0);
    expect(boundAfter(1.5 * hourMs - 1)).toBe(before);
    // Distance of the rates 0.001 after two settlements of a half-life of six.
    expect(boundAfter(1.5 * hourMs) - before).toBeCloseTo(0.001 * 2 ** (-2 / 6), 12);
    expect(boundAfter(5.5 * hourMs)).toBeNaN();
  });

  it('never misses a pair that the exact entry accepts, and bounds its net edge from above', () => {
    const row = fc.record({
      mid: evenly(99, 101),
      spread: evenly(0, 0.001),
      qty: evenly(1, 1_000),
      rate: evenly(-0.003, 0.003),
      hours: fc.constantFrom(1, 2, 4, 8),
    });
    const rows = fc.array(row, { minLength: 6, maxLength: 6 });
    const depth = fc.array(evenly(-0.0005, 0.001), { maxLength: 4 });
    let accepted = 0;
    fc.assert(
      fc.property(rows, depth, (given, steps) => {
        const market = marketOf({ nearMissBand: 0 });
        given.forEach((each, index) => {
          write(market, index, each);
          const from = each.mid * (1 + each.spread);
          const asks = steps.map((step) => [from * (1 + step), each.qty] as const);
          const bids = steps.map(
            (step) => [each.mid * (1 - each.spread - step), each.qty] as const,
          );
          market.table.books[index] = { bids, asks, wallMs: wallNowMs };
        });
        const passed = new Set(passedOf(market, market.scan.scanAll()));
        market.scan.pairs.forEach((_, pair) => {
          const entry = entryOf(market, pair);
          const edge = entry.ok ? entry.intent.edge : entry.edge;
          if (edge !== null) {
            expect(market.scan.bounds[pair]).toBeGreaterThanOrEqual(edge.net - 1e-12);
          }
          if (!entry.ok) return;
          accepted++;
          expect(passed.has(pair)).toBe(true);
        });
      }),
      { numRuns: 200 },
    );
    expect(accepted).toBeGreaterThan(20);
  });

  it('says after any changes and times what a scan that is built anew says', () => {
    const index = fc.integer({ min: 0, max: 5 });
    const figure = evenly(99, 101);
    const step = fc.oneof(
      fc.tuple(fc.constant('quote' as const), index, figure),
      fc.tuple(fc.constant('rate' as const), index, evenly(-0.003, 0.003)),
      fc.tuple(fc.constant('settles' as const), index, evenly(0, 9)),
      fc.tuple(fc.constant('unknown' as const), index, figure),
      fc.tuple(fc.constant('wait' as const), index, evenly(0, 6)),
    );
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
        const market = marketOf({}, 20 * hourMs);
        const { table, scan, catalog } = market;
        for (let i = 0; i < 6; i++) write(market, i, flat);
        scan.scanAll();
        for (const [what, i, value] of steps) {
          const nowMs = scan.now[nowSlot.tsMs] ?? 0;
          if (what === 'quote') table.setQuote(i, Float64Array.of(value, 1, value + 0.1, 1, 0, 0));
          if (what === 'unknown') table.invalidateQuote(i);
          const isPerp = catalog.at(i).kind !== 'spot';
          if (what === 'rate' && isPerp) table.set(i, slot.ratePerInterval, value);
          if (what === 'settles' && isPerp) table.set(i, slot.settlesAtMs, nowMs + value * hourMs);
          if (what === 'wait') scan.now[nowSlot.tsMs] = nowMs + value * hourMs;
          scan.onQuote(i);
          const fresh = new PairScan({
            ...{ table, catalog, feeRateTaker: feeOf },
            strategies: strategies.map(({ strategy, params }) => {
              return { strategy, params: { ...params, horizonMs: 20 * hourMs } };
            }),
            options: defaultScanOptions,
          });
          fresh.now.set(scan.now);
          fresh.scanAll();
          for (const [pair, bound] of fresh.bounds.entries()) {
            if (involves(market, pair, i)) expect(scan.bounds[pair]).toBe(bound);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('follows the fee that the account really pays', () => {
    const market = marketOf();
    for (let index = 0; index < 6; index++) write(market, index, flat);
    market.scan.scanAll();
    const before = market.scan.bounds[0] ?? Number.NaN;
    const leg = market.scan.longIndex[0] ?? -1;
    market.scan.setFeeRateTaker(leg, feeOf(leg) + 0.001);
    market.scan.scanAll();
    expect(market.scan.bounds[0]).toBeCloseTo(before - 0.002, 12);
  });
});

describe('repeats', () => {
  function dislocatedMarket() {
    const market = marketOf({ pairCooldownMs: 1_000, improvementStep: 0.001 });
    for (let index = 0; index < 6; index++) write(market, index, flat);
    const set = (rate: number) => write(market, 5, { ...flat, rate, hours: 1 });
    set(0.0015);
    const at = (offsetMs: number) => {
      market.scan.now[nowSlot.wallMs] = wallNowMs + offsetMs;
      return market.scan.onQuote(5);
    };
    return { market, set, at };
  }

  it('wait for the cooldown of the wall clock', () => {
    const { at } = dislocatedMarket();
    const first = at(0);
    expect(first).toBeGreaterThan(0);
    expect([at(1), at(999), at(1_000), at(1_001)]).toEqual([0, 0, first, 0]);
  });

  it('pass at once when the edge improves by a step', () => {
    const { at, set } = dislocatedMarket();
    const first = at(0);
    set(0.00151);
    expect(at(1)).toBe(0);
    set(0.0025);
    expect(at(2)).toBe(first);
  });

  it('pass at once when a near miss reaches the threshold', () => {
    const { market, at, set } = dislocatedMarket();
    const pair = market.scan.pairIndexOf({
      strategy: 'perp-perp',
      long: 'binance:BTC-USDT-PERP',
      short: 'bybit:BTC-USDT-PERP',
    });
    const thresholdNet = perpPerp.defaults.netEdgeMin * (2 / 3 + 0.1);
    const hasPassed = (count: number) => passedOf(market, count).includes(pair);
    const rateOf = (net: number) => {
      // The bound is linear in the rate: two points give the rate of a bound.
      set(0.001);
      market.scan.onQuote(5);
      const low = market.scan.bounds[pair] ?? Number.NaN;
      set(0.002);
      market.scan.onQuote(5);
      const high = market.scan.bounds[pair] ?? Number.NaN;
      return 0.001 + (0.001 * (net - low)) / (high - low);
    };
    const below = rateOf(thresholdNet - 0.0001);
    const above = rateOf(thresholdNet + 0.0001);
    set(below);
    expect(hasPassed(at(10_000))).toBe(true);
    set(above);
    expect(hasPassed(at(10_001))).toBe(true);
    expect(hasPassed(at(10_002))).toBe(false);
  });

  it('are found by their names, and nothing else is', () => {
    const { market } = dislocatedMarket();
    const { scan } = market;
    const found = scan.pairs.map((key) => scan.pairIndexOf({ ...key }));
    expect(found).toEqual(scan.pairs.map((_, index) => index));
    const [key] = scan.pairs;
    if (key === undefined) throw new Error('no pairs');
    for (const change of [{ strategy: 'x' }, { long: 'x' }, { short: 'x' }, { short: key.long }]) {
      expect(scan.pairIndexOf({ ...key, ...change })).toBe(-1);
    }
  });

  it('of a held pair come at every cooldown, whatever the edge', () => {
    const market = marketOf({ pairCooldownMs: 1_000 });
    for (let index = 0; index < 6; index++) write(market, index, flat);
    market.scan.setHeld(0, 1);
    const at = (offsetMs: number) => {
      market.scan.now[nowSlot.wallMs] = wallNowMs + offsetMs;
      return passedOf(market, market.scan.scanAll());
    };
    expect([at(0), at(999), at(1_000)]).toEqual([[0], [], [0]]);
    market.scan.setHeld(0, 0);
    expect(at(5_000)).toEqual([]);
  });
});

function involves({ scan }: Market, pair: number, index: number): boolean {
  return scan.longIndex[pair] === index || scan.shortIndex[pair] === index;
}
