import { describe, expect, it } from 'vitest';
import { toNumber } from '../base/decimal.ts';
import { hourMs, minuteMs } from '../base/time.ts';
import type { InstrumentId } from '../domain/instrument.ts';
import type { Level } from '../domain/venue-event.ts';
import type { DislocationLabel, ExogenousMarket } from './market-api.ts';
import { dislocationMsMax } from './seeded-dislocations.ts';
import { seededMarket } from './seeded-market.ts';

const startMs = 1_709_251_200_000; // 2024-03-01T00:00:00Z
const seeds = Array.from({ length: 50 }, (_, k) => k + 1);
const notionalUsd = 10_000;

function dislocationsOf(market: ExogenousMarket): readonly DislocationLabel[] {
  return market.labels().filter((label) => label.kind === 'dislocation');
}

interface Outcome {
  readonly funding: number;
  readonly basis: number;
  readonly fees: number;
  readonly net: number;
  readonly settlements: number;
  /** Rates of the overshoot, from the side of the pair: negative = it would have paid. */
  readonly overshootCarry: number;
}

/**
 * What an honest trader gets: enters 15 minutes after the peak is reached, leaves 30 minutes after
 * the overshoot is, both at the prices that 10,000 USD trade at, all four fills as taker.
 */
function trade(market: ExogenousMarket, d: DislocationLabel, other: InstrumentId): Outcome {
  const [short, long] = d.premiumPeak > 0 ? [d.instrument, other] : [other, d.instrument];
  const inMs = d.peakFromMs + 15 * minuteMs;
  const outMs = d.overshootFromMs + 30 * minuteMs;
  const inShort = fillPrice(market, short, { side: 'sell', tsMs: inMs });
  const inLong = fillPrice(market, long, { side: 'buy', tsMs: inMs });
  const outShort = fillPrice(market, short, { side: 'buy', tsMs: outMs });
  const outLong = fillPrice(market, long, { side: 'sell', tsMs: outMs });
  const held = { fromMs: inMs, toMs: outMs };
  const after = { fromMs: outMs, toMs: outMs + 4 * hourMs };
  const funding = rateSum(market, short, held) - rateSum(market, long, held);
  const overshootCarry = rateSum(market, short, after) - rateSum(market, long, after);
  // Per unit of the long leg's entry notional, equal quantities on both legs.
  const basis = (inShort - outShort + outLong - inLong) / inLong;
  const fees = 2 * (takerRate(market, short) + takerRate(market, long));
  const settlements = market.settlements(d.instrument, held).length;
  return { funding, basis, fees, settlements, overshootCarry, net: funding + basis - fees };
}

function fillPrice(
  market: ExogenousMarket,
  id: InstrumentId,
  at: { readonly side: 'buy' | 'sell'; readonly tsMs: number },
): number {
  const { bids, asks } = market.baseBook(id, at.tsMs, 20);
  const levels: readonly Level[] = at.side === 'buy' ? asks : bids;
  let qty = 0;
  let cost = 0;
  for (const [price, levelQty] of levels) {
    const taken = Math.min(levelQty, (notionalUsd - cost) / price);
    qty += taken;
    cost += taken * price;
  }
  expect(cost).toBeGreaterThan(notionalUsd * 0.999);
  return cost / qty;
}

function rateSum(
  market: ExogenousMarket,
  id: InstrumentId,
  range: { readonly fromMs: number; readonly toMs: number },
): number {
  const rates = market.settlements(id, range).map((ms) => market.fundingSettled(id, ms) ?? 0);
  return rates.reduce((sum, rate) => sum + rate, 0);
}

function takerRate(market: ExogenousMarket, id: InstrumentId): number {
  const venue = id.split(':')[0] ?? '';
  const listing = market.instruments(venue).find(({ instrument }) => instrument.id === id);
  return listing === undefined ? Number.NaN : toNumber(listing.feeRateTaker);
}

/** The same asset's perpetuals at the other venues. */
function others(market: ExogenousMarket, d: DislocationLabel): readonly InstrumentId[] {
  const [, name] = d.instrument.split(':');
  return market.venues.filter((venue) => venue !== d.venue).map((venue) => `${venue}:${name}`);
}

describe('dislocations', () => {
  it('start within the first 40 minutes and about every 2.5 hours from then on', () => {
    for (const seed of seeds) {
      const starts = dislocationsOf(seededMarket({ seed, startMs })).map(({ fromMs }) => fromMs);
      expect(starts.length).toBeGreaterThanOrEqual(7);
      expect((starts[0] ?? 0) - startMs).toBeLessThanOrEqual(40 * minuteMs);
      starts.forEach((fromMs, k) => {
        if (k === 0) return;
        const gapMs = fromMs - (starts[k - 1] ?? 0);
        expect(gapMs).toBeGreaterThan(2 * hourMs);
        expect(gapMs).toBeLessThan(3 * hourMs);
      });
    }
  });

  it('rise, hold for at least 4 hours, fall, overshoot and are over within 12 hours', () => {
    for (const d of seeds.flatMap((seed) => dislocationsOf(seededMarket({ seed, startMs })))) {
      expect(d.peakFromMs).toBeGreaterThan(d.fromMs);
      expect(d.peakToMs - d.peakFromMs).toBeGreaterThanOrEqual(4 * hourMs);
      expect(d.overshootFromMs).toBeGreaterThan(d.peakToMs);
      expect(d.overshootToMs - d.overshootFromMs).toBeGreaterThanOrEqual(2.5 * hourMs);
      expect(d.toMs).toBeGreaterThan(d.overshootToMs);
      expect(d.toMs - d.fromMs).toBeLessThanOrEqual(dislocationMsMax);
      expect(Math.sign(d.premiumOvershoot)).toBe(-Math.sign(d.premiumPeak));
    }
  });

  it('never overlap on one contract, and meet several assets in 18 hours', () => {
    for (const seed of seeds) {
      const all = dislocationsOf(seededMarket({ seed, startMs }));
      all.forEach((d, k) => {
        for (const later of all.slice(k + 1)) {
          if (later.instrument === d.instrument) expect(later.fromMs).toBeGreaterThan(d.toMs);
        }
      });
      const first = all.filter(({ fromMs }) => fromMs < startMs + 18 * hourMs);
      expect(new Set(first.map(({ instrument }) => instrument)).size).toBeGreaterThanOrEqual(5);
    }
  });

  it('pay 0.10% to 0.25% an hour at the peak while the other venues stay near the baseline', () => {
    for (const seed of seeds.slice(0, 10)) {
      const market = seededMarket({ seed, startMs });
      for (const d of dislocationsOf(market).slice(0, 4)) {
        const settlesAtMs = market.settlesAtMs(d.instrument, d.peakFromMs + hourMs) ?? 0;
        const rate = market.fundingSettled(d.instrument, settlesAtMs) ?? 0;
        expect(rate * Math.sign(d.premiumPeak)).toBeGreaterThan(0.001);
        expect(rate * Math.sign(d.premiumPeak)).toBeLessThan(0.0025);
        for (const other of others(market, d)) {
          const perHour =
            (market.fundingEstimate(other, settlesAtMs - 1) * hourMs) /
            (market.intervalMs(other, settlesAtMs - 1) ?? Number.NaN);
          // The neighbour may have a dislocation of its own: then it is labelled.
          const own = dislocationsOf(market).some(
            (l) =>
              l.instrument === other && l.fromMs < settlesAtMs && l.toMs > settlesAtMs - hourMs,
          );
          if (!own) expect(Math.abs(perHour)).toBeLessThan(0.0003);
        }
      }
    }
  });

  it('offer in the first 6 hours of every seed over 10 bp after costs, and end by paying', () => {
    const nets: number[] = [];
    const bases: number[] = [];
    for (const seed of seeds) {
      const market = seededMarket({ seed, startMs });
      const early = dislocationsOf(market).filter(({ fromMs }) => fromMs < startMs + 6 * hourMs);
      const outcomes = early.flatMap((d) => others(market, d).map((o) => trade(market, d, o)));
      const best = outcomes.reduce((a, b) => (b.net > a.net ? b : a));
      expect(best.net, `seed ${seed}`).toBeGreaterThan(0.001);
      for (const outcome of outcomes) {
        expect(outcome.settlements).toBeGreaterThanOrEqual(3);
        // What holding on would have cost: far more than a quarter of re-opening (11 bp + spread).
        expect(outcome.overshootCarry).toBeLessThan(-0.0008);
        expect(outcome.fees).toBeGreaterThanOrEqual(0.002);
        bases.push(outcome.basis);
        nets.push(outcome.net);
      }
    }
    // The funding pays, not the prices: the basis converges, by a fraction of what funding brings.
    for (const basis of bases) expect(basis).toBeGreaterThan(0);
    for (const basis of bases) expect(basis).toBeLessThan(0.006);
    expect(Math.min(...nets)).toBeGreaterThan(0);
  });

  it('do not exist before the start, nor where no venue has a contract for them', () => {
    const market = seededMarket({ seed: 3, startMs });
    for (const d of dislocationsOf(market)) {
      const premium = market.premium(d.instrument, startMs - hourMs);
      expect(Math.abs(premium)).toBeLessThan(0.0007);
    }
    expect(dislocationsOf(seededMarket({ seed: 3, startMs, venues: ['binance'] }))).toEqual([]);
  });
});
