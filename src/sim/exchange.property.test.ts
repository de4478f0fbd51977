// Laws of the simulated exchange under arbitrary commands in a wild market: every command is drawn
// by fast-check, every law is checked after every command.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scriptedMarket } from '../../test/support/scripted-market.ts';
import {
  abs,
  type Decimal,
  decimal,
  minus,
  negate,
  plus,
  sign,
  times,
  zero,
} from '../base/decimal.ts';
import { uniformAt } from '../base/prng.ts';
import { hourMs } from '../base/time.ts';
import { rowSize, slot } from '../domain/market-table.ts';
import type { SimEvent } from './api.ts';
import { createSimExchange, type FaultableExchange } from './exchange.ts';

type Command =
  | { readonly do: 'advance'; readonly venueMs: number; readonly wallMs: number }
  | {
      readonly do: 'place';
      readonly spot: boolean;
      readonly buy: boolean;
      readonly market: boolean;
      readonly tif: 'gtc' | 'ioc' | 'fok' | 'post-only';
      readonly lots: number;
      readonly offsetTicks: number;
      readonly reduceOnly: boolean;
    }
  | { readonly do: 'cancel-all' }
  | { readonly do: 'leverage'; readonly leverage: number }
  | { readonly do: 'adl'; readonly lots: number };

const advance = fc.record({
  do: fc.constant('advance' as const),
  venueMs: fc.oneof(fc.constantFrom(0, 1_000, hourMs), fc.integer({ min: 0, max: 20 * hourMs })),
  wallMs: fc.integer({ min: 0, max: 3_000 }),
});
const place = fc.record({
  do: fc.constant('place' as const),
  spot: fc.boolean(),
  buy: fc.boolean(),
  market: fc.boolean(),
  tif: fc.constantFrom('gtc' as const, 'ioc' as const, 'fok' as const, 'post-only' as const),
  lots: fc.oneof(fc.integer({ min: 60, max: 9_000 }), fc.integer({ min: 1, max: 60_000 })),
  offsetTicks: fc.integer({ min: -30, max: 30 }),
  reduceOnly: fc.boolean(),
});
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: advance },
  { weight: 12, arbitrary: place },
  { weight: 1, arbitrary: fc.constant({ do: 'cancel-all' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('leverage' as const),
      leverage: fc.integer({ min: 1, max: 50 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('adl' as const),
      lots: fc.integer({ min: 1, max: 2_000 }),
    }),
  },
);

const venues = ['binance', 'okx', 'bybit'] as const;

/** A price that jumps by up to a half each hour, and funding of both signs. */
function world(venue: string, seed: number) {
  const market = scriptedMarket(venue, {
    price: (tsMs) => 75 + Math.floor(uniformAt(seed, 1, Math.floor(tsMs / hourMs)) * 500) / 10,
    rate: (tsMs) => Math.round((uniformAt(seed, 2, Math.floor(tsMs / hourMs)) - 0.5) * 60) / 10_000,
    intervalMs: () => 4 * hourMs,
  });
  const wallets = venue === 'binance' ? ['spot', 'futures'] : ['unified'];
  const startBalances = wallets.map((wallet) => ({
    wallet,
    asset: 'USDT',
    amount: decimal('1000'),
  }));
  const exchange = createSimExchange({ venue, market, startBalances });
  const events: SimEvent[] = [];
  exchange.onEvent((event) => events.push(event));
  const now = { tsMs: market.startMs, wallMs: 0 };
  const apply = (step: Command): void => {
    switch (step.do) {
      case 'advance':
        now.tsMs += step.venueMs;
        now.wallMs += step.wallMs;
        exchange.advance(now);
        break;
      case 'place':
        exchange.place(
          {
            instrument: step.spot ? market.spot : market.perp,
            clientOrderId: null,
            side: step.buy ? 'buy' : 'sell',
            type: step.market ? 'market' : 'limit',
            timeInForce: step.market ? 'gtc' : step.tif,
            qty: decimal((step.lots / 1_000).toFixed(3)),
            limit: step.market ? null : limitAt(exchange, market.perp, step.offsetTicks),
            reduceOnly: step.reduceOnly && !step.spot,
          },
          now,
        );
        break;
      case 'cancel-all':
        exchange.cancelAll(null, now);
        break;
      case 'leverage':
        exchange.setLeverage(market.perp, step.leverage, now);
        break;
      case 'adl':
        exchange.deleverage(
          { instrument: market.perp, qty: decimal((step.lots / 1_000).toFixed(3)) },
          now,
        );
        break;
    }
  };
  return { market, exchange, events, apply, startBalances };
}

function limitAt(exchange: FaultableExchange, id: string, ticks: number): Decimal {
  return decimal((exchange.mark(id) + ticks / 10).toFixed(1));
}

/** Runs commands; `check` sees the world after each. */
function checkAlways(check: (made: ReturnType<typeof world>) => void): void {
  fc.assert(
    fc.property(
      fc.constantFrom(...venues),
      fc.integer({ min: 0, max: 1e6 }),
      fc.array(command, { minLength: 10, maxLength: 60, size: 'max' }),
      (venue, seed, commands) => {
        const made = world(venue, seed);
        for (const step of commands) {
          made.apply(step);
          check(made);
        }
      },
    ),
    { numRuns: 60 },
  );
}

const fillsOf = ({ exchange, market }: ReturnType<typeof world>) =>
  exchange.fills({ instrument: market.perp });

describe('laws', () => {
  it('a balance is exactly the sum of its bills, and each bill says the balance after it', () => {
    checkAlways(({ exchange }) => {
      const totals = new Map<string, Decimal>();
      for (const bill of exchange.bills({})) {
        const key = `${bill.wallet} ${bill.asset}`;
        const total = plus(totals.get(key) ?? zero, bill.amount);
        expect(bill.balanceAfter).toBe(total);
        totals.set(key, total);
      }
      for (const { wallet, asset, total } of exchange.balances()) {
        expect(totals.get(`${wallet} ${asset}`)).toBe(total);
      }
    });
  });

  it('cash is explained by fills and funding payments alone', () => {
    checkAlways(({ exchange, startBalances }) => {
      let cash = startBalances.reduce((total, each) => plus(total, each.amount), zero);
      for (const fill of exchange.fills({})) {
        const spot = fill.instrument.endsWith('SPOT');
        const cost = times(fill.price, fill.qty);
        if (spot) cash = plus(cash, fill.side === 'buy' ? negate(cost) : cost);
        cash = plus(cash, fill.realizedPnl);
        if (fill.feeAsset === 'USDT') cash = minus(cash, fill.feePaid);
      }
      for (const payment of exchange.fundingPayments({})) cash = plus(cash, payment.amount);
      for (const bill of exchange.bills({}).slice(startBalances.length)) {
        if (bill.kind === 'transfer') cash = plus(cash, bill.amount);
      }
      const held = exchange.balances().filter((each) => each.asset === 'USDT');
      expect(held.reduce((total, each) => plus(total, each.total), zero)).toBe(cash);
    });
  });

  it('coins are never negative, and never promised twice', () => {
    checkAlways(({ exchange }) => {
      for (const { asset, total, locked } of exchange.balances()) {
        if (asset === 'USDT') continue;
        expect(total).toBeGreaterThanOrEqual(0n);
        expect(locked).toBeLessThanOrEqual(total);
      }
    });
  });

  it('the position is the sum of its fills, and flat costs nothing', () => {
    checkAlways((made) => {
      const qty = fillsOf(made).reduce(
        (total, fill) => plus(total, fill.side === 'buy' ? fill.qty : negate(fill.qty)),
        zero,
      );
      const position = made.exchange.position(made.market.perp);
      expect(position.qty).toBe(qty);
      if (qty === zero) expect(position.unrealizedPnl).toBe(zero);
    });
  });

  it('a fill of a reduce-only order brings the position nearer to zero, never past it', () => {
    checkAlways((made) => {
      const reduceOnly = new Set(
        made.exchange
          .orders({})
          .filter((order) => order.reduceOnly)
          .map((order) => order.orderId),
      );
      let before: Decimal = zero;
      for (const fill of fillsOf(made)) {
        if (reduceOnly.has(fill.orderId)) {
          expect(abs(fill.positionAfter)).toBe(minus(abs(before), fill.qty));
        }
        before = fill.positionAfter;
      }
    });
  });

  it('funding has the sign opposite to position x rate, at settlement times alone', () => {
    checkAlways((made) => {
      for (const payment of made.exchange.fundingPayments({})) {
        expect(payment.settledAtMs % (4 * hourMs)).toBe(0);
        const rateSign = Math.sign(payment.rate);
        expect(sign(payment.amount) + sign(payment.qty) * rateSign).toBe(0);
      }
    });
  });

  it('no resting order crosses the published book, and no order is overfilled', () => {
    checkAlways(({ exchange }) => {
      for (const order of exchange.orders({})) expect(order.filledQty <= order.qty).toBe(true);
      for (const order of exchange.openOrders(null)) {
        const { bid, ask, bidQty, askQty } = exchange.quote(order.instrument);
        const limit = Number(order.limit) / 1e18;
        if (order.side === 'buy' && askQty > 0) expect(limit).toBeLessThan(ask);
        if (order.side === 'sell' && bidQty > 0) expect(limit).toBeGreaterThan(bid);
      }
    });
  });

  it('after every tick the wallet covers its maintenance margin, or holds nothing', () => {
    checkAlways(({ exchange, market }) => {
      const { wallet } = exchange.instrument(market.perp)?.instrument ?? { wallet: '' };
      exchange.advance({ tsMs: 0, wallMs: 0 });
      const { equity, maintenanceMargin, available } = exchange.margin(wallet);
      expect(available >= zero).toBe(true);
      if (exchange.fills({}).at(-1)?.forced === 'liquidation') {
        expect(equity >= maintenanceMargin).toBe(true);
      }
    });
  });

  it('taken depth is back after the refill time, and the generator never notices', () => {
    checkAlways(({ exchange, market, events }) => {
      const at = events.at(-1)?.tsMs ?? market.startMs;
      for (const id of [market.perp, market.spot]) {
        const shown = exchange.book(id, 20);
        const base = market.baseBook(id, shown.tsMs, 20);
        const total = (levels: readonly (readonly [number, number])[]): number =>
          levels.reduce((sum, [, qty]) => sum + qty, 0);
        expect(total(shown.asks)).toBeLessThanOrEqual(total(base.asks) + 1e-9);
        expect(total(shown.bids)).toBeLessThanOrEqual(total(base.bids) + 1e-9);
        expect(shown.tsMs).toBeGreaterThanOrEqual(market.gridTime(at) - 20 * hourMs);
      }
    });
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40, size: 'max' }), (commands) => {
        const { exchange, apply, market } = world('okx', 3);
        for (const step of commands) apply(step);
        // Resting orders would take what comes back.
        exchange.cancelAll(null, { tsMs: 0, wallMs: 0 });
        exchange.advance({ tsMs: 0, wallMs: 1e9 });
        for (const id of [market.perp, market.spot]) {
          const shown = exchange.book(id, 20);
          const { bids, asks } = market.baseBook(id, shown.tsMs, 20);
          expect([shown.bids, shown.asks]).toEqual([bids, asks]);
        }
      }),
    );
  });

  it('what is shown without an object is what the single questions answer', () => {
    checkAlways(({ exchange, market }) => {
      for (const id of [market.perp, market.spot]) {
        const row = new Float64Array(rowSize);
        exchange.show(id, row);
        const { bid, bidQty, ask, askQty, tsMs } = exchange.quote(id);
        const funding = exchange.funding(id);
        expect([...row.slice(slot.bid, slot.quoteWallMs)]).toEqual([
          bid,
          bidQty,
          ask,
          askQty,
          tsMs,
        ]);
        expect([row[slot.mark], row[slot.index]]).toEqual([exchange.mark(id), exchange.index(id)]);
        expect([...row.slice(slot.ratePerInterval, slot.fundingWallMs)]).toEqual([
          funding?.ratePerInterval ?? Number.NaN,
          funding?.intervalMs ?? Number.NaN,
          funding?.settlesAtMs ?? Number.NaN,
        ]);
      }
    });
  });

  it('the same calls at the same times give the same events', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...venues),
        fc.array(command, { maxLength: 40, size: 'max' }),
        (venue, all) => {
          const [a, b] = [world(venue, 5), world(venue, 5)];
          for (const step of all) {
            a.apply(step);
            b.apply(step);
            // Reading changes nothing.
            b.exchange.book(b.market.perp, 5);
            b.exchange.show(b.market.perp, new Float64Array(rowSize));
            b.exchange.positions();
          }
          expect(b.events).toEqual(a.events);
        },
      ),
      { numRuns: 50 },
    );
  });
});
