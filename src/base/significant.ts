// Rounding a double to so many significant digits, as its text would be.

/** `Number(value.toPrecision(digits))`, without the text where that is certain; 1 to 15 digits. */
export function significant(value: number, digits: number): number {
  const size = Math.abs(value);
  if (size >= sizeMin && size < sizeMax) {
    const places = digits - 1 - Math.floor(Math.log10(size));
    const scale = scales[places];
    if (scale !== undefined) {
      const scaled = size * scale;
      const whole = Math.floor(scaled);
      const toTie = scaled - whole - 0.5;
      const isCertain = Math.abs(toTie) > scaled * productError;
      // A logarithm next to a power of ten may be off by one: then the digits do not fit.
      const fits =
        whole >= (scales[digits - 1] as number) && whole + 1 < (scales[digits] as number);
      if (isCertain && fits) {
        const rounded = (toTie > 0 ? whole + 1 : whole) / scale;
        return value < 0 ? -rounded : rounded;
      }
    }
  }
  return Number(value.toPrecision(digits));
}

/** More than a product of two doubles is off by, as a share of it. */
const productError = 2 ** -51;
const sizeMin = 1e-6;
const sizeMax = 1e15;
/** Powers of ten that are exact doubles. */
const scales: readonly number[] = Array.from({ length: 23 }, (_, n) => Number(`1e${n}`));
