import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Decimal,
  decimal,
  decimalsOf,
  formatDecimal,
  fromNumber,
  isMultipleOf,
  leastCommonMultiple,
  over,
  plus,
  roundToStep,
  times,
  toNumber,
  tryDecimal,
  zero,
} from './decimal.ts';

const decimals = fc
  .bigInt({ min: -(10n ** 40n), max: 10n ** 40n })
  .map((value) => value as Decimal); // brand: any bigint is a count of 1e-18

describe('decimal text', () => {
  it.each([
    ['0', '0'],
    ['-0', '0'],
    ['1.50', '1.5'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['+3', '3'],
    ['1e-7', '0.0000001'],
    ['1.5E3', '1500'],
    ['0.000000000000000001', '0.000000000000000001'],
    ['0.1000000000000000000000', '0.1'],
    ['-12345678901234567890.123', '-12345678901234567890.123'],
  ])('reads %s as %s', (text, expected) => {
    expect(formatDecimal(decimal(text))).toBe(expected);
  });

  it.each([
    '',
    ' 1',
    '1 ',
    'abc',
    '1.2.3',
    '--1',
    '.',
    'e5',
    '1e',
    'NaN',
    'Infinity',
    '0x10',
    '1e99',
  ])('refuses %j instead of guessing', (text) => {
    expect(tryDecimal(text)).toBeNull();
  });

  it('refuses what it cannot hold exactly', () => {
    expect(tryDecimal('0.0000000000000000001')).toBeNull();
    expect(tryDecimal('9'.repeat(100))).toBeNull();
  });

  it('formats what it parsed and parses what it formatted', () => {
    fc.assert(
      fc.property(decimals, (value) => {
        expect(decimal(formatDecimal(value))).toBe(value);
      }),
    );
  });

  it('takes a number through its shortest text', () => {
    expect(formatDecimal(fromNumber(0.1 + 0.2))).toBe('0.30000000000000004');
    expect(formatDecimal(fromNumber(67_123.4))).toBe('67123.4');
    expect(formatDecimal(fromNumber(1e-7))).toBe('0.0000001');
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e9, noNaN: true }), (value) => {
        expect(toNumber(fromNumber(value))).toBe(value);
      }),
    );
  });
});

describe('decimals and doubles without a text in between', () => {
  /** From the smallest unit to far beyond any balance, on coarse and fine grids. */
  const onGrids = fc
    .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.integer({ min: 0, max: 18 }))
    .map(([count, places]) => (count * 10n ** BigInt(18 - places)) as Decimal); // brand: a count
  /** Half way between two doubles, where a wrong last bit would show, and next to it. */
  const ties = fc
    .tuple(
      fc.bigInt({ min: 2n ** 52n, max: 2n ** 53n - 1n }),
      fc.integer({ min: 1, max: 18 }),
      fc.bigInt({ min: -1n, max: 1n }),
    )
    .map(([whole, bits, off]) => {
      const half = (2n * whole + 1n) * 10n ** 18n;
      return (half / 2n ** BigInt(bits + 1) + off) as Decimal; // brand: a count of 1e-18
    });

  it('round to the double that the text would give', () => {
    fc.assert(
      fc.property(fc.oneof(decimals, onGrids, ties), (value) => {
        expect(toNumber(value)).toBe(Number(formatDecimal(value)));
      }),
      { numRuns: 3_000 },
    );
  });

  it('take a number to the decimal that its shortest text names', () => {
    const texts = fc
      .tuple(fc.integer({ min: -999_999_999, max: 999_999_999 }), fc.integer({ min: -12, max: 9 }))
      .map(([mantissa, exponent]) => Number(`${mantissa}e${exponent}`));
    const values = fc.oneof(texts, fc.double({ min: -1e15, max: 1e15, noNaN: true }));
    fc.assert(
      fc.property(values, (value) => {
        const text = String(value);
        const named = tryDecimal(text.includes('e') ? text : `${text}e0`);
        expect(fromNumber(value)).toBe(named ?? tryDecimal(value.toFixed(18)));
      }),
      { numRuns: 3_000 },
    );
    expect(() => fromNumber(Number.NaN)).toThrow('not a finite number');
    expect(() => fromNumber(Number.POSITIVE_INFINITY)).toThrow('not a finite number');
    expect(fromNumber(-0)).toBe(zero);
  });

  it('are read from plain texts as from the same text with an exponent', () => {
    const texts = fc.stringMatching(/^[+-]?\d{0,20}\.?\d{0,20}$/);
    fc.assert(
      fc.property(texts, (text) => {
        expect(tryDecimal(text)).toBe(tryDecimal(`${text}e0`));
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('decimal arithmetic', () => {
  it.each([
    ['down', '2', '-2'],
    ['up', '3', '-3'],
    ['floor', '2', '-3'],
    ['ceil', '3', '-2'],
    ['half-even', '2', '-2'],
  ] as const)('rounds 2.5 and -2.5 to the step 1 %s', (rounding, positive, negative) => {
    expect(formatDecimal(roundToStep(decimal('2.5'), decimal('1'), rounding))).toBe(positive);
    expect(formatDecimal(roundToStep(decimal('-2.5'), decimal('1'), rounding))).toBe(negative);
  });

  it('multiplies prices and quantities exactly', () => {
    // 67123.4 x 0.012 = 805.4808
    expect(formatDecimal(times(decimal('67123.4'), decimal('0.012')))).toBe('805.4808');
    expect(formatDecimal(times(decimal('-0.0001'), decimal('805.4808')))).toBe('-0.08054808');
  });

  it('divides to 18 decimals, half even', () => {
    expect(formatDecimal(over(decimal('1'), decimal('3')))).toBe('0.333333333333333333');
    expect(formatDecimal(over(decimal('2'), decimal('3')))).toBe('0.666666666666666667');
  });

  it('is the identity on the grid and lands on it from anywhere', () => {
    const steps = fc.constantFrom('0.1', '0.5', '0.001', '25', '0.00000001').map(decimal);
    fc.assert(
      fc.property(decimals, steps, (value, step) => {
        const down = roundToStep(value, step, 'floor');
        expect(isMultipleOf(down, step)).toBe(true);
        expect(roundToStep(down, step, 'ceil')).toBe(down);
        expect(down <= value && value < plus(down, step)).toBe(true);
      }),
    );
  });

  it('finds the common lot of two legs', () => {
    expect(formatDecimal(leastCommonMultiple(decimal('0.01'), decimal('0.001')))).toBe('0.01');
    expect(formatDecimal(leastCommonMultiple(decimal('0.06'), decimal('0.04')))).toBe('0.12');
  });

  it('counts the decimals that a value needs', () => {
    expect(decimalsOf(decimal('0.00100'))).toBe(3);
    expect(decimalsOf(zero)).toBe(0);
  });
});
