// The contract suite of strategies: what the engine relies on, whatever the idea. A strategy is
// pure: the same view gives the same decision, nothing that it was given is changed, and it never
// opens on what is not known.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimal, over, zero } from '../base/decimal.ts';
import { hourMs, minuteMs } from '../base/time.ts';
import { type Instrument, type InstrumentKind, instrumentIdOf } from '../domain/instrument.ts';
import type { HeldPair, LegView, PairKey, PairView } from '../domain/view.ts';
import type { Strategy, StrategyContext } from '../strategy/registry.ts';

export interface StrategySubject {
  readonly strategy: Strategy;
  /** Instruments among which it finds pairs; default: perpetuals and spot of two venues. */
  readonly instruments?: readonly Instrument[];
}

/** On every grid of settlements. */
const midnightMs = 1_709_078_400_000;

export function describeStrategy(subject: StrategySubject): void {
  const { strategy } = subject;
  const instruments = subject.instruments ?? twoVenues();
  const byId = new Map(instruments.map((instrument) => [instrument.id, instrument]));
  const pairs = strategy.pairs(instruments);

  const contextOf = (key: PairKey): StrategyContext => {
    const [long, short] = [byId.get(key.long), byId.get(key.short)];
    if (long === undefined || short === undefined) throw new Error(`a pair of ${key.long}`);
    return { long, short, params: strategy.defaults };
  };
  const market = fc.record({
    price: fc.double({ min: 1, max: 100_000, noNaN: true }),
    spread: fc.double({ min: 0, max: 0.01, noNaN: true }),
    basis: fc.double({ min: -0.02, max: 0.02, noNaN: true }),
    longRate: fc.double({ min: -0.02, max: 0.02, noNaN: true }),
    shortRate: fc.double({ min: -0.02, max: 0.02, noNaN: true }),
    qty: fc.double({ min: 0.01, max: 1_000_000, noNaN: true }),
    tsMs: fc.integer({ min: midnightMs, max: midnightMs + 8 * hourMs }),
  });
  type Market = typeof market extends fc.Arbitrary<infer T> ? T : never;
  const viewOf = (key: PairKey, m: Market): PairView => {
    const { long, short } = contextOf(key);
    const leg = (of: Instrument, price: number, rate: number): LegView => ({
      ...{ instrument: of.id, venue: of.venue, kind: of.kind, bids: [], asks: [] },
      ...{ bid: price, ask: price * (1 + m.spread), bidQty: m.qty, askQty: m.qty },
      ...{ mark: price, index: price, feeRateTaker: 0.0005, quoteAgeMs: 10, fundingAgeMs: 10 },
      funding:
        of.kind === 'spot'
          ? null
          : {
              ratePerInterval: rate,
              intervalMs: 8 * hourMs,
              settlesAtMs: (Math.floor(m.tsMs / (8 * hourMs)) + 1) * 8 * hourMs,
            },
    });
    return {
      ...{ ...key, tsMs: m.tsMs, wallMs: 5_000_000 },
      longLeg: leg(long, m.price, m.longRate),
      shortLeg: leg(short, m.price * (1 + m.basis), m.shortRate),
    };
  };
  const heldOf = (key: PairKey): HeldPair => ({
    ...{ ...key, pairId: 'p1', qty: decimal('1'), entryBasis: 0 },
    ...{ openedAtMs: midnightMs - hourMs, fundingReceivedUsd: 0 },
  });
  const everyView = (check: (key: PairKey, view: PairView) => void): void => {
    fc.assert(
      fc.property(fc.constantFrom(...pairs), market, (key, m) => check(key, viewOf(key, m))),
      { numRuns: 300 },
    );
  };

  describe(`${strategy.name} conforms`, () => {
    it('has a name of its own and reads its own defaults', () => {
      expect(strategy.name).toMatch(/^[a-z][a-z0-9-]{0,39}$/);
      expect(strategy.parseParams({})).toEqual({ ok: true, params: strategy.defaults });
    });

    it('refuses a parameter that it does not know, by name', () => {
      const read = strategy.parseParams({ notAParameter: 1 });
      expect(read).toMatchObject({ ok: false, field: 'notAParameter' });
    });

    it('pairs listed instruments of one asset, each pair once, under its own name', () => {
      expect(pairs.length).toBeGreaterThan(0);
      const names = pairs.map(({ long, short }) => `${long} ${short}`);
      expect(new Set(names).size).toBe(names.length);
      for (const key of pairs) {
        expect(key.strategy).toBe(strategy.name);
        const { long, short } = contextOf(key);
        expect(long.id).not.toBe(short.id);
        expect(long.base).toBe(short.base);
      }
      expect(strategy.pairs([])).toEqual([]);
      expect(strategy.pairs(instruments)).toEqual(pairs);
    });

    it('decides the same on the same view, and changes nothing that it was given', () => {
      everyView((key, view) => {
        const before = texts([view, heldOf(key)]);
        const context = contextOf(key);
        expect(texts(strategy.entry(view, context))).toBe(texts(strategy.entry(view, context)));
        const exit = (): string => texts(strategy.exit(view, heldOf(key), context));
        expect(exit()).toBe(exit());
        expect(texts([view, heldOf(key)])).toBe(before);
      });
    });

    it('opens its own pair, its quantity on the grid of both legs, its limits prices', () => {
      everyView((key, view) => {
        const context = contextOf(key);
        const decision = strategy.entry(view, context);
        if (!decision.ok) return;
        const { intent } = decision;
        expect(intent.key).toEqual(key);
        expect(intent.qty > zero).toBe(true);
        const { units } = intent;
        for (const name of ['long', 'short'] as const) {
          const { lotSize } = context[name];
          if (lotSize === null) continue;
          if (units === undefined) expect(intent.qty % lotSize).toBe(0n);
          else expect(over(intent.qty, units[name]) >= lotSize).toBe(true);
        }
        for (const limit of [intent.longLimit, intent.shortLimit]) {
          expect(Number.isFinite(limit) && limit > 0).toBe(true);
        }
        expect(Number.isFinite(intent.edge.netOnCapital)).toBe(true);
      });
    });

    it('answers its quick looks, where it has them, as its decisions do', () => {
      everyView((key, view) => {
        const context = contextOf(key);
        if (strategy.worth !== undefined) {
          const entry = strategy.entry(view, context);
          const worth = entry.ok ? entry.intent.edge.netOnCapital : null;
          expect(strategy.worth(view, context)).toBe(worth);
        }
        for (const alternativeNetOnCapital of [null, 1]) {
          const waited = { ...context, alternativeNetOnCapital };
          if (strategy.holds?.(view, heldOf(key), waited) !== true) continue;
          expect(strategy.exit(view, heldOf(key), waited).exit).toBe(false);
        }
      });
    });

    it('never opens on a quote, a rate or a listing that is not known', () => {
      everyView((key, view) => {
        const { longLeg } = view;
        const shortLeg = { ...view.shortLeg, funding: null };
        const noQuote = { ...longLeg, bid: Number.NaN, ask: Number.NaN };
        const old = { ...longLeg, quoteAgeMs: hourMs, fundingAgeMs: hourMs };
        const context = contextOf(key);
        const halted: StrategyContext = { ...context, long: { ...context.long, status: 'halted' } };
        expect(strategy.entry({ ...view, longLeg: noQuote }, context).ok).toBe(false);
        expect(strategy.entry({ ...view, longLeg: old }, context).ok).toBe(false);
        expect(strategy.entry(view, halted).ok).toBe(false);
        if (context.short.kind !== 'spot') {
          expect(strategy.entry({ ...view, shortLeg }, context).ok).toBe(false);
        }
      });
    });

    it('holds when nothing is known, and says limits that are prices when it closes', () => {
      everyView((key, view) => {
        const context = contextOf(key);
        const blind = { ...view.longLeg, bid: Number.NaN, ask: Number.NaN, funding: null };
        const held = heldOf(key);
        expect(strategy.exit({ ...view, longLeg: blind }, held, context).exit).toBe(false);
        const decision = strategy.exit(view, held, context);
        if (!decision.exit) return;
        for (const limit of [decision.longLimit, decision.shortLimit]) {
          expect(Number.isFinite(limit) && limit > 0).toBe(true);
        }
      });
    });
  });
}

function texts(value: unknown): string {
  return JSON.stringify(value, (_name, field: unknown) =>
    typeof field === 'bigint' ? `${field}n` : typeof field === 'number' ? String(field) : field,
  );
}

/** BTC and ETH, perpetual and spot, on two venues; tradable on a grid of 0.001. */
function twoVenues(): readonly Instrument[] {
  const kinds: readonly InstrumentKind[] = ['linear-perp', 'spot'];
  return ['alpha', 'beta'].flatMap((venue) =>
    ['BTC', 'ETH'].flatMap((base) => kinds.map((kind) => instrumentAt(venue, base, kind))),
  );
}

function instrumentAt(venue: string, base: string, kind: InstrumentKind): Instrument {
  return {
    id: instrumentIdOf({ venue, kind, base, quote: 'USDT' }),
    ...{ venue, symbol: `${base}USDT`, kind, base, quote: 'USDT', settle: 'USDT' },
    wallet: 'unified',
    ...{ contractSize: decimal('1'), qtyUnit: decimal('1'), priceUnit: decimal('1') },
    ...{ tickSize: decimal('0.01'), lotSize: decimal('0.001'), qtyMin: decimal('0.001') },
    ...{ qtyMax: null, notionalMin: decimal('5'), status: 'trading' },
    fundingIntervalMs: kind === 'spot' ? null : 480 * minuteMs,
    leverageMax: null,
  };
}
