// Whatever is remembered, every figure is what Number() says of its text.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QuoteForm, readPrice, readQty } from './figures.ts';
import { FrameBuffer } from './frame.ts';

const before = '"some key":"';
const out = new Float64Array(1);

/** The text between other text, with digits of an earlier and longer frame behind it. */
function frameOf(text: string): FrameBuffer {
  const frame = new FrameBuffer(before.length + text.length + 40);
  frame.bytes.fill(57, 0, frame.capacity);
  frame.load(Uint8Array.from(`${before}${text}`, (char) => char.charCodeAt(0)));
  return frame;
}

type Reader = (text: string, form: QuoteForm) => number;
const price: Reader = (text, form) =>
  readPrice(frameOf(text), before.length, out, 0, form.priceShift, form.price);
const qty: Reader = (text, form) =>
  readQty(frameOf(text), before.length, out, 0, form.qtyShift, form.qty);

const figure = fc
  .tuple(fc.nat({ max: 999_999_999_999 }), fc.integer({ min: 0, max: 9 }), fc.nat({ max: 11 }))
  .map(([n, decimals, cut]) => {
    const digits = String(n)
      .padStart(decimals + 1, '0')
      .slice(0, Math.max(decimals + 1, cut));
    const whole = digits.length - decimals;
    return decimals === 0 ? digits : `${digits.slice(0, whole)}.${digits.slice(whole)}`;
  });

describe.each([
  ['a price', price],
  ['a quantity', qty],
] as const)('%s', (_, read) => {
  it('is read after any others as by itself', () => {
    const shifts = fc.constantFrom(0, 0, 3, -3);
    fc.assert(
      fc.property(fc.array(figure, { minLength: 1, maxLength: 12 }), shifts, (texts, shift) => {
        const form = new QuoteForm(shift, shift);
        // Twice: a shorter one is believed when it comes again.
        for (const text of [...texts, ...texts.flatMap((each) => [each, each])]) {
          expect(read(`${text}"`, form)).toBe(before.length + text.length);
          expect(out[0]).toBe(Number(`${text}e${shift}`));
        }
      }),
      { numRuns: 1_500 },
    );
  });

  it('with any byte in it that is no digit ends there, or is none', () => {
    fc.assert(
      fc.property(
        figure,
        fc.array(figure, { maxLength: 3 }),
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        (text, others, at, byte) => {
          const form = new QuoteForm(0, 0);
          for (const each of [...others, text]) read(`${each}"`, form);
          const place = at % text.length;
          const changed = text.slice(0, place) + String.fromCharCode(byte) + text.slice(place + 1);
          const end = read(`${changed}"`, form);
          const [whole = ''] = /^\d*(\.\d*)?/.exec(changed) ?? [];
          if (/\d/.test(whole)) {
            expect(end).toBe(before.length + whole.length);
            expect(out[0]).toBe(Number(whole));
          } else {
            expect(end).toBe(-1);
          }
        },
      ),
      { numRuns: 4_000 },
    );
  });

  it.each(['"', '."', '-1"', '9007199254740993"'])('is not %s', (text) => {
    const form = new QuoteForm(0, 0);
    for (const known of ['65000.1"', '65000.1"']) read(known, form);
    expect(read(text, form)).toBe(-1);
  });
});
