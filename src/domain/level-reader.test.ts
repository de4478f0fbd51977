// Whatever the reader accepts, JSON.parse reads the same: with lists that follow one on the other,
// so that what is remembered of one figure meets any other.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameBuffer } from '../base/frame.ts';
import { LevelList } from './depth-frame.ts';
import { LevelForm, readLevels } from './level-reader.ts';

const before = '..., ..., "b":';
const nine = 57;

/** The text between other text, with digits of an earlier and longer frame behind it. */
function frameOf(text: string): FrameBuffer {
  const frame = new FrameBuffer(before.length + text.length + 80);
  frame.bytes.fill(nine, 0, frame.capacity);
  frame.load(Uint8Array.from(before + text, (char) => char.charCodeAt(0)));
  return frame;
}

type Pairs = readonly (readonly [price: string, qty: string])[];

function textOf(pairs: Pairs, behind = ''): string {
  return `[${pairs.map(([price, qty]) => `["${price}","${qty}"${behind}]`).join(',')}]`;
}

/** What was read; null = given up. */
function read(text: string, form: LevelForm): readonly number[] | null {
  const list = new LevelList();
  const end = readLevels(frameOf(text), before.length, list, form);
  if (end < 0) return null;
  expect(end).toBe(before.length + text.length);
  return [...list.values.subarray(0, 2 * list.count)];
}

function parsed(pairs: Pairs, form: LevelForm): readonly number[] {
  return pairs.flatMap(([price, qty]) => [
    Number(`${price}e${form.priceShift}`),
    Number(`${qty}e${form.qtyShift}`),
  ]);
}

const form = () => new LevelForm(0, 0, null);
/** Ticks and decimals; of some the zeros at the end are left out, and the dot with them. */
const figure = (ticksMax: number) =>
  fc
    .tuple(fc.integer({ min: 1, max: ticksMax }), fc.integer({ min: 0, max: 9 }), fc.boolean())
    .map(([ticks, decimals, isShort]) => {
      const text = (ticks / 10 ** decimals).toFixed(decimals);
      return isShort && decimals > 0 ? text.replace(/\.?0+$/, '') : text;
    })
    .filter((text) => Number(text) > 0);
/** Prices around one another, as a side has them, and now and then any other. */
const around = fc
  .tuple(fc.integer({ min: 1, max: 99_999_999 }), fc.integer({ min: 0, max: 8 }))
  .chain(([ticks, decimals]) =>
    fc
      .array(
        fc.oneof(
          { weight: 9, arbitrary: fc.integer({ min: -2_000, max: 2_000 }) },
          { weight: 1, arbitrary: fc.integer({ min: -90_000_000, max: 900_000_000 }) },
        ),
        { minLength: 1, maxLength: 30 },
      )
      .map((steps) =>
        steps.map((step) => (Math.max(1, ticks + step) / 10 ** decimals).toFixed(decimals)),
      ),
  );
const qty = fc.oneof(
  fc.constantFrom('0', '0.000', '0.0', '00', '5', '12', '1.5', '0.25'),
  fc.integer({ min: 0, max: 9_999_999 }).map((n) => (n / 1_000).toFixed(3)),
  figure(99_999_999),
);
const sides = fc.oneof(
  around.chain((prices) => fc.tuple(...prices.map((price) => fc.tuple(fc.constant(price), qty)))),
  fc.array(fc.tuple(figure(999_999_999), qty), { maxLength: 10 }),
);
const shifts = fc.constantFrom([0, 0], [0, 0], [-3, 3], [-6, 6]);

describe('levels', () => {
  it('are what JSON.parse says, list after list, and all of them are read', () => {
    fc.assert(
      fc.property(fc.array(sides, { minLength: 1, maxLength: 6 }), shifts, (lists, [down, up]) => {
        const all = new LevelForm(down as number, up as number, null);
        for (const pairs of lists) expect(read(textOf(pairs), all)).toEqual(parsed(pairs, all));
      }),
      { numRuns: 1_500 },
    );
  });

  it('are read with the integers of OKX behind them, and its contracts', () => {
    fc.assert(
      fc.property(
        sides,
        fc.integer({ min: 0, max: 4_000 }),
        fc.constantFrom(0, 0, 7),
        fc.constantFrom({ multiply: 1, divide: 100 }, { multiply: 3, divide: 10 }),
        (pairs, n, zero, scale) => {
          const okx = new LevelForm(0, 0, scale);
          const ours = parsed(pairs, okx).map((value, i) =>
            i % 2 === 0 ? value : (value * scale.multiply) / scale.divide,
          );
          expect(read(textOf(pairs, `,"${zero}","${n}"`), okx)).toEqual(ours);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('with one byte changed are given up, or are what JSON.parse then says', () => {
    let given = 0;
    fc.assert(
      fc.property(
        fc.array(sides, { minLength: 1, maxLength: 3 }),
        fc.nat(),
        fc.oneof(
          fc.integer({ min: 0, max: 255 }),
          fc.constantFrom(...'0123456789."-e,/:[]').map((c) => c.charCodeAt(0)),
        ),
        (lists, at, byte) => {
          const one = form();
          for (const pairs of lists) read(textOf(pairs), one);
          const text = textOf(lists.at(-1) as Pairs);
          const place = at % text.length;
          const changed = text.slice(0, place) + String.fromCharCode(byte) + text.slice(place + 1);
          const list = new LevelList();
          const end = readLevels(frameOf(changed), before.length, list, one);
          if (end !== before.length + changed.length) {
            given++;
            return;
          }
          const pairs = JSON.parse(changed) as Pairs;
          expect([...list.values.subarray(0, 2 * list.count)]).toEqual(parsed(pairs, one));
        },
      ),
      { numRuns: 4_000 },
    );
    expect(given).toBeGreaterThan(500);
  });

  it.each([
    ['65000.0', '65000.05'],
    ['65000.0', '165000.0'],
    ['65000.0', '75000.0'],
    ['65000.0', '6500.00'],
    ['65000.0', '65000'],
    ['65000', '6500.'],
    ['0.00012345', '0.00112345'],
    ['123456.78', '223456.78'],
    ['123456.789', '123556.789'],
    ['12345678.901', '12346678.901'],
    ['10000.0', '9999.9'],
  ])('after %s come to %s: nothing of the one is believed of the other', (first, second) => {
    const one = form();
    const pairs: Pairs = [first, second, second, first, second].map((price) => [price, '1.5']);
    expect(read(textOf(pairs), one)).toEqual(parsed(pairs, one));
  });

  it.each([
    ['no price', '[["","1"]]'],
    ['no quantity', '[["1.5","2.5"],["1.4",""]]'],
    ['a price of zero', '[["65000.1","1"],["00000.0","1"]]'],
    ['a sign', '[["65000.1","1.000"],["65000.2","-1.000"]]'],
    ['an exponent', '[["65000.1","1.000"],["65000.2","1e3"]]'],
    ['two dots', '[["65000.1","1.000"],["65000.2","1.0.0"]]'],
    ['a slash, the neighbour of zero', '[["65000.1","1.000"],["65000/2","1.000"]]'],
    ['a colon, the neighbour of nine', '[["65000.1","1.000"],["65000.:","1.000"]]'],
    ['a letter in a quantity', '[["65000.1","1.000"],["65000.2","1.0a0"]]'],
    ['another field', '[["65000.1","1.000","1"]]'],
    ['no end', '[["65000.1","1.000"],'],
  ])('with %s are given up', (_, text) => {
    const one = form();
    read(textOf([['65000.1', '1.000']]), one);
    expect(read(text, one)).toBeNull();
  });

  it('are none in an empty list, and given up where there are too many', () => {
    expect(read('[]', form())).toEqual([]);
    const most = Array.from({ length: 512 }, (): [string, string] => ['1.5', '1']);
    expect(read(textOf(most), form())).toHaveLength(1_024);
    expect(read(textOf([...most, ['1.5', '1']]), form())).toBeNull();
  });
});
