import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toNumber } from '../base/decimal.ts';
import { mean } from '../base/stats.ts';
import { dayMs, hourMs, minuteMs } from '../base/time.ts';
import { baseQtyAt } from '../domain/contract-value.ts';
import { isPerp } from '../domain/instrument.ts';
import type { Level } from '../domain/venue-event.ts';
import { formulaOf, fundingRate } from './funding-formula.ts';
import { simulatedVenues } from './listings/listings-of.ts';
import { bookLevelsMax } from './market-api.ts';
import { impactNotionalUsd, impactPrice, premiumIndex } from './premium.ts';
import { historyMs, seededMarket } from './seeded-market.ts';

const startMs = 1_709_251_200_000; // 2024-03-01T00:00:00Z
const market = seededMarket({ seed: 7, startMs });
const listed = market.venues.flatMap((venue) => market.instruments(venue));
const perps = listed.filter(({ instrument }) => isPerp(instrument.kind));
const anyPerp = fc.constantFrom(...perps);
const anyTime = fc.integer({ min: startMs - 10 * dayMs, max: startMs + 20 * dayMs });

describe('the seeded market', () => {
  it('lists what the venues list', () => {
    expect(market.venues).toEqual(simulatedVenues);
    expect(perps.length).toBeGreaterThanOrEqual(36);
    expect(listed.length - perps.length).toBeGreaterThanOrEqual(24);
  });

  it('answers any question the same way, in any order, from a fresh start or not', () => {
    const question = fc.tuple(fc.constantFrom(...listed), anyTime);
    fc.assert(
      fc.property(fc.array(question, { minLength: 1, maxLength: 4 }), (questions) => {
        const fresh = seededMarket({ seed: 7, startMs });
        for (const [{ instrument, underlying }, tsMs] of [...questions].reverse()) {
          const { id, kind } = instrument;
          expect(fresh.index(underlying, tsMs)).toBe(market.index(underlying, tsMs));
          expect(fresh.mark(id, tsMs)).toBe(market.mark(id, tsMs));
          expect(fresh.baseBook(id, tsMs, 3)).toEqual(market.baseBook(id, tsMs, 3));
          if (!isPerp(kind)) continue;
          expect(fresh.fundingEstimate(id, tsMs)).toBe(market.fundingEstimate(id, tsMs));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('changes on the grid alone, everything at once', () => {
    fc.assert(
      fc.property(fc.constantFrom(...listed), anyTime, ({ instrument: { id } }, tsMs) => {
        const gridMs = market.gridTime(tsMs);
        expect(gridMs % market.gridMs).toBe(0);
        expect(tsMs - gridMs).toBeLessThan(market.gridMs);
        expect(market.mid(id, tsMs)).toBe(market.mid(id, gridMs));
        expect(market.baseBook(id, tsMs, 1)).toEqual(market.baseBook(id, gridMs, 1));
      }),
      { numRuns: 50 },
    );
  });

  it('moves BTC by a few basis points a minute', () => {
    const squares = Array.from({ length: 2_000 }, (_, k) => {
      const tsMs = startMs + k * 61_000;
      return (market.index('BTC', tsMs + minuteMs) / market.index('BTC', tsMs) - 1) ** 2;
    });
    expect(Math.sqrt(mean(squares))).toBeGreaterThan(0.0002);
    expect(Math.sqrt(mean(squares))).toBeLessThan(0.0006);
  });

  it('displays tens of thousands of USD at the best BTC level and up to millions behind it', () => {
    for (const venue of market.venues) {
      const { asks, bids } = market.baseBook(`${venue}:BTC-USDT-PERP`, startMs, bookLevelsMax);
      for (const side of [asks, bids]) {
        expect(side).toHaveLength(bookLevelsMax);
        const [price, qty] = side[0] ?? [0, 0];
        expect(price * qty).toBeGreaterThan(10_000);
        expect(price * qty).toBeLessThan(100_000);
        const total = side.reduce((sum, [p, q]) => sum + p * q, 0);
        expect(total).toBeGreaterThan(300_000);
        expect(total).toBeLessThan(5_000_000);
      }
    }
  });

  it('keeps every spread under 4 bp and every perpetual within 0.5% of its index', () => {
    fc.assert(
      fc.property(fc.constantFrom(...listed), anyTime, ({ instrument, underlying }, tsMs) => {
        const { bids, asks } = market.baseBook(instrument.id, tsMs, 1);
        const [bid] = bids[0] ?? [0];
        const [ask] = asks[0] ?? [0];
        expect(ask).toBeGreaterThan(bid);
        const tick = toNumber(instrument.tickSize ?? (0n as never)); // listed ones have a tick
        expect((ask - bid) / bid).toBeLessThan(0.0004 + (2 * tick) / bid);
        expect(
          Math.abs(market.mid(instrument.id, tsMs) / market.index(underlying, tsMs) - 1),
        ).toBeLessThan(0.005);
      }),
    );
  });
});

describe('funding in the seeded market', () => {
  it('reads the premium off the impact prices of the displayed book', () => {
    fc.assert(
      fc.property(anyPerp, anyTime, ({ instrument, underlying }, tsMs) => {
        const listed = market.baseBook(instrument.id, tsMs, bookLevelsMax);
        const [bids, asks] = [listed.bids, listed.asks].map((levels) =>
          levels.map(([price, qty]): Level => [price, baseQtyAt(instrument, qty, price)]),
        ) as [Level[], Level[]]; // two of two
        const notionalUsd = impactNotionalUsd(instrument.leverageMax ?? 1);
        const sample = {
          impactBid: impactPrice(bids, notionalUsd),
          impactAsk: impactPrice(asks, notionalUsd),
          index: market.index(underlying, tsMs),
        };
        expect(market.premium(instrument.id, tsMs)).toBeCloseTo(premiumIndex(sample), 12);
      }),
    );
  });

  it("settles the rate of the venue's own formula over the minute samples", () => {
    for (const id of ['binance:SOL-USDT-PERP', 'okx:WIF-USDT-PERP', 'bybit:NEAR-USDT-PERP']) {
      const listing = perps.find(({ instrument }) => instrument.id === id);
      if (listing === undefined) throw new Error(`${id} is not listed`);
      const settlesAtMs = market.settlesAtMs(id, startMs) ?? 0;
      const intervalMs = market.intervalMs(id, startMs) ?? 0;
      const n = intervalMs / minuteMs;
      const samples = Array.from({ length: n }, (_, k) =>
        market.premium(id, settlesAtMs - intervalMs + (k + 1) * minuteMs),
      );
      const terms = { intervalMs, cap: listing.fundingCap, floor: listing.fundingFloor };
      const rate = fundingRate(formulaOf(listing.instrument.venue), samples, terms);
      expect(market.fundingSettled(id, settlesAtMs)).toBeCloseTo(rate, 8);
    }
  });

  it('ends an interval with an estimate that is next to the settled rate', () => {
    for (const { instrument } of perps) {
      const settlesAtMs = market.settlesAtMs(instrument.id, startMs + 3 * hourMs) ?? 0;
      const last = market.fundingEstimate(instrument.id, settlesAtMs - 1_000);
      const settled = market.fundingSettled(instrument.id, settlesAtMs) ?? Number.NaN;
      expect(Math.abs(last - settled)).toBeLessThan(0.00003);
    }
  });

  it('stays inside cap and floor', () => {
    fc.assert(
      fc.property(anyPerp, anyTime, ({ instrument, fundingCap, fundingFloor }, tsMs) => {
        const rate = market.fundingEstimate(instrument.id, tsMs);
        expect(rate).toBeLessThanOrEqual(fundingCap);
        expect(rate).toBeGreaterThanOrEqual(fundingFloor);
      }),
      { numRuns: 50 },
    );
  });

  it('settles at whole intervals of UTC, and nothing in between or before its history', () => {
    const id = 'binance:BTC-USDT-PERP';
    const day = market.settlements(id, { fromMs: startMs, toMs: startMs + dayMs });
    expect(day).toEqual([8, 16, 24].map((hours) => startMs + hours * hourMs));
    expect(market.fundingSettled(id, startMs + hourMs)).toBeNull();
    expect(market.fundingSettled(id, startMs - historyMs - 8 * hourMs)).toBeNull();
    expect(market.fundingSettled(id, startMs - 8 * hourMs)).not.toBeNull();
    expect(market.settlesAtMs(id, startMs)).toBe(startMs + 8 * hourMs);
    expect(market.settlesAtMs('binance:BTC-USDT-SPOT', startMs)).toBeNull();
    expect(market.intervalMs('binance:BTC-USDT-SPOT', startMs)).toBeNull();
  });

  it('halves the interval of one contract after the start, at a settlement, and says so', () => {
    const id = 'okx:XRP-USDT-PERP';
    const times = market.settlements(id, { fromMs: startMs, toMs: startMs + dayMs });
    expect(times).toEqual([8, 12, 16, 20, 24].map((hours) => startMs + hours * hourMs));
    expect(market.intervalMs(id, startMs + 8 * hourMs - 1)).toBe(8 * hourMs);
    expect(market.intervalMs(id, startMs + 8 * hourMs)).toBe(4 * hourMs);
    const notes = market.labels().filter(({ kind }) => kind === 'note');
    expect(notes.map(({ text }) => text).join()).toContain('XRP-USDT-SWAP settles every 4h');
  });

  it('pays on BTC about 10% a year, mostly 0.01% per 8 h, and more on SOL at every venue', () => {
    const rates = { BTC: [] as number[], SOL: [] as number[] };
    for (let seed = 1; seed <= 8; seed++) {
      const other = seededMarket({ seed, startMs });
      for (const asset of ['BTC', 'SOL'] as const) {
        for (const venue of other.venues) {
          const id = `${venue}:${asset}-USDT-PERP`;
          const range = { fromMs: startMs - 2 * dayMs, toMs: startMs };
          for (const settlesAtMs of other.settlements(id, range)) {
            rates[asset].push(other.fundingSettled(id, settlesAtMs) ?? Number.NaN);
          }
        }
      }
    }
    const aprBtc = mean(rates.BTC) * 3 * 365;
    expect(aprBtc).toBeGreaterThan(0.08);
    expect(aprBtc).toBeLessThan(0.16);
    const usual = rates.BTC.filter((rate) => rate === 0.0001).length / rates.BTC.length;
    expect(usual).toBeGreaterThan(0.5);
    const aprSol = mean(rates.SOL) * 3 * 365;
    expect(aprSol).toBeGreaterThan(0.25);
    expect(aprSol).toBeLessThan(0.8);
  });
});
