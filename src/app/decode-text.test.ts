import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimal } from '../base/decimal.ts';
import { flatEvent, plainNumber } from './decode-text.ts';

describe('plainNumber', () => {
  it.each([
    [1e-7, '0.0000001'],
    [1.5e-9, '0.0000000015'],
    [1e21, '1000000000000000000000'],
    [1.25e22, '12500000000000000000000'],
    [-0, '0'],
    [0.1, '0.1'],
    [-64123.4, '-64123.4'],
    [0.01012 / 1000, '0.00001012'],
    [0.0000178542386529, '0.0000178542386529'],
  ])('%d reads %s', (value, expected) => {
    expect(plainNumber(value)).toBe(expected);
  });

  it('what is not a number is unknown', () => {
    expect(plainNumber(Number.NaN)).toBeNull();
    expect(plainNumber(Number.POSITIVE_INFINITY)).toBeNull();
  });

  it('never has an exponent, and reads back to the same number within 15 digits', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e300, max: 1e300 }), (value) => {
        const text = plainNumber(value) ?? '';
        expect(text).not.toMatch(/e/i);
        expect(Math.abs(Number(text) - value)).toBeLessThanOrEqual(Math.abs(value) * 1e-14);
      }),
    );
  });
});

describe('flatEvent', () => {
  const stamp = {
    venue: 'okx',
    symbol: 'BTC-USDT-SWAP',
    instrument: 'okx:BTC-USDT-PERP',
    venueTsMs: 1_700_000_000_000,
  };

  it('puts the kind first and tells money and rates as text, times as numbers', () => {
    const flat = flatEvent({
      kind: 'funding-rate',
      ...stamp,
      ratePerInterval: 0.0000001,
      intervalMs: 28_800_000,
      settlesAtMs: 1_700_006_400_000,
      nextRate: null,
      cap: null,
      floor: null,
      settled: false,
    });
    expect(Object.keys(flat)[0]).toBe('kind');
    expect(flat).toMatchObject({
      ratePerInterval: '0.0000001',
      intervalMs: 28_800_000,
      settlesAtMs: 1_700_006_400_000,
      nextRate: null,
      cap: null,
      floor: null,
      venueTsMs: 1_700_000_000_000,
    });
  });

  it('levels of a book are pairs of texts, sequence numbers stay texts', () => {
    const flat = flatEvent({
      kind: 'depth',
      ...stamp,
      snapshot: true,
      bids: [[64_123.4, 0.00001]],
      asks: [],
      seq: '9007199254740993',
      prevSeq: '-1',
      firstSeq: null,
    });
    expect(flat).toMatchObject({ bids: [['64123.4', '0.00001']], seq: '9007199254740993' });
  });

  it('a position has an exact signed quantity and a plain leverage', () => {
    const flat = flatEvent({
      kind: 'position',
      ...stamp,
      qty: decimal('-0.5'),
      entryPrice: decimal('64000.10'),
      markPrice: 64_001,
      liquidationPrice: null,
      leverage: 3,
    });
    expect(flat).toMatchObject({
      qty: '-0.5',
      entryPrice: '64000.1',
      markPrice: '64001',
      leverage: 3,
    });
  });
});
