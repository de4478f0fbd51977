import { describe, expect, it } from 'vitest';
import { type Script, scriptedMarket } from '../../test/support/scripted-market.ts';
import { type Decimal, decimal, formatDecimal, plus, zero } from '../base/decimal.ts';
import { hourMs } from '../base/time.ts';
import type { SimEvent, SimOrder, SimOrderRequest, SimResult } from './api.ts';
import { createSimExchange } from './exchange.ts';
import type { ExchangeRules } from './exchange-rules.ts';

function setup(
  options: {
    readonly venue?: string;
    readonly script?: Partial<Script>;
    readonly usdt?: string;
    readonly rules?: Partial<ExchangeRules>;
  } = {},
) {
  const venue = options.venue ?? 'bybit';
  const market = scriptedMarket(venue, options.script);
  const usdt = decimal(options.usdt ?? '10000');
  const wallets = venue === 'binance' ? ['spot', 'futures'] : ['unified'];
  const exchange = createSimExchange({
    venue,
    market,
    startBalances: wallets.map((wallet) => ({ wallet, asset: 'USDT', amount: usdt })),
    ...(options.rules === undefined ? {} : { rules: options.rules }),
  });
  const events: SimEvent[] = [];
  exchange.onEvent((event) => events.push(event));
  const { startMs, perp, spot } = market;
  const at = (venueMs: number, wallMs = venueMs) => ({ tsMs: startMs + venueMs, wallMs });
  const order = (change: Partial<SimOrderRequest> = {}): SimOrderRequest => ({
    instrument: perp,
    clientOrderId: null,
    side: 'buy',
    type: 'limit',
    timeInForce: 'gtc',
    qty: decimal('1'),
    limit: change.type === 'market' ? null : decimal('100'),
    reduceOnly: false,
    ...change,
  });
  const wallet = venue === 'binance' ? 'futures' : 'unified';
  const total = (asset = 'USDT', name = wallet): string =>
    formatDecimal(
      exchange.balances().find((b) => b.asset === asset && b.wallet === name)?.total ?? zero,
    );
  return { exchange, market, events, at, order, total, perp, spot, startMs };
}

function placed(result: SimResult<SimOrder>): SimOrder {
  if (!result.ok) throw new Error(`${result.code}: ${result.message}`);
  return result.value;
}

const text = (value: Decimal | null): string | null =>
  value === null ? null : formatDecimal(value);

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

describe('funding', () => {
  const eight = 8 * hourMs;

  it('a positive rate is paid by longs and received by shorts, at the exact time', () => {
    for (const [side, amount] of [
      // 2 x 100 x 0.0001 = 0.02
      ['buy', '-0.02'],
      ['sell', '0.02'],
    ] as const) {
      const { exchange, order, at, startMs, events } = setup();
      placed(exchange.place(order({ type: 'market', side, qty: decimal('2') }), at(0)));
      events.length = 0;
      exchange.advance(at(eight - 1));
      expect(exchange.fundingPayments({})).toEqual([]);
      exchange.advance(at(eight + 20 * 60_000));
      const [payment] = exchange.fundingPayments({});
      expect(payment?.settledAtMs).toBe(startMs + eight);
      expect(text(payment?.amount ?? null)).toBe(amount);
      expect(events.map((event) => event.kind)).toEqual(['funding-payment', 'balance', 'position']);
      const bill = exchange.bills({}).at(-1);
      expect([bill?.kind, bill?.id, bill?.amount]).toEqual([
        'funding',
        payment?.id,
        payment?.amount,
      ]);
    }
  });

  it('one jump over three settlements pays three times, in order', () => {
    const { exchange, order, at, startMs } = setup();
    placed(exchange.place(order({ type: 'market' }), at(0)));
    exchange.advance(at(3 * eight));
    expect(exchange.fundingPayments({}).map((p) => p.settledAtMs - startMs)).toEqual([
      eight,
      2 * eight,
      3 * eight,
    ]);
  });

  it('an order at the settlement instant comes after the settlement', () => {
    const { exchange, order, at } = setup();
    placed(exchange.place(order({ type: 'market' }), at(eight)));
    expect(exchange.fundingPayments({})).toEqual([]);
  });

  it('a changed interval shows in the listing and is told', () => {
    const start = setup().startMs;
    const { exchange, at, perp, events } = setup({
      script: { intervalMs: (ts) => (ts - start < eight ? eight : hourMs) },
    });
    exchange.advance(at(eight));
    expect(events).toEqual([
      { kind: 'interval-change', instrument: perp, intervalMs: hourMs, tsMs: start + eight },
    ]);
    expect(exchange.instrument(perp)?.instrument.fundingIntervalMs).toBe(hourMs);
    expect(exchange.funding(perp)).toMatchObject({
      intervalMs: hourMs,
      settlesAtMs: start + eight + hourMs,
      lastSettledAtMs: start + eight,
      lastSettledRate: 0.0001,
    });
  });

  it('history covers both ends of the range and nothing after now', () => {
    const { exchange, at, perp, startMs } = setup();
    exchange.advance(at(eight));
    const history = exchange.fundingHistory(perp, { fromMs: startMs, toMs: startMs + 5 * eight });
    expect(history).toEqual([
      { settledAtMs: startMs, rate: 0.0001, mark: 100 },
      { settledAtMs: startMs + eight, rate: 0.0001, mark: 100 },
    ]);
  });
});

describe('liquidation', () => {
  // Short 9 at 99.9 with 100 USDT at 10x. Fee 899.1 x 0.0005 = 0.44955, wallet 99.55045.
  // Equity = 99.55045 + 899.1 - 9 P, maintenance 1% of 9 P: 998.65045 = 9.09 P, P = 109.8625907...
  function short(price: number) {
    const start = setup().startMs;
    const world = setup({
      usdt: '100',
      script: { price: (ts) => (ts - start < 10_000 ? 100 : price) },
    });
    const { exchange, order, at } = world;
    placed(exchange.place(order({ type: 'market', side: 'sell', qty: decimal('5') }), at(0)));
    exchange.advance(at(5_000));
    placed(
      exchange.place(
        order({ side: 'sell', timeInForce: 'ioc', qty: decimal('4'), limit: decimal('99.9') }),
        at(5_000),
      ),
    );
    return world;
  }

  it('the liquidation price solves equity = maintenance margin', () => {
    const { exchange, perp } = short(100);
    expect(text(exchange.position(perp).qty)).toBe('-9');
    expect(exchange.position(perp).liquidationPrice).toBeCloseTo(998.65045 / 9.09, 9);
  });

  it('nothing happens just under it', () => {
    const { exchange, at, perp } = short(109.8);
    exchange.advance(at(10_000));
    expect(text(exchange.position(perp).qty)).toBe('-9');
  });

  it('above it open orders go, the position is closed at the mark and the fee is charged', () => {
    const { exchange, order, at, perp, total } = short(109.9);
    placed(exchange.place(order({ limit: decimal('60'), qty: decimal('1') }), at(6_000)));
    exchange.advance(at(10_000));
    expect(exchange.openOrders(null)).toEqual([]);
    expect(exchange.position(perp).qty).toBe(zero);
    const last = exchange.fills({}).at(-1);
    expect(last?.forced).toBe('liquidation');
    expect(last?.clientOrderId).toMatch(/^autoclose-/);
    // 9 x 109.9 = 989.1, fee 0.5% = 4.9455, loss 9 x 10 = 90: 99.55045 - 94.9455
    expect([text(last?.price ?? null), text(last?.feePaid ?? null)]).toEqual(['109.9', '4.9455']);
    expect(total()).toBe('4.60495');
    expect(exchange.bills({}).at(-1)?.kind).toBe('liquidation-fee');
  });

  it('only as much is closed as covers the rest, the largest position first', () => {
    // 6 of ETH and 4 of BTC short at 99.9 each with 100.5: fees 999 x 0.05% = 0.4995, wallet
    // 100.0005. At 109 equity is 100.0005 + 999 - 1090 = 9.0005 under 10.9 of maintenance margin.
    // Closing 6 at 109 costs 0.5% of 654 = 3.27: equity 5.7305 covers the 4.36 of what is left.
    const start = setup().startMs;
    const { exchange, order, at, perp } = setup({
      usdt: '100.5',
      rules: { leverageDefault: 20 },
      script: {
        price: (ts) => (ts - start < 10_000 ? 100 : 109),
        second: true,
        levelQty: 10,
      },
    });
    const eth = 'bybit:ETH-USDT-PERP';
    const sell = { type: 'market', side: 'sell' } as const;
    placed(exchange.place(order({ ...sell, instrument: perp, qty: decimal('4') }), at(0)));
    placed(exchange.place(order({ ...sell, instrument: eth, qty: decimal('6') }), at(0)));
    exchange.advance(at(10_000));
    expect(exchange.position(eth).qty).toBe(zero);
    expect(text(exchange.position(perp).qty)).toBe('-4');
    expect(text(exchange.margin('unified').equity)).toBe('5.7305');
  });

  it('the insurance fund pays what the account cannot', () => {
    const { exchange, at, total } = short(140);
    exchange.advance(at(10_000));
    expect(total()).toBe('0');
    expect(exchange.bills({}).at(-1)?.kind).toBe('transfer');
  });

  it('auto-deleveraging closes a part at the mark without a fee', () => {
    const { exchange, at, perp } = short(100);
    const order = placed(exchange.deleverage({ instrument: perp, qty: decimal('4') }, at(6_000)));
    expect(order.clientOrderId).toMatch(/^adl_autoclose-/);
    expect(text(exchange.position(perp).qty)).toBe('-5');
    const fill = exchange.fills({}).at(-1);
    expect([fill?.forced, text(fill?.price ?? null), fill?.feePaid]).toEqual(['adl', '100', zero]);
  });
});

describe('history', () => {
  it('pages forward from an id and keeps the newest without one', () => {
    const { exchange, order, at, startMs } = setup();
    for (const k of [0, 1, 2, 3]) placed(exchange.place(order({ limit: decimal('90') }), at(k)));
    const ids = exchange.orders({}).map((o) => o.orderId);
    expect(exchange.orders({ limit: 2 }).map((o) => o.orderId)).toEqual(ids.slice(2));
    expect(exchange.orders({ afterId: ids[0] as string, limit: 2 }).map((o) => o.orderId)).toEqual(
      ids.slice(1, 3),
    );
    expect(exchange.orders({ fromMs: startMs + 1, toMs: startMs + 2 })).toHaveLength(2);
  });

  it('bills of an asset add up to its balance', () => {
    const { exchange, order, at, spot, total } = setup({ venue: 'binance' });
    placed(exchange.place(order({ type: 'market', qty: decimal('3') }), at(0)));
    placed(exchange.place(order({ instrument: spot, type: 'market' }), at(0)));
    exchange.advance(at(24 * hourMs));
    const sums = new Map<string, Decimal>();
    for (const bill of exchange.bills({})) {
      const key = `${bill.wallet} ${bill.asset}`;
      sums.set(key, plus(sums.get(key) ?? zero, bill.amount));
    }
    for (const { wallet, asset } of exchange.balances()) {
      expect(text(sums.get(`${wallet} ${asset}`) ?? zero)).toBe(total(asset, wallet));
    }
  });
});
