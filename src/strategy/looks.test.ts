// The quick looks against the decisions that they stand for, on books with depth.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instrumentOf, legOf, midnightMs, viewOf } from '../../test/support/strategy-fixtures.ts';
import { decimal } from '../base/decimal.ts';
import { hourMs } from '../base/time.ts';
import type { Level } from '../domain/venue-event.ts';
import type { HeldPair, PairView } from '../domain/view.ts';
import { perpPerp } from './perp-perp.ts';

const long = instrumentOf('binance', 'linear-perp');
const short = instrumentOf('okx', 'linear-perp', { lotSize: decimal('0.01') });
const context = { long, short, params: perpPerp.defaults };

const leg = fc.record({
  price: fc.double({ min: 99, max: 101, noNaN: true }),
  rate: fc.double({ min: -0.004, max: 0.004, noNaN: true }),
  hours: fc.constantFrom(1, 4, 8),
  usd: fc.constantFrom(300, 1_500, 4_000, 40_000),
  levels: fc.integer({ min: 0, max: 8 }),
});
type Leg = typeof leg extends fc.Arbitrary<infer T> ? T : never;

function legView(of: typeof long, { price, rate, hours, usd, levels }: Leg) {
  const side = (direction: 1 | -1): Level[] =>
    Array.from({ length: levels }, (_, i) => [price * (1 + direction * 2e-4 * i), usd / price]);
  return legOf(of, {
    ...{ bid: price, ask: price * 1.0001, bids: side(-1), asks: side(1) },
    ...{ ratePerInterval: rate, intervalHours: hours, displayed: usd / price },
  });
}

const view = fc
  .tuple(leg, leg, fc.integer({ min: 0, max: 8 * hourMs }))
  .map(([a, b, afterMs]): PairView => {
    const tsMs = midnightMs + afterMs;
    const at = (rated: Leg) => (Math.floor(afterMs / (rated.hours * hourMs)) + 1) * rated.hours;
    const stamped = (of: typeof long, rated: Leg) => {
      const seen = legView(of, rated);
      const settlesAtMs = midnightMs + at(rated) * hourMs;
      return { ...seen, funding: seen.funding === null ? null : { ...seen.funding, settlesAtMs } };
    };
    return viewOf(stamped(long, a), stamped(short, b), tsMs);
  });

describe('quick looks', () => {
  it('say the worth of exactly the entries that would be made', () => {
    let made = 0;
    const check = (seen: PairView) => {
      const entry = perpPerp.entry(seen, context);
      if (entry.ok) made++;
      const worth = entry.ok ? entry.intent.edge.netOnCapital : null;
      expect(perpPerp.worth?.(seen, context)).toBe(worth);
    };
    // About one in twenty is worth an entry.
    fc.assert(fc.property(view, check), { numRuns: 4_000 });
    expect(made).toBeGreaterThan(40);
  });

  it('never hold what the exit rule closes, and hold most of what it holds', () => {
    let held = 0;
    let quick = 0;
    const check = (seen: PairView, alternative: number | null) => {
      const own: HeldPair = {
        ...{ strategy: seen.strategy, long: seen.long, short: seen.short, pairId: 'p1' },
        ...{ qty: decimal('3'), entryBasis: 0, openedAtMs: midnightMs, fundingReceivedUsd: 0 },
      };
      const waited = { ...context, alternativeNetOnCapital: alternative };
      const { exit } = perpPerp.exit(seen, own, waited);
      const holds = perpPerp.holds?.(seen, own, waited) ?? false;
      if (!exit && alternative === null) held++;
      if (holds) quick++;
      expect(holds && exit).toBe(false);
    };
    const alternatives = fc.constantFrom(null, null, 0.0001, 0.05);
    fc.assert(fc.property(view, alternatives, check), { numRuns: 500 });
    expect(quick).toBeGreaterThan(held / 2);
  });
});
