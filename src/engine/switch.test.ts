// Capital moves to a better use slowly: an offer must have waited, the pair must have been held,
// and the last move must lie behind. One leg moves where one leg is shared.
import { describe, expect, it } from 'vitest';
import { binancePerp, EngineRig, okxPerp, quote } from '../../test/support/engine-rig.ts';
import type { Effect } from '../domain/event.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { LegView, PairView } from '../domain/view.ts';
import { perpPerp } from '../strategy/perp-perp.ts';
import { alternativeFor } from './decide-switch.ts';
import { newDecision } from './decision.ts';

const bybitPerp: Instrument = { ...okxPerp, id: 'bybit:BTC-USDT-PERP', venue: 'bybit' };
const params = {
  ...perpPerp.defaults,
  betterUseConfirmMs: 10_000,
  betterUseAgeMsMin: 0,
  betterUseEveryMs: 60_000,
};
const hourMs = 3_600_000;

/** A pair long binance, short okx, opened; bybit is there too. */
function held(changes: Partial<typeof params> = {}): EngineRig {
  const rig = EngineRig.running({
    strategies: [{ strategy: perpPerp, params: { ...params, ...changes } }],
  });
  rig.put({ kind: 'instruments', venue: 'bybit', instruments: [bybitPerp], feeRates: {} });
  for (const channel of ['rest', 'public', 'private'] as const) rig.status('bybit', channel, 'up');
  rig.snapshot('bybit', { balances: [] });
  rig.opened('0.1');
  return rig;
}

function leg(instrument: Instrument, ratePerInterval: number, rig: EngineRig): LegView {
  const settlesAtMs = rig.wallMs + hourMs / 2;
  return quote(instrument, { funding: { ratePerInterval, intervalMs: hourMs, settlesAtMs } });
}

/** The market shows long binance, short bybit at 0.2% an hour; okx pays nothing any more. */
function offer(rig: EngineRig): readonly Effect[] {
  const view: PairView = {
    strategy: 'perp-perp',
    long: binancePerp.id,
    short: bybitPerp.id,
    tsMs: rig.wallMs,
    wallMs: rig.wallMs,
    longLeg: leg(binancePerp, 0, rig),
    shortLeg: leg(bybitPerp, 0.002, rig),
  };
  return rig.put({ kind: 'pair-seen', passes: true, view }, [leg(okxPerp, 0, rig)]);
}

const rolls = (effects: readonly Effect[]) =>
  effects.flatMap((effect) =>
    effect.kind === 'pair-moved' && effect.roll !== undefined ? [effect.roll] : [],
  );

/** Offers every six seconds until a roll begins; after how many. */
function offersUntilRoll(rig: EngineRig, most = 8): number | null {
  for (let i = 1; i <= most; i++) {
    if (rolls(offer(rig)).length > 0) return i;
    rig.wallMs += 6_000;
  }
  return null;
}

describe('a better venue for one leg', () => {
  it('is noted as waiting, and taken when it has waited long enough', () => {
    const rig = held();
    const first = offer(rig);
    expect(first.map(({ kind }) => kind)).toContain('entry-waits');
    expect(rolls(first)).toEqual([]);
    rig.wallMs += 6_000;
    expect(rolls(offer(rig))).toEqual([]);
    rig.wallMs += 6_000;
    offer(rig);
    expect(rolls(offer(rig))).toEqual([{ leg: 'short', to: bybitPerp.id }]);
    expect(rig.state.pairs.get('p1-1')).toMatchObject({
      phase: 'rolling',
      plan: { mode: 'sliced' },
    });
    expect(rig.state.switchedWallMs).toBeGreaterThan(0);
  });

  it('starts to wait anew after a pause', () => {
    const rig = held();
    offer(rig);
    rig.wallMs += 60_000;
    expect(rolls(offer(rig))).toEqual([]);
    expect(offersUntilRoll(rig)).toBeGreaterThan(2);
  });

  it.each([
    ['the pair is too young', { betterUseAgeMsMin: 24 * hourMs }],
    ['the margin is not reached', { betterUseMargin: 1 }],
    ['it has not waited long enough', { betterUseConfirmMs: 3_600_000 }],
  ])('is not taken when %s', (_why, changes) => {
    expect(offersUntilRoll(held(changes))).toBeNull();
  });

  it('is not taken soon after another move of capital', () => {
    const rig = held();
    rig.state.switchedWallMs = rig.wallMs;
    expect(offersUntilRoll(rig, 6)).toBeNull();
  });

  it('is not taken when the system may not add', () => {
    const rig = held();
    rig.put({ kind: 'operator', command: 'halt', by: 'desk' });
    expect(offersUntilRoll(rig)).toBeNull();
  });
});

describe('a better use of the whole pair', () => {
  /** Another pair waits, kept out by `blockedBy`. */
  function waiting(blockedBy: readonly string[], key = 'cash-carry a:X-USDT-SPOT b:X-USDT-PERP') {
    const rig = held();
    for (const _ of [1, 2, 3]) {
      rig.fold({ kind: 'entry-waits', pair: key, netOnCapital: 0.05, blockedBy });
      rig.wallMs += 6_000;
    }
    rig.marks(50_000);
    const pair = rig.state.pairs.get('p1-1');
    if (pair === undefined) throw new Error('no pair');
    const { state, policy } = rig;
    return alternativeFor(newDecision(state, policy, []), pair, params);
  }

  it('counts what the limits or this pair alone keep out', () => {
    expect(waiting([])).toBe(0.05);
    expect(waiting(['p1-1'])).toBe(0.05);
  });

  it('does not count what closing this pair would not let in', () => {
    expect(waiting(['p1-2'])).toBeNull();
    expect(waiting(['p1-1', 'p1-2'])).toBeNull();
  });

  it('leaves what shares a leg in the same place to the roll', () => {
    expect(waiting(['p1-1'], `perp-perp ${binancePerp.id} ${bybitPerp.id}`)).toBeNull();
  });
});
