import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instrumentOf } from '../../test/support/strategy-fixtures.ts';
import {
  type Decimal,
  decimal,
  formatDecimal,
  fromNumber,
  isMultipleOf,
  minus,
  one,
  roundToStep,
  times,
} from '../base/decimal.ts';
import type { Instrument } from '../domain/instrument.ts';
import { commonLot, sizePair, spotBuyQty } from './sizing.ts';

function perp(venue: string, lot: string, changes: Partial<Instrument> = {}): Instrument {
  const lotSize = decimal(lot);
  return instrumentOf(venue, 'linear-perp', { lotSize, qtyMin: lotSize, ...changes });
}

function size(long: Instrument, short: Instrument, notionalUsd: number, price = 50_000) {
  const prices = { longPrice: price, shortPrice: price };
  return sizePair({ long, short, ...prices, notionalUsd, notionalUsdMin: 100 });
}

describe('the size of a pair', () => {
  it('is a multiple of the least lot that both legs can trade', () => {
    // OKX BTC-USDT-SWAP: 0.01 BTC per contract, lots of 0.01 contracts = 0.0001 BTC. Binance:
    // 0.001.
    expect(commonLot(perp('okx', '0.0001'), perp('binance', '0.001'))).toBe(decimal('0.001'));
    // lcm(0.02, 0.03) = 0.06.
    expect(commonLot(perp('okx', '0.02'), perp('bybit', '0.03'))).toBe(decimal('0.06'));
    expect(commonLot(perp('okx', '1'), perp('bybit', '1', { lotSize: null }))).toBeNull();
  });

  it('rounds the wanted notional down to the common lot', () => {
    // 4,000 / 50,000 = 0.08 exactly; 3,999 / 50,000 = 0.07998 -> 0.079.
    expect(size(perp('okx', '0.0001'), perp('binance', '0.001'), 4_000)).toMatchObject({
      ok: true,
      qty: decimal('0.08'),
    });
    expect(size(perp('okx', '0.0001'), perp('binance', '0.001'), 3_999)).toMatchObject({
      qty: decimal('0.079'),
    });
  });

  it.each([
    ['less than one lot', perp('okx', '1'), 4_000],
    ['below a minimum quantity', perp('okx', '0.001', { qtyMin: decimal('0.1') }), 4_000],
    ['below a minimum notional', perp('okx', '0.001', { notionalMin: decimal('5000') }), 4_000],
    ['below the own minimum', perp('okx', '0.001'), 99],
  ])('is refused at %s', (_, instrument, notionalUsd) => {
    const other = perp('binance', '0.001');
    expect(size(instrument, other, notionalUsd)).toEqual({ ok: false, code: 'too-small' });
    expect(size(other, instrument, notionalUsd)).toEqual({ ok: false, code: 'too-small' });
  });

  it('stays within both maxima', () => {
    const small = perp('okx', '0.001', { qtyMax: decimal('0.0305') });
    expect(size(perp('binance', '0.001'), small, 4_000)).toMatchObject({ qty: decimal('0.03') });
  });

  it('never passes the wanted notional and is always on both grids', () => {
    const lots = fc.constantFrom('0.0001', '0.001', '0.003', '0.01', '0.025', '1', '1000');
    const price = fc.double({ min: 0.001, max: 100_000, noNaN: true });
    fc.assert(
      fc.property(lots, lots, price, price, (a, b, longPrice, shortPrice) => {
        const long = perp('okx', a);
        const short = perp('bybit', b);
        const wanted = { longPrice, shortPrice, notionalUsd: 4_000, notionalUsdMin: 100 };
        const sizing = sizePair({ long, short, ...wanted });
        if (!sizing.ok) return;
        expect(isMultipleOf(sizing.qty, decimal(a)) && isMultipleOf(sizing.qty, decimal(b))).toBe(
          true,
        );
        const dearer = Math.max(longPrice, shortPrice);
        expect(Number(formatDecimal(sizing.qty)) * dearer).toBeLessThanOrEqual(4_000 * (1 + 1e-9));
      }),
    );
  });

  it('is what exact arithmetic says, also where a double is beside a whole number of lots', () => {
    const lots = fc.constantFrom('0.0001', '0.001', '0.003', '0.7', '1', '1000');
    const near = fc.constantFrom(0, 1e-16, -1e-16, 1e-13, -1e-13, 1e-9, 0.3);
    const count = fc.integer({ min: 1, max: 100_000 });
    const price = fc.constantFrom(0.001, 0.37, 1, 3, 99.99, 65_000);
    const check = (lot: string, k: number, off: number, at: number) => {
      const [long, short] = [perp('okx', lot), perp('bybit', lot, { notionalMin: decimal('50') })];
      const notionalUsd = k * Number(lot) * at * (1 + off);
      const prices = { longPrice: at, shortPrice: at };
      const sizing = sizePair({ long, short, ...prices, notionalUsd, notionalUsdMin: 20 });
      const qty = roundToStep(fromNumber(notionalUsd / at), decimal(lot), 'down');
      const notional = times(qty, fromNumber(at));
      const fits = qty >= decimal(lot) && notional >= decimal('50');
      expect(sizing).toEqual(
        fits ? { ok: true, qty, lot: decimal(lot) } : { ok: false, code: 'too-small' },
      );
    };
    fc.assert(fc.property(lots, count, near, price, check), { numRuns: 1_000 });
  });
});

describe('a spot buy whose fee is taken in base', () => {
  const buy = (qty: string, fee: string, lot: string) =>
    formatDecimal(spotBuyQty({ qty: decimal(qty), feeRate: decimal(fee), lotSize: decimal(lot) }));

  it('orders so much more that the hedged quantity arrives', () => {
    // 0.08 / 0.999 = 0.08008008... -> 0.08009 at lots of 0.00001.
    expect(buy('0.08', '0.001', '0.00001')).toBe('0.08009');
    expect(buy('0.08', '0', '0.00001')).toBe('0.08');
  });

  it('leaves at least the quantity and less than one lot of dust', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 0, max: 500 }),
        (k, feeBps) => {
          const lotSize = decimal('0.001');
          const qty = (BigInt(k) * lotSize) as Decimal; // brand: a multiple of a decimal
          const feeRate = decimal((feeBps / 10_000).toFixed(4));
          const bought = spotBuyQty({ qty, feeRate, lotSize });
          const kept = times(bought, minus(one, feeRate));
          expect(kept >= qty).toBe(true);
          expect(minus(kept, qty) < lotSize).toBe(true);
        },
      ),
    );
  });
});
