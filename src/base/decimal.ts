// Exact fixed-point money: a bigint in units of 1e-18. Every amount, price and quantity of our own
// orders, fills, balances and ledger is one; market data stays `number`. Nothing here rounds
// without a named rounding.
import { AssertionFailed, assert } from './assert.ts';

declare const decimalBrand: unique symbol;
/** A signed fixed-point number in units of 1e-18. Compare with `===`, `<`, `>`; add with `plus`. */
export type Decimal = bigint & { readonly [decimalBrand]: true };

export type Rounding = 'down' | 'up' | 'floor' | 'ceil' | 'half-even';

export const decimalsMax = 18;
const unit = 10n ** 18n;
/** Longest text that `tryDecimal` reads; venue payloads beyond it are not money. */
export const decimalTextMax = 80;

export const zero = 0n as Decimal; // brand constructor
export const one = unit as Decimal; // brand constructor

const plain = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/** Reads decimal text ("1", "-0.5", "1e-7"). Null for anything else and beyond 18 decimals. */
export function tryDecimal(text: string): Decimal | null {
  if (text.length === 0 || text.length > decimalTextMax) return null;
  const match = plain.exec(text);
  if (match === null) return null;
  const [, sign, whole = '', fraction = '', exponentText] = match;
  if (whole === '' && fraction === '') return null;
  const exponent = exponentText === undefined ? 0 : Number(exponentText);
  if (Math.abs(exponent) > 60) return null;
  const digits = BigInt(whole + fraction);
  const shift = decimalsMax - fraction.length + exponent;
  let magnitude: bigint;
  if (shift >= 0) {
    magnitude = digits * 10n ** BigInt(shift);
  } else {
    const divisor = 10n ** BigInt(-shift);
    if (digits % divisor !== 0n) return null;
    magnitude = digits / divisor;
  }
  return (sign === '-' ? -magnitude : magnitude) as Decimal;
}

/** A literal of ours; throws on text that is not a decimal. */
export function decimal(text: string): Decimal {
  const value = tryDecimal(text);
  if (value === null) throw new AssertionFailed(`not a decimal: ${JSON.stringify(text)}`);
  return value;
}

/** Shortest plain text: no exponent, no trailing zeros, "-0" never. */
export function formatDecimal(value: Decimal): string {
  const negative = value < 0n;
  const magnitude = negative ? -value : value;
  const whole = magnitude / unit;
  const rest = magnitude % unit;
  const sign = negative ? '-' : '';
  if (rest === 0n) return `${sign}${whole}`;
  const fraction = rest.toString().padStart(decimalsMax, '0').replace(/0+$/, '');
  return `${sign}${whole}.${fraction}`;
}

/** Through the shortest decimal text of the number; asserts that it is finite. */
export function fromNumber(value: number): Decimal {
  assert(Number.isFinite(value), `not a finite number: ${value}`);
  const exact = tryDecimal(String(value));
  if (exact !== null) return exact;
  const rounded = tryDecimal(value.toFixed(decimalsMax));
  assert(rounded !== null, `number out of range: ${value}`);
  return rounded;
}

/** Nearest double; for statistics and display, never for equality of money. */
export function toNumber(value: Decimal): number {
  return Number(formatDecimal(value));
}

export function plus(a: Decimal, b: Decimal): Decimal {
  return (a + b) as Decimal;
}
export function minus(a: Decimal, b: Decimal): Decimal {
  return (a - b) as Decimal;
}
export function negate(a: Decimal): Decimal {
  return -a as Decimal;
}
export function abs(a: Decimal): Decimal {
  return (a < 0n ? -a : a) as Decimal;
}
export function sign(a: Decimal): -1 | 0 | 1 {
  return a > 0n ? 1 : a < 0n ? -1 : 0;
}
export function minOf(a: Decimal, b: Decimal): Decimal {
  return a < b ? a : b;
}
export function maxOf(a: Decimal, b: Decimal): Decimal {
  return a > b ? a : b;
}
export function sum(values: Iterable<Decimal>): Decimal {
  let total = 0n;
  for (const value of values) total += value;
  return total as Decimal;
}

/** a x b, rounded to 1e-18 as named. */
export function times(a: Decimal, b: Decimal, rounding: Rounding = 'half-even'): Decimal {
  return divideRounded(a * b, unit, rounding) as Decimal;
}

/** a / b, rounded to 1e-18 as named; b must not be zero. */
export function over(a: Decimal, b: Decimal, rounding: Rounding = 'half-even'): Decimal {
  assert(b !== 0n, 'division by zero');
  return divideRounded(a * unit, b, rounding) as Decimal;
}

/** The multiple of `step` (> 0) next to the value in the named direction; identity on the grid. */
export function roundToStep(value: Decimal, step: Decimal, rounding: Rounding): Decimal {
  assert(step > 0n, 'step must be positive');
  return (divideRounded(value, step, rounding) * step) as Decimal;
}

export function isMultipleOf(value: Decimal, step: Decimal): boolean {
  return value % step === 0n;
}

/** Least common multiple of two positive steps: the common lot of two legs. */
export function leastCommonMultiple(a: Decimal, b: Decimal): Decimal {
  assert(a > 0n && b > 0n, 'steps must be positive');
  let x: bigint = a;
  let y: bigint = b;
  while (y !== 0n) [x, y] = [y, x % y];
  return ((a / x) * b) as Decimal;
}

/** Number of decimals that the value needs: 0.001 -> 3. */
export function decimalsOf(value: Decimal): number {
  const text = formatDecimal(value);
  const dot = text.indexOf('.');
  return dot < 0 ? 0 : text.length - dot - 1;
}

function divideRounded(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  const quotient = numerator / denominator; // toward zero
  const rest = numerator % denominator;
  if (rest === 0n) return quotient;
  const positive = rest > 0n === denominator > 0n;
  const away = positive ? quotient + 1n : quotient - 1n;
  switch (rounding) {
    case 'down':
      return quotient;
    case 'up':
      return away;
    case 'floor':
      return positive ? quotient : away;
    case 'ceil':
      return positive ? away : quotient;
    case 'half-even': {
      const twice = (rest < 0n ? -rest : rest) * 2n;
      const size = denominator < 0n ? -denominator : denominator;
      if (twice < size) return quotient;
      if (twice > size) return away;
      return quotient % 2n === 0n ? quotient : away;
    }
  }
}
