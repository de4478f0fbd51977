// The standard normal distribution: its cumulative probability and the inverse. Pure.
// Sources: cdf by the series and the continued fraction of erfc (Abramowitz and Stegun 7.1.6 and
// 7.1.14), to about 1e-15; quantile by Wichura's algorithm AS 241 (PPND16), to about 1e-16.
import { assert } from './assert.ts';

/** P(Z <= x). */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  const z = Math.abs(x) / Math.SQRT2;
  const tail = z < 2.2 ? 1 - erfSeries(z) : erfcFraction(z);
  return x >= 0 ? 1 - tail / 2 : tail / 2;
}

const termsMax = 200;

function erfSeries(z: number): number {
  let term = z;
  let sum = z;
  for (let n = 1; n < termsMax; n++) {
    term *= (2 * z * z) / (2 * n + 1);
    sum += term;
    if (term < sum * 1e-17) break;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z) * sum;
}

function erfcFraction(z: number): number {
  let fraction = z;
  for (let n = 80; n > 0; n--) fraction = z + n / 2 / fraction;
  return Math.exp(-z * z) / Math.sqrt(Math.PI) / fraction;
}

/** The x with P(Z <= x) = p, p in (0, 1). */
export function normalQuantile(p: number): number {
  assert(p > 0 && p < 1, `a probability between 0 and 1, not ${p}`);
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(central.up, r)) / polynomial(central.down, r);
  }
  const tail = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const [part, shift] = tail <= 5 ? [near, 1.6] : [far, 5];
  const value = polynomial(part.up, tail - shift) / polynomial(part.down, tail - shift);
  return q < 0 ? -value : value;
}

/** Coefficients from the highest power down. */
function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}

const central = {
  up: [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946,
    1971.5909503065513, 133.14166789178438, 3.3871328727963665,
  ],
  down: [
    5226.495278852546, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751,
    687.1870074920579, 42.31333070160091, 1,
  ],
};
const near = {
  up: [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684,
    3.6478483247632045, 5.769497221460691, 4.630337846156546, 1.4234371107496835,
  ],
  down: [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008,
    0.6897673349851, 1.6763848301838038, 2.053191626637759, 1,
  ],
};
const far = {
  up: [
    2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124,
    0.29656057182850487, 1.7848265399172913, 5.463784911164114, 6.657904643501103,
  ],
  down: [
    2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133,
    0.014875361290850615, 0.1369298809227358, 0.599832206555888, 1,
  ],
};
