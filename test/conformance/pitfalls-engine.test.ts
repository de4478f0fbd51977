// The pitfalls that live in the engine: what it believes, when it asks, what it books. Whole runs
// in virtual time over simulated exchanges, and single steps over a written state.
import { describe, expect, it } from 'vitest';
import { present } from '../../src/base/assert.ts';
import {
  abs,
  type Decimal,
  decimal,
  formatDecimal,
  roundToStep,
  zero,
} from '../../src/base/decimal.ts';
import type { EngineInput, JournalRecord } from '../../src/domain/event.ts';
import type { InstrumentId } from '../../src/domain/instrument.ts';
import type { ApprovedOrder } from '../../src/domain/order.ts';
import type { FillEvent, OrderEvent } from '../../src/domain/venue-event.ts';
import { evolve } from '../../src/engine/evolve.ts';
import { checkInvariants } from '../../src/engine/invariants.ts';
import { differencesOf } from '../../src/engine/reconcile.ts';
import {
  type EngineState,
  emptyState,
  isReady,
  livePairs,
  venueOf,
} from '../../src/engine/state.ts';
import { step } from '../../src/engine/step.ts';
import { createSimExchange } from '../../src/sim/exchange.ts';
import { runInProcess } from '../../src/sim/in-process.ts';
import type { Disturbance } from '../../src/sim/port.ts';
import { seededMarket } from '../../src/sim/seeded-market.ts';
import { fundingGap } from '../../src/strategy/market-state.ts';
import { defaultScanOptions } from '../../src/strategy/scan.ts';
import { draftOf } from '../../src/testing/drafts.ts';
import { runStartMs, testPolicy, testRun } from '../support/in-process-run.ts';
import { instrumentOf } from '../support/strategy-fixtures.ts';
import { pitfall } from './pitfalls.ts';

const perp = instrumentOf('bybit', 'linear-perp');
const spot = instrumentOf('bybit', 'spot');

class Bench {
  readonly state: EngineState = emptyState();
  wallMs = 1_000;

  constructor() {
    this.put({
      kind: 'booted',
      ...{ runId: 'r', installation: 'abcdef', epoch: 1, seed: null, venues: ['bybit'] },
      configDigest: '',
    });
    this.put({ kind: 'instruments', venue: 'bybit', instruments: [perp, spot], feeRates: {} });
  }

  put(input: EngineInput): readonly string[] {
    this.wallMs += 10;
    const { wallMs, state } = this;
    const event = { seq: state.seq + 1, tsMs: wallMs, wallMs, input, legs: [] };
    const effects = step(state, event, testPolicy).map(({ effect }) => effect.kind);
    checkInvariants(state);
    return effects;
  }

  send(order: ApprovedOrder): void {
    const { state, wallMs } = this;
    const effect = { kind: 'place-order', order } as const;
    evolve(state, { seq: state.seq + 1, tsMs: wallMs, wallMs, effect });
  }

  status(id: string): string | undefined {
    return this.state.orders.get(id)?.status;
  }
}

const id = 'faabcdef00010000001l';
const order = draftOf(perp, { clientOrderId: id, qty: decimal('0.003') });

function orderEvent(over: Partial<OrderEvent> = {}): OrderEvent {
  return {
    ...{ kind: 'order', venue: 'bybit', symbol: perp.symbol, instrument: perp.id, venueTsMs: 1 },
    ...{ clientOrderId: id, venueOrderId: '7', status: 'open', side: 'buy', qty: order.qty },
    ...{ filledQty: zero, limit: null, averagePrice: null, reduceOnly: null, reason: null },
    ...over,
  } as OrderEvent;
}

function fillEvent(over: Partial<FillEvent> = {}): FillEvent {
  return {
    ...{ kind: 'fill', venue: 'bybit', symbol: perp.symbol, instrument: perp.id, venueTsMs: 1 },
    ...{ fillId: '1', clientOrderId: id, venueOrderId: '7', side: 'buy', price: decimal('50000') },
    ...{ qty: order.qty, fee: decimal('-0.01'), feeAsset: 'USDT', liquidity: 'taker' },
    ...{ realizedPnl: zero, forced: false },
    ...over,
  } as FillEvent;
}

const placeResult = (outcome: 'acked' | 'unknown'): EngineInput => ({
  ...{ kind: 'place-result', venue: 'bybit', clientOrderId: id, outcome, error: null },
});

/** A run in which placements go wrong, and what it did, in order. */
function disturbed(fault: Disturbance, seed: number) {
  return testRun(seed, {
    tradeMs: 30_000,
    disturb: (effect, prng) => (effect.kind === 'place-order' && prng.chance(0.3) ? fault : null),
  });
}

describe('pitfalls of the engine', () => {
  it(`${pitfall(1, 'strategy')}: an unknown interval is not traded`, () => {
    const funding = { ratePerInterval: 0.001, intervalMs: Number.NaN, settlesAtMs: 1 };
    const leg = { kind: 'linear-perp', funding: null } as unknown as Parameters<
      typeof fundingGap
    >[0];
    expect(fundingGap(leg)).not.toBeNull();
    expect(fundingGap({ ...leg, funding })).toBe('interval-unknown');
  });

  it(pitfall(5, 'engine'), () => {
    const bench = new Bench();
    bench.send(order);
    expect(bench.put(placeResult('unknown'))).toContain('cancel-order');
    expect(bench.status(id)).toBe('cancel-pending');
    bench.put({
      ...{ kind: 'cancel-result', venue: 'bybit', clientOrderId: id, outcome: 'unknown' },
      error: null,
    });
    expect(bench.state.timers.has(`ack:${id}`)).toBe(true);
    // The stream says what became of it: nothing is asked any more.
    bench.put(fillEvent());
    bench.put(orderEvent({ status: 'filled', filledQty: order.qty }));
    expect(bench.state.timers.has(`ack:${id}`)).toBe(false);
    expect(bench.put({ kind: 'timer', timer: `ack:${id}` })).toEqual([]);
  });

  it.each(['answer-lost', 'silent', 'request-lost'] as const)(
    `${pitfall(6, 'engine')}: %s`,
    (fault) => {
      const { records } = disturbed(fault, 5);
      const sent = new Set<string>();
      const open = new Map<InstrumentId, string>();
      let unknown = 0;
      for (const record of records) {
        if ('effect' in record && record.effect.kind === 'place-order') {
          const { clientOrderId, instrument, pairId } = record.effect.order;
          expect(sent.has(clientOrderId), `${clientOrderId} sent twice`).toBe(false);
          sent.add(clientOrderId);
          // Nothing new on a leg whose last order is still open to question.
          expect(open.get(`${pairId} ${instrument}`)).toBeUndefined();
          open.set(`${pairId} ${instrument}`, clientOrderId);
        }
        if (!('input' in record)) {
          const { effect } = record;
          if (effect.kind === 'order-resolved') release(open, effect.clientOrderId);
          continue;
        }
        const { input } = record;
        if (input.kind === 'place-result') {
          if (input.outcome === 'unknown') unknown++;
          if (input.outcome === 'rejected') release(open, input.clientOrderId);
        }
        const said = input.kind === 'query-result' ? input.order : input;
        if (said?.kind === 'order' && said.status !== 'open' && said.status !== 'pending') {
          release(open, said.clientOrderId ?? '');
        }
        if (input.kind === 'fill') release(open, input.clientOrderId ?? '');
        if (input.kind === 'venue-snapshot') {
          for (const listed of input.orders) release(open, listed.clientOrderId ?? '');
        }
      }
      expect(unknown).toBeGreaterThan(0);
    },
  );

  it(pitfall(7, 'engine'), () => {
    const bench = new Bench();
    bench.send(order);
    bench.put(placeResult('acked'));
    expect(bench.status(id)).toBe('pending');
    bench.put(orderEvent({ status: 'rejected', reason: 'EC_Others' }));
    expect(bench.status(id)).toBe('rejected');
    const other = new Bench();
    other.send(order);
    other.put(placeResult('acked'));
    other.put(orderEvent());
    expect(other.status(id)).toBe('open');
  });

  it(pitfall(9, 'engine'), () => {
    const bench = new Bench();
    const status = (channel: 'public' | 'private' | 'rest', up: boolean): EngineInput => ({
      ...{ kind: 'venue-status', venue: 'bybit', channel, status: up ? 'up' : 'down', detail: '' },
    });
    for (const channel of ['rest', 'public'] as const) bench.put(status(channel, true));
    const asked = bench.put(status('private', true));
    expect(asked).toContain('request-snapshot');
    const venue = venueOf(bench.state, 'bybit');
    expect(isReady(venue)).toBe(false);
    const snapshot = (): EngineInput => ({
      ...{ kind: 'venue-snapshot', venue: 'bybit', requestId: String(venue.awaiting), ok: true },
      ...{ sinceMs: 0, openOrders: [], orders: [], fills: [], fundingPayments: [] },
      ...{ balances: [], positions: [], error: null },
    });
    bench.put(snapshot());
    expect(isReady(venue)).toBe(true);
    // Events were lost on the way: not ready again before the account has been compared.
    bench.put(status('private', false));
    expect(bench.put(status('private', true))).toContain('request-snapshot');
    expect(isReady(venue)).toBe(false);
    bench.put(snapshot());
    expect(isReady(venue)).toBe(true);
  });

  it(pitfall(18, 'engine'), () => {
    const bench = new Bench();
    const coins = draftOf(spot, { clientOrderId: id, qty: decimal('0.1') });
    bench.send(coins);
    bench.put(
      fillEvent({
        ...{ instrument: spot.id, symbol: spot.symbol, qty: decimal('0.1') },
        ...{ fee: decimal('-0.0001'), feeAsset: 'BTC', realizedPnl: null },
      }),
    );
    // 0.1 bought, 0.0001 taken: 0.0999 is held, and is what may be hedged or sold.
    const held = bench.state.positions.get(spot.id)?.qty;
    expect(formatDecimal(present(held, 'a position'))).toBe('0.0999');
  });

  it(pitfall(19, 'engine'), () => {
    const bench = new Bench();
    bench.send(order);
    bench.put(fillEvent());
    const cash = [...bench.state.ledger.balances];
    bench.put(fillEvent());
    bench.put({
      ...{ kind: 'query-result', venue: 'bybit', clientOrderId: id, outcome: 'found' },
      order: orderEvent({ status: 'filled', filledQty: order.qty }),
      fills: [fillEvent()],
    });
    expect([...bench.state.ledger.balances]).toEqual(cash);
    expect(bench.state.counters.duplicateFills).toBe(2);
    expect(bench.state.positions.get(perp.id)?.qty).toBe(order.qty);
    // The same number on another instrument is another trade.
    bench.put(fillEvent({ instrument: spot.id, symbol: spot.symbol, realizedPnl: null }));
    expect(bench.state.counters.duplicateFills).toBe(2);
  });

  it.each([undefined, 'liquidation'] as const)(`${pitfall(20, 'engine')}: %s`, (forced) => {
    const market = seededMarket({ seed: 7, startMs: runStartMs });
    const exchanges = market.venues.map((venue) =>
      createSimExchange({
        venue,
        market,
        startBalances: ['spot', 'futures', 'unified'].map((wallet) => ({
          wallet,
          asset: 'USDT',
          amount: decimal('20000'),
        })),
      }),
    );
    let hit: { readonly pairId: string; readonly atWallMs: number } | null = null;
    let mended: number | null = null;
    let state: EngineState | null = null;
    const onRecord = (_text: string, record: JournalRecord): void => {
      if ('effect' in record && record.effect.kind === 'pair-moved') {
        const { pairId, phase } = record.effect;
        if (hit === null && phase === 'open') {
          hit = { pairId, atWallMs: record.wallMs };
          const place = records.find(
            (r) =>
              'effect' in r &&
              r.effect.kind === 'place-order' &&
              r.effect.order.pairId === pairId &&
              r.effect.order.instrument.endsWith('PERP'),
          );
          if (place === undefined || !('effect' in place) || place.effect.kind !== 'place-order')
            return;
          const { instrument, venue } = place.effect.order;
          const exchange = present(
            exchanges.find((e) => e.venue === venue),
            venue,
          );
          const { qty } = exchange.position(instrument);
          const lot = present(exchange.instrument(instrument)?.instrument.lotSize, 'lot');
          const half = roundToStep((abs(qty) / 2n) as Decimal, lot, 'up'); // brand: half a decimal
          const now = { tsMs: record.tsMs, wallMs: record.wallMs };
          const kind = forced === undefined ? {} : { forced };
          const done = exchange.deleverage({ instrument, qty: half, ...kind }, now);
          expect(done.ok).toBe(true);
        } else if (hit !== null && mended === null && pairId === hit.pairId) {
          if (phase === 'open' || phase === 'closed') mended = record.wallMs - hit.atWallMs;
        }
      }
      records.push(record);
    };
    const records: JournalRecord[] = [];
    state = runInProcess({
      ...{ seed: 7, startMs: runStartMs, speed: 720, exchanges, policy: testPolicy },
      wants: ({ quote, kind }) => quote === 'USDT' && (kind === 'linear-perp' || kind === 'spot'),
      ...{ scan: defaultScanOptions, tradeMs: 40_000, windDownMs: 30_000, onRecord },
    }).state;
    expect(hit).not.toBeNull();
    expect(state.counters.externalFills).toBeGreaterThan(0);
    // The other leg follows at once: inside the budget of a naked delta.
    expect(mended).not.toBeNull();
    expect(Number(mended)).toBeLessThanOrEqual(testPolicy.execution.nakedDeltaMsMax);
    expect(livePairs(state)).toEqual([]);
    for (const venue of state.venues.keys()) {
      expect(differencesOf(state, venue)).toEqual({ positions: [], balances: [] });
    }
  });

  it(pitfall(21, 'engine'), () => {
    const bench = new Bench();
    bench.send({ ...order, side: 'sell', reduceOnly: true });
    const part = decimal('0.001');
    bench.put(fillEvent({ side: 'sell', qty: part }));
    // The venue ends it with what it had reduced: that is booked, and the order is settled with it.
    bench.put(orderEvent({ status: 'canceled', side: 'sell', filledQty: part }));
    expect(bench.status(id)).toBe('canceled');
    expect(bench.state.orders.get(id)).toMatchObject({ filledQty: part, reportedFilledQty: part });
    expect(bench.state.positions.get(perp.id)?.qty).toBe(-part);
  });

  it(pitfall(22, 'engine'), () => {
    // The fill overtakes the ack; the order was registered before it was sent.
    const bench = new Bench();
    bench.send(order);
    expect(bench.status(id)).toBe('pending');
    const part = decimal('0.001');
    bench.put(fillEvent({ qty: part }));
    bench.put(placeResult('acked'));
    // Cancelled, and with more filled than was booked: open until the rest has come.
    const filledQty = decimal('0.002');
    bench.put(orderEvent({ status: 'canceled', filledQty }));
    const known = present(bench.state.orders.get(id), id);
    expect([known.filledQty, known.reportedFilledQty]).toEqual([part, filledQty]);
    bench.put(fillEvent({ qty: part, fillId: '2' }));
    expect(known.filledQty).toBe(filledQty);
    // Every order of a run stands in the journal before anything is heard of it.
    const { records } = testRun(7, { tradeMs: 10_000 });
    const registered = new Set<string>();
    for (const record of records) {
      if ('effect' in record && record.effect.kind === 'place-order') {
        registered.add(record.effect.order.clientOrderId);
      }
      if ('input' in record && record.input.kind === 'fill' && !record.input.forced) {
        expect(registered).toContain(record.input.clientOrderId);
      }
    }
    expect(registered.size).toBeGreaterThan(1);
  });
});

function release(open: Map<InstrumentId, string>, clientOrderId: string): void {
  for (const [leg, working] of open) if (working === clientOrderId) open.delete(leg);
}
