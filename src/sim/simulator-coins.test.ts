// The simulation with coin-margined perpetuals: the same promises, with legs in contracts.
import { describe, expect, it } from 'vitest';
import { simulateRange } from '../app/simulate.ts';
import { simulationPolicyOf, simulationScan } from '../app/simulate-policy.ts';
import { evolve } from '../engine/evolve.ts';
import { emptyState } from '../engine/state.ts';
import { parseFaultKinds } from './faults.ts';
import { noSabotage } from './sabotage.ts';
import { simulate } from './simulator.ts';

const seeds = 12;

function run(seed: number, faults: string) {
  const parsed = parseFaultKinds(faults);
  if (!parsed.ok) throw new Error(parsed.bad);
  const policy = simulationPolicyOf(seed, { coins: true });
  return simulate({
    seed,
    kinds: parsed.kinds,
    policy,
    scan: simulationScan,
    sabotage: noSabotage,
  });
}

describe('a simulated run with coin-margined perpetuals', () => {
  it('opens, holds and closes pairs with one and with two inverse legs', () => {
    const kinds = new Set<string>();
    for (const seed of [2, 4, 6]) {
      const { failure, journal, nakedMsMax } = run(seed, 'none');
      expect({ failure, nakedMsMax }).toEqual({ failure: null, nakedMsMax: 0 });
      const state = emptyState();
      for (const record of journal.recover()) evolve(state, record);
      for (const pair of state.pairs.values()) {
        const legs = [pair.long, pair.short].filter(({ instrument }) => /-INV$/.test(instrument));
        if (pair.openedTsMs !== null) kinds.add(`${legs.length} ${pair.phase}`);
      }
      // What no cause explains, against what the run turned over.
      const { attribution: a, equity, counters } = state;
      const causes = a.fundingUsd + a.basisUsd + a.residualDeltaUsd + a.feesUsd + a.collateralFxUsd;
      const residual = (equity.lastUsd ?? 0) - (equity.startUsd ?? 0) - causes;
      expect(Math.abs(residual)).toBeLessThan(counters.turnoverUsd * 1e-8 + 1e-6);
    }
    expect([...kinds].sort()).toEqual(['0 closed', '1 closed', '2 closed']);
  });

  it(`keeps every promise over ${seeds} seeds with all faults`, { timeout: 600_000 }, () => {
    const range = { from: 1, to: seeds, faults: 'all', safeguard: null, coins: true };
    const report = simulateRange(range);
    expect(report.failures).toEqual([]);
    expect(report.pairsOpened).toBeGreaterThan(seeds);
  });
});
