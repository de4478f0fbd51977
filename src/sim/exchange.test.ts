import { describe, expect, it } from 'vitest';
import { placed, simExchange as setup, text } from '../../test/support/sim-exchange.ts';
import { decimal, zero } from '../base/decimal.ts';
import type { SimOrderRequest } from './api.ts';

describe('orders', () => {
  it('a market order walks the displayed levels at their prices', () => {
    const { exchange, order, at, events } = setup();
    const done = placed(exchange.place(order({ type: 'market', qty: decimal('7') }), at(0)));
    // 5 at 100.1 and 2 at 100.2: cost 700.9, average 100.12857...
    expect(done.status).toBe('filled');
    expect(text(done.filledCost)).toBe('700.9');
    const fills = exchange.fills({});
    expect(fills.map((fill) => [text(fill.price), text(fill.qty)])).toEqual([
      ['100.1', '5'],
      ['100.2', '2'],
    ]);
    // 500.5 x 0.0005 = 0.25025 and 200.4 x 0.0005 = 0.1002
    expect(fills.map((fill) => text(fill.feePaid))).toEqual(['0.25025', '0.1002']);
    expect(events.map((event) => event.kind)).toEqual([
      'order',
      ...['fill', 'balance', 'position'],
      ...['fill', 'balance', 'position'],
    ]);
  });

  it('a market order beyond the depth ends with what there was', () => {
    const { exchange, order, at } = setup({ usdt: '1000000' });
    const done = placed(exchange.place(order({ type: 'market', qty: decimal('60') }), at(0)));
    expect([done.status, done.endReason, text(done.filledQty)]).toEqual([
      'expired',
      'no-liquidity',
      '50',
    ]);
    expect(exchange.quote(order().instrument).askQty).toBe(0);
  });

  it('an immediate order expires with its remainder, a fill-or-kill one without a trade', () => {
    const { exchange, order, at } = setup();
    const limit = decimal('100.1');
    const qty = decimal('6');
    const ioc = placed(exchange.place(order({ timeInForce: 'ioc', limit, qty }), at(0)));
    expect([ioc.status, ioc.endReason, text(ioc.filledQty)]).toEqual([
      'expired',
      'ioc-remainder',
      '5',
    ]);
    const fok = placed(
      exchange.place(order({ timeInForce: 'fok', limit: decimal('100.2'), qty }), at(0)),
    );
    expect([fok.status, fok.endReason, text(fok.filledQty)]).toEqual(['expired', 'fok', '0']);
    const whole = order({ timeInForce: 'fok', limit: decimal('100.2'), qty: decimal('5') });
    expect(placed(exchange.place(whole, at(0))).status).toBe('filled');
  });

  it('a resting order fills as maker at its own price when the book crosses it', () => {
    const start = setup().startMs;
    const { exchange, order, at } = setup({
      script: { price: (ts) => (ts - start < 5_000 ? 100 : 98) },
    });
    const rested = placed(exchange.place(order({ limit: decimal('99') }), at(0)));
    exchange.advance(at(4_999));
    expect(exchange.openOrders(null)).toEqual([rested]);
    exchange.advance(at(5_000));
    const filled = exchange.order({ instrument: rested.instrument, orderId: rested.orderId });
    expect([filled?.status, text(filled?.averagePrice ?? null)]).toEqual(['filled', '99']);
    // 99 x 0.0002 = 0.0198
    expect(exchange.fills({}).map((f) => [f.liquidity, text(f.feePaid)])).toEqual([
      ['maker', '0.0198'],
    ]);
  });

  it('a post-only order that would take is refused on Binance and cancelled on the others', () => {
    const crossing = { timeInForce: 'post-only', limit: decimal('100.1') } as const;
    const binance = setup({ venue: 'binance' });
    expect(binance.exchange.place(binance.order(crossing), binance.at(0))).toMatchObject({
      ok: false,
      code: 'post-only-would-cross',
    });
    for (const venue of ['okx', 'bybit']) {
      const { exchange, order, at, events } = setup({ venue });
      const ended = placed(exchange.place(order(crossing), at(0)));
      expect([ended.status, ended.endReason]).toEqual(['canceled', 'post-only-would-cross']);
      expect(events.map((e) => (e.kind === 'order' ? e.order.status : e.kind))).toEqual([
        'open',
        'canceled',
      ]);
    }
  });

  it('a client id is free again after its order on Binance alone', () => {
    for (const [venue, again] of [
      ['binance', true],
      ['okx', false],
      ['bybit', false],
    ] as const) {
      const { exchange, order, at } = setup({ venue });
      const named = order({ clientOrderId: 'a1', limit: decimal('99') });
      const first = placed(exchange.place(named, at(0)));
      expect(exchange.place(named, at(0))).toMatchObject({ code: 'duplicate-client-id' });
      placed(exchange.cancel({ instrument: first.instrument, clientOrderId: 'a1' }, at(0)));
      expect(exchange.place(named, at(0)).ok).toBe(again);
    }
  });

  it('open orders are limited in number', () => {
    const { exchange, order, at, perp } = setup({ rules: { ordersOpenMax: 2 } });
    const first = placed(exchange.place(order({ limit: decimal('90') }), at(0)));
    placed(exchange.place(order({ limit: decimal('90') }), at(0)));
    const third = order({ limit: decimal('90') });
    expect(exchange.place(third, at(0))).toMatchObject({ code: 'too-many-orders' });
    exchange.cancel({ instrument: perp, orderId: first.orderId }, at(0));
    expect(exchange.place(third, at(0)).ok).toBe(true);
  });

  it('a cancel of an unknown or ended order says so', () => {
    const { exchange, order, at, perp } = setup();
    expect(exchange.cancel({ instrument: perp, orderId: '1' }, at(0))).toMatchObject({
      code: 'order-not-found',
    });
    const { orderId } = placed(exchange.place(order({ type: 'market' }), at(0)));
    expect(exchange.cancel({ instrument: perp, orderId }, at(0))).toMatchObject({
      code: 'order-terminal',
    });
  });

  it('refuses what a filter forbids, and says which', () => {
    const { exchange, order, at, spot } = setup();
    const table: readonly [Partial<SimOrderRequest>, string][] = [
      [{ instrument: 'bybit:ETH-USDT-PERP' }, 'unknown-instrument'],
      [{ limit: decimal('100.05') }, 'price-off-tick'],
      [{ qty: decimal('1.0005') }, 'qty-off-lot'],
      [{ qty: decimal('0.0005') }, 'qty-below-min'],
      [{ qty: decimal('1001') }, 'qty-above-max'],
      [{ qty: decimal('0.049') }, 'notional-below-min'],
      [{ limit: decimal('150.1') }, 'price-outside-band'],
      [{ side: 'sell', limit: decimal('49.9') }, 'price-outside-band'],
      [{ qty: zero }, 'invalid-value'],
      [{ limit: null }, 'invalid-value'],
      [{ type: 'market', limit: null, timeInForce: 'post-only' }, 'invalid-value'],
      [{ instrument: spot, reduceOnly: true }, 'invalid-value'],
      [{ reduceOnly: true }, 'reduce-only-rejected'],
      [{ instrument: spot, side: 'sell' }, 'insufficient-funds'],
      [{ instrument: spot, qty: decimal('101') }, 'insufficient-funds'],
    ];
    for (const [change, code] of table) {
      expect(exchange.place(order(change), at(0)), code).toMatchObject({ ok: false, code });
    }
    expect(exchange.orders({})).toEqual([]);
  });

  it('a reduce-only order is shrunk to the position and never turns it', () => {
    const { exchange, order, at, perp } = setup();
    placed(exchange.place(order({ type: 'market', qty: decimal('2') }), at(0)));
    const close = order({ type: 'market', side: 'sell', reduceOnly: true, qty: decimal('5') });
    const closed = placed(exchange.place(close, at(0)));
    expect([text(closed.qty), closed.status]).toEqual(['2', 'filled']);
    expect(exchange.position(perp).qty).toBe(zero);
    expect(exchange.place(close, at(0))).toMatchObject({ code: 'reduce-only-rejected' });
  });

  it('a resting reduce-only order is cancelled when nothing is left to reduce', () => {
    const changeMs = 10_000;
    const start = setup().startMs;
    const { exchange, order, at, perp } = setup({
      script: { price: (ts) => (ts - start < changeMs ? 100 : 103) },
    });
    placed(exchange.place(order({ type: 'market' }), at(0)));
    const rest = order({ side: 'sell', reduceOnly: true, limit: decimal('102') });
    const { orderId } = placed(exchange.place(rest, at(0)));
    placed(exchange.place(order({ type: 'market', side: 'sell' }), at(1_000)));
    exchange.advance(at(changeMs));
    const ended = exchange.order({ instrument: perp, orderId });
    expect([ended?.status, ended?.endReason]).toEqual(['canceled', 'reduce-only']);
    expect(exchange.position(perp).qty).toBe(zero);
  });
});

describe('depth', () => {
  it('what we took is missing at once and back within the refill time', () => {
    const { exchange, order, at, perp } = setup({ rules: { refillWallMs: 2_000 } });
    const before = exchange.book(perp, 3);
    placed(exchange.place(order({ type: 'market', qty: decimal('6') }), at(0)));
    const after = exchange.book(perp, 3);
    expect(after.asks).toEqual([
      [100.2, 4],
      [100.3, 5],
      [100.4, 5],
    ]);
    expect(after.bids).toEqual(before.bids);
    expect(after.updateId).toBe(before.updateId + 1);
    exchange.advance({ ...at(0), wallMs: 1_000 });
    // Half of the 6 is back: 3 missing.
    expect(exchange.book(perp, 1).asks).toEqual([[100.1, 2]]);
    exchange.advance({ ...at(0), wallMs: 2_000 });
    expect(exchange.book(perp, 3).asks).toEqual(before.asks);
  });

  it('the update id rises by one with each published change and not without one', () => {
    const { exchange, at, perp } = setup();
    const { updateId } = exchange.quote(perp);
    exchange.advance(at(999));
    expect(exchange.quote(perp).updateId).toBe(updateId);
    exchange.advance(at(1_000));
    expect(exchange.quote(perp).updateId).toBe(updateId + 1);
    exchange.advance(at(60_000));
    expect(exchange.quote(perp).updateId).toBe(updateId + 2);
  });
});

describe('accounting', () => {
  it('a spot buy pays its fee in the coin, a sell in the quote', () => {
    const { exchange, order, at, spot, total } = setup();
    placed(exchange.place(order({ instrument: spot, type: 'market', qty: decimal('2') }), at(0)));
    // 2 - 2 x 0.0005 = 1.999 BTC, 10000 - 200.2 = 9799.8 USDT
    expect([total('BTC'), total('USDT')]).toEqual(['1.999', '9799.8']);
    const sell = order({ instrument: spot, type: 'market', side: 'sell', qty: decimal('1.999') });
    placed(exchange.place(sell, at(0)));
    // 1.999 x 99.9 = 199.7001, fee 0.09985005: 9799.8 + 199.7001 - 0.09985005
    expect([total('BTC'), total('USDT')]).toEqual(['0', '9999.40024995']);
  });

  it('open spot orders lock what they would pay', () => {
    const { exchange, order, at, spot } = setup();
    placed(
      exchange.place(order({ instrument: spot, limit: decimal('90'), qty: decimal('100') }), at(0)),
    );
    const [usdt] = exchange.balances();
    expect([text(usdt?.total ?? null), text(usdt?.locked ?? null)]).toEqual(['10000', '9000']);
    const more = order({ instrument: spot, limit: decimal('90'), qty: decimal('12') });
    expect(exchange.place(more, at(0))).toMatchObject({ code: 'insufficient-funds' });
    exchange.cancelAll(null, at(0));
    expect(exchange.place(more, at(0)).ok).toBe(true);
  });

  it('closing books the profit against the average entry price', () => {
    const start = setup().startMs;
    const { exchange, order, at, total, perp } = setup({
      script: { price: (ts) => (ts - start < 10_000 ? 100 : 110) },
    });
    placed(exchange.place(order({ type: 'market', qty: decimal('3') }), at(0)));
    expect(text(exchange.position(perp).entryPrice)).toBe('100.1');
    exchange.advance(at(10_000));
    // 3 x (110 - 100.1) = 29.7
    expect(text(exchange.position(perp).unrealizedPnl)).toBe('29.7');
    placed(exchange.place(order({ type: 'market', side: 'sell', qty: decimal('1') }), at(10_000)));
    // sold at 109.9: 9.8; fees 300.3 x 0.0005 = 0.15015 and 109.9 x 0.0005 = 0.05495
    expect(text(exchange.fills({}).at(-1)?.realizedPnl ?? null)).toBe('9.8');
    expect(total()).toBe('10009.5949');
    expect(text(exchange.position(perp).entryPrice)).toBe('100.1');
  });

  it('margin limits what can be opened, and a hedge of it is always allowed', () => {
    const { exchange, order, at, perp } = setup({ usdt: '100', rules: { leverageDefault: 10 } });
    // 10 x 100 / 10 = 100 of margin, and the fee on top
    expect(exchange.place(order({ type: 'market', qty: decimal('10') }), at(0))).toMatchObject({
      code: 'insufficient-funds',
    });
    placed(exchange.place(order({ type: 'market', qty: decimal('9') }), at(0)));
    expect(exchange.place(order({ type: 'market', qty: decimal('2') }), at(0))).toMatchObject({
      code: 'insufficient-funds',
    });
    expect(exchange.setLeverage(perp, 5, at(0))).toMatchObject({ code: 'insufficient-funds' });
    expect(exchange.leverage(perp)).toBe(10);
    expect(
      exchange.place(order({ type: 'market', side: 'sell', qty: decimal('9') }), at(0)).ok,
    ).toBe(true);
  });

  it('leverage is bounded by the bracket of what is held', () => {
    const { exchange, order, at, perp } = setup({ usdt: '100000' });
    expect(exchange.setLeverage(perp, 50, at(0))).toEqual({ ok: true, value: 'changed' });
    expect(exchange.setLeverage(perp, 50, at(0))).toEqual({ ok: true, value: 'unchanged' });
    expect(exchange.setLeverage(perp, 51, at(0))).toMatchObject({ code: 'leverage-too-high' });
    // at 50x at most 10,000 USD may be held
    const big = order({ qty: decimal('101'), limit: decimal('99') });
    expect(exchange.place(big, at(0))).toMatchObject({ code: 'leverage-too-high' });
    exchange.setLeverage(perp, 20, at(0));
    expect(exchange.place(big, at(0)).ok).toBe(true);
    expect(exchange.setLeverage(perp, 50, at(0))).toMatchObject({ code: 'leverage-too-high' });
  });
});
