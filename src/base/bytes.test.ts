import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readNumber, textOf } from './bytes.ts';

const ascii = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

const out = new Float64Array(1);

describe('readNumber', () => {
  it('reads what Number() reads, to the last bit', () => {
    const digits = fc.integer({ min: 0, max: 2 ** 40 });
    fc.assert(
      fc.property(digits, fc.integer({ min: 0, max: 8 }), fc.boolean(), (n, places, negative) => {
        const text = `${negative ? '-' : ''}${(n / 10 ** places).toFixed(places)}`;
        const bytes = ascii(`${text},`);
        expect(readNumber(bytes, 0, out, 0)).toBe(text.length);
        expect(out[0]).toBe(Number(text));
      }),
    );
  });

  it.each(['', '-', '.', 'x1', '1e5', '1.2.3', '99999999999999999999'])(
    'gives up on %j instead of guessing',
    (text) => {
      expect(readNumber(ascii(text), 0, out, 0)).toBe(-1);
    },
  );

  it('declines a mantissa beyond 2^53: a double would round it before the point is set', () => {
    const out = new Float64Array(1);
    for (const text of [
      '9007199254740993',
      '9007199254740.993',
      '900719925474099.9',
      '12345678901234567',
    ]) {
      const end = readNumber(ascii(text), 0, out, 0);
      if (end >= 0) expect(out[0]).toBe(Number(text));
    }
    expect(readNumber(ascii('9007199254740.993'), 0, out, 0)).toBe(-1);
    expect(readNumber(ascii('9007199254740.98'), 0, out, 0)).toBe(16);
  });
});

it('cuts text from bytes', () => {
  expect(textOf(ascii('{"id":"12345678901234567890"}'), 7, 27)).toBe('12345678901234567890');
  expect(readNumber(ascii('1'), -1, out, 0)).toBe(-1);
});
