// A resting order of a pair over its life: posted, asked about, cancelled, cancelled again, adopted
// by a new process; and never left alone when the system may not add any more.
import { describe, expect, it } from 'vitest';
import { binancePerp, EngineRig, intent, ordersIn } from '../../test/support/engine-rig.ts';
import { decimal, formatDecimal } from '../base/decimal.ts';
import type { Effect } from '../domain/event.ts';
import { type ExecutionPlan, takerPlan } from '../domain/plan.ts';
import type { OrderEvent } from '../domain/venue-event.ts';

const timer = 'pair:p1-1';

/** A pair whose long leg rests at binance; the id of its order. */
function posted(): { readonly rig: EngineRig; readonly id: string } {
  const rig = EngineRig.running();
  const plan: ExecutionPlan = {
    ...takerPlan('test'),
    mode: 'maker-taker',
    makerLeg: 'long',
    deadlineWallMs: rig.wallMs + 600_000,
    basisMin: -0.01,
  };
  rig.fold({ kind: 'pair-created', pairId: 'p1-1', intent: intent('0.1'), plan });
  const [order] = ordersIn(rig.timer(timer));
  expect(order).toMatchObject({ timeInForce: 'post-only', purpose: 'entry', side: 'buy' });
  return { rig, id: order?.clientOrderId ?? '' };
}

const kinds = (effects: readonly Effect[], id: string): readonly string[] =>
  effects.flatMap((effect) =>
    'clientOrderId' in effect && effect.clientOrderId === id ? [effect.kind] : [],
  );

describe('an order that rests', () => {
  it('is asked about while it lives, and not cancelled for resting', () => {
    const { rig, id } = posted();
    rig.order(id, { status: 'open' });
    for (let i = 0; i < 20; i++) {
      expect(kinds(rig.timer(`ack:${id}`), id)).toEqual(['query-order']);
      rig.order(id, { status: 'open' });
    }
    expect(rig.state.orders.get(id)?.queriesSent).toBe(0);
  });

  it('is cancelled by its id when it was never answered', () => {
    const { rig, id } = posted();
    expect(kinds(rig.timer(`ack:${id}`), id)).toEqual(['cancel-order']);
  });

  it.each(['halt', 'wind-down', 'flatten'] as const)('is cancelled after a %s', (command) => {
    const { rig, id } = posted();
    rig.order(id, { status: 'open' });
    rig.put({ kind: 'operator', command, by: 'desk' });
    expect(rig.state.timers.get(timer)?.dueMs).toBeLessThanOrEqual(rig.wallMs);
    expect(kinds(rig.timer(timer), id)).toContain('cancel-order');
  });

  it.each([
    ['a venue is out', (rig: EngineRig) => rig.status('okx', 'rest', 'down')],
    ['an account stream is out', (rig: EngineRig) => rig.status('binance', 'private', 'down')],
    [
      'a store is down',
      (rig: EngineRig) => rig.put({ kind: 'store-status', store: 'journal', up: false }),
    ],
  ])('is cancelled when %s', (_why, strike) => {
    const { rig, id } = posted();
    rig.order(id, { status: 'open' });
    strike(rig);
    expect(kinds(rig.timer(timer), id)).toContain('cancel-order');
  });

  it('is cancelled again when the venue shows it alive after the cancel', () => {
    const { rig, id } = posted();
    rig.order(id, { status: 'open' });
    rig.put({ kind: 'operator', command: 'halt', by: 'desk' });
    rig.timer(timer);
    rig.put({
      kind: 'cancel-result',
      venue: 'binance',
      clientOrderId: id,
      outcome: 'acked',
      error: null,
    });
    expect(kinds(rig.timer(`ack:${id}`), id)).toEqual(['query-order']);
    rig.order(id, { status: 'open' });
    expect(rig.state.orders.get(id)?.status).toBe('cancel-pending');
    expect(kinds(rig.timer(`ack:${id}`), id)).toEqual(['cancel-order']);
    expect(kinds(rig.timer(`ack:${id}`), id)).toEqual(['query-order']);
  });

  it('is cancelled by a new process before anything else', () => {
    const { rig, id } = posted();
    rig.order(id, { status: 'open' });
    rig.boot();
    expect(rig.state.orders.get(id)?.status).toBe('unknown');
    expect(kinds(rig.timer(`ack:${id}`), id)).toEqual(['cancel-order']);
  });

  it('fills in part: the other leg is sold as much, and the rest goes on resting', () => {
    const { rig, id } = posted();
    rig.order(id, { status: 'open' });
    const effects = rig.fill(id, { qty: decimal('0.04'), liquidity: 'maker' });
    const [hedge] = ordersIn(effects);
    expect(hedge).toMatchObject({ side: 'sell', timeInForce: 'ioc', purpose: 'hedge' });
    expect(formatDecimal(hedge?.qty ?? decimal('0'))).toBe('0.04');
    expect(kinds(effects, id)).toEqual([]);
    expect(rig.state.pairs.get('p1-1')?.long.workingOrderId).toBe(id);
  });

  it('fills after its cancel was sent: the late fill is hedged like any other', () => {
    const { rig, id } = posted();
    rig.order(id, { status: 'open' });
    rig.put({ kind: 'operator', command: 'halt', by: 'desk' });
    rig.timer(timer);
    rig.fill(id, { qty: decimal('0.1'), liquidity: 'maker' });
    // Halted: nothing may be added, so what was filled is unwound.
    const [order] = ordersIn(rig.timer(timer));
    expect(order).toMatchObject({ side: 'sell', purpose: 'unwind', reduceOnly: true });
  });

  it('is cancelled when the venue lists it alive after it was believed dead', () => {
    const { rig, id } = posted();
    rig.fold({
      kind: 'order-resolved',
      clientOrderId: id,
      status: 'rejected',
      reason: 'not-found',
    });
    rig.timer('reconcile:binance');
    const listed: OrderEvent = {
      kind: 'order',
      venue: 'binance',
      symbol: 'BTCUSDT',
      instrument: binancePerp.id,
      venueTsMs: rig.wallMs,
      clientOrderId: id,
      venueOrderId: '7',
      status: 'open',
      side: 'buy',
      qty: decimal('0.1'),
      filledQty: decimal('0'),
      limit: decimal('49999'),
      averagePrice: null,
      reduceOnly: false,
      reason: null,
    };
    expect(kinds(rig.snapshot('binance', { openOrders: [listed] }), id)).toContain('cancel-order');
  });
});
