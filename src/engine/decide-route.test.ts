// Which venue a leg goes to, as the engine decides it: the legs of an entry one after the other and
// judged together by the strategy and by risk, and the hedge of a pair whose own venues are out.
import { describe, expect, it } from 'vitest';
import {
  alertsIn,
  balance,
  binancePerp,
  EngineRig,
  intent,
  okxPerp,
  ordersIn,
  quote,
} from '../../test/support/engine-rig.ts';
import { decimal } from '../base/decimal.ts';
import type { Effect } from '../domain/event.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { LegView, PairView } from '../domain/view.ts';
import { defaultExecutionPolicy } from '../execution/policy.ts';
import { perpPerp } from '../strategy/perp-perp.ts';
import { hedgedElsewhere } from './decide-pairs.ts';
import type { Policy } from './policy.ts';

const hourMs = 3_600_000;
const bybitPerp: Instrument = { ...okxPerp, id: 'bybit:BTC-USDT-PERP', venue: 'bybit' };
const gatePerp: Instrument = { ...okxPerp, id: 'gate:BTC-USDT-PERP', venue: 'gate' };
const params = { ...perpPerp.defaults, notionalUsd: 2_000 };
const execution = { ...defaultExecutionPolicy, modes: ['taker-taker'] as const };

/** Binance and OKX are up; the others join with what they list. */
function rigWith(others: readonly Instrument[], changes: Partial<Policy> = {}): EngineRig {
  const strategies = [{ strategy: perpPerp, params }];
  const rig = EngineRig.running({ strategies, execution, ...changes });
  for (const instrument of others) join(rig, instrument);
  return rig;
}

function join(rig: EngineRig, instrument: Instrument, cash = '100000'): void {
  const { venue } = instrument;
  rig.put({ kind: 'instruments', venue, instruments: [instrument], feeRates: {} });
  for (const channel of ['rest', 'public', 'private'] as const) rig.status(venue, channel, 'up');
  rig.snapshot(venue, { balances: [balance(venue, 'unified', decimal(cash))] });
}

function leg(rig: EngineRig, instrument: Instrument, rate: number, changes = {}): LegView {
  const settlesAtMs = rig.wallMs + hourMs / 2;
  const funding = { ratePerInterval: rate, intervalMs: hourMs, settlesAtMs };
  return quote(instrument, { funding, ...changes });
}

/** Long binance at 0, short okx at 0.2% an hour; `beside` is what else the record shows. */
function see(rig: EngineRig, beside: readonly LegView[], short = {}): readonly Effect[] {
  const view: PairView = {
    strategy: 'perp-perp',
    long: binancePerp.id,
    short: okxPerp.id,
    tsMs: rig.wallMs,
    wallMs: rig.wallMs,
    longLeg: leg(rig, binancePerp, 0),
    shortLeg: leg(rig, okxPerp, 0.002, short),
  };
  return rig.put({ kind: 'pair-seen', passes: true, view }, beside);
}

function entered(effects: readonly Effect[]): readonly string[] {
  return ordersIn(effects).map(({ side, instrument }) => `${side} ${instrument}`);
}

function routesOf(effects: readonly Effect[]): readonly string[] {
  return effects.flatMap((effect) =>
    effect.kind === 'pair-created' ? (effect.plan?.routes ?? []) : [],
  );
}

describe('the legs of an entry', () => {
  it('stay where they were seen when nothing else is offered, and nothing is told', () => {
    const effects = see(rigWith([]), []);
    expect(entered(effects)).toEqual([`buy ${binancePerp.id}`, `sell ${okxPerp.id}`]);
    expect(routesOf(effects)).toEqual([]);
  });

  it('go to the venue that is cheaper after fees, and the plan says why', () => {
    const rig = rigWith([bybitPerp]);
    // Sold 20 USD higher of 50,000 for the same rate: 4 bp better.
    const effects = see(rig, [leg(rig, bybitPerp, 0.002, { bid: 50_019, ask: 50_021 })]);
    expect(entered(effects)).toEqual([`buy ${binancePerp.id}`, `sell ${bybitPerp.id}`]);
    expect(routesOf(effects).join('\n')).toContain(`instead of ${okxPerp.id}`);
    const [pair] = rig.state.pairs.values();
    expect(pair?.short.instrument).toBe(bybitPerp.id);
  });

  it('go to where the leg earns more than another price costs', () => {
    const rig = rigWith([bybitPerp]);
    const dear = leg(rig, bybitPerp, 0.003, { bid: 49_979, ask: 49_981 });
    expect(entered(see(rig, [dear]))[1]).toBe(`sell ${bybitPerp.id}`);
  });

  it('both move when both are better, each to another venue', () => {
    const rig = rigWith([bybitPerp, gatePerp]);
    const effects = see(rig, [
      leg(rig, bybitPerp, 0, { bid: 49_979, ask: 49_981 }),
      leg(rig, gatePerp, 0.002, { bid: 50_019, ask: 50_021 }),
    ]);
    expect(entered(effects)).toEqual([`buy ${bybitPerp.id}`, `sell ${gatePerp.id}`]);
  });

  it('never meet on one venue: that is no pair of the strategy', () => {
    const rig = rigWith([bybitPerp]);
    // It pays 1% of every fill, so each leg is best there: only one of them can have it.
    const effects = see(rig, [leg(rig, bybitPerp, 0.001, { feeRateTaker: -0.01 })]);
    const venues = ordersIn(effects).map(({ venue }) => venue);
    expect(new Set(venues).size).toBe(2);
    expect(venues).toContain('bybit');
  });

  it.each([
    ['another pair holds it', (rig: EngineRig) => void holdBybit(rig)],
    ['somebody holds it by hand', (rig: EngineRig) => byHand(rig)],
    ['its venue is down', (rig: EngineRig) => void rig.status('bybit', 'rest', 'down')],
    ['its account is not compared', (rig: EngineRig) => void lose(rig)],
  ])('leave out a venue where %s', (_why, spoil) => {
    const rig = rigWith([bybitPerp, gatePerp]);
    spoil(rig);
    const better = leg(rig, bybitPerp, 0.002, { bid: 50_019, ask: 50_021 });
    expect(entered(see(rig, [better]))[1]).toBe(`sell ${okxPerp.id}`);
  });

  it('leave out a venue that was sent as many orders as it may be in a second', () => {
    const rig = rigWith([bybitPerp], {
      execution: { ...execution, venueOrdersPerSecondMax: 3 },
    });
    const better = leg(rig, bybitPerp, 0.002, { bid: 50_019, ask: 50_021 });
    rig.state.venues.get('bybit')?.recentSends.push(rig.wallMs - 100, rig.wallMs - 50);
    const effects = see(rig, [better]);
    expect(entered(effects)[1]).toBe(`sell ${okxPerp.id}`);
    expect(routesOf(effects).join('\n')).toContain('2 orders in the last second');
  });

  it('leave out a venue whose own limits have no room, as its driver has told', () => {
    const rig = rigWith([bybitPerp]);
    const rate = (status: 'up' | 'down', headroom: number) =>
      rig.put({
        kind: 'venue-status',
        venue: 'bybit',
        channel: 'rate',
        status,
        detail: 'told by the driver',
        headroom,
      });
    expect(alertsIn(rate('down', 0.1))).toEqual(['order-rate-short']);
    const better = () => [leg(rig, bybitPerp, 0.002, { bid: 50_019, ask: 50_021 })];
    const effects = see(rig, better());
    expect(entered(effects)[1]).toBe(`sell ${okxPerp.id}`);
    expect(routesOf(effects).join('\n')).toContain('10% of its order limits left');
    rate('up', 1);
    expect(rig.state.venues.get('bybit')?.orderHeadroom).toBe(1);
    // A new process has not been told anything yet.
    rig.boot();
    expect(rig.state.venues.get('bybit')?.orderHeadroom).toBeNull();
  });

  it('leave out a venue whose wallet cannot carry the leg', () => {
    const rig = rigWith([]);
    join(rig, bybitPerp, '10');
    const effects = see(rig, [leg(rig, bybitPerp, 0.002, { bid: 50_019, ask: 50_021 })]);
    expect(entered(effects)).toEqual([`buy ${binancePerp.id}`, `sell ${okxPerp.id}`]);
    expect(routesOf(effects).join('\n')).toContain('its wallet carries');
  });

  it('are judged together: one that risk denies keeps the other from leaving', () => {
    const rig = rigWith([bybitPerp], {
      limits: { ...rigWith([]).policy.limits, venueExposureUsdMax: 1_000 },
    });
    const effects = see(rig, [leg(rig, bybitPerp, 0.002, { bid: 50_019, ask: 50_021 })]);
    expect(entered(effects)).toEqual([]);
    expect(effects.some(({ kind }) => kind === 'intent-denied')).toBe(true);
  });
});

describe('a pair whose own venues cannot take a hedge', () => {
  /** Both venues go; long has filled at binance, the short has not, for longer than allowed. */
  function stranded(rig: EngineRig): void {
    const ids = rig.open('0.1');
    for (const venue of ['binance', 'okx']) rig.status(venue, 'rest', 'down');
    rig.fill(ids.long);
    rig.order(ids.short, { status: 'expired' });
    rig.wallMs += execution.hedgeDeadlineMs + 100;
  }

  const look = (rig: EngineRig, beside: readonly LegView[]) =>
    rig.put({ kind: 'timer', timer: 'pair:p1-1' }, [quote(binancePerp), quote(okxPerp), ...beside]);

  it('is hedged at a third venue, as a roll of the leg that is lacking', () => {
    const rig = rigWith([bybitPerp]);
    rig.marks(50_000);
    stranded(rig);
    const moved = look(rig, [quote(bybitPerp)]);
    expect(moved).toContainEqual(
      expect.objectContaining({
        kind: 'pair-moved',
        phase: 'rolling',
        reason: `${hedgedElsewhere}: short at ${bybitPerp.id}`,
        roll: { leg: 'short', to: bybitPerp.id },
      }),
    );
    const sent = ordersIn(look(rig, [quote(bybitPerp)]));
    expect(sent).toMatchObject([{ side: 'sell', instrument: bybitPerp.id, purpose: 'hedge' }]);
    rig.fill(sent[0]?.clientOrderId ?? '');
    look(rig, [quote(bybitPerp)]);
    const pair = rig.state.pairs.get('p1-1');
    expect(pair).toMatchObject({ phase: 'open', incoming: null, nakedSinceWallMs: null });
    expect(pair?.short.instrument).toBe(bybitPerp.id);
    // It is no move of capital to a better use.
    expect(rig.state.switchedWallMs).toBe(0);
  });

  it('goes to the cheapest that can take it, and tells of the others', () => {
    const rig = rigWith([bybitPerp, gatePerp]);
    stranded(rig);
    const effects = look(rig, [quote(bybitPerp), quote(gatePerp, { bid: 50_010, ask: 50_012 })]);
    const [moved] = effects.filter((effect) => effect.kind === 'pair-moved');
    expect(moved).toMatchObject({ roll: { to: gatePerp.id } });
    expect(moved?.plan?.routes.join('\n')).toContain(`${bybitPerp.id}: `);
  });

  it.each([
    ['is not quoted', (_rig: EngineRig) => [] as readonly LegView[]],
    [
      'is down as well',
      (rig: EngineRig) => {
        rig.status('bybit', 'rest', 'down');
        return [quote(bybitPerp)];
      },
    ],
    [
      'is held by somebody',
      (rig: EngineRig) => {
        byHand(rig);
        return [quote(bybitPerp)];
      },
    ],
  ])('waits while the third venue %s', (_why, spoil) => {
    const rig = rigWith([bybitPerp]);
    stranded(rig);
    const effects = look(rig, spoil(rig));
    expect(effects.filter(({ kind }) => kind === 'pair-moved' || kind === 'place-order')).toEqual(
      [],
    );
    expect(rig.state.pairs.get('p1-1')?.phase).not.toBe('rolling');
  });

  it('is not hedged there while everything is to be flat', () => {
    const rig = rigWith([bybitPerp]);
    stranded(rig);
    rig.put({ kind: 'operator', command: 'flatten', by: 'test' });
    expect(ordersIn(look(rig, [quote(bybitPerp)]))).toEqual([]);
    expect(rig.state.pairs.get('p1-1')?.incoming).toBeNull();
  });
});

function lose(rig: EngineRig): void {
  rig.status('bybit', 'private', 'down');
}

function holdBybit(rig: EngineRig): void {
  const key = { strategy: 'perp-perp', long: gatePerp.id, short: bybitPerp.id };
  rig.fold({ kind: 'pair-created', pairId: 'p1-9', intent: intent('0.1', { key }) });
}

function byHand(rig: EngineRig): void {
  const fill = rig.fillOf('', { venue: 'bybit', instrument: bybitPerp.id, clientOrderId: null });
  rig.put({ ...fill, symbol: bybitPerp.symbol });
}
