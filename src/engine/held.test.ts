import { describe, expect, it } from 'vitest';
import { binancePerp, EngineRig, okxPerp } from '../../test/support/engine-rig.ts';
import { testRun } from '../../test/support/in-process-run.ts';
import { decimal } from '../base/decimal.ts';
import type { JournalRecord } from '../domain/event.ts';
import { evolve } from './evolve.ts';
import { checkHeld, heldOf, unrealizedOf } from './held.ts';
import { emptyState } from './state.ts';

describe('what is kept of positions beside the state', () => {
  it('is what the state says after every record of a run', () => {
    const state = emptyState();
    let rows = 0;
    for (const record of testRun(3, { tradeMs: 20_000 }).records as readonly JournalRecord[]) {
      evolve(state, record);
      for (const row of heldOf(state)) {
        rows++;
        if (row.mark !== undefined) unrealizedOf(row, row.mark.price);
      }
      checkHeld(state);
    }
    expect(rows).toBeGreaterThan(100);
  });

  it('follows a listing that was replaced', () => {
    const rig = EngineRig.running();
    rig.opened();
    const [before] = heldOf(rig.state);
    const instruments = [{ ...binancePerp, status: 'halted' as const }, { ...okxPerp }];
    for (const { venue, id } of instruments) {
      const listed = instruments.filter((each) => each.id === id);
      rig.put({ kind: 'instruments', venue, instruments: listed, feeRates: {} });
    }
    checkHeld(rig.state);
    for (const row of heldOf(rig.state)) expect(instruments).toContain(row.listed);
    expect(heldOf(rig.state)[0]?.position).toBe(before?.position);
  });

  it('is of the position after a fill, and of its first mark', () => {
    const rig = EngineRig.running();
    const { long } = rig.open('0.1');
    rig.fill(long);
    const price = 51_000;
    const [row] = heldOf(rig.state);
    expect(row?.qty).toBe(0.1);
    if (row === undefined) throw new Error('no position');
    // 0.1 x (51,000 - 50,000) less what the fill was dearer.
    const first = unrealizedOf(row, price);
    expect(unrealizedOf(row, price + 10)).toBeCloseTo(first + 1, 9);
    rig.state.positions.set(row.id, { qty: decimal('0.2'), cost: decimal('10000') });
    expect(heldOf(rig.state)[0]?.qty).toBe(0.2);
  });
});
