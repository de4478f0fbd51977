import { describe, expect, it } from 'vitest';
import { placed, simExchange as setup, text } from '../../test/support/sim-exchange.ts';
import { type Decimal, decimal, plus, zero } from '../base/decimal.ts';
import { hourMs } from '../base/time.ts';

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
