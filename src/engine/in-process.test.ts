import { describe, expect, it } from 'vitest';
import { runStartMs, testRun } from '../../test/support/in-process-run.ts';
import type { Prng } from '../base/prng.ts';
import { decode, encode } from '../domain/codec.ts';
import type { JournalRecord, VenueEffect } from '../domain/event.ts';
import { isSettled } from '../domain/order-state.ts';
import type { Disturbance } from '../sim/port.ts';
import { evolve } from './evolve.ts';
import { checkInvariants } from './invariants.ts';
import { differencesOf } from './reconcile.ts';
import { emptyState, livePairs } from './state.ts';
import { ledgerResidualOf, pnlOf, residualToleranceUsd, stateHashOf } from './summary.ts';

const calm = testRun(7);

describe('a run in virtual time', () => {
  it('opens and closes pairs, receives funding and earns', () => {
    const { counters } = calm.state;
    expect(counters.pairsOpened).toBeGreaterThan(1);
    expect(counters.pairsClosed - counters.pairsClosedAtEnd).toBeGreaterThan(0);
    expect(counters.fundingPayments).toBeGreaterThan(2);
    expect(Number(pnlOf(calm.state).funding)).toBeGreaterThan(0);
  });

  it('accounts for every cent against the venues themselves', () => {
    for (const venue of calm.state.venues.keys()) {
      expect(differencesOf(calm.state, venue)).toEqual({ positions: [], balances: [] });
    }
    expect(ledgerResidualOf(calm.state)).toBe('0');
    const residual = Math.abs(Number(pnlOf(calm.state).residual));
    expect(residual).toBeLessThanOrEqual(residualToleranceUsd(calm.state));
    expect(livePairs(calm.state)).toEqual([]);
  });

  it('writes the same journal byte for byte for the same seed, and another for another', () => {
    const again = testRun(7);
    expect(again.lines).toEqual(calm.lines);
    expect(testRun(8, { tradeMs: 10_000 }).lines).not.toEqual(calm.lines);
  });

  it('never changes a record once it was appended: encoded late it is the same', () => {
    expect(calm.records.map(encode)).toEqual(calm.lines);
  });

  it('is rebuilt exactly by evolve alone from the journal text', () => {
    const state = emptyState();
    for (const line of calm.lines) evolve(state, decode(line) as JournalRecord);
    expect(stateHashOf(state)).toBe(stateHashOf(calm.state));
  });

  it('holds its invariants after every prefix of the journal that ends with a step', () => {
    const state = emptyState();
    for (const [i, record] of calm.records.entries()) {
      evolve(state, record);
      const next = calm.records[i + 1];
      if (next === undefined || 'input' in next) checkInvariants(state);
    }
    expect(state.seq).toBe(calm.records.length);
  });

  it('refuses a journal with a gap', () => {
    const state = emptyState();
    evolve(state, calm.records[0] as JournalRecord);
    expect(() => evolve(state, calm.records[2] as JournalRecord)).toThrow('record 3 after 1');
  });

  it('earns at the settlements what the venues say they paid', () => {
    const paid = calm.exchanges.flatMap((exchange) =>
      exchange.fundingPayments({ fromMs: runStartMs }).map(({ amount }) => Number(amount) / 1e18),
    );
    const total = paid.reduce((sum, amount) => sum + amount, 0);
    expect(Number(pnlOf(calm.state).funding)).toBeCloseTo(total, 6);
    expect(calm.state.counters.fundingPayments).toBe(paid.length);
  });
});

describe('a run in which messages fail', () => {
  const faults: readonly Disturbance[] = ['request-lost', 'answer-lost', 'silent', 'rejected'];
  const placements =
    (wanted: readonly Disturbance[], probability: number) => (effect: VenueEffect, prng: Prng) => {
      if (effect.kind !== 'place-order' || !prng.chance(probability)) return null;
      return wanted[prng.below(wanted.length)] ?? null;
    };

  it.each(faults)(
    'survives 20%% of placements going wrong (%s): flat, matched and inside the budget',
    (fault) => {
      for (const seed of [1, 2]) {
        const run = testRun(seed, { disturb: placements([fault], 0.2), tradeMs: 40_000 });
        expectWhole(run.state, `seed ${seed}`);
      }
    },
  );

  it('survives all of them together with lost cancels, queries and snapshots', () => {
    let breaks = 0;
    for (const seed of [11, 12]) {
      const disturb = (effect: VenueEffect, prng: Prng) => {
        if (effect.kind === 'place-order') return placements(faults, 0.3)(effect, prng);
        return prng.chance(0.2) ? 'answer-lost' : null;
      };
      const run = testRun(seed, { disturb, tradeMs: 40_000, windDownMs: 60_000 });
      // A third of the placements vanish: the venues do not accept orders in the budget's sense.
      expectWhole(run.state, `seed ${seed}`, 16_000);
      breaks += run.state.counters.legBreaks;
    }
    expect(breaks).toBeGreaterThan(0);
  });

  function expectWhole(state: typeof calm.state, label: string, budgetMs = 8_000): void {
    expect(livePairs(state).map(({ id, phase }) => `${label} ${id} ${phase}`)).toEqual([]);
    const open = [...state.orders.values()].filter((known) => !isSettled(known));
    expect(open.map(({ order, status }) => `${label} ${order.clientOrderId} ${status}`)).toEqual(
      [],
    );
    for (const [id, venue] of state.venues) {
      expect([label, id, venue.restrictedBy]).toEqual([label, id, []]);
      expect([label, differencesOf(state, id)]).toEqual([label, { positions: [], balances: [] }]);
    }
    expect(ledgerResidualOf(state)).toBe('0');
    const residual = Math.abs(Number(pnlOf(state).residual));
    expect(residual).toBeLessThanOrEqual(residualToleranceUsd(state));
    expect(state.counters.nakedDeltaMsMax).toBeLessThanOrEqual(budgetMs);
  }
});
