// What is kept of the exposure of positions is what the state says, whatever of it has changed.
import { describe, expect, it } from 'vitest';
import { binancePerp, okxPerp } from '../../test/support/engine-rig.ts';
import { decimal } from '../base/decimal.ts';
import { continuousTiers } from '../domain/margin.ts';
import { standingOf } from './standing.ts';
import { type EngineState, emptyState } from './state.ts';

function held(): EngineState {
  const state = emptyState();
  for (const instrument of [binancePerp, okxPerp]) state.instruments.set(instrument.id, instrument);
  // The other way round than the listing.
  state.positions.set(okxPerp.id, { qty: decimal('-2'), cost: decimal('-200') });
  state.positions.set(binancePerp.id, { qty: decimal('2'), cost: decimal('198') });
  return state;
}

function exposures(state: EngineState) {
  return standingOf(state).map(({ exposure }) => exposure);
}

const other = { ...okxPerp, id: 'okx:ETH-USDT-PERP', base: 'ETH' };

function openOther(state: EngineState): void {
  state.instruments.set(other.id, other);
  state.positions.set(other.id, { qty: decimal('1'), cost: decimal('5') });
}

describe('the exposure of what is held', () => {
  it('stands in the order of the listing, with the numbers of the position', () => {
    const [long, short] = exposures(held());
    expect([long?.instrument, short?.instrument]).toEqual([binancePerp.id, okxPerp.id]);
    expect([long?.qty, short?.qty]).toEqual([2, -2]);
    expect(long).toMatchObject({ price: null, buysLeft: 0, sellsLeft: 0, quoteAgeMs: null });
  });

  it('is the same object while nothing has changed', () => {
    const state = held();
    expect(exposures(state)[0]).toBe(exposures(state)[0]);
  });

  const changes: Readonly<Record<string, (state: EngineState) => void>> = {
    'a fill': ({ positions }) =>
      positions.set(okxPerp.id, { qty: decimal('-1'), cost: decimal('-100') }),
    'another position': openOther,
    'a closed position': ({ positions }) => positions.delete(okxPerp.id),
    'one closed and another opened': (state) => {
      state.positions.delete(okxPerp.id);
      openOther(state);
    },
    'a first mark': ({ marks }) => marks.set(okxPerp.id, { price: 101, wallMs: 5, ageMs: 0 }),
    'a fee': ({ feeRates }) => feeRates.set(okxPerp.id, { taker: 0.001, maker: 0 }),
    'margin terms': ({ marginTerms }) =>
      marginTerms.set(okxPerp.id, {
        leverage: 5,
        tiers: continuousTiers([
          { sizeMax: decimal('1000'), leverageMax: 10, maintenanceRate: decimal('0.01') },
        ]),
      }),
  };
  for (const [name, change] of Object.entries(changes)) {
    it(`is made again after ${name}`, () => {
      const state = held();
      const before = exposures(state);
      change(state);
      const now = exposures(state);
      expect(now).not.toEqual(before);
      expect(now).toEqual(exposures({ ...state })); // of which nothing is kept
    });
  }

  it('follows a mark that changes in place', () => {
    const state = held();
    const mark = { price: 101, wallMs: 5, ageMs: 0 };
    state.marks.set(okxPerp.id, mark);
    expect(exposures(state)[1]?.price).toBe(101);
    mark.price = 102;
    expect(exposures(state)[1]?.price).toBe(102);
  });
});
