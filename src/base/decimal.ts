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

/**
 * Whole numbers below this are exact doubles, and a decimal of at most 15 digits is the shortest
 * text of the double next to it: up to here a double holds a decimal without loss.
 */
const exactMax = 1e15;
/** Units of 1e-18 in the last place of a decimal with 0 .. 18 places. */
const unitsOf: readonly bigint[] = Array.from(
  { length: decimalsMax + 1 },
  (_, places) => 10n ** BigInt(decimalsMax - places),
);

/** Reads decimal text ("1", "-0.5", "1e-7"). Null for anything else and beyond 18 decimals. */
export function tryDecimal(text: string): Decimal | null {
  return shortDecimal(text) ?? plainDecimal(text) ?? anyDecimal(text);
}

/** Digits and one point, of at most 15 digits, counted in doubles; null = not of this kind. */
function shortDecimal(text: string): Decimal | null {
  const { length } = text;
  if (length === 0 || length > 16) return null;
  let mantissa = 0;
  let places = -1;
  const negative = text.charCodeAt(0) === minusCode;
  for (let i = negative ? 1 : 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code >= zeroCode && code <= nineCode) {
      mantissa = mantissa * 10 + (code - zeroCode);
      if (places >= 0) places++;
    } else if (code === pointCode && places < 0) places = 0;
    else return null;
  }
  const isDigitless = length - (negative ? 1 : 0) - (places < 0 ? 0 : 1) < 1;
  if (isDigitless || mantissa >= exactMax) return null;
  const magnitude = BigInt(mantissa) * (unitsOf[places < 0 ? 0 : places] as bigint);
  return (negative ? -magnitude : magnitude) as Decimal; // brand: counted in units
}

/** Digits and one point, of at most 30 digits and 18 places, counted in two halves; null = not. */
function plainDecimal(text: string): Decimal | null {
  const { length } = text;
  if (length > 2 * halfDigits + 1) return null;
  let high = 0;
  let low = 0;
  let lowDigits = 0;
  let digits = 0;
  let places = -1;
  const negative = text.charCodeAt(0) === minusCode;
  for (let i = negative ? 1 : 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code >= zeroCode && code <= nineCode) {
      if (digits++ < halfDigits) high = high * 10 + (code - zeroCode);
      else {
        low = low * 10 + (code - zeroCode);
        lowDigits++;
      }
      if (places >= 0) places++;
    } else if (code === pointCode && places < 0) places = 0;
    else return null;
  }
  if (digits === 0 || places > decimalsMax || lowDigits > halfDigits) return null;
  const raised = unitsOf[decimalsMax - lowDigits] as bigint;
  const mantissa = BigInt(high) * raised + BigInt(low);
  const magnitude = mantissa * (unitsOf[places < 0 ? 0 : places] as bigint);
  return (negative ? -magnitude : magnitude) as Decimal; // brand: counted in units
}

/** So many digits are a whole number that a double holds exactly. */
const halfDigits = 15;

const zeroCode = 48;
const nineCode = 57;
const minusCode = 45;
const pointCode = 46;

function anyDecimal(text: string): Decimal | null {
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
  const rest = magnitude - whole * unit;
  const sign = negative ? '-' : '';
  if (rest === 0n) return `${sign}${whole}`;
  const digits = rest.toString();
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === zeroCode) end--;
  return `${sign}${whole}.${leadingZeros[decimalsMax - digits.length]}${digits.slice(0, end)}`;
}

const leadingZeros: readonly string[] = Array.from({ length: decimalsMax }, (_, n) =>
  '0'.repeat(n),
);

/** Through the shortest decimal text of the number; asserts that it is finite. */
export function fromNumber(value: number): Decimal {
  for (let i = 0; i < placesTried.length; i++) {
    const places = placesTried[i] as number;
    const scale = scales[places] as number;
    const whole = Math.round(value * scale);
    // Fewer than 16 digits that give this double are its shortest text, up to zeros behind it.
    if (whole < exactMax && whole > -exactMax && whole / scale === value) {
      return (BigInt(whole) * (unitsOf[places] as bigint)) as Decimal; // brand: counted in units
    }
  }
  assert(Number.isFinite(value), `not a finite number: ${value}`);
  const exact = tryDecimal(String(value));
  if (exact !== null) return exact;
  const rounded = tryDecimal(value.toFixed(decimalsMax));
  assert(rounded !== null, `number out of range: ${value}`);
  return rounded;
}

/** Prices and quantities of venues first, then large and small ones. */
const placesTried: readonly number[] = [8, 2, 14, 18];
/** Powers of ten are exact doubles up to 1e22. */
const scales: readonly number[] = Array.from({ length: decimalsMax + 1 }, (_, n) =>
  Number(`1e${n}`),
);

/** Nearest double; for statistics and display, never for equality of money. */
export function toNumber(value: Decimal): number {
  if (value <= wholeMax && value >= -wholeMax) return Number(value) / unitAsNumber;
  const onGrid = value / cashGrid;
  // A quotient of two exact doubles is rounded once, as the text would be.
  if (onGrid * cashGrid === value && onGrid <= wholeMax && onGrid >= -wholeMax) {
    return Number(onGrid) / cashUnitsPerOne;
  }
  const magnitude = value < 0n ? -value : value;
  const shifted = magnitude << 64n;
  const quotient = shifted / unit;
  // 57 bits or more: a bit that stands for the remainder rounds them the right way.
  const sticky = quotient * unit === shifted ? quotient : quotient | 1n;
  const nearest = Number(sticky) / twoTo64;
  return value < 0n ? -nearest : nearest;
}

const wholeMax = 2n ** 53n;
const unitAsNumber = 1e18;
/** Units of 1e-18 in one of 1e-8, the grid of most amounts. */
const cashGrid = 10n ** 10n;
const cashUnitsPerOne = 1e8;
const twoTo64 = 2 ** 64;

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
  const rest = numerator - quotient * denominator;
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
