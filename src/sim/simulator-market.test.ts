import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simulationPolicyOf } from '../app/simulate-policy.ts';
import { hourMs } from '../base/time.ts';
import { rowSize, slot } from '../domain/market-table.ts';
import { drawFaultPlan, faultKinds } from './faults.ts';
import { makeUniverse, runStartTsMs, venues } from './simulator-setup.ts';

describe('the market of simulated runs', () => {
  it('gives the best level without an object as its book has it', () => {
    const seeds = fc.integer({ min: 1, max: 2_000 });
    const times = fc.integer({ min: 0, max: 24 * hourMs });
    fc.assert(
      fc.property(seeds, times, fc.boolean(), (seed, afterMs, coins) => {
        const plan = drawFaultPlan({ seed, venues, kinds: new Set(faultKinds) });
        const { market } = makeUniverse(seed, plan, simulationPolicyOf(seed, { coins }));
        const tsMs = runStartTsMs + afterMs;
        for (const { instrument } of venues.flatMap((venue) => market.instruments(venue))) {
          const row = new Float64Array(rowSize);
          market.readTop?.(instrument.id, tsMs, row);
          const { bids, asks } = market.baseBook(instrument.id, tsMs, 1);
          expect([...row.slice(slot.bid, slot.quoteTsMs)]).toEqual([...bids, ...asks].flat());
        }
      }),
      { numRuns: 50 },
    );
  });
});
