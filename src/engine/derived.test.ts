// What is kept beside the state (live pairs, rows of positions, risk's exposures, what waits, the
// orders of pairs) must never be out of date. A copy of the state has none of it: what is decided,
// and the figures that decisions read, must be the same with it and without.
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { testPolicy, testRun } from '../../test/support/in-process-run.ts';
import type { Prng } from '../base/prng.ts';
import type { Effect, EngineEvent, VenueEffect } from '../domain/event.ts';
import { decide } from './decide.ts';
import { evolve } from './evolve.ts';
import { fundsOf } from './funds.ts';
import { checkInvariants } from './invariants.ts';
import { mayBeNear } from './liquidation.ts';
import { ordersOf } from './pair-orders.ts';
import { equityUsd } from './portfolio.ts';
import { riskBookOf } from './risk-book.ts';
import { type EngineState, emptyState, livePairs } from './state.ts';
import { isLatest, waitingOf } from './waiting.ts';

/** Events between two looks at a copy: copying costs more than deciding. */
const every = 3;

const disturb = (effect: VenueEffect, prng: Prng) =>
  effect.kind === 'place-order' && prng.chance(0.2)
    ? ((['request-lost', 'answer-lost', 'silent', 'rejected'] as const)[prng.below(4)] ?? null)
    : null;

/** What decisions read of all that is kept. */
function figuresOf(state: EngineState) {
  return {
    equity: equityUsd(state),
    book: riskBookOf(state, [], testPolicy.limits),
    wallets: fundsOf(state, [...state.positions.keys()], []),
    mayBeNear: [0.05, 0.3, 0.6].map((distance) => mayBeNear(state, distance)),
    live: livePairs(state).map((pair) => [pair.id, ordersOf(state, pair)]),
    waiting: waitingOf(state).filter((note) => isLatest(state, note)),
  };
}

describe('what is kept beside the state', () => {
  it.each([
    ['calm', 7, {}],
    ['with orders that go wrong', 11, { disturb }],
  ])('changes nothing in a run that is %s', (_name, seed, changes) => {
    const { records } = testRun(seed, { tradeMs: 40_000, ...changes });
    const state = emptyState();
    const kinds = new Set<Effect['kind']>();
    let events = 0;
    for (const event of records.filter((record): record is EngineEvent => 'input' in record)) {
      const now = { ...event, seq: state.seq + 1 };
      evolve(state, now);
      const copy = events++ % every === 0 ? structuredClone(state) : null;
      const effects = decide(state, now, testPolicy);
      if (copy !== null) {
        if (!isDeepStrictEqual(effects, decide(copy, now, testPolicy))) {
          expect(effects, `event ${now.seq}`).toEqual(decide(copy, now, testPolicy));
        }
        const [warm, cold] = [figuresOf(state), figuresOf(copy)];
        if (!isDeepStrictEqual(warm, cold)) expect(warm, `event ${now.seq}`).toEqual(cold);
      }
      for (const effect of effects) {
        kinds.add(effect.kind);
        evolve(state, { seq: state.seq + 1, tsMs: now.tsMs, wallMs: now.wallMs, effect });
      }
      if (copy !== null) checkInvariants(state);
    }
    expect([...kinds]).toEqual(
      expect.arrayContaining(['pair-created', 'place-order', 'pair-moved', 'entry-waits']),
    );
    expect(events).toBeGreaterThan(500);
  });
});
