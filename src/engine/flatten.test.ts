// An operator's flatten closes what the account holds, whoever bought it, whatever our books say.
import { describe, expect, it } from 'vitest';
import {
  balance,
  binancePerp,
  EngineRig,
  ordersIn,
  position,
} from '../../test/support/engine-rig.ts';
import { decimal, formatDecimal } from '../base/decimal.ts';
import { orphanTimer } from './decide-orphans.ts';
import { differencesOf } from './reconcile.ts';
import { pnlOf } from './summary.ts';

const timer = orphanTimer(binancePerp.id);

/** What was ordered, as text. */
const ordered = (effects: Parameters<typeof ordersIn>[0]): readonly string[] =>
  ordersIn(effects).map(
    ({ instrument, side, qty, reduceOnly }) =>
      `${side} ${formatDecimal(qty)} ${instrument}${reduceOnly ? ' reduce' : ''}`,
  );

describe('flatten', () => {
  it('closes a position that was traded by hand', () => {
    const rig = EngineRig.running();
    rig.fill('by-hand', { qty: decimal('0.2') });
    expect(rig.state.timers.has(timer)).toBe(false); // a person's own business until then
    rig.put({ kind: 'operator', command: 'flatten', by: 'desk' });
    expect(ordered(rig.timer(timer))).toEqual([`sell 0.2 ${binancePerp.id} reduce`]);
  });

  it('leaves the legs of a pair to the pair', () => {
    const rig = EngineRig.running();
    rig.opened('0.1');
    rig.put({ kind: 'operator', command: 'flatten', by: 'desk' });
    expect(rig.state.orphans.size).toBe(0);
    expect(ordered(rig.timer('pair:p1-1'))).toHaveLength(2);
  });

  it('takes over what only the venue knows of, at its price, and closes it', () => {
    const rig = EngineRig.running();
    const held = { positions: [position(binancePerp, decimal('0.3'))] };
    const found = () => {
      for (let i = 0; i < rig.policy.reconcile.confirmations; i++) rig.snapshot('binance', held);
    };
    found();
    expect(rig.state.venues.get('binance')?.restrictedBy).toHaveLength(1);
    expect(rig.state.positions.size).toBe(0); // nobody said to touch it
    const now = rig.wallMs;
    rig.put({ kind: 'operator', command: 'halt-flatten', by: 'desk' });
    const dueMs = (id: string) => (rig.state.timers.get(id)?.dueMs ?? Number.NaN) - now;
    expect(dueMs('reconcile:binance')).toBe(0); // not at the next regular time
    rig.snapshot('binance', held);
    expect(dueMs('reconcile:binance')).toBeLessThan(1_000);
    expect(dueMs(timer)).toBeLessThan(1_000);
    expect(differencesOf(rig.state, 'binance').positions).toEqual([]);
    rig.snapshot('binance', held);
    expect(rig.state.venues.get('binance')?.restrictedBy).toEqual([]);
    const effects = rig.timer(timer);
    expect(ordered(effects)).toEqual([`sell 0.3 ${binancePerp.id} reduce`]);
    const [order] = ordersIn(effects);
    // Bought at 50,000 by whomever, sold at 49,000: the venue books -300, and so do we.
    const price = decimal('49000');
    rig.fill(order?.clientOrderId ?? '', { price, realizedPnl: decimal('-300') });
    rig.marks(49_000);
    expect(rig.state.positions.size).toBe(0);
    expect(pnlOf(rig.state)).toMatchObject({ residualDelta: '-300', total: '-300', residual: '0' });
    rig.snapshot('binance', { balances: [balance('binance', 'futures', decimal('99700'))] });
    expect(rig.state.venues.get('binance')?.differences).toEqual([]);
  });

  it('does not take over what an order has closed since the snapshot was asked for', () => {
    const rig = EngineRig.running();
    const cash = { balances: [balance('binance', 'futures', decimal('100001'))] };
    for (let i = 0; i < rig.policy.reconcile.confirmations; i++) rig.snapshot('binance', cash);
    rig.fill('by-hand', { qty: decimal('0.2') });
    rig.put({ kind: 'operator', command: 'flatten', by: 'desk' });
    rig.timer('reconcile:binance'); // asked for
    const [order] = ordersIn(rig.timer(timer));
    rig.fill(order?.clientOrderId ?? '');
    expect(rig.state.positions.size).toBe(0);
    const old = { ...cash, positions: [position(binancePerp, decimal('0.2'))] };
    rig.snapshot('binance', old);
    expect(rig.state.positions.size).toBe(0);
    const againMs = (rig.state.timers.get('reconcile:binance')?.dueMs ?? 0) - rig.wallMs;
    expect(againMs).toBeLessThan(1_000);
    // Asked for long after the order, it is what the venue holds.
    rig.wallMs += 10_000;
    rig.timer('reconcile:binance');
    rig.snapshot('binance', old);
    expect(rig.state.positions.get(binancePerp.id)?.qty).toBe(decimal('0.2'));
  });

  it('does not take over what an order on its way may explain', () => {
    const rig = EngineRig.running();
    rig.open('0.1');
    rig.put({ kind: 'operator', command: 'flatten', by: 'desk' });
    const held = { positions: [position(binancePerp, decimal('0.1'))] };
    for (let i = 0; i <= rig.policy.reconcile.confirmations; i++) rig.snapshot('binance', held);
    expect(rig.state.positions.size).toBe(0);
  });
});
