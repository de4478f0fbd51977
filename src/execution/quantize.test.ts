import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Decimal, decimal, formatDecimal, fromNumber, roundToStep } from '../base/decimal.ts';
import type { Instrument } from '../domain/instrument.ts';
import { checkFilters, quantizeLimit, quantizeQty } from './quantize.ts';

const long: Instrument = {
  id: 'binance:BTC-USDT-PERP',
  venue: 'binance',
  symbol: 'BTCUSDT',
  kind: 'linear-perp',
  base: 'BTC',
  quote: 'USDT',
  settle: 'USDT',
  wallet: 'futures',
  contractSize: decimal('1'),
  qtyUnit: decimal('1'),
  priceUnit: decimal('1'),
  tickSize: decimal('0.1'),
  lotSize: decimal('0.001'),
  qtyMin: decimal('0.001'),
  qtyMax: null,
  notionalMin: decimal('5'),
  status: 'trading',
  fundingIntervalMs: null,
  leverageMax: null,
};

describe('quantize', () => {
  it('never gives a worse price than asked for, and keeps what is on the grid', () => {
    expect(formatDecimal(quantizeLimit(long, 'buy', 50_000.19) as Decimal)).toBe('50000.1');
    expect(formatDecimal(quantizeLimit(long, 'sell', 50_000.11) as Decimal)).toBe('50000.2');
    expect(formatDecimal(quantizeLimit(long, 'sell', 50_000.1) as Decimal)).toBe('50000.1');
    expect(quantizeLimit({ ...long, tickSize: null }, 'buy', 1)).toBeNull();
    expect(quantizeLimit(long, 'buy', Number.NaN)).toBeNull();
  });

  it('is the exact rounding of the shortest text, however near to the grid', () => {
    const sides = fc.constantFrom('buy' as const, 'sell' as const);
    const ticks = fc.constantFrom('0.1', '0.01', '0.0001', '0.5', '0.00000001', '25');
    const near = fc.constantFrom(0, 1e-16, -1e-16, 1e-13, -1e-13, 1e-9, -1e-9, 0.3, -0.3);
    fc.assert(
      fc.property(sides, ticks, fc.integer({ min: 1, max: 2e9 }), near, (side, text, n, off) => {
        const tickSize = decimal(text);
        const price = n * Number(text) * (1 + off);
        const rounding = side === 'buy' ? 'floor' : 'ceil';
        const exact = roundToStep(fromNumber(price), tickSize, rounding);
        const expected = exact > 0n ? exact : tickSize;
        expect(quantizeLimit({ ...long, tickSize }, side, price)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('rounds quantities down and caps them', () => {
    const capped = { ...long, qtyMax: decimal('0.05') };
    expect(formatDecimal(quantizeQty(capped, decimal('0.1239')) as Decimal)).toBe('0.05');
    expect(formatDecimal(quantizeQty(long, decimal('0.1239')) as Decimal)).toBe('0.123');
  });

  it.each([
    ['0.0005', false, 'qty-off-lot'],
    ['0', false, 'qty-off-lot'],
  ])('refuses a quantity of %s', (qty, reduceOnly, code) => {
    const result = checkFilters(long, { qty: decimal(qty), price: decimal('50000'), reduceOnly });
    expect(result).toMatchObject({ ok: false, code });
  });

  it('asks for the minimum notional only of orders that add', () => {
    const order = { qty: decimal('0.001'), price: decimal('1000') };
    expect(checkFilters(long, { ...order, reduceOnly: false })).toMatchObject({ ok: false });
    expect(checkFilters(long, { ...order, reduceOnly: true })).toEqual({ ok: true });
  });
});
