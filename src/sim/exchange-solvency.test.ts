import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decimal, decimal, fromNumber, times } from '../base/decimal.ts';
import type { SimInstrument } from './api.ts';
import { Account } from './exchange-account.ts';
import { Orders } from './exchange-orders.ts';
import { listingsOf } from './listings/listings-of.ts';

const perps = listingsOf('bybit').filter(({ instrument }) => instrument.kind === 'linear-perp');
const [first, second] = perps.slice(0, 2) as [SimInstrument, SimInstrument];
const ids = [first.instrument.id, second.instrument.id];

describe('a wallet that is clearly solvent', () => {
  const qty = fc.integer({ min: -2_000, max: 2_000 });
  const price = fc.double({ min: 1, max: 200, noNaN: true });

  it('is solvent by the exact figures too, with any two positions at any marks', () => {
    let clear = 0;
    let under = 0;
    fc.assert(
      fc.property(qty, qty, price, price, price, price, (q1, q2, e1, e2, m1, m2) => {
        const marks = new Map([
          [ids[0], m1],
          [ids[1], m2],
        ]);
        const account = new Account({
          listed: new Map([first, second].map((item) => [item.instrument.id, item])),
          orders: new Orders(),
          markOf: (id) => marks.get(id) ?? Number.NaN,
          leverageDefault: 20,
          startBalances: [{ wallet: 'unified', asset: 'USDT', amount: decimal('40000') }],
          startMs: 0,
        });
        for (const [i, [held, entry]] of [
          [q1, e1],
          [q2, e2],
        ].entries() as IterableIterator<[number, [number, number]]>) {
          const size = fromNumber(held) as Decimal;
          const cost = times(size, fromNumber(entry));
          account.setState(ids[i] as string, { qty: size, cost, updatedTsMs: 0 });
        }
        const { equity, maintenanceMargin } = account.margin('unified');
        if (equity < maintenanceMargin) under++;
        if (!account.isClearlySolvent({ wallet: 'unified', coin: null })) return;
        clear++;
        expect(equity >= maintenanceMargin).toBe(true);
      }),
      { numRuns: 2_000 },
    );
    expect(Math.min(clear, under)).toBeGreaterThan(100);
  });
});
